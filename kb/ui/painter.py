"""A process that draws pages for the web app: a request a line comes in, a picture a line goes out.

PDFs are untrusted and pdfium is not Python: one that crashes, hangs or takes
all memory takes this process along and not the app. It also keeps pdfium, which
must not run in two threads at once, away from every other use.
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.loaders import pictures
from kb.loaders.limits import MEMORY, RESERVED, limit_memory
from kb.loaders.pdf.scans import picture_of
from kb.loaders.recognition import Reading, recognise

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTH = 1000  # pixels; the panel shows the page at half of it and more
MAX_PIXELS = 4_000_000
# Quotes that are not on the page as they stand: so many letters in a row of one are marked by themselves.
FEWEST_LETTERS = 12
READINGS = 4  # of pages, which are kept
MARK, EDGE = (255, 231, 128), (178, 118, 0)


class Box(NamedTuple):
    """A rectangle on the picture, in pixels from its upper left corner."""

    left: int
    top: int
    right: int
    bottom: int


def draw(path: str, page: int, quotes: Sequence[str], recognised: bool = False) -> bytes:
    """Return page `page` (from 1) as a JPEG, the quotes on it marked; ValueError if there is no such page.

    What text recognition read on a page is recognised again, so that the words' places are known.
    """
    if recognised or not path.endswith(".pdf"):
        return _draw_scan(path, page, quotes)
    with _opened(path, page) as opened:
        width, height = opened.get_size()
        scale = min(WIDTH / width, (MAX_PIXELS / (width * height)) ** 0.5)
        bitmap = opened.render(scale=scale)
        image = bitmap.to_pil().convert("RGB")
        boxes = [box for quote in quotes for box in boxes_of(quote, opened, bitmap.get_posconv(opened))]
        return _jpeg(_marked(image, boxes))


@contextmanager
def _opened(path: str, page: int) -> Iterator[Any]:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as pdf:
        if not 1 <= page <= len(pdf):
            raise ValueError(f"there is no page {page}")
        yield pdf[page - 1]


def _draw_scan(path: str, page: int, quotes: Sequence[str]) -> bytes:
    image = _picture(path, page)
    scale = min(WIDTH / image.width, (MAX_PIXELS / (image.width * image.height)) ** 0.5)
    shown = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    reading = _reading(path, page) if quotes else None
    found = [place for quote in quotes for place in find(quote, reading.text)] if reading else []
    boxes = [box for place in found for box in (reading.boxes(*place) if reading else ())]
    return _jpeg(_marked(shown, [Box(*(round(side * scale) for side in box)) for box in boxes]))


def _picture(path: str, page: int) -> Image:
    """Return a page as text recognition sees it."""
    if path.endswith(".pdf"):
        with _opened(path, page) as opened:
            return picture_of(opened)[0]
    with pictures.opened(Path(path).name, Path(path).read_bytes()) as file:
        if not 1 <= page <= pictures.page_count(file):
            raise ValueError(f"there is no page {page}")
        return pictures.picture(file, page)


@lru_cache(READINGS)
def _reading(path: str, page: int) -> Reading:
    return recognise(_picture(path, page))


def boxes_of(quote: str, page: Any, converter: Any) -> list[Box]:  # noqa: ANN401 - pypdfium2 has no types
    """Return a box for every line of a quote on a page."""
    text = page.get_textpage()
    boxes = []
    for start, end in find(quote, _letters(text)):
        for number in range(text.count_rects(start, end - start)):
            left, bottom, right, top = text.get_rect(number)
            (x0, y0), (x1, y1) = converter.to_bitmap(left, top), converter.to_bitmap(right, bottom)
            boxes.append(Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
    return boxes


def _letters(text: Any) -> str:  # noqa: ANN401
    """Return the text of a page with one character for each of pdfium's, so that places agree."""
    from pypdfium2 import raw

    codes = (raw.FPDFText_GetUnicode(text, at) for at in range(text.count_chars()))
    return "".join(chr(code) if code < 0x110000 else " " for code in codes)


def find(quote: str, text: str) -> list[tuple[int, int]]:
    r"""Return where a quote stands in the text of a page, as (start, end); [] where it does not.

    Letters and digits alone are compared, so that line ends, hyphens and
    bullets do not matter. Of a quote that is broken up, or goes on on another
    page, the pieces of FEWEST_LETTERS and more are found.

    >>> find("data governance is a task", "Data gover-\nnance is a task.")
    [(0, 27)]
    >>> find("on the next page", "Nothing of it.")
    []
    """
    wanted, _ = _plain(quote)
    plain, places = _plain(text)
    if not wanted:
        return []
    at = plain.find(wanted)
    if at >= 0:
        return [(places[at], places[at + len(wanted) - 1] + 1)]
    pieces = SequenceMatcher(None, wanted, plain, autojunk=False).get_matching_blocks()
    long = (piece for piece in pieces if piece.size >= FEWEST_LETTERS)
    return [(places[piece.b], places[piece.b + piece.size - 1] + 1) for piece in long]


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of a text without case, and where each of them stands."""
    import unicodedata

    letters, places = [], []
    for place, character in enumerate(text):
        for letter in unicodedata.normalize("NFKC", character).casefold():
            if letter.isalnum():
                letters.append(letter)
                places.append(place)
    return "".join(letters), places


def _marked(image: Image, boxes: Sequence[Box]) -> Image:
    """Return the picture with the boxes coloured as by a marker pen, and underlined for the colour-blind."""
    from PIL import Image, ImageChops, ImageDraw

    if not boxes:
        return image
    wash = Image.new("RGB", image.size, "white")
    pen = ImageDraw.Draw(wash)
    for box in boxes:
        pen.rectangle(_grown(box), fill=MARK)
    marked = ImageChops.multiply(image, wash)
    pen = ImageDraw.Draw(marked)
    for box in boxes:
        pen.line([(box.left - 2, box.bottom + 3), (box.right + 2, box.bottom + 3)], fill=EDGE, width=2)
    return marked


def _grown(box: Box) -> Box:
    return Box(box.left - 2, box.top - 2, box.right + 2, box.bottom + 2)


def _jpeg(image: Image) -> bytes:
    """Return the picture as a file: no larger than a PNG of it, made in a third of the time."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85, subsampling=0)
    return file.getvalue()


def answer(request: dict[str, Any]) -> str:
    """Return the line to answer a request with: the picture, or what is wrong."""
    try:
        picture = draw(request["path"], request["page"], request["quotes"], request["recognised"])
    except Exception as error:  # whatever pdfium raises over one page, others can be drawn
        return json.dumps({"error": f"{type(error).__name__}: {error}"})
    return json.dumps({"picture": base64.b64encode(picture).decode()})


def main() -> None:
    """Answer until there are no more lines; what libraries print goes to stderr."""
    import PIL.Image
    import pypdfium2  # noqa: F401 - it is there when the first request comes

    PIL.Image.preinit()
    limit_memory(MEMORY + RESERVED)
    with os.fdopen(os.dup(1), "w", encoding="ascii") as answers:
        os.dup2(2, 1)
        for line in sys.stdin:
            print(answer(json.loads(line)), file=answers, flush=True)
