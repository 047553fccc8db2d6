"""Hits and answers as the JSON objects that other programs rely on: add fields, never rename."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kb.answering.prose import answer_text, number_citations
from kb.types import LISTS, Answer, Citation, Document, Hit

Json = dict[str, Any]


def search_object(query: str, hits: Sequence[Hit], documents: Mapping[str, Document]) -> Json:
    """Return ranked passages as one JSON object; `documents` maps ids to documents."""
    return {"query": query, "hits": [_hit(hit, documents[hit.passage.document_id]) for hit in hits]}


def answer_object(answer: Answer, documents: Mapping[str, Document], key: str | None = None) -> Json:
    """Return an answer as one JSON object, its citations numbered as in its text."""
    cited = number_citations(answer)
    number = {citation: n for n, citation in enumerate(cited, 1)}

    def marks(citations: Iterable[Citation]) -> list[int]:
        return [number[citation] for citation in citations]

    return {
        "id": key,
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "status": answer.status,
        "text": answer_text(answer),
        "exact": answer.exact,
        "confidence": answer.confidence,
        "claims": [
            {
                "text": c.text,
                "support": c.support,
                "citations": marks(c.citations),
                "layout": c.layout,
                "about": c.about,
            }
            for c in answer.claims
        ],
        "citations": [_citation(c, n, documents[c.passage.document_id]) for c, n in number.items()],
        "conflicts": [{"summary": c.summary, "citations": marks(c.citations)} for c in answer.conflicts],
        "options": [
            {"label": o.label, "question": o.question, "citations": marks(o.citations)}
            for o in answer.options
        ],
        "pointers": [{"note": p.note, "citations": marks(p.citations)} for p in answer.pointers],
        "notes": list(answer.notes),
        "timings_ms": answer.timings_ms,
        "config_digest": answer.config_digest,
        "index_generation": answer.index_generation,
    }


def document_object(document: Document, passages: int) -> Json:
    """Return what `kb list` says of a document."""
    fields = ("id", "title", "source", "kind", "publisher", "date", "edition", "language", "pages")
    described = {name: getattr(document, name) for name in fields}
    lists = {name: list(getattr(document, name)) for name in LISTS}
    return {**described, **lists, "passages": passages}


def _hit(hit: Hit, document: Document) -> Json:
    passage = hit.passage
    return {
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "title": document.title,
        "source": document.source,
        "heading_path": list(passage.heading_path),
        "page": passage.page,
        "page_label": passage.page_label,
        "text": passage.text,
        "score": round(hit.score, 6),
        "via": hit.via,
    }


def _citation(citation: Citation, n: int, document: Document) -> Json:
    passage = citation.passage
    return {
        "n": n,
        "passage_id": passage.id,
        "document_id": passage.document_id,
        "title": document.title,
        "source": document.source,
        "heading_path": list(passage.heading_path),
        "page": citation.page,
        "page_label": citation.page_label,
        "place": citation.place,
        "recognised": citation.recognised,
        "quote": citation.quote,
    }
