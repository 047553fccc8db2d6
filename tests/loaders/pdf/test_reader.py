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


# What a person sees


def test_running_heads_inside_the_page_go_and_headings_that_count_stay(tmp_path: Path) -> None:
    pages = []
    for number, name in enumerate("abcdef", start=1):
        head = page((60, 130, "Harbour Office of Ostrand" if number % 2 else "Rules for pilots"), size=9)
        foot = page((300, 760, f"page {number} of 6"), size=9)
        title = page((60, 175, f"Article {number}"), size=14, bold=True)
        body = page(*lines(60, 200, f"Pilots of kind {name} carry a lamp and", "a whistle at night."))
        pages.append("\n".join([head, title, body, foot]))
    document = load(draw(tmp_path / "a.pdf", *pages))
    assert texts(document, "heading") == [f"Article {number}" for number in range(1, 7)]
    assert texts(document) == [f"Pilots of kind {n} carry a lamp and a whistle at night." for n in "abcdef"]


def test_a_running_head_in_small_print_goes_though_it_stands_close_to_the_text(tmp_path: Path) -> None:
    pages = []
    for number, name in enumerate("abcd", start=1):
        head = page((60, 110, f"Harbour rules of 2023, page {number}"), size=8)
        body = page(
            *lines(60, 122, f"Pilots of kind {name} carry a lamp and", "a whistle at night."), size=11
        )
        pages.append("\n".join([head, body]))
    document = load(draw(tmp_path / "a.pdf", *pages))
    assert texts(document) == [f"Pilots of kind {n} carry a lamp and a whistle at night." for n in "abcd"]


def test_marks_turned_along_the_edge_and_feet_that_count_to_the_last_page_go(tmp_path: Path) -> None:
    pages = []
    for number, name in enumerate("abcde", start=1):
        mark = "BT /R 10 Tf 0 -1 1 0 30 400 Tm (HO-77/C) Tj ET"
        foot = page((400, 697, f"Leaf {number} of 5"), size=9)
        body = page(*lines(60, 200, f"Pilots of kind {name} carry a lamp and", "a whistle at night."))
        pages.append("\n".join([mark, body, foot]))
    document = load(draw(tmp_path / "a.pdf", *pages))
    assert texts(document) == [f"Pilots of kind {n} carry a lamp and a whistle at night." for n in "abcde"]


def test_notes_below_a_table_are_none_of_its_rows(tmp_path: Path) -> None:
    cells = [("District", "Planted", "Nursery"), ("Ostrand", "387", "Hem"), ("Vestby", "530", "Tjorn")]
    cells.append(("Skarvik", "295", "Hem"))
    said = [
        (x, 100 + 18 * y, c) for y, row in enumerate(cells) for x, c in zip((150, 270, 400), row, strict=True)
    ]
    notes = page(
        (75, 171, "1"), (82, 172, "Without islands."), (75, 181, "2"), (82, 182, "Estimate."), size=8
    )
    document = load(draw(tmp_path / "a.pdf", page(*said, size=11) + "\n" + notes))
    assert texts(document, "table_row") == ["Ostrand\t387\tHem", "Vestby\t530\tTjorn", "Skarvik\t295\tHem"]


def test_headings_at_the_top_of_pages_are_no_running_heads(tmp_path: Path) -> None:
    pages = [
        page((60, 60, f"Annex {n}"), bold=True)
        + "\n"
        + page(*lines(60, 90, f"Part {n} says: {LINE}.", f"Here part {n} ends."))
        for n in range(1, 6)
    ]
    document = load(draw(tmp_path / "a.pdf", *pages))
    assert texts(document, "heading") == [f"Annex {n}" for n in range(1, 6)]


def raised(x: float, top: float, text: str, mark: str, rest: str) -> str:
    """Draw a line with small raised letters after its text."""
    return f"BT /R 10 Tf {x} {800 - top} Td ({text}) Tj /R 6 Tf 4 Ts ({mark}) Tj /R 10 Tf 0 Ts ({rest}) Tj ET"


def test_marks_of_notes_leave_figures_alone_and_powers_are_raised(tmp_path: Path) -> None:
    drawing = [
        raised(50, 100, "Boats pay 340", "2", " crowns a year, which is due"),
        raised(50, 114, "on the 1", "st", " of May by all owners of boats"),
        raised(50, 128, "of more than 12 m", "2", ", or of"),
        raised(50, 142, "10", "6", " crowns in all."),
        page(*lines(50, 600, "2 Half of it for boats without a sail."), size=7),
    ]
    said = texts(load(draw(tmp_path / "a.pdf", "\n".join(drawing))))
    assert said[0].startswith("Boats pay 340 crowns a year, which is due on the 1st of May")
    assert said[0].endswith("of more than 12 m², or of 10⁶ crowns in all.")
    assert said[-1] == "2 Half of it for boats without a sail."


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("3 Tr BT /R 10 Tf 50 600 Td (Nobody pays.) Tj ET 0 Tr", False),
        ("1 1 1 rg BT /R 10 Tf 50 600 Td (Nobody pays.) Tj ET 0 g", False),
        ("0 0 1 rg 40 590 200 30 re f 1 1 1 rg BT /R 10 Tf 50 600 Td (Nobody pays.) Tj ET 0 g", True),
        ("BT /R 10 Tf 50 -40 Td (Nobody pays.) Tj ET", False),
        ("BT /R 1 Tf 50 600 Td (Nobody pays.) Tj ET", False),
    ],
)
def test_words_that_nobody_sees_are_left_out_and_told(tmp_path: Path, hidden: str, shown: bool) -> None:
    document = load(draw(tmp_path / "a.pdf", page(*lines(50, 100, LINE, "and so on.")) + "\n" + hidden))
    assert ("Nobody pays." in " ".join(texts(document))) == shown
    assert document.hidden == (() if shown else ("invisible text on page 1",))


def test_a_recognised_layer_over_a_picture_is_read(tmp_path: Path) -> None:
    picture = "q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q\n"
    layer = "3 Tr BT /R 10 Tf 50 600 Td (Words of a scanned page.) Tj ET"
    document = load(draw(tmp_path / "a.pdf", picture + layer))
    assert (texts(document), document.hidden) == (["Words of a scanned page."], ())


def test_watermarks_and_line_numbers_are_no_text(tmp_path: Path) -> None:
    said = [
        "No person may fly a kite within two miles",
        "of a harbour unless the master of the",
        "harbour has given leave in writing. Leave",
        "lasts for one day. A person who flies",
        "without leave pays a fine of 90 crowns.",
        "The master keeps a list of the leave that",
        "was given and shows it at the gate to",
        "those who ask for it on any day.",
    ]
    drawn = [(80.0, 100.0 + 20 * at, line) for at, line in enumerate(said)]
    numbers = [(40.0, 100.0 + 20 * at, str(at + 1)) for at in range(8)]
    stamp = "0.9 g BT /B 60 Tf 0.7 0.7 -0.7 0.7 100 520 Tm (DRAFT OF MAY) Tj ET"
    document = load(draw(tmp_path / "a.pdf", page(*drawn, *numbers) + "\n" + stamp))
    assert texts(document) == [" ".join(said)]


def test_struck_words_are_left_out_and_told(tmp_path: Path) -> None:
    drawing = page((50, 100, "The fee is 700 crowns a year."), rules=((50, 250, 300, 250),))
    drawing += "\n" + page((50, 120, "Fees are waived."), rules=((50, 117, 126, 117),))
    document = load(draw(tmp_path / "a.pdf", drawing))
    assert texts(document) == ["The fee is 700 crowns a year."]
    assert document.hidden == ("struck-out text on page 1",)


def test_drawn_dots_are_bullets(tmp_path: Path) -> None:
    items = ["a lamp", "a rope of ten metres", "a whistle"]
    said = [
        (50.0, 100.0, "A boat carries:"),
        *((70.0, 120.0 + 14 * at, item) for at, item in enumerate(items)),
    ]
    dots = "\n".join(f"58 {800 - 119 - 14 * at} 3 3 re f" for at in range(3))
    document = load(draw(tmp_path / "a.pdf", page(*said) + "\n" + dots))
    assert [(b.text, b.lead) for b in document.blocks if b.kind == "list_item"] == [
        (item, "A boat carries:") for item in items
    ]


def test_leaders_make_rows_unless_their_titles_stand_on_the_pages_named(tmp_path: Path) -> None:
    def with_leaders(*entries: tuple[str, str]) -> str:
        return page(*((50, 110 + 16 * at, f"{a} {'.' * 50} {b}") for at, (a, b) in enumerate(entries)))

    fees = with_leaders(("Rowing boat", "12"), ("Sailing boat", "30"), ("Ferry", "95"), ("Raft", "free"))
    document = load(draw(tmp_path / "fees.pdf", fees, page(*lines(50, 100, LINE))))
    assert texts(document, "table_row") == ["Rowing boat\t12", "Sailing boat\t30", "Ferry\t95", "Raft\tfree"]

    titles = ["Berths and piers", "Lamps at night", "Pilots and fees", "Storms in winter"]
    entries = with_leaders(*((title, str(at + 1)) for at, title in enumerate(titles)))
    pages = [page((50, 100, title)) + "\n" + page(*lines(50, 130, LINE, "and more.")) for title in titles]
    assert 1 not in {b.page for b in load(draw(tmp_path / "toc.pdf", entries, *pages)).blocks}


def test_a_short_list_with_rising_numbers_is_no_contents(tmp_path: Path) -> None:
    rows = [("Ostrand", "4"), ("Velm", "7"), ("Harne", "9"), ("Tolk", "16")]
    said = [
        (x, 100.0 + 16 * at, text)
        for at, row in enumerate(rows)
        for x, text in zip((50.0, 500.0), row, strict=True)
    ]
    assert texts(load(draw(tmp_path / "a.pdf", page(*said))), "table_row") == ["\t".join(row) for row in rows]


def test_groups_of_columns_and_titles_of_rows_without_rules(tmp_path: Path) -> None:
    columns = (50.0, 250.0, 320.0, 400.0, 470.0)
    rows = [
        ("Port", "2019", "2021", "2019", "2021"),
        ("North coast", "", "", "", ""),
        ("Ostrand", "11", "12", "210", "230"),
        ("Velm", "7", "9", "88", "95"),
        ("South coast", "", "", "", ""),
        ("Harne", "3", "4", "41", "47"),
    ]
    tops = (114, 130, 141, 152, 170, 181)
    said = [(250.0, 102.0, "Piers"), (400.0, 102.0, "Boats")]
    said += [
        (x, float(top), text)
        for row, top in zip(rows, tops, strict=True)
        for x, text in zip(columns, row, strict=True)
        if text
    ]
    found = [b for b in load(draw(tmp_path / "a.pdf", page(*said))).blocks if b.kind == "table_row"]
    assert [b.text for b in found if "\t1" in b.text or "\t7" in b.text or "\t3" in b.text] == [
        "Ostrand\t11\t12\t210\t230",
        "Velm\t7\t9\t88\t95",
        "Harne\t3\t4\t41\t47",
    ]
    assert {b.lead for b in found} == {"Port\tPiers 2019\tPiers 2021\tBoats 2019\tBoats 2021"}


def test_one_row_on_the_last_page_belongs_to_the_table_before(tmp_path: Path) -> None:
    first = ruled(600, ("Berth", "Fee"), ("A", "12 crowns"), ("B", "14 crowns"))
    document = load(draw(tmp_path / "a.pdf", first, ruled(60, ("C", "19|crowns"))))
    last = document.blocks[-1]
    assert (last.text, last.lead, last.page) == ("C\t19 crowns", "Berth\tFee", 2)


def test_a_paragraph_knows_the_pages_it_goes_on_to(tmp_path: Path) -> None:
    torn = [page(*lines(50, 700, f"{LINE} and govern-")), page(*lines(50, 60, "ments read it."))]
    found = load(draw(tmp_path / "a.pdf", *torn)).blocks[0]
    ((offset, number, label),) = found.turns
    assert (found.text[offset:], number, label) == ("ments read it.", 2, None)


def test_what_is_filled_into_a_form_stands_beside_its_label(tmp_path: Path) -> None:
    fields = [
        "/FT /Tx /T (owner) /V (Mira Tolk) /Rect [200 690 400 706]",
        "/FT /Tx /T (empty) /Rect [200 670 400 686]",
        "/FT /Tx /T (pin) /Ff 8192 /V (1234) /Rect [200 650 400 666]",
        "/FT /Btn /T (sail) /V /Yes /AS /Yes /Rect [50 630 60 640]",
        "/FT /Btn /T (motor) /V /Off /AS /Off /Rect [50 610 60 620]",
    ]
    said = [(50.0, 104.0, "Owner of the boat"), (50.0, 124.0, "Agent"), (50.0, 144.0, "Secret")]
    said += [(66.0, 169.0, "It has a sail"), (66.0, 189.0, "It has a motor")]
    document = load(draw(tmp_path / "a.pdf", page(*said), fields=tuple(fields)))
    assert texts(document, "table_row") == ["Owner of the boat\tMira Tolk"]
    assert texts(document, "list_item") == ["[x] It has a sail", "[ ] It has a motor"]
    assert not any("1234" in b.text for b in document.blocks)


def test_layers_that_are_switched_off_are_not_read(tmp_path: Path) -> None:
    drawing = page((50, 100, LINE)) + "\n/OC /L BDC\n" + page((50, 130, "An old draft.")) + "\nEMC"
    layer = "/OCProperties << /OCGs [LAYER] /D << /OFF [LAYER] >> >>"
    document = load(draw(tmp_path / "a.pdf", drawing, extra=layer))
    assert (texts(document), document.hidden) == ([LINE], ("invisible text on page 1",))
