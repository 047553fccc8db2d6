"""Question -> Hits: search by vector and by words, fuse, fetch."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kb.config import RetrievalConfig
from kb.retrieval.fusion import fuse
from kb.types import Embedder, Hit, PassageIndex


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds passages in one index with one embedder."""

    index: PassageIndex
    embedder: Embedder
    config: RetrievalConfig

    def search(
        self, question: str, k: int | None = None, documents: Collection[str] | None = None
    ) -> list[Hit]:
        """Return up to k hits, best first; only in `documents` (ids) if given."""
        candidates = max(self.config.candidates, k or 0)
        [vector] = self.embedder.encode([question])
        dense = self.index.search_vector(vector, candidates, documents)
        lexical = self.index.search_words(question, candidates, documents)
        best = fuse(dense, lexical, self.config.dense_weight)[: k or self.config.k]
        passages = self.index.fetch([key for key, _, _ in best])
        return [Hit(passage, score, via) for passage, (_, score, via) in zip(passages, best, strict=True)]
