"""Reads files of many kinds into Documents.

    load(path) -> content (read, check, decode)
               -> pdf | pictures | plain | csv_tables | sheets | slides | pandoc -> Parts -> Document

Files are untrusted: whatever is wrong with one ends in a DocumentError of one
sentence that names it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from kb.errors import DamagedDocument, DocumentError, EmptyDocument, UnsupportedFormat
from kb.loaders import content, pictures
from kb.loaders.csv_tables import load_csv
from kb.loaders.limits import MAX_LETTERS, MAX_REPEATED, SECONDS, Work
from kb.loaders.metadata import MAX_TITLE, clean_date, clean_edition, clean_title
from kb.loaders.pandoc import READERS, load_pandoc
from kb.loaders.pdf import load_pdf
from kb.loaders.plain import load_plain
from kb.loaders.slides import load_slides
from kb.loaders.structure import Part, is_junk, to_blocks
from kb.text import printable
from kb.types import Block, Document

__all__ = ["SUFFIXES", "load"]

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
SUFFIXES = frozenset({*READERS, *WORKBOOKS, *pictures.SUFFIXES, ".pdf", ".pptx", ".txt", ".csv", ".tsv"})
# What to do with kinds of files that people are likely to try.
ADVICE = {
    ".doc": "save it as .docx",
    ".ppt": "save it as .pptx",
    ".xls": "save it as .xlsx or .csv",
    ".xlsb": "save it as .xlsx or .csv",
    ".zip": "unpack it and add the files inside",
    **dict.fromkeys((".bmp", ".gif", ".heic", ".webp"), "save it as .png or .jpg"),
}


class Content(NamedTuple):
    """What a file says: its parts, its pages if it has any, its metadata by lower-case name.

    The rest is as on `Document`.
    """

    parts: list[Part]
    pages: int | None
    metadata: dict[str, str]
    without_text: tuple[int, ...] = ()
    recognised: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()


def load(
    path: Path, seconds: float = SECONDS, ocr: bool = True, told: Callable[[], None] = lambda: None
) -> Document:
    """Read a file into a Document.

    The id comes from the file's bytes, the title from its metadata, else from
    its first heading, else from its name. Raises UnsupportedFormat,
    EncryptedDocument, EmptyDocument, DamagedDocument, or DocumentError where
    the file cannot be read at all; a file that takes more than `seconds` of
    work counts as damaged. With `ocr` text recognition reads pages that are
    pictures; `told` is called before each, and the seconds begin anew for it.
    """
    name, suffix = path.name, path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _unsupported(name, suffix)
    data = content.read(path)
    content.check(name, suffix, data)
    try:
        found = _read(name, suffix, data, Work(seconds, ocr, told))
    except RecursionError as error:
        raise DocumentError(f"{name} is nested too deeply to be read; simplify it.") from error
    blocks = to_blocks(found.parts)
    _check(name, blocks)
    first = next((part.text for part in found.parts if part.kind == "heading"), "")
    title = (
        clean_title(found.metadata.get("title", "")) or printable(first[:MAX_TITLE]) or printable(path.stem)
    )
    return Document(
        id=hashlib.sha256(data).hexdigest()[:16],
        source=name,
        title=title,
        publisher=found.metadata.get("publisher") or None,
        date=clean_date(found.metadata),
        edition=clean_edition(title, path.stem),
        pages=found.pages,
        without_text=found.without_text,
        recognised=found.recognised,
        hidden=found.hidden,
        blocks=blocks,
    )


def _check(name: str, blocks: Sequence[Block]) -> None:
    """Raise DocumentError unless a file says something, in letters, and not too much of it."""
    if not blocks:
        raise EmptyDocument(f"{name} holds no text; check that it is the file you mean.")
    own = sum(len(block.text) for block in blocks)
    repeated = sum(len(block.lead or "") + sum(map(len, block.heading_path)) for block in blocks)
    if own > MAX_LETTERS or repeated > MAX_REPEATED:
        raise DocumentError(f"{name} holds too much text (about {own:,} letters); split it into parts.")
    if is_junk("".join(block.text for block in blocks)):
        raise DamagedDocument(
            f"{name} holds mostly signs that are no letters;"
            " save it again, or run text recognition (OCR) on it."
        )


def _read(name: str, suffix: str, data: bytes, work: Work) -> Content:
    if suffix == ".pdf":
        return Content(*load_pdf(name, data, work))
    if suffix in pictures.SUFFIXES:
        return Content(*pictures.load_pictures(name, data, work))
    if suffix == ".pptx":
        return Content(*load_slides(name, data))
    if suffix in READERS:
        read = load_pandoc(name, suffix, data, work.seconds)
        return Content(read.parts, None, read.metadata, hidden=read.hidden)
    if suffix in WORKBOOKS:
        from kb.loaders.sheets import load_workbook  # openpyxl takes a while to import

        return Content(*load_workbook(name, data, work.seconds))
    text = content.decode(name, data)
    if suffix == ".txt":
        pages = text.count("\f") + bool(text.rpartition("\f")[2].strip()) if "\f" in text else None
        return Content(load_plain(text), pages, {})
    try:
        return Content(load_csv(text, "\t" if suffix == ".tsv" else None), None, {})
    except csv.Error as error:
        raise DamagedDocument(f"{name} is no table of cells: {error}; save it as CSV again.") from error


def _unsupported(name: str, suffix: str) -> UnsupportedFormat:
    advice = ADVICE.get(suffix, f"use one of {', '.join(sorted(SUFFIXES))}")
    kind = f"{suffix} files" if suffix else "files without a suffix"
    return UnsupportedFormat(f"{name}: {kind} cannot be read; {advice}.")
