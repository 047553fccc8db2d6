"""The passages an answer rests on, word for word, with the quoted words marked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise, takewhile
from typing import Literal

from kb.types import BlockKind, Citation, Document, Passage
from kb.ui.markup import bulleted, count_words, date_words, page_words, prose, ranges, safe, tag, unique
from kb.ui.sources import Sources

# So much of a passage is shown above and below the quoted lines; the rest is folded away.
CONTEXT_CHARS = 240
LIBRARY_LENGTH = 12
# A cell of up to this length is kept on one line, with the number of its quote.
SHORT_CELL_CHARS = 20


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a passage: `text[start:end]`, and what kind of block it belongs to."""

    start: int
    end: int
    kind: BlockKind | Literal["header", "lead"]


@dataclass(frozen=True, slots=True)
class _Quote:
    """The marked words: `text[start:end]` of a passage under a number of the answer."""

    start: int
    end: int
    number: int
    anchor: str


def render_evidence(sources: Sources) -> str:
    """Return one card for each passage cited, in the order of the markers."""
    passages = {citation.passage.id: citation.passage for citation in sources.numbers}
    return "".join(_card(passage, sources) for passage in passages.values())


def render_library(documents: Collection[Document]) -> str:
    """Return the documents that answers can come from, the first LIBRARY_LENGTH of them by name."""
    shown = sorted(documents, key=lambda document: document.title)[:LIBRARY_LENGTH]
    items = [tag("div", safe(d.title)) + tag("p", _about(d), "about") for d in shown]
    if len(documents) > len(shown):
        items.append(f"and {len(documents) - len(shown)} more")
    return tag("ul", "".join(tag("li", item) for item in items), "library")


def _card(passage: Passage, sources: Sources) -> str:
    cited = [citation for citation in sources.numbers if citation.passage.id == passage.id]
    numbers = [sources.numbers[citation] for citation in cited]
    head = tag("span", ranges(numbers), "number") + tag("h3", safe(sources.title(cited[0])))
    document = sources.documents.get(passage.document_id)
    about = tag("p", _about(document), "about") if document else ""
    body = about + _place(passage, cited) + _quotation(passage, cited, sources)
    label = ("Sources " if len(numbers) > 1 else "Source ") + ranges(numbers)
    return tag("article", tag("header", head) + body, "source", aria_label=label)


def _about(document: Document) -> str:
    kind = "" if document.kind == "document" else document.kind.replace("-", " ")
    date, edition = document.date or "", document.edition or ""
    if date[:4] in edition:
        date = ""
    pages = count_words(document.pages, "page") if document.pages else ""
    words = unique([kind[:1].upper() + kind[1:], document.publisher or "", edition, date_words(date), pages])
    return " · ".join(safe(word) for word in words)


def _place(passage: Passage, citations: Sequence[Citation]) -> str:
    pages = unique([page_words(citation.page, citation.page_label) for citation in citations])
    section = tag("span", " › ".join(prose(heading) for heading in passage.heading_path), "section")
    return tag("p", section + tag("span", safe("; ".join(pages)), "page"), "place")


def _quotation(passage: Passage, cited: Sequence[Citation], sources: Sources) -> str:
    quotes = [_quote(citation, sources) for citation in cited]
    lines = [line for line in _lines(passage) if _quoted(line, quotes) or not _repeats(line, passage)]
    touched = [place for place, line in enumerate(lines) if _quoted(line, quotes)] or [0]
    first = touched[0] - _fitting(reversed(lines[: touched[0]]))
    last = touched[-1] + 1 + _fitting(lines[touched[-1] + 1 :])
    parts = (
        _folded(passage.text, lines[:first], "Earlier in this passage"),
        _blocks(passage.text, _with_header(lines, first, last), quotes),
        _folded(passage.text, lines[last:], "Later in this passage"),
    )
    return tag("blockquote", "".join(parts), dir="auto")


def _fitting(lines: Iterable[_Line]) -> int:
    """Return how many of the next lines are short enough to be shown as context."""
    lengths = accumulate(line.end - line.start for line in lines)
    return sum(1 for _ in takewhile(lambda length: length <= CONTEXT_CHARS, lengths))


def _with_header(lines: Sequence[_Line], first: int, last: int) -> list[_Line]:
    """Return `lines[first:last]`, with the header of the table they begin in, if any."""
    headers = [line for line in lines[:first] if line.kind == "header"]
    cut_off = headers and lines[first].kind == "table_row"
    return [*(headers[-1:] if cut_off else []), *lines[first:last]]


def _quote(citation: Citation, sources: Sources) -> _Quote:
    """Return where the quote's words stand, without the blanks around them."""
    number = sources.numbers[citation]
    start = citation.start + len(citation.quote) - len(citation.quote.lstrip())
    return _Quote(start, start + len(citation.quote.strip()), number, sources.anchor(number))


def _quoted(line: _Line, quotes: Sequence[_Quote]) -> bool:
    return any(quote.start < line.end and line.start < quote.end for quote in quotes)


def _repeats(line: _Line, passage: Passage) -> bool:
    """Return whether the line says again what is shown above: the section's name, or the lead of a list."""
    text = passage.text[line.start : line.end]
    if line.kind == "heading":
        return text in passage.heading_path
    return line.kind == "lead" and passage.text[: line.start].rstrip().endswith(text)


def _lines(passage: Passage) -> Iterator[_Line]:
    """Yield the lines that are not blank; one outside every block repeats a lead or a table's header."""
    start = 0
    for text in passage.text.split("\n"):
        end = start + len(text)
        span = next((s for s in passage.spans if s.start < end and start < s.end), None)
        if span is not None and text.strip():
            yield _Line(max(start, span.start), end, span.kind)
        elif text.strip():
            yield _Line(start, end, "header" if "\t" in text else "lead")
        start = end + 1


def _folded(text: str, lines: Sequence[_Line], label: str) -> str:
    return tag("details", tag("summary", label) + _blocks(text, lines, ())) if lines else ""


def _blocks(text: str, lines: Sequence[_Line], quotes: Sequence[_Quote]) -> str:
    """Return the lines as paragraphs, lists and tables."""
    parts: list[str] = []
    shapes = {"header": "table", "table_row": "table", "list_item": "list", "heading": "heading"}
    for shape, run in groupby(lines, key=lambda line: shapes.get(line.kind, "paragraph")):
        if shape == "table":
            rows = (_cells(text, line, quotes) for line in run)
            parts.append(tag("div", tag("table", "".join(rows)), "table"))
        elif shape == "list":
            items = list(run)
            texts = [text[line.start : line.end] for line in items]
            parts.append(bulleted(texts, [_marked(text, line.start, line.end, quotes) for line in items]))
        else:
            parts += (tag("p", _marked(text, line.start, line.end, quotes), shape) for line in run)
    return "".join(parts)


def _cells(text: str, line: _Line, quotes: Sequence[_Quote]) -> str:
    name = "th" if line.kind == "header" else "td"
    cells: list[str] = []
    start = line.start
    for cell in text[line.start : line.end].split("\t"):
        class_ = "short" if len(cell) <= SHORT_CELL_CHARS else ""
        cells.append(tag(name, _marked(text, start, start + len(cell), quotes), class_))
        start += len(cell) + 1
    return tag("tr", "".join(cells))


def _marked(text: str, start: int, end: int, quotes: Sequence[_Quote]) -> str:
    """Return `text[start:end]` escaped, the quoted parts in <mark>, each number where its quote begins."""
    edges = {edge for quote in quotes for edge in (quote.start, quote.end) if start < edge < end}
    parts: list[str] = []
    for left, right in pairwise(sorted({start, end} | edges)):
        covering = [quote for quote in quotes if quote.start <= left < quote.end]
        parts += (_number(quote) for quote in covering if quote.start == left)
        words = safe(text[left:right])
        parts.append(tag("mark", words) if covering else words)
    return "".join(parts)


def _number(quote: _Quote) -> str:
    """Return an empty element that the style sheet fills, so that copied text stays the document's."""
    return tag("span", "", "number", data_number=str(quote.number), id=quote.anchor, tabindex="-1")
