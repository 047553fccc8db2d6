"""What of a PDF page's letters a person sees: neither invisible ones nor hidden layers nor watermarks."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kb.loaders.pdf.pointers import pointers

PATH, IMAGE, SHADING, FORM = 2, 3, 4, 5  # pdfium's numbers for the kinds of things on a page
MOST_SHAPES, DEPTH = 2000, 4  # that are looked at, and how deep within one another
UNDRAWN = (3, 7)  # the ways of drawing letters that leave no ink
WHITE = 240  # of 255, red, green and blue alike; paler letters need a ground to be seen
SLANTED = math.radians(8)  # off the lines of the page: a stamp or a watermark

Box = tuple[float, float, float, float]  # left, bottom, right, top, as in the file
Layers = Callable[[], frozenset[str]]
Matrix = tuple[float, float, float, float, float, float]


class Ground(NamedTuple):
    """A picture or a coloured area of the page, on which white letters can be seen."""

    picture: bool
    left: float
    bottom: float
    right: float
    top: float


class Sight:
    """Tells how the letters of one page are seen; `layers` names the layers that are switched off."""

    def __init__(self, page: Any, text: int, layers: Layers) -> None:  # noqa: ANN401 - pypdfium2 has no types
        self._page, self._text, self._layers = page, text, layers
        self._call = pointers()
        self._looks: dict[int, str] = {}
        self._grounds: list[Ground] | None = None
        self._name = ctypes.create_string_buffer(256)

    def hides(self, at: int, ink: int, box: Callable[[int], Box]) -> bool:
        """Tell whether nobody sees the letter at a place, which is drawn by the object `ink`."""
        look = self._looks.get(ink)
        if look is None:
            look = self._looks[ink] = self._look(ink)
        if look not in ("undrawn", "white"):
            return bool(look)
        if self._grounds is None:
            self._grounds = list(_grounds(self._page))
        left, bottom, right, top = box(at)
        x, y = (left + right) / 2, (bottom + top) / 2
        below = (g for g in self._grounds if g.left <= x <= g.right and g.bottom <= y <= g.top)
        return not any(g.picture or look == "white" for g in below)

    def is_slanted(self, at: int) -> bool:
        """Tell whether a letter stands at an angle to the lines of the page, as those of a watermark do."""
        angle = self._call["FPDFText_GetCharAngle"](self._text, at) % (math.pi / 2)
        return SLANTED < angle < math.pi / 2 - SLANTED

    def _look(self, ink: int) -> str:
        if self._call["FPDFTextObj_GetTextRenderMode"](ink) in UNDRAWN:
            return "undrawn"
        if (layer := self._layer(ink)) and layer in self._layers():
            return "invisible"
        return _colour(ink)

    def _layer(self, ink: int) -> str:
        """Return the name of the layer on which an object is drawn, or nothing."""
        name, size = self._name, ctypes.c_ulong()
        for at in range(self._call["FPDFPageObj_CountMarks"](ink)):
            mark = self._call["FPDFPageObj_GetMark"](ink, at)
            said = (ctypes.addressof(name), len(name), ctypes.addressof(size))
            if self._call["FPDFPageObjMark_GetParamStringValue"](mark, b"Name", *said) and size.value > 2:
                return name.raw[: size.value - 2].decode("utf-16-le", "replace")
        return ""


def _colour(shape: int) -> str:
    """Return "invisible" for what is painted without ink, "white" for what needs a ground, else nothing."""
    parts = (ctypes.c_uint * 4)(0, 0, 0, 255)
    at = ctypes.addressof(parts)
    if not pointers()["FPDFPageObj_GetFillColor"](shape, at, at + 4, at + 8, at + 12):
        return ""
    if not parts[3]:
        return "invisible"
    return "white" if min(parts[:3]) > WHITE else ""


def _grounds(page: Any) -> Iterator[Ground]:  # noqa: ANN401 - pypdfium2 has no types
    """Yield the pictures and coloured areas of a page, also those within others."""
    from pypdfium2 import raw

    call = pointers()
    handle = ctypes.cast(page.raw, ctypes.c_void_p).value or 0
    open_: list[tuple[int, Matrix, int]] = [
        (call["FPDFPage_GetObject"](handle, at), (1, 0, 0, 1, 0, 0), 0)
        for at in range(min(raw.FPDFPage_CountObjects(page), MOST_SHAPES))
    ]
    for shape, matrix, depth in open_:  # grows while it is read
        kind = call["FPDFPageObj_GetType"](shape) if shape else 0
        if kind == FORM and depth < DEPTH and len(open_) < MOST_SHAPES:
            own = _product(_matrix(shape), matrix)
            count = min(call["FPDFFormObj_CountObjects"](shape), MOST_SHAPES)
            open_ += [(call["FPDFFormObj_GetObject"](shape, at), own, depth + 1) for at in range(count)]
        elif kind in (IMAGE, SHADING) or (kind == PATH and _is_filled(shape)):
            yield Ground(kind == IMAGE, *_bounds(shape, matrix))


def _is_filled(shape: int) -> bool:
    """Tell whether a shape is an area of another colour than white."""
    how = (ctypes.c_int * 2)()
    at = ctypes.addressof(how)
    pointers()["FPDFPath_GetDrawMode"](shape, at, at + 4)
    return bool(how[0]) and not _colour(shape)


def _matrix(shape: int) -> Matrix:
    found = (ctypes.c_float * 6)(1, 0, 0, 1, 0, 0)
    pointers()["FPDFPageObj_GetMatrix"](shape, ctypes.addressof(found))
    a, b, c, d, e, f = found
    return a, b, c, d, e, f


def _product(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u


def _bounds(shape: int, matrix: Matrix) -> Box:
    box = (ctypes.c_float * 4)()
    at = ctypes.addressof(box)
    pointers()["FPDFPageObj_GetBounds"](shape, at, at + 4, at + 8, at + 12)
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)
