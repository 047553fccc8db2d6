"""PDF: reading order, headings, lists, tables and furniture, on drawn pages and on the corpus's own files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kb.errors import EmptyDocument
from kb.loaders import load
from kb.types import Block, Document
from tests.conftest import ROOT
from tests.loaders.pdf.drawing import draw, page

CORPUS = ROOT / "corpus"
LINE = "The offices of the country publish what they know about their work"


@pytest.fixture(scope="module")
def handbook() -> Document:
    return load(CORPUS / "cdo-handbook.pdf")


@pytest.fixture(scope="module")
def methodology() -> Document:
    return load(CORPUS / "egdi-methodology.pdf")


def block(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


def texts(document: Document, kind: str = "paragraph") -> list[str]:
    return [block.text for block in document.blocks if block.kind == kind]


def lines(x: float, top: float, *said: str) -> list[tuple[float, float, str]]:
    return [(x, top + 14 * at, text) for at, text in enumerate(said)]


# Drawn pages


def test_wrapped_lines_are_one_paragraph_and_broken_words_are_whole(tmp_path: Path) -> None:
    said = lines(50, 100, f"{LINE} and the govern-", f"ment reads it. {LINE} in self-", "made reports.")
    document = load(draw(tmp_path / "a.pdf", page(*said)))
    assert texts(document) == [f"{LINE} and the government reads it. {LINE} in self-made reports."]
    assert document.pages == 1
    assert document.blocks[0].page == 1
    assert document.blocks[0].page_label is None


def test_a_sentence_goes_on_over_the_page_and_furniture_is_dropped(tmp_path: Path) -> None:
    pages = []
    for number in range(1, 6):
        head = [(50.0, 40.0, f"Annual report {number}"), (300.0, 780.0, str(number))]
        body = lines(50, 150, f"Sentence {'abcde'[number - 1]} begins. {LINE} and", "so on it goes")
        pages.append(page(*head, *body))
    document = load(draw(tmp_path / "a.pdf", *pages))
    assert not any("Annual report" in text for text in texts(document))
    assert texts(document)[0] == f"Sentence a begins. {LINE} and so on it goes"
    assert [b.page for b in document.blocks] == [1, 2, 3, 4, 5]

    torn = [page(*lines(50, 700, f"{LINE} and")), page(*lines(50, 60, "everybody reads it."))]
    assert texts(load(draw(tmp_path / "b.pdf", *torn))) == [f"{LINE} and everybody reads it."]


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    said = [(100.0, 60.0, "A heading that spans both of the columns of this page")]
    for at in range(12):
        said.append((50, 100 + 14 * at, f"left column line number {at} goes on here"))
        said.append((320, 100 + 14 * at, f"right column line number {at} goes on"))
    text = " ".join(texts(load(draw(tmp_path / "a.pdf", page(*said)))))
    assert text.index("left column line number 11") < text.index("right column line number 0")


def test_fonts_tell_headings_and_their_levels(tmp_path: Path) -> None:
    drawing = "\n".join(
        [
            page((50, 60, "Annual plan"), size=20, bold=True),
            page((50, 120, "Aims of the plan"), size=14, bold=True),
            page(*lines(50, 150, LINE, f"{LINE} and their plans for the year.")),
            page((50, 220, "Means"), size=14, bold=True),
            page(*lines(50, 250, LINE, "and that is all.")),
        ]
    )
    document = load(draw(tmp_path / "plan of may.pdf", drawing))
    assert [b.heading_path for b in document.blocks if b.kind == "heading"] == [
        ("Annual plan",),
        ("Annual plan", "Aims of the plan"),
        ("Annual plan", "Means"),
    ]
    assert document.title == "Annual plan"


def test_bookmarks_go_before_fonts(tmp_path: Path) -> None:
    body = page(*lines(50, 100, "Aims", "", LINE, "Means and ends", "", LINE, "Results", "", LINE))
    outline = (("Aims", 0), ("Means and ends", 0), ("Results", 0))
    document = load(draw(tmp_path / "a.pdf", body, outline=outline))
    assert texts(document, "heading") == ["Aims", "Means and ends", "Results"]


def test_page_labels_are_kept_beside_positions(tmp_path: Path) -> None:
    labels = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>"
    said = [page(*lines(50, 300, f"Page {name} says something of its own.")) for name in "abcd"]
    document = load(draw(tmp_path / "a.pdf", *said, extra=labels))
    assert [(b.page, b.page_label) for b in document.blocks] == [(1, "i"), (2, "ii"), (3, "1"), (4, "2")]


def test_lists_hang_and_nest(tmp_path: Path) -> None:
    said = [
        *lines(50, 100, "It has two parts:"),
        *lines(60, 120, "\\225 the first part, which goes on and on to the right edge of this page and"),
        *lines(70, 134, "hangs below its bullet"),
        *lines(60, 148, "\\225 the second part"),
        *lines(50, 176, "1. Ask"),
        *lines(50, 190, "2. Answer"),
    ]
    document = load(draw(tmp_path / "a.pdf", page(*said)))
    items = [b for b in document.blocks if b.kind == "list_item"]
    assert [b.text for b in items] == [
        "the first part, which goes on and on to the right edge of this page and hangs below its bullet",
        "the second part",
        "1. Ask",
        "2. Answer",
    ]
    assert [b.lead for b in items[:2]] == ["It has two parts:"] * 2


def ruled(top: float, *rows: tuple[str, ...]) -> str:
    """Draw a table with a rule around every cell; a cell's lines are parted by bars."""
    widths, height = 150, 40
    said = [
        (55.0 + widths * c, top + height * r + 12 + 12 * at, line)
        for r, row in enumerate(rows)
        for c, cell in enumerate(row)
        for at, line in enumerate(cell.split("|"))
    ]
    right, bottom = 50 + widths * len(rows[0]), top + height * len(rows)
    flat = tuple((50, top + height * r, right, top + height * r) for r in range(len(rows) + 1))
    upright = tuple((50 + widths * c, top, 50 + widths * c, bottom) for c in range(len(rows[0]) + 1))
    return page(*said, rules=(*flat, *upright))


def test_ruled_tables_join_wrapped_cells_and_drop_repeated_headers(tmp_path: Path) -> None:
    first = ruled(600, ("No.", "Control"), ("A", "Access control|policy"), ("B", "Training"))
    second = ruled(60, ("No.", "Control"), ("C", "Audit"))
    document = load(draw(tmp_path / "a.pdf", page((50, 580, "Table 1: Checks")) + "\n" + first, second))
    assert [(b.kind, b.text, b.lead, b.page) for b in document.blocks] == [
        ("caption", "Table 1: Checks", None, 1),
        ("table_row", "A\tAccess control policy", "No.\tControl", 1),
        ("table_row", "B\tTraining", "No.\tControl", 1),
        ("table_row", "C\tAudit", "No.\tControl", 2),
    ]


def test_aligned_columns_without_rules_are_rows(tmp_path: Path) -> None:
    said = [(50.0, 100.0, "Country"), (200.0, 100.0, "Rank"), (300.0, 100.0, "Value")]
    for at, (name, rank, value) in enumerate(
        [("Rwanda", 119, 0.5489), ("Kenya", 113, 0.5589), ("Burundi", 171, 0.3204)]
    ):
        said += [(50, 120 + 16 * at, name), (200, 120 + 16 * at, str(rank)), (300, 120 + 16 * at, str(value))]
    document = load(draw(tmp_path / "a.pdf", page(*said)))
    assert "Rwanda\t119\t0.5489" in texts(document, "table_row")


def test_fractions_stand_on_their_line(tmp_path: Path) -> None:
    said = [
        (100.0, 200.0, "EGDI ="),
        (152.0, 193.0, "1"),
        (152.0, 208.0, "3"),
        (170.0, 200.0, "\\(OSI + TII\\)"),
    ]
    document = load(draw(tmp_path / "a.pdf", page(*said, rules=((151, 197, 159, 197),))))
    assert texts(document) == ["EGDI = 1/3 (OSI + TII)"]


def test_contents_pages_are_dropped(tmp_path: Path) -> None:
    entries = [(50.0, 80.0, "Contents")]
    for at, title in enumerate(["Aims", "Means", "Ends", "Values", "Annex"]):
        entries.append((50, 110 + 16 * at, f"{title} {'.' * 60} {3 * at + 2}"))
    document = load(draw(tmp_path / "a.pdf", page(*entries), page(*lines(50, 100, LINE, "and so on."))))
    assert [b.page for b in document.blocks] == [2]


def test_turned_pages_are_read_along_their_lines(tmp_path: Path) -> None:
    turned = "BT /R 10 Tf 0 1 -1 0 100 50 Tm (Turned text reads upwards here) Tj ET\n"
    turned += "BT /R 10 Tf 0 1 -1 0 114 50 Tm (and goes on to the right.) Tj ET"
    document = load(draw(tmp_path / "a.pdf", turned))
    assert " ".join(texts(document)) == "Turned text reads upwards here and goes on to the right."


def test_a_page_without_text_is_no_document_but_among_others(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocument, match="its pages are blank"):
        load(draw(tmp_path / "scan.pdf", "q 100 0 0 100 0 0 cm Q"))
    mixed = load(draw(tmp_path / "mixed.pdf", "", page(*lines(50, 100, LINE))))
    assert (mixed.pages, [b.page for b in mixed.blocks]) == (2, [2])


# The corpus's own files


def test_the_handbook_has_its_headings_labels_and_lists(handbook: Document) -> None:
    assert handbook.title == "Chief Digital Officer Handbook: Key Functions and Roles"
    assert handbook.pages == 43
    step = block(handbook, "1. Leadership Buy-In:")
    assert step.kind == "list_item"
    assert step.heading_path == (
        "2. Digital Culture and Innovation",
        "Steps to establish a sector-wide digital culture",
    )
    assert step.lead == "The ten steps with which a CDO can build a sector-wide digital culture are:"
    assert (step.page, step.page_label) == (8, "4")
    top = [b.text for b in handbook.blocks if b.kind == "heading" and b.text[:2].strip(".").isdigit()]
    assert [title.split(".")[0] for title in top] == [str(n) for n in range(1, 12)]


def test_a_table_over_two_pages_is_one(handbook: Document) -> None:
    rows = [b for b in handbook.blocks if b.lead == "No.\tControl\tContent"]
    assert [row.text.split("\t")[0] for row in rows] == list("ABCDEFGHIJKLMNO")
    assert {row.page for row in rows} == {33, 34}
    assert "periodically to support the recovery time" in rows[5].text


def test_formulas_and_tables_of_the_methodology(methodology: Document) -> None:
    assert "EGDI = 1/3 (OSI + TII + HCI)" in texts(methodology)
    row = block(methodology, "2022\t119")
    assert row.text == "2022\t119\t0.5489\t0.7935\t0.3209\t0.5322\t0.6364"
    assert row.lead == "edition\trank\tEGDI\tOSI\tTII\tHCI\tEPI"
    assert row.heading_path == ("Country values", "Rwanda, all editions")
    assert "Table 8: Rwanda, EGDI and component indices, 2003 to 2024" in texts(methodology, "caption")


def test_running_heads_page_numbers_and_contents_are_gone(handbook: Document, methodology: Document) -> None:
    for document in (handbook, methodology):
        bodies = [b for b in document.blocks if b.kind == "paragraph"]
        assert not any(b.text.isdigit() for b in bodies)
        assert sum(document.title in b.text for b in document.blocks) <= 1
        assert not any(b.text == "Contents" for b in document.blocks)


# A long report


def report_page(number: int) -> str:
    """Draw a page of two columns under a running head, with a table below both."""
    said = [(50.0, 40.0, "Report of the towns"), (300.0, 780.0, str(number))]
    for column, x in enumerate((50.0, 320.0)):
        said += [
            (x, 100.0 + 14 * at, f"line {at} of column {column}, page {number}, goes on") for at in range(20)
        ]
    rows = [("Code", "Measure", "2015", "2016"), (f"{number}.01", "Rooms open", "63%", "64%")]
    return page(*said) + "\n" + ruled(500, *rows)


def test_a_report_of_two_columns_reads_in_order_and_fast(tmp_path: Path) -> None:
    path = draw(tmp_path / "report.pdf", *map(report_page, range(1, 121)))
    start = time.process_time()
    report = load(path)
    seconds = time.process_time() - start
    said = " ".join(texts(report))
    order = [f"line {at} of column {column}, page 77," for column in (0, 1) for at in range(20)]
    assert [said.count(line) for line in order] == [1] * 40
    assert sorted(order, key=said.index) == order
    row = block(report, "77.01\t")
    assert (row.text, row.lead) == ("77.01\tRooms open\t63%\t64%", "Code\tMeasure\t2015\t2016")
    assert "Report of the towns" not in said
    assert report.pages == 120
    assert seconds < 60  # some four seconds on one slow core
