"""What people say of answers: stored, read back, and made into evaluation cases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import read_cases
from kb.errors import KBError
from kb.types import Answer
from kb.ui.feedback import FILE, Feedback, cases, read, record
from tests.conftest import Command

from .sample import DOCUMENTS, PLACE, ROOM, venue_answer

UP = Feedback.of(venue_answer(), DOCUMENTS, "up", role="participant")
DOWN = Feedback.of(venue_answer(), DOCUMENTS, "down", "missing", "Which town?")


def test_feedback_is_read_back_as_it_was_given(tmp_path: Path) -> None:
    record(tmp_path, UP)
    record(tmp_path, DOWN)

    assert read(tmp_path) == [UP, DOWN]
    assert UP.question == "Where is the Kigali workshop?"
    assert [cited["quote"] for cited in UP.citations] == [PLACE, ROOM]
    assert UP.citations[0]["file"] == "note.docx"


def test_characters_that_end_lines_elsewhere_or_are_half_of_one_are_kept(tmp_path: Path) -> None:
    odd = replace(DOWN, more="one\u2028two\u0085three\x0bfour\r\nfive", reason="\ud83d", role="")
    record(tmp_path, odd)
    record(tmp_path, UP)

    assert read(tmp_path) == [odd, UP]


def test_without_feedback_there_is_none(tmp_path: Path) -> None:
    assert read(tmp_path) == []


def test_many_at_once_lose_no_line(tmp_path: Path) -> None:
    given = [replace(UP, more=str(n)) for n in range(40)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda said: record(tmp_path, said), given))

    assert sorted(int(said.more) for said in read(tmp_path)) == list(range(40))


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    record(tmp_path, UP)
    with (tmp_path / FILE).open("a") as file:
        file.write("{}\n")

    with pytest.raises(KBError, match="line 2: no feedback"):
        read(tmp_path)


def test_a_place_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "gone").touch()

    with pytest.raises(KBError, match="cannot be written"):
        record(tmp_path / "gone" / "index", UP)


def test_feedback_becomes_cases_that_the_evaluation_reads(tmp_path: Path) -> None:
    declined = Feedback.of(Answer("Who?", "Who?", "not_in_corpus"), DOCUMENTS, "up")
    wrongly = replace(declined, verdict="down")
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in cases([UP, DOWN, declined, wrongly])))

    up, down, unanswerable, open_ = read_cases(path)

    assert (up.group, up.unanswerable) == ("participant", False)
    assert [evidence.quote for evidence in up.evidence] == [PLACE, ROOM]
    assert down.evidence == ()
    assert "missing; Which town?" in down.notes
    assert PLACE in down.notes
    assert unanswerable.expected == {"not_in_corpus"}
    assert open_.expected == {"answered"}


def test_the_command_line_prints_it(kb: Command, tmp_path: Path) -> None:
    record(tmp_path, DOWN)

    [case] = kb("feedback", "--index", tmp_path).lines
    [stored] = kb("feedback", "--full", "--index", tmp_path).lines

    assert case["question"] == "Where is the Kigali workshop?"
    assert (stored["verdict"], stored["reason"]) == ("down", "missing")
