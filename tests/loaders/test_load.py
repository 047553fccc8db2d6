"""`load`: what a Document holds, and one clear sentence for every file that cannot be read."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pypdf
import pytest

from kb.errors import (
    DamagedDocument,
    DocumentError,
    EmptyDocument,
    EncryptedDocument,
    UnsupportedFormat,
)
from kb.loaders import SUFFIXES, content, load
from kb.loaders.pandoc import run
from tests import hostile
from tests.conftest import ROOT
from tests.loaders import samples

CORPUS = ROOT / "corpus"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def refusal(path: Path, kind: type[DocumentError]) -> str:
    with pytest.raises(kind) as caught:
        load(path)
    message = str(caught.value)
    assert type(caught.value) is kind
    assert path.name in message
    assert "\n" not in message
    assert message.endswith(".")
    return message


def written(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def archived(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/"), data)
    return path


def test_a_document_is_named_after_its_bytes_and_its_title(tmp_path: Path) -> None:
    path = written(
        tmp_path / "note.txt", "Venue of the workshop\n\nThe room on day two is the hall in Kigali.\n"
    )
    document = load(path)
    assert document.id == hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert document.source == "note.txt"
    assert document.title == "Venue of the workshop"
    assert document.pages is None
    assert [block.kind for block in document.blocks] == ["heading", "paragraph"]
    assert document.blocks[1].heading_path == ("Venue of the workshop",)
    assert load(written(tmp_path / "copy.txt", path.read_bytes())).id == document.id


def test_without_title_or_heading_the_file_lends_its_name(tmp_path: Path) -> None:
    assert load(written(tmp_path / "minutes of may.txt", "We met, and we talked.")).title == "minutes of may"


def test_suffixes_are_read_in_capitals_too(tmp_path: Path) -> None:
    assert load(written(tmp_path / "NOTE.TXT", "We met.")).blocks[0].text == "We met."
    assert {
        ".pdf",
        ".docx",
        ".odt",
        ".pptx",
        ".xlsx",
        ".html",
        ".md",
        ".epub",
        ".rtf",
        ".csv",
        ".txt",
    } <= SUFFIXES


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.zip", "unpack it"),
        ("a.doc", ".docx"),
        ("a.webp", ".png"),
        ("a.xyz", ".pdf"),
        ("noname", "without a suffix"),
    ],
)
def test_other_kinds_are_refused_with_advice(tmp_path: Path, name: str, advice: str) -> None:
    assert advice in refusal(written(tmp_path / name, b"PK\x03\x04"), UnsupportedFormat)


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.pdf", b"PK\x03\x04 and so on", "a ZIP archive"),
        ("a.pdf", b"no PDF at all", "does not begin like one"),
        ("a.docx", b"%PDF-1.7\n", "a PDF"),
        ("a.xlsx", OLE + b"Workbook", "an old binary Office file"),
        ("a.docx", b"just text", "does not begin like one"),
        ("a.rtf", b"<html>", "does not begin like one"),
        ("a.txt", b"%PDF-1.4\n1 0 obj", "a PDF"),
        ("a.md", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
        ("a.csv", bytes(range(256)) * 20, "a binary file"),
        ("a.html", b"\x7fELF\x02\x01\x01\0\0\0", "a program"),
    ],
)
def test_a_mislabelled_file_is_named_as_such(tmp_path: Path, name: str, data: bytes, found: str) -> None:
    assert found in refusal(written(tmp_path / name, data), DamagedDocument)


def test_one_office_format_is_not_taken_for_another(tmp_path: Path) -> None:
    sheet = archived(tmp_path / "a.docx", xl__workbook=b"<workbook/>")
    assert "not a .docx file" in refusal(sheet, DamagedDocument)


def test_an_archive_cut_short_is_damaged(tmp_path: Path) -> None:
    whole = (CORPUS / "kigali-concept-note.docx").read_bytes()
    assert "ZIP archive" in refusal(written(tmp_path / "cut.docx", whole[:9000]), DamagedDocument)


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "MAX_UNPACKED_BYTES", 1000)
    assert "unpacks to more" in refusal(
        archived(tmp_path / "a.docx", word__document=b" " * 2000), DamagedDocument
    )


def test_too_large_a_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MAX_BYTES", 10)
    assert "split it" in refusal(written(tmp_path / "a.txt", "longer than ten"), DocumentError)


@pytest.mark.parametrize("data", [b"", b" \n\t\n", "\ufeff".encode()])
def test_a_file_without_text_is_empty(tmp_path: Path, data: bytes) -> None:
    refusal(written(tmp_path / "a.txt", data), EmptyDocument)


def test_a_password_is_asked_for(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    locked_sheet = OLE + "EncryptedPackage".encode("utf-16-le")
    assert "password" in refusal(tmp_path / "locked.pdf", EncryptedDocument)
    assert "password" in refusal(written(tmp_path / "a.xlsx", locked_sheet), EncryptedDocument)
    locked_text = {"content.xml": b"", "META-INF/manifest.xml": b"<manifest:encryption-data/>"}
    assert "password" in refusal(archived(tmp_path / "a.odt", **locked_text), EncryptedDocument)


def test_a_pdf_locked_for_its_owner_only_opens(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=CORPUS / "egdi-methodology.pdf")
    writer.encrypt("", owner_password="secret", algorithm="RC4-128")
    writer.write(tmp_path / "open.pdf")
    assert load(tmp_path / "open.pdf").pages == load(CORPUS / "egdi-methodology.pdf").pages


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "none.pdf", DocumentError)
    (tmp_path / "folder.pdf").mkdir()
    assert "folder" in refusal(tmp_path / "folder.pdf", DocumentError)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "secret.txt", "text")
    path.chmod(0)
    assert "permissions" in refusal(path, DocumentError)


@pytest.mark.parametrize("name", ["kigali-concept-note.docx", "cdo-handbook.pdf"])
def test_a_file_that_takes_too_long_is_given_up(name: str) -> None:
    with pytest.raises(DamagedDocument, match=name):
        load(CORPUS / name, seconds=0.001)


def test_a_file_that_takes_too_much_memory_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "MEMORY", "-M8m")
    large = written(tmp_path / "large.html", "<p>one <b>two</b> three</p>\n" * 20_000)
    assert "too much memory" in refusal(large, DamagedDocument)


TEXT = hostile.stream(b"BT /F 12 Tf 50 700 Td (The committee meets in May.) Tj ET")
IMAGE = hostile.stream(
    b"\x00", b"/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
)
DRAWN = hostile.stream(b"600 0 0 800 0 0 cm /I Do")
OUTLINES = hostile.stream(b"9 9 m 99 99 l S " * 50)
BLANK = hostile.stream(b"")


def pages(path: Path, *contents: bytes, box: bytes = b"0 0 600 800") -> Path:
    """Write a PDF with these content streams, one a page, and an image and a font to draw with."""
    count, first = len(contents), 5
    kids = b" ".join(b"%d 0 R" % (first + n) for n in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/CropBox[%s]/Contents %d 0 R/Resources%s>>"
    resources = b"<</Font<</F 3 0 R>>/XObject<</I 4 0 R>>>>"
    leaves = [page % (box, first + count + n, resources) for n in range(count)]
    tree = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    path.write_bytes(hostile.pdf(hostile.CATALOG, tree, hostile.FONT, IMAGE, *leaves, *contents))
    return path


def test_pages_without_text_among_others_are_named(tmp_path: Path) -> None:
    mixed = load(pages(tmp_path / "mixed.pdf", TEXT, DRAWN, DRAWN, BLANK, OUTLINES, TEXT))
    assert (mixed.pages, mixed.without_text, mixed.gaps) == (6, (2, 3, 5), "pages 2-3, 5")
    assert load(pages(tmp_path / "whole.pdf", TEXT, BLANK)).gaps == ""


@pytest.mark.parametrize(
    ("content", "box", "reason"),
    [
        (DRAWN, b"0 0 600 800", "its pages are images and need text recognition"),
        (OUTLINES, b"0 0 600 800", "its pages are drawn without letters"),
        (BLANK, b"0 0 600 800", "its pages are blank"),
        (TEXT, b"0 0 50 50", "lie outside its pages"),
    ],
)
def test_why_a_pdf_holds_no_text_is_said_as_it_is(
    tmp_path: Path, content: bytes, box: bytes, reason: str
) -> None:
    assert reason in refusal(pages(tmp_path / "a.pdf", content, box=box), EmptyDocument)


def test_text_that_is_mostly_no_letters_is_named(tmp_path: Path) -> None:
    junk = "".join(map(chr, range(0xE000, 0xE100)))
    said = refusal(written(tmp_path / "junk.txt", f"A title\n\n{junk}"), DamagedDocument)
    assert "mostly signs that are no letters" in said
    assert load(written(tmp_path / "list.txt", "Bring:\n\n\uf0b7 a pen\n\uf0b7 a pad\n")).blocks


def test_too_much_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.loaders.MAX_LETTERS", 1_000)
    monkeypatch.setattr("kb.loaders.MAX_REPEATED", 10_000)
    long, wide = "Word word.\n\n" * 200, f"{'a,' * 500}\n" + "1,\n" * 30
    for name, text in (("long.txt", long), ("wide.csv", wide)):
        assert "too much text" in refusal(written(tmp_path / name, text), DocumentError)


def test_what_is_too_long_for_a_heading_is_text(tmp_path: Path) -> None:
    found = load(written(tmp_path / "a.md", f"# {'word ' * 500}\n\nText.\n"))
    assert [block.heading_path for block in found.blocks] == [(), ()]
    assert len(found.title) <= 500


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no file here tells a wrong size")
def test_a_size_is_counted_and_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of /proc say that they are empty."""
    (tmp_path / "a.txt").symlink_to("/proc/self/maps")
    assert len(content.read(tmp_path / "a.txt")) > 1000
    monkeypatch.setattr(content, "MAX_BYTES", 1000)
    assert "split it" in refusal(tmp_path / "a.txt", DocumentError)


def test_a_title_holds_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    name = "a\x1b]0;pwned\x07b\u202e.txt"
    assert load(written(tmp_path / name, "We met, and we talked.")).title == "a b"


@pytest.mark.parametrize("name", samples.WHOLE)
def test_a_whole_file_of_any_kind_is_read_in_silence(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write, said = samples.WHOLE[name]
    write(tmp_path / name)
    document = load(tmp_path / name)
    assert any(said in block.text for block in document.blocks), document.blocks
    assert all(block.text.strip() for block in document.blocks)
    assert document.title
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", samples.REFUSED)
def test_another_file_is_refused_for_its_own_reason(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write, kind = samples.REFUSED[name]
    write(tmp_path / name)
    refusal(tmp_path / name, kind)
    assert capfd.readouterr() == ("", "")
