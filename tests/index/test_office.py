"""Office files laid out by the real LibreOffice: pages to cite and to show, nothing fetched."""

from __future__ import annotations

import io
import logging
import subprocess
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypandoc
import pypdfium2
import pytest
from pptx import Presentation

from kb.config import ChunkingConfig
from kb.errors import DocumentError
from kb.index import office, open_index
from kb.index.checking import check
from kb.index.ingest import Report, build
from kb.index.originals import find
from kb.library import find_sources
from kb.types import Block, Document, Passage
from kb.ui.pictures import drawable
from tests.fakes import HashedEmbedder

BREAK = '\n\n```{=openxml}\n<w:p><w:r><w:br w:type="page"/></w:r></w:p>\n```\n\n'
CIRCULAR = BREAK.join(
    (
        "# Circular 7\n\nOffices register data sets by June.",
        "# Duties\n\n- The registrar keeps the list.\n- The auditor reads it.",
        "# Fees\n\n| Service | Fee |\n|---|---|\n| Copy | 12 |\n| Search | 30 |",
    )
)


def document(*texts: str) -> Document:
    return Document("d", "d.docx", "D", blocks=tuple(Block("paragraph", text) for text in texts))


def pages(*texts: str) -> Document:
    blocks = (Block("paragraph", text, page=n, page_label=f"{n}.") for n, text in enumerate(texts, 1))
    return Document("p", "d.docx", "D", pages=len(texts), blocks=tuple(blocks))


def found(laid: Document) -> list[int | None]:
    return [block.page for block in laid.blocks]


def test_a_block_has_the_page_of_its_words() -> None:
    texts = ("The first duty.", "The second duty.")
    laid = office.paged(document(*texts), pages(*texts))
    assert found(laid) == [1, 2]
    assert [block.page_label for block in laid.blocks] == ["1.", "2."]
    assert laid.pages == 2


def test_a_block_that_goes_on_tells_where_the_next_page_begins() -> None:
    laid = office.paged(
        document("Alpha beta gamma delta epsilon."), pages("Alpha beta gamma", "delta epsilon. End")
    )
    [block] = laid.blocks
    assert (block.page, block.turns) == (1, ((17, 2, "2."),))
    assert block.page_at(16) == (1, "1.")
    assert block.page_at(17) == (2, "2.")


def test_a_note_that_stands_elsewhere_is_found_by_its_words() -> None:
    laid = office.paged(
        document("First page text here.", "Second page text there.", "See the annex of this law."),
        pages("First page text here. See the annex of this law.", "Second page text there."),
    )
    assert found(laid) == [1, 2, 1]


def test_what_the_layout_does_not_say_has_its_neighbours_page_or_none() -> None:
    laid = office.paged(
        document("One fine day.", "Wholly otherwise worded.", "One fine night.", "Nowhere.", "The end."),
        pages("One fine day. One fine night.", "The end."),
    )
    assert found(laid) == [1, 1, 1, None, 2]


def docx(path: Path, markdown: str = CIRCULAR) -> Path:
    path.parent.mkdir(exist_ok=True)
    pypandoc.convert_text(markdown, "docx", "markdown", outputfile=str(path))
    return path


def built(folder: Path, *, layout: bool = True) -> Report:
    sources = find_sources([folder / "in"])
    return build(folder / "index", sources, HashedEmbedder(), ChunkingConfig(), layout=layout)


def held(folder: Path) -> tuple[Document, list[Passage]]:
    index = open_index(folder / "index")
    [document] = index.documents()
    return document, index.passages(document.id, 0, 99)


def page_of(words: str, passages: list[Passage]) -> int | None:
    [page] = {
        span.page_at(at - span.start)[0]
        for p in passages
        if (at := p.text.find(words)) >= 0
        for span in p.spans
        if span.start <= at < span.end
    }
    return page


@pytest.mark.office
@pytest.mark.parametrize("suffix", ["docx", "odt", "rtf"])
def test_a_text_file_is_cited_by_page_and_its_pages_can_be_drawn(tmp_path: Path, suffix: str) -> None:
    source = docx(tmp_path / "made" / "circular.docx")
    target = tmp_path / "in" / f"circular.{suffix}"
    target.parent.mkdir()
    subprocess.run(
        ["soffice", "--headless", "--convert-to", suffix, "--outdir", str(target.parent), str(source)],
        check=True,
        capture_output=True,
    )
    built(tmp_path)
    kept, passages = held(tmp_path)
    assert kept.pages == 3
    wanted = {"register data sets": 1, "The registrar keeps": 2, "The auditor": 2, "Search\t30": 3}
    assert {words: page_of(words, passages) for words in wanted} == wanted
    path = drawable(tmp_path / "index", kept.id)
    assert path is not None
    with pypdfium2.PdfDocument(path) as pdf:
        assert "The registrar keeps the list" in pdf[1].get_textpage().get_text_range()


@pytest.mark.office
def test_what_is_laid_out_is_laid_out_once_and_goes_with_its_document(tmp_path: Path) -> None:
    docx(tmp_path / "in" / "circular.docx")
    built(tmp_path)
    kept, _ = held(tmp_path)
    path = drawable(tmp_path / "index", kept.id)
    assert path is not None
    made = path.stat().st_mtime_ns
    assert built(tmp_path).unchanged == ("circular.docx",)
    assert path.stat().st_mtime_ns == made
    assert check(tmp_path / "index").sound
    assert find(tmp_path / "index", kept.id) == path.with_suffix("")
    # Two commits later no generation holds the document.
    docx(tmp_path / "in" / "circular.docx", "# Circular 8\n\nOther words.")
    built(tmp_path)
    docx(tmp_path / "in" / "circular.docx", "# Circular 9\n\nStill other words.")
    built(tmp_path)
    assert not path.exists()
    assert len(list((tmp_path / "index" / "originals").glob("*.pdf"))) == 2


@pytest.mark.office
def test_with_the_setting_off_a_file_has_no_pages(tmp_path: Path) -> None:
    docx(tmp_path / "in" / "circular.docx")
    built(tmp_path)
    assert built(tmp_path, layout=False).added == ("circular.docx",)
    kept, passages = held(tmp_path)
    assert kept.pages is None
    assert {span.page for passage in passages for span in passage.spans} == {None}


@pytest.mark.office
def test_the_picture_of_a_slide_has_its_number_though_one_before_is_hidden(tmp_path: Path) -> None:
    show = Presentation()
    for n, title in enumerate(("Welcome", "Not shown", "Budget of the pilot"), 1):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = title
        if n == 2:
            slide._element.set("show", "0")
    (tmp_path / "in").mkdir()
    show.save(str(tmp_path / "in" / "pilot.pptx"))
    built(tmp_path)
    kept, passages = held(tmp_path)
    assert page_of("Budget of the pilot", passages) == 3
    path = drawable(tmp_path / "index", kept.id)
    assert path is not None
    with pypdfium2.PdfDocument(path) as pdf:
        assert "Budget of the pilot" in pdf[2].get_textpage().get_text_range()


class Counter(ThreadingHTTPServer):
    """A server on this computer that counts who asks it for anything."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.asked: list[str] = []


class Asked(BaseHTTPRequestHandler):
    server: Counter

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_error(404)

    do_HEAD = do_OPTIONS = do_PROPFIND = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.mark.office
def test_nothing_that_a_file_links_to_is_fetched(tmp_path: Path) -> None:
    plain = docx(tmp_path / "plain.docx", "# Circular 7\n\nText.")
    with Counter() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        linking = tmp_path / "linking.docx"
        link_picture(plain, linking, f"http://127.0.0.1:{server.server_port}/seal.png")
        office.lay_out(linking, tmp_path / "linking.pdf")
        server.shutdown()
        assert server.asked == []


def link_picture(source: Path, target: Path, address: str) -> None:
    """Write a Word file whose one picture lies at an address."""
    drawing = (
        '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
        'wordprocessingDrawing"><wp:extent cx="990000" cy="990000"/><wp:docPr id="1" name="seal"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic xmlns:pic="http://schemas.'
        'openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="1" name="seal"/>'
        '<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships" r:link="seal1"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        '<a:off x="0" y="0"/><a:ext cx="990000" cy="990000"/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    relation = (
        '<Relationship Id="seal1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        f'image" Target="{address}" TargetMode="External"/></Relationships>'
    )
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "word/document.xml":
                text = text.replace(b"<w:sectPr", drawing.encode() + b"<w:sectPr", 1)
            if name == "word/_rels/document.xml.rels":
                text = text.replace(b"</Relationships>", relation.encode())
            new.writestr(name, text)


@pytest.mark.office
def test_a_file_that_libreoffice_cannot_open_stays_without_pages(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The program that is started holds 4 MB; the one that works, two further down, 220.
    monkeypatch.setattr(office, "MEMORY", 10**8)
    docx(tmp_path / "in" / "circular.docx")
    with caplog.at_level(logging.WARNING):
        built(tmp_path)
    kept, _ = held(tmp_path)
    assert kept.pages is None
    assert "circular.docx is cited without pages" in caplog.text
    assert "it exceeded its memory" in caplog.text
    assert drawable(tmp_path / "index", kept.id) is None


@pytest.mark.office
def test_what_is_no_office_file_gives_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.docx"
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("word/document.xml", "<w:document")
    broken.write_bytes(held.getvalue())
    with pytest.raises(DocumentError, match=r"could not lay broken\.docx out"):
        office.lay_out(broken, tmp_path / "out.pdf")
    assert not (tmp_path / "out.pdf").exists()


def test_where_libreoffice_is_not_there_files_are_read_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    docx(tmp_path / "in" / "circular.docx")
    built(tmp_path)
    kept, passages = held(tmp_path)
    assert kept.pages is None
    assert any("The registrar keeps" in passage.text for passage in passages)
