"""What people put on a PDF page: values of form fields, ticked boxes, typed notes, words struck out."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

from kb.loaders.pdf.page import Fragment
from kb.loaders.pdf.rules import Rule, Shown

UNSEEN = 2 | 32  # flags of annotations that are not shown
PASSWORD = 1 << 13
LINE_HEIGHT = 11.0  # points, of a line of text in a field
MAX_VALUE = 20_000  # letters
MOST = 2000  # annotations of a page


def read_fields(page: Any, shown: Shown) -> tuple[list[Fragment], list[Rule]]:  # noqa: ANN401 - no types
    """Return what is filled in on a page, at its place, and the lines of marks that strike words out."""
    from pypdfium2 import raw

    fragments: list[Fragment] = []
    strokes: list[Rule] = []
    for at in range(min(raw.FPDFPage_GetAnnotCount(page), MOST)):
        mark = raw.FPDFPage_GetAnnot(page, at)
        if not mark:
            continue
        try:
            rect = raw.FS_RECTF()
            if raw.FPDFAnnot_GetFlags(mark) & UNSEEN or not raw.FPDFAnnot_GetRect(mark, rect):
                continue
            box = shown(rect.left, rect.bottom, rect.right, rect.top)
            kind = raw.FPDFAnnot_GetSubtype(mark)
            if kind == raw.FPDF_ANNOT_STRIKEOUT:
                middle = (box[1] + box[3]) / 2
                strokes.append(Rule(box[0], middle, box[2], middle, True))
            elif kind == raw.FPDF_ANNOT_FREETEXT:
                fragments += _lines(_text(raw.FPDFAnnot_GetStringValue, mark, b"Contents"), box, False)
            elif kind == raw.FPDF_ANNOT_WIDGET and page.formenv:
                fragments += _value(page.formenv.raw, mark, box)
        finally:
            raw.FPDFPage_CloseAnnot(mark)
    return fragments, strokes


def _value(form: Any, mark: Any, box: tuple[float, float, float, float]) -> Iterator[Fragment]:  # noqa: ANN401
    from pypdfium2 import raw

    kind = raw.FPDFAnnot_GetFormFieldType(form, mark)
    if kind in (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON):
        ticked = "[x]" if raw.FPDFAnnot_IsChecked(form, mark) else "[ ]"
        yield Fragment(ticked, *box, 0, 0, False)
        return
    secret = raw.FPDFAnnot_GetFormFieldFlags(form, mark) & PASSWORD
    if kind in (raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX) or (
        kind == raw.FPDF_FORMFIELD_TEXTFIELD and not secret
    ):
        yield from _lines(_text(raw.FPDFAnnot_GetFormFieldValue, form, mark), box, True)


def _lines(text: str, box: tuple[float, float, float, float], cell: bool) -> Iterator[Fragment]:
    """Yield the lines of a text in its box, from the top, or in the middle of one for a single line."""
    x0, top, x1, bottom = box
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    height = min(LINE_HEIGHT, (bottom - top) / max(len(lines), 1))
    if bottom - top < 2.5 * LINE_HEIGHT:
        top = (top + bottom - height * len(lines)) / 2
    for at, line in enumerate(lines):
        yield Fragment(line, x0, top + at * height, x1, top + (at + 1) * height, 0, 0, False, cell)


def _text(call: Any, *whose: Any) -> str:  # noqa: ANN401 - a function of pdfium
    size = call(*whose, None, 0)
    if not 2 < size <= 2 * MAX_VALUE:
        return ""
    letters = ctypes.create_string_buffer(size)
    call(*whose, ctypes.cast(letters, ctypes.POINTER(ctypes.c_ushort)), size)
    return letters.raw[: size - 2].decode("utf-16-le", "replace")
