"""Reads files of many kinds into Documents: `load(path)`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kb.errors import EmptyDocument, UnsupportedFormat
from kb.loaders import content
from kb.loaders.pandoc import READERS, run_pandoc
from kb.loaders.pandoc_tree import load_tree, metadata
from kb.loaders.pdf import load_pdf
from kb.loaders.plain import load_plain
from kb.loaders.structure import Part, to_blocks
from kb.loaders.tables import load_csv
from kb.types import Document

SUFFIXES = frozenset({*READERS, ".pdf", ".txt", ".csv", ".tsv"})
SECONDS = 120.0


def load(path: Path, seconds: float = SECONDS) -> Document:
    name, suffix = path.name, path.suffix.lower()
    if suffix not in SUFFIXES:
        kinds = ", ".join(sorted(SUFFIXES))
        raise UnsupportedFormat(
            f"{name}: files of kind {suffix or 'without suffix'} cannot be read; use {kinds}."
        )
    data = content.read(path)
    content.check(name, suffix, data)
    meta: dict[str, str] = {}
    n = 0
    if suffix == ".pdf":
        pdf = load_pdf(name, data, seconds)
        parts, meta, n = pdf.parts, pdf.metadata, pdf.pages
    elif suffix in (".csv", ".tsv"):
        parts = load_csv(content.decode(name, data))
    elif suffix == ".txt":
        parts = load_plain(content.decode(name, data))
    else:
        if suffix not in content.ZIPPED:
            data2 = content.decode(name, data).encode()
        else:
            data2 = data
        tree = run_pandoc(name, data2, READERS[suffix], seconds)
        parts, meta = load_tree(tree), metadata(tree)
    if not parts:
        raise EmptyDocument(f"{name} holds no text; check the file.")
    title = meta.get("title") or next((p.text for p in parts if p.kind == "heading"), path.stem)
    pages = n or max((p.page or 0 for p in parts), default=0) or None
    return Document(
        hashlib.sha256(data).hexdigest()[:16],
        name,
        title,
        date=meta.get("date"),
        pages=pages,
        blocks=to_blocks(parts),
    )
