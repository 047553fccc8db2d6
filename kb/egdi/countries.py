"""What people call a country: short, official and French names, and the nearest ones to a misspelt name."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.errors import KBError
from kb.text import words

NAMES_FILE = Path(__file__).with_name("names.tsv")
# How many names are offered for one that is unknown.
NEAREST = 3
# What likeness to one word of a name is worth beside likeness to all of it.
WORD = 0.95

# The words of a name, folded: how names are compared.
Folded = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO 3166 code, its short names, and every name that it is known by."""

    iso3: str
    english: str
    french: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Countries:
    """The countries of one table, found by any of their names."""

    by_code: Mapping[str, Country]
    by_name: Mapping[Folded, str]

    @classmethod
    def of(cls, official: Mapping[str, str]) -> Countries:
        """Return the countries with these codes, each mapped to its name in the table."""
        known = {code: _with_official(code, name) for code, name in official.items()}
        names = {fold(name): code for code, country in known.items() for name in country.names}
        return cls(known, {name: code for name, code in names.items() if name})

    def named(self, name: str) -> Country:
        """Return the country of this name or code; KBError with the nearest names.

        >>> Countries.of({"LAO": "Lao People's Democratic Republic"}).named("laos").english
        'Lao PDR'
        """
        code = self.by_name.get(fold(name)) or name.strip().upper()
        if code in self.by_code:
            return self.by_code[code]
        *near, last = (country.english for country in self._nearest(name))
        nearest = f"{', '.join(near)} or {last}" if near else last
        raise KBError(f"The EGDI table has no country {name!r}; the nearest names: {nearest}.")

    def _nearest(self, name: str) -> list[Country]:
        wanted = " ".join(fold(name))
        ranked = sorted(self.by_name, key=lambda known: -_likeness(wanted, known))
        codes = dict.fromkeys(self.by_name[known] for known in ranked)
        return [self.by_code[code] for code in [*codes][:NEAREST]]


def fold(text: str) -> Folded:
    """Return the words of a text in lower case and without accents.

    >>> fold("Côte d'Ivoire")
    ('cote', 'd', 'ivoire')
    """
    plain = unicodedata.normalize("NFKD", text)
    return tuple(words("".join(char for char in plain if not unicodedata.combining(char))))


def _likeness(wanted: str, known: Folded) -> float:
    """Return how much a name is like another, or a little less like one word of it, from 0 to 100."""
    from rapidfuzz.fuzz import ratio

    part = max((ratio(wanted, word) for word in known), default=0.0)
    return max(ratio(wanted, " ".join(known)), WORD * part)


def _with_official(code: str, official: str) -> Country:
    known = _names().get(code)
    if known is None:
        return Country(code, official, official, (official,))
    return Country(code, known.english, known.french, (*known.names, official))


@cache
def _names() -> dict[str, Country]:
    with NAMES_FILE.open(encoding="utf-8", newline="") as file:
        return {country.iso3: country for country in _read(csv.DictReader(file, delimiter="\t"))}


def _read(rows: Iterable[Mapping[str, str]]) -> Iterable[Country]:
    for row in rows:
        others = [name for name in row["others"].split("|") if name]
        names = tuple(dict.fromkeys((row["english"], row["french"], *others)))
        yield Country(row["iso3"], row["english"], row["french"], names)
