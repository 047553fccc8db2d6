"""A question that asks two or three things -> each of them, to be answered in turn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kb.text import content_words
from kb.types import Answer, Claim

_ASKING = (
    r"(?:what|who|whom|whose|when|where|which|why|how|quand|où|qui|combien|comment|pourquoi|quel(?:le)?s?)\b"
)
_LINK = re.compile(
    rf"\s*(?:\?\s*(?:and|et)?|[,;]?\s+(?:and|et)\s+(?:also\s+)?|[,;])\s*"
    rf"(?=(?:(?:since|from|by|in|on|at|to|for|with|until|depuis|à|de|pour)\s+)?{_ASKING})",
    re.I,
)
_ASKED = re.compile(rf"\s*(?:\w+\s+)?{_ASKING}", re.I)
# "and what each means" asks for no more than the list that it is said of.
_OF_EACH = re.compile(r"\b(?:each|every|chacune?|chaque)\b", re.I)
MOST_PARTS = 3
UNSAID = "The documents do not say: {}?"
UNCLEAR = "Ask this by itself, for it can mean more than one thing: {}?"


def parts(question: str) -> tuple[str, ...]:
    """Return what a question asks, one thing each; the question itself where it is one.

    Words that ask of the same thing share it.

    >>> parts("Who approves the plan, and by when?")
    ('Who approves the plan, and by when?',)
    >>> parts("how many agencies were judged, and since which year does the card exist")
    ('how many agencies were judged', 'since which year does the card exist')
    >>> parts("When and where is the workshop?")
    ('When is the workshop?', 'where is the workshop?')
    >>> parts("What is the OSI and what each part means?"), parts("Bhutan or Rwanda, who was ahead?")
    (('What is the OSI and what each part means?',), ('Bhutan or Rwanda, who was ahead?',))
    """
    found = [part.strip() for part in _LINK.split(question) if part.strip()]
    if not 1 < len(found) <= MOST_PARTS or any(_OF_EACH.search(part) for part in found[1:]):
        return (question,)
    # "Bhutan or Rwanda, who was ahead?" names what it asks about first.
    if not re.search(rf"\b{_ASKING}", found[0], re.I):
        return (question,)
    last = _ASKED.match(found[-1])
    shared = found[-1][last.end() :] if last else ""
    whole = [f"{part}{shared}" if _ASKED.fullmatch(part) else part for part in found]
    return tuple(whole) if all(_says_something(part) for part in whole) else (question,)


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
        about = f"{part[0].upper()}{part[1:]}" if len(answered) > 1 else ""
        known = {(claim.text, claim.citations) for claim in claims}
        new = [c for c in answer.claims if (c.text, c.citations) not in known]
        claims |= dict.fromkeys(replace(c, about=c.about or about.rstrip("? ")) for c in new)
    left = [
        (UNCLEAR if answer.status == "clarify" else UNSAID).format(part.rstrip("? "))
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
