"""What a PDF says about itself: bookmarks, labels and metadata, whole files and broken ones."""

from __future__ import annotations

import io
import logging
import time
from pathlib import Path

import pypdf
import pytest
from pypdf.generic import DictionaryObject, NameObject

from kb.errors import EncryptedDocument
from kb.loaders import load
from kb.loaders.pdf.outline import MAX_BOOKMARKS, MAX_DEPTH, Bookmark, Outline, read_outline
from tests.conftest import ROOT, Command
from tests.loaders.pdf.drawing import draw, page

HANDBOOK = (ROOT / "corpus" / "cdo-handbook.pdf").read_bytes()


def outline_of(path: Path) -> Outline:
    return read_outline(path.name, path.read_bytes())


def saved(writer: pypdf.PdfWriter) -> bytes:
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def test_the_handbook_says_what_it_is() -> None:
    outline = read_outline("a.pdf", HANDBOOK)
    assert outline.metadata["title"] == "Chief Digital Officer Handbook: Key Functions and Roles"
    assert outline.metadata["creationdate"].startswith("D:20")
    assert (outline.label(8), outline.label(43), outline.label(44)) == ("4", "39", None)
    assert len(outline.bookmarks) > 20
    assert {mark.level for mark in outline.bookmarks} == {1, 2}
    assert all(1 <= mark.page <= 43 for mark in outline.bookmarks)


def outlined() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_outline_item(title="Résumé", page_number=0)
    return saved(writer)


def test_levels_pages_and_names_of_places() -> None:
    writer = pypdf.PdfWriter()
    for _ in range(3):
        writer.add_blank_page(200, 200)
    above = writer.add_outline_item(title="Part   one", page_number=0)
    writer.add_outline_item(title="Chapter", page_number=1, parent=above)
    writer.add_named_destination(title="résumé.", page_number=2)
    named = writer.add_outline_item(title="Part two", page_number=0)
    entry = named.get_object()
    assert isinstance(entry, DictionaryObject)
    del entry["/A"]
    entry[NameObject("/Dest")] = pypdf.generic.TextStringObject("résumé.")
    found = read_outline("a.pdf", saved(writer))
    assert found.bookmarks == (
        Bookmark("Part one", 1, 1),
        Bookmark("Chapter", 2, 2),
        Bookmark("Part two", 1, 3),
    )
    assert (found.labels, found.label(1)) == ((), None)


def test_bookmarks_are_few_and_not_deep() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    parent = None
    for level in range(1, MAX_DEPTH + 4):
        parent = writer.add_outline_item(title=f"level {level}", page_number=0, parent=parent)
    assert [mark.level for mark in read_outline("a.pdf", saved(writer)).bookmarks] == [
        *range(1, MAX_DEPTH + 1)
    ]


def test_a_thousand_bookmarks_too_many_are_left_out(tmp_path: Path) -> None:
    marks = tuple((f"title {at}", 0) for at in range(MAX_BOOKMARKS + 1000))
    assert len(outline_of(draw(tmp_path / "a.pdf", page((50, 100, "text")), outline=marks)).bookmarks) == 5000


def test_a_cycle_of_bookmarks_ends(tmp_path: Path) -> None:
    marks = (("first", 0), ("second", 0))
    path = draw(tmp_path / "a.pdf", page((50, 100, "Some text.")), outline=marks)
    second = b"/Prev 8 0 R"
    assert second in path.read_bytes()
    looped = path.read_bytes().replace(second, b"/Next 8 0 R")
    assert [mark.title for mark in read_outline("a.pdf", looped).bookmarks] == ["first", "second"]


@pytest.mark.parametrize(
    "extra",
    [
        "/Outlines 3",
        "/Outlines << /First [1 2] >>",
        "/Outlines << /First << /Title 7 /Dest [(x) (y)] >> >>",
        "/PageLabels << /Nums [(a) 2 /B] >>",
        "/PageLabels << /Nums [0 << /S /D /St (x) >>] >>",
        "/PageLabels [ ] /Names << /Dests << /Kids [1 0 R] >> >> /Outlines << /First 1 0 R >>",
    ],
)
def test_text_is_read_where_the_outline_is_broken(
    tmp_path: Path, extra: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    path = draw(tmp_path / "a.pdf", page((50, 100, "Some text of its own.")), extra=extra)
    assert [block.text for block in load(path).blocks] == ["Some text of its own."]
    assert outline_of(path).bookmarks == ()
    assert (caplog.records, capfd.readouterr()) == ([], ("", ""))
    assert logging.getLogger().level == logging.WARNING


def test_no_file_cut_short_takes_long_or_fails() -> None:
    start = time.process_time()
    for share in range(0, 100, 5):
        read_outline("a.pdf", HANDBOOK[: len(HANDBOOK) * share // 100])
    assert time.process_time() - start < 30  # some two seconds on one slow core


@pytest.mark.parametrize("user", ["secret", ""])
def test_a_password_is_asked_for_unless_only_the_owner_needs_it(user: str) -> None:
    data = outlined()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user, owner_password="owner", algorithm="RC4-128")
    if user:
        with pytest.raises(EncryptedDocument, match=r"a\.pdf needs a password"):
            read_outline("a.pdf", saved(writer))
    else:
        assert read_outline("a.pdf", saved(writer)).bookmarks == read_outline("a.pdf", data).bookmarks != ()


# pypdf reads what pdfium cannot, but undoes AES only with a library that the program does not need.
WITHOUT_AES = """
import sys
sys.modules["cryptography"] = sys.modules["Crypto"] = None
from pathlib import Path
from kb.loaders.pdf.outline import read_outline
outline = read_outline("a.pdf", Path(sys.argv[1]).read_bytes())
print(outline.metadata["creator"], *outline.bookmarks[0])
"""


def test_a_lock_with_aes_is_taken_off(program: Command, tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Creator": "the town clerk"})
    writer.add_outline_item(title="Plan", page_number=0)
    astray = writer.add_outline_item(title="Nowhere", page_number=0).get_object()
    assert isinstance(astray, DictionaryObject)
    del astray["/A"]  # A bookmark without a place, over which pdfium gives way to pypdf.
    writer.encrypt("", owner_password="owner", algorithm="AES-256")
    writer.write(tmp_path / "a.pdf")
    ran = program(tmp_path / "a.pdf", code=WITHOUT_AES)
    assert (ran.status, ran.out) == (0, "the town clerk Plan 1 1\n"), ran.err
