"""The forms of labelled responses, what is refused, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.commands import app
from eval.grounding import Labelled, read_labelled, score_grounding
from eval.metrics import roc_auc
from kb.errors import CaseError

TEXT = "The workshop is held in Kigali on 22 March 2023."
RIGHT, WRONG = "The workshop is held in Kigali.", "The workshop is held in Huye on 25 March."


def graded(response: str, *grades: int) -> dict[str, Any]:
    return {"question": "Where?", "contexts": [TEXT], "response": response, "faithfulness_1to4": grades}


def pair(summary: str, label: int) -> dict[str, Any]:
    return {"doc": TEXT, "summary": summary, "label": label}


def claim(text: str, label: str) -> dict[str, Any]:
    return {"claim": text, "claim_label": label, "evidences": [{"evidence": TEXT}]}


BOTH = [Labelled(RIGHT, (TEXT,), True), Labelled(WRONG, (TEXT,), False)]


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "rows",
    [
        [graded(RIGHT, 3, 3), graded(WRONG, 4, 1, 3)],
        [pair(RIGHT, 1), pair(WRONG, 0)],
        [claim(RIGHT, "SUPPORTS"), claim("x", "DISPUTED"), claim(WRONG, "REFUTES")],
    ],
    ids=["grades", "pairs", "claims"],
)
def test_each_form_is_read(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    assert read_labelled(write(tmp_path / "lines.jsonl", *rows)) == BOTH
    assert read_labelled(write(tmp_path / "list.json", rows)) == BOTH


@pytest.mark.parametrize(
    "bad",
    [
        {**graded(RIGHT, 3), "contexts": [3]},
        graded(RIGHT),
        {**graded(RIGHT), "faithfulness_1to4": ["high"]},
        {"response": RIGHT, "contexts": [TEXT]},
        pair(RIGHT, 2),
        {**pair(RIGHT, 1), "doc": None},
        {"claim": RIGHT, "claim_label": "SUPPORTS", "evidences": [TEXT]},
        {"text": RIGHT},
        3,
        None,
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: object) -> None:
    path = write(tmp_path / "rows.jsonl", pair(RIGHT, 1), bad)
    with pytest.raises(CaseError, match=r"rows\.jsonl, line 2"):
        read_labelled(path)


def test_contexts_must_be_a_list(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", {**graded(RIGHT, 3), "contexts": TEXT})
    with pytest.raises(CaseError, match="line 1"):
        read_labelled(path)


def test_broken_json_is_named_by_its_line(tmp_path: Path) -> None:
    lines, listed = tmp_path / "a.jsonl", tmp_path / "b.json"
    lines.write_text(json.dumps(pair(RIGHT, 1)) + "\n\n{oops\n")
    listed.write_text("[\n{},\n{oops\n]")
    for path in (lines, listed):
        with pytest.raises(CaseError, match="line 3 is not JSON"):
            read_labelled(path)


def test_one_label_alone_cannot_be_scored(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="at least one of each"):
        read_labelled(write(tmp_path / "rows.jsonl", pair(RIGHT, 1)))
    with pytest.raises(CaseError, match="cannot be read"):
        read_labelled(tmp_path / "none.jsonl")


def test_a_changed_fact_is_told_from_the_faithful_response() -> None:
    scores = score_grounding(BOTH * 3)
    assert scores["ROC AUC"].value == 1
    assert scores["ROC AUC"].n == 6
    assert scores["milliseconds"].value > 0


def test_the_area_counts_pairs_in_order_and_half_of_ties() -> None:
    positive, scores = [True, False, True, False, True], [0.2, 0.2, 0.8, 0.5, 0.1]
    pairs = [(a > b) + (a == b) / 2 for a in (0.2, 0.8, 0.1) for b in (0.2, 0.5)]
    found = roc_auc(positive, scores)
    assert found.value == pytest.approx(sum(pairs) / 6)
    assert found.low < found.value < found.high
    assert roc_auc([not one for one in positive], scores).value == pytest.approx(1 - found.value)


def test_the_command_prints_and_writes_its_report(tmp_path: Path) -> None:
    path, output = write(tmp_path / "rows.jsonl", pair(RIGHT, 1), pair(WRONG, 0)), tmp_path / "report.json"
    ran = CliRunner().invoke(
        app, ["grounding", str(path), "--json", "-o", str(output)], catch_exceptions=False
    )
    assert ran.exit_code == 0
    report = json.loads(ran.stdout)
    assert report == json.loads(output.read_text(encoding="utf-8"))
    assert (report["responses"], report["unfaithful"]) == (2, 1)
    assert report["scores"]["ROC AUC"]["value"] == 1


# What a text says, a summary of it, and the same summary with one fact edited.
EDITED = [
    (
        "The ferry carried 12,400 people in May, 8 % more than in April. Two boats were out of service.",
        "In May the ferry carried 12,400 people.",
        "In May the ferry carried 21,400 people.",
    ),
    (
        "The council approved the plan on 3 March 2024 by nine votes to two.",
        "The plan was approved on 3 March 2024.",
        "The plan was approved on 13 March 2024.",
    ),
    (
        "Revenue of the harbour rose from 2.1 to 2.6 million pounds, and costs fell by 4 %.",
        "Revenue rose to 2.6 million pounds.",
        "Revenue rose to 3.6 million pounds.",
    ),
    (
        "The keeper of Port Ellen trained the keepers of three other towns.",
        "The keeper of Port Ellen trained those of three other towns.",
        "The keeper of Port Mary trained those of three other towns.",
    ),
    (
        "Visitors may not take photographs in the reading room.",
        "Visitors may not take photographs in the reading room.",
        "Visitors may take photographs in the reading room.",
    ),
    (
        "The school opened in 1921 and was rebuilt in 1987 after a fire.",
        "The school was rebuilt in 1987.",
        "The school was rebuilt in 1978.",
    ),
    (
        "Anna Weber chairs the board; the minutes are kept by Paul Ito.",
        "Anna Weber chairs the board.",
        "Anna Keller chairs the board.",
    ),
    (
        "The room seats 40 people and is open from Monday to Friday.",
        "The room seats 40 people.",
        "The room seats 400 people.",
    ),
]


def test_summaries_with_edited_facts_are_found_better_than_by_chance() -> None:
    rows = [
        Labelled(said, (text,), said == right)
        for text, *both in EDITED
        for right in both[:1]
        for said in both
    ]
    assert score_grounding(rows)["ROC AUC"].low > 0.55
