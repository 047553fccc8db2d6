"""Question -> Hits: search by vector and by words, fuse, fetch, rerank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from kb.config import RetrievalConfig
from kb.retrieval.fusion import blend, fuse
from kb.retrieval.relevance import Relevance
from kb.retrieval.rerank import rerank
from kb.retrieval.shelf import shelf
from kb.types import Embedder, Hit, PassageIndex

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds passages in one index with one embedder."""

    index: PassageIndex
    embedder: Embedder
    config: RetrievalConfig

    def search(
        self,
        question: str,
        relevance: Relevance,
        k: int | None = None,
        documents: Collection[str] | None = None,
        added: Sequence[str] = (),
        vector: NDArray[np.float32] | None = None,
    ) -> list[Hit]:
        """Return up to k hits, best first; only in `documents` (ids) if given.

        What is `added` to the question (the expansion of an acronym, say) is
        for the word search alone, and counts half there: a name written out in
        full would draw the vector, and the ranking, from what is asked. `vector`
        is the question's embedding, where it is known already.
        """
        k = k or self.config.k
        if vector is None:
            [vector] = self.embedder.encode([question], "query")
        candidates = max(self.config.candidates, k)
        fused = self._fused(question, added, vector, candidates, documents, relevance.known)
        known = shelf(self.index)
        ranked = rerank(fused[: self.config.candidates], relevance, known) + fused[self.config.candidates :]
        return ranked[:k]

    def _fused(
        self,
        question: str,
        added: Sequence[str],
        vector: NDArray[np.float32],
        candidates: int,
        documents: Collection[str] | None,
        known: float,
    ) -> list[Hit]:
        dense = self.index.search_vector(vector, candidates, documents)
        texts = dict.fromkeys((question, " ".join((question, *added))))
        lexical = blend([self.index.search_words(text, candidates, documents) for text in texts])
        best = fuse(dense, lexical, self.config.dense_weight, known)[:candidates]
        passages = self.index.fetch([entry.id for entry in best])
        return [Hit(passage, e.score, e.via) for passage, e in zip(passages, best, strict=True)]


def in_turn(rankings: Iterable[Sequence[Hit]]) -> list[Hit]:
    """Merge rankings: the first hit of each, then the second of each, no passage twice."""
    turns = [hit for turn in zip_longest(*rankings) for hit in turn if hit]
    return list({hit.passage.id: hit for hit in reversed(turns)}.values())[::-1]
