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
        ("scan.png", "OCR"),
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
