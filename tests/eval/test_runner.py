from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.cases import Case, Evidence, read_cases
from eval.report import report_of, types_table
from eval.runner import run_cases
from eval.summary import Summary, summarise
from kb.errors import QuestionError
from kb.types import Answer, Hit, Turn
from tests.eval.fakes import Abstainer, BrokenRetriever, Overconfident, Right, WrongFile

CASES = read_cases(Path(__file__).parents[2] / "eval" / "cases" / "corpus.jsonl")
SOURCES = {place.file: place.file for case in CASES for e in case.evidence for place in e.places} | {
    "elsewhere.md": "elsewhere.md"
}
SHARE_UNANSWERABLE = sum(case.unanswerable for case in CASES) / len(CASES)


def summary_of(assistant: Right) -> Summary:
    run = run_cases(assistant.cases, assistant, SOURCES)
    assert run.stopped is None
    return summarise(run.records)


def test_a_right_assistant_scores_full_marks() -> None:
    summary = summary_of(Right(CASES))
    full = ("status", "coverage@10", "citation precision", "citation recall", "conflict shown")
    assert {name: summary.overall[name].value for name in full} == dict.fromkeys(full, 1.0)
    assert summary.overall["pointer recall"].value == 1
    assert summary.overall["over-abstention"].value == 0
    assert {score.value for score in summary.abstaining.values()} == {1.0}
    assert summary.overall["status"].n == len(CASES)


def test_a_broken_retriever_scores_low() -> None:
    overall = summary_of(BrokenRetriever(CASES)).overall
    assert overall["status"].value == 1
    assert overall["coverage@10"].high < 0.05
    assert overall["citation precision"].high < 0.05
    assert overall["citation recall"].high < 0.05


def test_citing_the_wrong_file_scores_nothing() -> None:
    overall = summary_of(WrongFile(CASES)).overall
    for name in ("coverage@10", "citation precision", "citation recall", "pointer recall"):
        assert overall[name].value == 0


def test_always_abstaining_scores_low_although_it_points_well() -> None:
    summary = summary_of(Abstainer(CASES))
    assert summary.overall["status"].value == pytest.approx(SHARE_UNANSWERABLE)
    assert SHARE_UNANSWERABLE < 0.2
    assert summary.overall["over-abstention"].value == 1
    assert summary.overall["citation precision"].value == 0
    assert summary.overall["citation recall"].value == 0
    assert summary.abstaining["abstention precision"].value < 0.2
    assert summary.abstaining["abstention recall"].value == 1


def test_never_abstaining_shows_as_such() -> None:
    summary = summary_of(Overconfident(CASES))
    assert summary.abstaining["abstention recall"].value == 0
    assert summary.overall["conflict shown"].value == 0
    assert summary.by_type["unanswerable"]["status"].value == 0
    assert 0.5 < summary.overall["status"].value < 0.9


def test_scores_by_type_and_group_have_their_own_n() -> None:
    summary = summary_of(Right(CASES))
    conflicting = sum(case.type == "conflicting" for case in CASES)
    assert summary.by_type["conflicting"]["status"].n == conflicting
    assert "coverage@5" not in summary.by_type["unanswerable"]
    assert sum(scores["status"].n for scores in summary.by_group.values()) == len(CASES)


def test_cases_without_evidence_count_for_the_status_only() -> None:
    bare = Case("A1", "cdo", "factoid", "who?", (), "", (), False, "")
    overall = summary_of(Right([bare])).overall
    assert overall["status"].n == 1
    assert "citation recall" not in overall


class Failing(Right):
    """Answers three cases and then fails."""

    failure: BaseException = QuestionError("The question is empty; type what you want to know.")

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        if len(self.asked) == 3:
            raise self.failure
        return super().ask(question, history)


class Interrupted(Failing):
    failure = KeyboardInterrupt()


def test_a_failure_keeps_what_was_collected_and_says_where_it_stopped() -> None:
    run = run_cases(CASES, Failing(CASES), SOURCES)
    assert len(run.records) == 3
    assert run.planned == len(CASES)
    assert run.stopped == f"{CASES[3].place}: The question is empty; type what you want to know."
    report = report_of(run, summarise(run.records), {})
    assert report["partial"] is True
    assert "PARTIAL: 3 of" in str(types_table(run, summarise(run.records)).title)


def test_an_interrupted_run_is_partial_too() -> None:
    run = run_cases(CASES, Interrupted(CASES), SOURCES)
    assert (len(run.records), run.stopped) == (3, "interrupted")


class Rewriting(Right):
    """Understands every question as another one, as a follow-up is."""

    searched = ""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        return Answer(question, f"{question} in Kigali", "answered")

    def search(self, question: str, k: int) -> list[Hit]:
        self.searched = question
        return []


def test_the_search_is_for_the_question_as_it_was_understood() -> None:
    case = Case("A1", "cdo", "factoid", "which room?", (), "", (Evidence("a.md", "Room 1"),), False, "")
    assistant = Rewriting([case])
    [record] = run_cases([case], assistant, SOURCES).records
    assert assistant.searched == "which room? in Kigali"
    assert record.hits == ()
