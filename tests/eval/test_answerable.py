"""`kb eval answerable` on a folder in the form of CLAP NQ, from end to end, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eval.answerable import read_pairs
from kb.errors import CaseError
from tests.conftest import Command

ANSWERABLE, UNANSWERABLE = "set_dev_answerable.jsonl", "set_dev_unanswerable.jsonl"
LEAVE = "Staff have 18 days of annual leave . It is approved by the head of unit ."
BRIDGE = "The bridge was opened on 4 May 1921 . It is painted green every ten years ."

OTHER = [BRIDGE, BRIDGE, LEAVE]


def line(key: str, question: str, title: str, text: str) -> dict[str, Any]:
    return {"id": key, "input": question, "passages": [{"title": title, "text": text, "sentences": []}]}


YES = [
    line("1", "how many days of leave do staff have", "Leave", LEAVE),
    line("2", "who approves annual leave", "Leave", LEAVE),
    line("3", "when was the bridge opened", "Bridge", BRIDGE),
]
NO = [
    line("4", "who wrote the opera about the revolution", "Leave", LEAVE),
    line("5", "what is the phone number of the head of unit", "Leave", LEAVE),
    line("6", "how much did the bridge cost in francs", "Bridge", BRIDGE),
]


def write(path: Path, *lines: Mapping[str, Any] | str) -> None:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    write(folder / ANSWERABLE, *YES)
    write(folder / UNANSWERABLE, *NO)
    return folder


def test_each_question_has_its_own_passage_and_its_label(folder: Path) -> None:
    pairs = read_pairs(folder)
    assert [pair.answerable for pair in pairs] == [True] * 3 + [False] * 3
    assert pairs[0].question == YES[0]["input"]
    documents = [given.read() for pair in pairs for given in pair.given]
    assert [document.blocks[0].text for document in documents] == [LEAVE, LEAVE, BRIDGE] * 2
    assert len({document.id for document in documents}) == 6
    assert {document.title for document in documents} == {"Leave", "Bridge"}


def test_questions_that_the_passage_answers_are_told_from_the_others(kb: Command, folder: Path) -> None:
    ran = kb("eval", "answerable", folder, "--json", "--output", "report.json")
    assert ran.status == 0
    assert ran.json == json.loads(Path("report.json").read_text(encoding="utf-8"))
    assert ran.json["questions"] == 6
    assert ran.json["scores"]["ROC AUC"]["value"] == 1
    assert ran.json["scores"]["ROC AUC"]["n"] == 6
    assert ran.json["config_digest"]


def test_labels_the_wrong_way_round_give_the_opposite(kb: Command, folder: Path) -> None:
    write(folder / ANSWERABLE, *NO)
    write(folder / UNANSWERABLE, *YES)
    assert kb("eval", "answerable", folder, "--json").json["scores"]["ROC AUC"]["value"] == 0


def test_a_question_is_judged_by_its_own_passage_only(kb: Command, folder: Path) -> None:
    # The very questions that are answered, each with a passage that answers another.
    others = [
        line(f"{n}x", yes["input"], "", text) for n, (yes, text) in enumerate(zip(YES, OTHER, strict=True))
    ]
    write(folder / UNANSWERABLE, *others)
    ran = kb("eval", "answerable", folder, "--json")
    assert ran.json["scores"]["ROC AUC"]["value"] == 1


def test_a_table_is_shown_and_a_kept_index_is_used_again(kb: Command, folder: Path) -> None:
    for _ in range(2):
        ran = kb("eval", "answerable", folder, "--index", "kept")
        assert ran.status == 0
        assert "ROC AUC" in ran.out
    assert Path("kept", "CURRENT").is_file()


GOOD = YES[0]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([GOOD, "{"], "set_dev_answerable.jsonl, line 2 is not JSON"),
        ([GOOD, "", "[]"], "set_dev_answerable.jsonl, line 3: expected an object"),
        ([{"id": "1", "passages": GOOD["passages"]}], "set_dev_answerable.jsonl, line 1: expected"),
        ([GOOD, {**GOOD, "id": "9", "passages": []}], "set_dev_answerable.jsonl: the question '9'"),
        ([{"id": "9", "input": "why"}], "set_dev_answerable.jsonl: the question '9'"),
        ([{**GOOD, "id": "9", "passages": ["only text"]}], "set_dev_answerable.jsonl: the question '9'"),
    ],
)
def test_bad_lines_are_one_sentence_that_names_them(
    kb: Command, folder: Path, lines: list[Mapping[str, Any] | str], said: str
) -> None:
    write(folder / ANSWERABLE, *lines)
    ran = kb("eval", "answerable", folder)
    assert (ran.status, ran.out) == (1, "")
    [sentence] = ran.err.strip().splitlines()
    assert said in sentence


@pytest.mark.parametrize("name", [ANSWERABLE, UNANSWERABLE])
def test_a_missing_file_is_named(kb: Command, folder: Path, name: str) -> None:
    (folder / name).unlink()
    ran = kb("eval", "answerable", folder)
    assert (ran.status, ran.out) == (1, "")
    [sentence] = ran.err.strip().splitlines()
    assert name.removeprefix("set_dev") in sentence


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="absent has no"):
        read_pairs(tmp_path / "absent")
