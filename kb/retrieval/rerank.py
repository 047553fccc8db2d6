"""The best fused passages, ordered anew by how much of the question each of them covers.

Fusion knows how near a passage is to the question as a whole; it does not
know that a passage on the right subject lacks the one word that matters. The
idf-weighted share of the question's terms that a passage meets is added to
the fused score, as far as the documents hold these terms at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kb.retrieval.relevance import Relevance
from kb.types import Document, Hit

# What full coverage adds to a fused score, which lies between 0 and 1.
COVERAGE_WEIGHT = 0.5


def rerank(hits: Iterable[Hit], relevance: Relevance, documents: Mapping[str, Document]) -> list[Hit]:
    """Return the hits with coverage added to their scores, best first; `documents` by id."""
    scored = []
    for hit in hits:
        passage = hit.passage
        context = " ".join((documents[passage.document_id].label, *passage.heading_path))
        covered = relevance.coverage(passage.text, context)
        scored.append(Hit(passage, hit.score + COVERAGE_WEIGHT * relevance.known * covered, hit.via))
    return sorted(scored, key=lambda hit: -hit.score)
