"""Raised letters: marks of notes leave the text, powers and units are written with raised figures."""

from __future__ import annotations

import re
from typing import NamedTuple

DROPPED = "\uffff"  # stands for a letter that is no part of the text; no file can hold it
MARK = re.compile(r"[(\[]?\d{1,3}(?:[,–-]\d{1,3})*[)\]]?,?|[a-z]|[*†‡§¶]{1,3}")
FIGURES = "0123456789+-−()"
RAISED_FIGURES = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾"
UP = str.maketrans(FIGURES, RAISED_FIGURES)
DOWN = str.maketrans(RAISED_FIGURES, "0123456789+--()")
ALREADY_UP = re.compile(r"(?<=\S)[⁰¹²³⁴-⁹]+")
# What is squared and cubed, and what powers stand at: ten, a variable, a sum in brackets.
UNIT = re.compile(r"(?:^|[\s\d(/.·])(?:[kcdmhµμn]?m|dam|ft|in|yd|mi|s)$")
BASE = re.compile(r"(?:^|[^\w.,])10$|(?:^|[^\w'’.])[^\W\d_]$|[-+−=×*/^][^()]*\)$")
# What a mark stands after: a word, a figure, or the stop of one; a letter by itself only after more than one.
CLOSED = re.compile(r"[^\W_]$|[.,;:!?)\]%”’\"'»*]$")
MARKED = re.compile(r"\d$|\w\w$|[.,;:!?)\]%”’\"'»*]$")
ORDINAL = re.compile(r"\d(?:e|o|º|d|r)$|(?:^|\W)[^\W\d_]o$", re.I)
BEFORE = 40  # letters before raised ones that tell what they are
NOTES = re.compile(r"^[^\S\n]*(\d{1,3}|[a-z*†‡])\)?\s+(?=[^\W\d_])", re.M)


class Letter(NamedTuple):
    """How far a letter reaches, and how high the line is on which it stands, from the top of the page."""

    left: float
    right: float
    height: float
    base: float

    def is_raised(self, beside: Letter) -> bool:
        """Tell whether a letter is set higher than the one before it, as marks and powers are.

        >>> word = Letter(50, 56, 11, 110)
        >>> Letter(56, 59, 6, 106).is_raised(word), Letter(56, 59, 6, 112).is_raised(word)
        (True, False)
        """
        smaller = self.height < 0.9 * beside.height
        near = self.left - beside.right < 0.5 * beside.height
        return near and (0.15 if smaller else 0.3) < (beside.base - self.base) / beside.height < 1


def notes_of(letters: str) -> frozenset[str]:
    """Return the figures with which lines of a page begin: its notes may be among them."""
    return frozenset(NOTES.findall(letters))


def written(raised: str, before: str, notes: frozenset[str]) -> str:
    """Return what is written for raised letters, as many as they are, after the text `before` of their line.

    >>> written("3", "kept for 90", frozenset()) == DROPPED, written("2", "of 40 km", frozenset("2"))
    (True, '²')
    >>> written("6", "about 10", frozenset()), written("st", "the 1", frozenset())
    ('⁶', 'st')
    """
    figures = all(sign in FIGURES for sign in raised) and any(sign.isdecimal() for sign in raised)
    plain = raised.translate(UP) if figures else raised
    before = before.rstrip()
    if not MARK.fullmatch(raised) or not (MARKED if raised.isalpha() else CLOSED).search(before):
        return plain
    unit = raised in ("2", "3") and UNIT.search(before)
    power = raised[0].isdecimal() and BASE.search(before) and raised not in notes
    if unit or power or ORDINAL.search(before + raised):
        return plain
    return DROPPED * len(raised)


def without_marks(letters: str, notes: frozenset[str]) -> str:
    """Return a text in which raised figures of the file's own that are marks of notes are dropped.

    >>> without_marks("90³ days on 5 m²", frozenset()).replace(DROPPED, "")
    '90 days on 5 m²'
    """

    def replaced(found: re.Match[str]) -> str:
        line = letters[max(found.start() - BEFORE, 0) : found.start()].rpartition("\n")[2]
        return written(found[0].translate(DOWN), line, notes)

    return ALREADY_UP.sub(replaced, letters)
