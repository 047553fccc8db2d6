"""A PDF from its first byte to its parts: pdfium reads the pages, pypdf the outline."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from kb.errors import DamagedDocument, EmptyDocument
from kb.loaders.pdf.blocks import read_parts
from kb.loaders.pdf.contents import drop_contents
from kb.loaders.pdf.fields import read_fields
from kb.loaders.pdf.fractions import fold_fractions
from kb.loaders.pdf.furniture import Page, drop_furniture
from kb.loaders.pdf.line_numbers import drop_line_numbers
from kb.loaders.pdf.opening import opened
from kb.loaders.pdf.outline import Outline, read_outline
from kb.loaders.pdf.page import PageReader, Shown
from kb.loaders.pdf.shapes import with_bullets, without_struck
from kb.loaders.pdf.tables import Table, read_tables
from kb.loaders.structure import Part, is_junk
from kb.types import said_pages

# What a PDF without any text holds instead, by what its pages show, and what to do.
REASONS: dict[Shown, str] = {
    "image": "its pages are images and need text recognition (OCR) first",
    "drawing": "its pages are drawn without letters and need text recognition (OCR) first",
    "junk": "its fonts do not say which letters they show, so it needs text recognition (OCR) first",
    "hidden": "its letters are invisible, too small to be read or lie outside its pages, so nobody sees them",
    "": "its pages are blank; check that it is the file you mean",
}


class Pdf(NamedTuple):
    """What a PDF holds: its parts, the number of its pages, its metadata by lower-case name, its gaps.

    `without_text` names the pages that show something but hold no text; the rest is as on `Document`.
    """

    parts: list[Part]
    pages: int
    metadata: dict[str, str]
    without_text: tuple[int, ...] = ()
    recognised: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()


def load_pdf(name: str, data: bytes, seconds: float) -> Pdf:
    """Read a PDF into parts; raises a DocumentError if it is encrypted, damaged or without text."""
    import pypdfium2

    deadline = time.process_time() + seconds
    outline = read_outline(name, data)
    with opened(name, data) as pdf:
        try:
            if pdf.get_formtype():
                pdf.init_forms()
            pages: list[Page] = []
            for at in range(len(pdf)):
                pages.append(_read_page(name, pdf, at, outline, deadline, pages[-1].tables if pages else ()))
        except pypdfium2.PdfiumError as error:
            raise DamagedDocument(f"{name} is damaged: a page cannot be read; get a fresh copy.") from error
    if not any(page.fragments or page.tables for page in pages):
        shown = {page.shown for page in pages}
        raise EmptyDocument(f"{name} holds no text: {next(r for s, r in REASONS.items() if s in shown)}.")
    without_text = tuple(page.number for page in pages if page.shown)
    whole = [page.fragments for page in pages]
    drop_line_numbers(pages)
    drop_contents(pages)
    drop_furniture(pages)
    if not any(page.fragments or page.tables for page in pages):
        for page, fragments in zip(pages, whole, strict=True):
            page.fragments = fragments  # a document of headers, or of contents, alone
    parts = read_parts(pages, outline.bookmarks)
    return Pdf(parts, len(pages), outline.metadata, without_text, hidden=tuple(_hidden(pages)))


def _hidden(pages: Sequence[Page]) -> Iterator[str]:
    """Yield what the pages hold and do not show, as people say it."""
    for kind in ("invisible", "struck-out"):
        if numbers := [page.number for page in pages if kind in page.hides]:
            yield f"{kind} text on {said_pages(numbers)}"


def _read_page(
    name: str,
    pdf: Any,  # noqa: ANN401 - pypdfium2 has no types
    at: int,
    outline: Outline,
    deadline: float,
    before: Sequence[Table],
) -> Page:
    if time.process_time() > deadline:
        raise DamagedDocument(
            f"{name} takes too long to read (page {at + 1} of {len(pdf)}); split it into parts."
        )
    reader = PageReader(pdf[at], outline.layers)
    try:
        fragments = reader.fragments()
        shown: Shown = "" if fragments else reader.shown()
        if is_junk("".join(fragment.text for fragment in fragments)):
            fragments, shown = [], "junk"
        filled, strokes = read_fields(reader.page, reader.place)
        rules, dots = reader.shapes() if fragments else ([], [])
        fragments, struck = without_struck(reader, fragments, [*rules, *strokes])
        fragments = [*with_bullets(fragments, dots), *filled]
        tables, rest = read_tables(reader, fragments, rules, before)
        rest = fold_fractions(rest, rules)
        page = Page(at + 1, outline.label(at + 1), reader.width, reader.height, rest, tables, shown)
        page.hides = tuple(
            kind for kind, found in (("invisible", reader.hides), ("struck-out", struck)) if found
        )
        return page
    finally:
        reader.close()
