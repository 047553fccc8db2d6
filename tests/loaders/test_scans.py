"""Scans: words, headings, lists and tables of pictures, whichever way they lie; bad pictures; the cost."""

from __future__ import annotations

import io
import struct
import tempfile
import time
import zlib
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
import pypdf
import pytest
from PIL import Image

from kb.errors import DamagedDocument, DocumentError, EmptyDocument, ModelError
from kb.index.reading import Reader
from kb.loaders import limits, load, recognition
from kb.loaders.limits import SECONDS, Work
from kb.types import Document
from kb.ui.painter import draw
from tests.loaders.pdf.drawing import draw as draw_pdf
from tests.loaders.pdf.drawing import page
from tests.loaders.scanning import saved, scanned

NOTICE = """
#text(size: 16pt)[*Prêt des instruments*]

L'élève qui reçoit un violoncelle verse une caution de 420 francs à la maîtrise, où le
luthier l'a vérifié.

- Les cordes cassées sont remplacées dès Noël.
- Le prêt s'achève le 14 août.

#table(columns: 2, [*Instrument*], [*Caution*], [Cor], [350 francs], [Hautbois], [275 francs])
"""
PARAGRAPH = (
    "L'élève qui reçoit un violoncelle verse une caution de 420 francs à la maîtrise,"
    " où le luthier l'a vérifié."
)


def plain(text: str) -> str:
    return text.replace("’", "'")


def said(document: Document, kind: str) -> list[str]:
    return [plain(block.text) for block in document.blocks if block.kind == kind]


def test_a_scan_that_lies_on_its_head_reads_like_any_page(tmp_path: Path) -> None:
    path = tmp_path / "notice.png"
    path.write_bytes(saved(scanned(NOTICE, turn=180), "PNG"))
    document = load(path)
    assert (document.pages, document.recognised, document.without_text) == (1, (1,), ())
    assert document.title == "Prêt des instruments"
    assert said(document, "heading") == ["Prêt des instruments"]
    assert said(document, "paragraph") == [PARAGRAPH]
    assert said(document, "list_item") == [
        "Les cordes cassées sont remplacées dès Noël.",
        "Le prêt s'achève le 14 août.",
    ]
    assert said(document, "table_row") == ["Cor\t350 francs", "Hautbois\t275 francs"]
    assert {block.lead for block in document.blocks if block.kind == "table_row"} == {"Instrument\tCaution"}
    assert all(0.9 < (block.recognised or 0) <= 1 and block.page == 1 for block in document.blocks)


def test_quoted_words_are_marked_on_a_scan_as_it_lies() -> None:
    [upright] = scanned(NOTICE)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notice.jpg"
        path.write_bytes(saved([upright.transpose(Image.Transpose.ROTATE_180)], "JPEG"))
        marked = Image.open(io.BytesIO(draw(str(path), 1, ["une caution de 420 francs"], recognised=True)))
    red, _, blue = np.moveaxis(np.asarray(marked.rotate(180)).astype(int), 2, 0)
    rows, columns = np.nonzero(red - blue > 60)
    # In the first line of text, its second half, turned by two degrees.
    assert 140 < rows.min() < rows.max() < 210
    assert 450 < columns.min() < columns.max() < 850


def mixed(path: Path) -> Path:
    """Write a PDF whose second page of three is a scan."""
    text = draw_pdf(
        path.with_name("text.pdf"),
        page((50, 100, "Keys are kept at the gate.")),
        page((50, 100, "Maps hang upstairs.")),
    )
    scan = io.BytesIO(saved(scanned("Boats leave at nine from the northern pier.", turn=90), "PDF"))
    writer = pypdf.PdfWriter(clone_from=text)
    writer.insert_page(pypdf.PdfReader(scan).pages[0], 1)
    writer.write(path)
    return path


def test_a_scanned_page_among_others_is_read_where_files_are_read(tmp_path: Path) -> None:
    path = mixed(tmp_path / "mixed.pdf")
    for ocr, recognised, without in ((True, (2,), ()), (False, (), (2,))):
        reader = Reader(SECONDS, ocr=ocr)
        try:
            found = reader.load(path)
        finally:
            reader.close()
        assert (found.recognised, found.without_text) == (recognised, without)
        boats = [block for block in found.blocks if block.page == 2]
        assert [block.text for block in boats] == ["Boats leave at nine from the northern pier."][
            : len(recognised)
        ]
        assert {block.page for block in found.blocks if block.recognised is None} == {1, 3}


def test_what_is_no_writing_is_no_text(tmp_path: Path) -> None:
    Image.effect_noise((900, 600), 90).save(tmp_path / "noise.tif")
    with pytest.raises(EmptyDocument, match="nothing in them that it can read"):
        load(tmp_path / "noise.tif")
    with pytest.raises(EmptyDocument, match="KB_INGEST__OCR"):
        load(tmp_path / "noise.tif", ocr=False)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is and holds next to nothing."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "data", "kind", "reason"),
    [
        ("bomb.png", png(60_000, 60_000), DocumentError, "million pixels"),
        ("wide.png", png(60_000, 1_400), DamagedDocument, "is damaged"),
        (
            "cut.jpg",
            saved([Image.effect_noise((400, 300), 60)], "JPEG")[:4000],
            DamagedDocument,
            "is damaged",
        ),
        ("words.jpg", b"no picture at all", DamagedDocument, "does not begin like one"),
        ("page.tiff", b"%PDF-1.7 ...", DamagedDocument, "is a PDF"),
    ],
)
def test_a_bad_picture_ends_in_one_sentence(
    tmp_path: Path, name: str, data: bytes, kind: type[DocumentError], reason: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(kind) as found:
        load(tmp_path / name)
    assert reason in str(found.value)
    assert str(found.value).startswith(f"{name} ")


def test_each_recognised_page_has_its_own_seconds_and_there_is_an_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MOST_SCANS", 2)
    told: list[int] = []
    work = Work(1.0, told=lambda: told.append(1))
    monkeypatch.setattr(time, "process_time", lambda: 1e9)
    with pytest.raises(DamagedDocument, match=r"page 3 of 4"):
        work.check("a.pdf", 3, 4)
    assert [work.may_recognise() for _ in range(3)] == [True, True, False]
    work.check("a.pdf", 3, 4)
    assert len(told) == 2


def test_other_weights_than_those_named_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(recognition.WEIGHTS, "Rec", (recognition.WEIGHTS["Det"][0], "0" * 64))
    recognition._engine.cache_clear()
    with pytest.raises(ModelError, match="rapidocr"):
        recognition._engine()
    recognition._engine.cache_clear()


RULES = """
The keeper of the instruments answers for {n} violins, {n}4 cellos and the harpsichord in the small
hall. He writes down every loan on the day it is made, with the name of the pupil, the state of the
strings and the date of return. A pupil who keeps an instrument longer than agreed pays 3.{n} crowns
for each week, and loses the right to borrow for the rest of the term. Quarrels about damage are
settled by the director, who hears both sides within a fortnight.

Les instruments à vent sont nettoyés après chaque répétition ; l'élève s'en charge lui-même, sous
l'œil du maître. Où une pièce est usée, le luthier la remplace dès que possible, et la dépense ({n}
francs au plus) est réglée par la caisse de l'école. Ceux qui préfèrent acheter reçoivent une liste
de marchands agréés, établie à la rentrée.
"""


@pytest.mark.slow
def test_twenty_scanned_pages_are_read_nearly_without_fault(tmp_path: Path) -> None:
    """On one core of 2019, a page of 50 lines takes some seven seconds of work."""
    numbers = [*range(11, 111)]
    pages = scanned("\n\n".join(RULES.format(n=n) for n in numbers), paper='"a4"')[:20]
    (tmp_path / "rules.pdf").write_bytes(saved(pages, "PDF"))
    began = time.process_time()
    document = load(tmp_path / "rules.pdf")
    seconds = (time.process_time() - began) / len(pages)
    wanted = "".join(RULES.format(n=n) for n in numbers).split()
    got = plain(" ".join(block.text for block in document.blocks)).split()
    alike = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    share = sum(match.size for match in alike) / min(len(wanted), len(got))
    assert document.recognised == (*range(1, len(pages) + 1),)
    assert share > 0.98, f"{share:.2%} of {len(got)} words"
    assert seconds < 20, f"{seconds:.1f} s of work a page"


def test_a_line_is_cut_where_dots_lead_from_a_name_to_its_figure() -> None:
    line = np.full((56, 1200, 3), 255, np.uint8)
    line[34:38, 310:1100:15] = 0  # dots stand on the line
    line[22:38, 10:300:12] = line[22:38, 1120:1190:12] = 0  # strokes of letters stand above it
    whole, (name, figure) = line.copy(), recognition._pieces(line)
    assert name[0] == 0
    assert 290 < name[1] < 330
    assert 1090 < figure[0] < 1120
    assert figure[1] == 1200
    whole[22:38, 10:1190:12] = 0
    assert recognition._pieces(whole) == [(0, 1200)]
