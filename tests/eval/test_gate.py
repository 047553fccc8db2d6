"""The gate: the recorded floor against the real assistant spoilt in three ways, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eval.cases import Case, file_texts, read_folder
from eval.floor import GATED, Floor, missed, raised, read_floor, write_floor
from eval.own import FLOOR
from eval.runner import Answerer, run_cases
from eval.summary import summarise
from kb.assistant import Assistant
from kb.errors import CaseError
from tests.conftest import ROOT
from tests.eval.broken import Abstainer, Remembered, WrongFile, backwards

Values = dict[str, float]
Measured = Callable[[Answerer], Values]


@pytest.fixture(scope="module")
def measured(assistant: Assistant) -> Measured:
    """Run every third test case through an assistant; a spoilt one falls far enough for so few to show it."""
    cases: list[Case] = [case for case in read_folder(ROOT / "eval" / "cases") if case.split == "test"][::3]
    sources = {document.id: document.source for document in assistant.index.documents()}
    text = file_texts(ROOT / "corpus")

    def run(answerer: Answerer) -> Values:
        done = run_cases(cases, answerer, sources, text=text)
        assert done.stopped is None
        return {name: score.value for name, score in summarise(done.records).overall.items()}

    return run


@pytest.fixture(scope="module")
def real(assistant: Assistant) -> Remembered:
    return Remembered(assistant)


@pytest.fixture(scope="module")
def sound(measured: Measured, real: Remembered) -> Values:
    """What the same cases score with nothing spoilt."""
    return measured(real)


def caught(sound: Values, spoilt: Values) -> set[str]:
    """Return the measures that are below the recorded floor and that the damage made worse on these cases."""
    floor = read_floor(ROOT / FLOOR)
    only = Floor({"test": floor.values["test"]}, floor.tolerance)
    below = {one.name for one in missed(only, {"test": spoilt})}
    fell = {one.name for one in missed(Floor({"test": sound}, floor.tolerance), {"test": spoilt})}
    return below & fell


def test_a_retriever_that_ranks_backwards_is_caught(
    measured: Measured, assistant: Assistant, sound: Values
) -> None:
    found = caught(sound, measured(backwards(assistant)))
    assert found >= {"coverage@5", "coverage@10", "nDCG@10", "citation recall", "fact recall"}


def test_citing_another_file_is_caught(measured: Measured, real: Remembered, sound: Values) -> None:
    found = caught(sound, measured(WrongFile(real)))
    assert found >= {"quote fidelity", "claim recall", "claim precision", "citation recall"}
    assert not found & {"status", "coverage@5", "fact recall"}


def test_declining_everything_is_caught(measured: Measured, real: Remembered, sound: Values) -> None:
    found = caught(sound, measured(Abstainer(real)))
    assert found >= {"status", "over-abstention", "claim recall", "claim precision", "fact recall"}
    assert "abstention recall" not in found


def test_nothing_spoilt_is_not_caught(sound: Values) -> None:
    assert caught(sound, sound) == set()


# The file of the floor

VALUES = {"dev": {"status": 0.8, "over-abstention": 0.1}, "test": {"status": 0.7}}


def test_a_floor_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "floor.toml"
    write_floor(Floor(VALUES, 0.03), path)
    assert read_floor(path) == Floor(VALUES, 0.03)


def test_the_recorded_floor_holds_every_measure_of_the_split_that_nothing_was_made_on() -> None:
    floor = read_floor(ROOT / FLOOR)
    assert {split: set(values) for split, values in floor.values.items()} == {"test": set(GATED)}
    assert 0 < floor.tolerance <= 0.05


def test_what_is_within_the_tolerance_passes() -> None:
    floor = Floor(VALUES, 0.02)
    assert missed(floor, {"dev": {"status": 0.78, "over-abstention": 0.12}, "test": {"status": 0.68}}) == []
    worse = missed(floor, {"dev": {"status": 0.77, "over-abstention": 0.13}, "test": {"status": 0.7}})
    assert [(one.split, one.name) for one in worse] == [("dev", "status"), ("dev", "over-abstention")]


def test_what_was_not_measured_is_missed() -> None:
    assert [str(one) for one in missed(Floor(VALUES), {"dev": {"status": 0.9, "over-abstention": 0}})] == [
        "test status was not measured (floor 0.7000)"
    ]


def test_a_floor_moves_to_the_better_only() -> None:
    now = {"dev": {"status": 0.7, "over-abstention": 0.2}, "test": {"status": 0.9, "claim recall": 0.5}}
    moved = raised(Floor(VALUES, 0.03), now)
    assert moved == Floor({"dev": VALUES["dev"], "test": {"status": 0.9, "claim recall": 0.5}}, 0.03)
    better = raised(moved, {"dev": {"status": 0.85, "over-abstention": 0.05}})
    assert better.values["dev"] == {"status": 0.85, "over-abstention": 0.05}


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("tolerance = 0.02\n[dev\n", 2, "TOML"),
        ("tolerance = 2\n[dev]\nstatus = 0.5\n", 1, "tolerance"),
        ("tolerance = 0.02\n[dev]\nstatus = 0.5\n[test]\nstatus = 'x'\n", 5, "status"),
        ("tolerance = 0.02\n[dev]\nstatus = 0.5\nspeed = 0.1\n", 4, "speed"),
        ("tolerance = 0.02\n\n[train]\nstatus = 0.5\n", 3, "train"),
    ],
)
def test_a_malformed_floor_names_file_and_line(tmp_path: Path, text: str, line: int, named: str) -> None:
    path = tmp_path / "floor.toml"
    path.write_text(text)
    with pytest.raises(CaseError, match=rf"floor\.toml.*line {line}\b") as caught:
        read_floor(path)
    assert named in str(caught.value)


@pytest.mark.parametrize("text", ["tolerance = 0.02\n", None])
def test_no_floor_is_an_error_that_says_how_to_make_one(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "floor.toml"
    if text:
        path.write_text(text)
    with pytest.raises(CaseError, match=r"floor\.toml.*kb eval gate --raise"):
        read_floor(path)
