"""Fusion of the dense and the lexical ranking into one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

Ranking = Sequence[tuple[str, float]]


class Fused(NamedTuple):
    """A passage's id, its fused score, and the searches that found it."""

    id: str
    score: float
    via: str


def fuse(dense: Ranking, lexical: Ranking, dense_weight: float) -> list[Fused]:
    """Return the passages of two rankings, best first, by a weighted sum of cosine and relative BM25.

    BM25 is divided by the query's best BM25, which puts it on the scale of a
    cosine. A passage that the dense search did not return gets the lowest
    cosine that it did return, an upper bound of the true one; a passage
    without any word of the query has a BM25 of 0.

    >>> for entry in fuse([("a", 0.8), ("b", 0.6)], [("b", 12.0), ("c", 6.0)], 0.5):
    ...     entry.id, entry.score, entry.via
    ('b', 0.8, 'dense+lexical')
    ('c', 0.55, 'lexical')
    ('a', 0.4, 'dense')
    """
    cosines, bm25 = dict(dense), dict(lexical)
    floor = min(cosines.values(), default=0.0)
    best = max(bm25.values(), default=0.0) or 1.0
    fused = []
    for key in dict.fromkeys([*cosines, *bm25]):
        score = dense_weight * cosines.get(key, floor) + (1 - dense_weight) * bm25.get(key, 0.0) / best
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
