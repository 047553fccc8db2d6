"""A follow-up and the turns before it -> the questions it may stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kb.answering.ellipsis import TOKEN, Mark, chosen, fitted, fragment, joined, marks, pointed
from kb.answering.question import split_aside
from kb.lexicon import Lexicon
from kb.text import content_words, terms
from kb.types import Turn

# A question that begins so goes on with what was said.
_GOES_ON = re.compile(r"^\W*(?:(?:ok(?:ay)?|so|then)\b\W*)*(?:and|but|also|or|what about|how about)\b", re.I)
# "it", "those", "the same": what was said before. "IT", "is there a fee?", "is it possible to" and
# "a tool that" refer to nothing.
_THERE = r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bhas )\bthere\b(?!\W+(?:is|are|was|were)\b)"
_REFERENCE = re.compile(
    r"\b(?:[Ii]t|[Ii]ts)\b(?<![Ii]s it)(?<![Ww]as it)"
    r"|\b(?:[Ii]s|[Ww]as) it\b(?!\W+(?:possible|necessary|true|allowed) (?:to|that)\b)"
    r"|(?i:\b(?:they|them|their|those|these|this|the same|he|she|him|her|his)\b"
    r"|\b(?:which|that|this|the|other|each|\w+er) ones?\b"
    rf"|{_THERE}"
    r"|(?:^|\b(?:is|was|does|did|do|about|of|on|in|for|to|at|with|from|after|before|by|why|how|who|when|where|has"
    r"|have))\W*that\b|\bthat\W*$)"
)
# What stands for a thing, and not for several or for a deed.
_PRONOUN = re.compile(rf"\b[Ii]t\b|(?i:{_THERE})")
# A question with no more content words than this may be the tail of a conversation.
FEW_WORDS = 3
# Words of an earlier question that make its topic, and turns that are read again.
MOST_TOPIC, MOST_TURNS = 12, 16
# A question that says so many words beside what it names is not about that alone.
MOST_BESIDE = 2
_MEANING = re.compile(
    r"^\W*(?:what(?:'s| is| are| does)|who(?:'s| is)|define|explain)\s+(?!the\b|step\b)[^\d]*$", re.I
)
_HEAD = re.compile(r"\b(?:the|an?|this|any|our) ([\w-]*(?:[^s\W]|ss)) (?:in|of|at|for|on) (?:the )?$")
# A reason is that of all that was said, a room that of the workshop only.
_REASON = re.compile(r"\bwhy\b", re.I)
# "does ISO ..": a verb follows, not what ISO is.
_SUBJECT = re.compile(r"\b(?:do|does|did|can|could|will|would|should|must) $", re.I)
LONGEST_THING = 40


def standalone(question: str, history: Sequence[Turn], lexicon: Lexicon | None = None) -> tuple[str, ...]:
    """Return the questions that a follow-up may stand for, the likeliest first.

    A fragment is put into the earlier question that it fits; a pronoun, or the
    brackets at the end, take up the topic of the conversation. Whether a short
    question is complete by itself the documents decide: what they answer.
    `lexicon` tells what are names in the documents.

    >>> turns = [Turn("user", "Where is the Kigali workshop?"), Turn("assistant", "In Room AD 10.")]
    >>> standalone("And in Vientiane?", turns)
    ('Where is the Vientiane workshop?',)
    >>> standalone("how long is it?", turns)
    ('how long is the Kigali workshop?',)
    >>> standalone("which room on the second day?", turns)
    ('which room on the second day? (Kigali workshop)', 'which room on the second day?')
    """
    known = lexicon or Lexicon({})
    talk: list[str] = []
    said = ""
    for turn in history[-MOST_TURNS:]:
        if turn.role == "user":
            talk.append(_completed(turn.content, talk, said, known)[0])
        elif talk:
            talk[-1] = _answered(talk[-1], turn.content)
        said = turn.content if turn.role != "user" else ""
    return _completed(question, talk, said, known)


def leans(question: str) -> bool:
    """Tell whether a question refers to something said before.

    >>> leans("When is it?"), leans("what is the IT budget?"), leans("is there a tool that helps?")
    (True, False, False)
    """
    return bool(_GOES_ON.search(question) or _REFERENCE.search(question))


def _completed(question: str, talk: Sequence[str], said: str, lexicon: Lexicon) -> tuple[str, ...]:
    if not talk:
        return (question,)
    if option := chosen(question, said):
        return (joined(split_aside(talk[-1])[0], [option]),)
    if whole := pointed(question, said):
        return (joined(whole, _topic(whole, talk[-1], lexicon)), whole)
    part = fragment(question)
    if part and (whole := fitted(part, talk, lexicon, led=leans(question))):
        return (whole,) if leans(question) else (whole, question)
    topic = _topic(question, talk[-1], lexicon)
    if not topic:
        return (question,)
    complete = joined(question, topic)
    if leans(question):
        # What says next to nothing without a topic is not asked without one.
        alone = (question,) if len(content_words(question)) > 1 else ()
        return (*([*_named(question, talk[-1], lexicon)] or [complete]), *alone)
    if not _may_lean(question, lexicon):
        return (question,)
    thing = _topic(question, _thing(talk[-1], lexicon), lexicon)
    return (joined(question, thing) if thing and not _REASON.search(question) else complete, question)


def _answered(completed: str, reply: str) -> str:
    """Return a question without its topic if it was answered in its own words and none of the topic's."""
    main, aside = split_aside(completed)
    own, told = {*terms(main)}, {*terms(reply)}
    alone = len(own) > 1 and own <= told and told.isdisjoint(terms(aside))
    return main if aside and alone and not leans(main) else completed


def _may_lean(question: str, lexicon: Lexicon) -> bool:
    """Tell whether a question without a reference may be about what was said: a short one without a name."""
    few = len(content_words(question)) <= FEW_WORDS
    return few and not _names(question, lexicon) and not _MEANING.search(question)


def _names(text: str, lexicon: Lexicon) -> list[Mark]:
    return [mark for mark in marks(text, lexicon) if mark.kind in ("name", "acronym")]


def _topic(question: str, base: str, lexicon: Lexicon) -> list[str]:
    """Return the content words of an earlier question that this one neither repeats nor replaces."""
    own = {*terms(question)}
    kinds = {mark.kind for mark in marks(question, lexicon)} - {"number"}
    replaced = {
        t for m in marks(base, lexicon) if m.kind in kinds for t in TOKEN.findall(base[m.start : m.end])
    }
    content = {*content_words(base)}
    found = [word for word in TOKEN.findall(base) if word.lower() in content]
    return [w for w in dict.fromkeys(found) if not own.issuperset(terms(w)) and w not in replaced][
        :MOST_TOPIC
    ]


def _named(question: str, base: str, lexicon: Lexicon) -> Iterator[str]:
    """Yield the question with its pronoun replaced by what the earlier one names, if it is about that."""
    years = {mark.kind for mark in marks(question, lexicon)} & {"year"}
    thing = re.sub(r" (?:19|20)\d\d$", "", _thing(base, lexicon)) if years else _thing(base, lexicon)
    beside = {*terms(base)} - {*terms(thing)}
    if not thing or _names(question, lexicon) or len(beside) > MOST_BESIDE:
        return
    named = (
        thing
        if thing[:1].isupper() and (" " not in thing or "’s" in thing or "'s" in thing)
        else f"the {thing}"
    )
    said = _PRONOUN.sub(
        lambda found: named if len(found[0]) == len("it") else f"at {named}", question, count=1
    )
    if said != question:
        yield said


def _thing(base: str, lexicon: Lexicon) -> str:
    """Return what an earlier question names, with the words that say what it is; "" if that is much.

    >>> _thing("What are the objectives of the workshop in Kigali?", Lexicon({}))
    'workshop in Kigali'
    >>> _thing("When does the Kigali workshop start?", Lexicon({}))
    'Kigali workshop'
    >>> _thing("Why does ISO matter?", Lexicon({}))
    'ISO'
    >>> _thing("What is the budget of the CDO office?", Lexicon({}))
    'budget of the CDO office'
    """
    main, aside = split_aside(base)
    base = aside if len(content_words(main)) <= 1 and aside else main
    named = _names(base, lexicon)
    if not named:
        return ""
    start, end = named[0].start, named[-1].end
    after = None if _SUBJECT.search(base[:start]) else re.match(r" ([\w-]+)", base[end:])
    end += after.end() if after and content_words(after.group(1)) else 0
    # One thing of what is named, "the budget of it", is spoken of itself; several, "the aims of it", are not.
    before = _HEAD.search(base[:start])
    start = before.start(1) if before and content_words(before.group(1)) else start
    return base[start:end] if end - start <= LONGEST_THING else ""
