"""Second implementations of the Protocols: small, in memory, and without a model."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import KBError
from kb.lexicon import Lexicon, learn
from kb.text import STOPWORDS, stems, words
from kb.types import Changes, Document, Passage

if TYPE_CHECKING:
    from kb.types import Role, Vectors


class HashedEmbedder:
    """A bag of words: texts that share more words are closer; no stems, no meaning."""

    digest = "hashed-bag-of-words"

    def __init__(self, dimension: int = 1024) -> None:
        self.dimension = dimension
        self.encoded: list[str] = []

    def knows(self, word: str) -> bool:
        """Know no word whole: every unknown one may be a misspelling."""
        return False

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """Count the lower-case words of each text in hashed places and make the row unit length."""
        self.encoded += texts
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class MemoryIndex:
    """A PassageIndex in dictionaries: textbook BM25 and cosine over plain lists."""

    def __init__(self, changes: Changes | None = None) -> None:
        self._commits = 0
        self._documents: dict[str, Document] = {}
        self._passages: dict[str, Passage] = {}
        self._vectors: dict[str, Vectors] = {}
        if changes:
            self.apply(changes)

    @property
    def generation(self) -> str:
        return f"memory-{self._commits}"

    @property
    def size(self) -> int:
        return len(self._passages)

    def documents(self) -> list[Document]:
        return sorted(self._documents.values(), key=lambda document: document.source)

    def search_vector(
        self, vector: Vectors, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        scores = {p.id: float(self._vectors[p.id] @ vector) for p in self._among(documents)}
        return _best(scores, k)

    def search_words(
        self, query: str, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        terms = set(stems(" ".join(word for word in words(query) if word not in STOPWORDS)))
        bags = {p.id: Counter(stems(p.text)) for p in self._passages.values()}
        scores = {p.id: _bm25(terms, bags[p.id], list(bags.values())) for p in self._among(documents)}
        return _best({passage_id: score for passage_id, score in scores.items() if score > 0}, k)

    def lexicon(self) -> Lexicon:
        return learn(passage.text for passage in self._passages.values())

    def fetch(self, ids: Sequence[str]) -> list[Passage]:
        try:
            return [self._passages[passage_id] for passage_id in ids]
        except KeyError as error:
            raise KBError(f"There is no passage {error}.") from error

    def passages(self, document_id: str, first: int, most: int) -> list[Passage]:
        found = sorted(self._among([document_id]), key=lambda p: p.ordinal)
        return [p for p in found if p.ordinal >= first][:most]

    def passages_by_document(self) -> dict[str, int]:
        return dict(Counter(p.document_id for p in self._passages.values()))

    def section(self, passage: Passage) -> list[Passage]:
        same = [p for p in self._among([passage.document_id]) if p.heading_path == passage.heading_path]
        return sorted(same, key=lambda p: p.ordinal)

    def apply(self, changes: Changes) -> None:
        for document_id in changes.remove:
            if document_id not in self._documents:
                raise KBError(f"There is no document {document_id!r}.")
        vectors = [] if changes.vectors is None else list(changes.vectors)
        found = list(zip(changes.passages, vectors, strict=True))
        for document_id in changes.remove:
            self._drop(document_id)
        for document in changes.add:
            for other in list(self._documents.values()):
                if document.id == other.id or document.source == other.source:
                    self._drop(other.id)
            self._documents[document.id] = document
            mine = [(p, v) for p, v in found if p.document_id == document.id]
            self._passages |= {p.id: p for p, _ in reversed(mine)}
            self._vectors |= {p.id: v for p, v in reversed(mine)}
        self._commits += 1

    def _drop(self, document_id: str) -> None:
        self._documents.pop(document_id)
        for passage in self._among([document_id]):
            del self._passages[passage.id], self._vectors[passage.id]

    def _among(self, documents: Collection[str] | None) -> list[Passage]:
        every = list(self._passages.values())
        return every if documents is None else [p for p in every if p.document_id in documents]


def _best(scores: dict[str, float], k: int) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda hit: -hit[1])[: max(k, 0)]


def _bm25(terms: set[str], bag: Counter[str], bags: list[Counter[str]]) -> float:
    """Robertson's formula with k1 = 1.2 and b = 0.75."""
    mean = sum(other.total() for other in bags) / len(bags)
    score = 0.0
    for term in terms:
        having = sum(term in other for other in bags)
        rarity = math.log(1 + (len(bags) - having + 0.5) / (having + 0.5))
        score += rarity * bag[term] * 2.2 / (bag[term] + 1.2 * (0.25 + 0.75 * bag.total() / mean))
    return score
