"""The files that an index was made from, kept beside its generations.

    originals/<document id><suffix>     the bytes that a document was read from
    originals/.new-*/                   copies whose documents are not committed yet
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
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import DocumentError, KBError
from kb.types import Document

FOLDER, LOCK, SCRATCH = "originals", ".lock", ".new-"
# Whoever waits this long for another commit waits in vain.
LOCK_SECONDS = 600
# An older folder of copies is what a process that was killed has left.
ABANDONED_SECONDS = 7 * 86400
BLOCK = 2**20


def find(index: Path, document_id: str) -> Path | None:
    """Return the copy of the file that a document was read from, if the index in a folder has one.

    Indexes of earlier versions have none, nor have documents that were no files.
    """
    # An id that is none may come from an address; it names no file elsewhere.
    found = (index / FOLDER).glob(f"{document_id}.*") if document_id.isalnum() else ()
    return next(iter(sorted(found)), None)


class Originals:
    """Copies of files on their way into the index in a folder; made by `gathering`."""

    def __init__(self, index: Path) -> None:
        self._index, self._folder = index, index / FOLDER
        self._aside: Path | None = None

    def take(self, path: Path, document: Document) -> None:
        """Copy aside the file that a document was read from, unless the index has it.

        Raises DocumentError if the file is not the one that was read, and
        KBError where the index cannot be written to.
        """
        name = _name(document)
        try:
            if _is_copied(path, self._folder / name):
                return
            if self._aside is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._aside = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=self._folder))
            digest = _copy(path, self._aside / name)
        except OSError as error:
            raise (_unwritable(self._index, error) if path.exists() else _changed(path)) from error
        if not digest.startswith(document.id):
            (self._aside / name).unlink()
            raise _changed(path)

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
        """Remove every final copy but those of these documents; to be called inside `published`."""
        names = {_name(document) for document in documents}
        for path in self._folder.glob("[!.]*"):
            if path.name not in names:
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f"{SCRATCH}*"):
            if path != self._aside and time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def discard(self) -> None:
        """Remove the copies that were not published."""
        if self._aside is not None:
            shutil.rmtree(self._aside, ignore_errors=True)


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


def _is_copied(path: Path, copy: Path) -> bool:
    """Tell whether there is a copy; one that a failing disk has cut short is none."""
    return copy.is_file() and copy.stat().st_size == path.stat().st_size


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
