"""Documents that were removed or replaced: their files and what was said of them, kept for a while.

    removed/<document id>/original/<name>   the file that it was read from
    removed/<document id>/about.json        the document without its blocks

One that is put back has the same id, title, date and edition as before.
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

from kb.errors import KBError
from kb.index.originals import find
from kb.library import FIELDS, Source
from kb.types import Document

FOLDER, ABOUT, FILE, SCRATCH = "removed", "about.json", "original", ".new-"
KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Removed:
    """A document that can be put back, its file, and when it was removed (seconds since 1970)."""

    document: Document
    path: Path
    when: float

    def source(self) -> Source:
        """Return what the index is to read again."""
        return Source(self.path, self.document.source, described(self.document))


def described(document: Document) -> dict[str, object]:
    """Return all that a catalogue may say of a document, as the index has it."""
    return {name: getattr(document, name) for name in FIELDS}


def keep(index: Path, document: Document) -> bool:
    """Copy a document's file aside before it leaves the index; False if the index has no file of it."""
    original = find(index, document.id)
    if original is None:
        return False
    try:
        _write(index / FOLDER, original, document)
    except OSError as error:
        raise KBError(
            f"Cannot keep a copy of {document.source} in {index / FOLDER} ({error}), so it stays as it is."
            " See that the disk has room and that you may write there."
        ) from error
    return True


def _write(folder: Path, original: Path, document: Document) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=SCRATCH, dir=folder))
    try:
        (aside / FILE).mkdir()
        shutil.copyfile(original, aside / FILE / PurePosixPath(document.source).name)
        values = {name: value for name, value in asdict(document).items() if name != "blocks"}
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
        document = Document(**{**values, "audience": tuple(values["audience"])})
        [path] = (about.parent / FILE).iterdir()
        return Removed(document, path, about.stat().st_mtime)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise KBError(f"{about.parent} is damaged ({error}); remove that folder.") from error


def forget(index: Path, documents: Iterable[str]) -> None:
    """Remove what is kept of these documents."""
    for document in documents:
        shutil.rmtree(index / FOLDER / document, ignore_errors=True)


def sweep(index: Path) -> None:
    """Remove what was kept for longer than KEPT_DAYS."""
    oldest = time.time() - KEPT_DAYS * 86400
    forget(index, [entry.document.id for entry in removed(index) if entry.when < oldest])
