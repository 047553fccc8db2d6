"""Ruled tables on a PDF page: rules become grids, grids give their text to cells."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from kb.loaders.pdf.page import Fragment
from kb.loaders.pdf.rules import Rule
from kb.loaders.structure import join_lines

TOUCH = 3.0  # points between two rules that still meet
Spans = dict[int, list[tuple[int, int]]]  # by row, the first column and the one after of every cell with text
SHORT_RULE = 0.25  # of the longest; shorter ones part neither rows nor columns
DIAGRAM = 0.4  # share of columns with a name; a wide grid with fewer is a drawing
MIN_WALL = 5.0  # points; a shorter upright rule parts no columns
NOTE = 80  # letters; a longer last row over the whole width is a remark below the table
SAME_EDGE = 4.0  # points
MAX_RULES = 600  # more than a table has; charts and maps do


@dataclass(slots=True)
class Table:
    """Rows of cell texts, the first `headers` of them naming the columns, with the table's box."""

    rows: list[list[str]]
    x0: float
    top: float
    x1: float
    bottom: float
    headers: int = 1
    caption: str = ""
    notes: list[str] = field(default_factory=list)
    bold_header: bool = False
    columns: Sequence[tuple[float, float]] = ()
    letters: float = 0.0
    """The height of most letters."""

    def has_columns_of(self, other: Table) -> bool:
        """Tell whether two tables have their columns at the same places, as one over two pages has."""
        return len(self.columns) == len(other.columns) and all(
            abs(mine[0] - its[0]) < SAME_EDGE or abs(mine[1] - its[1]) < SAME_EDGE
            for mine, its in zip(self.columns, other.columns, strict=True)
        )


class Splitter(Protocol):
    """What cuts a fragment of its page at the x positions of rules."""

    def split(self, fragment: Fragment, edges: list[float]) -> list[Fragment]: ...  # noqa: D102


class Grid:
    """The positions of a table's columns and rows, and between which of them rules are drawn."""

    def __init__(self, xs: tuple[float, ...], ys: tuple[float, ...], rules: Sequence[Rule]) -> None:
        self.xs, self.ys = xs, ys
        self._upright: list[list[tuple[float, float]]] = [[] for _ in xs]
        self._flat: list[list[tuple[float, float]]] = [[] for _ in ys]
        for x0, top, x1, bottom, flat in rules:
            if flat:
                self._flat[bisect_right(ys, top + 0.01) - 1].append((x0 - TOUCH, x1 + TOUCH))
            elif bottom - top > MIN_WALL:
                self._upright[bisect_right(xs, x0 + 0.01) - 1].append((top - TOUCH, bottom + TOUCH))

    def holds(self, fragment: Fragment) -> bool:
        """Tell whether the middle of a fragment lies inside the table."""
        x, y = _middle(fragment)
        return self.xs[0] - 1 <= x <= self.xs[-1] + 1 and self.ys[0] - 1 <= y <= self.ys[-1] + 1

    def place(self, fragment: Fragment) -> tuple[int, int]:
        """Return the row and column in which the middle of a fragment lies."""
        x, y = _middle(fragment)
        row = min(max(bisect_right(self.ys, y) - 1, 0), len(self.ys) - 2)
        return row, min(max(bisect_right(self.xs, x) - 1, 0), len(self.xs) - 2)

    def split(self, reader: Splitter, fragment: Fragment) -> list[Fragment]:
        """Cut a fragment where a rule stands in its way."""
        if bisect_right(self.xs, fragment.x0 + 1) == bisect_right(self.xs, fragment.x1 - 1):
            return [fragment]
        y = _middle(fragment)[1]
        walls = [x for x, spans in zip(self.xs, self._upright, strict=True) if _covered(spans, y)]
        return reader.split(fragment, walls)

    def regions(self) -> list[tuple[int, int, int, int]]:
        """Return the cells as (first row, first column, row after, column after)."""
        rows, columns = len(self.ys) - 1, len(self.xs) - 1
        taken: set[tuple[int, int]] = set()
        found = []
        for row in range(rows):
            y = _between(self.ys, row)
            for column in range(columns):
                if (row, column) in taken:
                    continue
                right, below = column + 1, row + 1
                while right < columns and not _covered(self._upright[right], y):
                    right += 1
                middles = [_between(self.xs, c) for c in range(column, right)]
                while below < rows and not any(_covered(self._flat[below], x) for x in middles):
                    below += 1
                taken |= {(r, c) for r in range(row, below) for c in range(column, right)}
                found.append((row, column, below, right))
        return found


def _covered(spans: list[tuple[float, float]], position: float) -> bool:
    for start, end in spans:  # noqa: SIM110 - asked for every cell, and a generator is twice as slow
        if start <= position <= end:
            return True
    return False


def find_grids(rules: Sequence[Rule]) -> list[Grid]:
    """Return the grids of at least two columns that the rules of a page form."""
    distinct = {(round(r.x0), round(r.top), round(r.x1), round(r.bottom)): r for r in rules}
    if len(distinct) > MAX_RULES or sum(not rule.flat for rule in distinct.values()) < 2:
        return []
    grids = []
    for group in _connected(distinct.values()):
        walls = [r for r in group if not r.flat and r.bottom - r.top > MIN_WALL]
        xs = _positions([(r.x0, r.top, r.bottom) for r in walls])
        ends = [(y, xs[0], xs[-1]) for r in walls if len(xs) > 2 for y in (r.top, r.bottom) if r.x0 in xs]
        ys = _positions([(r.top, r.x0, r.x1) for r in group if r.flat] + _outer(ends))
        if len(xs) >= 3 and len(ys) >= 2:
            grids.append(Grid(xs, ys, group))
    return grids


def _connected(rules: Iterable[Rule]) -> list[list[Rule]]:
    """Group the rules whose frames touch, directly or through others."""
    groups: list[tuple[float, float, float, float, list[Rule]]] = []
    for rule in sorted(rules, key=lambda rule: rule.top):
        x0, top, x1, bottom, _ = rule
        members, apart = [rule], []
        for group in groups:
            if group[0] > x1 + TOUCH or group[2] < x0 - TOUCH or group[3] < top - TOUCH:
                apart.append(group)
                continue
            x0, top, x1, bottom = (
                min(x0, group[0]),
                min(top, group[1]),
                max(x1, group[2]),
                max(bottom, group[3]),
            )
            members += group[4]
        groups = [*apart, (x0, top, x1, bottom, members)]
    return [group[4] for group in groups if len(group[4]) > 4]


def _positions(rules: Iterable[tuple[float, float, float]]) -> tuple[float, ...]:
    """Return the distinct positions of rules (position, start, end); short ones draw charts."""
    found: list[tuple[float, list[tuple[float, float]]]] = []
    for position, start, end in sorted(rules):
        if not found or position - found[-1][0] > 2 * TOUCH:
            found.append((position, []))
        found[-1][1].append((start, end))
    lengths = [_covered_length(spans) for _, spans in found]
    least = SHORT_RULE * max(lengths, default=0.0)
    return tuple(position for (position, _), length in zip(found, lengths, strict=True) if length > least)


def _covered_length(spans: Iterable[tuple[float, float]]) -> float:
    """Return the length that spans cover together."""
    length, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        length += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return length


def _outer(ends: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Return the upper and lower end of a table's columns: not every table closes with a rule."""
    return [min(ends), max(ends)] if ends else []


def read_tables(
    reader: Splitter, fragments: list[Fragment], rules: Sequence[Rule], before: Sequence[Table] = ()
) -> tuple[list[Table], list[Fragment]]:
    """Return the tables of a page, and the fragments that belong to none of them.

    One row makes a table only if it alone goes on with a table of the page `before`.
    """
    tables: list[Table] = []
    grids = find_grids(rules)
    for grid in grids:
        inside = [fragment for fragment in fragments if grid.holds(fragment)]
        table = _fill(reader, grid, inside)
        goes_on = table is not None and len(grids) == 1 and any(map(table.has_columns_of, before))
        if table is not None and (goes_on or len(grid.ys) > 2):
            tables.append(table)
            fragments = [fragment for fragment in fragments if not grid.holds(fragment)]
    return tables, fragments


def _fill(reader: Splitter, grid: Grid, inside: list[Fragment]) -> Table | None:
    """Write the fragments into the cells of a grid; None if that makes no table."""
    pieces = [part for whole in inside for part in grid.split(reader, whole)]
    places: dict[tuple[int, int], list[Fragment]] = {}
    for piece in pieces:
        places.setdefault(grid.place(piece), []).append(piece)
    rows = [[""] * (len(grid.xs) - 1) for _ in grid.ys[1:]]
    spans: Spans = {}
    for row, column, below, right in grid.regions():
        cells = [places.get((r, c), ()) for r in range(row, below) for c in range(column, right)]
        text = cell_text([piece for cell in cells for piece in cell])
        if text:
            spans.setdefault(row, []).append((column, right))
        for r in range(row, below):
            rows[r][column] = text
    if len(rows) <= 3:
        rows, spans = _split_by_lines(rows, spans, places)
    heights = sorted(piece.height for piece in inside)
    head = [piece for (row, _), cell in places.items() if row == min(places)[0] for piece in cell]
    table = _trimmed(grid, rows, spans, bool(head) and all(piece.bold for piece in head))
    if table:
        table.letters = heights[len(heights) // 2]
    return table


def _split_by_lines(
    rows: list[list[str]], spans: Spans, places: dict[tuple[int, int], list[Fragment]]
) -> tuple[list[list[str]], Spans]:
    """Split the rows of a table without rules between its lines, where every cell has as many lines."""
    done: list[list[str]] = []
    kept: Spans = {}
    for at, row in enumerate(rows):
        kept[len(done)] = spans.get(at, [])
        cells = {column: sorted(cell, key=lambda f: f.top) for (r, column), cell in places.items() if r == at}
        counts = {len(cell) for cell in cells.values()}
        if len(cells) < 2 or len(counts) > 1 or max(counts) < 3:
            done.append(row)
            continue
        for line in range(max(counts)):
            done.append([cells[c][line].text if c in cells else "" for c in range(len(row))])
    return done, kept


def _trimmed(grid: Grid, rows: list[list[str]], spans: Spans, bold: bool) -> Table | None:
    """Leave out empty rows and columns, and tell caption, header and remarks from the rows between."""
    filled = [at for at, row in enumerate(rows) if any(row)]
    columns = [c for c in range(len(grid.xs) - 1) if any(row[c] for row in rows)]
    if not filled or len(columns) < 2 or (len(filled) < 2 < len(grid.ys)):
        return None
    widths = {at: [sum(a <= c < b for c in columns) for a, b in spans.get(at, ())] for at in filled}
    caption = ""
    notes: list[str] = []
    if widths[filled[0]] == [len(columns)] and len(filled) > 2:
        caption = " ".join(rows[filled.pop(0)]).strip()
    while len(filled) > 2 and widths[filled[-1]] == [len(columns)] and len("".join(rows[filled[-1]])) > NOTE:
        notes.insert(0, "".join(rows[filled.pop()]))
    named = sum(bool(rows[filled[0]][c]) for c in columns)
    if len(columns) > 4 and named < DIAGRAM * len(columns) and len(filled) > 1:
        return None
    headers = 2 if max(widths[filled[0]], default=1) > 1 and len(filled) > 2 else 1
    kept = [[rows[at][c] for c in columns] for at in filled]
    edges = (grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1])
    headers = headers if len(grid.ys) > 2 else 0
    return Table(kept, *edges, headers, caption, notes, bold, list(pairwise(grid.xs)))


def cell_text(pieces: Sequence[Fragment]) -> str:
    """Join the lines of a cell from the top down."""
    if len(pieces) < 2:
        return " ".join(pieces[0].text.split()) if pieces else ""
    placed = sorted(pieces, key=lambda piece: (round(_middle(piece)[1] / 4), piece.x0))
    return " ".join(join_lines([piece.text for piece in placed], frozenset()).split())


def _middle(piece: Fragment) -> tuple[float, float]:
    return (piece.x0 + piece.x1) / 2, (piece.top + piece.bottom) / 2


def _between(positions: Sequence[float], at: int) -> float:
    return (positions[at] + positions[at + 1]) / 2
