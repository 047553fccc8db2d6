"""Small files of every kind, as common programs write them: whole, odd, locked and empty ones."""

from __future__ import annotations

import base64
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
import xlsxwriter
from pypdf.generic import NameObject, StreamObject

from kb.errors import DamagedDocument, DocumentError, EmptyDocument, EncryptedDocument, UnsupportedFormat
from tests.loaders.pdf.drawing import draw, page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
PLAN = """---
title: Plan of the town library
---

# Opening hours

The library opens at nine.[^1] It is *closed* on public holidays.

[^1]: Decided in March.

| Day | Opens | Closes |
|-----|-------|--------|
| Monday | 9:00 | 17:00 |
| Sunday | closed | |

# Rules

1. Keep quiet.
2. Return books in time:
    - novels within two weeks
    - atlases within a day

> Books are for everybody.

![The reading room](room.png)

```
shelf = number // 100
```
"""
UMLAUTS = "Die Bücherei öffnet um neun. Sie schließt um fünf."
QUIET = page((50, 100, "The reading room is quiet."), (50, 120, "It has forty seats."))


def converted(path: Path) -> None:
    """Write the plan with pandoc, in the format of the file's name."""
    import pypandoc

    (path.parent / "room.png").write_bytes(PNG)
    command = [pypandoc.get_pandoc_path(), "-s", "-f", "markdown", "-o", str(path)]
    subprocess.run(command, input=PLAN.encode(), cwd=path.parent, check=True)


def typeset(path: Path) -> None:
    """Write a PDF with typst: two columns, a table, a formula and bookmarks."""
    import typst

    source = """#set document(title: "Plan of the town library")
#set page(columns: 2, numbering: "1")
= Opening hours
#lorem_like
#table(columns: 2, [Day], [Opens], [Monday], [9:00], [Sunday], [closed])
= Rules
$ f = 1/3 (a + b + c) $
"""
    said = "The library opens at nine, and whoever comes later finds the door open too. " * 20
    path.write_bytes(typst.compile(source.replace("#lorem_like", said).encode()))


def sheet(path: Path, *rows: tuple[object, ...]) -> None:
    """Write a workbook of one sheet."""
    with xlsxwriter.Workbook(path) as book:
        made = book.add_worksheet("Rooms")
        for at, row in enumerate(rows):
            made.write_row(at, 0, row)


def saved(path: Path, *, turn: int = 0, user: str | None = None, algorithm: str = "AES-256") -> None:
    """Write a PDF turned by so many degrees, and locked if a user's password is given."""
    writer = pypdf.PdfWriter(clone_from=draw(path, QUIET))
    writer.pages[0].rotate(turn)
    if user is not None:
        writer.encrypt(user, owner_password="owner", algorithm=algorithm)
    writer.write(path)


def picture(path: Path, encoding: str) -> None:
    """Write a PDF of one page that holds nothing but a picture, stored in one of the ways of the standard."""
    writer = pypdf.PdfWriter()
    shown = writer.add_blank_page(200, 200)
    image = StreamObject()
    grey = bytes(range(256))
    stored = {"/FlateDecode": zlib.compress(grey), "/ASCIIHexDecode": grey.hex().encode() + b">"}
    image.set_data(stored[encoding])
    for name, value in (("Subtype", "/Image"), ("Filter", encoding), ("ColorSpace", "/DeviceGray")):
        image[NameObject(f"/{name}")] = NameObject(value)
    for name, number in (("Width", 16), ("Height", 16), ("BitsPerComponent", 8)):
        image[NameObject(f"/{name}")] = pypdf.generic.NumberObject(number)
    resources = pypdf.generic.DictionaryObject(
        {
            NameObject("/XObject"): pypdf.generic.DictionaryObject(
                {NameObject("/I"): writer._add_object(image)}
            )
        }
    )
    shown[NameObject("/Resources")] = resources
    contents = StreamObject()
    contents.set_data(b"q 200 0 0 200 0 0 cm /I Do Q")
    shown[NameObject("/Contents")] = writer._add_object(contents)
    writer.write(path)


def text(said: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    """Return what writes a text in an encoding."""
    return lambda path: path.write_bytes(said.encode(encoding))


def html(body: str, head: str = "", encoding: str = "utf-8") -> Callable[[Path], object]:
    """Return what writes a page."""
    return text(f"<html><head>{head}</head><body>{body}</body></html>", encoding)


# How each file is written, and words that its blocks hold.
WHOLE: dict[str, tuple[Callable[[Path], object], str]] = {
    **{f"plan.{kind}": (converted, "atlases within a day") for kind in "docx odt pptx epub rtf html".split()},
    "plan.md": (text(PLAN), "Return books in time"),
    "latin.md": (text(UMLAUTS, "cp1252"), "Bücherei öffnet"),
    **{
        f"{code}.txt": (text(UMLAUTS, code), "schließt um fünf") for code in "utf-8-sig utf-16 utf-32".split()
    },
    "cp1252.html": (html(f"<p>{UMLAUTS}</p>", '<meta charset="windows-1252">', "cp1252"), "Bücherei"),
    "script.html": (html("<nav>Home</nav><p>Keep <b>calm</b>.</p><script>x()</script>"), "Keep calm."),
    "inline.html": (
        html(f"<p>A room.</p><img src='data:image/png;base64,{base64.b64encode(PNG).decode()}'>"),
        "A room.",
    ),
    "semicolon.csv": (text("Raum;Plätze\nLesesaal;40\n"), "Lesesaal\t40"),
    "quoted.csv": (text('room,note\n"Hall, large","forty\nseats"\n'), "Hall, large"),
    "wide.csv": (text("room,seats\nHall," + "4" * 30_000 + "\n"), "Hall"),
    "utf-16.csv": (text("room,seats\nHall,40\n", "utf-16"), "Hall\t40"),
    "emoji.xlsx": (lambda path: sheet(path, ("Room", "Mood"), ("Hall", "😀")), "Hall\t😀"),
    "typeset.pdf": (typeset, "The library opens at nine"),
    "turned.pdf": (lambda path: saved(path, turn=90), "The reading room is quiet."),
    "owner-aes.pdf": (lambda path: saved(path, user=""), "The reading room is quiet."),
    "owner-rc4.pdf": (lambda path: saved(path, user="", algorithm="RC4-128"), "It has forty seats."),
    "trailing.pdf": (
        lambda path: path.write_bytes(draw(path, QUIET).read_bytes() + b"\n\0junk" * 50),
        "quiet",
    ),
    "no-table.pdf": (lambda path: path.write_bytes(_without_table(path)), "The reading room is quiet."),
}


def _without_table(path: Path) -> bytes:
    """Return a PDF whose table of objects is not where it says, which every viewer opens all the same."""
    return draw(path, QUIET).read_bytes().replace(b"startxref\n", b"startxref\n9")


# How each file is written, and the error that refuses it.
REFUSED: dict[str, tuple[Callable[[Path], object], type[DocumentError]]] = {
    "nothing.txt": (text(""), EmptyDocument),
    "spaces.txt": (text(" \n\n "), EmptyDocument),
    "empty.xlsx": (sheet, EmptyDocument),
    "flate.pdf": (lambda path: picture(path, "/FlateDecode"), EmptyDocument),
    "hex.pdf": (lambda path: picture(path, "/ASCIIHexDecode"), EmptyDocument),
    "outside.pdf": (lambda path: draw(path, page((50, 2000, "Far below."))), EmptyDocument),
    "locked-aes.pdf": (lambda path: saved(path, user="secret"), EncryptedDocument),
    "locked-rc4.pdf": (lambda path: saved(path, user="secret", algorithm="RC4-128"), EncryptedDocument),
    "cut.pdf": (lambda path: path.write_bytes(draw(path, QUIET).read_bytes()[:60]), DamagedDocument),
    "junk.pdf": (text("%PDF-1.4\n" + "junk " * 100), DamagedDocument),
    "papers.zip": (lambda path: path.write_bytes(b"PK\x03\x04"), UnsupportedFormat),
}
