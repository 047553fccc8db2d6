"""Documents that were removed, replaced or hidden: their files and what was said of them.

    removed/<document id>/original/<name>   the file that it was read from
    removed/<document id>/about.json        the document without its blocks; why it is hidden, if it is

One that is put back has the same id, title, date and edition as before. What
was removed is kept for a while, what is hidden until somebody shows it again.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from kb.errors import DocumentError, KBError
from kb.index.originals import find
from kb.library import FIELDS, Source
from kb.types import LISTS, Document

FOLDER, ABOUT, FILE, SCRATCH = "removed", "about.json", "original", ".new-"
KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class KeptFile(Source):
    """The file that a document of the index was read from: read again, it is that same document."""

    document_id: str = ""

    def describe(self, document: Document) -> Document:
        """Describe what was read as before; DocumentError if the kept file is no longer what it was."""
        if document.id != self.document_id:
            raise DocumentError(f"The file kept of {self.name} is damaged; add its file again.")
        return Source.describe(self, document)


def kept_file(path: Path, document: Document) -> KeptFile:
    """Return a file kept of a document as what the index is to read again."""
    return KeptFile(path, document.source, described(document), document.id)


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that can be put back, its file, and when it was removed (seconds since 1970).

    One that is hidden has a `reason`.
    """

    document: Document
    path: Path
    when: float
    reason: str = ""

    def source(self) -> Source:
        """Return what the index is to read again."""
        return kept_file(self.path, self.document)


def described(document: Document) -> dict[str, object]:
    """Return all that a catalogue may say of a document, as the index has it."""
    return {name: getattr(document, name) for name in FIELDS}


def keep(index: Path, document: Document, reason: str = "") -> bool:
    """Copy a document's file aside before it leaves the index; False if the index has no file of it.

    With a reason the document is hidden rather than removed.
    """
    original = find(index, document.id)
    if original is None:
        return False
    try:
        _write(index / FOLDER, original, document, reason)
    except OSError as error:
        raise KBError(
            f"Cannot keep a copy of {document.source} in {index / FOLDER} ({error}), so it stays as it is."
            " See that the disk has room and that you may write there."
        ) from error
    return True


def _write(folder: Path, original: Path, document: Document, reason: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=folder))
    try:
        (aside / FILE).mkdir()
        shutil.copyfile(original, aside / FILE / PurePosixPath(document.source).name)
        values = {name: value for name, value in asdict(document).items() if name != "blocks"}
        if reason:
            values["reason"] = reason
        (aside / ABOUT).write_text(json.dumps(values), encoding="utf-8")
        forget(folder.parent, [document.id])
        os.rename(aside, folder / document.id)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def removed(index: Path) -> list[Removed]:
    """Return the documents that can be put back, the last one removed first."""
    found = [_read(path) for path in (index / FOLDER).glob(f"[!.]*/{ABOUT}")]
    return sorted(found, key=lambda entry: -entry.when)


def _read(about: Path) -> Removed:
    try:
        values = json.loads(about.read_text(encoding="utf-8"))
        reason = str(values.pop("reason", ""))
        lists = {name: tuple(values.get(name, ())) for name in LISTS}
        document = Document(**{**values, **lists})
        [path] = (about.parent / FILE).iterdir()
        return Removed(document, path, about.stat().st_mtime, reason)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise KBError(f"{about.parent} is damaged ({error}); remove that folder.") from error


def forget(index: Path, documents: Iterable[str]) -> None:
    """Remove what is kept of these documents."""
    for document in documents:
        shutil.rmtree(index / FOLDER / document, ignore_errors=True)


def sweep(index: Path) -> None:
    """Remove what was kept for longer than KEPT_DAYS, but nothing that is hidden."""
    oldest = time.time() - KEPT_DAYS * 86400
    old = (entry for entry in removed(index) if entry.when < oldest and not entry.reason)
    forget(index, [entry.document.id for entry in old])


class Hidden:
    """What is hidden from an index that holds some documents; these are not hidden, nor are their names."""

    def __init__(self, index: Path, held: Iterable[Document]) -> None:
        held = tuple(held)
        ids, names = {document.id for document in held}, {document.source for document in held}
        entries = [entry for entry in removed(index) if entry.reason and entry.document.id not in ids]
        self._by_id = {entry.document.id: entry for entry in entries}
        self._by_name = {e.document.source: e for e in entries if e.document.source not in names}

    def refuse(self, source: Source, document: Document) -> None:
        """Raise DocumentError if a file says what a hidden document says, or has the name of one.

        The file kept of a document is let through: by it alone one is shown again.
        """
        if isinstance(source, KeptFile):
            return
        entry = self._by_id.get(document.id) or self._by_name.get(document.source)
        if entry is None:
            return
        name, other = document.source, entry.document.source
        what = name if other == name else f"{name} has the same content as {other}, which"
        instead = ", or give another document a name of its own" if entry.document.id != document.id else ""
        raise DocumentError(
            f'{what} is hidden ("{entry.reason}"); show it again in the Library first{instead}.'
        )
