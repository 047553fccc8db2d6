"""`kb eval report`, `table` and `gate` from end to end, and what they refuse, on a corpus of one file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eval.own import LATEST
from eval.page import markdown, render
from tests.conftest import Command
from tests.eval.test_commands import CASES, NOTE

GATE = ("eval", "gate", "--cases", "cases", "--corpus", "corpus", "--floor", "floor.toml")
REPORT = ("eval", "report", "--cases", "cases", "--corpus", "corpus", "--recorded", "recorded.jsonl")
EVIL = "<script>alert('evil')</script>"


def write(path: Path, *lines: Mapping[str, Any] | str) -> None:
    path.parent.mkdir(exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a corpus of one file and two files of cases, which is also the working folder."""
    absent = {**CASES[1], "id": "B2", "type": "unanswerable", "unanswerable": True, "evidence": []}
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "note.md").write_text(NOTE, encoding="utf-8")
    write(tmp_path / "cases" / "a.jsonl", *CASES)
    write(
        tmp_path / "cases" / "b.jsonl",
        {**CASES[0], "id": "B1", "question": "where is the spring workshop held"},
        {**absent, "question": "What is the bus fare to Musanze?", "split": "dev"},
    )
    return tmp_path


def report_in(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / LATEST / "report.json").read_text(encoding="utf-8"))
    return report


def page_in(folder: Path) -> str:
    return (folder / LATEST / "report.html").read_text(encoding="utf-8")


def test_the_report_holds_every_file_and_both_splits(kb: Command, folder: Path) -> None:
    ran = kb(*REPORT)
    assert ran.status == 0, ran.err
    report = report_in(folder)
    assert (report["asked"], report["planned"], report["partial"]) == (4, 4, False)
    assert {split: set(found["by_file"]) for split, found in report["splits"].items()} == {
        "dev": {"a", "b"},
        "test": {"a"},
    }
    dev = report["splits"]["dev"]["overall"]
    assert dev["coverage@5"]["value"] == dev["quote fidelity"]["value"] == 1
    assert (dev["status"]["n"], dev["coverage@5"]["n"], dev["abstention recall"]["n"]) == (3, 2, 1)
    assert report["measures"]["status"]["divided_by"] == "all cases asked"
    assert report["comparison"] is None
    assert not (folder / "recorded.jsonl").exists()
    assert kb("eval", "table").out == ran.out
    assert ran.out.startswith("| cases | n | right decision |")


def test_the_page_is_whole_by_itself_and_escapes_what_documents_and_cases_say(
    kb: Command, folder: Path
) -> None:
    assert kb(*REPORT).status == 0
    report, page = report_in(folder), page_in(folder)
    shown = {"fault": f"Fault {EVIL}", "count": 1, "cases": [_worst()]}
    page += render({**report, "worst": [shown], "stopped": EVIL, "partial": True})
    assert "&lt;script&gt;" in page
    for forbidden in ("<script", "http:", "https:", "src=", "@import", "url(", "<link"):
        assert forbidden not in page, forbidden
    assert page.count("<svg") >= 8
    assert "not among the first 10 found" in page
    assert len(page_in(folder)) < 1_000_000


def _worst() -> dict[str, Any]:
    return {
        "id": EVIL,
        "group": "cdo",
        "type": "factoid",
        "history": [f"user: {EVIL}"],
        "question": EVIL,
        "reference": EVIL,
        "expected": ["answered"],
        "status": "not_in_corpus",
        "confidence": 0.5,
        "text": EVIL,
        "found": {"file": EVIL, "text": EVIL},
        "gold": [{"file": EVIL, "text": EVIL, "place": None}],
        "unanswerable": False,
    }


def test_a_run_is_compared_with_the_last_recorded_one_of_another_commit(kb: Command, folder: Path) -> None:
    assert kb(*REPORT, "--record").status == 0
    path = folder / "recorded.jsonl"
    [line] = [json.loads(line) for line in path.read_text().splitlines()]
    assert line["config_digest"] == report_in(folder)["config_digest"]
    assert kb(*REPORT, "--record").status == 0
    assert len(path.read_text().splitlines()) == 1, "the same commit and settings are kept once"
    assert report_in(folder)["comparison"] is None

    place = 1 + line["measures"].index("status")
    for values in line["cases"].values():
        values[place] = 0
    line["cases"]["A2"][0] = "another case by now"
    write(path, {**line, "commit": "before"})
    assert kb(*REPORT).status == 0
    found = report_in(folder)["comparison"]
    assert found["commit"] == "before"
    status = found["splits"]["dev"]["status"]
    assert (status["before"], status["now"], status["n"]) == (0, 1, 3)
    assert status["p"] == pytest.approx(2 / 2**3)
    assert found["splits"]["test"] == {}
    assert "no question is the same in both runs" in page_in(folder)


def test_a_run_that_stops_is_kept_marked_partial_and_not_recorded(
    kb: Command, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder / "cases" / "c.jsonl", {**CASES[0], "id": "C1", "question": "q" * 3000})
    ran = kb(*REPORT, "--record")
    assert ran.status == 1
    assert "Only 4 of 5 cases were asked" in ran.err
    assert "c.jsonl, line 1" in ran.err
    report = report_in(folder)
    assert (report["partial"], report["asked"], report["planned"]) == (True, 4, 5)
    assert "PARTIAL: only 4 of 5" in page_in(folder)
    assert "<title>PARTIAL" in page_in(folder)
    assert "PARTIAL" in ran.out
    assert "PARTIAL" in markdown(report)
    assert not (folder / "recorded.jsonl").exists()
    write(folder / "floor.toml", "tolerance = 0.02", "[dev]", "status = 0.1", "[test]", "status = 0.1")
    ran = kb(*GATE, "--raise")
    assert (ran.status, "Only 4 of 5" in ran.err) == (1, True)
    assert "status = 0.1" in (folder / "floor.toml").read_text()


def test_the_gate_records_holds_and_catches(kb: Command, folder: Path) -> None:
    assert kb(*GATE).status == 1
    assert kb(*GATE, "--raise").status == 0
    held = kb(*GATE)
    assert held.status == 0
    assert "floors held on 4 cases" in held.err
    before = (folder / "floor.toml").read_text()
    write(folder / "corpus" / "note.md", NOTE.replace("# Spring workshop", "# Note"))
    write(folder / "cases" / "b.jsonl", {**CASES[0], "id": "B1", "type": "ambiguous", "split": "dev"})
    ran = kb(*GATE, "--raise")
    assert ran.status == 1
    assert "dev status 0.5000 is below its floor 1.0000 by more than 0.02" in ran.err
    assert "dev abstention recall was not measured" in ran.err
    kept = (folder / "floor.toml").read_text()
    assert [line for line in before.splitlines() if line not in kept.splitlines()] == []


def test_the_gate_asks_only_the_splits_of_its_floor(kb: Command, folder: Path) -> None:
    write(folder / "floor.toml", "tolerance = 0.02", "[test]", "status = 0.1")
    held = kb(*GATE)
    assert (held.status, "1 floors held on 1 cases" in held.err) == (0, True), held.err


@pytest.mark.parametrize("command", [REPORT, GATE])
def test_bad_input_is_one_sentence_with_file_and_line(
    kb: Command, folder: Path, command: tuple[str, ...]
) -> None:
    write(folder / "floor.toml", "tolerance = 0.02", "[dev]", "status = 0.1")
    path = folder / "cases" / "c.jsonl"
    good = {**CASES[0], "id": "C1"}
    evidence = [{"file": "note.md", "quote": "The workshop is held on the moon."}]
    bad: list[tuple[list[Mapping[str, Any] | str], str, str]] = [
        ([good, "{"], "c.jsonl, line 2", "Mend that line"),
        ([{**good, "type": "riddle"}], "c.jsonl, line 1", "type"),
        ([{**good, "evidence": evidence}], "c.jsonl, line 1", "does not say"),
        ([CASES[0]], "c.jsonl, line 1", "a.jsonl, line 1"),
        ([], "c.jsonl", "no cases"),
    ]
    for lines, place, said in bad:
        write(path, *lines)
        ran = kb(*command)
        assert (ran.status, ran.out) == (1, "")
        [sentence] = ran.err.strip().splitlines()
        assert place in sentence
        assert said in sentence


def test_missing_sets_and_reports_are_named(kb: Command, folder: Path) -> None:
    ran = kb("eval", "report", "--cases", "nowhere", "--corpus", "corpus")
    assert ran.status == 1
    assert "nowhere holds no file of cases" in ran.err
    ran = kb("eval", "table", "nowhere.json")
    assert (ran.status, "make one with: kb eval report" in ran.err) == (1, True)
    write(folder / "bad.json", "{}")
    assert "is no report" in kb("eval", "table", "bad.json").err
    write(folder / "recorded.jsonl", '{"commit": "a", "config_digest": "b", "made": "c"}')
    ran = kb(*REPORT)
    assert (ran.status, "recorded.jsonl, line 1" in ran.err) == (1, True)


def test_an_empty_run_is_an_error(kb: Command, folder: Path) -> None:
    write(folder / "cases" / "a.jsonl", {**CASES[0], "question": "q" * 3000})
    ran = kb(*REPORT)
    assert ran.status == 1
    assert "No case was asked" in ran.err
    assert "a.jsonl, line 1" in ran.err
    assert not (folder / LATEST).exists()
