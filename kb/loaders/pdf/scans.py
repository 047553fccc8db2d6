"""A page that is a picture, read by text recognition: what `kb.loaders.pdf.page` gives of a page with text.

Coordinates are in points of the picture turned upright, with the origin at the top left.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.loaders.pdf.page import WORD, Fragment
from kb.loaders.pdf.rules import THIN, Rule, make_rule
from kb.loaders.recognition import ABOVE, BELOW, recognise

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

POINTS = 72  # to the inch
RESOLUTION = 200  # dots to the inch at which a page is drawn,
# unless it would have fewer or more pixels than that (A4 has 4 million), or a longer side.
FEWEST, MOST, LONGEST = 2_000_000, 8_000_000, 8_000
# The font's sizes on a page are told apart from that factor on, and a bold font by strokes so much thicker.
LARGER, BOLDER = 1.15, 1.25
SHORTEST_RULE = 20.0  # points
MAX_RULES = 400


def picture_of(page: Any) -> tuple[Image, float]:  # noqa: ANN401 - pypdfium2 has no types
    """Draw a page of a PDF; return the picture, and the points that a pixel of it has."""
    width, height = page.get_size()
    scale = fitting(width, height, RESOLUTION / POINTS)
    return page.render(scale=scale, rev_byteorder=True).to_pil().convert("RGB"), 1 / scale


def fitting(width: float, height: float, scale: float = 1.0) -> float:
    """Return the scale nearest to `scale` at which a page has enough pixels to be read, and not too many.

    >>> round(fitting(595, 842, 200 / 72), 2), round(fitting(60_000, 100), 3)
    (2.78, 0.133)
    """
    area = max(width * height, 1.0)
    scale = min(max(scale, math.sqrt(FEWEST / area)), math.sqrt(MOST / area))
    return min(scale, LONGEST / max(width, height, 1.0))


class ScanReader:
    """Reads one page from its picture; `points` are those that a pixel has."""

    def __init__(self, image: Image, points: float) -> None:
        self._reading = recognise(image)
        self._points = points
        height, width = self._reading.upright.shape[:2]
        self.width, self.height = width * points, height * points
        self.sure = self._reading.sure
        self._letters = self._reading.text

    def fragments(self) -> list[Fragment]:
        """Return the lines that were recognised."""
        lines = self._reading.lines
        letters = [len(line.text) for line in lines]
        size, stroke = (
            _median([getattr(line, key) for line in lines], letters) for key in ("size", "stroke")
        )
        found, start = [], 0
        for line in lines:
            # Sizes are measured, and differ a little from line to line of one font.
            step = round(math.log(line.size / size, LARGER))
            bold = line.stroke > BOLDER * stroke
            box = (line.edges[0], line.baseline, line.edges[-1], size * LARGER**step)
            found.append(self._fragment(box, start, start + len(line.text), bold, line.sure))
            start += len(line.text) + 1
        return found

    def _fragment(
        self, box: tuple[float, float, float, float], start: int, end: int, bold: bool, sure: float
    ) -> Fragment:
        left, baseline, right, size = (float(side) * self._points for side in box)
        edges = (left, baseline - ABOVE * size, right, baseline + BELOW * size)
        return Fragment(self._letters[start:end], *edges, start, end, bold, sure=sure)

    def split(self, fragment: Fragment, edges: list[float]) -> list[Fragment]:
        """Cut a fragment between words at the x positions of a table's rules."""
        pieces: dict[int, Fragment] = {}
        for word in WORD.finditer(self._letters, fragment.start, fragment.end):
            x0, x1 = (float(x) * self._points for x in self._ends(*word.span()))
            column = sum(x < (x0 + x1) / 2 for x in edges)
            first = pieces.get(column, fragment._replace(x0=x0, start=word.start()))
            text = self._letters[first.start : word.end()]
            pieces[column] = first._replace(text=text, x1=x1, end=word.end())
        return [*pieces.values()]

    def _ends(self, start: int, end: int) -> tuple[float, float]:
        """Return where letters of one line begin and end in the upright picture."""
        number = self._letters.count("\n", 0, start)
        before = self._letters.rfind("\n", 0, start) + 1
        edges = self._reading.lines[number].edges
        return edges[start - before], edges[end - before]

    def rules(self) -> list[Rule]:
        """Return the straight lines of the picture, for finding tables."""
        rules = _straight(self._reading.upright, round(SHORTEST_RULE / self._points), THIN / self._points)
        return (
            [make_rule(*(side * self._points for side in box)) for box in rules]
            if len(rules) <= MAX_RULES
            else []
        )


def _median(values: list[float], weights: list[int]) -> float:
    """Return the middle value, each counted `weight` times."""
    return float(np.median(np.repeat(values, weights))) if values else 0.0


def _straight(upright: NDArray[np.uint8], shortest: int, thickest: float) -> list[tuple[int, int, int, int]]:
    """Return the boxes (x0, top, x1, bottom) of the dark lines in a picture that are flat or upright."""
    import cv2

    grey = cv2.cvtColor(upright, cv2.COLOR_RGB2GRAY)
    ink = cv2.adaptiveThreshold(grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, 25, 20)
    found = []
    for across, down in ((1, 0), (0, 1)):
        # A line that is not quite straight goes from one row of pixels to the next.
        whole = cv2.dilate(ink, np.ones((1 + 2 * across, 1 + 2 * down), np.uint8))
        kept = cv2.morphologyEx(
            whole, cv2.MORPH_OPEN, np.ones((1 + shortest * down, 1 + shortest * across), np.uint8)
        )
        for shape in cv2.findContours(kept, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
            x, y, width, height = cv2.boundingRect(shape)
            if min(width, height) <= thickest + 2:
                found.append((x, y, x + width, y + height))
    return found
