"""The passages an answer rests on, a card for each: what, where, word for word, and the page as printed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kb.types import Citation, Document, Passage
from kb.ui.columns import render_columns
from kb.ui.markup import prose, ranges, safe, tag, unique
from kb.ui.pictures import picture_address
from kb.ui.quotation import render_quotation
from kb.ui.sources import Sources
from kb.ui.strings import Words

LIBRARY_LENGTH = 12


def render_evidence(sources: Sources) -> str:
    """Return one card for each passage cited, in the order of the markers."""
    passages = {citation.passage.id: citation.passage for citation in sources.numbers}
    return "".join(_card(passage, sources, place == 0) for place, passage in enumerate(passages.values()))


def render_library(documents: Collection[Document], words: Words) -> str:
    """Return the documents that answers can come from, the first LIBRARY_LENGTH of them by name."""
    shown = sorted(documents, key=lambda document: document.title)[:LIBRARY_LENGTH]
    items = [tag("div", safe(d.title)) + tag("p", _about(d, words), "about") for d in shown]
    if len(documents) > len(shown):
        items.append(safe(words("evidence.more", n=words.number(len(documents) - len(shown)))))
    return tag("ul", "".join(tag("li", item) for item in items), "library")


def _card(passage: Passage, sources: Sources, first: bool) -> str:
    words, document = sources.view.words, sources.view.documents.get(passage.document_id)
    cited = [citation for citation in sources.numbers if citation.passage.id == passage.id]
    numbers = [sources.numbers[citation] for citation in cited]
    head = tag("span", ranges(numbers), "number") + tag("h3", safe(sources.title(cited[0])))
    about = tag("p", _about(document, words), "about") if document else ""
    body = about + _place(passage, cited, words) + _columns(passage, words)
    body += render_quotation(passage, cited, sources)
    label = words("evidence.sources" if len(numbers) > 1 else "evidence.source", n=ranges(numbers))
    back = tag("a", safe(words("evidence.back")), "back", href=f"#turn{sources.turn}")
    foot = _pictures(cited, sources, first) + tag("p", back)
    return tag("article", tag("header", head) + body + foot, "source", aria_label=label)


def _about(document: Document, words: Words) -> str:
    kind = "" if document.kind == "document" else words.kind(document.kind)
    date, edition = document.date or "", document.edition or ""
    if date[:4] in edition:
        date = ""
    pages = words.count("evidence.pages", document.pages) if document.pages else ""
    said = unique([kind, document.publisher or "", edition, words.date(date), pages])
    return " · ".join(safe(word) for word in said)


def _place(passage: Passage, citations: Sequence[Citation], words: Words) -> str:
    pages = unique([words.place(citation) for citation in citations])
    section = tag("span", " › ".join(prose(heading) for heading in passage.heading_path), "section")
    return tag("p", section + tag("span", safe("; ".join(pages)), "page"), "place")


def _columns(passage: Passage, words: Words) -> str:
    """Return the names of a table's columns in full, folded up: the quote below keeps those of the file."""
    named = render_columns(passage.text, words)
    return tag("details", tag("summary", safe(words("columns.title"))) + named) if named else ""


def _pictures(cited: Sequence[Citation], sources: Sources, first: bool) -> str:
    """Return the pages as printed, the quotes on them marked; open on the first card, loaded when opened."""
    if not sources.view.pictured(cited[0].passage.document_id):
        return ""
    pages = dict.fromkeys(citation.page for citation in cited if citation.page)
    opened = {"open": ""} if first else {}
    return "".join(
        tag("details", _picture(page, cited, sources), "picture", **(opened if place == 0 else {}))
        for place, page in enumerate(pages)
    )


def _picture(page: int, cited: Sequence[Citation], sources: Sources) -> str:
    words = sources.view.words
    label = next(citation.page_label for citation in cited if citation.page == page)
    alt = words("evidence.picture_of", page=words.page(page, label), title=sources.title(cited[0]))
    address = picture_address(page, [citation for citation in cited if citation.page == page])
    image = f'<img src="{safe(address)}" alt="{safe(alt)}" loading="lazy" decoding="async">'
    return tag("summary", safe(words("evidence.picture", page=words.page(page, label)))) + image
