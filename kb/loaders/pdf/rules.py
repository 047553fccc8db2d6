"""The lines and boxes drawn on a PDF page: what tables and fractions are told by."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from kb.loaders.pdf.pointers import pointers

MAX_OBJECTS = 6000  # drawings with more shapes are pictures, not tables
MAX_SEGMENTS = 400
THIN = 3.0  # points; a thinner shape is a line
PATH = 2  # pdfium's number for shapes of lines

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


def read_rules(page: Any, shown: Shown, width: float, height: float) -> list[Rule]:  # noqa: ANN401 - no types
    """Return the lines of a page, and the edges of its boxes; `shown` turns boxes as the page is read."""
    from pypdfium2 import raw

    count = raw.FPDFPage_CountObjects(page)
    if count > MAX_OBJECTS:
        return []
    handle = ctypes.cast(page.raw, ctypes.c_void_p).value
    get_object, get_type = pointers()["FPDFPage_GetObject"], pointers()["FPDFPageObj_GetType"]
    rules: list[Rule] = []
    for at in range(count):
        shape = get_object(handle, at)
        if shape and get_type(shape) == PATH:
            rules += _edges(shape, shown, width, height)
    return rules


def _edges(shape: int, shown: Shown, width: float, height: float) -> Iterator[Rule]:
    box = (ctypes.c_float * 4)()
    at = ctypes.addressof(box)
    pointers()["FPDFPageObj_GetBounds"](shape, at, at + 4, at + 8, at + 12)
    x0, top, x1, bottom = shown(box[0], box[1], box[2], box[3])
    if x1 - x0 > 0.95 * width and bottom - top > 0.3 * height:
        return  # the background of the page
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
