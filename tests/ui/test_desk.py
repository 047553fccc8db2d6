"""The desk follows its index: a running app answers from the new generation, and never from two at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb.assistant import open_assistant
from kb.config import Config, load_config
from kb.errors import IndexMissing
from kb.types import Embedder
from kb.ui.desk import Desk, Latest
from tests.conftest import MODELS, Command

QUESTION = "Where does the Vientiane workshop take place?"
ADDED = "# Venue\n\nThe Vientiane workshop takes place in the Lao Plaza Hotel.\n"


@pytest.fixture
def config(small_index: Path) -> Config:
    config = load_config(index=small_index)
    embedding = config.embedding.model_copy(update={"models_folder": MODELS})
    return config.model_copy(update={"embedding": embedding})


@pytest.fixture
def desk(config: Config, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("kb.embedding.load_embedder", lambda _: embedder)
    return Desk(config, Latest(open_assistant(config)))


def test_after_kb_add_the_next_question_is_answered_from_the_new_document(
    desk: Desk, config: Config, kb: Command, tmp_path: Path
) -> None:
    before = desk.assistant
    assert "Lao Plaza" not in str(before.ask(QUESTION).claims)
    (tmp_path / "vientiane.md").write_text(ADDED)

    kb("add", tmp_path / "vientiane.md", "--index", config.index)

    answer = desk.assistant.ask(QUESTION)
    assert "Lao Plaza Hotel" in answer.claims[0].text
    assert answer.index_generation == desk.assistant.index.generation != before.index.generation
    assert "vientiane.md" in {document.source for document in desk.documents().values()}


def test_who_holds_the_earlier_assistant_stays_on_its_generation(
    desk: Desk, config: Config, kb: Command, tmp_path: Path
) -> None:
    under_way = desk.assistant
    generation = under_way.index.generation
    (tmp_path / "vientiane.md").write_text(ADDED)

    kb("add", tmp_path / "vientiane.md", "--index", config.index)

    assert desk.assistant.index.generation != generation
    assert under_way.ask(QUESTION).index_generation == generation


def test_as_long_as_nothing_changes_the_assistant_is_the_same(desk: Desk) -> None:
    assert desk.assistant is desk.assistant


def test_an_index_that_is_gone_is_said_and_one_that_is_back_is_used(
    desk: Desk, config: Config, tmp_path: Path
) -> None:
    moved = shutil.move(config.index, tmp_path / "moved")

    with pytest.raises(IndexMissing, match="No index at"):
        _ = desk.assistant

    shutil.move(moved, config.index)
    assert desk.assistant.ask("Where does the Kigali workshop take place?").status == "answered"
