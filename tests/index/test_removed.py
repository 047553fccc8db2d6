"""Documents that left an index: kept as they were, and let go in time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kb.config import ChunkingConfig
from kb.errors import KBError
from kb.index import open_index
from kb.index.ingest import build
from kb.index.removed import FOLDER, KEPT_DAYS, forget, keep, removed, sweep
from kb.library import find_sources
from kb.types import Document
from tests.fakes import HashedEmbedder

CATALOGUE = """
[[document]]
file = "2023/note.txt"
title = "The <b>note</b>"
edition = "2023"
date = "2023-03-22"
audience = ["cdo"]
"""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    documents = tmp_path / "documents"
    (documents / "2023").mkdir(parents=True)
    (documents / "2023" / "note.txt").write_text("# Venue\n\nThe workshop meets in room A.\n")
    (documents / "catalogue.toml").write_text(CATALOGUE)
    build(tmp_path / "index", find_sources([documents]), HashedEmbedder(), ChunkingConfig())
    return tmp_path / "index"


def only(index: Path) -> Document:
    [document] = open_index(index).documents()
    return document


def test_a_kept_document_reads_as_it_was(index: Path) -> None:
    document = only(index)
    assert keep(index, document)

    [entry] = removed(index)

    assert entry.document == document
    assert entry.source().read().id == document.id
    described = entry.source().describe(entry.source().read())
    assert (described.source, described.title, described.edition, described.date, described.audience) == (
        "2023/note.txt",
        "The <b>note</b>",
        "2023",
        "2023-03-22",
        ("cdo",),
    )


def test_a_document_without_its_file_is_not_kept(index: Path) -> None:
    document = only(index)
    for original in (index / "originals").glob("*.txt"):
        original.unlink()

    assert not keep(index, document)
    assert removed(index) == []


def test_what_was_kept_too_long_goes(index: Path) -> None:
    document = only(index)
    keep(index, document)
    about = index / FOLDER / document.id / "about.json"
    sweep(index)
    assert len(removed(index)) == 1

    long_ago = time.time() - (KEPT_DAYS + 1) * 86400
    os.utime(about, (long_ago, long_ago))
    sweep(index)

    assert removed(index) == []
    assert list((index / FOLDER).iterdir()) == []


def test_what_is_damaged_is_named_and_what_is_forgotten_is_gone(index: Path) -> None:
    document = only(index)
    keep(index, document)
    (index / FOLDER / document.id / "about.json").write_text("{")
    with pytest.raises(KBError, match=f"{document.id} is damaged"):
        removed(index)

    forget(index, [document.id])
    assert removed(index) == []
