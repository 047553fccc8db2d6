"""A checklist as a workbook: text stays text, whatever it begins with, and states are chosen from a list."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

from kb.briefs.checklist import NUMBER, STATES, WORKING, Checklist
from kb.briefs.places import page_of, section_of
from kb.briefs.tree import clean

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SOURCE = ("Document", "Section", "Page", "Quote")
# Widths in characters, of the columns that are not the list's own.
_WIDTHS = {
    NUMBER: 6,
    "Owner": 16,
    "Due date": 12,
    "State": 14,
    "Note": 24,
    "Document": 28,
    "Section": 28,
    "Page": 16,
    "Quote": 60,
}
_NARROWEST, _WIDEST = 16, 60
# A cell of a workbook holds no more characters than this.
MOST_CHARS = 32_000
_FIRST_DAY = date(2000, 1, 1)
_CELL = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BFBFBF"}
_HEAD = {**_CELL, "bold": True, "bg_color": "#E7EBF3", "font_color": "#1F3864"}


def workbook_bytes(checklist: Checklist) -> bytes:
    """Return a checklist as the bytes of an XLSX file.

    The header is frozen and filters; every cell is written as a string, so that
    one that begins with = + - or @ is no formula.
    """
    from xlsxwriter import Workbook

    data = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(data, {"in_memory": True, **plain}) as book:
        book.set_properties({"title": clean(checklist.title), "comments": _about(checklist)})
        sheet = book.add_worksheet("Checklist")
        styles = {"head": book.add_format(_HEAD), "cell": book.add_format(_CELL)}
        styles["date"] = book.add_format({**_CELL, "num_format": "yyyy-mm-dd"})
        _fill(sheet, checklist, styles)
    return data.getvalue()


def _fill(sheet: Worksheet, checklist: Checklist, styles: dict[str, Any]) -> None:
    names = (*checklist.columns, *WORKING, *SOURCE)
    due = _place("Due date", checklist)
    for at, name in enumerate(names):
        sheet.write_string(0, at, clean(name), styles["head"])
        sheet.set_column(at, at, _width(checklist, at, name))
    for number, row in enumerate(checklist.rows, 1):
        found = checklist.documents[row.citation.passage.document_id]
        source = (found.title, section_of(row.citation), page_of(row.citation), row.quote)
        for at, text in enumerate((*row.cells, "", "", STATES[0], "", *source)):
            style = styles["date"] if at == due else styles["cell"]
            # An empty string is written as a blank cell.
            sheet.write_string(number, at, clean(text)[:MOST_CHARS], style)
    _guide(sheet, checklist, len(names) - 1)


def _place(name: str, checklist: Checklist) -> int:
    """Return where a working column stands; the list may have a column of that name itself."""
    return len(checklist.columns) + WORKING.index(name)


def _guide(sheet: Worksheet, checklist: Checklist, last: int) -> None:
    """Freeze and filter the header, offer the states, ask for dates, and fit the print to the page."""
    sheet.freeze_panes(1, 0)
    rows, state, due = len(checklist.rows), _place("State", checklist), _place("Due date", checklist)
    sheet.autofilter(0, 0, rows, last)
    sheet.data_validation(1, state, rows, state, {"validate": "list", "source": list(STATES)})
    sheet.data_validation(
        1,
        due,
        rows,
        due,
        {"validate": "date", "criteria": ">", "value": _FIRST_DAY, "error_message": "Enter a date."},
    )
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _width(checklist: Checklist, at: int, name: str) -> float:
    if at >= len(checklist.columns) or name == NUMBER:
        return _WIDTHS[name]
    longest = max(len(row.cells[at]) for row in checklist.rows)
    return min(max(longest, _NARROWEST), _WIDEST)


def _about(checklist: Checklist) -> str:
    return f"Made on {checklist.made} from index generation {checklist.index_generation}."
