"""Files made to hurt whoever reads them: small to write, large to read, deep, endless, or not what they say.

python -m tests.hostile FOLDER      writes all of them, reads each, and prints what that cost
"""

from __future__ import annotations

import io
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kb.errors import DocumentError
from kb.index.reading import Reader
from kb.index.watch import Cost, cost_of
from kb.loaders.limits import SECONDS

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "application/vnd.openxmlformats-officedocument"


def zipped(files: dict[str, str | bytes]) -> bytes:
    """Return an archive of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def docx(body: str, *, before: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """Return a Word file with this body; `before` stands above the document's first element."""
    main = f'<?xml version="1.0"?>{before}<w:document {W}><w:body>{body}</w:body></w:document>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Override PartName="/word/document.xml"'
            f' ContentType="{OFFICE}.wordprocessingml.document.main+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{LINKS}"><Relationship Id="a" Target="word/document.xml"'
            f' Type="{R}/officeDocument"/></Relationships>',
            "word/document.xml": main,
            **(more or {}),
        }
    )


def xlsx(rows: str, before: str = "") -> bytes:
    """Return a workbook with one sheet of these rows; `before` stands above them in it."""
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Override PartName="/xl/workbook.xml"'
            f' ContentType="{OFFICE}.spreadsheetml.sheet.main+xml"/><Override'
            f' PartName="/xl/worksheets/sheet1.xml"'
            f' ContentType="{OFFICE}.spreadsheetml.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{LINKS}"><Relationship Id="a" Target="xl/workbook.xml"'
            f' Type="{R}/officeDocument"/></Relationships>',
            "xl/workbook.xml": f'<workbook {S} xmlns:r="{R}"><sheets><sheet name="A" sheetId="1" r:id="b"/>'
            "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{LINKS}"><Relationship Id="b"'
            f' Target="worksheets/sheet1.xml" Type="{R}/worksheet"/></Relationships>',
            "xl/worksheets/sheet1.xml": f"<worksheet {S}>{before}<sheetData>{rows}</sheetData></worksheet>",
        }
    )


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """Return a PDF of these objects, counted from 1."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    return bytes(out)


def stream(data: bytes, entries: bytes = b"", *, packed: bool = False) -> bytes:
    """Return a stream object, compressed if `packed`."""
    if packed:
        data, entries = zlib.compress(data, 9), entries + b"/Filter/FlateDecode"
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), entries, data)


CATALOG, FONT = b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def one_page(content: bytes, resources: bytes = b"/Font<</F 5 0 R>>", *more: bytes) -> bytes:
    """Return a PDF of one page with this content stream; `more` are its objects from 6 on."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%s>>>>" % resources
    return pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, content, FONT, *more)


def many_pages(count: int) -> bytes:
    """Return a PDF whose pages are all one and the same."""
    kids = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b"3 0 R " * count, count)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    return pdf(CATALOG, kids, page, stream(b"BT /F 12 Tf 50 700 Td (Some words) Tj ET"), FONT)


def form_loop() -> bytes:
    """Return a PDF with a form that draws itself a hundred times."""
    resources = b"/XObject<</X 6 0 R>>"
    form = stream(b"/X Do " * 100, b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<%s>>" % resources)
    return one_page(stream(b"/X Do"), resources, form)


def form_tree(depth: int = 12, width: int = 10) -> bytes:
    """Return a PDF with forms that each draw the next one ten times: 10 to the 12th."""
    forms = [
        stream(
            b"/X Do " * width,
            b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (n + 1),
        )
        for n in range(6, 6 + depth)
    ]
    return one_page(stream(b"/X Do"), b"/XObject<</X 6 0 R>>", *forms, stream(b"0 0 9 9 re f"))


def lying(archive: bytes, size: int) -> bytes:
    """Return an archive whose directory says of each file that it unpacks to `size` bytes."""
    out, at = bytearray(archive), 0
    while (at := out.find(b"PK\x01\x02", at)) >= 0:
        out[at + 24 : at + 28] = size.to_bytes(4, "little")
        at += 4
    return bytes(out)


def laughs(levels: int = 12) -> str:
    """Return YAML whose last name stands for nine to the power of `levels` words."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    names = ((n, ",".join([f"*a{n - 1}"] * 9)) for n in range(1, levels))
    return "\n".join(["---", *lines, *(f"a{n}: &a{n} [{names}]" for n, names in names), "---", "Text.\n"])


def entities() -> str:
    """Return a document type whose last entity stands for ten to the ninth words."""
    return "<!DOCTYPE x [<!ENTITY e0 'lol'>" + "".join(
        f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 10)
    ) + "]>"  # fmt: skip


SPACES = b" " * 2**20
PARAGRAPH = "<w:p><w:r><w:t>a</w:t></w:r></w:p>"

# Files of a few bytes that ask for memory or time, by name.
QUICK: dict[str, Callable[[], bytes]] = {
    "far_cell.xlsx": lambda: xlsx(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    ),
    "laugh.md": lambda: laughs().encode(),
    "laugh.docx": lambda: docx("<w:p><w:r><w:t>&e9;</w:t></w:r></w:p>", before=entities()),
    "form_loop.pdf": form_loop,
    "form_tree.pdf": form_tree,
    "stars.txt": lambda: b"**a " * 50_000,
    "scores.txt": lambda: b"__a " * 50_000,
    "broken_words.txt": lambda: b"a-\n" * 60_000,
    "semicolons.txt": lambda: b"a;b\n" * 50_000,
    "notes.txt": lambda: b"note\n" * 40_000,
    "bullets.txt": lambda: b"- " * 100_000 + b"x",
    "deep.html": lambda: b"<div>" * 20_000 + b"x",
    "deep.md": lambda: b"> " * 5_000 + b"x",
    "nested.rtf": lambda: b"{\\rtf1 " + b"{" * 100_000 + b"x",
    "columns.csv": lambda: b"a," * 1_000_000 + b"\n" + b"1," * 1_000_000 + b"\n",
    "quote.csv": lambda: b'a,b\n"' + b"x\n" * 200_000,
    "pages.pdf": lambda: many_pages(3_000),
    "image.pdf": lambda: one_page(
        stream(b"600 0 0 800 0 0 cm /I Do"),
        b"/XObject<</I 6 0 R>>",
        stream(
            b"x" * 100,
            b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 8",
        ),
    ),
}
# Those that take a while to write or to read.
SLOW: dict[str, Callable[[], bytes]] = {
    "bomb.docx": lambda: docx(PARAGRAPH, more={"word/media.bin": SPACES * 900}),
    "bomb_main.docx": lambda: docx(" " * 300_000_000),
    "lying.docx": lambda: lying(docx(" " * 300_000_000), 100),
    "paragraphs.docx": lambda: docx(PARAGRAPH * 600_000),
    "wide_table.docx": lambda: docx(
        "<w:tbl><w:tr>" + f"<w:tc>{PARAGRAPH}</w:tc>" * 100_000 + "</w:tr></w:tbl>"
    ),
    "deep_table.docx": lambda: docx("<w:tbl><w:tr><w:tc>" * 5_000 + PARAGRAPH),
    "cells.xlsx": lambda: xlsx(f'<row r="1">{"<c><v>1</v></c>" * 1_000_000}</row>'),
    "rows.xlsx": lambda: xlsx('<row><c t="inlineStr"><is><t>a</t></is></c></row>' * 500_000),
    "members.docx": lambda: docx(PARAGRAPH, more={f"word/{n}": b"" for n in range(200_000)}),
    "bomb.odt": lambda: zipped({"content.xml": b"<office>" + SPACES * 800}),
    "bomb.epub": lambda: zipped({"META-INF/container.xml": b"<container>" + SPACES * 800}),
    "line.txt": lambda: b"x" * 100_000_000,
    "words.txt": lambda: b"word " * 20_000_000,
    "lines.txt": lambda: b"a\n" * 20_000_000,
    "tabs.txt": lambda: b"a\tb\n" * 5_000_000,
    "line.md": lambda: b"word " * 10_000_000,
    "emphasis.md": lambda: b"*a **a " * 300_000,
    "brackets.md": lambda: b"[" * 200_000,
    "pipes.md": lambda: b"|a" * 200_000 + b"\n" + b"|-" * 200_000 + b"\n",
    "deep_list.md": lambda: b"".join(b" " * 2 * n + b"- a\n" for n in range(3_000)),
    "line.html": lambda: b"<p>" + b"word " * 10_000_000,
    "table.html": lambda: b"<table>" + b"<tr><td>a" * 300_000,
    "spans.html": lambda: b"<table><tr><td rowspan=60000 colspan=60000>a<tr><td>b</table>",
    "rows.csv": lambda: b"a,b\n" + b"1,2\n" * 10_000_000,
    "quote_long.csv": lambda: b'a,b\n"' + b"x" * 100_000_000,
    "pages_100000.pdf": lambda: many_pages(100_000),
    "bomb.pdf": lambda: one_page(stream(SPACES * 1_500, packed=True)),
    "letters.pdf": lambda: one_page(
        stream(b"BT /F 1 Tf " + b"(x) Tj 1 0 Td " * 2_000_000 + b"ET", packed=True)
    ),
    "rules.pdf": lambda: one_page(
        stream(b"BT /F 9 Tf 9 9 Td (x) Tj ET " + b"0 0 9 9 re S " * 1_000_000, packed=True)
    ),
    "random.pdf": lambda: b"%PDF-1.7\n" + bytes(n * n % 251 for n in range(3_000_000)),
}


class Most:
    """The most that a process and its children have cost while it was looked at."""

    def __init__(self) -> None:
        self.memory, self.work = 0, 0.0

    @contextmanager
    def of(self, process: int) -> Iterator[None]:
        """Look until the end of the block."""
        over, start = threading.Event(), cost_of(process).work

        def look() -> None:
            while not over.wait(0.05):
                now = cost_of(process)
                self.memory, self.work = max(self.memory, now.memory), max(self.work, now.work - start)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield
        finally:
            over.set()
            looking.join()


def cost(path: Path, reader: Reader) -> tuple[str, Cost]:
    """Read a file and return what became of it, and what that cost."""
    reader.start()
    most = Most()
    assert reader.process is not None
    with most.of(reader.process):
        try:
            found = f"read: {len(reader.load(path).blocks)} blocks"
        except DocumentError as error:
            found = str(error)
    return found, Cost(most.work, most.memory)


def main(folder: Path) -> None:
    """Write and read all of them, and print a line for each."""
    reader = Reader(SECONDS + 5)
    for name, make in {**QUICK, **SLOW}.items():
        path = folder / name
        path.write_bytes(make())
        started = time.monotonic()
        found, spent = cost(path, reader)
        took = time.monotonic() - started
        line = f"{name:18} {path.stat().st_size:>11,} B {took:6.1f} s {spent.work:6.1f} s of work"
        sys.stdout.write(f"{line} {spent.memory >> 20:>5} MiB  {found[:100]}\n")
        sys.stdout.flush()
        path.unlink()
    reader.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
