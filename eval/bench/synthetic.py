"""A made-up library of any size, the same for the same seed: text, vectors and questions.

Words follow Zipf's law (as Mandelbrot corrected it) over a vocabulary that
grows with the square root of the text (Heaps' law). Vectors lie in clusters
that spread in few directions, as those of real passages do; uniform ones
would make every approximate search look bad, and mean nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kb.types import Changes, Document, Passage, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

PER_DOCUMENT = 200
SENTENCES, WORDS = 11, 11
# Documents made and committed at a time.
BATCH = 250
# Passages of a cluster, directions it spreads in, and how far: neighbours have cosines of 0.6 to 0.9.
CLUSTER, DIRECTIONS, SPREAD, BLUR = 400, 24, 0.7, 0.15

SMALL = """the of and to in a for is on that by with as are be this from at or which has was its an not their
all may shall must""".split()
COMMON = """data service policy ministry office public report agency digital government citizen budget law
plan standard system access review staff training security privacy network committee project strategy
indicator survey region district school hospital payment licence permit contract supplier audit risk
incident archive record request appeal deadline portal platform identity registry statistics partner
workshop method framework pillar principle target register notice committee inspector officer""".split()
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]
LONG = 4


def vocabulary(size: int) -> list[str]:
    """Return the words by rank: small ones, those of offices, then made-up ones, all distinct.

    >>> vocabulary(200)[0], len(set(vocabulary(200)))
    ('the', 200)
    """
    known = list(dict.fromkeys([*SMALL, *COMMON]))
    space = len(SYLLABLES) ** LONG
    # A multiplier without a factor in common with the space: no two ranks share a word.
    made = (_spelt(rank * 7_368_787 % space) for rank in range(1, size))
    return [*known, *(word for word, _ in zip(made, range(size), strict=False))][:size]


def _spelt(number: int) -> str:
    parts = []
    for _ in range(LONG):
        number, place = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[place])
    return "".join(parts)


@dataclass(frozen=True)
class Library:
    """So many passages in documents of 200, with unit vectors of the given dimension.

    `batch` documents are made at a time, and come to the same whatever their number.

    >>> [part] = Library(400, 8).changes()
    >>> len(part.add), len(part.passages), part.vectors.shape
    (2, 400, (400, 8))
    """

    size: int
    dimension: int
    seed: int = 20
    batch: int = BATCH

    @cached_property
    def words(self) -> list[str]:
        """The vocabulary by rank."""
        return vocabulary(int(30 * math.sqrt(self.size * SENTENCES * WORDS)))

    @property
    def documents(self) -> int:
        """The number of documents; the last may be shorter."""
        return math.ceil(self.size / PER_DOCUMENT)

    def changes(self) -> Iterator[Changes]:
        """Yield what is to be committed, one batch after another."""
        for first in range(0, self.documents, self.batch):
            yield self._batch(range(first, min(first + self.batch, self.documents)))

    def nearest(self, probes: Vectors, k: int) -> list[list[str]]:
        """Return the ids of the k passages nearest to each probe, best first, by comparing with all."""
        scores = np.full((len(probes), k), -2, np.float32)
        rows = np.zeros((len(probes), k), np.int64)
        for document in range(self.documents):
            cosines = probes @ self._vectors(document).T
            own = np.broadcast_to(np.arange(cosines.shape[1]) + document * PER_DOCUMENT, cosines.shape)
            scores, rows = np.hstack([scores, cosines]), np.hstack([rows, own])
            order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
            scores, rows = np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)
        return [[_id(*divmod(int(row), PER_DOCUMENT)) for row in found] for found in rows]

    def probes(self, count: int) -> Vectors:
        """Return unit vectors to search with: new ones from the clusters of the passages."""
        rng = np.random.default_rng([self.seed, 1])
        return self._near(rng.integers(len(self._centres), size=count), rng)

    def questions(self, count: int) -> list[str]:
        """Return questions that name rare words of some passage, as people name places and offices."""
        rng = np.random.default_rng([self.seed, 2])
        forms = (
            "What is the {} {} of {}?",
            "Who reviews the {} {} in {}?",
            "When is the {} {} for {} due?",
            "Which {} must keep a {} of {}?",
        )
        asked = []
        for n in range(count):
            document = int(rng.integers(self.documents))
            ids = self._words(document)[int(rng.integers(self._count(document)))].ravel()
            rare = self.words[int(ids.max())]
            known = [self.words[i] for i in ids if len(SMALL) <= i < len(SMALL) + len(COMMON) - 1]
            first, second = rng.choice(known or COMMON, 2)
            asked.append(forms[n % len(forms)].format(first, second, rare))
        return asked

    def _batch(self, documents: range) -> Changes:
        words = [self._words(document) for document in documents]
        made = [self._document(d, ids) for d, ids in zip(documents, words, strict=True)]
        passages = [p for d, ids in zip(documents, words, strict=True) for p in self._passages(d, ids)]
        vectors = np.concatenate([self._vectors(document) for document in documents])
        keys = tuple(passage.id for passage in passages)
        return Changes((), tuple(made), tuple(passages), vectors, keys)

    def _count(self, document: int) -> int:
        return min(PER_DOCUMENT, self.size - document * PER_DOCUMENT)

    def _words(self, document: int) -> NDArray[np.int64]:
        """Return ranks of words as (passages, sentences, words of a sentence)."""
        rng = np.random.default_rng([self.seed, 3, document])
        drawn = rng.random((self._count(document), SENTENCES, WORDS))
        found = np.searchsorted(self._shares, drawn)
        return np.minimum(found, len(self.words) - 1)

    def _document(self, number: int, ids: NDArray[np.int64]) -> Document:
        rare = np.sort(np.unique(ids))[-3:]
        title = " ".join(self.words[i].capitalize() for i in rare)
        return Document(f"bench{number:07d}", f"bench/{number:07d}.txt", title, language="en")

    def _passages(self, document: int, ids: NDArray[np.int64]) -> Iterator[Passage]:
        start = 0
        for n, passage in enumerate(ids.tolist()):
            text = " ".join(self._sentence(ranks) for ranks in passage)
            path = (f"Part {n // 20 + 1}", f"Section {n // 5 + 1}")
            page = n // 3 + 1
            spans = (Span(0, len(text), "paragraph", page, str(page)),)
            end = start + len(text)
            name = f"bench{document:07d}"
            yield Passage(_id(document, n), name, n, text, path, page, str(page), start, end, spans)
            start = end + 1

    def _sentence(self, ranks: list[int]) -> str:
        return " ".join([self.words[i] for i in ranks]).capitalize() + "."

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        weights = 1 / (np.arange(len(self.words)) + 2.7) ** 1.05
        return np.cumsum(weights / weights.sum())

    @cached_property
    def _centres(self) -> Vectors:
        rng = np.random.default_rng([self.seed, 4])
        count = max(8, self.size // CLUSTER)
        fields = _unit(rng.standard_normal((max(2, count // 20), self.dimension), np.float32))
        apart = _unit(rng.standard_normal((count, self.dimension), np.float32))
        return _unit(fields[rng.integers(len(fields), size=count)] + apart)

    @cached_property
    def _directions(self) -> Vectors:
        rng = np.random.default_rng([self.seed, 5])
        return _unit(rng.standard_normal((DIRECTIONS, self.dimension), np.float32))

    def _vectors(self, document: int) -> Vectors:
        """Return a document's vectors, from three clusters: it has its subjects."""
        rng = np.random.default_rng([self.seed, 6, document])
        subjects = rng.integers(len(self._centres), size=3)
        return self._near(rng.choice(subjects, self._count(document)), rng)

    def _near(self, clusters: NDArray[np.int64], rng: np.random.Generator) -> Vectors:
        along = rng.standard_normal((len(clusters), DIRECTIONS), np.float32) @ self._directions
        blur = rng.standard_normal((len(clusters), self.dimension), np.float32)
        offset = along * (SPREAD / math.sqrt(DIRECTIONS)) + blur * (BLUR / math.sqrt(self.dimension))
        return _unit(self._centres[clusters] + offset)


def _id(document: int, n: int) -> str:
    return f"bench{document:07d}-{n:03d}"


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
