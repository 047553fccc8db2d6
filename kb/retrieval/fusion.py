"""Fusion of the dense and the lexical ranking into one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

Ranking = Sequence[tuple[str, float]]

# Cosines that differ by less than this say much the same, as they do where there are few passages.
LEAST_SPREAD = 0.05


class Fused(NamedTuple):
    """A passage's id, its fused score, and the searches that found it."""

    id: str
    score: float
    via: str


def fuse(dense: Ranking, lexical: Ranking, dense_weight: float, known: float = 1.0) -> list[Fused]:
    """Return the passages of two rankings, best first, by a weighted sum of relative cosine and BM25.

    Both are put on a scale from 0 to 1: the cosine by the best and the last of
    the ranking, for models differ in where theirs lie (e5's are between 0.7 and
    0.9), BM25 by the best. A passage that a search did not return gets 0 for
    it. `known` is the share of the question's words that the documents hold: a
    French question is left to the dense search, where they are English.

    >>> for entry in fuse([("a", 0.9), ("b", 0.8), ("d", 0.7)], [("b", 12.0), ("c", 6.0)], 0.5):
    ...     entry.id, round(entry.score, 2), entry.via
    ('b', 0.75, 'dense+lexical')
    ('a', 0.5, 'dense')
    ('c', 0.25, 'lexical')
    ('d', 0.0, 'dense')
    """
    cosines, bm25 = dict(dense), dict(lexical)
    least, most = min(cosines.values(), default=0.0), max(cosines.values(), default=0.0)
    spread = max(most - least, LEAST_SPREAD)
    best = max(bm25.values(), default=0.0) or 1.0
    weight = (1 - dense_weight) * known
    fused = []
    for key in dict.fromkeys([*cosines, *bm25]):
        cosine = 1 - (most - cosines[key]) / spread if key in cosines else 0.0
        score = (1 - weight) * cosine + weight * bm25.get(key, 0.0) / best
        fused.append(Fused(key, score, _via(key in cosines, key in bm25)))
    return sorted(fused, key=lambda entry: -entry.score)


def blend(rankings: Collection[Ranking]) -> list[tuple[str, float]]:
    """Return one ranking from several of the same kind, by the mean of their scores relative to their best.

    >>> blend([[("a", 8.0), ("b", 4.0)], [("b", 3.0)]])
    [('b', 0.75), ('a', 0.5)]
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        best = max((score for _, score in ranking), default=0.0) or 1.0
        for key, score in ranking:
            scores[key] = scores.get(key, 0.0) + score / best / len(rankings)
    return sorted(scores.items(), key=lambda entry: -entry[1])


def _via(dense: bool, lexical: bool) -> str:
    return "+".join(name for name, found in (("dense", dense), ("lexical", lexical)) if found)
