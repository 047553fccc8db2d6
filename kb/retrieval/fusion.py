"""Fusion of the dense and the lexical ranking into one."""

from __future__ import annotations

from collections.abc import Sequence

Ranking = Sequence[tuple[str, float]]


def fuse(dense: Ranking, lexical: Ranking, dense_weight: float) -> list[tuple[str, float, str]]:
    """Return (id, score, found by), best first: a weighted sum of cosine and relative BM25.

    BM25 is divided by the query's best BM25, which puts it on the scale of a
    cosine. A passage that the dense search did not return gets the lowest
    cosine that it did return, an upper bound of the true one; a passage
    without any word of the query has a BM25 of 0.

    >>> fuse([("a", 0.8), ("b", 0.6)], [("b", 12.0), ("c", 6.0)], 0.5)
    [('b', 0.8, 'dense+lexical'), ('c', 0.55, 'lexical'), ('a', 0.4, 'dense')]
    """
    cosines, bm25 = dict(dense), dict(lexical)
    floor = min(cosines.values(), default=0.0)
    best = max(bm25.values(), default=0.0) or 1.0
    fused = []
    for key in dict.fromkeys([*cosines, *bm25]):
        score = dense_weight * cosines.get(key, floor) + (1 - dense_weight) * bm25.get(key, 0.0) / best
        fused.append((key, score, _via(key in cosines, key in bm25)))
    return sorted(fused, key=lambda entry: -entry[1])


def _via(dense: bool, lexical: bool) -> str:
    return "+".join(name for name, found in (("dense", dense), ("lexical", lexical)) if found)
