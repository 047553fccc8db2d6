"""Pages a second of our PDF reading, beside pypdf and beside pdfium, on which ours is built.

Ours finds headings, lists, tables, running heads and page labels; the others
return text. pdfium's text is the limit of whatever is built on it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from eval.bench.figures import Figure, Kind, Row
from eval.bench.files import chosen_files
from eval.bench.options import Options
from eval.bench.worker import Turn, Work, Worker, in_turns, middle
from eval.console import Progress

OURS, BUILD, PYPDF, PDFIUM = "ours, one process", "ours, as kb build reads", "pypdf", "pdfium, text only"


def measure(options: Options, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return pages a second of each reader on the same files; Skipped without files."""
    chosen = chosen_files(options)
    paths = [path.resolve() for path in chosen.pages]
    workers = {name: Worker("reading", name, *paths) for name in CONTENDERS}
    turns = in_turns(workers, options.repeats, progress, "reading")
    speeds = {name: _speeds(found, chosen.count) for name, found in turns.items()}
    return {**chosen.about(), "contenders": speeds, "turns": turns}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return pages a second."""
    speeds = {name: one["pages_per_second"] for name, one in found["contenders"].items()}
    kinds: dict[str, Kind] = {PYPDF: "peer", PDFIUM: "limit"}
    rows = tuple(Row(name, speed, kinds.get(name, "ours")) for name, speed in speeds.items())
    note = f"{found['pages']} of {found['pages_of_folder']} pages in {len(found['files'])} files."
    return [Figure("Reading PDF files", "pages/s", rows, note=note)]


def _speeds(turns: list[Turn], pages: int) -> dict[str, float]:
    seconds = middle(turns, "seconds")
    return {
        "seconds": seconds,
        "pages_per_second": pages / seconds,
        "pages_per_processor_second": pages / middle(turns, "processor_seconds"),
        "characters": turns[0]["characters"],
        "left_out": turns[0]["left_out"],
        "peak_mb": max(turn["peak_mb"] for turn in turns),
    }


def _reader(length: Callable[[Path], int], *paths: str) -> Work:
    """Return work that reads every file; the first is read once before, to load what is loaded late."""
    length(Path(paths[0]))

    def work() -> dict[str, int]:
        characters, left_out = 0, 0
        for path in paths:
            try:
                characters += length(Path(path))
            except Exception:  # each library has its own for a file that it does not take
                left_out += 1
        return {"characters": characters, "left_out": left_out}

    return work


def _ours(path: Path) -> int:
    from kb.loaders import load

    return sum(len(block.text) for block in load(path).blocks)


def _as_build(*paths: str) -> Work:
    """Return work that reads every file as `kb build` does: several at once."""
    from kb.index.reading import read_all
    from kb.library import Source
    from kb.types import Document

    sources = [Source(Path(path), Path(path).name) for path in paths]

    def work() -> dict[str, int]:
        read = [one for one in read_all(sources) if isinstance(one, Document)]
        characters = sum(len(block.text) for document in read for block in document.blocks)
        return {"characters": characters, "left_out": len(sources) - len(read)}

    return work


def _pypdf(path: Path) -> int:
    from pypdf import PdfReader

    return sum(len(page.extract_text()) for page in PdfReader(path).pages)


def _pdfium(path: Path) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(path) as document:
        return sum(len(page.get_textpage().get_text_range()) for page in document)


CONTENDERS: dict[str, Callable[..., Work]] = {
    OURS: partial(_reader, _ours),
    BUILD: _as_build,
    PYPDF: partial(_reader, _pypdf),
    PDFIUM: partial(_reader, _pdfium),
}
