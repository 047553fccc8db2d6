"""What is whole of a damaged index is used again, and nothing else is."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.config import ChunkingConfig
from kb.index import ingest, open_index
from kb.index.ingest import Report, build
from kb.index.removed import keep
from kb.index.rescue import kept_files
from kb.library import find_sources
from tests.fakes import HashedEmbedder

PASSAGES = 100
EMBEDDER = HashedEmbedder()
# Bytes of a vector.
ROW = 4 * EMBEDDER.dimension


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    parts = (f"# Part {n}\n\nThe rule of part {n} is number{n}.\n\n" for n in range(PASSAGES))
    (tmp_path / "documents" / "long.md").write_text("".join(parts), encoding="utf-8")
    (tmp_path / "documents" / "note.md").write_text("The note is short.\n", encoding="utf-8")
    rebuilt(tmp_path)
    return tmp_path


def rebuilt(folder: Path) -> Report:
    sources = find_sources([folder / "documents"])
    return build(folder / "index", sources, EMBEDDER, ChunkingConfig())


def change(folder: Path, name: str, where: Callable[[bytes], int], count: int = 1) -> None:
    """Damage some bytes of a file of the generation that answers."""
    [path] = (folder / "index" / "generations" / open_index(folder / "index").generation).glob(name)
    data = bytearray(path.read_bytes())
    at = where(bytes(data))
    data[at : at + count] = bytes(byte ^ 255 for byte in data[at : at + count])
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("name", "where", "count", "lost"),
    [
        ("parts/*/vectors.npy", lambda data: len(data) - 5 * ROW, 1, 1),
        ("parts/*/vectors.npy", lambda data: len(data) - 5 * ROW, 3 * ROW, 3),
        # The header, which says what kind of numbers follow.
        ("parts/*/vectors.npy", lambda data: 20, 30, 0),
        ("parts/*/catalogue.sqlite", lambda data: data.index(b"number42"), 3, 1),
        ("words/*.term", lambda data: 0, 9, 0),
        ("lexicon.json", lambda data: 0, 9, 0),
        ("manifest.json", lambda data: 0, 9, PASSAGES + 1),
    ],
)
def test_only_what_is_damaged_is_encoded_again(
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    name: str,
    where: Callable[[bytes], int],
    count: int,
    lost: int,
) -> None:
    change(folder, name, where, count)
    report = rebuilt(folder)
    assert (report.encoded, report.passages) == (lost, PASSAGES + 1)
    [record] = caplog.records
    assert "is damaged (" in record.message
    assert f"is built anew; {PASSAGES + 1 - lost} vectors of it are whole" in record.message
    index = open_index(folder / "index")
    [title] = [document.title for document in index.documents() if document.source == "long.md"]
    for n in (0, 42, PASSAGES - 1):
        text = f"{title} > Part {n}\nPart {n}\nThe rule of part {n} is number{n}."
        [(found, _)] = index.search_vector(EMBEDDER.encode([text])[0], 1)
        assert f"number{n}." in index.fetch([found])[0].text


@pytest.mark.parametrize(("cut", "lost"), [(5 * ROW // 2, 3), ((PASSAGES + 1) * ROW, PASSAGES + 1)])
def test_vectors_before_the_end_of_a_file_that_was_cut_are_used_again(
    folder: Path, cut: int, lost: int
) -> None:
    [path] = (folder / "index").glob("generations/*/parts/*/vectors.npy")
    os.truncate(path, path.stat().st_size - cut)
    assert rebuilt(folder).encoded == lost


def test_what_is_hidden_does_not_come_back_with_the_generation_before(folder: Path) -> None:
    index = open_index(folder / "index")
    [note] = [document for document in index.documents() if document.source == "note.md"]
    assert keep(folder / "index", note, "It is a draft.")
    ingest.remove(folder / "index", [note.id])
    assert kept_files(folder / "index") == ([], [])

    change(folder, "manifest.json", lambda data: 0)
    files, without = kept_files(folder / "index")
    assert [file.name for file in files] == ["long.md"]
    assert without == []
