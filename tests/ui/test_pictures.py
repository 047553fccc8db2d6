"""Pictures of cited pages: where quotes are found, who may see what, and a process that dies."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from kb.assistant import Assistant
from kb.config import Config
from kb.errors import DocumentError
from kb.types import Citation
from kb.ui.desk import Desk
from kb.ui.painter import draw, find
from kb.ui.pictures import Painter, has_picture, picture_address, picture_route
from tests.conftest import ROOT

PDF = ROOT / "corpus" / "egdi-methodology.pdf"
QUOTE = "The EGDI is the average of three normalised indices"


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a painter in a package kb of its own, from which the processes are started."""
    (tmp_path / "kb" / "ui").mkdir(parents=True)
    for name in ("kb", "kb/ui"):
        (tmp_path / name / "__init__.py").touch()
    monkeypatch.setattr("kb.ui.pictures.kb.__file__", str(tmp_path / "kb" / "__init__.py"))
    return tmp_path / "kb" / "ui" / "painter.py"


@pytest.fixture
def painter() -> Iterator[Painter]:
    painter = Painter()
    yield painter
    painter.close()


def pixels(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def yellow(data: bytes) -> int:
    """Count the pixels that a marker pen has coloured."""
    red, green, blue = (np.asarray(pixels(data))[:, :, band] for band in range(3))
    return int(((red > 220) & (green > 190) & (blue < 170)).sum())


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("two words", "Here are two\r\nwords.", "two\r\nwords"),
        ("co-operation", "The cooper-\nation goes on", "cooper-\nation"),
        ("office", "The o\ufb03ce.", "o\ufb03ce"),
        ("begins here and goes on overleaf", "It begins here and goes", "begins here and goes"),
    ],
)
def test_a_quote_is_found_however_the_page_breaks_it(quote: str, text: str, found: str) -> None:
    [(start, end)] = find(quote, text)
    assert text[start:end] == found


def test_the_quoted_words_are_marked_and_nothing_without_them() -> None:
    plain, marked = draw(str(PDF), 6, []), draw(str(PDF), 6, [QUOTE])

    assert pixels(plain).size == pixels(marked).size
    assert pixels(plain).width == 1000
    assert yellow(plain) == 0
    assert 3000 < yellow(marked) < 40000


def test_a_page_that_is_not_there_is_an_error_and_the_next_page_is_drawn(painter: Painter) -> None:
    with pytest.raises(DocumentError, match=r"Page 99 .* there is no page 99"):
        painter.draw(PDF, 99, ())

    assert pixels(painter.draw(PDF, 1, ())).width == 1000


def test_after_its_process_died_pages_are_drawn_by_another(painter: Painter) -> None:
    process = painter.start()
    process.kill()
    process.wait()

    assert pixels(painter.draw(PDF, 1, ())).width == 1000


def test_the_process_runs_the_package_that_starts_it(painter: Painter, other_package: Path) -> None:
    other_package.write_text('def main():\n    input()\n    print(\'{"error": "drawn elsewhere"}\')\n')

    with pytest.raises(DocumentError, match="drawn elsewhere"):
        painter.draw(PDF, 1, ())


def test_a_process_that_ends_at_once_took_no_time(painter: Painter, other_package: Path) -> None:
    other_package.write_text("def main():\n    raise SystemExit(1)\n")

    with pytest.raises(DocumentError, match=r"could not be drawn \(the process that draws pages ended\)"):
        painter.draw(PDF, 1, ())


def test_a_process_that_takes_too_long_is_stopped(
    painter: Painter, other_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_package.write_text("import time\n\ndef main():\n    time.sleep(60)\n")
    monkeypatch.setattr("kb.ui.pictures.SECONDS", 1.0)

    with pytest.raises(DocumentError, match="could not be drawn within 1 s"):
        painter.draw(PDF, 1, ())


def test_what_is_no_pdf_is_an_error(painter: Painter, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(b"%PDF-1.7 and no more")

    with pytest.raises(DocumentError, match="could not be drawn"):
        painter.draw(path, 1, ())


def test_only_documents_of_the_index_are_served(assistant: Assistant, corpus_config: Config) -> None:
    from starlette.applications import Starlette
    from starlette.testclient import TestClient

    [hit] = assistant.search(QUOTE, 1)
    start = hit.passage.text.index(QUOTE)
    cited = Citation(hit.passage, start, start + len(QUOTE))
    route = picture_route(painter := Painter(), Desk(corpus_config, lambda: assistant))
    note = next(d.id for d in assistant.index.documents() if d.source.endswith(".docx"))

    with TestClient(Starlette(routes=[route])) as client:
        address = picture_address(6, [cited])
        served = client.get(f"/{address}")
        refused = [f"/picture/{name}/1" for name in (note, "0123456789abcdef", "..%2F..%2Fx")]
        unknown = f"{urlsplit(address).path}?q=feedfeedfeedfeed:0-5"
        statuses = [client.get(path).status_code for path in (*refused, f"/{unknown}")]
        long = "9" * 5000
        unread = client.get(f"/{address.replace('/6?', f'/{long}?')}")
        unmarked = client.get(f"/{urlsplit(address).path}?q={cited.passage.id}:0-{long}")
    painter.close()

    assert served.headers["content-type"] == "image/jpeg"
    assert yellow(served.content) > 3000
    assert statuses == [404] * 4
    assert (unread.status_code, unread.text) == (404, "This is no number of a page.")
    assert (unmarked.status_code, yellow(unmarked.content)) == (200, 0)
    assert has_picture(corpus_config.index, cited.passage.document_id)
    assert not has_picture(corpus_config.index, note)
