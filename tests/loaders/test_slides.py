"""Presentations: what a slide shows, in the order in which people read it, and nothing that it hides."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.oxml import parse_xml
from pptx.util import Inches, Pt

from kb.errors import DamagedDocument, EmptyDocument, EncryptedDocument
from kb.loaders import load
from kb.loaders.charts import diagram_parts
from kb.loaders.content import OLE_MAGIC
from kb.loaders.slides import VERSIONS, A
from kb.types import Block, Document
from tests.loaders.samples import PNG

MAIN = A[1:-1]
TITLE, CONTENT, SECTION, COMPARISON, TITLE_ONLY, BLANK = 0, 1, 2, 4, 5, 6
Shown: TypeAlias = Any  # a slide or a shape: what it has depends on its layout
Draw: TypeAlias = Callable[[Shown], object]


def talk(path: Path, *slides: tuple[int, str, Draw], title: str = "") -> Document:
    """Write a presentation of slides with a layout, a title and what is drawn on them, and load it."""
    show = Presentation()
    show.core_properties.title = title
    for layout, name, draw in slides:
        slide = show.slides.add_slide(show.slide_layouts[layout])
        if name:
            slide.shapes.title.text = name
        draw(slide)
    show.save(str(path / "talk.pptx"))
    return load(path / "talk.pptx")


def box(
    shapes: Shown, left: float, top: float, *lines: str, width: float = 2.0, height: float = 0.5
) -> Shown:
    made = shapes.add_textbox(Inches(left), Inches(top), Inches(width), Inches(height))
    made.text_frame.text = "\n".join(lines)
    return made


def body(*lines: tuple[int, str]) -> Draw:
    """Return what fills the second placeholder with paragraphs of a level each."""

    def draw(slide: Shown) -> None:
        frame = slide.placeholders[1].text_frame
        for at, (level, text) in enumerate(lines):
            paragraph = frame.add_paragraph() if at else frame.paragraphs[0]
            paragraph.level, paragraph.text = level, text

    return draw


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def block(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


def test_slides_are_pages_and_titles_are_headings(tmp_path: Path) -> None:
    document = talk(
        tmp_path,
        (TITLE, "Water for all", lambda slide: setattr(slide.placeholders[1], "text", "A plan")),
        (CONTENT, "Wells", body((0, "Ten wells"), (0, "Two pumps"))),
        (SECTION, "Part two", lambda slide: None),
        (CONTENT, "Costs", body((0, "Who pays:"), (1, "the town"), (1, "the state"), (0, "When: in May"))),
    )
    assert (document.title, document.pages, document.hidden) == ("Water for all", 4, ())
    assert [(b.kind, b.text, b.page, b.heading_path[-1]) for b in document.blocks[:5]] == [
        ("heading", "Water for all", 1, "Water for all"),
        ("paragraph", "A plan", 1, "Water for all"),
        ("heading", "Wells", 2, "Wells"),
        ("list_item", "Ten wells", 2, "Wells"),
        ("list_item", "Two pumps", 2, "Wells"),
    ]
    assert block(document, "the state").heading_path == ("Part two", "Costs")
    assert [b.lead for b in document.blocks[-4:]] == [None, "Who pays:", "Who pays:", None]


def test_numbers_of_lists_are_counted_and_bullets_may_be_off(tmp_path: Path) -> None:
    def draw(slide: Shown) -> None:
        body((0, "Do this:"), (0, "ask"), (1, "by mail"), (1, "by phone"), (0, "wait"), (0, "Done."))(slide)
        marks = [
            "<a:buNone/>",
            *['<a:buAutoNum type="arabicPeriod" startAt="3"/>', *['<a:buAutoNum type="alphaLcParenR"/>'] * 2],
            '<a:buAutoNum type="arabicPeriod" startAt="3"/>',
            "<a:buNone/>",
        ]
        for paragraph, mark in zip(slide.placeholders[1].text_frame.paragraphs, marks, strict=True):
            paragraph._p.get_or_add_pPr().append(parse_xml(mark.replace("/>", f' xmlns:a="{MAIN}"/>')))

    document = talk(tmp_path, (CONTENT, "Steps", draw))
    assert [(b.kind, b.text, b.lead) for b in document.blocks[1:]] == [
        ("paragraph", "Do this:", None),
        ("list_item", "3. ask", "Do this:"),
        ("list_item", "a) by mail", "3. ask"),
        ("list_item", "b) by phone", "3. ask"),
        ("list_item", "4. wait", "Do this:"),
        ("paragraph", "Done.", None),
    ]


def test_boxes_are_read_in_columns_or_rows_whichever_lie_wider_apart(tmp_path: Path) -> None:
    def cards(slide: Shown) -> None:
        for left, name in ((6.5, "C"), (0.5, "A"), (3.5, "B")):
            box(slide.shapes, left, 2.6, f"{name} below")
            box(slide.shapes, left, 2.0, f"{name} above")

    def table_like(slide: Shown) -> None:
        for top, name in ((4, "last"), (2, "first")):
            box(slide.shapes, 3, top, f"{name} value")
            box(slide.shapes, 0.9, top, f"{name} label")

    document = talk(tmp_path, (TITLE_ONLY, "Cards", cards), (TITLE_ONLY, "Pairs", table_like))
    assert texts(document) == [
        *("Cards", "A above", "A below", "B above", "B below", "C above", "C below"),
        *("Pairs", "first label", "first value", "last label", "last value"),
    ]


def test_groups_in_groups_are_read_and_a_comparison_goes_column_by_column(tmp_path: Path) -> None:
    def groups(slide: Shown) -> None:
        outer = slide.shapes.add_group_shape()
        box(outer.shapes, 1, 3, "Second")
        box(outer.shapes.add_group_shape().shapes, 1, 2, "First")

    def compared(slide: Shown) -> None:
        for at, text in ((1, "Before"), (3, "After"), (2, "dear"), (4, "cheap")):
            slide.placeholders[at].text = text

    document = talk(tmp_path, (TITLE_ONLY, "Groups", groups), (COMPARISON, "Prices", compared))
    assert texts(document) == ["Groups", "First", "Second", "Prices", "Before", "dear", "After", "cheap"]


def test_tables_have_headers_and_merged_cells_name_each_of_theirs(tmp_path: Path) -> None:
    cells = [
        ["Zone", "Homes", "", "Shops"],
        ["", "May", "June", "May"],
        ["Hill", "1", "2", "3"],
        ["", "4", "5", "6"],
    ]

    def draw(slide: Shown) -> None:
        table = slide.shapes.add_table(4, 4, 0, 0, Inches(6), Inches(2)).table
        for y, row in enumerate(cells):
            for x, text in enumerate(row):
                table.cell(y, x).text = text
        table.cell(0, 1).merge(table.cell(0, 2))
        table.cell(2, 0).merge(table.cell(3, 0))

    document = talk(tmp_path, (TITLE_ONLY, "Fees", draw))
    assert texts(document)[1:] == ["Hill\t1\t2\t3", "Hill\t4\t5\t6"]
    assert document.blocks[-1].lead == "Zone\tHomes May\tHomes June\tShops May"


def test_charts_are_read_as_their_data(tmp_path: Path) -> None:
    def bars(slide: Shown) -> None:
        data: Shown = CategoryChartData(number_format="0.0%")  # type: ignore[no-untyped-call]
        data.categories = ["Wells", "Rivers"]
        data.add_series("2021", (0.451, 0.3))
        data.add_series("2022", (0.5, None))
        chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(4), Inches(3), data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Sources of water"
        chart.value_axis.axis_title.text_frame.text = "Share of homes"

    def points(slide: Shown) -> None:
        data: Shown = XyChartData()  # type: ignore[no-untyped-call]
        series = data.add_series("Depth")
        series.add_data_point(2020, 1270)
        slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, 0, Inches(4), Inches(3), data)

    document = talk(tmp_path, (TITLE_ONLY, "Where", bars), (TITLE_ONLY, "How deep", points))
    assert [(b.kind, b.text, b.lead) for b in document.blocks] == [
        ("heading", "Where", None),
        ("caption", "Sources of water", None),
        ("caption", "Share of homes", None),
        ("table_row", "Wells\t45.1%\t50.0%", "\t2021\t2022"),
        ("table_row", "Rivers\t30.0%\t", "\t2021\t2022"),
        ("heading", "How deep", None),
        ("table_row", "2020\t1270", "\tDepth"),
    ]


def test_notes_stand_under_a_heading_of_their_own(tmp_path: Path) -> None:
    def spoken(slide: Shown) -> None:
        slide.notes_slide.notes_text_frame.text = "Say thanks.\nThe mayor pays 40 coins."

    document = talk(
        tmp_path, (CONTENT, "Costs", spoken), (BLANK, "", lambda slide: box(slide.shapes, 1, 1, "Bye"))
    )
    assert [b.heading_path for b in document.blocks if b.text.startswith("The mayor")] == [("Costs", "Notes")]
    assert block(document, "Bye").heading_path == ("Slide 2",)


def test_what_is_hidden_struck_out_or_beside_the_slide_is_left_out_and_told(tmp_path: Path) -> None:
    def draw(slide: Shown) -> None:
        box(slide.shapes, 1, 2, "Unseen")._element.xpath("./*/p:cNvPr")[0].set("hidden", "1")
        box(slide.shapes, 20, 2, "To be placed later")
        paragraph = box(slide.shapes, 1, 3, "Bring a pen.").text_frame.paragraphs[0]
        paragraph.add_run().text = " Bring ink."
        paragraph.runs[1].font._element.set("strike", "sngStrike")

    def hide(slide: Shown) -> None:
        slide._element.set("show", "0")

    document = talk(
        tmp_path, (TITLE_ONLY, "Shown", draw), (TITLE_ONLY, "Draft", hide), (TITLE_ONLY, "End", hide)
    )
    assert texts(document) == ["Shown", "Bring a pen."]
    assert set(document.hidden) == {
        *("hidden text of slide 1", "text beside slide 1", "struck-out text", "slide 2", "slide 3")
    }
    assert document.pages == 3


def test_footers_numbers_and_names_of_picture_files_say_nothing(tmp_path: Path) -> None:
    def draw(slide: Shown) -> None:
        for placeholder in slide.slide_layout.placeholders:
            if placeholder.placeholder_format.idx in (10, 11, 12):
                slide.shapes.clone_placeholder(placeholder)
        for shape in list(slide.placeholders)[-3:]:
            shape.text = "foot"
        slide.shapes.add_picture(io.BytesIO(PNG), 0, 0)
        told = slide.shapes.add_picture(io.BytesIO(PNG), 0, Inches(2))
        told._element.xpath("./*/p:cNvPr")[0].set("descr", "A map of\nthe wells")

    document = talk(tmp_path, (TITLE_ONLY, "Map", draw))
    assert texts(document) == ["Map", "[image: A map of the wells]"]


def test_a_text_set_largest_at_the_top_is_the_title_where_there_is_none(tmp_path: Path) -> None:
    def draw(slide: Shown) -> None:
        box(slide.shapes, 1, 3, "It rains less each year.")
        box(slide.shapes, 1, 1, "Why now").text_frame.paragraphs[0].runs[0].font.size = Pt(32)

    document = talk(tmp_path, (BLANK, "", draw), title="PowerPoint Presentation")
    assert document.title == "Why now"
    assert document.blocks[1].heading_path == ("Why now",)


def test_a_slide_of_pictures_alone_has_no_text(tmp_path: Path) -> None:
    picture: Draw = lambda slide: slide.shapes.add_picture(io.BytesIO(PNG), 0, 0)  # noqa: E731
    document = talk(tmp_path, (TITLE_ONLY, "One", lambda slide: None), (BLANK, "", picture))
    assert document.without_text == (2,)


def test_diagrams_are_lists_of_what_belongs_to_what() -> None:
    points = "".join(
        f'<dgm:pt modelId="{name}" {kind}><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>'
        for name, kind, text in [
            *(("0", 'type="doc"', ""), ("3", "", "Dig"), ("1", "", "Plan"), ("2", "", "Ask the town")),
            ("4", 'type="pres"', "layout"),
        ]
    )
    links = "".join(
        f'<dgm:cxn modelId="c{at}" srcId="{above}" destId="{below}" srcOrd="{order}" {kind}/>'
        for at, (above, below, order, kind) in enumerate(
            [*((0, 3, 1, ""), (0, 1, 0, ""), (1, 2, 0, "")), (2, 0, 0, ""), (1, 4, 0, 'type="presOf"')]
        )
    )
    data = parse_xml(
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
        f' xmlns:a="{MAIN}"><dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{links}</dgm:cxnLst></dgm:dataModel>'
    )
    assert [(part.text, part.indent) for part in diagram_parts(data)] == [
        *(("Plan", 0), ("Ask the town", 1), ("Dig", 0))
    ]


def test_what_programs_may_choose_to_show_is_read_once_and_formulas_read_as_text(tmp_path: Path) -> None:
    maths = (
        f'<a14:m xmlns:a14="urn:a14" xmlns:a="{MAIN}" '
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:oMath>'
        "<m:f><m:num><m:r><m:t>1</m:t></m:r></m:num><m:den><m:r><m:t>3</m:t></m:r></m:den></m:f>"
        "</m:oMath></a14:m>"
    )

    def draw(slide: Shown) -> None:
        shape = box(slide.shapes, 1, 2, "The share is ")._element
        shape.xpath(".//a:p")[0].append(parse_xml(maths))
        choice = parse_xml(
            f'<mc:AlternateContent xmlns:mc="{VERSIONS[1:-1]}"><mc:Choice Requires="a14"/><mc:Fallback/>'
            "</mc:AlternateContent>"
        )
        shape.getparent().replace(shape, choice)
        choice[0].append(shape)
        choice[1].append(box(slide.shapes, 1, 2, "a picture of it")._element)

    assert texts(talk(tmp_path, (TITLE_ONLY, "Shares", draw))) == ["Shares", "The share is 1/3"]


def rewritten(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Write a presentation anew with each of its files changed."""
    with zipfile.ZipFile(path) as old:
        files = {name: change(name, old.read(name)) for name in old.namelist()}
    with zipfile.ZipFile(path, "w") as new:
        for name, data in files.items():
            new.writestr(name, data)
    return path


def test_a_broken_slide_does_not_stop_the_others(tmp_path: Path) -> None:
    talk(tmp_path, (CONTENT, "One", body((0, "first"))), (CONTENT, "Two", body((3, "second"))))
    broken = rewritten(tmp_path / "talk.pptx", lambda name, data: data.replace(b'lvl="3"', b'lvl="deep"'))
    document = load(broken)
    assert texts(document) == ["One", "first"]
    assert (document.without_text, document.pages) == ((2,), 2)


def test_what_cannot_be_opened_is_named_in_one_sentence(tmp_path: Path) -> None:
    talk(tmp_path, (CONTENT, "One", body((0, "first"))))
    path = tmp_path / "talk.pptx"
    whole = path.read_bytes()
    rewritten(path, lambda name, data: data[:200] if name == "ppt/presentation.xml" else data)
    with pytest.raises(DamagedDocument, match=r"talk\.pptx is damaged: its slides cannot be opened"):
        load(path)
    path.write_bytes(whole[:-200])
    with pytest.raises(DamagedDocument):
        load(path)
    path.write_bytes(OLE_MAGIC + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(EncryptedDocument):
        load(path)
    with pytest.raises(EmptyDocument):
        talk(tmp_path)
