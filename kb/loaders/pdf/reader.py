"""A PDF from its first byte to its parts: pdfium reads the pages, pypdf the outline.

Pages without letters of their own are left to text recognition.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.errors import DamagedDocument, EmptyDocument
from kb.loaders.limits import Work
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

if TYPE_CHECKING:
    from PIL.Image import Image

# Less sure than that is no reading. Print in Latin script lies above it, blurred, coarse or small as it may
# be: no line below 0.96. Other scripts, read as if they were Latin, lie below: Greek, the surest, at 0.84.
FLOOR = 0.9

# What a file of pages without any text holds instead, by what its pages show, and what to do.
REASONS: dict[Shown, str] = {
    "image": "its pages are images and need text recognition (OCR)",
    "drawing": "its pages are drawn without letters and need text recognition (OCR)",
    "junk": "its fonts do not say which letters they show, so it needs text recognition (OCR)",
    "hidden": "its letters are invisible, too small to be read or lie outside its pages, so nobody sees them",
    "": "its pages are blank; check that it is the file you mean",
}
# What is to be done about it where text recognition has tried, and where it is off.
TRIED = ", which finds nothing in them that it can read; scan them again, larger and sharper"
OFF = ", which is off; allow it (KB_INGEST__OCR=true)"
RECOGNISED: frozenset[Shown] = frozenset({"image", "drawing", "junk"})


class Pdf(NamedTuple):
    """What a PDF holds: its parts, the number of its pages, its metadata by lower-case name, its gaps.

    `without_text` names the pages that show something but hold no text that
    could be read; the rest is as on `Document`.
    """

    parts: list[Part]
    pages: int
    metadata: dict[str, str]
    without_text: tuple[int, ...] = ()
    recognised: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()


def load_pdf(name: str, data: bytes, work: Work) -> Pdf:
    """Read a PDF into parts; raises a DocumentError if it is encrypted, damaged or without text."""
    import pypdfium2

    outline = read_outline(name, data)
    with opened(name, data) as pdf:
        try:
            if pdf.get_formtype():
                pdf.init_forms()
            pages: list[Page] = []
            for at in range(len(pdf)):
                pages.append(_read_page(name, pdf, at, outline, work, pages[-1].tables if pages else ()))
        except pypdfium2.PdfiumError as error:
            raise DamagedDocument(f"{name} is damaged: a page cannot be read; get a fresh copy.") from error
    return assemble(name, pages, work, outline)


def assemble(name: str, pages: Sequence[Page], work: Work, outline: Outline | None = None) -> Pdf:
    """Make one document of pages; raises EmptyDocument where none of them holds text."""
    outline = outline or Outline()
    if not any(page.fragments or page.tables for page in pages):
        shown = {page.shown for page in pages}
        first = next(kind for kind in REASONS if kind in shown)
        remedy = (TRIED if work.ocr else OFF) if first in RECOGNISED else ""
        raise EmptyDocument(f"{name} holds no text: {REASONS[first]}{remedy}.")
    whole = [page.fragments for page in pages]
    drop_line_numbers(pages)
    drop_contents(pages)
    drop_furniture(pages)
    if not any(page.fragments or page.tables for page in pages):
        for page, fragments in zip(pages, whole, strict=True):
            page.fragments = fragments  # a document of headers, or of contents, alone
    without_text = tuple(page.number for page in pages if page.shown)
    recognised = tuple(page.number for page in pages if page.sure is not None)
    parts = [part for part in read_parts(pages, outline.bookmarks) if (part.recognised or 1) >= FLOOR]
    return Pdf(parts, len(pages), outline.metadata, without_text, recognised, tuple(_hidden(pages)))


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
    work: Work,
    before: Sequence[Table],
) -> Page:
    work.check(name, at + 1, len(pdf))
    page = pdf[at]
    reader = PageReader(page, outline.layers)
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
        found = Page(at + 1, outline.label(at + 1), reader.width, reader.height, rest, tables, shown)
        hides = (("invisible", reader.hides), ("struck-out", struck))
        found.hides = tuple(kind for kind, is_there in hides if is_there)
        if shown in RECOGNISED and work.may_recognise():
            from kb.loaders.pdf.scans import picture_of

            return read_scan(found, *picture_of(page))
        return found
    finally:
        reader.close()


def read_scan(page: Page, image: Image, points: float) -> Page:
    """Return a page with what text recognition reads in its picture, if it is sure enough of it."""
    from kb.loaders.pdf.scans import ScanReader

    reader = ScanReader(image, points)
    if reader.sure < FLOOR:
        return page
    fragments = reader.fragments()
    rules = reader.rules() if fragments else []
    tables, rest = read_tables(reader, fragments, rules)
    rest = fold_fractions(rest, rules)
    size = (reader.width, reader.height)
    return Page(page.number, page.label, *size, rest, tables, sure=reader.sure)
