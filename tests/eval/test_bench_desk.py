"""The part of the benchmark that sits at the page: what it sees is asserted, how long that takes never."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eval.bench import desk
from eval.bench.figures import Figure
from eval.bench.files import pages_of
from eval.bench.manual import WORDS_A_PAGE, Manual
from eval.bench.options import Options, Skipped
from eval.bench.person import at_the_page
from eval.bench.suite import figures_of, render, run_parts
from kb.loaders import load
from tests.conftest import MODELS


def figures(found: dict[str, Any]) -> list[Figure]:
    return figures_of({"parts": {"desk": found}})["desk"]


def test_a_manual_has_its_pages_and_its_fact_on_the_last_one(tmp_path: Path) -> None:
    manual = Manual(5, seed=3)
    path = manual.write(tmp_path / "manual.pdf")

    blocks = load(path).blocks
    assert pages_of(path) == 5
    assert [block.page for block in blocks if block.kind == "heading"] == [1, 2, 3, 4, 5]
    assert (blocks[-1].text, blocks[-1].page) == (manual.fact, 5)
    assert all(WORDS_A_PAGE <= len(text.split()) < WORDS_A_PAGE + 60 for text in manual.texts)
    assert sum(manual.place in text for text in manual.texts) == 1


def test_waits_stand_beside_their_targets() -> None:
    pictures = [{"ms": 90.0, "there": False, "marked": True}, {"ms": 5.0, "there": True, "marked": False}]
    turns = [{"added_seconds": 20.0, "seconds": s, "processor_seconds": 38.0} for s in (21.0, 40.0, 22.0)]
    manual = {"pages": 200, "words": 70_000, "turns": turns}
    word, picture, sent = figures(
        {"asked": 3, "first_word_ms": [100.0, 200.0, 400.0], "pictures": pictures, "manual": manual}
    )

    assert [(row.label, row.value) for row in word.rows] == [("median", 200), ("p95", 380), ("target", 300)]
    assert word.verdict() == "target missed: p95"
    assert (picture.rows[0].value, picture.verdict()) == (47.5, "target met")
    assert "2 pages, 1 with quotes marked" in picture.note
    assert "1 still had to be drawn, the slowest in 90 ms" in picture.note
    assert [row.value for row in sent.rows] == [22, 40, 30]
    assert sent.verdict() == "target missed: longest"
    assert "38.0 s of processor time" in sent.note


def test_without_a_browser_the_part_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("eval.bench.person.CHROMIUM", tmp_path / "none")
    with pytest.raises(Skipped, match="a browser is needed"), at_the_page("http://127.0.0.1/", tmp_path):
        pass


@pytest.mark.browser
def test_somebody_asks_looks_and_sends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_EMBEDDING__MODELS_FOLDER", str(MODELS))
    documents = tmp_path / "documents"
    documents.mkdir()
    manual = Manual(2, seed=9)
    manual.write(documents / "rules.pdf")
    monkeypatch.setattr(desk, "lists_of", lambda *_: [[manual.question] * 3])
    options = Options(repeats=1, corpus=documents, kept=tmp_path / "kept", asked=1, manual_pages=3)

    [result] = run_parts(["desk"], options, lambda *_: None)

    found = result["parts"]["desk"]
    assert found.keys() == {"asked", "first_word_ms", "pictures", "manual"}, found
    assert len(found["first_word_ms"]) == 1
    assert found["first_word_ms"][0] > 0
    assert [(one["marked"], one["ms"] > 0) for one in found["pictures"]] == [(True, True)]
    [turn] = found["manual"]["turns"]
    assert 0 < turn["added_seconds"] < turn["seconds"]
    assert turn["processor_seconds"] > 0
    assert "A manual of 3 pages" in render(result)
