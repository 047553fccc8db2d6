"""Whether a quote stands in a text: the one rule by which gold evidence is matched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import ceil

from rapidfuzz.distance import LCSseq

from kb.text import words

# A quote is covered when this share of its words, in order, stands in the text (contract.md).
SHARE = 0.8

# The words must stand together: in a stretch of SPREAD times the quote's words and SLACK more.
SPREAD, SLACK = 2, 10

# A shorter common piece ("of the") shows no agreement, unless the whole quote is that short.
FEWEST = 3


def covers(quote: str, text: str) -> bool:
    """Tell whether at least 80 % of a quote's words stand in the text, in order and close together.

    Words are compared without case, punctuation and markup. The measure is
    the longest common subsequence (Hunt and McIlroy 1976; bit-parallel after
    Hyyrö 2004) with any stretch of 2n + 10 words, n being the words of the
    quote, so that words strewn over a long text do not count. A quote without
    words is never covered.

    >>> covers("four pillars: **policy**, people", "The four pillars are policy and people.")
    True
    >>> covers("people, policy, four pillars", "The four pillars are policy and people.")
    False
    >>> covers("the data centre and the cloud", "the " + "x " * 50 + "data " + "x " * 50 + "centre")
    False

    A quote of documents that may not be copied here is its first and last words, around " … ".

    >>> covers("The four … and process.", "The four pillars are policy, people and process.")
    True
    """
    return all(_covers(_words(part), _words(text)) for part in quote.split(" … "))


def overlaps(one: str, other: str) -> bool:
    """Tell whether two quotes of a file show the same words: the shorter stands in the longer.

    Pieces of one or two words overlap nothing longer.

    >>> overlaps("Room MH4 on day two.", "It starts in Room MH4 on day two. Lunch is at noon.")
    True
    >>> overlaps("of the", "The size of the room")
    False
    """
    short, long = sorted((_words(one), _words(other)), key=len)
    return len(short) >= min(FEWEST, len(long)) and _covers(short, long)


def _covers(quote: Sequence[str], text: Sequence[str]) -> bool:
    if not quote:
        return False
    needed = ceil(SHARE * len(quote))
    return any(
        LCSseq.similarity(quote, stretch, score_cutoff=needed) >= needed
        for stretch in _stretches(quote, text, needed)
    )


def _stretches(quote: Sequence[str], text: Sequence[str], needed: int) -> Sequence[Sequence[str]]:
    """Return the stretches that begin with, and hold enough of, the quote's words."""
    wanted, length = frozenset(quote), SPREAD * len(quote) + SLACK
    known = [word in wanted for word in text]
    before = [0, *accumulate(known)]
    return [
        text[start : start + length]
        for start, first in enumerate(known)
        if first and before[min(start + length, len(text))] - before[start] >= needed
    ]


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    # A soft hyphen is no letter; an underscore is Markdown's emphasis.
    return tuple(words(text.replace("\u00ad", "").replace("_", " ")))
