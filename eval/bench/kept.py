"""Indexes of made-up libraries, built once through the index's public face and kept for later runs.

    python -m eval.bench.kept SIZE FOLDER

builds the library of SIZE passages in FOLDER, in a process of its own so that
its memory can be told.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from eval.bench.processes import run
from eval.bench.synthetic import Library
from eval.console import Progress
from kb.index import FolderIndex, IndexSettings, create_index, open_index

# Raised when libraries are made another way: those kept from before are then built again.
VERSION = 1


def kept_index(size: int, kept: Path, progress: Progress) -> dict[str, Any]:
    """Return where the index of so many passages lies and what building it took; builds it if need be."""
    folder, note = kept.resolve() / str(size), kept.resolve() / f"{size}.json"
    if not (known := _known(note, folder, size)):
        progress(f"asking: building a library of {size:,} passages", 0, 1)
        kept.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        _, cost = run([sys.executable, "-m", "eval.bench.kept", str(size), str(folder)])
        known = {"version": VERSION, "index": str(folder), "build": cost.as_dict(), "disk_mb": _size(folder)}
        note.write_text(json.dumps(known), encoding="utf-8")
    return known


def _known(note: Path, folder: Path, size: int) -> dict[str, Any]:
    """Return what was noted of a kept index that fits; nothing if there is none."""
    from kb.errors import IndexUnusable

    if not note.exists():
        return {}
    known: dict[str, Any] = json.loads(note.read_text(encoding="utf-8"))
    try:
        settings = index_settings()
        index = open_index(folder, embedder=settings.embedder, chunking=settings.chunking)
    except IndexUnusable:
        return {}
    return known if known["version"] == VERSION and index.size == size else {}


def index_settings() -> IndexSettings:
    """Return the settings of an index that the assistant opens: those of the configured model."""
    from kb.chunking import chunking_digest
    from kb.config import load_config
    from kb.embedding import load_embedder

    config = load_config()
    embedder = load_embedder(config.embedding)
    return IndexSettings(embedder.digest, chunking_digest(config.chunking), embedder.dimension)


def build(library: Library, folder: Path, settings: IndexSettings) -> FolderIndex:
    """Commit a library, one batch after another."""
    changes = library.changes()
    index = create_index(folder, settings, next(changes))
    for batch in changes:
        index.apply(batch)
    return index


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


if __name__ == "__main__":
    made_with = index_settings()
    build(Library(int(sys.argv[1]), made_with.dimension), Path(sys.argv[2]), made_with)
