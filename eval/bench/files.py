"""The PDF files that reading and ingest are measured on: as many whole ones as fit into so many pages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.bench.options import Options, Skipped


@dataclass(frozen=True, slots=True)
class Chosen:
    """Files with their pages, and how many pages the whole folder has."""

    folder: Path
    pages: dict[Path, int]
    all_pages: int

    @property
    def count(self) -> int:
        """The pages of the chosen files."""
        return sum(self.pages.values())

    def about(self) -> dict[str, object]:
        """Say what was chosen, as a JSON object."""
        names = [path.relative_to(self.folder).as_posix() for path in self.pages]
        whole = {"pages_of_folder": self.all_pages, "whole_folder": self.count == self.all_pages}
        return {"folder": str(self.folder), "files": names, "pages": self.count, **whole}


def chosen_files(options: Options) -> Chosen:
    """Choose the files to measure on; Skipped where the folder holds no readable PDF file."""
    if not options.files.is_dir():
        raise Skipped(f"{options.files} is no folder; name one with PDF files in it with --files.")
    known = {path: found for path in _shuffled(options.files) if (found := pages_of(path))}
    if not known:
        raise Skipped(f"{options.files} holds no PDF file that can be read; name another with --files.")
    return Chosen(options.files, fitting(known, options.pages), sum(known.values()))


def fitting(known: dict[Path, int], pages: int) -> dict[Path, int]:
    """Return the files that fit, one after another, into so many pages; the shortest if none does.

    >>> list(fitting({Path("a"): 7, Path("b"): 5, Path("c"): 3}, 10))
    [PosixPath('a'), PosixPath('c')]
    """
    chosen: dict[Path, int] = {}
    for path, count in known.items():
        if sum(chosen.values()) + count <= pages:
            chosen[path] = count
    return chosen or dict([min(known.items(), key=lambda item: item[1])])


def pages_of(path: Path) -> int:
    """Return the number of pages of a PDF file, 0 for one that cannot be opened."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(path) as document:
            return len(document)
    except pypdfium2.PdfiumError:
        return 0


def _shuffled(folder: Path) -> Sequence[Path]:
    """In an order that is always the same but not that of the names: those of one series lie apart."""
    found = (path for path in folder.rglob("*.pdf") if path.is_file())
    return sorted(found, key=lambda path: hashlib.sha256(path.name.encode()).digest())
