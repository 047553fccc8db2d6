"""nDCG, average precision, reciprocal rank and recall of rankings, as trec_eval computes them.

Computed by ir-measures (MacAvaney et al. 2022, arXiv:2111.13466). nDCG:
Järvelin and Kekäläinen 2002; the others: Voorhees and Harman 2005, "TREC".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.cases import Evidence
from eval.quotes import covers

Qrels = Mapping[str, Mapping[str, int]]
Run = Mapping[str, Mapping[str, float]]

DEEPEST = 10
OWN = ("nDCG@10", "MAP@10", "MRR@10")


def per_query(qrels: Qrels, run: Run) -> dict[str, dict[str, float]]:
    """Return nDCG@10, R@5, R@10, R@100, MAP@10 and MRR@10, each by query.

    Every query of `qrels` counts; one for which nothing was found scores 0.

    >>> per_query({"q": {"a": 1, "b": 1}}, {"q": {"x": 0.0, "a": -1.0}})["MRR@10"]
    {'q': 0.5}
    """
    import ir_measures
    from ir_measures import AP, RR, R, nDCG

    names = {nDCG @ 10: "nDCG@10", R @ 5: "R@5", R @ 10: "R@10", R @ 100: "R@100"}
    names |= {AP @ 10: "MAP@10", RR @ 10: "MRR@10"}
    values: dict[str, dict[str, float]] = {name: {} for name in names.values()}
    for found in ir_measures.iter_calc(list(names), qrels, run):
        values[names[found.measure]][found.query_id] = float(found.value)
    return values


def quote_rankings(
    judged: Mapping[str, tuple[Sequence[Evidence], Sequence[Evidence]]],
) -> dict[str, dict[str, float]]:
    """Return nDCG@10, MAP@10 and MRR@10 by case; `judged` holds gold quotes and the hits, best first.

    What is ranked are the gold quotes: each stands where the first hit covers
    it, several of one hit one after the other; a hit that covers no further
    quote takes a place and counts for nothing. So cutting the text into other
    passages changes what is found, never what is to be found.

    >>> gold = [Evidence("a.md", "room MH4"), Evidence("a.md", "12 May")]
    >>> found = [Evidence("a.md", "Lunch is free."), Evidence("a.md", "On 12 May in room MH4.")]
    >>> quote_rankings({"q": (gold, found)})["MRR@10"]
    {'q': 0.5}
    """
    qrels = {key: {f"gold {n}": 1 for n in range(len(gold))} for key, (gold, _) in judged.items()}
    run = {key: _ranked(gold, hits) for key, (gold, hits) in judged.items()}
    found = per_query(qrels, run) if qrels else {}
    return {name: found.get(name, {}) for name in OWN}


def first_place(gold: Evidence, hits: Sequence[Evidence]) -> int | None:
    """Return the rank, from 1, of the first hit that covers a gold quote or another place of it."""
    ranks = (n for n, hit in enumerate(hits, 1) if _covered(gold, hit))
    return next(ranks, None)


def _ranked(gold: Sequence[Evidence], hits: Sequence[Evidence]) -> dict[str, float]:
    places = [first_place(one, hits[:DEEPEST]) for one in gold]
    order: list[str] = []
    for rank in range(1, len(hits[:DEEPEST]) + 1):
        here = [f"gold {n}" for n, place in enumerate(places) if place == rank]
        order += here or [f"hit {rank}"]
    return {name: -float(n) for n, name in enumerate(order)}


def _covered(gold: Evidence, hit: Evidence) -> bool:
    return any(place.file == hit.file and covers(place.quote, hit.quote) for place in gold.places)
