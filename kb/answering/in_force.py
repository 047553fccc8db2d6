"""Reads the marks by which a document says that a text of it is not, or not yet, in force.

A mark stands apart from the sentences: in brackets, or as the beginning of a heading
or block ("[Repealed by Order 7]", "Repealed.", "Article 3 (superseded)"). A sentence
that tells of a repeal is no mark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kb.types import Citation, Document

_WORDS = {
    "repealed": r"repealed|revoked|rescinded|abrogée?s?",
    "superseded": r"superseded|replaced by|no longer in force|withdrawn|remplacée?s? par",
    "a draft": r"draft|for consultation|projet de texte|version provisoire",
}
_MARKS = {
    said: re.compile(rf"[\[(]\s*(?:{words})\b|^\W*(?:{words})(?:\s*[.:–—-]|\s*$|\s+by\b)", re.IGNORECASE)
    for said, words in _WORDS.items()
}
_DRAFT_TITLE = re.compile(r"\bDRAFT\b|[\[(]draft\b|^draft\b|\bdraft[\])]?$", re.MULTILINE)


def mark_of(citation: Citation, document: Document | None) -> str:
    """Return what the document calls the quoted text, "repealed" say, or nothing.

    The mark may stand in the quoted block, on a heading over it, or in the document's title.
    """
    span, passage = citation.span, citation.passage
    block = passage.text[span.start : span.end] if span else citation.quote
    for said, mark in _MARKS.items():
        if any(mark.search(text) for text in (block, *passage.heading_path)):
            return said
    return "a draft" if document and _DRAFT_TITLE.search(document.title) else ""


def in_force_notes(citations: Iterable[Citation], documents: Mapping[str, Document]) -> tuple[str, ...]:
    """Return a remark for each document of which a quote is marked as not in force."""
    notes: dict[str, None] = {}
    for citation in citations:
        document = documents.get(citation.passage.document_id)
        mark = mark_of(citation, document)
        if mark and document:
            notes[f"What is quoted from {document.label} is marked there as {mark}."] = None
    return tuple(notes)
