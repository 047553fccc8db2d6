"""Numbers written in English and French words -> figures, each with the place that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.text import NUMBER_WORDS

_FRENCH = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_FRENCH_TENS = "vingt trente quarante cinquante soixante septante huitante nonante"
_VALUES = {
    **{word: int(value) for word, value in NUMBER_WORDS.items()},
    **{word: value for value, word in enumerate(_FRENCH.split())},
    **{word: 10 * n for tens in (_ENGLISH_TENS, _FRENCH_TENS) for n, word in enumerate(tens.split(), 2)},
    **{"une": 1, "vingts": 20, "hundred": 100, "cent": 100, "cents": 100, "thousand": 1000, "mille": 1000},
    **{"million": 10**6, "millions": 10**6, "billion": 10**9, "milliard": 10**9, "milliards": 10**9},
}
# What goes on with a number and begins none, and what is none by itself: articles, verbs, "per cent".
_ONLY_AFTER = frozenset("hundred thousand million millions billion milliard milliards cents vingts".split())
_NEVER_ALONE = frozenset("one un une seize cent".split())
# "Sept 2023" is a month.
_WORD = re.compile(rf"\b(?:{'|'.join(_VALUES)})\b(?!(?<=\bsept)\.?\s\d)", re.I)
_BESIDE = re.compile(r"[-‐‑\s]")
_AND = re.compile(r",?\s(?:and|et)\s|-et-", re.I)
# Tens that French counts on to twenty from, and what follows "vingt et".
_LONG, _AFTER_ET = (60, 80), (1, 11)


@dataclass(frozen=True, slots=True)
class Figures:
    """A text with figures for its number words; `pieces` say which part here stands for which there."""

    text: str
    original: str
    pieces: tuple[tuple[int, int, int, int], ...] = ()

    def there(self, start: int, end: int) -> str:
        """Return the words of the original that a part of this text stands for.

        >>> told = in_figures("It meets twenty-four times a year.")
        >>> told.text[9:17], told.there(9, 17)
        ('24 times', 'twenty-four times')
        """
        return self.original[self._place(start, 0) : self._place(end, 1)]

    def _place(self, at: int, side: int) -> int:
        """Return the original place of a beginning (side 0) or an end (side 1)."""
        shift = 0
        for start, end, *there in self.pieces:
            if at < start + side:
                break
            if at < end + side:
                return there[side]
            shift = there[1] - end
        return at + shift


@lru_cache(maxsize=16384)
def in_figures(text: str) -> Figures:
    """Return a text with figures for its number words.

    >>> in_figures("One of twenty-one, one hundred and five or quatre-vingt-dix").text
    'One of 21, 105 or 90'
    """
    parts, pieces, length, done = list[str](), list[tuple[int, int, int, int]](), 0, 0
    for start, end, value in _numbers(text):
        here = length + start - done
        parts += [text[done:start], str(value)]
        length, done = here + len(str(value)), end
        pieces.append((here, length, start, end))
    return Figures("".join([*parts, text[done:]]), text, tuple(pieces))


def _numbers(text: str) -> Iterator[tuple[int, int, int]]:
    """Yield (start, end, value) of each number in words."""
    run, value = list[re.Match[str]](), 0
    for match in _WORD.finditer(text):
        word = match[0].lower()
        more = _with(value, word, text[run[-1].end() : match.start()]) if run else None
        if more is not None:
            run, value = [*run, match], more
            continue
        yield from _number(run, value)
        run, value = ([], 0) if word in _ONLY_AFTER else ([match], _VALUES[word])
    yield from _number(run, value)


def _number(run: Sequence[re.Match[str]], value: int) -> Iterator[tuple[int, int, int]]:
    if len(run) > 1 or (run and run[0][0].lower() not in _NEVER_ALONE):
        yield run[0].start(), run[-1].end(), value


def _with(value: int, word: str, between: str) -> int | None:
    """Return what a number is worth with one more word, or None where that is no part of it."""
    more, last, low = _VALUES[word], value % 100, value % 1000
    tens = last and not last % 10
    joined = _AND.fullmatch(between) and ((value and not last) or (tens and more in _AFTER_ET))
    if not (joined or _BESIDE.fullmatch(between)):
        return None
    if more >= 1000:
        return value + low * (more - 1) if low else None
    if more == 100:
        return value + 99 * last if 0 < last < 10 else None
    if last == 4 and word.startswith("vingt"):
        return value + 76
    room = 20 if last in _LONG else 10 if tens else 100 if value and not last else 0
    return value + more if more < room else None
