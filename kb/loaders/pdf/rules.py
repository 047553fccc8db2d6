"""The lines, boxes and dots drawn on a PDF page: what tables, fractions and bullets are told by."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kb.loaders.pdf.pointers import pointers

MAX_OBJECTS = 6000  # drawings with more shapes are pictures, not tables
MAX_SEGMENTS = 400
THIN = 3.0  # points; a thinner shape is a line
DOT = (1.2, 8.0)  # points; a shape as wide as high is a dot
PATH, IMAGE = 2, 3  # pdfium's numbers for shapes of lines, and for pictures

Box = tuple[float, float, float, float]
Shown = Callable[[float, float, float, float], Box]


class Rule(NamedTuple):
    """A thin line or the edge of a box; `flat` tells whether it is wider than high."""

    x0: float
    top: float
    x1: float
    bottom: float
    flat: bool


def make_rule(x0: float, top: float, x1: float, bottom: float) -> Rule:
    """Return the rule that fills a box."""
    return Rule(x0, top, x1, bottom, x1 - x0 >= bottom - top)


def read_shapes(
    page: Any,  # noqa: ANN401 - no types
    shown: Shown,
    width: float,
    height: float,
) -> tuple[list[Rule], list[Box]]:
    """Return the lines of a page with the edges of its boxes, and its dots; `shown` turns boxes as read."""
    from pypdfium2 import raw

    count = raw.FPDFPage_CountObjects(page)
    if count > MAX_OBJECTS:
        return [], []
    handle = ctypes.cast(page.raw, ctypes.c_void_p).value
    get_object, get_type = pointers()["FPDFPage_GetObject"], pointers()["FPDFPageObj_GetType"]
    rules: list[Rule] = []
    dots: list[Box] = []
    box = (ctypes.c_float * 4)()
    address = ctypes.addressof(box)
    for at in range(count):
        shape = get_object(handle, at)
        kind = get_type(shape) if shape else 0
        if kind in (PATH, IMAGE):
            pointers()["FPDFPageObj_GetBounds"](shape, address, address + 4, address + 8, address + 12)
            x0, top, x1, bottom = place = shown(box[0], box[1], box[2], box[3])
            if _is_dot(x1 - x0, bottom - top):
                dots.append(place)
            elif kind == PATH and not (x1 - x0 > 0.95 * width and bottom - top > 0.3 * height):
                rules += _edges(shape, place, shown)  # it is not the background of the page
    return rules, dots


def _is_dot(wide: float, high: float) -> bool:
    return DOT[0] < min(wide, high) and max(wide, high) < DOT[1] and abs(wide - high) < 0.3 * max(wide, high)


def _edges(shape: int, place: Box, shown: Shown) -> Iterator[Rule]:
    x0, top, x1, bottom = place
    if min(x1 - x0, bottom - top) <= THIN:
        if max(x1 - x0, bottom - top) > THIN:
            yield make_rule(x0, top, x1, bottom)
    elif pointers()["FPDFPath_CountSegments"](shape) > 6:
        yield from _segments(shape, shown)
    else:
        yield from (Rule(x0, top, x1, top, True), Rule(x0, bottom, x1, bottom, True))
        yield from (Rule(x0, top, x0, bottom, False), Rule(x1, top, x1, bottom, False))


def _segments(shape: int, shown: Shown) -> Iterator[Rule]:
    """Yield the straight lines of a shape that draws many at once."""
    call = pointers()
    count = call["FPDFPath_CountSegments"](shape)
    point = (ctypes.c_float * 2)()
    address, before = ctypes.addressof(point), None
    for at in range(count if count <= MAX_SEGMENTS else 0):
        call["FPDFPathSegment_GetPoint"](call["FPDFPath_GetPathSegment"](shape, at), address, address + 4)
        here = (point[0], point[1])
        if before and (abs(here[0] - before[0]) < 1) != (abs(here[1] - before[1]) < 1):
            (xa, xb), (ya, yb) = sorted((before[0], here[0])), sorted((before[1], here[1]))
            yield make_rule(*shown(xa, ya, xb, yb))
        before = here
