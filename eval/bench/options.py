"""What was asked of a benchmark run, and what a part says when it cannot run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

# Built indexes of made-up libraries, kept for the next run; git ignores them.
KEPT = Path("indexes/bench")
# PDF files that are read and indexed where no other folder is named.
FILES = Path("../shared/files/reports")


class Skipped(Exception):
    """A part cannot run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured, and on what; paths from the repository's root.

    `pages` bounds the files of reading and ingest, `sizes` are passages of
    made-up libraries, `users` ask at the same time, `each` questions apiece;
    `pause` is how many seconds people read before they ask again; in the browser
    `asked` questions are asked, and manuals of `manual_pages` are sent.
    """

    repeats: int = 3
    files: Path = FILES
    pages: int = 150
    sizes: tuple[int, ...] = (1_000, 10_000)
    questions: int = 40
    users: tuple[int, ...] = (1, 8, 32)
    each: int = 5
    pause: float = 5.0
    asked: int = 30
    manual_pages: int = 200
    corpus: Path = Path("corpus")
    cases: Path = Path("eval/cases")
    kept: Path = KEPT
    peers: bool = True
