"""A generation: one finished, unchanging state of an index, in a folder of its own.

    generations/000003-1a2b3c4d/
        manifest.json       what it was made with, counts, sizes and digests of its files
        catalogue.sqlite    documents and passages
        vectors.faiss       one unit vector a passage
        words/              the word index
        lexicon.json        the words and acronyms of all passages
        lexicon.npy         a unit vector for each of the words that have a meaning of their own

It is built in a scratch folder beside the finished ones, brought to the disk,
and renamed; so a folder with a generation's name is whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from kb.errors import IndexMismatch
from kb.index.catalogue import Catalogue, write_catalogue
from kb.index.changes import Plan
from kb.index.damage import damaged, reading
from kb.index.dense import DenseIndex, write_vectors
from kb.index.lexical import LexicalIndex, write_words
from kb.lexicon import Lexicon, learn

FORMAT = 3
NAME = re.compile(r"\d{6}-[0-9a-f]{8}")
SCRATCH = ".building-"
MANIFEST, CATALOGUE, VECTORS = "manifest.json", "catalogue.sqlite", "vectors.faiss"
WORDS, LEXICON, WORD_VECTORS = "words", "lexicon.json", "lexicon.npy"


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """What all vectors and passages of one index have in common.

    `embedder` and `chunking` are digests; `dimension` is the length of a vector.
    """

    embedder: str
    chunking: str
    dimension: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says of itself; `files` maps its files to (bytes, SHA-256)."""

    format: int
    name: str
    previous: str | None
    settings: IndexSettings
    documents: int
    passages: int
    created: str
    files: dict[str, tuple[int, str]]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read it back; raises one of `kb.index.damage.DAMAGE` if it is missing or not one."""
        values = json.loads(path.read_text(encoding="utf-8"))
        if values["format"] != FORMAT:
            index = path.parent.parent.parent
            raise IndexMismatch(
                f"The index {index} was made by another version of this program (format {values['format']}, "
                f"here {FORMAT}); rebuild it with: kb build --index {index}"
            )
        values["settings"] = IndexSettings(**values["settings"])
        values["files"] = {name: (int(size), str(digest)) for name, (size, digest) in values["files"].items()}
        return cls(**values)


class Generation:
    """A generation open for reading.

    Opening checks counts and file sizes, not digests, and so costs
    milliseconds. Raises IndexDamaged.
    """

    def __init__(self, folder: Path) -> None:
        with reading(folder):
            self.manifest = Manifest.read(folder / MANIFEST)
            _check_sizes(folder, self.manifest)
            self.catalogue = Catalogue(folder / CATALOGUE)
            self.dense = DenseIndex(folder / VECTORS)
            self.words = LexicalIndex(folder / WORDS)
            self.lexicon = Lexicon.read(folder / LEXICON, folder / WORD_VECTORS)
            self._check_counts()
        self.folder = folder

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.manifest.name

    def verify(self) -> None:
        """Compare every file with its digest; raises IndexDamaged. Reads all of the generation."""
        for name, (_, digest) in self.manifest.files.items():
            if _sha256(self.folder / name) != digest:
                raise damaged(self.folder, f"{name} is not as it was written")

    def _check_counts(self) -> None:
        expected = (self.manifest.documents, self.manifest.passages)
        found = (self.catalogue.size(), self.dense.size, self.words.size)
        if found != (expected, expected[1], expected[1]):
            raise ValueError(f"it should hold {expected} documents and passages, and its parts hold {found}")
        if self.dense.dimension != self.manifest.settings.dimension:
            raise ValueError(f"its vectors have {self.dense.dimension} dimensions")


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
        manifest = _write(scratch, number, plan, settings, base, before)
        sync(scratch)
        os.rename(scratch, generations / manifest.name)
        sync_folder(generations)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return manifest.name


def _write(
    scratch: Path,
    number: int,
    plan: Plan,
    settings: IndexSettings,
    base: Generation | None,
    before: str | None,
) -> Manifest:
    created = datetime.now(UTC).isoformat(timespec="seconds")
    kept = write_catalogue(scratch / CATALOGUE, base.folder / CATALOGUE if base else None, plan, created)
    vectors = plan.vectors
    if base:
        vectors = np.concatenate([base.dense.vectors(np.array(kept, np.int64)), vectors])
    write_vectors(scratch / VECTORS, vectors)
    catalogue = Catalogue(scratch / CATALOGUE)
    write_words(scratch / WORDS, catalogue.entries())
    known = {**(base.lexicon.vectors_by_word() if base else {}), **plan.word_vectors}
    lexicon = learn(entry.body for entry in catalogue.entries()).with_vectors(known)
    lexicon.write(scratch / LEXICON, scratch / WORD_VECTORS)
    documents, passages = catalogue.size()
    files = _files(scratch)
    name = f"{number:06d}-{hashlib.sha256(json.dumps(files).encode()).hexdigest()[:8]}"
    manifest = Manifest(FORMAT, name, before, settings, documents, passages, created, files)
    manifest.write(scratch / MANIFEST)
    return manifest


def _files(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and digest of every file but Tantivy's lock files, which come and go."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.relative_to(folder).as_posix(): (path.stat().st_size, _sha256(path)) for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_sizes(folder: Path, manifest: Manifest) -> None:
    for name, (size, _) in manifest.files.items():
        found = (folder / name).stat().st_size
        if found != size:
            raise ValueError(f"{name} has {found} bytes instead of {size}")


def sync(folder: Path) -> None:
    """Bring every file below a folder, and the folders themselves, to the disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
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
