from __future__ import annotations

import pytest

from eval.cases import Evidence
from eval.metrics import (
    abstention,
    citation_precision,
    citation_recall,
    evidence_coverage,
    mean,
    percentile,
)

ROOM = Evidence("note.md", "The first day is in Room AD 10")
LUNCH = Evidence("note.md", "Lunch is served at the venue")
OTHER = Evidence("note.md", "Surveys go out before the workshop begins")


def test_coverage_counts_quotes_within_the_first_k_hits_of_their_file() -> None:
    hits = [OTHER, Evidence("else.md", ROOM.quote), Evidence("note.md", f"Rooms. {ROOM.quote}. More."), LUNCH]
    assert evidence_coverage([ROOM, LUNCH], hits, 2) == 0
    assert evidence_coverage([ROOM, LUNCH], hits, 3) == 0.5
    assert evidence_coverage([ROOM, LUNCH], hits, 4) == 1


def test_two_hits_do_not_cover_a_quote_together() -> None:
    halves = [Evidence("note.md", "The first day is"), Evidence("note.md", "in Room AD 10")]
    assert evidence_coverage([ROOM], halves, 10) == 0


def test_another_place_that_says_the_same_is_as_good() -> None:
    gold = Evidence("table.csv", "Rwanda 2022 119", also=(Evidence("book.pdf", "119th in 2022 was Rwanda"),))
    cited = [Evidence("book.pdf", "119th in 2022 was Rwanda")]
    assert citation_recall([gold], cited) == citation_precision([gold], cited) == 1


def test_citations_are_right_when_they_overlap_gold_of_their_file() -> None:
    part = Evidence("note.md", "is in Room AD 10")
    assert citation_precision([ROOM], [part, OTHER]) == 0.5
    assert citation_precision([ROOM], [Evidence("else.md", ROOM.quote)]) == 0
    assert citation_recall([ROOM], [part]) == 0
    assert citation_recall([ROOM, LUNCH], [ROOM, ROOM]) == 0.5


def test_citing_nothing_scores_nothing() -> None:
    assert citation_precision([ROOM], []) == citation_recall([ROOM], []) == 0


def test_abstention_is_scored_as_a_classifier() -> None:
    expected = [True] * 4 + [False] * 6
    got = [True, True, True, False] + [True] + [False] * 5
    scores = abstention(expected, got)
    assert scores["precision"].value == pytest.approx(3 / 4)
    assert scores["recall"].value == pytest.approx(3 / 4)
    assert scores["f1"].value == pytest.approx(3 / 4)
    assert scores["f1"].n == 10
    assert scores["f1"].low < 0.75 < scores["f1"].high


def test_never_abstaining_is_zero_not_an_error() -> None:
    scores = abstention([True, False], [False, False])
    assert [score.value for score in scores.values()] == [0, 0, 0]


def test_intervals_hold_the_value_narrow_with_n_and_repeat() -> None:
    few, many = mean([0.0, 1.0] * 10), mean([0.0, 1.0] * 1000)
    assert few.low < 0.5 < few.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert mean([0.0, 1.0] * 10) == few
    # The mean of 2000 coin throws has a standard error of 0.5 / sqrt(2000).
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.5 / 2000**0.5, rel=0.1)


def test_percentiles_of_latency() -> None:
    values = [float(n) for n in range(1, 101)]
    assert percentile(values, 50).value == pytest.approx(50.5)
    assert percentile(values, 95).value == pytest.approx(95.05)
