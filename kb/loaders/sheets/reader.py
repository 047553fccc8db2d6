"""A workbook from its first byte to its parts: openpyxl reads it row by row, and what is hidden is left out.

Comments, charts and pictures are left out, too: they are drawn from the cells, or are remarks that no print
shows. Macros are never looked at.
"""

from __future__ import annotations

import io
import re
import time
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeAlias

import openpyxl
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.packaging.relationship import get_dependents
from openpyxl.utils import get_column_letter, quote_sheetname, range_boundaries
from openpyxl.utils.escape import unescape
from openpyxl.worksheet._reader import FORMULA_TAG, VALUE_TAG, WorkSheetParser
from openpyxl.worksheet.table import Table
from openpyxl.xml.functions import fromstring

from kb.errors import DamagedDocument
from kb.loaders.content import DAMAGES, UNSHOWN
from kb.loaders.grid import Cell, Rows, grid_parts, is_number
from kb.loaders.sheets.formats import show
from kb.loaders.structure import Part, squeeze

ReadOnlySheet: TypeAlias = Any  # of openpyxl, whose types leave out what lies below its cells
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
CHECKED = 64  # rows, after which it is looked whether they take too long
# What openpyxl and the parsers below it raise on what is no workbook, or half of one.
UNREADABLE = (*DAMAGES, LookupError, TypeError, AttributeError, SyntaxError, ArithmeticError, AssertionError)


class Workbook(NamedTuple):
    """What a workbook holds, as on `Content`; it has no pages."""

    parts: list[Part]
    pages: None
    metadata: dict[str, str]
    without_text: tuple[int, ...]
    recognised: tuple[int, ...]
    hidden: tuple[str, ...]


class _Sheet(NamedTuple):
    """The cells of a sheet that are seen, counted without those that are not, and what is left out.

    `rows` and `columns` are the numbers that the visible ones have in the file; `headers` are rows that end
    a header.
    """

    cells: Rows
    rows: dict[int, int]
    columns: dict[int, int]
    headers: set[int]
    hidden: list[str]


class _Parser(WorkSheetParser):
    """openpyxl's parser of a sheet, which also counts formulas whose value nobody has stored.

    Programs that cannot calculate write no value, or 0 and the wish to `recalculate` when the book is opened.
    """

    recalculate = False
    unknown = 0

    def parse_cell(self, element: Any) -> dict[str, Any]:  # noqa: ANN401 - as openpyxl has it
        cell: dict[str, Any] = super().parse_cell(element)
        empty = cell["value"] is None or (self.recalculate and cell["value"] == 0)
        if empty and element.find(FORMULA_TAG) is not None:
            text = element.get("t") == "str" and element.find(VALUE_TAG) is not None
            cell["value"] = None
            self.unknown += not text
        return cell


def load_workbook(name: str, data: bytes, seconds: float) -> Workbook:
    """Read a workbook into parts; raises DamagedDocument if it is damaged or takes too long."""
    deadline = time.process_time() + seconds

    def check(where: str) -> None:
        if time.process_time() > deadline:
            raise DamagedDocument(f"{name} takes too long to read ({where}); split it into parts.")

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what openpyxl would not write again
            return _read(data, check)
    except RecursionError:
        raise
    except UNREADABLE as error:
        reason = squeeze(str(error).partition("\n")[0]).rstrip(".") or type(error).__name__
        raise DamagedDocument(f"{name} is damaged: {reason}; get a fresh copy.") from error


def _read(data: bytes, check: Callable[[str], None]) -> Workbook:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    parts: list[Part] = []
    hidden: list[str] = []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            hidden.append(f"sheet {sheet.title}")
            continue
        found = _read_sheet(sheet, check)
        below = grid_parts(found.cells, found.headers, _places(sheet.title, found))
        parts += [Part("heading", squeeze(sheet.title), 1), *below] if below else []
        hidden += found.hidden
    title = book.properties.title or next((p.text for p in parts[1:2] if p.kind == "caption"), "")
    return Workbook(parts, None, {"title": title}, (), (), tuple(hidden))


def _read_sheet(sheet: ReadOnlySheet, check: Callable[[str], None]) -> _Sheet:
    """Read the cells of a sheet, without its hidden rows and columns; what is merged is filled."""
    book = sheet.parent
    with sheet._get_source() as source:
        parser = _Parser(
            *(source, sheet._shared_strings, True, book.epoch, book._date_formats, book._timedelta_formats)
        )
        parser.recalculate = bool(book.calculation and book.calculation.fullCalcOnLoad)
        cells: Rows = {}
        style = _styles(sheet)
        for count, (at, row) in enumerate(parser.parse()):
            if count % CHECKED == 0:
                check(f"sheet {sheet.title}, row {at}")
            for cell in row:
                if cell["value"] is not None and (made := _cell(cell["value"], *style(cell["style_id"]))):
                    cells.setdefault(cell["row"], {})[cell["column"]] = made
    rows, columns = _hidden_rows(parser), _hidden_columns(parser)
    gone_rows = sum(at in rows for at in cells)
    gone_columns = len({at for row in cells.values() for at in row.keys() & columns})
    used = sorted({at for row in cells.values() for at in row})
    for merged in parser.merged_cells.mergeCell if parser.merged_cells else ():
        check(f"sheet {sheet.title}")
        _fill(cells, used, _bounds(merged.ref))
    left_out = [
        *_counted(gone_rows, "row", f"of sheet {sheet.title}"),
        *_counted(gone_columns, "column", f"of sheet {sheet.title}"),
        *_counted(parser.unknown, "formula", f"without a stored value on sheet {sheet.title}"),
    ]
    return _visible(cells, rows, columns, _headers(sheet, parser), left_out)


def _visible(
    cells: Rows, hidden_rows: set[int], hidden_columns: set[int], headers: Iterable[int], left_out: list[str]
) -> _Sheet:
    """Close up the rows and columns that are hidden, so that they part no table."""
    last_rows, last_columns = sorted(hidden_rows), sorted(hidden_columns)
    rows = {at - bisect_left(last_rows, at): at for at in cells if at not in hidden_rows}
    used = {at for row in cells.values() for at in row} - hidden_columns
    columns = {at - bisect_left(last_columns, at): at for at in used}
    seen = {old: new for new, old in columns.items()}
    closed = {
        new: row
        for new, old in rows.items()
        if (row := {seen[c]: x for c, x in cells[old].items() if c in seen})
    }
    told = {at - bisect_left(last_rows, at) for at in headers if at not in hidden_rows}
    return _Sheet(closed, rows, columns, told, left_out)


def _styles(sheet: ReadOnlySheet) -> Callable[[int], tuple[str, bool]]:
    """Return what says the number format of a style, and whether it is bold."""

    @cache
    def style(number: int) -> tuple[str, bool]:
        cell = ReadOnlyCell(sheet, 1, 1, None, "n", number)
        return cell.number_format or "General", bool(cell.font and cell.font.b)

    return style


def _cell(value: Any, code: str, bold: bool) -> Cell | None:  # noqa: ANN401 - whatever a cell holds
    """Return what a cell shows, or None if that is nothing."""
    text = squeeze(show(value, code))
    if isinstance(value, str):
        text = squeeze(UNSHOWN.sub("", unescape(text)))
        return Cell(text, is_number(text), bold) if text else None
    return Cell(text, type(value) in (int, float), bold) if text else None


def _bounds(ref: str) -> tuple[int, int, int, int]:
    """Return the first column and row of an area, and the last ones; whole rows name no columns."""
    left, top, right, bottom = range_boundaries(ref)
    return left or 1, top or 1, right or LAST_COLUMN, bottom or LAST_ROW


def _fill(cells: Rows, used: Sequence[int], bounds: tuple[int, int, int, int]) -> None:
    """Give all cells of a merged area what its first one shows, in the rows and columns that are in use."""
    left, top, right, bottom = bounds
    first = cells.get(top, {}).get(left)
    if first is None:
        return
    whole = first._replace(area=(top, left))
    area, columns = range(top, bottom + 1), used[bisect_left(used, left) : bisect_right(used, right)]
    for at in area if len(area) < len(cells) else [at for at in cells if at in area]:
        if at in cells:
            cells[at].update(dict.fromkeys(columns, whole))


def _hidden_rows(parser: _Parser) -> set[int]:
    return {int(at) for at, said in parser.row_dimensions.items() if _is_hidden(said, "ht")}


def _hidden_columns(parser: _Parser) -> set[int]:
    spans = [said for said in parser.column_dimensions.values() if _is_hidden(said, "width")]
    return {
        at
        for said in spans
        for at in range(int(said["min"]), min(int(said.get("max", said["min"])), LAST_COLUMN) + 1)
    }


def _is_hidden(said: dict[str, str], size: str) -> bool:
    return said.get("hidden") in ("1", "true") or said.get(size) in ("0", "0.0")


def _headers(sheet: ReadOnlySheet, parser: _Parser) -> Iterator[int]:
    """Yield rows that end a header, as tables, filters, frozen rows and titles of printed pages tell."""
    path = PurePosixPath(sheet._worksheet_path)
    if parser.tables.tablePart:
        archive = sheet.parent._archive
        known = get_dependents(archive, str(PurePosixPath(path.parent, "_rels", f"{path.name}.rels")))
        for part in parser.tables.tablePart:
            table: Any = Table.from_tree(fromstring(archive.read(known.get(part.id).target)))
            if table.headerRowCount != 0:
                yield _bounds(table.ref)[1]
    if (filtered := getattr(parser, "auto_filter", None)) and filtered.ref:
        yield _bounds(filtered.ref)[1]
    views = getattr(parser, "views", None)
    for view in views.sheetView if views else ():
        if view.pane and view.pane.state != "split" and view.pane.ySplit:
            yield int(view.pane.ySplit)
    if titles := getattr(sheet, "_print_rows", None):
        yield titles.max_row


def _counted(count: int, noun: str, where: str) -> list[str]:
    return [f"{count} {noun}{'s' if count > 1 else ''} {where}"] if count else []


def _places(title: str, sheet: _Sheet) -> Callable[[int, int, int, int], str]:
    """Return what says where cells stand, as formulas do: Fees!A7:D7."""
    name = title if re.fullmatch(r"\w+", title) else quote_sheetname(title)

    def place(top: int, left: int, bottom: int, right: int) -> str:
        first, last = (
            f"{get_column_letter(sheet.columns[column])}{sheet.rows[row]}"
            for row, column in ((top, left), (bottom, right))
        )
        return f"{name}!{first}" if first == last else f"{name}!{first}:{last}"

    return place
