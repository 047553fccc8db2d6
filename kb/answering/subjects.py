"""If two quotes speak of the same thing: by their own words, and by the titles and headings over them."""

from __future__ import annotations

import re
from functools import lru_cache

from kb.answering.quantities import quantities
from kb.retrieval.relevance import term_set
from kb.retrieval.shelf import Shelf
from kb.text import terms
from kb.types import Passage

# Sentences with so many words in common, and that share of all their words, say the same.
FEWEST_SHARED, SAME_WORDS = 4, 0.7
# Titles with at least that share of their words in common are made alike: another word that differs tells of
# what each is.
ALIKE = 0.5
# Words that tell what sort of document or part it is, and not of what.
_SORTS = frozenset(
    terms(
        """guideline guide handbook manual policy law act bill rule regulation decree order directive
        instruction note memo circular charter framework paper brief report strategy plan programme annex
        appendix chapter section part introduction summary overview draft final revised general annual edition
        version volume"""
    )
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def differ_in_number(one: str, other: str) -> bool:
    """Tell whether two sentences share nearly all words and have as many, but other, numbers.

    Where both name years, other years make it another statement.

    >>> differ_in_number("The office offers 98 online services.", "The office offers 89 online services.")
    True
    >>> differ_in_number("In 2020 it offered 98 services online.", "In 2022 it offered 99 services online.")
    False
    >>> differ_in_number("Tell RISA of the breach in 2 hours.", "Tell RISA of the breach in 120 minutes.")
    False
    """
    words = _plain_terms(one), _plain_terms(other)
    shared, every = words[0] & words[1], words[0] | words[1]
    if len(shared) < FEWEST_SHARED or len(shared) < SAME_WORDS * len(every):
        return False
    years = [{*_YEAR.findall(side)} for side in (one, other)]
    first, second = quantities(one), quantities(other)
    # Told in another order they are the same.
    unlike = any(not any(a.equals(b) for b in second) for a in first)
    return years[0] == years[1] and len(first) == len(second) > 0 and unlike


@lru_cache(maxsize=4096)
def _plain_terms(text: str) -> frozenset[str]:
    """Return the terms of a text that are no numbers."""
    return frozenset(term for term in term_set(text) if not term[0].isdigit())


def other_subject(one: Passage, other: Passage, documents: Shelf) -> frozenset[str]:
    """Return the terms that tell the subject of one passage from that of another, made alike but for them.

    "Travel rules of the North" and "Travel rules of the Coast" speak of two provinces; a handbook and a
    guideline, or two editions, may speak of one.
    """
    if one.document_id != other.document_id:
        return _told_apart(documents[one.document_id].title, documents[other.document_id].title)
    pairs = zip(one.heading_path, other.heading_path, strict=False)
    first = next((pair for pair in pairs if pair[0] != pair[1]), None)
    return _told_apart(*first) if first else frozenset()


@lru_cache(maxsize=4096)
def _told_apart(one: str, other: str) -> frozenset[str]:
    """Return the terms of one title that another title, like it in most words, has other ones for.

    >>> sorted(_told_apart("Rules of the North Port", "Rules of the South Port"))
    ['north']
    >>> _told_apart("Fees handbook", "Fees guideline"), _told_apart("Fees 2019", "Fees 2024")
    (frozenset(), frozenset())
    """
    left, right = term_set(one), term_set(other)
    shared, fewest = left & right, min(len(left), len(right))
    own, others = ({t for t in side - shared - _SORTS if not t[0].isdigit()} for side in (left, right))
    return frozenset(own) if own and others and shared and len(shared) >= ALIKE * fewest else frozenset()
