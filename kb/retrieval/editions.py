"""Which editions a question is put to: the newest of a series, unless it names the year of another.

A newer edition supersedes the older ones. A question that names the year of
one goes back to that one, and a question that compares years to each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from kb.retrieval.series import Edition, Series, series, spans
from kb.types import Document

# One year and one of these compare that year with now.
_UNTIL_NOW = re.compile(
    r"\bsince\b|\bcompared (?:to|with)\b|\bthan in\b|\b(?:versus|vs)\b|\b(?:differ\w*|chang\w*) from\b"
    r"|\b(?:to|until) (?:now|date|today)\b",
    re.I,
)
_ASIDE = re.compile(r"\([^()]*\)\W*$")


@dataclass(frozen=True)
class Editions:
    """The documents of an index (ids), and the series among them, each with its oldest edition first."""

    documents: frozenset[str]
    series: tuple[Series, ...]
    superseded: frozenset[str]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Editions:
        """Find the series among documents."""
        found = series(documents)
        old = frozenset(e.document for one in found for e in one if e.years != one[-1].years)
        return cls(frozenset(d.id for d in documents), found, old)

    def searched(self, question: str) -> frozenset[str] | None:
        """Return the documents that a question is put to; None, for all, if it leaves no edition out."""
        left = self.left_out(question)
        if left == self.superseded:
            return self._newest if left else None
        return self.documents - left if left else None

    def left_out(self, question: str) -> frozenset[str]:
        """Return the editions that a question is not put to."""
        asked, left = _asked(question), self.superseded
        for one in self._of_years(asked):
            if groups := _groups(asked, one):
                left |= {edition.document for edition in one}
                left -= {edition.document for group in groups for edition in group}
        return left

    def newest(self, among: Iterable[str]) -> frozenset[str]:
        """Return those of some documents that are the newest editions, by their years."""
        kept = set(among)
        found = [e for one in self.series for e in one if e.document in kept]
        newest = max((e.years for e in found), default=None)
        return frozenset(e.document for e in found if e.years == newest)

    def compared(self, question: str) -> tuple[tuple[str, ...], ...]:
        """Return the documents of each year that a question compares, oldest first; empty if it does not."""
        asked, found = _asked(question), dict[tuple[int, int], list[str]]()
        several = asked.until_now or len(asked.years) > 1 or any(a != b for a, b in asked.years)
        for groups in [_groups(asked, one) for one in self._of_years(asked)] if several else ():
            for edition in (e for group in groups for e in group if len(groups) > 1):
                found.setdefault(edition.years, []).append(edition.document)
        return tuple(tuple(found[years]) for years in sorted(found))

    def notes(self, question: str, cited: Sequence[str]) -> tuple[str, ...]:
        """Return what a reader must know of the editions that an answer cites (ids, in order)."""
        asked, notes = _asked(question), dict[str, None]()
        for n in sorted({self._places[key] for key in cited if key in self._places}):
            one = self.series[n]
            of_it = [edition for key in cited for edition in one if edition.document == key]
            notes[_note(asked, one, of_it)] = None
        return tuple(filter(None, notes))

    def _of_years(self, asked: _Asked) -> list[Series]:
        """Return the series with an edition for one of the years that a question names."""
        places = {n for span in asked.years for year in span for n in self._by_year.get(year, ())}
        return [self.series[n] for n in sorted(places)]

    @cached_property
    def _newest(self) -> frozenset[str]:
        return self.documents - self.superseded

    @cached_property
    def _places(self) -> dict[str, int]:
        """Which series each edition belongs to."""
        return {edition.document: n for n, one in enumerate(self.series) for edition in one}

    @cached_property
    def _by_year(self) -> dict[int, set[int]]:
        """Which series have an edition for a year."""
        found: dict[int, set[int]] = {}
        for n, one in enumerate(self.series):
            for year in (year for edition in one for year in range(edition.first, edition.last + 1)):
                found.setdefault(year, set()).add(n)
        return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """The years that a question names, each as (first, last), and whether it compares them with now."""

    years: tuple[tuple[int, int], ...]
    until_now: bool


def _asked(question: str) -> _Asked:
    """Read the years of a question; those in brackets at its end, its topic, count if it names no others."""
    years = spans(_ASIDE.sub("", question)) or spans(question)
    return _Asked(tuple(years), bool(_UNTIL_NOW.search(question)))


def _newest(one: Series) -> Series:
    newest = one[-1].years
    return tuple(takewhile(lambda edition: edition.years == newest, reversed(one)))


def _groups(asked: _Asked, one: Series) -> list[Series]:
    """Return the editions of each year that a question names; it compares them if they are two or more."""
    found: list[Series] = []
    for span in asked.years:
        whole = tuple([edition for edition in one if edition[1:] == span])
        parts = [whole] if whole else [_of_year(year, one) for year in dict.fromkeys(span)]
        found += [part for part in parts if part and part not in found]
    if len(found) == 1 and asked.until_now and one[-1] not in found[0]:
        found.append(_newest(one))
    return found


def _of_year(year: int, one: Series) -> Series:
    """Return the editions that cover a year, if they are for others too."""
    return tuple([edition for edition in one if edition.first <= year <= edition.last])


def _note(asked: _Asked, one: Series, cited: Sequence[Edition]) -> str:
    """Say which editions an answer is from, where the question alone does not tell."""
    groups = _groups(asked, one) if cited else []
    meant = [edition for group in groups or [_newest(one)] for edition in group]
    strange = [edition for edition in cited if edition not in meant]
    if strange:
        why = "that of {} does not say it" if groups else "the newest here is {}"
        return f"From the {_names(strange)} edition; {why.format(_names(meant))}."
    if len(groups) < 2:
        return ""
    missing = [edition for group in groups if not {*group} & {*cited} for edition in group]
    if missing:
        return f"Nothing on this was found in the {_names(missing)} edition."
    return f"The editions are quoted in this order: {_names(cited)}."


def _names(editions: Iterable[Edition]) -> str:
    return ", ".join(dict.fromkeys(edition.name for edition in editions))
