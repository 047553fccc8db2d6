"""A question that asks two or three things -> each of them, to be answered in turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.text import content_words
from kb.types import Answer, Claim

_ASKING = (
    r"(?:what|who|whom|whose|when|where|which|why|how"
    r"|quand|où|qui|combien|comment|pourquoi|quel(?:le)?s?|qu'est-ce|que(?=\s(?:se|fai|faut|doi|di)))\b"
)
# "and is it", "and is voting part of it": a question for yes or no with a subject of its own.
_YES_NO = (
    r"(?:(?:is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have)\b"
    r"(?=\s(?:it|they|there|this|that|these|those|the|an?|i|we|you|he|she|my|our|your)\b"
    r"|[^?]{0,80}\b(?:it|them|part of|included)\b)"
    r"|(?:est-ce|peut-on|faut-il|doit-on)\b)"
)
_LINK = re.compile(
    rf"\s*(?:\?\s*(?:and|et)?|[,;]?\s+(?:and|et)\s+(?:also\s+)?|[,;])\s*"
    rf"(?=(?:(?:since|from|by|in|on|at|to|for|with|until|depuis|à|de|pour)\s+)?{_ASKING})"
    rf"|(?:\?\s*|[,;]?\s+)(?:and|et)\s+(?:also\s+)?(?={_YES_NO})",
    re.I,
)
_ASKED = re.compile(rf"\s*(?:\w+\s+)?{_ASKING}", re.I)
# "and what each means" asks for no more than the list that it is said of.
_OF_EACH = re.compile(
    rf"(?:{_ASKING}|^)\W*(?:\w+\W+)?(?:each|every|chacune?|chaque)\b|\b(?:each|every|chacune?|chaque)\W*$",
    re.I,
)
# What is asked of the same thing: "when is it held" and "where".
_CIRCUMSTANCE = re.compile(
    r"(?:when|where|why|how(?!\s+(?:many|much|long|often)\b)|quand|où|comment|pourquoi)\s+(\S.*)", re.I
)
# What is said first, in sentences that ask nothing: "We buy software. Where do we look, and who agrees?"
_PREFACE = re.compile(r"((?:[^?]*[^\W\d_]{3,}[.!…])\s+)(?=\S[^.!…]*$)")
MOST_PARTS = 3
UNSAID = "No passage was found that answers: {}?"
UNCLEAR = "Ask this by itself, for it can mean more than one thing: {}?"


def parts(question: str) -> tuple[str, ...]:
    """Return what a question asks, one thing each; the question itself where it is one.

    Words that ask of the same thing share it.

    >>> parts("Who approves the plan, and by when?")
    ('Who approves the plan, and by when?',)
    >>> parts("how many agencies were judged, and since which year does the card exist")
    ('how many agencies were judged', 'since which year does the card exist')
    >>> parts("When and where is the workshop and who may come?")
    ('When is the workshop', 'where is the workshop', 'who may come?')
    >>> parts("We are buying software. Where do we look first, and who agrees to it?")
    ('We are buying software. Where do we look first', 'We are buying software. who agrees to it?')
    >>> parts("What does the index cover and is voting part of it?")
    ('What does the index cover', 'is voting part of it?')
    >>> parts("What is the OSI and what each part means?"), parts("Bhutan or Rwanda, who was ahead?")
    (('What is the OSI and what each part means?',), ('Bhutan or Rwanda, who was ahead?',))
    """
    found = [part.strip() for part in _LINK.split(" ".join(question.split())) if part.strip()]
    if not 1 < len(found) <= MOST_PARTS or any(_OF_EACH.search(part) for part in found[1:]):
        return (question,)
    # "Bhutan or Rwanda, who was ahead?" names what it asks about first.
    if not re.search(rf"\b{_ASKING}", found[0], re.I):
        return (question,)
    preface = _preface(found[0])
    found[0] = found[0][len(preface) :]
    whole = [_completed(part, found[at + 1 :], found[:at][::-1]) for at, part in enumerate(found)]
    if not all(_says_something(part) for part in whole):
        return (question,)
    return tuple(preface + part for part in whole)


def _preface(part: str) -> str:
    """Return the sentences with which a part begins and that ask nothing: they hold for all parts."""
    said = _PREFACE.match(part)
    return said[1] if said and not re.search(rf"\b{_ASKING}", said[1], re.I) else ""


def _label(part: str) -> str:
    """Return what a part asks, as a heading or a note names it."""
    return part[len(_preface(part)) :].rstrip("? ")


def _completed(part: str, after: Sequence[str], before: Sequence[str]) -> str:
    """Complete a bare "When" from the next part that asks when, where, how or why, or one before."""
    if not _ASKED.fullmatch(part):
        return part
    asked = (_CIRCUMSTANCE.match(other) for other in (*after, *before))
    return next((f"{part} {match[1]}" for match in asked if match), part)


def _says_something(part: str) -> bool:
    asked = _ASKED.match(part)
    return bool(content_words(part[asked.end() :] if asked else part))


def answered_in_turn(question: str, answers: Sequence[Answer], asked: Sequence[str]) -> Answer | None:
    """Return the answers to the parts of a question as one; None where none is answered.

    A part that the documents do not answer, or that can mean more than one thing, is named in a note.
    """
    answered = [answer for answer in answers if answer.status == "answered"]
    if not answered:
        return None
    claims = dict[Claim, None]()
    for answer, part in zip(answers, asked, strict=True):
        label = _label(part) if len(answered) > 1 else ""
        about = label[:1].upper() + label[1:]
        known = {(claim.text, claim.citations) for claim in claims}
        new = [c for c in answer.claims if (c.text, c.citations) not in known]
        claims |= dict.fromkeys(replace(c, about=c.about or about) for c in new)
    left = [
        (UNCLEAR if answer.status == "clarify" else UNSAID).format(_label(part))
        for answer, part in zip(answers, asked, strict=True)
        if answer.status != "answered"
    ]
    return replace(
        answered[0],
        question=question,
        standalone_question=" ".join(dict.fromkeys(a.standalone_question for a in answers)),
        claims=tuple(claims),
        exact="",
        confidence=min(answer.confidence for answer in answered),
        conflicts=tuple(conflict for answer in answered for conflict in answer.conflicts),
        notes=(
            *dict.fromkeys(note for answer in answered for note in answer.notes),
            *left,
        ),
    )
