"""Labelled questions for the reader: read in both forms, and scored by the real one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.reader import read_labelled, score_reader
from kb.errors import CaseError
from kb.models.page import Page
from kb.models.reader import Reader, load_reader
from tests.conftest import MODELS, Command

VENUE = "The workshop takes place in the Kigali Convention Center."
LUNCH = "Lunch is served at noon for all participants."
ONE: dict[str, Any] = {
    "question": "Where does the workshop take place?",
    "title": "Concept note",
    "sentences": [LUNCH, VENUE],
    "relevant": [1],
    "answerable": True,
    "split": "val",
}
POOL: dict[str, Any] = {
    "question": "Where does the workshop take place?",
    "passages": [
        {"title": "Handbook", "heading": ["Meals"], "blocks": [LUNCH]},
        {"title": "Concept note", "heading": ["Venue"], "blocks": ["Venue", VENUE]},
    ],
    "labels": {"1.1": 2, "1.0": 1},
    "answerable": True,
}


def write(path: Path, *records: dict[str, Any]) -> Path:
    text = "\n".join(map(json.dumps, records))
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_both_forms_are_read_and_what_is_trained_on_is_left_out(tmp_path: Path, name: str) -> None:
    found = read_labelled(write(tmp_path / name, ONE, POOL, {**ONE, "split": "train"}))
    assert [record.right for record in found] == [frozenset({(0, 1)}), frozenset({(1, 1)})]
    assert found[1].pages[1] == Page("Concept note > Venue", ("Venue", VENUE))


@pytest.mark.parametrize(
    "record", [{"question": "x"}, {**ONE, "sentences": None}, {**POOL, "labels": {"one": 2}}]
)
def test_what_is_no_labelled_question_is_named(tmp_path: Path, record: dict[str, Any]) -> None:
    path = write(tmp_path / "a.jsonl", record)
    with pytest.raises(CaseError, match="not of the form of labelled questions"):
        read_labelled(path)
    with pytest.raises(CaseError, match="no record to score"):
        read_labelled(write(path, {**ONE, "split": "train"}))
    (tmp_path / "b.jsonl.gz").write_bytes(b"no gzip")
    with pytest.raises(CaseError, match="cannot be read"):
        read_labelled(tmp_path / "b.jsonl.gz")


class Backwards(Reader):
    """Finds the last block of the last page best, whatever is asked."""

    def __init__(self) -> None:
        self.digest = "backwards"

    def read(self, question: str, pages: Sequence[Page]) -> list[Any]:
        """Score blocks by their place."""
        return [np.arange(len(page.blocks), dtype=np.float32) + 10 * n for n, page in enumerate(pages)]


def test_a_share_counts_what_is_answered_and_the_area_all(tmp_path: Path) -> None:
    nothing = {**ONE, "sentences": [LUNCH], "relevant": [], "answerable": False}
    wrong = {**ONE, "relevant": [0]}
    scores = score_reader(read_labelled(write(tmp_path / "a.jsonl", ONE, wrong, nothing)), Backwards())
    assert {name: score.value for name, score in scores.items()} == {
        "answers first": 0.5,
        "answers in 3": 1.0,
        "ROC AUC": 1.0,
    }


def test_what_the_records_do_not_tell_is_left_out(tmp_path: Path) -> None:
    assert score_reader(read_labelled(write(tmp_path / "a.jsonl", ONE)), Backwards()).keys() == {
        "answers first",
        "answers in 3",
    }
    unlabelled = {**ONE, "relevant": None}
    records = read_labelled(write(tmp_path / "b.jsonl", unlabelled, {**unlabelled, "answerable": False}))
    assert score_reader(records, Backwards()).keys() == {"ROC AUC"}


def test_the_reader_that_is_shipped_finds_what_answers(tmp_path: Path) -> None:
    reader = load_reader(MODELS)
    assert reader is not None
    scores = score_reader(read_labelled(write(tmp_path / "a.jsonl", ONE, POOL)), reader)
    assert scores["answers first"].value == 1


def test_the_command_prints_what_it_scored(
    kb: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_EMBEDDING__MODELS_FOLDER", str(MODELS))
    ran = kb("eval", "reader", write(tmp_path / "a.jsonl", ONE, {**ONE, "answerable": False}), "--json")
    assert (ran.status, ran.json["questions"]) == (0, 2)
    assert ran.json["scores"].keys() >= {"answers first", "ROC AUC"}
