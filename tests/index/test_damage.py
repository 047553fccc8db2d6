"""Damage inside a catalogue too large to be compared with its digest at opening: told where it is met."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from xxhash import xxh32_hexdigest

from kb.errors import IndexDamaged
from kb.index import FolderIndex, IndexSettings, create_index, open_index
from tests.index.library import EMBEDDER, GUIDE, NOTE, adding, document, passage

SETTINGS = IndexSettings(EMBEDDER.digest, "chunks", EMBEDDER.dimension)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("kb.index.generation.CHEAP", -1)
    create_index(tmp_path / "index", SETTINGS, adding(NOTE, GUIDE))
    return tmp_path / "index"


def damage(folder: Path, statement: str) -> None:
    [path] = folder.glob("generations/*/parts/*/catalogue.sqlite")
    with closing(sqlite3.connect(path)) as database:
        database.execute(statement)
        database.commit()


USES: dict[str, Callable[[FolderIndex], object]] = {
    "fetch": lambda index: index.fetch(["note/0"]),
    "section": lambda index: index.section(NOTE[1][0]),
    "passages": lambda index: index.passages("note", 0, 9),
    "count": lambda index: index.passages_by_document(),
    "documents": lambda index: index.documents(),
    "search": lambda index: index.search_words("workshop data governance Kigali", 9),
    "replace": lambda index: index.apply(adding((document("note"), [passage("note", 0, "New.")]))),
}


@pytest.mark.parametrize(
    ("statement", "uses"),
    [
        ("UPDATE passages SET spans = '[[1]]'", "fetch section passages"),
        ("UPDATE passages SET spans = 'x'", "fetch section passages"),
        ("UPDATE passages SET heading_path = '5'", "fetch passages"),
        ("UPDATE documents SET audience = '5'", "documents replace"),
        ("UPDATE documents SET audience = x'ff'", "documents replace"),
        ("UPDATE passages SET text = 'The workshop is elsewhere.'", "fetch section passages"),
        ("UPDATE passages SET page = page + 1", "fetch section passages"),
        ("UPDATE passages SET embedding_key = 'x'", "fetch"),
        ("UPDATE documents SET title = 'x'", "documents replace"),
        ("UPDATE documents SET first = 'x'", "count"),
        ("UPDATE passages SET row = -1 WHERE id = 'note/0'", "search"),
    ],
)
def test_it_is_named_with_the_remedy(folder: Path, statement: str, uses: str) -> None:
    damage(folder, statement)
    index = open_index(folder)
    for use in uses.split():
        with pytest.raises(IndexDamaged, match=f"{folder} is damaged.*kb build --index {folder}"):
            USES[use](index)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("gone_rows", "two"),
        ("gone_rows", None),
        ("gone_rows", 1.5),
        ("gone_rows", -1),
        ("gone_rows", 10**9),
        ("rows", "6"),
        ("first", None),
        ("gone", 5),
        ("gone", "note"),
        ("gone", [5]),
    ],
)
def test_a_part_of_the_wrong_type_is_damage_too(folder: Path, name: str, value: object) -> None:
    opened = open_index(folder)
    [manifest] = folder.glob("generations/*/manifest.json")
    told = json.loads(manifest.read_text(encoding="utf-8"))
    told["parts"][0][name] = value
    text = json.dumps(told)
    manifest.write_text(text, encoding="utf-8")
    # Written like that by a program that is wrong, its digest would be right.
    made = manifest.parent.rename(manifest.parent.with_name(f"000001-{xxh32_hexdigest(text.encode())}"))
    (folder / "CURRENT").write_text(made.name)

    for use in (lambda: open_index(folder), lambda: open_index(folder).apply(adding(NOTE))):
        with pytest.raises(IndexDamaged, match=f"{folder} is damaged.*kb build --index {folder}"):
            use()
    assert opened.size == 6


def test_it_is_named_when_passages_are_indexed_again(folder: Path) -> None:
    damage(folder, "UPDATE passages SET heading_path = '5'")
    catalogue = open_index(folder)._reader.catalogue
    with pytest.raises(IndexDamaged):
        list(catalogue.entries(0, 6))
