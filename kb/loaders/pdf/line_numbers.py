"""Numbers in the margin that count the lines of a page, as those of bills do, leave the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from kb.loaders.pdf.furniture import Page, rows_of
from kb.loaders.pdf.page import Fragment

NUMBER = re.compile(r"(\d{1,4})(?:\s+|$)")
STEPS = (1, 2, 5, 10)  # lines from one number to the next
MIN_LINES = 8  # that are counted
SAME_EDGE = 20.0  # points, as numbers have one figure or several
MOSTLY = 0.8
GOING_ON = 0.25  # share of lines that begin in the middle of a sentence: items of a list do not


class Counted(NamedTuple):
    """A line, the fragment that begins or ends with its number, and the rest of that fragment."""

    number: int
    fragment: Fragment
    rest: str
    others: list[Fragment]

    @property
    def text(self) -> str:
        """Return the line without its number."""
        return " ".join([self.rest, *(f.text for f in self.others)]).strip()


def drop_line_numbers(pages: Sequence[Page]) -> None:
    """Take the numbers of lines out of the pages, in place."""
    for page in pages:
        rows = list(rows_of(page.fragments))
        for side in (0, -1):
            lines = [line for row in rows if (line := _counted(row, side))]
            edge = median([line.fragment.x0 for line in lines]) if lines else 0.0
            lines = [line for line in lines if abs(line.fragment.x0 - edge) < SAME_EDGE]
            if _count(lines, len(rows)):
                rests = {id(line.fragment): line.rest for line in lines}
                kept = [f._replace(text=rests.get(id(f), f.text)) for f in page.fragments]
                page.fragments = [f for f in kept if f.text]
                break


def _counted(row: list[Fragment], side: int) -> Counted | None:
    fragment = row[side]
    found = NUMBER.match(fragment.text.strip())
    rest = fragment.text.strip()[found.end() :] if found else ""
    if not found or (side and rest):
        return None
    return Counted(int(found[1]), fragment, rest, row[1:] if side == 0 else row[:-1])


def _count(lines: Sequence[Counted], rows: int) -> bool:
    """Tell whether numbers count evenly, one of so many rows, the lines of running text."""
    steps = [below.number - above.number for above, below in pairwise(lines)]
    step = max(STEPS, key=steps.count)
    said = [line for line in lines if line.text]
    return (
        len(lines) * step >= MIN_LINES
        and len(lines) > 1
        and steps.count(step) >= MOSTLY * len(steps)
        and rows >= MOSTLY * step * (len(lines) - 1)
        and sum(len(line.others) + bool(line.rest) == 1 for line in said) >= MOSTLY * len(said)
        and sum(line.text[0].islower() for line in said) >= GOING_ON * len(said) > 0
    )
