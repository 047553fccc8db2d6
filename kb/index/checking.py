"""An index checked as a whole: every digest compared, every copy of a file read, and a passage looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.errors import IndexDamaged
from kb.index import originals, removed
from kb.index.damage import reading
from kb.index.folder import GENERATIONS, current
from kb.index.generation import Generation, Manifest, problems


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: sentences on the index itself, on copies of files, and what was looked at."""

    index: tuple[str, ...]
    copies: tuple[str, ...]
    seen: str

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.index or self.copies)


def check(folder: Path) -> Checked:
    """Compare all of the index in a folder with its digests; IndexMissing or IndexMismatch."""
    copies = [*_copies(folder)]
    wrong = tuple(
        f"{path.relative_to(folder)} is not the file that was read." for path, whole in copies if not whole
    )
    try:
        name = current(folder)
        path = folder / GENERATIONS / name
        with reading(path):
            manifest = Manifest.read(path)
            found = tuple(f"{GENERATIONS}/{name}/{problem}." for problem in problems(path, manifest))
        if not found:
            Generation(path).try_out()
    except IndexDamaged as error:
        return Checked((f"It cannot be read: {error.reason}.",), wrong, "")
    size = sum(size for size, _ in manifest.files.values())
    seen = (
        f"{manifest.documents} document(s), {manifest.passages} passage(s), {len(manifest.files) + 1} files"
        f" of {size / 1e6:,.1f} MB, {len(copies)} copies of documents"
    )
    return Checked(found, wrong, seen)


def _copies(folder: Path) -> Iterator[tuple[Path, bool]]:
    """Yield every copy of a file that is kept, and whether it holds the bytes that were read."""
    for path in sorted((folder / originals.FOLDER).glob("[!.]*")):
        if not originals.is_laid_out(path):
            yield path, originals.is_whole(path, path.stem)
    for path in sorted((folder / removed.FOLDER).glob(f"[!.]*/{removed.FILE}/*")):
        yield path, originals.is_whole(path, path.parent.parent.name)
