"""Questions and conversations from files: batches and histories, as other programs write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kb.types import Embedder
from tests.conftest import Command
from tests.test_cli import WHEN, WHERE
from tests.test_contract import check_answer


def jsonl(path: Path, *objects: object) -> Path:
    path.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in objects), "utf-8")
    return path


def test_search_batch_gives_one_line_for_each(kb: Command, small_index: Path, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = [
        {"id": "b", "question": WHERE},
        {"id": 7, "question": "five subindices"},
        {"question": WHEN},
    ]
    ran = kb(
        "search", "--batch", jsonl(tmp_path / "q.jsonl", *asked), "-k", "1", "--index", small_index, "--json"
    )
    assert (ran.status, ran.err) == (0, "")
    assert [line["id"] for line in ran.lines] == ["b", 7, None]
    assert [line["query"] for line in ran.lines] == [line["question"] for line in asked]
    assert [line["hits"][0]["source"] for line in ran.lines] == ["note.txt", "guide.md", "note.txt"]
    assert all(len(line["hits"]) == 1 for line in ran.lines)


def test_ask_batch_gives_one_line_for_each_and_loads_the_model_once(
    kb: Command, small_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder
) -> None:
    loaded: list[object] = []

    def load(config: object) -> Embedder:
        loaded.append(config)
        return embedder

    monkeypatch.setattr("kb.embedding.load_embedder", load)
    asked = [
        {"id": "1", "question": WHERE},
        {"id": "2", "question": "  "},
        {"id": None, "question": "What are the pillars of data governance?", "extra": True},
        {"id": {"deep": 1}, "question": "and when?", "history": [{"role": "user", "content": WHERE}]},
    ]
    ran = kb("ask", "--batch", jsonl(tmp_path / "q.jsonl", *asked), "--index", small_index, "--json")
    assert (ran.status, ran.err) == (0, "")
    assert [line["id"] for line in ran.lines] == ["1", "2", None, {"deep": 1}]
    first, empty, pillars, follow_up = ran.lines
    for found in (first, pillars, follow_up):
        check_answer(found)
    assert empty["error"].startswith("The question is empty")
    assert "people" in pillars["text"]
    assert "22 March 2023" in follow_up["text"]
    assert len(loaded) == 1


@pytest.mark.parametrize("form", ["list", "lines"])
def test_a_history_file_completes_the_question(
    kb: Command, small_index: Path, tmp_path: Path, form: str
) -> None:
    turns = [
        {"role": "user", "content": WHERE},
        {"role": "assistant", "content": "In the Convention Center."},
    ]
    path = jsonl(tmp_path / "history.json", *([turns] if form == "list" else turns))
    found = kb("ask", "and when?", "--history", path, "--index", small_index, "--json").json
    assert found["question"] == "and when?"
    assert "Kigali" in found["standalone_question"]
    assert "22 March 2023" in found["text"]


def test_an_empty_history_is_none(kb: Command, small_index: Path, tmp_path: Path) -> None:
    for text in ("", "[]", "\n\n"):
        (tmp_path / "h.json").write_text(text, encoding="utf-8")
        ran = kb("ask", WHERE, "--history", tmp_path / "h.json", "--index", small_index, "--json")
        assert ran.json["standalone_question"] == WHERE


def test_batches_as_other_programs_write_them(kb: Command, small_index: Path, tmp_path: Path) -> None:
    """A byte order mark, Windows line ends, blank lines, and U+2028 inside a string."""
    path = tmp_path / "q.jsonl"
    lines = [json.dumps({"id": n, "question": f"{WHERE}\u2028"}, ensure_ascii=False) for n in (1, 2)]
    path.write_bytes(f"\ufeff{lines[0]}\r\n\r\n{lines[1]}".encode())
    ran = kb("search", "--batch", path, "-k", "1", "--index", small_index)
    assert ran.status == 0
    assert [line["id"] for line in ran.lines] == [1, 2]


def test_an_empty_batch_gives_nothing(kb: Command, small_index: Path, tmp_path: Path) -> None:
    ran = kb("ask", "--batch", jsonl(tmp_path / "q.jsonl"), "--index", small_index)
    assert (ran.status, ran.out, ran.err) == (0, "", "")


GOOD: dict[str, Any] = {"id": 1, "question": WHERE}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{json.dumps(GOOD)}\n{{", "q.jsonl, line 2 is not valid JSON"),
        (f"{json.dumps(GOOD)}\n[]", 'q.jsonl, line 2: write an object with a text "question"'),
        (f'{json.dumps(GOOD)}\n{{"id": 2}}', "q.jsonl, line 2: write an object"),
        (f'{json.dumps(GOOD)}\n{{"question": 5}}', "q.jsonl, line 2: write an object"),
        (f'{json.dumps(GOOD)}\n{{"question": "x", "history": "y"}}', "q.jsonl, line 2: the history"),
        (f'{json.dumps(GOOD)}\n{{"question": "x", "history": [{{}}]}}', "q.jsonl, line 2: a turn"),
        (f'{json.dumps(GOOD)}\n{{"question": "x", "history": ["y"]}}', "q.jsonl, line 2: a turn"),
        (
            f'{json.dumps(GOOD)}\n{{"question": "x", "history": [{{"role": "x", "content": "y"}}]}}',
            'q.jsonl, line 2: the "role" of a turn is "user" or "assistant"',
        ),
        (
            f'{json.dumps(GOOD)}\n{{"question": "x", "history": [{{"role": "user", "content": null}}]}}',
            'its "content" text',
        ),
        (f'{json.dumps(GOOD)}\n{{"question": "x", "history": 0}}', "q.jsonl, line 2: the history"),
        ("\xff", "q.jsonl cannot be read: it is not UTF-8 text; check the path and the file."),
    ],
)
def test_a_batch_that_is_wrong_is_refused_before_any_answer(
    kb: Command, small_index: Path, tmp_path: Path, content: str, said: str
) -> None:
    (tmp_path / "q.jsonl").write_bytes(content.encode("latin-1"))
    ran = kb("ask", "--batch", tmp_path / "q.jsonl", "--index", small_index)
    assert (ran.status, ran.out) == (1, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_batch_or_history_that_is_missing_is_named(kb: Command, small_index: Path) -> None:
    for arguments in (["--batch", "no.json"], [WHERE, "--history", "no.json"]):
        ran = kb("ask", *arguments, "--index", small_index)
        assert ran.status == 1
        assert ran.err.startswith("kb: no.json cannot be read: No such file or directory; check the path")
