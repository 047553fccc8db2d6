"""Files that are pictures (PNG, JPEG, TIFF): each picture in them is a page, for text recognition to read."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import DamagedDocument, DocumentError
from kb.loaders.content import mislabelled
from kb.loaders.limits import Work
from kb.loaders.pdf.furniture import Page
from kb.loaders.pdf.reader import Pdf, assemble, read_scan

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff"})
FORMATS = ("PNG", "JPEG", "TIFF")
WIDTH = 595.0  # points of the shorter side: as if it were A4
# What Pillow raises over a file that is broken, by the place that is.
DAMAGES = (OSError, SyntaxError, ValueError, EOFError, LookupError, struct.error)


def load_pictures(name: str, data: bytes, work: Work) -> Pdf:
    """Read the pictures of a file, each as a page; raises a DocumentError as `load_pdf` does."""
    pages = []
    with opened(name, data) as file:
        count = page_count(file)
        for number in range(1, count + 1):
            work.check(name, number, count)
            page = Page(number, None, 0, 0, [], shown="image")
            if work.may_recognise():
                image = picture(file, number)
                page = read_scan(page, image, WIDTH / min(image.size))
            pages.append(page)
    return assemble(name, pages, work)


@contextmanager
def opened(name: str, data: bytes) -> Iterator[Image]:
    """Open a file of pictures; whatever Pillow raises over it becomes a DocumentError."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as file:
                yield file
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = (Image.MAX_IMAGE_PIXELS or 0) // 10**6
        raise DocumentError(f"{name} has more than {most} million pixels; save it smaller.") from error
    except UnidentifiedImageError as error:
        raise mislabelled(name, Path(name).suffix.lower(), data) from error
    except DocumentError:
        raise
    except DAMAGES as error:
        raise DamagedDocument(
            f"{name} is damaged: its picture ends early or is broken; get a fresh copy."
        ) from error


def page_count(file: Image) -> int:
    """Return the number of pages: a TIFF may have several; what else a photo holds are previews of it."""
    return int(getattr(file, "n_frames", 1)) if file.format == "TIFF" else 1


def picture(file: Image, number: int) -> Image:
    """Return a page of an open file, counted from 1: upright, on white ground, no larger than need be."""
    from PIL import Image, ImageOps

    from kb.loaders.pdf.scans import fitting

    file.seek(number - 1)
    scale = min(fitting(*file.size), 1.0)
    size = (max(1, round(file.width * scale)), max(1, round(file.height * scale)))
    file.draft("RGB", size)
    image: Image.Image = file
    if image.mode.startswith(("I", "F")):  # more than 8 bits for a grey
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image = image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    image = ImageOps.exif_transpose(image)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")
