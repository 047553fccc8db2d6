"""Workbooks: values as they are shown, tables and their headers, and what is hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from kb.errors import DamagedDocument
from kb.loaders import load
from kb.loaders.sheets.formats import Value, show
from kb.types import Document
from tests import hostile


def sheet(path: Path, drawn: str, change: Callable[[Worksheet], object] | None = None) -> Document:
    """Read a workbook of one sheet: a line for each row, cells parted by bars, digits as numbers."""
    book = Workbook()
    made = book.active
    assert isinstance(made, Worksheet)
    made.title = "Plan"
    for at, line in enumerate(drawn.strip("\n").splitlines(), 1):
        for column, text in enumerate(map(str.strip, line.split("|")), 1):
            if text:
                made.cell(at, column, int(text) if text.isdecimal() else text)
    if change:
        change(made)
    book.save(path / "plan.xlsx")
    return load(path / "plan.xlsx")


def seen(document: Document) -> list[str]:
    """Return the blocks below the sheet's name: captions, paragraphs, and rows as "header > row"."""
    signs = {"caption": "caption: ", "paragraph": "text: "}
    return [
        signs.get(b.kind, "") + (f"{b.lead} > {b.text}" if b.lead else b.text).replace("\t", "|")
        for b in document.blocks[1:]
    ]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (1999.0, "General", "1999"),
        (0.1 + 0.2, "General", "0.3"),
        (5e-9, "General", "5E-09"),
        (True, "General", "TRUE"),
        (1234567, "#,##0", "1,234,567"),
        (-1234.5, "#,##0.00", "-1,234.50"),
        (1.005, "0.00", "1.01"),
        (0, '#,##0;-#,##0;"none"', "none"),
        (-5, '"$"#,##0_);[Red]\\("$"#,##0\\)', "($5)"),
        (0, '_-* #,##0_-;\\-* #,##0_-;_-* "-"??_-;_-@_-', "-"),
        (0.125, "0.0%", "12.5%"),
        (1250, "[$€-407] #,##0", "€ 1,250"),
        (7, '0" km"', "7 km"),
        (2_500_000, '0.0,,"M"', "2.5M"),
        (2500, '[<1000]0;[>=1000]0.0,"k"', "2.5k"),
        (12_345_678, "0.00E+00", "1.23E+07"),
        (42, "0000", "0042"),
        (5551234, "000-0000", "555-1234"),
        (0.5, "# ?/?", "0.5"),
        (1e40, "0.00", "1E+40"),
        (float("inf"), "0.00", "INF"),
        (3, ";;;", ""),
        (datetime(2031, 4, 5), "d mmm yyyy", "5 Apr 2031"),
        (datetime(2031, 4, 5), "mm-dd-yy", "2031-04-05"),
        (datetime(2031, 4, 5, 16, 7), "dd/mm/yyyy h:mm AM/PM", "05/04/2031 4:07 PM"),
        (datetime(2031, 4, 5, 16, 7), "General", "2031-04-05 16:07"),
        (date(2031, 4, 5), '[$-F800]dddd, d" of "mmmm', "Saturday, 5 of April"),
        (time(8, 5), "h:mm", "8:05"),
        (time(8, 5, 9), "mm:ss", "05:09"),
        (timedelta(hours=31, minutes=4), "[h]:mm", "31:04"),
    ],
)
def test_a_value_reads_as_its_cell_shows_it(value: Value, code: str, shown: str) -> None:
    assert show(value, code) == shown


@pytest.mark.parametrize(
    ("drawn", "blocks"),
    [
        (  # lines above a table, with and without a blank row between
            """
            Rents of halls
            Town council

            in EUR

            Hall | 2030 | 2031
            Elm  | 40   | 45""",
            [
                *("caption: Rents of halls", "caption: Town council", "caption: in EUR"),
                "Hall|2030|2031 > Elm|40|45",
            ],
        ),
        (  # a note right below a table, and one further down
            """
            Hall | Seats
            Elm  | 40
            Total | 40
            * without the balcony

            Source: town council""",
            [
                *("Hall|Seats > Elm|40", "Hall|Seats > Total|40"),
                *("text: * without the balcony", "text: Source: town council"),
            ],
        ),
        (  # tables below each other, the second one wider
            """
            Hall | Seats
            Elm  | 40

            Boat | Oars | Pier
            Ada  | 4    | east""",
            ["Hall|Seats > Elm|40", "Boat|Oars|Pier > Ada|4|east"],
        ),
        (  # a blank row before a total, and between groups
            """
            Hall | Seats
            Elm  | 40

            Oak  | 20

            Total | 60""",
            ["Hall|Seats > Elm|40", "Hall|Seats > Oak|20", "Hall|Seats > Total|60"],
        ),
        (  # tables beside each other
            """
            Hall | Seats |  | Boat | Oars
            Elm  | 40    |  | Ada  | 4
            Oak  | 20    |  |      |""",
            ["Hall|Seats > Elm|40", "Hall|Seats > Oak|20", "Boat|Oars > Ada|4"],
        ),
        (  # a narrow blank column within a table
            """
            Hall | | Seats | | Doors
            Elm  | | 40    | | 2
            Oak  | | 20    | | 3""",
            ["Hall|Seats|Doors > Elm|40|2", "Hall|Seats|Doors > Oak|20|3"],
        ),
        (  # years over names without anything merged
            """
                 | 2030  |       | 2031  |
            Hall | Seats | Doors | Seats | Doors
            Elm  | 40    | 2     | 42    | 3""",
            ["Hall|2030 Seats|2030 Doors|2031 Seats|2031 Doors > Elm|40|2|42|3"],
        ),
        (  # a row of units
            """
            Hall | Size | Rent
                 | m²   | EUR
            Elm  | 140  | 90
            Oak  | 80   | 55""",
            ["Hall|Size m²|Rent EUR > Elm|140|90", "Hall|Size m²|Rent EUR > Oak|80|55"],
        ),
        (  # names beside values
            """
            Seats | 40
            Doors | 2""",
            ["Seats|40", "Doors|2"],
        ),
        ("Bring a pen.\nBring a map.", ["text: Bring a pen.", "text: Bring a map."]),
        ("Seats\n40\n60", ["Seats > 40", "Seats > 60"]),
    ],
)
def test_tables_have_their_own_headers(tmp_path: Path, drawn: str, blocks: list[str]) -> None:
    assert seen(sheet(tmp_path, drawn)) == blocks


def test_merged_cells_show_their_value_in_each(tmp_path: Path) -> None:
    drawn = """
        Rents and seats
        Side | Hall | In 2031 |
             |      | Rent    | Seats
        East | Elm  | 90      | 40
             | Oak  | 55      | 20
        On request ||         |"""

    def merge(made: Worksheet) -> None:
        for area in ("A1:D1", "A2:A3", "B2:B3", "C2:D2", "A4:A5", "A6:D6"):
            made.merge_cells(area)

    lead = "Side|Hall|In 2031 Rent|In 2031 Seats"
    found = sheet(tmp_path, drawn, merge)
    assert seen(found) == [
        "caption: Rents and seats",
        f"{lead} > East|Elm|90|40",
        f"{lead} > East|Oak|55|20",
        "text: On request",
    ]
    assert [b.place for b in found.blocks[1:3]] == ["Plan!A1", "Plan!A4:D4"]


def test_what_is_hidden_is_left_out_and_told(tmp_path: Path) -> None:
    drawn = """
        Hall | Key  | Seats
        Elm  | 7788 | 40
        Yew  | 7789 | 99
        Oak  | 7790 | 20"""

    def hide(made: Worksheet) -> None:
        made.row_dimensions[3].hidden = True
        made.row_dimensions[90].hidden = True
        made.column_dimensions["B"].hidden = True
        assert made.parent
        made.parent.create_sheet("Draft").sheet_state = "veryHidden"
        made["A2"].comment = Comment("Ask Jo", "Jo")

    found = sheet(tmp_path, drawn, hide)
    assert seen(found) == ["Hall|Seats > Elm|40", "Hall|Seats > Oak|20"]
    assert found.blocks[2].place == "Plan!A4:C4"
    assert found.hidden == ("1 row of sheet Plan", "1 column of sheet Plan", "sheet Draft")


def test_formulas_are_their_stored_values(tmp_path: Path) -> None:
    found = sheet(tmp_path, "Hall | Seats\nElm | =4+4\nOak | 20")
    assert seen(found) == ["Hall|Seats > Elm|", "Hall|Seats > Oak|20"]
    assert found.hidden == ("1 formula without a stored value on sheet Plan",)


@pytest.mark.parametrize("how", ["table", "filter", "frozen", "bold", "printed"])
def test_headers_that_the_file_names_are_headers(tmp_path: Path, how: str) -> None:
    drawn = "Rents of halls | | in EUR\nHall | Side | Note\nElm | east | new\nOak | west | old"

    def name(made: Worksheet) -> None:
        match how:
            case "table":
                made.add_table(Table(displayName="Halls", ref="A2:C4"))
            case "filter":
                made.auto_filter.ref = "A2:C4"
            case "frozen":
                made.freeze_panes = "A3"
            case "printed":
                made.print_title_rows = "1:2"
            case "bold":
                for row in made["A1:C2"]:
                    for cell in row:
                        cell.font = Font(bold=True)

    assert seen(sheet(tmp_path, drawn, name)) == [
        *("caption: Rents of halls in EUR", "Hall|Side|Note > Elm|east|new", "Hall|Side|Note > Oak|west|old")
    ]


INLINE = (
    '<row><c t="inlineStr"><is><r><t>Ha</t></r><r><t>ll</t></r></is></c><c t="str"><v>Seats</v></c></row>'
)
ROW = '<row><c t="e"><v>#N/A</v></c><c><v>40.0</v></c></row>'


@pytest.mark.parametrize("suffix", ["xlsx", "xlsm"])
@pytest.mark.parametrize(
    "claim",
    [
        "",
        '<dimension ref="A1:XFD1048576"/><cols><col min="3" max="16384" hidden="1"/></cols>',
        '<cols><col min="1" max="99999999999" width="9"/></cols>',
    ],
)
def test_texts_within_cells_are_read_whatever_the_sheet_claims(
    tmp_path: Path, claim: str, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(hostile.xlsx(INLINE + ROW, claim))
    assert seen(load(path)) == ["Hall|Seats > #N/A|40"]


@pytest.mark.parametrize(
    "rows",
    [
        '<row><c t="s"><v>7</v></c></row>',
        "<row><c><v>many</v></c></row>",
        '<row><c r="ZZZZ1"><v>1</v></c></row>',
        "<row><c><v>1</v></row>",
    ],
)
def test_a_broken_sheet_is_damaged(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(hostile.xlsx(rows))
    with pytest.raises(DamagedDocument, match=r"^a\.xlsx is damaged: [^\n]*; get a fresh copy\.$"):
        load(path)


def test_a_sheet_that_takes_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(hostile.xlsx(INLINE))
    with pytest.raises(DamagedDocument, match=r"a\.xlsx takes too long to read \(sheet A, row 1\); split"):
        load(path, seconds=-1)
