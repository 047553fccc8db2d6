"""From the fragments of a PDF page to its lines in reading order: columns, and tables without rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from kb.loaders.marks import read_mark
from kb.loaders.pdf.furniture import Page, rows_of
from kb.loaders.pdf.page import Fragment
from kb.loaders.pdf.tables import Table, cell_text

BIN = 4.0  # points; the width of a strip when looking for the gap between columns
MIN_GUTTER = 8.0
CROSSING = 0.15  # share of short lines, headings above all, that may cross the gap
MIN_COLUMN_LINES = 5
WORDY = re.compile(r"\w")
RUNNING = 25  # letters in a line of running text; cells are shorter


@dataclass(slots=True)
class Line:
    """A line of running text: its box, and the edges of the column it stands in."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    bold: bool
    left: float
    right: float
    sure: float | None = None

    @property
    def height(self) -> float:
        """Return the height of the line in points."""
        return self.bottom - self.top

    @property
    def full(self) -> bool:
        """Tell whether the line reaches the right edge of its column."""
        return self.x1 > self.right - 0.12 * (self.right - self.left)


Element = Fragment | Table


def read_lines(page: Page) -> list[Line | Table]:
    """Return the lines and tables of a page in reading order."""
    upright = [f for f in page.fragments if not _is_sideways(f)]
    found: list[Line | Table] = []
    for region in _in_order([*upright, *page.tables]):
        found += _region(region)
    # Text along the margin belongs to no line; it stands at the end of the page.
    return [*found, *(_line([f], f.x0, f.x1) for f in page.fragments if _is_sideways(f))]


def _is_sideways(fragment: Fragment) -> bool:
    return len(fragment.text) > 3 and fragment.height > 1.5 * (fragment.x1 - fragment.x0)


def _in_order(elements: list[Element]) -> Iterator[list[Element]]:
    """Yield the columns of the page one after the other, broken by what spans them."""
    gutter = _gutter(elements)
    if gutter is None:
        if elements:
            yield elements
        return
    band: list[Element] = []
    for element in sorted(elements, key=lambda e: e.top):
        if element.x0 < gutter - 2 and element.x1 > gutter + 2:
            yield from _columns(band, gutter)
            yield [element]
            band = []
        else:
            band.append(element)
    yield from _columns(band, gutter)


def _columns(band: list[Element], gutter: float) -> Iterator[list[Element]]:
    yield from _in_order([e for e in band if e.x0 < gutter])
    yield from _in_order([e for e in band if e.x0 >= gutter])


def _gutter(elements: list[Element]) -> float | None:
    """Return the x position of the gap between two columns of running text, if there is one."""
    if len(elements) < 2 * MIN_COLUMN_LINES:
        return None
    left, right = min(e.x0 for e in elements), max(e.x1 for e in elements)
    narrow = [e for e in elements if e.x1 - e.x0 < 0.6 * (right - left)]
    steps = [0.0] * (int((right - left) / BIN) + 2)
    for element in narrow:
        steps[int((element.x0 - left) / BIN)] += element.bottom - element.top
        steps[int((element.x1 - left) / BIN) + 1] -= element.bottom - element.top
    cover = list(accumulate(steps))
    total = sum(e.bottom - e.top for e in narrow)
    found = _emptiest(cover, CROSSING * total)
    gutter = left + found * BIN
    sides = [e for e in narrow if e.x1 <= gutter + 2], [e for e in narrow if e.x0 >= gutter - 2]
    if not found or not all(_is_running(side) for side in sides):
        return None
    return gutter if _side_by_side(*sides) else None


def _emptiest(cover: list[float], limit: float) -> float:
    """Return the middle of the widest run of strips with the least cover, in strips, or 0."""
    middle = range(int(len(cover) * 0.2), int(len(cover) * 0.8))
    least = min((cover[strip] for strip in middle), default=limit + 1)
    if least > limit:
        return 0.0
    best, start = (0, 0), None
    for strip in middle:
        if cover[strip] <= least + 0.25 * limit:
            start = strip if start is None else start
            best = max(best, (strip - start + 1, start))
        else:
            start = None
    return best[1] + best[0] / 2 if best[0] * BIN >= MIN_GUTTER else 0.0


def _is_running(side: list[Element]) -> bool:
    """Tell whether fragments are lines of running text: enough of them, most of them long."""
    lines = [e for e in side if isinstance(e, Fragment)]
    if len(lines) < MIN_COLUMN_LINES:
        return False
    width = max(e.x1 for e in lines) - min(e.x0 for e in lines)
    long = sum(e.x1 - e.x0 > 0.55 * width and len(e.text) > 14 for e in lines)
    return long >= 0.5 * len(lines)


def _side_by_side(left: list[Element], right: list[Element]) -> bool:
    top = max(min(e.top for e in left), min(e.top for e in right))
    bottom = min(max(e.bottom for e in left), max(e.bottom for e in right))
    return bottom - top > 30


def _region(region: list[Element]) -> list[Line | Table]:
    """Return the lines and tables of one column from the top down."""
    fragments = [e for e in region if isinstance(e, Fragment)]
    found: list[Line | Table] = [e for e in region if isinstance(e, Table)]
    if fragments:
        left, right = min(f.x0 for f in fragments), max(f.x1 for f in fragments)
        found = _interleave(found, aligned([_with_mark(row) for row in rows_of(fragments)], left, right))
    return found


def _interleave(tables: list[Line | Table], lines: list[Line | Table]) -> list[Line | Table]:
    """Put tables between the lines by their heights; the lines keep their order."""
    for table in sorted(tables, key=lambda t: -t.top):
        place = next((at for at, line in enumerate(lines) if line.top > table.top), len(lines))
        lines.insert(place, table)
    return lines


def _with_mark(row: list[Fragment]) -> list[Fragment]:
    """Put a bullet or number that stands apart together with its text."""
    if len(row) > 1 and len(row[0].text) < 8 and read_mark(f"{row[0].text} x")[0].style:
        return [_merge(row[:2]), *row[2:]]
    return row


def _merge(row: Sequence[Fragment]) -> Fragment:
    text = " ".join(f.text.strip() for f in row)
    top, bottom = min(f.top for f in row), max(f.bottom for f in row)
    high = max(row, key=lambda f: len(f.text))
    return row[0]._replace(
        text=text,
        x1=row[-1].x1,
        top=high.top if len(row) > 1 else top,
        bottom=high.bottom if len(row) > 1 else bottom,
        bold=all(f.bold for f in row if WORDY.search(f.text) or len(row) == 1),
        sure=mean_sure(row),
    )


def aligned(rows: list[list[Fragment]], left: float, right: float) -> list[Line | Table]:
    """Return lines, and tables where at least three rows share columns without rules."""
    found: list[Line | Table] = []
    at = 0
    while at < len(rows):
        end, columns = _table_end(rows, at)
        if end == at:
            found.append(_line(rows[at], left, right))
        elif _reads_down(rows[at:end], columns):
            for x0, x1 in columns:
                parts = [[f for f in row if x0 - 1 <= f.x0 <= x1] for row in rows[at:end]]
                found += [_line(part, x0, x1) for part in parts if part]
        else:
            found.append(_aligned_table(rows[at:end], columns))
        at = max(end, at + 1)
    return found


def _line(row: Sequence[Fragment], left: float, right: float) -> Line:
    whole = _merge(row)
    return Line(whole.text, *whole[1:5], whole.bold, left, right, whole.sure)


def mean_sure(said: Sequence[Fragment | Line]) -> float | None:
    """Return how sure text recognition is of some text, if it read it: each word counts by its letters."""
    known = [(one.sure, len(one.text)) for one in said if one.sure is not None]
    letters = sum(count for _, count in known)
    return sum(sure * count for sure, count in known) / letters if letters else None


def _reads_down(rows: list[list[Fragment]], columns: list[tuple[float, float]]) -> bool:
    """Tell whether columns hold running text, to be read one after the other, rather than cells."""
    if len(columns) > 3 or all(fragment.bold for fragment in rows[0]):
        return False
    for x0, x1 in columns:
        texts = [f.text for row in rows for f in row if x0 - 1 <= f.x0 <= x1]
        if sum(map(len, texts)) < RUNNING * len(texts):
            return False
    return True


def _table_end(rows: list[list[Fragment]], start: int) -> tuple[int, list[tuple[float, float]]]:
    """Return the row after the table that begins at `start` (or `start` itself), and its columns."""
    if len(rows[start]) < 2:
        return start, []
    columns: list[tuple[float, float]] = []
    end = at = start
    several = 0
    while at < len(rows) and (
        at == start or rows[at][0].top - rows[at - 1][0].bottom < 2 * rows[at][0].height
    ):
        merged = _merge_columns([*columns, *((f.x0, f.x1) for f in rows[at])])
        if len(merged) < 2 or (columns and len(merged) < len(columns)):
            break
        columns = merged
        if len(rows[at]) > 1:
            several, end = several + 1, at + 1
        at += 1
    return (end, columns) if several >= 3 else (start, [])


def _merge_columns(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted(spans):
        if merged and x0 < merged[-1][1] + 4:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    return merged


def _aligned_table(rows: list[list[Fragment]], columns: list[tuple[float, float]]) -> Table:
    """Put rows into cells; a row close below another, or without a first cell, goes on with it."""
    gaps = [b[0].top - a[0].top for a, b in pairwise(rows)]
    near = min(gaps) * 1.2
    # Rows that stand apart, and not only from their header, are told from the lines of a cell.
    apart = any(gap > 1.35 * min(gaps) for gap in gaps[1:])
    groups: list[list[Fragment]] = []
    for row, gap in zip(rows, [float("inf"), *gaps], strict=True):
        first = row[0].x0 < columns[0][1]
        goes_on = (gap < near) if apart else not (first and len(row) > 1)
        if groups and goes_on:
            groups[-1] += row
        else:
            groups.append(list(row))
    cells = [
        [cell_text([f for f in group if x0 - 1 <= f.x0 <= x1]) for x0, x1 in columns] for group in groups
    ]
    headers = 1 if all(f.bold for f in groups[0]) and not all(f.bold for g in groups[1:] for f in g) else 0
    top, bottom = rows[0][0].top, max(f.bottom for f in rows[-1])
    return Table(cells, columns[0][0], top, columns[-1][1], bottom, headers)
