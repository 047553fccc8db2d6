"""Makes scans for the tests: pages set by typst, turned, skewed, grey and grainy, as pictures."""

from __future__ import annotations

import io

import numpy as np
import pypdfium2
import typst
from PIL import Image


def scanned(
    text: str, skew: float = 2.0, turn: int = 0, paper: str = "width: 15cm, height: 9cm"
) -> list[Image.Image]:
    """Return the pages of a text in typst's markup as a scanner with dust on it shows them."""
    head = f'#set page({paper}, margin: 1.5cm)\n#set text(font: "Libertinus Serif", size: 11pt)\n'
    noise = np.random.default_rng(7)
    pictures = []
    for page in pypdfium2.PdfDocument(typst.compile((head + text).encode())):
        image = page.render(scale=200 / 72).to_pil().convert("L")
        image = image.rotate(skew, fillcolor=255, resample=Image.Resampling.BICUBIC).rotate(turn, expand=True)
        grainy = np.asarray(image) * 0.85 + 25 + noise.normal(0, 12, (image.height, image.width))
        pictures.append(Image.fromarray(grainy.clip(0, 255).astype(np.uint8)))
    return pictures


def saved(pages: list[Image.Image], kind: str) -> bytes:
    """Return the pages as one file: a PDF of pictures, a PNG, a JPEG or a TIFF."""
    file = io.BytesIO()
    more = {"save_all": True, "append_images": pages[1:]} if kind in ("PDF", "TIFF") else {}
    pages[0].save(file, kind, resolution=200, **more)
    return file.getvalue()
