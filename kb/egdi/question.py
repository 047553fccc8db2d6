"""A question for EGDI figures, read into countries, editions and index; any other question is left alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kb.egdi.countries import Countries, Folded, fold
from kb.egdi.figures import Figures
from kb.egdi.vocabulary import PHRASES
from kb.egdi.wordorder import LETTERS, for_figures
from kb.text import NUMBER_WORDS

# The longest name or phrase, in words.
LONGEST = 9
MOST_LISTED = 50
_YEAR = re.compile(r"(?:19|20)\d\d")
_ORDINAL = re.compile(r"(\d{1,3})(?:st|nd|rd|th)")
# In capitals a country; "us" is somebody who asks, and no country unless it has an article.
_AMERICA = re.compile(r"\bU\.S\.(?:A\.)?|\bUS\b")
_PRONOUN = ("us",)
# What a follow-up is about stands in brackets at its end, see `kb.answering.conversation`.
_ASIDE = re.compile(r"(.*\S)\s*\(([^()]*)\)\s*\??", re.S)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question for figures asks: codes of countries, years as they were named, and indices.

    `slots` are the other things it says, such as "highest" or "change"; `count`
    is the 5 of "top 5", `place` the 50 of "ranked 50th"; `since` tells that its
    only year is where a span begins.
    """

    countries: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    indices: tuple[str, ...] = ()
    slots: frozenset[str] = frozenset()
    count: int | None = None
    place: int | None = None
    since: bool = False

    @property
    def index(self) -> str:
        """The index it names first, empty if none."""
        return self.indices[0] if self.indices else ""

    @property
    def about_figures(self) -> bool:
        """Whether it says what figure it asks for."""
        ahead = "ahead" in self.slots and self.years
        return bool(self.indices or "rank" in self.slots or self.place or ahead)


# A question says by one of these what figure it asks for, see `Asked.about_figures`.
_TELLING = tuple(p for p, (slot, _) in PHRASES.items() if slot in {"index", "subject", "rank", "ahead"})
_NUMBERED = frozenset({"rank", "ranks", "ranked", "number", "no", "place", "position"})


def may_ask(text: str) -> bool:
    """Tell, without the table, whether a question may ask for its figures; of most it can be told.

    >>> may_ask("Which country is 50th?"), may_ask("How is the EGDI worked out?"), may_ask("Who is a CDO?")
    (True, True, False)
    """
    said = {*fold(text)}
    place = said & _NUMBERED or any(map(_ORDINAL.fullmatch, said))
    return bool(place) or any(map(said.issuperset, _TELLING))


def read(text: str, figures: Figures) -> Asked | None:
    """Return what a question asks of the table; None if any word of it is none of the table's.

    >>> from kb.egdi.figures import Row
    >>> table = Figures.of([Row("Rwanda", "RWA", 2024, 118, {"egdi": 0.5799})])
    >>> asked = read("What is Rwanda's EGDI rank in 2024?", table)
    >>> asked.countries, asked.years, asked.index, sorted(asked.slots)
    (('RWA',), (2024,), 'egdi', ['rank'])
    >>> read("Why did Rwanda's EGDI rank change in 2024?", table)
    """
    match = _ASIDE.fullmatch(text)
    main, aside = match.groups() if match else (text, "")
    asked = _read(main, figures.countries)
    if asked is None or not aside:
        return asked
    topic = _read(aside, figures.countries)
    return _completed(asked, topic) if topic else None


def _completed(asked: Asked, topic: Asked) -> Asked | None:
    """Fill what a follow-up leaves open from what was talked about."""
    if {"versus", "ahead", "better"} & topic.slots and len(topic.countries) < 2:
        # A country was sought by where it stands to another one.
        return None
    return replace(
        asked,
        countries=asked.countries or topic.countries,
        years=asked.years or topic.years,
        indices=asked.indices or topic.indices,
        slots=asked.slots | (topic.slots & {"rank"} if not asked.about_figures else frozenset()),
    )


def _read(text: str, countries: Countries) -> Asked | None:
    words = fold(text if text.isupper() else _AMERICA.sub("USA", text.replace("U.K.", "UK")))
    asked, shape = Asked(), list[str]()
    for at, end in _pieces(words, countries):
        piece = words[at:end]
        slot, value = PHRASES.get(piece, ("", ""))
        if code := _country(piece, countries):
            asked = replace(asked, countries=_with(asked.countries, code))
            shape.append("C")
        elif slot:
            asked = _slotted(asked, slot, value)
            shape.append(LETTERS.get(value) or LETTERS.get(slot) or " ".join(piece))
        elif (numbered := _numbered(asked, piece[0], words[max(0, at - 2) : at])) is not None:
            shape.append("Y" if _YEAR.fullmatch(piece[0]) else "N")
            asked = numbered
        else:
            return None
    return asked if for_figures(" ".join(shape), asked.countries, asked.slots) else None


def _country(piece: Folded, countries: Countries) -> str | None:
    return None if piece == _PRONOUN else countries.by_name.get(piece)


def _pieces(words: Folded, countries: Countries) -> Iterator[tuple[int, int]]:
    """Cut into the longest names and phrases, from the left; what is neither is cut word by word."""
    at = 0
    while at < len(words):
        ends = range(min(len(words), at + LONGEST), at, -1)
        known = (end for end in ends if words[at:end] in countries.by_name or words[at:end] in PHRASES)
        end = next(known, at + 1)
        yield at, end
        at = end


def _slotted(asked: Asked, slot: str, value: str) -> Asked:
    if slot in {"index", "subject"}:
        return replace(asked, indices=_with(asked.indices, value))
    return asked if slot == "glue" else replace(asked, slots=asked.slots | {slot})


def _numbered(asked: Asked, word: str, before: Sequence[str]) -> Asked | None:
    """Return a question with one of its numbers understood, None if the word is no number."""
    if _YEAR.fullmatch(word):
        since = asked.since or bool({"since", "from"} & {*before})
        return replace(asked, years=tuple(sorted({*asked.years, int(word)})), since=since)
    if ordinal := _ORDINAL.fullmatch(word):
        return replace(asked, place=int(ordinal.group(1)))
    number = NUMBER_WORDS.get(word, word)
    if not number.isdigit() or not 1 <= int(number) <= MOST_LISTED * 4:
        return None
    if _NUMBERED & {*before}:
        return replace(asked, place=int(number))
    return replace(asked, count=int(number)) if asked.count is None else None


def _with(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return values if value in values else (*values, value)
