"""A passage word for word: its lines as paragraphs, lists and tables, the quoted words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise, takewhile
from typing import Literal

from kb.types import BlockKind, Citation, Passage
from kb.ui.markup import bulleted, safe, tag
from kb.ui.sources import Sources

# So much of a passage is shown above and below the quoted lines; the rest is folded away.
CONTEXT_CHARS = 240
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


def render_quotation(passage: Passage, cited: Sequence[Citation], sources: Sources) -> str:
    """Return the passage around its quotes as one <blockquote>; what is far from them is folded away."""
    words = sources.view.words
    quotes = [_quote(citation, sources) for citation in cited]
    lines = [line for line in _lines(passage) if _quoted(line, quotes) or not _repeats(line, passage)]
    touched = [place for place, line in enumerate(lines) if _quoted(line, quotes)] or [0]
    first = touched[0] - _fitting(reversed(lines[: touched[0]]))
    last = touched[-1] + 1 + _fitting(lines[touched[-1] + 1 :])
    parts = (
        _folded(passage.text, lines[:first], words("evidence.earlier")),
        _blocks(passage.text, _with_header(lines, first, last), quotes),
        _folded(passage.text, lines[last:], words("evidence.later")),
    )
    return tag("blockquote", "".join(parts), dir="auto", **_language(passage, sources))


def render_whole(passage: Passage) -> str:
    """Return all of a passage as paragraphs, lists and tables, nothing marked or folded away."""
    lines = [line for line in _lines(passage) if not _repeats(line, passage)]
    return _blocks(passage.text, lines, ())


def _language(passage: Passage, sources: Sources) -> dict[str, str]:
    """Return the attribute that tells a screen reader how to pronounce the passage, if that is known."""
    document = sources.view.documents.get(passage.document_id)
    return {"lang": document.language} if document and document.language else {}


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
        kind = "short" if len(cell) <= SHORT_CELL_CHARS else ""
        cells.append(tag(name, _marked(text, start, start + len(cell), quotes), kind))
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
