"""Walks pandoc's document tree (JSON, API 1.23) into parts.

Every node is `{"t": name, "c": content}`; the contents are described at
https://hackage.haskell.org/package/pandoc-types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kb.loaders.lists import lead_of
from kb.loaders.marks import CAPTION
from kb.loaders.pandoc.tex import readable
from kb.loaders.structure import Part, last_sentence, squeeze
from kb.loaders.tables import table_parts
from kb.types import BlockKind

Node = dict[str, Any]
MAX_CAPTION_WORDS = 40
MAX_CELL_BLOCKS = 12  # a cell with more paragraphs than this is a page
QUOTES = {"SingleQuote": "‘’", "DoubleQuote": "“”"}


class Walker:
    """Collects the parts of one tree in reading order."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self._item_text = ""  # of the list item that is being walked

    # Inlines

    def inline(self, nodes: Iterable[Node]) -> str:
        """Return the text of inline nodes; white space is left as it comes."""
        return "".join(self._one(node) for node in nodes)

    def _one(self, node: Node) -> str:
        kind: str = node["t"]
        content: Any = node.get("c")
        match kind:
            case "Str":
                return str(content)
            case "Space" | "SoftBreak" | "LineBreak":
                return " "
            case "Emph" | "Underline" | "Strong" | "Strikeout" | "Superscript" | "Subscript" | "SmallCaps":
                return self.inline(content)
            case "Quoted":
                quotes = QUOTES[content[0]["t"]]
                return quotes[0] + self.inline(content[1]) + quotes[1]
            case "Cite" | "Link" | "Span":
                return self.inline(content[1])
            case "Code":
                return str(content[1])
            case "Math":
                return readable(content[1])
            case "Image":
                alt = squeeze(self.inline(content[1]))
                return f"[image: {alt}]" if alt else ""
            case "Note":
                return self._note(content)
        return ""

    def _note(self, blocks: list[Node]) -> str:
        inner = Walker()
        inner.blocks(blocks)
        text = " ".join(part.text for part in inner.parts)
        return f" [{text}]" if text else ""

    # Blocks

    def blocks(self, nodes: Iterable[Node]) -> None:
        """Walk block nodes in order."""
        for node in nodes:
            walk: Callable[[Any], None] | None = getattr(self, f"_on_{node['t'].lower()}", None)
            if walk:
                walk(node.get("c"))

    def _add(self, part: Part) -> None:
        if part.text:
            self.parts.append(part)

    def _on_para(self, nodes: list[Node]) -> None:
        text = squeeze(self.inline(nodes))
        short = len(text.split()) <= MAX_CAPTION_WORDS
        strong = {node["t"] for node in nodes} <= {"Strong", "Underline", "Space", "LineBreak"}
        kind: BlockKind = "caption" if short and CAPTION.match(text) else "paragraph"
        self._add(Part(kind, text, mark="bold" if strong else ""))

    _on_plain = _on_para

    def _on_lineblock(self, lines: list[list[Node]]) -> None:
        self._add(Part("paragraph", squeeze(" ".join(self.inline(line) for line in lines))))

    def _on_codeblock(self, content: list[Any]) -> None:
        self._add(Part("paragraph", content[1].strip("\n")))

    def _on_blockquote(self, nodes: list[Node]) -> None:
        self.blocks(nodes)

    def _on_header(self, content: list[Any]) -> None:
        self._add(Part("heading", squeeze(self.inline(content[2])), content[0]))

    def _on_div(self, content: list[Any]) -> None:
        self.blocks(content[1])

    def _on_figure(self, content: list[Any]) -> None:
        before = len(self.parts)
        self.blocks(content[2])
        shown = " ".join(part.text for part in self.parts[before:])
        self._caption(content[1], shown)

    def _caption(self, caption: list[Any], shown: str = "") -> None:
        inner = Walker()
        inner.blocks(caption[1])
        text = squeeze(" ".join(part.text for part in inner.parts))
        if text and text not in shown:
            self._add(Part("caption", text))

    def _on_bulletlist(self, items: list[list[Node]]) -> None:
        self._list([("", item) for item in items])

    def _on_orderedlist(self, content: list[Any]) -> None:
        (start, style, delimiter), items = content
        labels = [label(start + n, style["t"], delimiter["t"]) for n in range(len(items))]
        self._list(list(zip(labels, items, strict=True)))

    def _list(self, items: list[tuple[str, list[Node]]]) -> None:
        lead, parent = self._lead(), self._item_text
        for mark, nodes in items:
            self._item(mark, nodes, lead)
        self._item_text = parent

    def _lead(self) -> str | None:
        """Return what introduces a list here: the item it stands in, or the paragraph above."""
        if self._item_text:
            return last_sentence(self._item_text)
        before = self.parts[-1] if self.parts else None
        if before and before.kind == "list_item":
            return last_sentence(before.text) if before.text.endswith(":") else before.lead
        return lead_of(before, adjacent=True) if before else None

    def _item(self, mark: str, nodes: list[Node], lead: str | None) -> None:
        """Add an item; its paragraphs are one part, lists and tables inside it parts of their own."""
        texts: list[str] = []
        for node in nodes:
            if node["t"] in ("Para", "Plain"):
                texts.append(squeeze(self.inline(node["c"])))
                continue
            mark = self._flush(mark, texts, lead)
            self.blocks([node])
            texts = []
        self._flush(mark, texts, lead)

    def _flush(self, mark: str, texts: list[str], lead: str | None) -> str:
        text = " ".join(text for text in texts if text)
        if not text:
            return mark
        self._item_text = text
        self._add(Part("list_item", f"{mark} {text}".strip(), lead=lead))
        return ""

    def _on_definitionlist(self, items: list[list[Any]]) -> None:
        lead = self._lead()
        for term, definitions in items:
            inner = Walker()
            for definition in definitions:
                inner.blocks(definition)
            text = " ".join(part.text for part in inner.parts)
            self._add(Part("list_item", f"{squeeze(self.inline(term))}: {text}", lead=lead))

    def _on_table(self, content: list[Any]) -> None:
        _, caption, columns, head, bodies, foot = content
        self._caption(caption)
        all_rows = [*head[1], *(row for body in bodies for row in body[2] + body[3]), *foot[1]]
        if _is_layout(all_rows, len(columns), bool(head[1])):
            for _, cells in all_rows:
                for cell in cells:
                    self.blocks(cell[4])
            return
        grid = self._rows(all_rows, len(columns))
        self.parts += table_parts(grid, len(head[1]))

    def _rows(self, rows: list[Any], width: int) -> list[list[str]]:
        """Return the cells of each row; a cell that spans rows or columns is written in each of its first."""
        grid = [[""] * width for _ in rows]
        taken = [[False] * width for _ in rows]
        for y, (_, cells) in enumerate(rows):
            x = 0
            for _, _, height, breadth, blocks in cells:
                while x < width and taken[y][x]:
                    x += 1
                for dy in range(y, min(y + height, len(rows))):
                    for dx in range(x, min(x + breadth, width)):
                        taken[dy][dx] = True
                    if x < width:
                        grid[dy][x] = self.cell(blocks)
        return grid

    def cell(self, blocks: list[Node]) -> str:
        """Return the text of blocks on one line."""
        inner = Walker()
        inner.blocks(blocks)
        return squeeze(" ".join(part.text for part in inner.parts))


def _is_layout(rows: list[Any], width: int, has_head: bool) -> bool:
    """Tell whether a table only arranges a page: one column, or whole texts in its cells."""
    filled = [cell[4] for _, cells in rows for cell in cells if cell[4]]
    kinds = {block["t"] for blocks in filled for block in blocks}
    longest = max(map(len, filled), default=0)
    nested = "Table" in kinds and len(filled) <= 2
    return (width == 1 and not has_head) or nested or "Header" in kinds or longest > MAX_CELL_BLOCKS


def label(number: int, style: str, delimiter: str) -> str:
    """Return what stands before an item of an ordered list.

    >>> label(2, "LowerAlpha", "OneParen"), label(4, "UpperRoman", "TwoParens"), label(3, "Decimal", "Period")
    ('b)', '(IV)', '3.')
    """
    match style:
        case "LowerAlpha" | "UpperAlpha":
            text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        case "LowerRoman" | "UpperRoman":
            text = roman(number)
        case _:
            text = str(number)
    text = text.upper() if style.startswith("Upper") else text
    return {"OneParen": f"{text})", "TwoParens": f"({text})"}.get(delimiter, f"{text}.")


def roman(number: int) -> str:
    """Return a number in small Roman numerals.

    >>> roman(14)
    'xiv'
    """
    text = ""
    for value, mark in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        "m cm d cd c xc l xl x ix v iv i".split(),
        strict=True,
    ):
        text += mark * (number // value)
        number %= value
    return text
