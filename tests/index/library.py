"""Documents and passages to fill an index with in tests."""

from __future__ import annotations

from collections.abc import Sequence

from kb.types import Changes, Document, Passage, Span
from tests.fakes import HashedEmbedder

EMBEDDER = HashedEmbedder()


def document(name: str, source: str | None = None, title: str = "") -> Document:
    return Document(name, source or f"{name}.pdf", title or f"Title of {name}", audience=("cdo",), pages=3)


def passage(document_id: str, ordinal: int, text: str, *path: str) -> Passage:
    spans = (Span(0, len(text), "paragraph", ordinal + 1, "ii"),)
    place = (path or ("Chapter",), ordinal + 1, "ii", 10 * ordinal, 10 * ordinal + len(text))
    return Passage(f"{document_id}/{ordinal}", document_id, ordinal, text, *place, spans)


def adding(*pairs: tuple[Document, Sequence[Passage]], remove: Sequence[str] = ()) -> Changes:
    passages = tuple(passage for _, passages in pairs for passage in passages)
    return Changes(
        remove=tuple(remove),
        add=tuple(document for document, _ in pairs),
        passages=passages,
        vectors=EMBEDDER.encode([passage.text for passage in passages]),
        keys=tuple(f"key of {passage.text}" for passage in passages),
    )


NOTE = (
    document("note", "note.docx", "Workshop note"),
    [
        passage("note", 0, "The workshop on data governance takes place in Kigali.", "1. Venue"),
        passage("note", 1, "Room MH4 is reserved on the second day.", "1. Venue"),
        passage(
            "note",
            2,
            "Data governance rests on four pillars: policy, institutions, people, process.",
            "2. Pillars",
        ),
        passage("note", 3, "A coach leaves the venue at 17:00.", "1. Venue"),
    ],
)
GUIDE = (
    document("guide", "guide.pdf", "Survey guide"),
    [
        passage("guide", 0, "The survey rates online services by five subindices.", "Method"),
        passage(
            "guide", 1, "Governing data well needs classified data sets and standards for data.", "Advice"
        ),
    ],
)
