"""An index in a folder: whichever generation the file CURRENT names.

    CURRENT                 the name of the generation that answers
    generations/<name>/     that one, and the one before it for readers that are still open
    .lock                   held by the one process that writes

A commit builds a new generation aside and then replaces CURRENT, which the
file system does in one step; killed at any moment, the old one still answers.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import IndexDamaged, IndexMismatch, IndexMissing, KBError
from kb.index.changes import Plan, resolve
from kb.index.damage import damaged
from kb.index.digests import Pace
from kb.index.generation import NAME, Generation, IndexSettings
from kb.index.writing import build, sync_folder
from kb.lexicon import Lexicon
from kb.types import Changes, Document, Passage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

CURRENT, GENERATIONS, LOCK = "CURRENT", "generations", ".lock"

# What is raised over a full disk or a folder without rights: by Python and FAISS, SQLite, Tantivy.
UNWRITABLE = (OSError, sqlite3.Error, ValueError)


class FolderIndex:
    """A PassageIndex kept in a folder. Safe to use from several threads.

    It answers from the generation it was opened on until `apply` or `refresh`.
    """

    def __init__(self, folder: Path, reader: Generation) -> None:
        self.folder = folder
        self._reader = reader

    @property
    def generation(self) -> str:
        """The name of the generation that answers."""
        return self._reader.name

    @property
    def settings(self) -> IndexSettings:
        """What the index was made with."""
        return self._reader.manifest.settings

    @property
    def size(self) -> int:
        """The number of passages."""
        return self._reader.manifest.passages

    @property
    def _sound(self) -> Generation:
        """The generation, unless damage was found since it was opened; IndexDamaged."""
        if self._reader.damage:
            raise self._reader.damage
        return self._reader

    def documents(self) -> list[Document]:
        """Return every document, ordered by source."""
        return self._sound.catalogue.documents()

    def stored(self) -> list[Document]:
        """Return every document that is still on the disk: of this generation and of the one before."""
        before = self._reader.manifest.previous
        path = self.folder / GENERATIONS / (before or "")
        if before is None or not path.exists():
            return self.documents()
        return [*self.documents(), *Generation(path).catalogue.documents()]

    def search_vector(
        self, vector: Vectors, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to k (passage id, cosine), best first; only in `documents` if given."""
        reader = self._sound
        rows = None if documents is None else reader.catalogue.rows(documents)
        return _named(reader, reader.dense.search(vector, k, rows))

    def search_words(
        self, query: str, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25), best first; only in `documents` if given."""
        reader = self._sound
        return _named(reader, reader.words.search(query, k, documents))

    def fetch(self, ids: Sequence[str]) -> list[Passage]:
        """Return the passages with these ids, in the order of the ids; KBError for an unknown id."""
        return self._sound.catalogue.fetch(ids)

    def section(self, passage: Passage) -> list[Passage]:
        """Return the passages of the same document and heading path, in reading order."""
        return self._sound.catalogue.section(passage.document_id, passage.heading_path)

    def lexicon(self) -> Lexicon:
        """Return the words and acronyms of all passages."""
        return self._sound.lexicon

    def passages(self, document_id: str, first: int, most: int) -> list[Passage]:
        """Return up to `most` passages of a document in reading order, from the one with ordinal `first`."""
        return self._sound.catalogue.passages(document_id, first, most)

    def passages_by_document(self) -> dict[str, int]:
        """Return how many passages each document id has."""
        return self._sound.catalogue.passages_by_document()

    def vectors_by_key(self, keys: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each of these embedding keys that the index knows."""
        reader = self._sound
        rows = reader.catalogue.rows_by_key([key for key in keys if key])
        vectors = reader.dense.vectors(np.fromiter(rows.values(), np.int64, len(rows)))
        return dict(zip(rows, vectors, strict=True))

    def apply(self, changes: Changes) -> None:
        """Commit all of `changes` or nothing, on top of what is current when it begins."""
        with _writing(self.folder):
            self.refresh()
            base = self._reader
            # What is read from it gets new digests: damage must not get them too.
            base.verify()
            ids = [*changes.remove, *(document.id for document in changes.add)]
            present = base.catalogue.present(ids, [document.source for document in changes.add])
            plan = resolve(changes, present, base.manifest.settings.dimension)
            if not plan.empty:
                self._reader = _commit(self.folder, plan, base.manifest.settings, base)

    def refresh(self) -> bool:
        """Go on to the current generation and return whether that is another one; IndexUnusable."""
        if current(self.folder) == self.generation:
            return False
        self._reader = _open_current(self.folder)
        return True

    def verify(self, pace: Pace | None = None) -> None:
        """Compare every file of the generation with its digest while it is current; raises IndexUnusable.

        Once it has, nothing more is answered from this generation.
        """
        reader = self._reader
        try:
            reader.verify(pace)
        except IndexDamaged as error:
            # One that commits have swept away meanwhile is not damaged, and those who use it may end.
            if current(self.folder) == reader.name:
                reader.damage = error
                raise

    def try_out(self) -> None:
        """Search for a passage of the generation and fetch it; raises IndexDamaged."""
        self._sound.try_out()


def open_index(folder: Path, *, embedder: str | None = None, chunking: str | None = None) -> FolderIndex:
    """Open the index in `folder`, made with these digests if given.

    Raises IndexMissing, IndexDamaged or, for other digests, IndexMismatch.
    """
    reader = _open_current(folder)
    made = reader.manifest.settings
    rebuild = f"rebuild it with: kb build --index {folder}"
    if embedder not in (None, made.embedder):
        raise IndexMismatch(f"The index {folder} was made with another embedding model; {rebuild}")
    if chunking not in (None, made.chunking):
        raise IndexMismatch(f"The index {folder} was made with other [chunking] settings; {rebuild}")
    return FolderIndex(folder, reader)


def create_index(folder: Path, settings: IndexSettings, changes: Changes | None = None) -> FolderIndex:
    """Commit a generation that holds just `changes`, in place of whatever the folder held.

    An index that is already there answers until the commit; it may be damaged
    or made with other settings.
    """
    plan = resolve(changes or Changes(), (), settings.dimension)
    with _writing(folder):
        return FolderIndex(folder, _commit(folder, plan, settings, None))


def _named(reader: Generation, hits: list[tuple[int, float]]) -> list[tuple[str, float]]:
    ids = reader.catalogue.ids([row for row, _ in hits])
    return [(passage_id, score) for passage_id, (_, score) in zip(ids, hits, strict=True)]


def current(folder: Path) -> str:
    """Return the name in CURRENT; IndexMissing without one, IndexDamaged if it is no name."""
    try:
        name = (folder / CURRENT).read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissing(f"No index at {folder}; build it with: kb build --index {folder}") from error
    except (OSError, ValueError) as error:
        raise damaged(folder / GENERATIONS / CURRENT, error) from error
    if not NAME.fullmatch(name):
        raise damaged(folder / GENERATIONS / CURRENT, f"{CURRENT} names no generation")
    return name


def _open_current(folder: Path) -> Generation:
    name = current(folder)
    while True:
        try:
            return Generation(folder / GENERATIONS / name)
        except IndexDamaged:
            # Two commits since CURRENT was read may have removed it: then look again.
            before, name = name, current(folder)
            if name == before:
                raise


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # Others are asked in by whoever owns it.
        lock.acquire()
    except Timeout as error:
        raise KBError(
            f"Another process is writing to the index {folder}; try again when it is done."
        ) from error
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _unwritable(folder: Path, error: Exception) -> KBError:
    return KBError(
        f"Cannot write to the index {folder} ({error}); it is as it was before."
        " See that the disk has room and that you may write there."
    )


def _commit(folder: Path, plan: Plan, settings: IndexSettings, base: Generation | None) -> Generation:
    generations = folder / GENERATIONS
    try:
        before = base.name if base else _newest(generations)
        _sweep(generations, {before, base.manifest.previous} if base else {before})
        name = build(generations, plan, settings, base, before)
        made = _read_back(generations / name)
        _point(folder, name)
    except UNWRITABLE as error:
        raise _unwritable(folder, error) from error
    _sweep(generations, {name, before})
    return made


def _read_back(path: Path) -> Generation:
    """Open a generation that was just written and try it; KBError, and it is removed, if that cannot be."""
    try:
        made = Generation(path)
        made.try_out()
    except IndexDamaged as error:
        shutil.rmtree(path, ignore_errors=True)
        raise KBError(
            f"What was written to the index {path.parent.parent} cannot be read back ({error.reason});"
            " it is as it was before. See that the disk is sound; if it is, add the documents one by one"
            " and report the one that cannot be held."
        ) from error
    return made


def _newest(generations: Path) -> str | None:
    """Return the generation to count on from when CURRENT may be missing or damaged."""
    try:
        return current(generations.parent)
    except (IndexMissing, IndexDamaged):
        names = [path.name for path in generations.glob("*") if NAME.fullmatch(path.name)]
        return max(names, default=None)


def _sweep(generations: Path, keep: set[str | None]) -> None:
    """Remove other generations and what killed writers left behind."""
    for path in generations.glob("*"):
        if path.name not in keep:
            # What an open reader on Windows holds fast is removed by a later commit.
            shutil.rmtree(path, ignore_errors=True)


def _point(folder: Path, name: str) -> None:
    """Let CURRENT name another generation, in one step."""
    aside = folder / f"{CURRENT}.new"
    with aside.open("w", encoding="ascii") as file:
        file.write(f"{name}\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, folder / CURRENT)
    sync_folder(folder)
