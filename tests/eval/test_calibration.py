"""`kb eval calibrate` on written cases: the weights point the right way; too few cases are refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.calibration import FOLDS
from kb.answering.abstention import WEIGHTS
from tests.conftest import Command

OFFICES = {
    "registry": ("contracts", "4 May 2001"),
    "archive": ("letters", "9 June 1994"),
    "library": ("maps", "1 March 2010"),
    "treasury": ("invoices", "17 July 1988"),
    "laboratory": ("samples", "23 August 2015"),
}
# Half of what is asked without an answer is near: the office is there, but no price, time or address of it.
ANSWERED = ["what does the {0} keep?", "when was the {0} opened?"]
NEAR = ["what is the phone number of the {0}?", "how much does the {0} cost?"]
FAR = [
    "who is the president of France?",
    "when did Norway win the football cup?",
    "how do penguins sleep?",
    "what is the capital of Brazil?",
]


def case(key: str, question: str, answerable: bool, **other: object) -> dict[str, Any]:
    return {
        "id": key,
        "group": "policy",
        "type": "factoid" if answerable else "unanswerable",
        "question": question,
        "history": [],
        "answer": "",
        "evidence": [],
        "unanswerable": not answerable,
        "notes": "",
        **other,
    }


def written() -> list[dict[str, Any]]:
    asked = [(pattern.format(office), True) for office in OFFICES for pattern in ANSWERED]
    asked += [(pattern.format(office), False) for office in OFFICES for pattern in NEAR]
    asked += [(question, False) for question in FAR]
    return [case(f"c{n}", question, answerable) for n, (question, answerable) in enumerate(asked)]


def write(path: Path, cases: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in cases), encoding="utf-8")
    return path


@pytest.fixture
def index(kb: Command, tmp_path: Path) -> Path:
    """An index of one note on each office."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for office, (kept, opened) in OFFICES.items():
        tasks = f"# The {office}\n\n## Tasks\n\nThe {office} keeps {kept}.\n\n"
        text = f"{tasks}## History\n\nThe {office} was opened on {opened}.\n"
        (notes / f"{office}.md").write_text(text, encoding="utf-8")
    assert kb("build", notes, "--index", "index").status == 0
    return tmp_path / "index"


def test_the_signs_of_the_weights_are_right(kb: Command, index: Path, tmp_path: Path) -> None:
    # Were they fitted to, cases of the test split and ambiguous ones would turn the weights round.
    test = [case(f"t{n}", FAR[n % len(FAR)], True, split="test") for n in range(60)]
    vague = [case(f"a{n}", FAR[n % len(FAR)], True, type="ambiguous") for n in range(60)]
    files = write(tmp_path / "cases.jsonl", written()), write(tmp_path / "more.jsonl", [*test, *vague])
    ran = kb("eval", "calibrate", *files, "--index", index, "--output", "fit.json")
    assert ran.status == 0
    assert all(name in ran.out for name in (*WEIGHTS, "ROC AUC"))
    fit = json.loads(Path("fit.json").read_text(encoding="utf-8"))
    assert fit["weights"].keys() == WEIGHTS.keys()
    assert fit["weights"]["best"] > 0
    assert fit["weights"]["lacks the kind asked for"] < 0
    assert fit["weights"]["lacks a year, code or kind named"] == 0, "no case names one"
    assert fit["auc"]["n"] == len(written())
    assert fit["auc"]["value"] > 0.9


@pytest.mark.parametrize("kind", [True, False])
def test_too_few_cases_of_a_kind_are_one_sentence(
    kb: Command, index: Path, tmp_path: Path, kind: bool
) -> None:
    few = [one for one in written() if one["unanswerable"] is kind]
    few += [one for one in written() if one["unanswerable"] is not kind][: FOLDS - 1]
    ran = kb("eval", "calibrate", write(tmp_path / "cases.jsonl", few), "--index", index)
    assert (ran.status, ran.out) == (1, "")
    [sentence] = ran.err.strip().splitlines()
    assert f"{FOLDS} answerable and {FOLDS} unanswerable" in sentence


def test_a_file_or_an_index_that_is_not_there_is_one_sentence(
    kb: Command, index: Path, tmp_path: Path
) -> None:
    cases = write(tmp_path / "cases.jsonl", written())
    for arguments, name in (
        (("absent.jsonl", "--index", index), "absent.jsonl"),
        ((cases, "--index", "none"), "none"),
    ):
        ran = kb("eval", "calibrate", *arguments)
        assert (ran.status, ran.out) == (1, "")
        [sentence] = ran.err.strip().splitlines()
        assert name in sentence
