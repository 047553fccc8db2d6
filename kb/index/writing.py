"""How a generation is written: what is unchanged is linked, the rest is made anew.

It is built in a scratch folder beside the finished ones, brought to the disk,
and renamed; so a folder with a generation's name is whole.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.index.catalogue import Catalogue
from kb.index.changes import Plan
from kb.index.chunks import write_words
from kb.index.damage import reading
from kb.index.dense import write_vectors
from kb.index.digests import of_file
from kb.index.generation import FORMAT, WORDS, Generation, IndexSettings, Manifest
from kb.index.parts import Part, kept, link
from kb.index.records import CATALOGUE, write_catalogue
from kb.index.vocabulary import read_tally, write_lexicon
from kb.lexicon import Tally, count

if TYPE_CHECKING:
    from kb.types import Vectors

SCRATCH = ".building-"


def build(
    generations: Path, plan: Plan, settings: IndexSettings, base: Generation | None, before: str | None
) -> str:
    """Write `base` as changed by `plan` as a new finished generation and return its name.

    `before` is the name of the generation that answers until now. Whatever is
    raised, no folder with a generation's name is left half-written.
    """
    number = int(before.split("-")[0]) + 1 if before else 1
    scratch = generations / f"{SCRATCH}{number:06d}"
    scratch.mkdir(parents=True)
    try:
        name = _write(scratch, number, plan, settings, base, before)
        sync(scratch, base.folder if base else None)
        os.rename(scratch, generations / name)
        sync_folder(generations)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return name


def _write(
    scratch: Path,
    number: int,
    plan: Plan,
    settings: IndexSettings,
    base: Generation | None,
    before: str | None,
) -> str:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    marked, lost = base.catalogue.without(plan.remove) if base else ([], [])
    stay = kept(marked, len(plan.passages))
    parts = marked[:stay]
    if base:
        for part in parts:
            link(base.folder / part.name, scratch / part.name)
    if stay < len(marked) or plan.documents or not stay:
        parts.append(_write_part(scratch, base, marked[stay:], plan, settings.dimension, created))
    catalogue = Catalogue(scratch, parts)
    old = base.folder / WORDS if base else None
    ends = [part.end for part in parts]
    write_words(scratch / WORDS, old, _unmoved(marked, stay), lost, ends, catalogue.entries)
    write_lexicon(scratch, _tally(base, plan))
    files = _files(scratch, base)
    manifest = Manifest(FORMAT, before, settings, *catalogue.size(), created, tuple(parts), files)
    return manifest.write(scratch, number)


def _write_part(
    scratch: Path, base: Generation | None, old: Sequence[Part], plan: Plan, dimension: int, created: str
) -> Part:
    """Write what is left of the last parts, and what is new, as one part."""
    first = old[0].first if old else base.manifest.parts[-1].end if base else 0
    folder = scratch / Part(first, 0).name
    folder.mkdir(parents=True)
    sources = [(base.folder / part.name / CATALOGUE, part.gone) for part in old] if base else []
    rows = write_catalogue(folder / CATALOGUE, first, sources, plan, created)
    blocks: Iterable[Vectors] = [plan.vectors]
    if base:
        gone = np.concatenate([base.catalogue.gone(), base.catalogue.rows(plan.remove)])
        blocks = chain(base.dense.blocks(first, gone), blocks)
    write_vectors(folder, blocks, rows, dimension)
    return Part(first, rows)


def _unmoved(marked: Sequence[Part], stay: int) -> tuple[int, int]:
    """Return the row where what is written again begins, and the one up to which rows keep their numbers."""
    end = marked[-1].end if marked else 0
    begins = marked[stay].first if stay < len(marked) else end
    return begins, min((part.first for part in marked[stay:] if part.gone_rows), default=end)


def _tally(base: Generation | None, plan: Plan) -> Tally:
    new = count(passage.text for passage in plan.passages)
    if base is None:
        return new
    with reading(base.folder):
        held = read_tally(base.folder)
    return held - count(base.catalogue.texts(plan.remove)) + new


def _written(folder: Path) -> list[Path]:
    """Return every file below a folder but Tantivy's lock files, which come and go."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def _same(path: Path, folder: Path, base: Path | None) -> bool:
    """Tell whether a file below `folder` is that of `base` under a second name."""
    other = base / path.relative_to(folder) if base else None
    return other is not None and other.exists() and path.samefile(other)


def _files(folder: Path, base: Generation | None) -> dict[str, tuple[int, str]]:
    """Return size and digest of every file; digests of those that `base` has too are taken over."""
    found = dict[str, tuple[int, str]]()
    for path in _written(folder):
        name = path.relative_to(folder).as_posix()
        if base and name in base.manifest.files and _same(path, folder, base.folder):
            found[name] = base.manifest.files[name]
        else:
            found[name] = (path.stat().st_size, of_file(path))
    return found


def sync(folder: Path, base: Path | None = None) -> None:
    """Bring every file below a folder to the disk, but those that `base` has too, and every folder."""
    for path in _written(folder):
        if _same(path, folder, base):
            continue
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
