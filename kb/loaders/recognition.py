"""Text recognition (OCR): the lines of a picture, where each of their letters stands, and how sure that is.

    picture -> detect lines -> turn and straighten the picture -> recognise each line -> Reading

RapidOCR runs PaddleOCR's models in OpenVINO. They come with its package and
are compared with their digests; nothing is ever fetched.
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kb.embedding.runner import import_openvino
from kb.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

# PP-OCRv6 for finding lines and for reading them.
WEIGHTS = {
    "Det": ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
    "Rec": ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
}
FIND_AT = 960  # pixels of the longer side at which lines are looked for
MOST_LINES = 600
HEIGHT, STEP = 48, 128  # pixels: a line's height for the model, and what widths are multiples of
VOTERS = 3  # lines that say whether the page stands upside down, where they are not read clearly
CLEAR = 0.9
WORD = re.compile(r"\S+\s*")
# How high capitals and small letters stand, in parts of the font's size.
CAPITAL, SMALL = 0.66, 0.45
ABOVE, BELOW = 0.95, 0.25  # what a line takes of the page above its baseline and below, in the same parts
# A line is cut where nothing but dots stands for so long, in parts of its height: they confuse the model.
LEADER, BESIDE = 1.5, 0.35
LETTERS = (0.15, 0.55)  # where letters have ink and dots have none, in parts of a line's height
DOTS = re.compile(r"^[\s.…·]+|[\s.…·]+$")
FILLED = 0.5  # of the fullest rows' ink: a row of a line's small letters has that at least


class Line(NamedTuple):
    """A line of text: its letters' left and right edges, its baseline, all in pixels of the upright picture.

    `size` is that of the font, `stroke` how thick its letters are, in parts of the size.
    """

    text: str
    sure: float
    edges: NDArray[np.float64]
    baseline: float
    size: float
    stroke: float


class Reading(NamedTuple):
    """The lines of a picture, the picture turned upright, and the way there as a 2 x 3 matrix."""

    lines: list[Line]
    upright: NDArray[np.uint8]
    matrix: NDArray[Any]

    @property
    def text(self) -> str:
        """The lines, a line break between two."""
        return "\n".join(line.text for line in self.lines)

    def boxes(self, start: int, end: int) -> list[tuple[float, float, float, float]]:
        """Return the boxes (left, top, right, bottom) of words in a piece of text, as the picture lies."""
        import cv2

        found, back = [], cv2.invertAffineTransform(self.matrix)
        for line in self.lines:
            for word in WORD.finditer(line.text, max(start, 0), max(end, 0)):
                x0, x1 = line.edges[word.start()], line.edges[word.end()]
                top, bottom = line.baseline - ABOVE * line.size, line.baseline + BELOW * line.size
                corners = np.array([[(x0, top), (x1, top), (x1, bottom), (x0, bottom)]])
                placed = cv2.transform(corners, back)[0]
                found.append((*placed.min(axis=0).tolist(), *placed.max(axis=0).tolist()))
            start, end = start - len(line.text) - 1, end - len(line.text) - 1
        return found

    @property
    def sure(self) -> float:
        """How sure the reading is, from 0 to 1: the lines' mean, each by its letters."""
        letters = sum(len(line.text) for line in self.lines)
        return sum(line.sure * len(line.text) for line in self.lines) / letters if letters else 0.0


def recognise(image: Image) -> Reading:
    """Read a picture, whichever way up it lies."""
    import cv2

    pixels = np.asarray(image.convert("RGB"))
    height, width = pixels.shape[:2]
    matrix: NDArray[Any] = np.eye(3)
    quads: NDArray[Any] = _find(pixels)
    if _mostly_tall(quads):
        matrix = np.array([[0.0, 1, 0], [-1, 0, width], [0, 0, 1]])
        width, height = height, width
        quads = _find(np.ascontiguousarray(np.rot90(pixels)))
    if quads.size and _upside_down(_warped(pixels, matrix, width, height), quads):
        half = np.array([[-1.0, 0, width], [0, -1, height], [0, 0, 1]])
        matrix, quads = half @ matrix, cv2.transform(quads, half[:2])[:, [2, 3, 0, 1]]
    if angle := _angle(quads):
        back = _rotation(angle, width, height)
        matrix, quads = back @ matrix, cv2.transform(quads, back[:2])
    upright = _warped(pixels, matrix, width, height)
    return Reading([line for quad in quads for line in _lines(upright, quad)], upright, matrix[:2])


def _warped(pixels: NDArray[np.uint8], matrix: NDArray[Any], width: int, height: int) -> NDArray[np.uint8]:
    import cv2

    if np.array_equal(matrix, np.eye(3)):
        return pixels
    turned = cv2.warpAffine(pixels, matrix[:2], (width, height), borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8, copy=False)


def _rotation(angle: float, width: int, height: int) -> NDArray[np.float64]:
    """Return the matrix that turns a picture by an angle back about its middle."""
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = width / 2, height / 2
    return np.array([[cos, sin, x - cos * x - sin * y], [-sin, cos, y + sin * x - cos * y], [0, 0, 1]])


@cache
def _engine() -> Any:  # noqa: ANN401 - rapidocr.RapidOCR
    """Return RapidOCR with its own models, once their digests are as they should be."""
    import_openvino()
    import rapidocr
    from rapidocr import EngineType, RapidOCR

    folder = Path(rapidocr.__file__).parent / "models"
    settings: dict[str, object] = {
        "Global.log_level": "critical",
        "Det.limit_type": "max",
        "Det.limit_side_len": FIND_AT,
        "Det.max_candidates": MOST_LINES,
        "Rec.rec_batch_num": 1,
    }
    for part, (name, digest) in WEIGHTS.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise ModelError(f"{path} is missing or not the expected one; install rapidocr 3.10 again.")
        settings |= {f"{part}.engine_type": EngineType.OPENVINO, f"{part}.model_path": str(path)}
    engine = RapidOCR(params=settings)
    engine.return_word_box = True
    return engine


def _find(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return the corners of every line, from its upper left one clockwise."""
    from rapidocr.main import RapidOCRError

    try:
        _, found = _engine().detect_and_crop(pixels, {})
    except RapidOCRError:  # there are none
        return np.empty((0, 4, 2))
    return np.asarray(found.boxes, dtype=np.float64)


def _sides(quads: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the widths and heights of lines."""
    along, down = quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0]
    return np.hypot(*along.T), np.hypot(*down.T)


def _mostly_tall(quads: NDArray[np.float64]) -> bool:
    widths, heights = _sides(quads)
    return bool(heights[heights > 2 * widths].sum() > widths[widths > 2 * heights].sum())


def _angle(quads: NDArray[np.float64]) -> float:
    """Return by how much the longer lines fall to the right."""
    widths, heights = _sides(quads)
    long = (widths > 4 * heights) & (widths >= np.median(widths)) if quads.size else np.empty(0, bool)
    along = (quads[:, 1] + quads[:, 2] - quads[:, 0] - quads[:, 3])[long]
    return float(np.median(np.arctan2(along[:, 1], along[:, 0]))) if along.size else 0.0


def _upside_down(pixels: NDArray[np.uint8], quads: NDArray[np.float64]) -> bool:
    """Tell whether lines of middle length read better the other way up."""
    middle = np.argsort(_sides(quads)[0])[len(quads) // 2 :][:VOTERS]
    crops = [_fitted(crop) for crop in _engine().crop_text_regions(pixels, quads[middle].astype(np.float32))]
    upright = np.mean([_engine().recognize_txt([crop]).scores[0] for crop in crops])
    if upright > CLEAR:
        return False
    turned = np.mean([_engine().recognize_txt([crop[::-1, ::-1]]).scores[0] for crop in crops])
    return bool(turned > upright)


def _fitted(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a line at the height that the model wants, and at one of few widths, as each costs time anew."""
    import cv2

    fitted = cv2.resize(crop, (max(1, round(crop.shape[1] * HEIGHT / crop.shape[0])), HEIGHT))
    padded = cv2.copyMakeBorder(fitted, 0, 0, 0, -fitted.shape[1] % STEP, cv2.BORDER_REPLICATE)
    return padded.astype(np.uint8, copy=False)


def _lines(upright: NDArray[np.uint8], quad: NDArray[np.float64]) -> Iterator[Line]:
    """Read the line within four corners of an upright picture, each side of a row of dots by itself."""
    height, width = upright.shape[:2]
    down = np.hypot(*(quad[3] - quad[0]))
    middle = quad[:, 1].mean()
    x0, x1 = (int(np.clip(x, 0, width)) for x in (quad[[0, 3], 0].mean(), quad[[1, 2], 0].mean() + 1))
    top, bottom = (int(np.clip(y, 0, height)) for y in (middle - down / 2, middle + down / 2 + 1))
    crop = upright[top:bottom, x0:x1]
    if crop.shape[0] < 4 or crop.shape[1] < 4:
        return
    pieces = _pieces(crop)
    for left, right in pieces:
        line = _line(crop[:, left:right], x0 + left, bottom)
        whole = (left, right) == (0, crop.shape[1])
        if line and (whole or (line := _undotted(line)).text):
            yield line


def _pieces(crop: NDArray[np.uint8]) -> list[tuple[int, int]]:
    """Return where a line's pieces between long gaps begin and end, without the dots that fill the gaps."""
    height, width = crop.shape[:2]
    top, base = (round(part * height) for part in LETTERS)
    columns = np.flatnonzero(_ink(crop)[top:base].max(axis=0, initial=0) > 0.5)
    if not columns.size:
        return [(0, width)]
    columns = np.concatenate(([0], columns, [width - 1]))
    breaks = np.flatnonzero(np.diff(columns) > LEADER * height)
    if not breaks.size:
        return [(0, width)]
    firsts, lasts = columns[np.append(0, breaks + 1)], columns[np.append(breaks, len(columns) - 1)]
    margin = round(BESIDE * height)
    return [
        (max(0, int(first) - margin), min(width, int(last) + 1 + margin))
        for first, last in zip(firsts, lasts, strict=True)
        if last > first
    ]


def _undotted(line: Line) -> Line:
    """Return a line without the dots that lead to it or from it."""
    text = DOTS.sub("", line.text)
    start = line.text.find(text)
    return line._replace(text=text, edges=line.edges[start : start + len(text) + 1])


def _line(crop: NDArray[np.uint8], x0: int, bottom: int) -> Line | None:
    """Read a piece of a line, from a column of the picture and above a row; None for no writing."""
    padded = _fitted(crop)
    found = _engine().recognize_txt([padded])
    text = found.txts[0].rstrip()
    if not text.strip():
        return None
    info = found.word_results[0]
    columns = np.array([column for word in info.word_cols for column in word])
    per_column = padded.shape[1] * crop.shape[0] / HEIGHT / max(info.line_txt_len, 1)
    edges = x0 + _edges(text, (columns + 0.5) * per_column, crop.shape[1])
    size, below, stroke = _measured(crop, text)
    return Line(_plain(text), float(found.scores[0]), edges, bottom - below, size, stroke)


def _edges(text: str, middles: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Return where each letter begins, and the end, from the middles of those that are no spaces."""
    shown = [at for at, letter in enumerate(text) if not letter.isspace()]
    known = middles[: len(shown)]
    if len(known) < len(shown):
        return np.linspace(0, width, len(text) + 1)
    at = np.interp(np.arange(len(text)), shown, known)
    inner = (at[1:] + at[:-1]) / 2
    return np.clip(np.concatenate(([0.0], inner, [width])), 0, width)


def _ink(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how much of each pixel is ink, from 0 to 1."""
    grey = crop.mean(axis=2)
    dark, light = np.percentile(grey, (2, 90))
    if np.median(grey) < 128:  # light letters on dark ground
        dark, light = np.percentile(grey, (98, 10))
    ink: NDArray[np.float64] = np.clip((light - grey) / (light - dark or 1.0) * 1.25 - 0.25, 0, 1)
    return ink


def _measured(crop: NDArray[np.uint8], text: str) -> tuple[float, float, float]:
    """Return a line's font size, its baseline's height above the lower edge, and its strokes' thickness.

    Small letters fill the rows between their tops and the baseline; where most
    letters are tall, the rows up to the capitals' tops are filled. That is
    steadier than where the ink begins and ends.
    """
    ink = _ink(crop)
    rows = ink.mean(axis=1)
    least, middle = FILLED * np.percentile(rows, 80), len(rows) // 2
    top = middle - _until(rows[middle::-1], least)
    base = middle + _until(rows[middle:], least)
    letters = [letter for letter in text if letter.isalnum()]
    tall = sum(not letter.islower() or letter in "bdfhklt" for letter in letters)
    size = max(base - top, 1.0) / (CAPITAL if 2 * tall >= len(letters) else SMALL)
    core = np.pad(ink[round(top) : round(base) + 1] > 0.5, ((0, 0), (1, 1))).astype(np.int8)
    strokes = (np.diff(core, axis=1) == 1).sum()
    return size, len(rows) - 0.5 - base, float(core.sum() / max(strokes, 1) / size)


def _until(rows: NDArray[np.float64], least: float) -> float:
    """Return how far rows have more ink than `least`, between two rows where that is."""
    below = np.flatnonzero(rows < least)
    if not below.size or not below[0]:
        return float(len(rows) - 1) if not below.size else 0.0
    at = int(below[0])
    return at - float((least - rows[at]) / max(rows[at - 1] - rows[at], 1e-9))


def _plain(text: str) -> str:
    """Write wide forms of signs as Latin text has them, letter for letter; East Asian text keeps them."""
    if text.isascii() or any(
        unicodedata.name(letter, "").startswith(("CJK", "HIRA", "KATA")) for letter in text
    ):
        return text
    return "".join(
        plain if len(plain := unicodedata.normalize("NFKC", letter)) == 1 else letter for letter in text
    )
