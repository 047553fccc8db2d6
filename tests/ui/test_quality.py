"""The Quality tab: a report of the evaluation read as data, and shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, cast

import pytest

from eval.worst import FAULTS
from kb.config import load_config
from kb.ui.desk import Desk
from kb.ui.evaluation import BrokenReport, read_quality, wilson
from kb.ui.quality import render_quality
from kb.ui.strings import Words
from tests.conftest import ROOT, Command
from tests.eval.test_commands import CASES, NOTE

from .sample import Page

SCORE = {"value": 0.75, "low": 0.5, "high": 0.9, "n": 8}
CASE = {
    "question": "what is <b>DP</b>",
    "history": ["user: hello"],
    "reference": "It has two meanings.",
    "expected": ["clarify"],
    "status": "answered",
    "text": "Development partners. [1]",
    "gold": [{"file": "cdo-handbook.pdf", "text": "the Development Partners", "place": 1}],
}
REPORT: dict[str, Any] = {
    "made": "2026-11-21T14:55:20+00:00",
    "commit": "0123456789ab",
    "asked": 12,
    "planned": 12,
    "partial": False,
    "splits": {
        "dev": {"overall": {"status": SCORE}, "by_type": {"list": {"status": SCORE, "fact recall": SCORE}}},
        "test": {"overall": {"status": {"value": 1.0, "low": 1.0, "high": 1.0, "n": 4}}, "by_type": {}},
    },
    "worst": [{"fault": "Answered without asking what was meant", "count": 9, "cases": [CASE]}],
}


def shown(folder: Path, language: str = "en") -> str:
    config = load_config().model_copy(update={"reports": folder})
    return render_quality(Desk(config, cast("Any", None), Words(language)))


def written(folder: Path, report: object) -> Path:
    path = folder / "latest" / "report.json"
    path.parent.mkdir()
    path.write_text(json.dumps(report), encoding="utf-8")
    return folder


def test_figures_by_split_and_type_with_intervals(tmp_path: Path) -> None:
    page = Page(shown(written(tmp_path, REPORT)))
    assert "75%development (50–90)" in page.text
    assert "12 questions" in page.text
    assert "21 November 2026" in page.text
    assert "list875% (50–90)75% (50–90)" in page.text
    assert "PARTIAL" not in page.text


def test_a_table_can_be_scrolled_by_keyboard_and_has_a_name(tmp_path: Path) -> None:
    (table,) = Page(shown(written(tmp_path, REPORT))).all("div", "table")
    assert (table["tabindex"], table["role"]) == ("0", "region")
    assert "development" in table["aria-label"]


def test_an_interval_without_width_is_replaced(tmp_path: Path) -> None:
    found = read_quality(written(tmp_path, REPORT))
    assert found is not None
    share = found.scores["test"]["all"]["status"]
    assert share == wilson(1.0, 4)
    assert round(share.low or 0, 2) == 0.51
    assert share.high == pytest.approx(1)


def test_worst_cases_say_what_went_wrong(tmp_path: Path) -> None:
    page = Page(shown(written(tmp_path, REPORT)))
    for words in (
        "Answered without asking what was meant: 9",
        "what is <b>DP</b>",
        "asked what was meant",
        "Development partners. [1]",
        "It has two meanings.",
        "cdo-handbook.pdf: the Development Partners",
    ):
        assert words in page.text
    assert "b" not in page.tags()


def test_a_partial_report_says_so(tmp_path: Path) -> None:
    report = {**REPORT, "partial": True, "asked": 5}
    assert "PARTIAL: the run stopped early; 5 of 12" in Page(shown(written(tmp_path, report))).text


def test_a_recorded_run_is_read_by_line_feeds_alone(tmp_path: Path) -> None:
    run = {"made": "2026-11-21", "commit": "0\u2028", "asked": 1, "measures": ["status"]}
    run |= {"cases": {"a": ["dev", 1]}, "scores": {"dev": {"status": 1.0}}}
    case = {"id": "a", "type": "list", "question": "What\u0085of it?"}
    for name, line in (("reports/recorded.jsonl", run), ("cases/a.jsonl", case)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")

    found = read_quality(tmp_path / "reports")

    assert found is not None
    assert found.scores["dev"]["list"]["status"] == wilson(1.0, 1)


def test_without_a_report_the_command_is_named(tmp_path: Path) -> None:
    assert read_quality(tmp_path) is None
    assert "make one with: kb eval report" in shown(tmp_path)
    assert "faites-en un avec : kb eval report" in Page(shown(tmp_path, "fr")).text


@pytest.mark.parametrize("report", [[], {"splits": 3}, {**REPORT, "splits": {"dev": {"overall": {}}}}])
def test_a_file_that_is_no_report_is_named(tmp_path: Path, report: object) -> None:
    with pytest.raises(BrokenReport, match=r"report\.json"):
        read_quality(written(tmp_path, report))
    assert "is no report of the evaluation" in shown(tmp_path)


@pytest.fixture
def evaluated(kb: Command, tmp_path: Path) -> Path:
    """The folder of reports after a run of the evaluation on a corpus of one file, which is recorded."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "note.md").write_text(NOTE, encoding="utf-8")
    (tmp_path / "eval" / "cases").mkdir(parents=True)
    cases = "".join(json.dumps(case) + "\n" for case in CASES)
    (tmp_path / "eval" / "cases" / "a.jsonl").write_text(cases, encoding="utf-8")
    ran = kb("eval", "report", "--corpus", "corpus", "--record")
    assert ran.status == 0, ran.err
    return tmp_path / "eval" / "reports"


def test_a_report_of_the_evaluation_is_read_and_else_the_run_it_recorded(evaluated: Path) -> None:
    full = read_quality(evaluated)
    (evaluated / "latest" / "report.json").unlink()
    recorded = read_quality(evaluated)

    assert full is not None
    assert recorded is not None
    assert (full.full, recorded.full) == (True, False)
    assert full.about["made"][:10] == recorded.about["made"][:10]
    assert full.scores.keys() == recorded.scores.keys() == {case["split"] for case in CASES}
    for split, parts in full.scores.items():
        assert parts.keys() == recorded.scores[split].keys()
        for name, shares in parts.items():
            again = recorded.scores[split][name]["status"]
            assert again.value == pytest.approx(shares["status"].value)
            assert again.n == shares["status"].n
    assert "run recorded with this release" in Page(shown(evaluated)).text


def test_the_run_that_ships_is_shown_by_type(tmp_path: Path) -> None:
    for name in ("cases", "reports/recorded.jsonl"):
        source, target = ROOT / "eval" / name, tmp_path / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)
    found = read_quality(tmp_path / "reports")
    assert found is not None
    assert found.scores["test"].keys() >= {"all", "factoid", "unanswerable", "ambiguous"}
    assert sum(share["status"].n for name, share in found.scores["dev"].items() if name != "all") > 200


def test_every_fault_that_the_evaluation_tells_has_a_french_name(tmp_path: Path) -> None:
    for fault in FAULTS:
        english, french = (Words(language)(f"quality.faults.{fault}") for language in ("en", "fr"))
        assert (english, french != english) == (fault, True)

    page = Page(shown(written(tmp_path, REPORT), "fr"))
    assert "A répondu sans demander ce qui était voulu : 9" in page.text
    assert page.all("h3") == [{}]


def test_a_fault_without_a_name_is_shown_as_the_english_that_it_is(tmp_path: Path) -> None:
    report = {**REPORT, "worst": [{**REPORT["worst"][0], "fault": "Said it twice"}]}
    page = Page(shown(written(tmp_path, report), "fr"))
    assert "Said it twice : 9" in page.text
    assert page.all("h3") == [{"lang": "en"}]
