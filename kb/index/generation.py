"""A generation: one finished, unchanging state of an index, in a folder of its own.

    generations/000003-1a2b3c4d/
        manifest.json                   what it was made with, its parts, sizes and digests of its files
        parts/<n>/catalogue.sqlite      documents and passages from row n on
        parts/<n>/vectors.npy           one unit vector a passage
        parts/<n>/vectors.faiss         where to look first among very many vectors
        words/                          the word index
        lexicon.json, spelling.json     the words and acronyms of all passages
        lexicon/<n>.npy                 a unit vector for each of the words that have a meaning of their own

What did not change is not written again: it is the file of the generation
before under a second name, and its digest is taken over.

How one is built: `kb.index.writing`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from kb.errors import IndexMismatch
from kb.index.catalogue import Catalogue
from kb.index.damage import damaged, reading
from kb.index.dense import DenseIndex
from kb.index.lexical import LexicalIndex
from kb.index.parts import Part
from kb.index.vocabulary import StoredLexicon
from kb.lexicon import Lexicon

FORMAT = 5
NAME = re.compile(r"\d{6}-[0-9a-f]{8}")
MANIFEST, WORDS = "manifest.json", "words"


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
    parts: tuple[Part, ...]
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
        names = [values["name"], *([] if values["previous"] is None else [values["previous"]])]
        if not all(map(NAME.fullmatch, names)):
            raise ValueError(f"{path.name} names no generation")
        values["settings"] = IndexSettings(**values["settings"])
        values["parts"] = tuple(map(Part.of, values["parts"]))
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
            parts, dimension = self.manifest.parts, self.manifest.settings.dimension
            self.catalogue = Catalogue(folder, parts)
            self.dense = DenseIndex(folder, parts, dimension, self.catalogue.gone())
            self.words = LexicalIndex(folder / WORDS)
            self._lexicon = StoredLexicon(folder)
            self._check_counts()
        self.folder = folder

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.manifest.name

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words and acronyms of all passages."""
        with reading(self.folder):
            return self._lexicon.read()

    def verify(self) -> None:
        """Compare every file with its digest; raises IndexDamaged. Reads all of the generation."""
        for name, (_, digest) in self.manifest.files.items():
            if sha256(self.folder / name) != digest:
                raise damaged(self.folder, f"{name} is not as it was written")

    def _check_counts(self) -> None:
        expected = (self.manifest.documents, self.manifest.passages)
        found = (self.catalogue.size(), self.dense.size, self.words.size)
        if found != (expected, expected[1], expected[1]):
            raise ValueError(f"it should hold {expected} documents and passages, and its parts hold {found}")


def sha256(path: Path) -> str:
    """Return the digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_sizes(folder: Path, manifest: Manifest) -> None:
    for name, (size, _) in manifest.files.items():
        found = (folder / name).stat().st_size
        if found != size:
            raise ValueError(f"{name} has {found} bytes instead of {size}")
