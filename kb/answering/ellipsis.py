"""The tail of a conversation ("And in Kigali?", "the second one") -> the question that it stands for.

A fragment takes the place of what is like it in an earlier question: a name
that of a name, a year that of a year, "for audits" that of what followed "for".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kb.answering.prose import CLARIFY
from kb.answering.question import split_aside
from kb.lexicon import Lexicon
from kb.text import NUMBER_WORDS, content_words, terms, words

TOKEN = re.compile(r"\w+(?:[.-]\w+)*+")
_LEAD_IN = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|so|then|now|and|but|also|or|what about|how about|what of|(?:the )?same for)\b"
    r"[\s,:–-]*)*"
    r"(?:the (?:one|ones) (?=in\b|of\b|for\b|at\b|on\b|from\b|by\b|with\b|about\b))?",
    re.I,
)
# With one of these it is a sentence of its own.
_SENTENCE = re.compile(
    r"\b(?:what|when|where|which|who|whom|whose|why|how|is|are|was|were|do|does|did|can|could|must|should|shall"
    r"|will|would|may|might|has|have|had|am|be|list|give|show|tell|name|compare|explain|describe|define|else)\b",
    re.I,
)
# A fragment has no more words than this.
MOST_WORDS = 6
# Earlier questions that a fragment is fitted into, newest first.
MOST_BACK = 4
_PREPOSITIONS = "in|for|of|at|on|to|from|by|with|about|during|under|against"
_PREPOSITION = re.compile(rf"({_PREPOSITIONS})\s+", re.I)
# "the maturity one" is one of what was asked about; "the second one" is told by its number.
_ONE_OF = re.compile(
    r"the ((?!(?:first|second|third|last|next|other|same)\b)[^\d\W][\w-]+(?: [\w-]+)?) ones?", re.I
)
_COMPLEMENT = re.compile(r"\b(?:of|for) (?=\S)", re.I)
_END = re.compile(rf"\s(?:{_PREPOSITIONS})\b", re.I)
# What ends a question and is no word of it.
_MARKS_AT_END = " ?!.,;:\t\n"
_DEFINITE = re.compile(r"\b(?:the|this|that)\b", re.I)
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_ORDINAL = re.compile(rf"{'|'.join(ORDINALS)}|last|\d{{1,2}}(?:st|nd|rd|th)", re.I)
_YEAR = re.compile(r"(?:19|20)\d\d")
# "the second one", "the 3rd point", or "the last" at the end.
_POINTER = re.compile(
    rf"\b(?:the )?({'|'.join(ORDINALS)}|last|\d{{1,2}}(?:st|nd|rd|th))"
    r"(?: (?:one|point|item|step|part|element|thing|of (?:them|these|those))\b|(?=\W*$))",
    re.I,
)
_BULLET = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+")
_LABEL_MARKS = re.compile(r"^\s*(?:[-*•–]|\d{1,2}[.)])\s+|\[\d+\]|\*\*")
# Words of an item that stand for it.
MOST_LABEL = 12
# "- Venue, in “Kigali workshop”: when is it? [1]", as the prose words an option.
_OFFERED = re.compile(r"^- (.+?”(?=: )|[^:\n]+)", re.M)


@dataclass(frozen=True, slots=True)
class Mark:
    """A name, acronym, year or number in a question: `text[start:end]`."""

    kind: str
    start: int
    end: int


def marks(text: str, lexicon: Lexicon) -> list[Mark]:
    """Return the names, acronyms, years and numbers of a question, neighbours of one kind as one.

    >>> text = "Is Lao PDR in step 2?"
    >>> [(mark.kind, text[mark.start : mark.end]) for mark in marks(text, Lexicon({}))]
    [('name', 'Lao PDR'), ('number', '2')]
    """
    found: list[Mark] = []
    for match in TOKEN.finditer(text):
        kind, last = _kind(match, text, lexicon), found[-1] if found else None
        beside = last is not None and text[last.end : match.start()] == " "
        if kind and beside and last and (last.kind == kind or _tail(last.kind, match.group(), lexicon)):
            found[-1] = Mark(last.kind, last.start, match.end())
        elif kind:
            found.append(Mark(kind, match.start(), match.end()))
    return found


def _tail(kind: str, word: str, lexicon: Lexicon) -> bool:
    """Tell whether capitals after a name belong to it, as "PDR" does, and are no acronym of their own."""
    return kind == "name" and word.isupper() and word.lower() not in lexicon.short_forms


def _kind(match: re.Match[str], text: str, lexicon: Lexicon) -> str:
    word, lowered = match.group(), match.group().lower()
    if _YEAR.fullmatch(word):
        return "year"
    if word.isdigit() or (lowered in NUMBER_WORDS and lowered != "one") or _ORDINAL.fullmatch(lowered):
        return "number"
    if not content_words(word) or text.isupper():
        return ""
    if lowered in lexicon.short_forms or (len(word) > 1 and word.isupper()):
        return "acronym"
    # The first word has its capital from where it stands.
    return "name" if lowered in lexicon.names or (word[0].isupper() and match.start() > 0) else ""


def fragment(question: str) -> str:
    """Return what a question says that is no sentence of its own, without what leads it in; else "".

    >>> fragment("And in Kigali?"), fragment("ok, the second one"), fragment("And who pays?")
    ('in Kigali', 'the second one', '')
    """
    left = _LEAD_IN.sub("", question).strip(" \t?!.,")
    return "" if _SENTENCE.search(left) or len(left.split()) > MOST_WORDS else left


def fitted(part: str, talk: Sequence[str], lexicon: Lexicon, *, led: bool = True) -> str:
    """Return the newest earlier question that a fragment fits into, with the fragment in place; else "".

    What is not `led` in by a word like "and" may be a question in key words, and fits only where it brings
    nothing that the earlier one has no place for.

    >>> fitted("in Vientiane", ["When is the Kigali workshop?", "what is a budget?"], Lexicon({}))
    'When is the Vientiane workshop?'
    >>> fitted("the audit ones", ["What are the steps of training?"], Lexicon({}))
    'What are the steps of audit?'
    >>> fitted("of audits", ["What are the benefits of training?"], Lexicon({}))
    'What are the benefits of audits?'
    """
    one_of = _ONE_OF.fullmatch(part)
    if one_of:
        main = split_aside(talk[-1])[0].rstrip(_MARKS_AT_END)
        of_it = _COMPLEMENT.search(main)
        if of_it and "?" not in main:
            return f"{main[: of_it.end()]}{one_of.group(1)}?"
        return _appended(one_of.group(1), talk[-1])
    own = marks(part, lexicon)
    led = led or bool(_PREPOSITION.match(part))
    for base in list(reversed(talk))[:MOST_BACK]:
        whole = _exchanged(part, own, base, lexicon, led=led) or _moved(part, base)
        if whole:
            return whole
    # "the venue" asks something new of the same thing, "in Kigali" or "the second day" the same of another.
    added = led and own and (not _beyond(part, own, talk[-1]) or any(mark.kind == "number" for mark in own))
    return _appended(part, talk[-1]) if added or _PREPOSITION.match(part) else ""


def _exchanged(part: str, own: Sequence[Mark], base: str, lexicon: Lexicon, *, led: bool) -> str:
    """Return a question with its names, years and numbers replaced by those of the fragment."""
    if not own or _beyond(part, own, base):
        return ""
    first = {old.kind: old for old in reversed(marks(base, lexicon))}
    new = _of_each_kind(part, own)
    if not first.keys() & new.keys() or not (led or first.keys() >= new.keys()):
        return ""
    for old in sorted(first.values(), key=lambda mark: -mark.start):
        base = base[: old.start] + new.pop(old.kind, base[old.start : old.end]) + base[old.end :]
    return _appended(" ".join(new.values()), base) if new else base


def _of_each_kind(part: str, own: Sequence[Mark]) -> dict[str, str]:
    """Return what a fragment names of each kind, "Kenya and Uganda" as one; empty where kinds are mixed."""
    found: dict[str, str] = {}
    for kind, run in groupby(own, key=lambda mark: mark.kind):
        if kind in found:
            return {}
        same = [*run]
        found[kind] = part[same[0].start : same[-1].end]
    return found


def _moved(part: str, base: str) -> str:
    """Return a question with what followed a preposition replaced by what follows it in the fragment."""
    lead = _PREPOSITION.match(part)
    main, aside = split_aside(base)
    place = lead and re.search(rf"\b{lead.group(1)}\s+(?=\w)", main, re.I)
    if not place:
        return ""
    rest = main[place.end() :]
    end = _END.search(rest)
    old = rest[: end.start()] if end else rest.rstrip(_MARKS_AT_END)
    if "?" in old:
        return ""
    # "in the pilot" is that of something, "for audits" something else; brackets explain the "it" of "for it".
    gone = content_words(old) if _DEFINITE.search(part) else []
    kept = TOKEN.findall(aside) if content_words(old) else []
    return joined(f"{main[: place.start()]}{part}{rest[len(old) :]}", [*gone, *kept])


def _appended(part: str, base: str) -> str:
    main, aside = split_aside(base)
    return joined(f"{main.rstrip('?!. ')} {part}?", TOKEN.findall(aside))


def _beyond(part: str, own: Sequence[Mark], base: str) -> set[str]:
    """Return the terms of a fragment that are neither marks nor in the question it is fitted into."""
    marked = {term for mark in own for term in terms(part[mark.start : mark.end])}
    return {*terms(part)} - marked - {*terms(base)}


def joined(main: str, topic: Sequence[str]) -> str:
    """Return a question with a topic in brackets, if there is one."""
    return f"{main} ({' '.join(dict.fromkeys(topic))})" if topic else main


def chosen(reply: str, said: str) -> str:
    r"""Return which of the options that the assistant offered a reply picks, as a topic; else "".

    >>> said = CLARIFY + "\n- Venue, in “Alpha note”: where? [1]\n- Place, in “Beta note”: where? [2]"
    >>> chosen("the second one", said), chosen("the alpha note please", said), chosen("why?", said)
    ('Place, in Beta note', 'Venue, in Alpha note', '')
    """
    if not said.startswith(CLARIFY) or not fragment(reply):
        return ""
    labels = [re.sub(r"[()“”]", "", label) for label in _OFFERED.findall(said)]
    at = list(_places(reply, len(labels)))
    if not at:
        own = set(terms(reply))
        met = [len(own & {*terms(label)}) for label in labels]
        at = [n for n, number in enumerate(met) if number and number == max(met)]
    return labels[at[0]] if len(at) == 1 else ""


def pointed(question: str, said: str) -> str:
    r"""Return a question with "the second one" replaced by what the last answer lists second, else "".

    >>> said = "It has two parts: [1]\n- Risk: what may happen. [1]\n- Training: who learns. [1]"
    >>> pointed("tell me more about the second one", said), pointed("and the last?", said)
    ('tell me more about Training', 'and Training?')
    """
    listed = [_LABEL_MARKS.sub("", line).strip() for line in said.splitlines() if _BULLET.match(line)]
    match = _POINTER.search(question)
    if not match or not listed:
        return ""
    word = match.group(1).lower()
    place = len(listed) - 1 if word == "last" else _place(word)
    if not 0 <= place < len(listed):
        return ""
    label = " ".join(listed[place].partition(":")[0].split()[:MOST_LABEL])
    return f"{question[: match.start()]}{label}{question[match.end() :]}"


def _place(word: str) -> int:
    return ORDINALS.index(word) if word in ORDINALS else int(word.rstrip("sthndr")) - 1


def _places(reply: str, count: int) -> Iterator[int]:
    """Yield the places, from 0, that "the second" or a bare "2" name."""
    said = words(reply)
    for word in said:
        if word in ORDINALS[:count]:
            yield ORDINALS.index(word)
        elif word == "last":
            yield count - 1
        elif word.isdigit() and len(said) <= 2 and 1 <= int(word) <= count:
            yield int(word) - 1
