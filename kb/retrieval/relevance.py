"""How much of a question a text covers, by words and by what means the same."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from functools import lru_cache
from operator import mul
from typing import Self

from kb.lexicon import Lexicon
from kb.retrieval.expansion import Synonyms
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
        synonyms: Synonyms,
        lexicon: Lexicon,
        passages: int,
        aside: Collection[str] = (),
    ) -> None:
        common = lexicon.frequencies
        rarity = {t: math.log(1 + (passages + 1) / (common.get(t, 0) + 0.5)) for t in terms}
        self.weights = {t: weight * (ASIDE if t in aside else 1.0) for t, weight in rarity.items()}
        self.aside = frozenset(aside)
        # The share of the terms that the documents hold: little of a question in another language.
        self.known = sum(common.get(t, 0) > 0 for t in rarity) / (len(rarity) or 1)
        self._synonyms = synonyms
        self._measure()

    def of(self, some: Collection[str]) -> Relevance:
        """Return the same measure over some of the question's terms."""
        return self.weighted({term: weight for term, weight in self.weights.items() if term in some})

    def weighted(self, weights: Mapping[str, float]) -> Self:
        """Return the same measure with other terms and weights."""
        part = copy(self)
        part.weights = dict(weights)
        part._measure()
        return part

    def _measure(self) -> None:
        """Work out from the weights what a text is looked up in."""
        self.total = sum(self.weights.values()) or 1.0
        self._seen: dict[tuple[str, float], list[float]] = {}
        # Which of the question's terms, by their places, a term of a text meets, or several together do.
        self._single: dict[str, list[int]] = defaultdict(list)
        self._several: list[tuple[int, frozenset[str]]] = []
        for place, term in enumerate(self.weights):
            self._single[term].append(place)
            for together in self._synonyms.get(term, ()):
                if len(together) == 1:
                    self._single[min(together)].append(place)
                else:
                    self._several.append((place, together))
        self._singles = frozenset(self._single)

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
            known = [worth * met for met in self._met(term_set(text))]
            self._seen[text, worth] = known
        return known

    def least(self, text: str) -> float:
        """Return how well the worst met of the question's own terms is met, from 0 to 1."""
        met = zip(self.weights, self._met(term_set(text)), strict=True)
        return min((worth for term, worth in met if term not in self.aside), default=1.0)

    def _met(self, found: frozenset[str]) -> list[float]:
        """Return 1 for each term of the question that these terms of a text meet, else 0."""
        best = [0.0] * len(self.weights)
        for term in self._singles & found:
            for place in self._single[term]:
                best[place] = 1.0
        for place, together in self._several:
            if together <= found:
                best[place] = 1.0
        return best


@lru_cache(maxsize=16384)
def term_set(text: str) -> frozenset[str]:
    """Return the terms of a text; remembered, for the same passages are read for many questions."""
    return frozenset(terms(text))
