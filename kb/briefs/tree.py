"""Pandoc's document tree, built from plain text: whatever a document says, it stays text.

No string ever becomes markup, a link, an image or raw code, because the tree holds it as words. The one raw
code is made here, from numbers: a second reference to a footnote, which Word and Markdown write each in
their own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Node: TypeAlias = dict[str, Any]
Target: TypeAlias = Literal["docx", "html", "markdown"]

API_VERSION = [1, 23, 1]
# Characters that no XML may hold, halves of characters, and those that turn the direction of the text round.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_NO_ATTRIBUTES: list[Any] = ["", [], []]
_DEFAULT_COLUMN = [{"t": "AlignLeft"}, {"t": "ColWidthDefault"}]


def clean(text: str) -> str:
    r"""Return a text in one line, without characters that no office file can hold.

    >>> clean("a\x00b\tc\n\u202ed")
    'ab c d'
    """
    return " ".join(_UNFIT.sub("", text).split())


def words(text: str) -> list[Node]:
    """Return a text as words and spaces."""
    nodes: list[Node] = []
    for word in clean(text).split(" "):
        nodes += [{"t": "Space"}, {"t": "Str", "c": word}]
    return nodes[1:] if any(node.get("c") for node in nodes) else []


def emphasised(text: str) -> Node:
    """Return a text in italics."""
    return {"t": "Emph", "c": words(text)}


def paragraph(inlines: Sequence[Node]) -> Node:
    """Return a paragraph."""
    return {"t": "Para", "c": list(inlines)}


def heading(level: int, text: str) -> Node:
    """Return a heading; 1 is the title."""
    return {"t": "Header", "c": [level, _NO_ATTRIBUTES, words(text)]}


def quotation(blocks: Sequence[Node]) -> Node:
    """Return blocks set off as quoted."""
    return {"t": "BlockQuote", "c": list(blocks)}


def connecting(text: str, target: Target) -> list[Node]:
    """Return a line that introduces what follows, and in Word stays on its page."""
    line = paragraph(words(text))
    styled = {"t": "Div", "c": [["", [], [["custom-style", "Connecting Line"]]], [line]]}
    return [styled] if target == "docx" else [line]


def bullets(items: Iterable[Sequence[Node]]) -> Node:
    """Return a list without numbers; each item is a sequence of inlines."""
    return {"t": "BulletList", "c": [[{"t": "Plain", "c": list(item)}] for item in items]}


def numbered(items: Iterable[Sequence[Node]], first: int = 1) -> Node:
    """Return a list with numbers from `first`; each item is a sequence of inlines."""
    style = [first, {"t": "Decimal"}, {"t": "Period"}]
    return {"t": "OrderedList", "c": [style, [[{"t": "Plain", "c": list(item)}] for item in items]]}


def table(
    header: Sequence[Sequence[Node]], rows: Iterable[Sequence[Sequence[Node]]], widths: Sequence[float] = ()
) -> Node:
    """Return a table; each cell is a sequence of inlines, `widths` are shares of the line."""
    columns = [[{"t": "AlignLeft"}, {"t": "ColWidth", "c": width}] for width in widths]
    return {
        "t": "Table",
        "c": [
            _NO_ATTRIBUTES,
            [None, []],
            columns or [_DEFAULT_COLUMN] * len(header),
            [_NO_ATTRIBUTES, [_row(header)]],
            [[_NO_ATTRIBUTES, 0, [], [_row(row) for row in rows]]],
            [_NO_ATTRIBUTES, []],
        ],
    }


def _row(cells: Sequence[Sequence[Node]]) -> list[Any]:
    plain = [[{"t": "Plain", "c": list(cell)}] if cell else [] for cell in cells]
    return [_NO_ATTRIBUTES, [[_NO_ATTRIBUTES, {"t": "AlignDefault"}, 1, 1, blocks] for blocks in plain]]


def remark(blocks: Sequence[Node], target: Target) -> list[Node]:
    """Return blocks in the small style of remarks, as far as the format has styles."""
    if target == "markdown":
        return list(blocks)
    attributes = ["", ["remark"], [["custom-style", "Remark"]] if target == "docx" else []]
    return [{"t": "Div", "c": [attributes, list(blocks)]}]


def document(blocks: Sequence[Node], **metadata: str) -> Node:
    """Return the whole tree."""
    meta = {name: {"t": "MetaString", "c": clean(value)} for name, value in metadata.items() if value}
    return {"pandoc-api-version": API_VERSION, "meta": meta, "blocks": list(blocks)}


@dataclass(slots=True)
class Notes:
    """Footnotes of one document: each text once, and further references to the same number."""

    target: Target
    numbers: dict[str, int] = field(default_factory=dict)

    def mark(self, texts: Iterable[str]) -> list[Node]:
        """Return the marks of some footnotes, in order, a comma between them."""
        marks: list[Node] = []
        for text in dict.fromkeys(map(clean, texts)):
            if marks and self.target != "markdown":
                marks.append({"t": "Superscript", "c": [{"t": "Str", "c": ","}]})
            marks.append(self._again(self.numbers[text]) if text in self.numbers else self._first(text))
        return marks

    def _first(self, text: str) -> Node:
        number = self.numbers[text] = len(self.numbers) + 1
        note: Node = {"t": "Note", "c": [paragraph(words(text))]}
        # Word finds the note of a further reference by this bookmark.
        return {"t": "Span", "c": [[f"note{number}", [], []], [note]]} if self.target == "docx" else note

    def _again(self, number: int) -> Node:
        if self.target == "markdown":
            return {"t": "RawInline", "c": ["markdown", f"[^{number}]"]}
        if self.target == "html":
            mark: Node = {"t": "Superscript", "c": [{"t": "Str", "c": str(number)}]}
            return {"t": "Link", "c": [["", ["footnote-ref"], []], [mark], [f"#fn{number}", ""]]}
        parts = (
            '<w:fldChar w:fldCharType="begin"/>',
            f'<w:instrText xml:space="preserve"> NOTEREF note{number} \\f \\h </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            f"<w:t>{number}</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
        runs = (f'<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>{part}</w:r>' for part in parts)
        return {"t": "RawInline", "c": ["openxml", "".join(runs)]}
