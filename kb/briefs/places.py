"""Where a citation stands, in the words that a footnote and a reference list use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kb.errors import BriefError
from kb.types import Citation, Document

# "6. ", "3.2 ", "IV. ", "A. ": the number of a heading, which stands for nothing outside its document.
_NUMBERED = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.)]?|[IVXLC]+[.)]|[A-Z][.)]|[A-Z]\d+:)\s+(?=\S)")


def place(citation: Citation, document: Document) -> str:
    """Return document, section and page, as far as there are such.

    >>> from kb.types import Passage
    >>> passage = Passage("p", "d", 0, "Room MH4.", ("5. Venue",), 3, "iii", 0, 9)
    >>> place(Citation(passage, 0, 9), Document("d", "note.pdf", "Kigali note"))
    'Kigali note, section “5. Venue”, page 3 (printed iii)'
    """
    section, page = section_of(citation), page_of(citation)
    return ", ".join(
        [document.title, *([f"section “{section}”"] if section else []), *([page] if page else [])]
    )


def section_of(citation: Citation) -> str:
    """Return the headings over a citation, outermost first."""
    return " › ".join(citation.passage.heading_path)


def page_of(citation: Citation) -> str:
    """Return the page of a citation, and the number printed on it where that is another."""
    if citation.page is None:
        return ""
    label = citation.page_label
    printed = f" (printed {label})" if label and label != str(citation.page) else ""
    scanned = ", read from a scan" if citation.recognised is not None else ""
    return f"page {citation.page}{printed}{scanned}"


def reference(document: Document, citations: Iterable[Citation]) -> list[str]:
    """Return what a reference list says of a document after its title, and which of its pages are cited."""
    pages = sorted({citation.page for citation in citations if citation.page is not None})
    named = document.edition and document.edition not in document.title
    date = document.date or ""
    described = [document.edition if named else "", document.publisher or ""]
    described += [] if date[:4] in (document.edition or "") else [date]
    listed = f"Page{'s' if len(pages) > 1 else ''} {', '.join(map(str, pages))}" if pages else ""
    return [part for part in (", ".join(filter(None, described)), f"File {document.source}", listed) if part]


def cited_documents(citations: Iterable[Citation], known: Mapping[str, Document]) -> dict[str, Document]:
    """Return the documents of some citations by their ids, in the order in which they are first cited.

    Raises BriefError for one that is not known: it was removed after it was cited.
    """
    ids = dict.fromkeys(citation.passage.document_id for citation in citations)
    for key in ids:
        if key not in known:
            raise BriefError(
                f"The document {key} that an answer cites is no longer in the index; "
                "add it again, or ask the question in a new conversation."
            )
    return {key: known[key] for key in ids}


def without_number(heading: str) -> str:
    """Return a heading without its number.

    >>> without_number("4. Ensuring a Quality Cybersecurity"), without_number("A.2 pages")
    ('Ensuring a Quality Cybersecurity', 'A.2 pages')
    """
    return _NUMBERED.sub("", heading, count=1).strip().rstrip(":")
