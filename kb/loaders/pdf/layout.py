"""From the fragments of a PDF page to its lines in reading order: columns, and tables without rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from kb.loaders.marks import read_mark
from kb.loaders.pdf.furniture import Page, rows_of
from kb.loaders.pdf.page import Fragment
from kb.loaders.pdf.tables import SAME_EDGE, Table, cell_text

BIN = 4.0  # points; the width of a strip when looking for the gap between columns
MIN_GUTTER = 8.0
CROSSING = 0.15  # share of short lines, headings above all, that may cross the gap
MIN_COLUMN_LINES = 5
WORDY = re.compile(r"\w")
FIGURE = re.compile(r"[^\w]*\d[\d.,\s]*\W*(?:[kMm]|bn|EUR|USD)?\W*")
TICKS = ("[x]", "[ ]")
STOP = re.compile(r" \n(?=[,;:.)](?:\s|$))")  # no space comes before it, though it stands apart
YEAR = re.compile(r"(?:19|20)\d\d")
SMALLER = 0.88  # of the height of the row above: letters of notes
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


def read_lines(page: Page, before: Table | None = None) -> list[Line | Table]:
    """Return the lines and tables of a page in reading order; the page before ends with `before`."""
    upright = [f for f in page.fragments if not _is_sideways(f)]
    found: list[Line | Table] = []
    for region in _in_order([*upright, *page.tables]):
        found += _region(region, before if not found else None)
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


def _region(region: list[Element], before: Table | None) -> list[Line | Table]:
    """Return the lines and tables of one column from the top down."""
    fragments = [e for e in region if isinstance(e, Fragment)]
    found: list[Line | Table] = [e for e in region if isinstance(e, Table)]
    if fragments:
        left, right = min(f.x0 for f in fragments), max(f.x1 for f in fragments)
        found = _interleave(
            found, aligned([_with_mark(row) for row in rows_of(fragments)], left, right, before)
        )
    return found


def _interleave(tables: list[Line | Table], lines: list[Line | Table]) -> list[Line | Table]:
    """Put tables between the lines by their heights; the lines keep their order."""
    for table in sorted(tables, key=lambda t: -t.top):
        place = next((at for at, line in enumerate(lines) if line.top > table.top), len(lines))
        lines.insert(place, table)
    return lines


def _with_mark(row: list[Fragment]) -> list[Fragment]:
    """Put a bullet or number that stands apart together with its text."""
    first = row[0].text
    if len(row) > 1 and len(first) < 8 and (first in TICKS or read_mark(f"{first} x")[0].style):
        return [_merge(row[:2]), *row[2:]]
    return row


def _merge(row: Sequence[Fragment]) -> Fragment:
    text = STOP.sub("", " \n".join(f.text.strip() for f in row)).replace("\n", "")
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


def aligned(
    rows: list[list[Fragment]], left: float, right: float, before: Table | None = None
) -> list[Line | Table]:
    """Return lines, and tables where rows share columns without rules.

    It takes three rows, one that cannot be read otherwise, or one with the columns of the table `before`.
    """
    found: list[Line | Table] = []
    at = 0
    while at < len(rows):
        named = at + _names_groups(rows, at)
        end, columns = _table_end(rows, named, before if not found else None)
        if end == named:
            found += [_line(row, left, right) for row in rows[at : named + 1]]
        elif _reads_down(rows[named:end], columns):
            found += [_line(row, left, right) for row in rows[at:named]]
            for x0, x1 in columns:
                parts = [[f for f in row if x0 - 1 <= f.x0 <= x1] for row in rows[named:end]]
                found += [_line(part, x0, x1) for part in parts if part]
        else:
            found.append(_aligned_table(rows[named:end], columns, rows[at:named]))
        at = max(end, named + 1)
    return found


def _names_groups(rows: list[list[Fragment]], at: int) -> int:
    """Return 1 if a row names groups of the columns that the row below names, else 0."""
    if at + 1 >= len(rows) or any(f.cell for f in rows[at]):
        return 0
    labels, names = rows[at], rows[at + 1]
    if len(names) <= max(2, len(labels)) or names[0].x1 >= labels[0].x0:
        return 0
    below = -0.2 * labels[0].height < names[0].top - labels[0].bottom < labels[0].height
    header = all(f.bold or not FIGURE.fullmatch(f.text) or YEAR.fullmatch(f.text.strip()) for f in names)
    alone = len(labels) == 1 and not any(abs(labels[0].x0 - name.x0) < SAME_EDGE for name in names)
    amid = abs(labels[0].x0 + labels[0].x1 - names[1].x0 - names[-1].x1) < 2 * SAME_EDGE
    return int(below and header and (amid or not alone))


def _groups(labels: list[Fragment], names: list[str], columns: Sequence[tuple[float, float]]) -> list[str]:
    """Return for every column the label above it.

    A label stands amid its columns, or begins with the first of them; then it reaches to the next label if
    the names below are years, or come again under other labels.
    """
    reach = len(set(names[1:])) < len(names) - 1 or any(YEAR.fullmatch(name) for name in names)
    named = [""] * len(columns)
    starts = [
        next((c for c, (x0, _) in enumerate(columns) if abs(x0 - label.x0) < SAME_EDGE), None)
        for label in labels
    ]
    first = 1
    for at, label in enumerate(labels):
        start = starts[at]
        after = next((s for s in starts[at + 1 :] if s is not None), len(columns))
        if start is None:
            spans = [(a, b) for a in range(first, after) for b in range(a, after)]
            off = {(a, b): abs(columns[a][0] + columns[b][1] - label.x0 - label.x1) for a, b in spans}
            start, last = min(off, key=lambda span: off[span], default=(first, first - 1))
            after = last + 1
        elif not reach:
            after = start + 1
        named[start:after] = [label.text.strip()] * (after - start)
        first = max(first, after)
    return named


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
    if len(columns) > 3 or all(f.bold for f in rows[0]) or any(f.cell for row in rows for f in row):
        return False
    for x0, x1 in columns:
        texts = [f.text for row in rows for f in row if x0 - 1 <= f.x0 <= x1]
        if sum(map(len, texts)) < RUNNING * len(texts):
            return False
    return True


def _table_end(
    rows: list[list[Fragment]], start: int, before: Table | None
) -> tuple[int, list[tuple[float, float]]]:
    """Return the row after the table that begins at `start` (or `start` itself), and its columns."""
    if len(rows[start]) < 2:
        return start, []
    columns: list[tuple[float, float]] = []
    end = at = start
    several = 0
    while at < len(rows) and (
        at == start or rows[at][0].top - rows[at - 1][0].bottom < 2 * rows[at][0].height
    ):
        if at > start and any(f.cell for f in rows[start]) and not any(f.cell for f in rows[at]):
            break
        if at > start + 1 and _is_smaller(rows[at], rows[at - 1]):
            break  # the notes below the table
        merged = _merge_columns([*columns, *((f.x0, f.x1) for f in rows[at])])
        if len(merged) < 2 or (columns and len(merged) < len(columns)):
            break
        columns = merged
        if len(rows[at]) > 1:
            several, end = several + 1, at + 1
        at += 1
    goes_on = before is not None and Table([], 0, 0, 0, 0, columns=columns).has_columns_of(before)
    if several >= 3 or goes_on or any(f.cell for row in rows[start:end] for f in row):
        return end, columns
    return start, []


def _is_smaller(row: Sequence[Fragment], above: Sequence[Fragment]) -> bool:
    return max(f.height for f in row) < SMALLER * max(f.height for f in above)


def _merge_columns(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for x0, x1 in sorted(spans):
        if merged and x0 < merged[-1][1] + 4:
            merged[-1] = (merged[-1][0], max(merged[-1][1], x1))
        else:
            merged.append((x0, x1))
    return merged


def _aligned_table(
    rows: list[list[Fragment]], columns: list[tuple[float, float]], labels: Sequence[list[Fragment]]
) -> Table:
    """Put rows into cells; `labels` is the row above that names groups of columns, if there is one."""
    gaps = [b[0].top - a[0].top for a, b in pairwise(rows)]
    near = min(gaps, default=0.0) * 1.2
    # Rows that stand apart, and not only from their header, are told from the lines of a cell.
    apart = any(gap > 1.35 * min(gaps) for gap in gaps[1:])
    groups: list[list[Fragment]] = []
    for row, gap, above in zip(rows, [float("inf"), *gaps], [[], *rows], strict=False):
        first = row[0].x0 < columns[0][1]
        goes_on = (gap < near) if apart else not (first and len(row) > 1)
        if groups and goes_on and not _is_own_row(row, above, columns, told=apart):
            groups[-1] += row
        else:
            groups.append(list(row))
    cells = [
        [cell_text([f for f in group if x0 - 1 <= f.x0 <= x1]) for x0, x1 in columns] for group in groups
    ]
    bold = all(f.bold for f in groups[0]) and not all(f.bold for g in groups[1:] for f in g)
    headers = int(bool(labels) or bold or _is_header(cells))
    for row in labels:
        groups_named = zip(_groups(row, cells[0], columns), cells[0], strict=True)
        cells[0] = [f"{group} {name}".strip() for group, name in groups_named]
    top, bottom = (labels or rows)[0][0].top, max(f.bottom for f in rows[-1])
    box = (columns[0][0], top, columns[-1][1], bottom)
    heights = sorted(f.height for row in rows for f in row)
    return Table(cells, *box, headers, bold_header=bold, columns=columns, letters=heights[len(heights) // 2])


def _is_own_row(
    row: list[Fragment], above: list[Fragment], columns: Sequence[tuple[float, float]], told: bool
) -> bool:
    """Tell whether a row is no more of the one above: both have figures in a column, or one is a title.

    `told` says that the gaps between rows tell the lines of a cell.
    """
    if any(f.cell for f in (*row, *above)):
        return True
    if len(above) == 1 and len(row) > 1 and above[0].x0 < columns[0][1]:
        return not row[0].text[0].islower()
    figures, others = (
        {sum(x0 - 1 <= f.x0 for x0, _ in columns) for f in line if FIGURE.fullmatch(f.text)}
        for line in (row, above)
    )
    if figures & others or len(row) > 1 or row[0].x0 > columns[0][1]:
        return bool(figures & others)
    return row[0].bold != above[0].bold if told else not _wraps(above[0], row[0], columns[0][1])


def _wraps(above: Fragment, below: Fragment, right: float) -> bool:
    """Tell whether one line of a cell goes on in the next: its first word had no room above."""
    word = below.text.split(maxsplit=1)[0]
    full = above.x1 + 0.5 * below.height * len(word) > right - 1
    return above.bold == below.bold and (full or below.text[0].islower())


def _is_header(cells: Sequence[Sequence[str]]) -> bool:
    """Tell whether a first row without figures names columns, of which one holds nothing but figures."""
    first, *others = cells
    if not others or not all(first) or any(c.isdecimal() for cell in first for c in cell):
        return False
    return any(all(FIGURE.fullmatch(row[c]) for row in others) for c in range(1, len(first)))
