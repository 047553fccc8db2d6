"""What of an index that cannot be read is whole: its documents, copies of their files, vectors.

Every row and every vector has a digest of its own, so that what is damaged
costs little more than itself, and nothing that is damaged is used again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.errors import IndexDamaged, IndexUnusable
from kb.index.damage import DAMAGE
from kb.index.dense import VECTORS, left_of
from kb.index.digests import of_vector, whole
from kb.index.folder import GENERATIONS, current, open_index
from kb.index.generation import NAME, IndexSettings, Manifest
from kb.index.originals import find, is_whole
from kb.index.parts import Part
from kb.index.records import CATALOGUE, DOCUMENT, PASSAGE, read_document, unchanging
from kb.index.removed import KeptFile, kept_file, removed
from kb.types import Document

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Rows that are asked for at once, and so are lost with a page of a catalogue that cannot be read.
ROWS = 32


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of an index; `vectors` has a vector for each embedding key."""

    vectors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def vectors_by_key(self, keys: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each of these embedding keys that is left."""
        return {key: self.vectors[key] for key in keys if key in self.vectors}


def remains(folder: Path, settings: IndexSettings) -> Remains:
    """Return what is whole of the index in a folder, and was made by the model of these settings."""
    made = [*_manifests(folder, settings.embedder)]
    vectors = {
        key: vector
        for path, manifest in made
        for part in manifest.parts
        for key, vector in _vectors(path / part.name, part, settings.dimension)
    }
    return Remains(vectors)


def documents(folder: Path) -> list[Document]:
    """Return the documents that an index held, as far as their rows are whole.

    They are those of the generation that answers. If it is not known what that
    holds they are those of the one before, but for what is hidden or kept as removed.
    """
    for path, manifest in _manifests(folder):
        rows = (_documents(path / part.name, part, manifest.documents) for part in manifest.parts)
        gone = set() if path.name == _answering(folder) else {entry.document.id for entry in removed(folder)}
        held = (document for document in chain.from_iterable(rows) if document.id not in gone)
        return sorted(held, key=lambda document: document.source)
    return []


def kept_files(folder: Path) -> tuple[list[KeptFile], list[str]]:
    """Return the whole copies of the files of an index that is damaged, and the names of those without.

    There are none of an index that can be read, or that another version or model has made.
    """
    try:
        index = open_index(folder)
        index.verify()
        index.try_out()
        return [], []
    except IndexDamaged:
        held = documents(folder)
    except IndexUnusable:
        return [], []
    copies = {d.id: path for d in held if (path := find(folder, d.id)) and is_whole(path, d.id)}
    files = [kept_file(copies[d.id], d) for d in held if d.id in copies]
    return files, [d.source for d in held if d.id not in copies]


def _answering(folder: Path) -> str:
    try:
        return current(folder)
    except IndexUnusable:
        return ""


def _manifests(folder: Path, embedder: str | None = None) -> Iterator[tuple[Path, Manifest]]:
    """Yield each generation whose manifest is whole, the one that answers first, then the newest."""
    name = _answering(folder)
    paths = [path for path in (folder / GENERATIONS).glob("*") if NAME.fullmatch(path.name)]
    for path in sorted(paths, key=lambda path: (path.name == name, path.name), reverse=True):
        try:
            manifest = Manifest.read(path)
        except (*DAMAGE, IndexUnusable):
            continue
        if embedder in (None, manifest.settings.embedder):
            yield path, manifest


def _documents(folder: Path, part: Part, most: int) -> Iterator[Document]:
    end = most + len(part.gone) + 1
    for row in _rows(folder, f"SELECT {DOCUMENT} FROM documents", 1, end):
        if (document := read_document(row)).id not in part.gone:
            yield document


def _vectors(folder: Path, part: Part, dimension: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield key and vector of each row of a part of which both are whole."""
    try:
        vectors = left_of(folder / VECTORS, part.rows, dimension)
    except DAMAGE:
        return
    end = part.first + len(vectors)
    for *row, number in _rows(folder, f"SELECT {PASSAGE}, row FROM passages", part.first, end, 1):
        *_, key, digest, _ = row
        vector = np.array(vectors[number - part.first])
        if key and of_vector(vector) == digest:
            yield key, vector


def _rows(folder: Path, query: str, first: int, end: int, more: int = 0) -> Iterator[Sequence[Any]]:
    """Yield the rows of a catalogue that are whole; `more` columns follow their digest."""
    with closing(sqlite3.connect(":memory:", uri=True)) as database:
        database.text_factory = lambda text: text.decode(errors="replace")
        try:
            database.execute("ATTACH ? AS part", (unchanging(folder / CATALOGUE),))
        except DAMAGE:
            return
        for start in range(first, end, ROWS):
            ends = (start, min(start + ROWS, end))
            try:
                found = database.execute(f"{query} WHERE rowid >= ? AND rowid < ?", ends).fetchall()
            except DAMAGE:
                continue
            yield from (row for row in found if _is_whole(row[: len(row) - more]))


def _is_whole(row: Sequence[Any]) -> bool:
    try:
        whole(row)
    except ValueError:
        return False
    return True
