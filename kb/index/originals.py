"""The files that an index was made from, kept beside its generations.

    originals/<document id><suffix>     the bytes that a document was read from
    originals/<document id><suffix>.pdf the pages of an Office file, as LibreOffice laid them out
    originals/.new-*/                   copies whose documents are not committed yet
    originals/.new-*.lock               held by the process that gathers them for as long as it lives
    originals/.lock                     held while copies become final and others go

A picture of a cited page is drawn from here, whatever has become of the file
since. A copy is final before the commit that brings its document, and goes
with the next build or removal (`kb.index.ingest`) that finds its document in
neither the generation that answers then nor the one before.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from kb.errors import DocumentError, KBError
from kb.index import office
from kb.types import Document

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER, LOCK, SCRATCH = "originals", ".lock", ".new-"
LAID_OUT = ".pdf"
# Whoever waits this long for another commit waits in vain.
LOCK_SECONDS = 600
BLOCK = 2**20


def find(index: Path, document_id: str) -> Path | None:
    """Return the copy of the file that a document was read from, if the index in a folder has one.

    Indexes of earlier versions have none, nor have documents that were no files.
    """
    # An id that is none may come from an address; it names no file elsewhere.
    found = (index / FOLDER).glob(f"{document_id}.*") if document_id.isalnum() else ()
    return next(iter(sorted(found)), None)


def laid_out(copy: Path) -> Path:
    """Return where the pages of an Office file lie that LibreOffice has laid out, beside its copy."""
    return copy.with_name(copy.name + LAID_OUT)


def is_laid_out(path: Path) -> bool:
    """Tell whether a path is that of pages laid out, not of a file that was read."""
    return len(path.suffixes) > 1


class Originals:
    """Copies of files on their way into the index in a folder; made by `gathering`."""

    def __init__(self, index: Path) -> None:
        self._index, self._folder = index, index / FOLDER
        self._aside: Path | None = None
        self._alive: BaseFileLock | None = None

    def take(self, path: Path, document: Document) -> None:
        """Copy aside the file that a document was read from, unless the index has it.

        Raises DocumentError if the file is not the one that was read, and
        KBError where the index cannot be written to.
        """
        name = _name(document)
        try:
            if is_whole(self._folder / name, document.id):
                return
            aside = self._aside or self._open()
            digest = _copy(path, aside / name)
        except OSError as error:
            raise (_unwritable(self._index, error) if path.exists() else _changed(path)) from error
        if not digest.startswith(document.id):
            (aside / name).unlink()
            raise _changed(path)

    def lay_out(self, path: Path, document: Document) -> Path:
        """Return the pages of an Office file as a PDF; LibreOffice makes it unless the index has it.

        Raises DocumentError if it cannot, and KBError where the index cannot be written to.
        """
        kept = laid_out(self._folder / _name(document))
        if kept.is_file():
            return kept
        try:
            made = laid_out((self._aside or self._open()) / _name(document))
            office.lay_out(path, made)
        except OSError as error:
            raise _unwritable(self._index, error) from error
        return made

    def _open(self) -> Path:
        """Make the folder for copies; it is locked first, so that nobody takes it for an abandoned one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        aside = self._folder / f"{SCRATCH}{uuid4().hex[:8]}"
        self._alive = _lock_of(aside)
        self._alive.acquire()
        aside.mkdir()
        self._aside = aside
        return aside

    @contextmanager
    def published(self) -> Iterator[None]:
        """Make the copies final for the commit that is made inside; one process at a time comes here."""
        if self._aside is None and not self._folder.exists():
            yield
            return
        with _locked(self._index):
            for copy in sorted(self._aside.iterdir()) if self._aside else ():
                os.replace(copy, self._folder / copy.name)
            yield

    def keep_only(self, documents: Iterable[Document]) -> None:
        """Remove every final copy but those of these documents; to be called inside `published`.

        What processes that were killed have left of theirs goes too.
        """
        copies = [Path(_name(document)) for document in documents]
        names = {copy.name for copy in copies} | {laid_out(copy).name for copy in copies}
        for path in self._folder.glob("[!.]*"):
            if path.name not in names:
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f"{SCRATCH}*/"):
            if path != self._aside:
                _remove_abandoned(path)

    def discard(self) -> None:
        """Remove the copies that were not published."""
        if self._aside is not None:
            shutil.rmtree(self._aside, ignore_errors=True)
        if self._alive is not None:
            _let_go(self._alive)


@contextmanager
def gathering(index: Path) -> Iterator[Originals]:
    """Gather copies for the index in a folder; what was not published by the end is removed."""
    originals = Originals(index)
    try:
        yield originals
    finally:
        originals.discard()


def _name(document: Document) -> str:
    return document.id + Path(document.source).suffix.lower()


def is_whole(copy: Path, document_id: str) -> bool:
    """Tell whether there is a copy of a document's file, and it holds the bytes that were read."""
    try:
        with copy.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest().startswith(document_id)
    except OSError:
        return False


def _lock_of(aside: Path) -> BaseFileLock:
    from filelock import FileLock

    return FileLock(f"{aside}{LOCK}", timeout=0)


def _let_go(lock: BaseFileLock) -> None:
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


def _remove_abandoned(aside: Path) -> None:
    """Remove a folder of copies, unless the process that gathers them still lives and so holds its lock."""
    from filelock import Timeout

    lock = _lock_of(aside)
    try:
        lock.acquire()
    except (Timeout, OSError):
        return
    shutil.rmtree(aside, ignore_errors=True)
    _let_go(lock)


def _copy(path: Path, target: Path) -> str:
    """Copy a file, bring the copy to the disk, and return the SHA-256 of what was copied."""
    digest = hashlib.sha256()
    with path.open("rb") as source, target.open("wb") as copy:
        while block := source.read(BLOCK):
            digest.update(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


@contextmanager
def _locked(index: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(index / FOLDER / LOCK, timeout=LOCK_SECONDS)
    try:
        lock.acquire()
    except Timeout as error:
        raise KBError(f"Another process has been writing to the index {index} for too long.") from error
    except OSError as error:
        raise _unwritable(index, error) from error
    try:
        yield
    finally:
        lock.release()


def _changed(path: Path) -> DocumentError:
    return DocumentError(f"{path.name} changed while it was being read; add it again when it is done.")


def _unwritable(index: Path, error: OSError) -> KBError:
    return KBError(
        f"Cannot write to the index {index} ({error}); it is as it was before."
        " See that the disk has room and that you may write there."
    )
