"""Word files: what people see of them is read, and nothing that they do not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.errors import DamagedDocument
from kb.loaders import load
from kb.types import Document
from tests.hostile import LINKS, R, W, docx

V = 'xmlns:v="urn:schemas-microsoft-com:vml"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
STYLES = """
<w:style w:type="paragraph" w:styleId="Chapter"><w:name w:val="Chapter"/>
  <w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Section"><w:name w:val="Section"/><w:basedOn w:val="Chapter"/>
  <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Rule"><w:name w:val="heading 1"/>
  <w:pPr><w:numPr><w:numId w:val="7"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Remark"><w:name w:val="Remark"/><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="Repealed"><w:name w:val="Repealed"/>
  <w:rPr><w:strike/></w:rPr></w:style>
"""
LEVELS = (("decimal", "Rule %1", "Rule"), ("decimal", "%1.%2", ""), ("lowerLetter", "(%3)", ""))
NUMBERING = (
    '<w:abstractNum w:abstractNumId="3">'
    + "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:pStyle w:val="{style}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text, style) in enumerate(LEVELS)
    )
    + '</w:abstractNum><w:abstractNum w:abstractNumId="4"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
    '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="7"><w:abstractNumId w:val="3"/></w:num>'
    '<w:num w:numId="8"><w:abstractNumId w:val="4"/></w:num>'
    '<w:num w:numId="9"><w:abstractNumId w:val="4"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
    "</w:lvlOverride></w:num>"
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def line(text: str, properties: str = "", letters: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{run(text, letters)}</w:p>"


def styled(text: str, style: str, number: str = "") -> str:
    return line(text, f'<w:pStyle w:val="{style}"/>{number}')


def at(number: int, level: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'


def field(code: str, result: str, data: str = "") -> str:
    char = '<w:r><w:fldChar w:fldCharType="{}">{}</w:fldChar></w:r>'
    shown = char.format("separate", "") + run(result) if result else ""
    code = f"<w:r><w:instrText>{code}</w:instrText></w:r>"
    return char.format("begin", data) + code + shown + char.format("end", "")


def row(*cells: str, properties: str = "") -> str:
    return (
        f"<w:tr><w:trPr>{properties}</w:trPr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"
    )


def word(folder: Path, body: str, **parts: str) -> Document:
    """Read a Word file with this body and these other parts, to which it may refer by name."""
    roots = {"styles": "styles", "numbering": "numbering", "settings": "settings", "footnotes": "footnotes"}
    parts = {"styles": STYLES, "numbering": NUMBERING, **parts}
    links = "".join(
        f'<Relationship Id="{name}" Type="{R}/{name.rstrip("0123456789")}" Target="{name}.xml"/>'
        for name in parts
    )
    more = {"word/_rels/document.xml.rels": f'<Relationships xmlns="{LINKS}">{links}</Relationships>'}
    for name, xml in parts.items():
        root = roots.get(name, "hdr" if name.startswith("header") else "ftr")
        more[f"word/{name}.xml"] = f"<w:{root} {W} {V}>{xml}</w:{root}>"
    body = body.replace("<w:sectPr>", f'<w:sectPr xmlns:r="{R}">')
    path = folder / "a.docx"
    path.write_bytes(docx(body, more={name: text.encode() for name, text in more.items()}))
    return load(path)


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks]


def test_changes_count_as_accepted(tmp_path: Path) -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    body = (
        f"<w:p>{run('Fines are ')}<w:del>{run('4')}</w:del><w:ins>{run('6')}</w:ins>{run(' francs.')}</w:p>"
        f"<w:p><w:pPr>{gone}</w:pPr>{run('Whoever is late ')}</w:p>{line('pays them.')}"
        f"<w:p><w:pPr>{gone}</w:pPr><w:del>{run('Nobody pays.')}</w:del></w:p>"
        f"<w:p><w:moveFrom>{run('They go to the fund.')}</w:moveFrom></w:p>"
        f"<w:p><w:moveTo>{run('They go to the fund.')}</w:moveTo></w:p>"
        f"<w:tbl>{row(line('Loan'), line('Fine'))}{row(line('Maps'), line('2'), properties='<w:del/>')}"
        f"{row(line('Books'), line('6'))}</w:tbl>"
    )
    document = word(tmp_path, body)
    assert texts(document) == [
        "Fines are 6 francs.",
        "Whoever is late pays them.",
        "They go to the fund.",
        "Books\t6",
    ]
    assert document.hidden == ()


def test_what_is_hidden_or_struck_out_is_left_out_and_told(tmp_path: Path) -> None:
    repealed = '<w:rStyle w:val="Repealed"/>'
    shown = '<w:vanish w:val="0"/>'
    struck = line("Dogs", letters="<w:strike/>"), line("no", letters="<w:dstrike/>")
    body = (
        f"<w:p>{run('Entry costs ')}{run('nine', repealed)}{run(' ten francs.')}</w:p>"
        f"{styled('Ask the board first.', 'Remark')}"
        f"<w:p>{run('Children enter free', shown)}"
        f"{run(' until June', '<w:vanish/>')}.</w:p>"
        f"<w:tbl>{row(line('Who'), line('May enter'))}{row(*struck)}{row(line('Cats'), line('yes'))}"
        f"{row(line('Horses'), line('perhaps'), properties='<w:hidden/>')}</w:tbl>"
    )
    document = word(tmp_path, body)
    assert texts(document) == ["Entry costs ten francs.", "Children enter free", "Cats\tyes"]
    assert document.hidden == ("hidden text", "struck-out text")


def test_numbers_stand_as_printed(tmp_path: Path) -> None:
    body = (
        styled("Loans", "Rule")
        + line("Books are lent.", at(7, 1))
        + line("These are not:", at(7, 1))
        + line("maps", at(7, 2))
        + line("deeds", at(7, 2), "<w:strike/>")
        + line("seals", at(7, 2))
        + styled("Fines", "Rule")
        + line("They are paid.", at(7, 1))
        + styled("Annex", "Rule", at(0, 0))
        + line("Bring:")
        + line("a pen", at(8, 0))
        + line("paper", at(8, 0))
        + line("Leave:")
        + line("food", at(9, 0))
    )
    document = word(tmp_path, body)
    assert texts(document) == [
        *("Rule 1 Loans", "1.1 Books are lent.", "1.2 These are not:", "(a) maps", "(c) seals"),
        *(
            "Rule 2 Fines",
            "2.1 They are paid.",
            "Annex",
            "Bring:",
            "1. a pen",
            "2. paper",
            "Leave:",
            "1. food",
        ),
    ]
    assert [b.lead for b in document.blocks if b.text in ("(c) seals", "2. paper")] == [
        "1.2 These are not:",
        "Bring:",
    ]
    assert [b.place for b in document.blocks[:3]] == ["¶ 1", "¶ 2", "¶ 3"]


def test_outline_levels_make_headings(tmp_path: Path) -> None:
    body = styled("Maps 2", "TOC1") + styled("Loans", "Chapter") + styled("Maps", "Section")
    body += line("Maps stay.")
    document = word(tmp_path, body)
    assert texts(document) == ["Loans", "Maps", "Maps stay."]
    assert document.blocks[-1].heading_path == ("Loans", "Maps")


def test_fields_show_their_results(tmp_path: Path) -> None:
    ticked = '<w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData>'
    inner = field("IF ", "", "").replace(
        "IF ", "IF </w:instrText></w:r>" + field("X", "1") + "<w:r><w:instrText>"
    )
    body = (
        f'<w:p>{run("In force since ")}<w:fldSimple w:instr="DATE">{run("2 May")}</w:fldSimple></w:p>'
        f"<w:p>{run('Agreed: ')}{field('FORMCHECKBOX', '', ticked)}{inner}</w:p>"
        f"<w:p><w:sdt><w:sdtPr/><w:sdtContent>{run('The seat is Byumba.')}</w:sdtContent></w:sdt></w:p>"
    )
    assert texts(word(tmp_path, body)) == ["In force since 2 May", "Agreed: ☒", "The seat is Byumba."]


def test_headers_and_footers_are_read_once_without_page_numbers(tmp_path: Path) -> None:
    shown = "".join(
        f'<w:{kind}Reference w:type="{on}" r:id="{name}"/>'
        for kind, on, name in (
            *(
                ("header", "default", "header1"),
                ("header", "first", "header2"),
                ("header", "even", "header3"),
            ),
            ("footer", "default", "footer1"),
        )
    )
    mark = '<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>'
    document = word(
        tmp_path,
        line("Opening hours.") + f"<w:sectPr>{shown}<w:titlePg/></w:sectPr>",
        header1=f"<w:p>{run('Valid from 3 June 2019')}<w:r><w:tab/></w:r>{run('Page ')}{field('PAGE', '4')}"
        f"{run(' of ')}{field('NUMPAGES', '9')}</w:p><w:p>{mark}</w:p>",
        header2=line("Valid from 3 June 2019"),
        header3=line("On no page"),
        header4=line("Of another time"),
        footer1=f'<w:p>{run("– ")}<w:fldSimple w:instr=" PAGE ">{run("4")}</w:fldSimple>{run(" –")}</w:p>',
    )
    assert [(b.kind, b.text, b.heading_path) for b in document.blocks] == [
        ("caption", "Valid from 3 June 2019", ()),
        ("caption", "DRAFT", ()),
        ("paragraph", "Opening hours.", ()),
    ]


def test_notes_and_boxes_stand_below_their_paragraph(tmp_path: Path) -> None:
    note = '<w:r><w:footnoteReference w:id="{}"/></w:r>'
    box = (
        f"<w:r><mc:AlternateContent {MC}><mc:Choice>"
        f"<w:txbxContent>{line('Ring twice.')}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>"
        f"{line('Ring twice.')}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>"
    )
    body = (
        f"<w:p>{run('The gate')}{note.format(1)}{box}{run(' opens at six.')}</w:p>"
        f"<w:tbl>{row(line('Gate'), line('Hour'))}{row(line('North'), line('7'))}"
        f"{row(line('South'), line('8'))}</w:tbl>"
    ).replace("North</w:t></w:r>", f"North</w:t></w:r>{note.format(2)}")
    notes = "".join(
        f'<w:footnote w:id="{n}"><w:p>{run(text)}</w:p></w:footnote>'
        for n, text in ((1, "Of the park."), (2, "Not in winter."))
    )
    assert texts(word(tmp_path, body, footnotes=notes)) == [
        *("The gate opens at six.", "1 Of the park.", "Ring twice."),
        *("North\t7", "South\t8", "2 Not in winter."),
    ]


def test_signs_read_as_people_see_them(tmp_path: Path) -> None:
    body = "<w:p><w:r><w:t>2</w:t><w:noBreakHyphen/><w:t>4</w:t><w:tab/><w:t>sol</w:t><w:softHyphen/>"
    body += '<w:t>dier</w:t><w:sym w:font="Symbol" w:char="F0B3"/></w:r></w:p>'
    assert texts(word(tmp_path, body)) == ["2-4 soldier≥"]


def test_xml_that_is_none_or_declares_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(docx("<w:p>&e;</w:p>", before='<!DOCTYPE w [<!ENTITY e "e">]>'))
    with pytest.raises(DamagedDocument, match="entities"):
        load(path)
    path.write_bytes(docx("<w:p>"))
    with pytest.raises(DamagedDocument, match="XML"):
        load(path)
