"""A generation: one finished, unchanging state of an index, in a folder of its own.

    generations/000003-1a2b3c4d/
        manifest.json                   what it was made with, its parts, sizes and digests of its files;
                                    the generation's name ends with a digest of it
        parts/<n>/catalogue.sqlite      documents and passages from row n on
        parts/<n>/vectors.npy           one unit vector a passage
        parts/<n>/vectors.faiss         where to look first among very many vectors
        words/                          the word index
        lexicon.json, spelling.json     the words and acronyms of all passages

What did not change is not written again: it is the file of the generation
before under a second name, and its digest is taken over.

How one is built: `kb.index.writing`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import xxhash

from kb.errors import IndexDamaged, IndexMismatch
from kb.index.catalogue import Catalogue
from kb.index.damage import reading
from kb.index.dense import DenseIndex
from kb.index.digests import Pace, of_file
from kb.index.lexical import LexicalIndex
from kb.index.parts import Part
from kb.index.vocabulary import StoredLexicon
from kb.lexicon import Lexicon

FORMAT = 7
NAME = re.compile(r"\d{6}-[0-9a-f]{8}")
MANIFEST, WORDS = "manifest.json", "words"
# Bytes of the largest file that is compared with its digest at every opening: all files of an index of
# some 50,000 passages are smaller. The 59 MB of 10,000 passages take 15 ms of processor time.
# In a larger catalogue each row is compared as it is read.
CHEAP = 128 << 20
# Characters of a passage that a new generation is asked for: enough to need every part of the word index.
ASKED = 500


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
    """What a generation says of itself; `files` maps its files to (bytes, digest)."""

    format: int
    previous: str | None
    settings: IndexSettings
    documents: int
    passages: int
    created: str
    parts: tuple[Part, ...]
    files: dict[str, tuple[int, str]]

    def write(self, folder: Path, number: int) -> str:
        """Write it into a generation's folder as JSON, and return the name of the generation."""
        text = json.dumps(asdict(self), indent=1).encode() + b"\n"
        (folder / MANIFEST).write_bytes(text)
        return _name(number, text)

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read a generation's; raises one of `kb.index.damage.DAMAGE` if it is not as it was written."""
        text = (folder / MANIFEST).read_bytes()
        whole = _name(int(folder.name.split("-")[0]), text) == folder.name
        # Up to format 4 a generation was named by other digests, and said its name.
        if not whole and f'"name": "{folder.name}"'.encode() not in text:
            raise ValueError(f"{MANIFEST} is not as it was written")
        values = json.loads(text)
        if values["format"] != FORMAT:
            index = folder.parent.parent
            raise IndexMismatch(
                f"The index {index} was made by another version of this program (format {values['format']}, "
                f"here {FORMAT}); rebuild it with: kb build --index {index}"
            )
        values["settings"] = IndexSettings(**values["settings"])
        values["parts"] = tuple(map(Part.of, values["parts"]))
        values["files"] = {name: (int(size), str(digest)) for name, (size, digest) in values["files"].items()}
        return cls(**values)


class Generation:
    """A generation open for reading.

    Opening checks counts and sizes, and the digests of all files that are not
    very large (CHEAP). Raises IndexDamaged. `damage` says what was found wrong
    since then, if anything.
    """

    def __init__(self, folder: Path) -> None:
        self.damage: IndexDamaged | None = None
        with reading(folder):
            self.manifest = Manifest.read(folder)
            for problem in problems(folder, self.manifest, CHEAP):
                raise ValueError(problem)
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
        return self.folder.name

    @cached_property
    def lexicon(self) -> Lexicon:
        """The words and acronyms of all passages."""
        with reading(self.folder):
            return self._lexicon.read()

    def verify(self, pace: Pace | None = None) -> None:
        """Compare every file with its digest; raises IndexDamaged. Reads all of the generation."""
        with reading(self.folder):
            for problem in problems(self.folder, self.manifest, pace=pace):
                raise ValueError(problem)

    def try_out(self) -> None:
        """Look for the last passage by its vector and words, as a question does; raises IndexDamaged."""
        self.catalogue.documents()
        self.lexicon.knows("data")
        row = max((rows[-1] for rows in self.catalogue.ranges() if rows), default=None)
        if row is None:
            return
        [passage] = self.catalogue.fetch(self.catalogue.ids([row]))
        with reading(self.folder):
            [vector] = self.dense.vectors(np.array([row]))
            near = self.dense.search(vector, 1)
        said = self.words.search(passage.text[:ASKED], 1)
        self.catalogue.fetch(self.catalogue.ids([row for row, _ in (*near, *said)]))

    def _check_counts(self) -> None:
        expected = (self.manifest.documents, self.manifest.passages)
        found = (self.catalogue.size(), self.dense.size, self.words.size)
        if found != (expected, expected[1], expected[1]):
            raise ValueError(f"it should hold {expected} documents and passages, and its parts hold {found}")


def problems(
    folder: Path, manifest: Manifest, largest: int | None = None, pace: Pace | None = None
) -> Iterator[str]:
    """Say of each file of a generation that is not as it was written what is wrong with it.

    Of files of more than `largest` bytes only the size is looked at.
    """
    for name, (size, digest) in manifest.files.items():
        try:
            found = (folder / name).stat().st_size
            if found != size:
                yield f"{name} has {found} bytes instead of {size}"
            elif (largest is None or size <= largest) and of_file(folder / name, pace) != digest:
                yield f"{name} is not as it was written"
        except FileNotFoundError:
            yield f"{name} is missing"


def _name(number: int, manifest: bytes) -> str:
    return f"{number:06d}-{xxhash.xxh32_hexdigest(manifest)}"
