"""How much of a question a text covers, by words and by what means the same."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from functools import lru_cache
from operator import mul

from kb.lexicon import Lexicon
from kb.retrieval.expansion import Synonym
from kb.text import terms

# What a question term is worth when it stands not in the quote itself but in
# the lead-in or caption over it, in the headings and title, or elsewhere in its passage.
IN_LEAD = 0.95
IN_CONTEXT = 0.8
IN_PASSAGE = 0.5
# What a term counts that a question only has in brackets: the topic it is about.
ASIDE = 0.35


class Relevance:
    """Measures how much of a question a text covers, each term weighted by its rarity.

    A term is met by itself or by all words of what stands for it, as an
    acronym by its expansion. Terms `aside` count less.
    """

    def __init__(
        self,
        terms: Iterable[str],
        synonyms: Mapping[str, Sequence[Synonym]],
        lexicon: Lexicon,
        passages: int,
        aside: Collection[str] = (),
    ) -> None:
        common = lexicon.frequencies
        rarity = {t: math.log(1 + (passages + 1) / (common.get(t, 0) + 0.5)) for t in terms}
        self.weights = {t: weight * (ASIDE if t in aside else 1.0) for t, weight in rarity.items()}
        self.total = sum(self.weights.values()) or 1.0
        self.aside = frozenset(aside)
        self._synonyms = synonyms
        self._seen: dict[tuple[str, float], list[float]] = {}

    def of(self, some: Collection[str]) -> Relevance:
        """Return the same measure over some of the question's terms."""
        part = copy(self)
        part.weights = {term: weight for term, weight in self.weights.items() if term in some}
        part.total = sum(part.weights.values()) or 1.0
        part._seen = {}
        return part

    def coverage(self, text: str, context: str = "", passage: str = "", *, lead: str = "") -> float:
        """Return the covered share of the question's weight, from 0 to 1.

        `lead` is the lead-in, header or caption that the text depends on,
        `context` the headings and title over it, `passage` all around it.
        """
        parts = ((text, 1.0), (lead, IN_LEAD), (context, IN_CONTEXT), (passage, IN_PASSAGE))
        levels = [self._mets(part, worth) for part, worth in parts if part]
        best = map(max, *levels) if len(levels) > 1 else levels[0] if levels else ()
        return float(sum(map(mul, self.weights.values(), best))) / self.total

    def _mets(self, text: str, worth: float) -> list[float]:
        """Return what each term, met by a text, is worth; remembered, for many units share a context."""
        known = self._seen.get((text, worth))
        if known is None:
            found = term_set(text)
            known = [worth if term in found else worth * self._met(term, found) for term in self.weights]
            self._seen[text, worth] = known
        return known

    def least(self, text: str) -> float:
        """Return how well the worst met of the question's own terms is met, from 0 to 1."""
        found = term_set(text)
        return min((self._met(t, found) for t in self.weights if t not in self.aside), default=1.0)

    def _met(self, term: str, found: frozenset[str]) -> float:
        if term in found:
            return 1.0
        synonyms = self._synonyms.get(term)
        return max([s.worth for s in synonyms if s.terms <= found], default=0.0) if synonyms else 0.0


@lru_cache(maxsize=16384)
def term_set(text: str) -> frozenset[str]:
    """Return the terms of a text; remembered, for the same passages are read for many questions."""
    return frozenset(terms(text))
