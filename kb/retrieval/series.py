"""Documents -> series: those that are editions of one another, told by their titles, file names and years.

Documents are editions of one series if their titles are the same once years,
ordinals and words such as "edition" are taken out, and their years differ.
Minutes, letters and the like are not: a later one does not supersede them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from kb.text import terms
from kb.types import Document

# So many words make a title that two documents do not share by chance,
FEWEST_WORDS = 3
# and so many where both are known to come from one publisher, or none of the words is anybody's.
FEWEST_OF_OWN = 2
# A title of such words alone may be anybody's: the files must be named alike too.
ANYBODYS = frozenset(
    terms(
        "annual quarterly performance progress financial final summary report review plan strategic strategy"
        " budget policy programme program work statistics statistical evaluation part volume draft"
    )
)

_YEAR = r"(?:19|20)\d\d"
# "2013", "DHS2020", "2018-2022", "2021/22", "FY22"; no part of a longer number or code.
_SPAN = re.compile(
    rf"(?<![0-9A-Za-z])(?:[A-Za-z]*({_YEAR})(?:\s*(?:[-–/]|to)\s*({_YEAR}|\d\d)(?![-/]?\d))?|FY\s?'?(\d\d))"
    r"(?![0-9A-Za-z])"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
# What records an event is not superseded by the record of a later one.
_RECORD = re.compile(
    rf"\b(?:minutes|agenda|meeting|workshop|conference|forum|session|letter|memo)\b"
    rf"|\b{_MONTH}\b\W+\d|{_YEAR}-\d\d-\d\d",
    re.I,
)
_ORDINAL = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|[0-9]+(?:st|nd|rd|th)"
_EDITION = re.compile(
    rf"\b(?:v(?:ersion)?\.?\s*[0-9]+(?:\.[0-9]+)*|{_ORDINAL}|editions?|ed|versions?|revised|revision|updated?"
    r"|fiscal|fy|years?)\b",
    re.I,
)


class Edition(NamedTuple):
    """A document (its id) of a series, and the years that it is for: the same twice if it is one."""

    document: str
    first: int
    last: int

    @property
    def name(self) -> str:
        """The year or years, as people call the edition."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def years(self) -> tuple[int, int]:
        """What editions are ordered by: of two, the newer one reaches further."""
        return self.last, self.first


Series = tuple[Edition, ...]


def series(documents: Iterable[Document]) -> tuple[Series, ...]:
    """Group the documents that are editions of one series, each group from the oldest to the newest.

    >>> reports = [Document(y, f"{y}.pdf", f"Annual Report of RISA {y}") for y in ("2022", "2013")]
    >>> [[edition.name for edition in one] for one in series(reports)]
    [['2013', '2022']]
    """
    groups: list[list[_Card]] = []
    near: dict[frozenset[str], list[list[_Card]]] = {}
    for card in filter(None, map(_card, documents)):
        candidates = [*near.get(card.title, ()), *near.get(card.stem, ())]
        group = next((g for g in candidates if all(_alike(card, other) for other in g)), None)
        if group is None:
            groups.append(group := [])
        group.append(card)
        for key in {card.title, card.stem}:
            near.setdefault(key, []).append(group)
    ordered = (tuple(sorted((c.edition for c in g), key=lambda e: e.years)) for g in groups)
    return tuple(one for one in ordered if one[0].years != one[-1].years)


@dataclass(frozen=True, slots=True)
class _Card:
    """What tells whether documents are of one series: the words of title and file name, without the years."""

    edition: Edition
    title: frozenset[str]
    stem: frozenset[str]
    document: Document


def edition_of(document: Document) -> Edition | None:
    """Return the years that a document is for, None if it names none or is the record of an event.

    >>> edition_of(Document("1", "report_FY22.pdf", "Annual Report")).name
    '2022'
    """
    card = _card(document)
    return card.edition if card else None


def _card(document: Document) -> _Card | None:
    """Return the card of a document that may be an edition: it is for some years and records no event."""
    title, stem = document.title.replace("_", " "), PurePosixPath(document.source).stem.replace("_", " ")
    if _RECORD.search(title) or _RECORD.search(stem):
        return None
    # A file's own date is that of any copy; beside a publisher it is one that somebody gave.
    year = (document.date or "")[:4] if document.publisher else ""
    texts = (document.edition or "", title, stem, document.source, year)
    years = next((found[0] for text in texts if len(found := spans(text)) == 1), None)
    if years is None:
        return None
    return _Card(Edition(document.id, *years), _key(title), _key(stem), document)


def _key(text: str) -> frozenset[str]:
    """Return the words that all editions of a series share; a subtitle after the year is of one edition."""
    head, colon, _ = text.partition(":")
    ended = colon and any(match.end() == len(head.rstrip()) for match in _SPAN.finditer(head))
    return frozenset(terms(_EDITION.sub(" ", _SPAN.sub(" ", head if ended else text))))


def _alike(one: _Card, other: _Card) -> bool:
    a, b = one.document, other.document
    known = ((a.publisher, b.publisher), (a.language, b.language), (a.kind, b.kind))
    if any(x and y and x != y for x, y in known):
        return False
    if one.title == other.title and a.publisher and b.publisher:
        return len(one.title) >= FEWEST_OF_OWN
    if one.title == other.title and not one.title <= ANYBODYS:
        return len(one.title) >= (FEWEST_WORDS if one.title & ANYBODYS else FEWEST_OF_OWN)
    # "OPM Annual Report" and "Annual Report" are one series if their files are named alike.
    within = one.title <= other.title or other.title <= one.title
    return (
        within and bool(one.title & other.title) and one.stem == other.stem and len(one.stem) >= FEWEST_WORDS
    )


def spans(text: str) -> list[tuple[int, int]]:
    """Return the years that a text names, each as (first, last), without repeats.

    >>> spans("FY 2013, 2018-2022 and 2021/22; DHS2020")
    [(2013, 2013), (2018, 2022), (2021, 2022), (2020, 2020)]
    """
    return list(dict.fromkeys(_span(*match.groups()) for match in _SPAN.finditer(text)))


def _span(first: str | None, last: str | None, short: str | None) -> tuple[int, int]:
    start = int(first or f"20{short}")
    end = int(last) if last and len(last) == 4 else start
    if last and len(last) == 2 and int(last) == (start + 1) % 100:
        end = start + 1
    return start, max(start, end)
