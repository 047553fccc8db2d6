"""Rankings against trec_eval's own code and against the formulas of the textbook, on one run file."""

from __future__ import annotations

from math import log2
from pathlib import Path

import pytest

from eval.beir import score
from eval.cases import Evidence
from eval.ranking import first_place, per_query, quote_rankings

DATA = Path(__file__).parent / "data"
Values = dict[str, dict[str, float]]


def read_qrels() -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for line in (DATA / "qrels.txt").read_text().splitlines():
        query, _, document, relevance = line.split()
        qrels.setdefault(query, {})[document] = int(relevance)
    return qrels


def read_run() -> Values:
    run: Values = {}
    for line in (DATA / "run.txt").read_text().splitlines():
        query, _, document, _, value, _ = line.split()
        run.setdefault(query, {})[document] = float(value)
    return run


def by_formula(judged: dict[str, int], found: dict[str, float]) -> dict[str, float]:
    """Manning, Raghavan and Schütze 2008, "Introduction to Information Retrieval", chapter 8."""
    ranked = [judged.get(d, 0) for d in sorted(found, key=lambda d: -found[d])]
    relevant = sum(grade > 0 for grade in judged.values())

    def gain(grades: list[int]) -> float:
        return sum(grade / log2(n + 1) for n, grade in enumerate(grades[:10], 1))

    places = [n for n, grade in enumerate(ranked[:10], 1) if grade > 0]
    return {
        "nDCG@10": gain(ranked) / gain(sorted(judged.values(), reverse=True)),
        **{f"R@{k}": sum(grade > 0 for grade in ranked[:k]) / relevant for k in (5, 10, 100)},
        "MAP@10": sum(m / n for m, n in enumerate(places, 1)) / relevant,
        "MRR@10": 1 / places[0] if places else 0.0,
    }


def test_every_query_agrees_with_the_formulas() -> None:
    qrels, run = read_qrels(), read_run()
    found = per_query(qrels, run)
    for query, judged in qrels.items():
        for name, value in by_formula(judged, run.get(query, {})).items():
            assert found[name][query] == pytest.approx(value, abs=1e-6), (query, name)


def test_every_query_agrees_with_trec_eval() -> None:
    import pytrec_eval

    qrels, run = read_qrels(), read_run()
    found = per_query(qrels, run)
    names = {"ndcg_cut_10": "nDCG@10", "recall_5": "R@5", "recall_10": "R@10", "recall_100": "R@100"}
    names |= {"map_cut_10": "MAP@10"}
    reference = pytrec_eval.RelevanceEvaluator(qrels, set(names)).evaluate(run)
    assert len(reference) == len(run)
    for query, values in reference.items():
        for trec, own in names.items():
            assert found[own][query] == pytest.approx(values[trec], abs=1e-6), (query, own)


def test_the_mean_divides_by_every_query_asked() -> None:
    qrels, run = read_qrels(), read_run()
    assert qrels.keys() - run.keys() == {"q25"}
    scores = score(qrels, run)
    values = per_query(qrels, run)["nDCG@10"]
    assert (scores["nDCG@10"].n, values["q25"]) == (25, 0)
    assert scores["nDCG@10"].value == pytest.approx(sum(values.values()) / 25, abs=1e-6)


ROOM, DAY = Evidence("a.md", "The first day is in Room AD 10"), Evidence("a.md", "It is held on 12 May")
OTHER = Evidence("a.md", "Surveys go out before the workshop")
BOTH = Evidence("a.md", f"{ROOM.quote}. {DAY.quote}.")


def of_case(gold: list[Evidence], hits: list[Evidence]) -> dict[str, float]:
    return {name: found["q"] for name, found in quote_rankings({"q": (gold, hits)}).items()}


def test_gold_quotes_are_ranked_where_the_first_hit_covers_them() -> None:
    assert of_case([ROOM], [ROOM]) == {"nDCG@10": 1, "MAP@10": 1, "MRR@10": 1}
    second = of_case([ROOM], [OTHER, ROOM])
    assert second == pytest.approx({"nDCG@10": 1 / log2(3), "MAP@10": 0.5, "MRR@10": 0.5})
    assert of_case([ROOM], [Evidence("b.md", ROOM.quote)]) == {"nDCG@10": 0, "MAP@10": 0, "MRR@10": 0}
    assert of_case([ROOM], []) == {"nDCG@10": 0, "MAP@10": 0, "MRR@10": 0}


def test_one_passage_with_both_quotes_is_as_good_as_two_with_one_each() -> None:
    assert of_case([ROOM, DAY], [BOTH]) == of_case([ROOM, DAY], [ROOM, DAY])
    half = of_case([ROOM, DAY], [ROOM, OTHER, OTHER])
    assert half["nDCG@10"] == pytest.approx(1 / (1 + 1 / log2(3)))
    assert half["MAP@10"] == 0.5


def test_finding_a_quote_again_gains_nothing() -> None:
    again = of_case([ROOM, DAY], [ROOM, ROOM, DAY])
    assert again["nDCG@10"] == pytest.approx((1 + 1 / log2(4)) / (1 + 1 / log2(3)))


def test_the_first_place_counts_other_places_that_say_the_same() -> None:
    gold = Evidence("a.md", ROOM.quote, also=(Evidence("b.md", DAY.quote),))
    assert first_place(gold, [OTHER, Evidence("b.md", DAY.quote), ROOM]) == 2
    assert first_place(gold, [OTHER]) is None
