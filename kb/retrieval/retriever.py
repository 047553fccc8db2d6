"""Question -> Hits: search by vector and by words, fuse, fetch, rerank."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from kb.config import RetrievalConfig
from kb.retrieval.fusion import fuse
from kb.retrieval.relevance import Relevance
from kb.retrieval.rerank import rerank
from kb.text import terms
from kb.types import Document, Embedder, Hit, PassageIndex

# Passages that each of the compared documents puts first.
TURNS = 2
# A compared document must have a passage that scores this share of the best one.
NEAR = 0.6


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
        across: Sequence[str] = (),
    ) -> list[Hit]:
        """Return up to k hits, best first; only in `documents` (ids) if given.

        The documents `across` which a question compares come first, taking
        turns as far as they have something near: else the one that says most
        would crowd out the others.
        """
        k = k or self.config.k
        fused = self._fused(question, max(self.config.candidates, k), documents)
        known = {document.id: document for document in self.index.documents()}
        ranked = rerank(fused[: self.config.candidates], relevance, known) + fused[self.config.candidates :]
        return _in_turn(ranked, across)[:k] if across else ranked[:k]

    def _fused(self, question: str, candidates: int, documents: Collection[str] | None) -> list[Hit]:
        [vector] = self.embedder.encode([question])
        dense = self.index.search_vector(vector, candidates, documents)
        lexical = self.index.search_words(question, candidates, documents)
        best = fuse(dense, lexical, self.config.dense_weight)[:candidates]
        passages = self.index.fetch([entry.id for entry in best])
        return [Hit(passage, e.score, e.via) for passage, e in zip(passages, best, strict=True)]


def _in_turn(ranked: Sequence[Hit], documents: Sequence[str]) -> list[Hit]:
    near = [hit for hit in ranked if hit.score >= NEAR * ranked[0].score]
    apart = [[hit for hit in near if hit.passage.document_id == document][:TURNS] for document in documents]
    turns = [hit for turn in zip_longest(*apart) for hit in turn if hit]
    return list({hit.passage.id: hit for hit in [*turns, *ranked]}.values())


def named_documents(question_terms: Collection[str], documents: Sequence[Document]) -> list[str]:
    """Return the ids of the documents whose titles a question names, by words that few titles share.

    >>> notes = [Document("1", "a.pdf", "Note on Rwanda"), Document("2", "b.pdf", "Note on Lao PDR")]
    >>> named_documents(["rwanda", "lao", "pillar"], [*notes, Document("3", "c.pdf", "Note on Peru")])
    ['1', '2']
    """
    titles = {document.id: set(terms(document.title)) for document in documents}
    few = max(2, len(documents) // 3)
    telling = [t for t in question_terms if 0 < sum(t in title for title in titles.values()) <= few]
    return [key for key, title in titles.items() if any(term in title for term in telling)]
