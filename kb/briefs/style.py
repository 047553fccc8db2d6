"""How exports look: the styles of a Word file, made from pandoc's own, and the style sheet of a page."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from functools import cache

from kb.errors import BriefError

FONT, INK, RULE = "Calibri", "1F3864", "BFBFBF"
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FOOTER = "rIdFooter1"
# A4 in twentieths of a point, upright and on its side, with margins of 2.2 cm.
_UPRIGHT = '<w:pgSz w:w="11906" w:h="16838"/>'
_WIDE = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>'
_MARGINS = (
    '<w:pgMar w:top="1247" w:right="1247" w:bottom="1247" w:left="1247" w:header="624" w:footer="624"'
    ' w:gutter="0"/>'
)


def _style(
    key: str, name: str, size: float, before: int, after: int, more: str = "", run: str = "", left: int = 0
) -> str:
    """Return a paragraph style; size in points, distances in twentieths of a point."""
    indent = f'<w:ind w:left="{left}"/>' if left else ""
    based = "" if key == "Normal" else '<w:basedOn w:val="Normal"/>'
    default = ' w:default="1"' if key == "Normal" else ""
    half = round(2 * size)
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{key}"><w:name w:val="{name}"/>{based}<w:qFormat/>'
        f'<w:pPr>{more}<w:spacing w:before="{before}" w:after="{after}" w:line="264" w:lineRule="auto"/>'
        f"{indent}{_outline(key)}</w:pPr>"
        f'<w:rPr><w:rFonts w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}"/>{run}'
        f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr></w:style>'
    )


def _outline(key: str) -> str:
    level = int(key[-1]) - 1 if key.startswith("Heading") else -1
    return f'<w:outlineLvl w:val="{level}"/>' if level >= 0 else ""


_KEPT = "<w:keepNext/><w:keepLines/>"
_BOLD = f'<w:b/><w:color w:val="{INK}"/>'
_QUOTED = f'<w:pBdr><w:left w:val="single" w:sz="12" w:space="8" w:color="{RULE}"/></w:pBdr>'
_STYLES = {
    "Normal": _style("Normal", "Normal", 10.5, 0, 80),
    "BodyText": _style("BodyText", "Body Text", 10.5, 60, 80),
    "FirstParagraph": _style("FirstParagraph", "First Paragraph", 10.5, 60, 80),
    "Compact": _style("Compact", "Compact", 10.5, 20, 40),
    "Title": _style("Title", "Title", 22, 0, 60, _KEPT, _BOLD),
    "Heading1": _style("Heading1", "heading 1", 14, 260, 60, _KEPT, _BOLD),
    "Heading2": _style("Heading2", "heading 2", 12, 200, 60, _KEPT, _BOLD),
    "BlockText": _style("BlockText", "Block Text", 10.5, 60, 100, _QUOTED, left=284),
    "ConnectingLine": _style("ConnectingLine", "Connecting Line", 10.5, 60, 40, _KEPT),
    "FootnoteText": _style("FootnoteText", "Footnote Text", 8.5, 0, 0),
    "Remark": _style("Remark", "Remark", 9, 0, 60, "", '<w:color w:val="595959"/>'),
    "Table": (
        '<w:style w:type="table" w:default="1" w:styleId="Table"><w:name w:val="Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblBorders>'
        + "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{RULE}"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        + '</w:tblBorders><w:tblCellMar><w:top w:w="28" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
        '<w:bottom w:w="28" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tblPr/><w:tcPr>'
        '<w:shd w:val="clear" w:color="auto" w:fill="E7EBF3"/></w:tcPr></w:tblStylePr></w:style>'
    ),
}
_SMALL = '<w:rPr><w:sz w:val="17"/></w:rPr>'
_FOOTER_XML = (
    f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:ftr {_W} {_R}><w:p><w:pPr>'
    f'<w:jc w:val="right"/></w:pPr><w:r>{_SMALL}<w:fldChar w:fldCharType="begin"/></w:r>'
    f'<w:r>{_SMALL}<w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
    f'<w:r>{_SMALL}<w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>'
)

# A page that loads nothing, from anywhere, and runs nothing.
STYLE_SHEET = """<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; style-src 'unsafe-inline'">
<style>
html { background: #fff; color: #1a1a1a; }
body { max-width: 44em; margin: 0 auto; padding: 2em 1.2em; hyphens: manual;
  font: 16px/1.5 Calibri, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
header#title-block-header { text-align: left; margin-bottom: 0.5em; }
header .date { display: none; }
h1, h2 { color: #1f3864; line-height: 1.25; }
h1.title { font-size: 1.9em; margin: 0; }
h1 { font-size: 1.3em; margin: 1.5em 0 0.4em; }
blockquote { margin: 0.5em 0; padding: 0 0 0 0.8em; border-left: 3px solid #bfbfbf; color: inherit; }
blockquote p { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: 0.6em 0; font-size: 0.95em; }
th, td { border: 1px solid #bfbfbf; padding: 0.25em 0.5em; text-align: left; vertical-align: top; }
th { background: #e7ebf3; }
.remark { color: #595959; font-size: 0.88em; }
section.footnotes { font-size: 0.85em; }
sup { line-height: 0; }
a { color: #1f3864; text-decoration: none; }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; } h1, h2 { break-after: avoid; } }
</style>"""


@cache
def reference_docx(*, wide: bool = False) -> bytes:
    """Return the Word file whose styles pandoc takes: its own, dressed; `wide` lays the page on its side."""
    plain = zipfile.ZipFile(io.BytesIO(_default_docx()))
    dressed = io.BytesIO()
    with zipfile.ZipFile(dressed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in plain.namelist():
            change = _CHANGES.get(name)
            text = plain.read(name)
            file.writestr(name, change(text.decode(), wide).encode() if change else text)
        file.writestr("word/footer1.xml", _FOOTER_XML)
    return dressed.getvalue()


def _default_docx() -> bytes:
    import pypandoc

    try:
        command = [pypandoc.get_pandoc_path(), "--print-default-data-file", "reference.docx"]
        return subprocess.run(command, capture_output=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise BriefError("The export needs pandoc, which cannot be run: install pypandoc_binary.") from error


def _styles(xml: str, _: bool) -> str:
    for key, style in _STYLES.items():
        xml = re.sub(rf'\s*<w:style\b[^>]*w:styleId="{key}".*?</w:style>', "", xml, count=1, flags=re.S)
        xml = xml.replace("</w:styles>", f"{style}</w:styles>")
    return xml.replace('w:val="en-US"', 'w:val="en-GB"')


def _document(xml: str, wide: bool) -> str:
    section = (
        f'<w:sectPr><w:footerReference w:type="default" r:id="{_FOOTER}"/>'
        f"{_WIDE if wide else _UPRIGHT}{_MARGINS}</w:sectPr>"
    )
    xml = re.sub(r"<w:sectPr>.*?</w:sectPr>", section, xml, flags=re.S)
    return xml if "xmlns:r=" in xml else xml.replace("<w:document ", f"<w:document {_R} ", 1)


def _relationships(xml: str, _: bool) -> str:
    footer = f'<Relationship Type="{_OFFICE}/footer" Id="{_FOOTER}" Target="footer1.xml"/>'
    return xml.replace("</Relationships>", f"{footer}</Relationships>")


def _content_types(xml: str, _: bool) -> str:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"
    return xml.replace("</Types>", f'<Override PartName="/word/footer1.xml" ContentType="{kind}"/></Types>')


_CHANGES = {
    "word/styles.xml": _styles,
    "word/document.xml": _document,
    "word/_rels/document.xml.rels": _relationships,
    "[Content_Types].xml": _content_types,
}
