"""The formats that pandoc reads: the same document in each of them comes out as the same blocks."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from kb.loaders import load
from kb.types import Block, Document

NOTE = """---
title: Concept note
subtitle: Kigali, 22-23 March 2023
date: 2023-03-22
---

# Background

The survey[^1] is published every two years. It has *three* parts:

- **Online services:** forms and payments
- Telecommunication
    - fixed
    - mobile
- Human capital

The steps are these.

1. Ask
2. Answer

## Values

  Edition   Rank   Value
  --------- ------ --------
  2022      119    0.5489
  2024      118    0.5799

  Table: Table 1: Rwanda

> Openness makes things better.

The index is $\\frac{1}{3}(a + b)$, see [the annex](https://example.org/annex).

[^1]: Published by UN DESA.
"""
WANTED = [
    ("heading", "Background"),
    ("list_item", "Online services: forms and payments"),
    ("list_item", "Telecommunication"),
    ("list_item", "fixed"),
    ("list_item", "mobile"),
    ("list_item", "Human capital"),
    ("paragraph", "The steps are these."),
    ("list_item", "1. Ask"),
    ("list_item", "2. Answer"),
    ("heading", "Values"),
    ("table_row", "2022\t119\t0.5489"),
    ("table_row", "2024\t118\t0.5799"),
]


def converted(path: Path, source: str = NOTE, reader: str = "markdown") -> Document:
    import pypandoc

    if path.suffix == ".md":
        path.write_text(source)
    else:
        command = [pypandoc.get_pandoc_path(), "-s", "-f", reader, "-o", str(path)]
        subprocess.run(command, input=source.encode(), check=True)
    return load(path)


def block(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


@pytest.mark.parametrize("suffix", [".md", ".docx", ".odt", ".html", ".epub"])
def test_the_formats_agree(tmp_path: Path, suffix: str) -> None:
    document = converted(tmp_path / f"note{suffix}")
    found = [(block.kind, block.text) for block in document.blocks]
    assert [pair for pair in found if pair in WANTED] == WANTED
    assert document.title == "Concept note"
    assert document.date == "2023-03-22" or suffix == ".odt"
    assert block(document, "Values").heading_path[-2:] == ("Background", "Values")
    assert block(document, "2022\t").lead == "Edition\tRank\tValue"
    assert block(document, "fixed").lead == "Telecommunication"
    assert block(document, "Human capital").lead == "It has three parts:"
    noted = block(document, "1 Published by UN DESA.")
    assert noted.kind == "paragraph"
    assert noted.heading_path[-1] == "Background" or suffix in (".html", ".epub")
    assert (
        block(document, "The survey").text == "The survey is published every two years. It has three parts:"
    )
    assert "see the annex" in block(document, "The index is").text
    assert "Table 1: Rwanda" in [b.text for b in document.blocks if b.kind == "caption"]


@pytest.mark.parametrize("suffix", [".md", ".docx", ".odt"])
def test_the_title_page_stays_readable(tmp_path: Path, suffix: str) -> None:
    document = converted(tmp_path / f"note{suffix}")
    assert [(b.kind, b.text) for b in document.blocks[:2]] == [
        ("heading", "Concept note"),
        ("paragraph", "Kigali, 22-23 March 2023"),
    ]


def test_a_title_that_is_the_first_heading_is_not_doubled(tmp_path: Path) -> None:
    document = converted(tmp_path / "a.md", "---\ntitle: Aims\n---\n\n# Aims\n\nWe aim.\n")
    assert [b.text for b in document.blocks] == ["Aims", "We aim."]


def test_formulas_read_as_text(tmp_path: Path) -> None:
    assert "1/3 (a + b)" in block(converted(tmp_path / "note.md"), "The index is").text


def test_a_sheet_is_a_table_under_its_name(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "rooms.xlsx") as book:
        sheet = book.add_worksheet("Meeting rooms")
        for at, row in enumerate(
            [("Room", "Floor", "Seats"), ("Akagera", "2nd", 12.5), ("Nyungwe", "3rd", 40)]
        ):
            sheet.write_row(at, 0, row)
    document = load(tmp_path / "rooms.xlsx")
    assert block(document, "Akagera").text == "Akagera\t2nd\t12.5"
    assert block(document, "Akagera").lead == "Room\tFloor\tSeats"
    assert block(document, "Akagera").heading_path == ("Meeting rooms",)


def test_scripts_styles_and_pictures_without_names_are_left_out(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        "<html><head><title>Rules</title><script>alert('x')</script><style>p {}</style></head><body><p>Keep"
        " <b>calm</b>.<img src='a.png'></p><img src='b.png' alt='A chart'><script>more()</script></body>"
    )
    document = load(page)
    assert document.title == "Rules"
    assert [b.text for b in document.blocks] == ["Keep calm.", "[image: A chart]"]


def test_other_encodings_of_web_pages_are_read(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_bytes('<meta charset="iso-8859-2"><p>Łódź</p>'.encode("iso-8859-2"))
    assert load(page).blocks[0].text == "Łódź"
    page.write_bytes("<p>Gr\u00f6\u00dfe \u2013 5\u20ac</p>".encode("cp1252"))
    assert load(page).blocks[0].text == "Größe – 5€"


def test_cells_that_span_rows_name_every_row(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        "<table><tr><th>Region</th><th>City</th></tr><tr><td rowspan=2>East</td><td>Kigali</td></tr>"
        "<tr><td>Nairobi</td></tr></table>"
    )
    assert [b.text for b in load(page).blocks] == ["East\tKigali", "East\tNairobi"]


def test_a_table_that_only_arranges_the_page_is_no_table(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text("<table><tr><td><h1>Aims</h1><p>We aim.</p><p>We act.</p></td></tr></table>")
    assert [(b.kind, b.text) for b in load(page).blocks] == [
        ("heading", "Aims"),
        ("paragraph", "We aim."),
        ("paragraph", "We act."),
    ]


def test_definitions_and_lettered_lists_keep_their_names(tmp_path: Path) -> None:
    document = converted(tmp_path / "a.md", "Term\n:   What it means.\n\nThey are:\n\na) first\nb) second\n")
    assert [b.text for b in document.blocks] == ["Term: What it means.", "They are:", "a) first", "b) second"]
    assert document.blocks[-1].lead == "They are:"


def test_bold_lines_are_headings_where_no_style_says_so(tmp_path: Path) -> None:
    text = "**Purpose of the note**\n\nIt informs the reader.\n\n**Next steps**\n\nThey follow in May.\n"
    document = converted(tmp_path / "a.docx", text)
    assert block(document, "They follow").heading_path == ("Next steps",)


def test_typed_bullets_and_names_with_colons_are_items(tmp_path: Path) -> None:
    lines = [
        "Bring with you:",
        "• a pen",
        "Here are the duties:",
        "Buy-In: The head begins.",
        "Training: All learn.",
    ]
    document = converted(tmp_path / "a.docx", "\n\n".join(lines))
    assert [(b.text, b.lead) for b in document.blocks if b.kind == "list_item"] == [
        ("a pen", "Bring with you:"),
        ("Buy-In: The head begins.", "Here are the duties:"),
        ("Training: All learn.", "Here are the duties:"),
    ]


def test_what_is_struck_out_or_not_shown_is_left_out_and_told(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        "<p>Entry costs <del>nine</del> ten francs.</p><p><s>Dogs may enter.</s></p><div hidden>Ask.</div>"
        '<p>Cats may <span style="text-decoration: line-through">not</span> enter.</p>'
    )
    document = load(page)
    assert [b.text for b in document.blocks] == ["Entry costs ten francs.", "Cats may enter."]
    assert document.hidden == ("hidden text", "struck-out text")
    rich = tmp_path / "a.rtf"
    said = r"{\rtf1 Entry costs {\deleted nine}{\revised ten} francs.\par {\strike Dogs.\par}Hm{\v secret}.}"
    rich.write_text(said)
    assert [b.text for b in load(rich).blocks] == ["Entry costs ten francs.", "Hm."]
    assert load(rich).hidden == ("hidden text", "struck-out text")


def test_a_header_of_two_rows_names_every_column(tmp_path: Path) -> None:
    page = tmp_path / "a.html"
    page.write_text(
        "<table><tr><th colspan=4>Fares</th></tr><tr><th rowspan=2>Line</th><th colspan=2>Adults</th>"
        "<th rowspan=2>Dogs</th></tr><tr><th>Day</th><th>Night</th></tr>"
        "<tr><td>A</td><td>1</td><td>2</td><td>3</td></tr></table>"
    )
    document = load(page)
    assert [b.text for b in document.blocks] == ["Fares", "A\t1\t2\t3"]
    assert document.blocks[1].lead == "Line\tAdults Day\tAdults Night\tDogs"


ODF = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
STYLES = """
<style:style style:name="Old" style:family="paragraph">
  <style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="Older" style:family="paragraph" style:parent-style-name="Old"/>
<style:style style:name="Gone" style:family="text"><style:text-properties text:display="none"/></style:style>
<text:outline-style><text:outline-level-style text:level="1" style:num-format="1" style:num-prefix="Rule "/>
<text:outline-level-style text:level="2" style:num-format="a" text:display-levels="2"/></text:outline-style>
<style:master-page style:name="Standard"><style:header>
<text:p>Valid from 3 June<text:tab/>page <text:page-number>1</text:page-number></text:p></style:header>
<style:footer><text:p><text:page-number/></text:p></style:footer>
</style:master-page>
"""


def opendocument(path: Path, body: str) -> Document:
    names = " ".join(f'xmlns:{name}="{ODF.format(name)}"' for name in ("office", "style", "text", "table"))
    names += f' xmlns:draw="{ODF.format("drawing")}"'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        for name, inside in (
            ("content", f"<office:body><office:text>{body}</office:text></office:body>"),
            ("styles", f"<office:styles>{STYLES}</office:styles>"),
        ):
            archive.writestr(
                f"{name}.xml", f"<office:document-{name} {names}>{inside}</office:document-{name}>"
            )
    return load(path)


def test_an_opendocument_text_is_read_as_people_see_it(tmp_path: Path) -> None:
    body = (
        '<text:h text:outline-level="1">Loans</text:h><text:h text:outline-level="2">Maps</text:h>'
        "<text:p>In force since <text:date>2 May</text:date><draw:frame><draw:text-box>"
        "<text:p>Ring twice.</text:p></draw:text-box></draw:frame>.</text:p>"
        '<text:p text:style-name="Older">Maps are lent.</text:p>'
        '<text:p>Maps stay<text:span text:style-name="Gone"> for now</text:span>.</text:p>'
        '<text:h text:outline-level="1">Fines</text:h>'
    )
    document = opendocument(tmp_path / "a.odt", body)
    assert [b.text for b in document.blocks] == [
        *(
            "Valid from 3 June",
            "Rule 1 Loans",
            "1.a Maps",
            "In force since 2 May.",
            "Ring twice.",
            "Maps stay.",
        ),
        "Rule 2 Fines",
    ]
    assert document.hidden == ("hidden text", "struck-out text")
