"""Cells on a sheet become parts: its tables, which rows are their headers, and what is said around them.

Blank rows and blank columns part one table from the next. Lines of one cell above a table are its captions,
below it they are notes. What goes on below a blank row without a header of its own keeps the last one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, NamedTuple, TypeAlias

from kb.loaders.lists import give_leads, marked_items
from kb.loaders.structure import Part

MAX_CAPTION_WORDS = 25
MAX_NOTE_WORDS = 5  # with more, a lone cell below a table is no name of a row
MAX_HEADERS = 4  # rows
MAX_COLUMNS = 256  # that are looked at for a blank one between two tables
REMEMBERED = 8  # tables above that one without a header may go on
NUMBER = re.compile(
    r"[-+–−(]?\s?(?:[^\w\s]{1,2}|[A-Z]{3}\s)?\s?[-–−]?\d[\d.,'’\s]*(?:%|[^\w\s]|[A-Z]{3})?\)?"
)
YEAR = re.compile(r"(?:19|20)\d\d")
NOTE = re.compile(r"[*†‡¹²³⁴⁵]|\d\)|\((?:\d|\w)\)|(?:notes?|sources?|nota|remarques?)\b", re.I)


class Cell(NamedTuple):
    """A cell that shows something.

    `area` is the first row and column of the merged cells that it is one of.
    """

    text: str
    number: bool = False
    bold: bool = False
    area: tuple[int, int] | None = None


Row: TypeAlias = dict[int, Cell]
# By row and by column number; what is blank is not there.
Rows: TypeAlias = dict[int, Row]
# Says where the cells from a row and column to others stand.
Place: TypeAlias = Callable[[int, int, int, int], str | None]


@dataclass(slots=True)
class _Table:
    """Rows of cells in columns, with their header once it is known."""

    rows: list[tuple[int, Row]]
    columns: list[int]
    lead: str | None = None
    bold: bool = False


class _Line(NamedTuple):
    """A row of one cell outside the tables."""

    row: int
    column: int
    text: str
    below: bool = False  # directly below a table, as its notes are


@dataclass(slots=True)
class _Reader:
    """What is known of a sheet while it is read: the rows that it says end a header, the latest tables."""

    headers: Collection[int]
    place: Place
    tables: list[_Table] = field(default_factory=list)


def is_number(text: str) -> bool:
    """Tell whether a text is a figure, with its sign, currency or unit of a letter or three.

    >>> [is_number(text) for text in ("1,250.50 EUR", "-3 %", "(12)", "$5", "4th", "06:30", "A1")]
    [True, True, True, True, False, False, False]
    """
    return len(text) < 40 and NUMBER.fullmatch(text) is not None


def grid_parts(rows: Rows, headers: Collection[int] = (), place: Place = lambda *_: None) -> list[Part]:
    r"""Turn the cells of a sheet into captions, table rows led by their header, and paragraphs.

    `headers` are rows that the file itself names as the last one of a header.

    >>> texts = ["Fees", "", "Room|Fee", "Hall|40", "", "Hire|Days", "Van|3"]
    >>> cells = [[Cell(t, is_number(t)) for t in text.split("|") if t] for text in texts]
    >>> parts = grid_parts({at: dict(enumerate(row)) for at, row in enumerate(cells) if row})
    >>> [(part.kind, part.text, part.lead) for part in parts]
    [('caption', 'Fees', None), ('table_row', 'Hall\t40', 'Room\tFee'), ('table_row', 'Van\t3', 'Hire\tDays')]
    """
    reader = _Reader(headers, place)
    found = list(_pieces(rows, headers))
    parts: list[Part] = []
    captions: set[int] = set()
    above_table = False
    for at in range(len(found) - 1, -1, -1):
        piece = found[at]
        above_table = isinstance(piece, _Table) or (above_table and _reads_like_caption(piece))
        if above_table:
            captions.add(at)
    for at, piece in enumerate(found):
        if isinstance(piece, _Table):
            parts += _table_rows(piece, reader)
        else:
            kind: Literal["caption", "paragraph"] = "caption" if at in captions else "paragraph"
            where = place(piece.row, piece.column, piece.row, piece.column)
            parts.append(Part(kind, piece.text, place=where))
    return give_leads(marked_items(parts))


def _reads_like_caption(line: _Line) -> bool:
    short = len(line.text.split()) <= MAX_CAPTION_WORDS and not line.text.endswith((".", "!", "?"))
    return short and not line.below and not NOTE.match(line.text)


# Where the tables are


def _pieces(rows: Rows, headers: Collection[int]) -> Iterator[_Table | _Line]:
    """Yield the tables of a sheet and the lines around them, from above."""
    for band in _bands(rows):
        first, last = 0, len(band)
        columns = _columns(band)
        while first < last and len(columns) > 1 and _is_title(band[first][1], columns):
            yield _line(*band[first])
            first += 1
        while last > first and len(columns) > 1 and _is_note(band[last - 1][1], columns):
            last -= 1
        yield from _side_by_side(band[first:last], headers)
        for at, row in band[last:]:
            yield _line(at, row, below=True)


def _bands(rows: Rows) -> Iterator[list[tuple[int, Row]]]:
    """Yield the runs of rows that no blank row parts."""
    band: list[tuple[int, Row]] = []
    for at in sorted(rows):
        if band and band[-1][0] != at - 1:
            yield band
            band = []
        band.append((at, rows[at]))
    if band:
        yield band


def _side_by_side(band: list[tuple[int, Row]], headers: Collection[int]) -> Iterator[_Table | _Line]:
    """Yield what stands in a run of rows: parts that a blank column parts, if each is a table by itself."""
    columns = _columns(band)
    for before, after in pairwise(columns[:MAX_COLUMNS]):
        if after - before == 1:
            continue
        left = {at: some for at, row in band if (some := {c: row[c] for c in row if c < after})}
        right = {at: some for at, row in band if (some := {c: row[c] for c in row if c >= after})}
        if _are_apart(left, right):
            yield from _pieces(left, headers)
            yield from _pieces(right, headers)
            return
    if band and _is_table(band, columns, headers):
        yield _Table(band, columns)
    else:
        for at, row in band:
            yield _line(at, row)


def _are_apart(left: Rows, right: Rows) -> bool:
    """Tell whether a blank column parts two tables, rather than a table's figures from their names.

    What begins with a column of figures belongs to the names on its left.
    """
    at = min(column for row in right.values() for column in row)
    names = [right[row][at] for row in sorted(right) if at in right[row]]
    if _mostly_numbers(names[1:]):
        return False
    wide = min(len(_columns(list(side.items()))) for side in (left, right)) > 1
    return wide or min(left) != min(right)


def _columns(band: Sequence[tuple[int, Row]]) -> list[int]:
    return sorted({column for _, row in band for column in row})


def _values(row: Row) -> int:
    """Return how many values a row shows: merged cells show one."""
    return len({cell.area or (-1, column) for column, cell in row.items()})


def _is_title(row: Row, columns: Sequence[int]) -> bool:
    """Tell whether a row is one line of text, and not the name of some columns beside the first."""
    first = min(row)
    spans_some = len(row) > 1 and first > columns[0]
    return _values(row) == 1 and not row[first].number and not spans_some


def _is_note(row: Row, columns: Sequence[int]) -> bool:
    """Tell whether a row below others is a note on them, and not one of them."""
    first = min(row)
    if _values(row) > 1 or first != columns[0] or row[first].number:
        return False
    text = row[first].text
    return len(row) > 1 or len(text.split()) >= MAX_NOTE_WORDS or text.endswith(".") or bool(NOTE.match(text))


def _is_table(band: list[tuple[int, Row]], columns: Sequence[int], headers: Collection[int]) -> bool:
    """Tell whether rows are a table: several columns, or one of figures, or one with a header."""
    if len(columns) > 1:
        return True
    names, *cells = (row[columns[0]] for _, row in band)
    if names.number or not cells:
        return names.number
    told = any(at in headers for at, _ in band)
    return told or all(cell.number for cell in cells) or (names.bold and not any(cell.bold for cell in cells))


def _line(at: int, row: Row, below: bool = False) -> _Line:
    texts = dict.fromkeys(row[column].text for column in sorted(row))
    return _Line(at, min(row), " ".join(texts), below)


# What their headers are


def _table_rows(table: _Table, reader: _Reader) -> list[Part]:
    """Return the rows of a table led by its header, or by that of the table above which it goes on."""
    captions: list[Part] = []
    while len(table.rows) > 2 and _is_line_above(table, reader.headers):
        at, row = table.rows.pop(0)
        place = reader.place(at, min(row), at, max(row))
        captions.append(Part("caption", " ".join(row[c].text for c in sorted(row)), place=place))
    above = next((t for t in reversed(reader.tables) if set(table.columns) <= set(t.columns)), None)
    depth = _header_depth(table, reader.headers)
    if above and above.lead and _goes_on(table, above, depth):
        depth, table.columns, table.lead, table.bold = 0, above.columns, above.lead, above.bold
    if depth:
        table.lead = _lead([row for _, row in table.rows[:depth]], table.columns)
        table.bold = all(cell.bold for cell in table.rows[0][1].values())
    reader.tables = [*reader.tables, table][-REMEMBERED:]
    first, last = table.columns[0], table.columns[-1]
    rows = [
        Part(
            "table_row",
            _row_text(row, table.columns),
            lead=table.lead,
            place=reader.place(at, first, at, last),
        )
        for at, row in table.rows[depth:]
    ]
    return captions + rows


def _row_text(row: Row, columns: Sequence[int]) -> str:
    """Return the cells of a row; a row that is one value has it once."""
    if len(row) > 1 and _values(row) == 1:
        row = {min(row): row[min(row)]}
    return "\t".join(row[c].text if c in row else "" for c in columns)


def _is_line_above(table: _Table, headers: Collection[int]) -> bool:
    """Tell whether a first row of several cells is no header: it has gaps, and a whole header stands below.

    It has a cell of its own above the first name of that header, which what spans the other names has not.
    """
    (_, above), (at, row), (_, below) = table.rows[:3]
    first = table.columns[0]
    whole = len(row) == len(table.columns) > len(above) and first in above
    if not whole or any(cell.area for cell in above.values()) or _has_figures(row):
        return False
    bold = all(cell.bold for cell in row.values()) and not all(cell.bold for cell in below.values())
    return at in headers or bold or _figures_below(table, 1)


def _has_figures(row: Row) -> bool:
    return any(cell.number and not YEAR.fullmatch(cell.text) for cell in row.values())


def _goes_on(table: _Table, above: _Table, depth: int) -> bool:
    """Tell whether a table has no header of its own, but that of the one above it."""
    if not depth:
        return True
    first = table.rows[0][1]
    if any(cell.number for cell in first.values()) or _figures_below(table, 0):
        return False
    return above.bold and not all(cell.bold for cell in first.values())


def _header_depth(table: _Table, headers: Collection[int]) -> int:
    """Return how many of the first rows of a table are its header."""
    rows = [row for _, row in table.rows]
    told = [n + 1 for n, (at, _) in enumerate(table.rows[: MAX_HEADERS + 1]) if at in headers]
    if told:
        return told[0] if told[0] < len(rows) else 0
    if len(rows) < 2 or not _may_be_header(table):
        return 0
    depth = 1
    while depth < min(MAX_HEADERS, len(rows) - 1) and _is_second_header(table, depth):
        depth += 1
    return depth


def _may_be_header(table: _Table) -> bool:
    """Tell whether a first row names columns: it has words, years, or numbers that count on."""
    rows = [row for _, row in table.rows]
    first = rows[0]
    figures = [column for column in sorted(first) if first[column].number]
    texts = [first[column].text for column in figures]
    if all(text.isdecimal() and len(text) < 10 for text in texts) and len(texts) > 2:
        numbers = [int(text) for text in texts]
        if all(b - a == 1 for a, b in pairwise(numbers)):
            return True
    if any(not YEAR.fullmatch(text) for text in texts):
        return False
    if figures and all(YEAR.fullmatch(row[c].text) for row in rows[1:] for c in figures if c in row):
        return False
    names = [row[table.columns[0]] for row in rows if table.columns[0] in row]
    beside = [first[column] for column in table.columns[1:] if column in first]
    labels = all(cell.text.endswith(":") for cell in names)
    bold_names = all(cell.bold for cell in names) and bool(beside) and not any(cell.bold for cell in beside)
    return not (len(table.columns) == 2 and (labels or bold_names))


def _is_second_header(table: _Table, depth: int) -> bool:
    """Tell whether the row below a header belongs to it, by what is merged, bold, or names figures."""
    above, row = table.rows[depth - 1][1], table.rows[depth][1]
    if _has_figures(row):
        return False
    down = any(cell.area and cell.area == above[c].area for c, cell in row.items() if c in above)
    if down or _names_below_spans(above, row):
        return True
    bold = all(cell.bold for cell in (*above.values(), *row.values()))
    if (
        bold
        and _values(row) > 1
        and not all(c.bold for _, r in table.rows[depth + 1 :][:5] for c in r.values())
    ):
        return True
    gaps = any(column in row and column not in above for column in table.columns[1:])
    units = table.columns[0] not in row and all(table.columns[0] in r for _, r in table.rows[depth + 1 :][:5])
    return (gaps or units) and _figures_below(table, depth)


def _names_below_spans(above: Mapping[int, Cell], row: Mapping[int, Cell]) -> bool:
    """Tell whether every cell below one that is merged over several columns has a name of its own."""
    spanned = [cell.area for cell in above.values() if cell.area]
    wide = {column for column, cell in above.items() if cell.area and spanned.count(cell.area) > 1}
    texts = [row[column].text for column in wide if column in row]
    return bool(wide) and len(texts) == len(wide) and len({row[c].area or (-1, c) for c in wide}) == len(wide)


def _figures_below(table: _Table, depth: int) -> bool:
    """Tell whether some column has a name in a row and mostly figures below it."""
    row, below = table.rows[depth][1], [r for _, r in table.rows[depth + 1 :]]
    named = [column for column, cell in row.items() if not cell.number or YEAR.fullmatch(cell.text)]
    return any(_mostly_numbers([r[column] for r in below if column in r]) for column in named)


def _mostly_numbers(cells: Sequence[Cell]) -> bool:
    return sum(cell.number for cell in cells) * 2 > len(cells)


def _lead(rows: list[Row], columns: Sequence[int]) -> str:
    """Return the header line of a table; a name over several columns stands in each of them."""
    names: list[list[str]] = [[] for _ in columns]
    for at, row in enumerate(rows):
        merged = any(cell.area for cell in row.values())
        latest = ""
        for place, column in enumerate(columns):
            text = row[column].text if column in row else ""
            over_names = at + 1 < len(rows) and column in rows[at + 1] and not merged and place > 0
            latest = text or (latest if over_names else "")
            names[place].append(latest)
    return "\t".join(" ".join(filter(None, dict.fromkeys(texts))) for texts in names)
