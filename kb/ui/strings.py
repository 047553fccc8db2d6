"""Every word of the interface, in English and French: `strings/en.toml` and `strings/fr.toml`.

A tab has a section of its own in both files. Answers, quotes and titles are
the documents' words and are never translated.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kb.types import Citation

FOLDER = Path(__file__).with_name("strings")
# By their own names, as the link to the other language shows them.
LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}


@dataclass(frozen=True, slots=True)
class Words:
    """The interface in one language.

    >>> words = Words("en")
    >>> words("app.title"), words.count("app.document", 1), words.count("app.document", 1234)
    ('Policy Desk', '1 document', '1,234 documents')
    """

    language: str = "en"

    def __call__(self, key: str, /, **values: object) -> str:
        """Return the text "section.name", its {placeholders} filled; KeyError where there is none."""
        text = _texts(self.language)[key]
        return text.format(**values) if values else text

    def __contains__(self, key: str) -> bool:
        """Tell whether there is such a text."""
        return key in _texts(self.language)

    def count(self, key: str, number: int) -> str:
        """Return a number with its noun: "section.name_one" or "section.name_many", {n} filled."""
        one = number == 1 or (self.language == "fr" and number == 0)
        return self(f"{key}_one" if one else f"{key}_many", n=self.number(number))

    def number(self, number: int) -> str:
        """Return a whole number as it is written in the language, thousands apart."""
        return f"{number:,}".replace(",", "\u202f") if self.language == "fr" else f"{number:,}"

    def date(self, date: str) -> str:
        """Return an ISO date as people write it, and anything else as it is.

        >>> Words("fr").date("2023-03-22"), Words().date("2023-03-22"), Words().date("2021")
        ('22 mars 2023', '22 March 2023', '2021')
        """
        try:
            day = datetime.date.fromisoformat(date)
        except ValueError:
            return date
        return f"{day.day} {self('app.months').split()[day.month - 1]} {day.year}"

    def page(self, page: int | None, label: str | None) -> str:
        """Return the page in words, with the number printed on it where that differs.

        >>> Words().page(12, "12"), Words().page(12, "8"), Words().page(None, None)
        ('page 12', 'p. 12, printed as 8', '')
        """
        if page is None:
            return ""
        key = "app.page_printed" if label and label != str(page) else "app.page"
        return self(key, page=page, label=label)

    def place(self, citation: Citation) -> str:
        """Return the page or place of a quote in words, and whether it was read from a scan."""
        page = self.page(citation.page, citation.page_label)
        scanned = self("app.scanned") if citation.recognised is not None else ""
        return ", ".join(word for word in (page, citation.place, scanned) if word)

    def kind(self, kind: str) -> str:
        """Return a kind of document as people call it; one without a name here as it is written.

        >>> Words("fr").kind("concept-note"), Words().kind("white-paper")
        ('Note conceptuelle', 'White paper')
        """
        said = kind.replace("-", " ")
        return _texts(self.language).get(f"kinds.{kind}", said[:1].upper() + said[1:])


def keys(language: str) -> set[str]:
    """Return the keys of all texts in a language, as "section.name"."""
    return set(_texts(language))


@cache
def _texts(language: str) -> dict[str, str]:
    path = FOLDER / f"{language}.toml"
    return dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))


def _flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return (dotted name, text) of every text in a TOML table."""
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        found += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(before + name, value)]
    return found
