"""PDF files, read with pdfium: text with its places, bookmarks, page labels and metadata."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from kb.errors import DamagedDocument, EmptyDocument, EncryptedDocument
from kb.loaders.pdf_blocks import read_parts
from kb.loaders.pdf_fractions import fold_fractions
from kb.loaders.pdf_furniture import Page, drop_contents, drop_furniture
from kb.loaders.pdf_headings import Bookmark
from kb.loaders.pdf_page import PageReader
from kb.loaders.pdf_tables import read_tables
from kb.loaders.structure import Part, squeeze

MAX_BOOKMARKS = 5000


class Pdf(NamedTuple):
    """What a PDF holds: its parts, the number of its pages, and its metadata by lower-case name."""

    parts: list[Part]
    pages: int
    metadata: dict[str, str]


def load_pdf(name: str, data: bytes, seconds: float) -> Pdf:
    """Read a PDF into parts; raises a DocumentError if it is encrypted, damaged or without text."""
    import pypdfium2

    deadline = time.monotonic() + seconds
    with _opened(name, data) as pdf:
        try:
            pages = [_read_page(name, pdf, at, deadline) for at in range(len(pdf))]
            bookmarks, metadata = _bookmarks(pdf), pdf.get_metadata_dict()
        except pypdfium2.PdfiumError as error:
            raise DamagedDocument(f"{name} is damaged: a page cannot be read; get a fresh copy.") from error
    if not any(page.fragments or page.tables for page in pages):
        raise EmptyDocument(
            f"{name} holds no text: its pages are images and need text recognition (OCR) first."
        )
    whole = [page.fragments for page in pages]
    for page in pages:
        drop_contents(page)
    drop_furniture(pages)
    if not any(page.fragments or page.tables for page in pages):
        for page, fragments in zip(pages, whole, strict=True):
            page.fragments = fragments  # a document of headers, or of contents, alone
    parts = read_parts(pages, bookmarks)
    return Pdf(parts, len(pages), {key.lower(): squeeze(value) for key, value in metadata.items()})


@contextmanager
def _opened(name: str, data: bytes) -> Iterator[Any]:
    """Open a PDF, trying an empty password, and close it at the end."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedDocument(f"{name} needs a password; save a copy without one.") from error
        raise DamagedDocument(
            f"{name} is damaged and cannot be opened as a PDF; get a fresh copy."
        ) from error
    try:
        yield pdf
    finally:
        pdf.close()


def _read_page(name: str, pdf: Any, at: int, deadline: float) -> Page:  # noqa: ANN401 - pypdfium2 has no types
    if time.monotonic() > deadline:
        raise DamagedDocument(
            f"{name} takes too long to read (page {at + 1} of {len(pdf)}); split it into parts."
        )
    reader = PageReader(pdf[at])
    try:
        fragments = reader.fragments()
        rules = reader.rules() if fragments else []
        tables, rest = read_tables(reader, fragments, rules)
        rest = fold_fractions(rest, rules)
        return Page(at + 1, pdf.get_page_label(at) or None, reader.width, reader.height, rest, tables)
    finally:
        reader.close()


def _bookmarks(pdf: Any) -> list[Bookmark]:  # noqa: ANN401 - pypdfium2 has no types
    found: list[Bookmark] = []
    for entry in pdf.get_toc(max_depth=8):
        place = entry.get_dest()
        page = place.get_index() if place else None
        if page is not None and len(found) < MAX_BOOKMARKS:
            found.append(Bookmark(squeeze(entry.get_title()), entry.level + 1, page + 1))
    return found
