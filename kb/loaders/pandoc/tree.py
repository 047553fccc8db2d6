"""Walks pandoc's document tree (JSON, API 1.23) into parts.

Every node is `{"t": name, "c": content}`; the contents are described at
https://hackage.haskell.org/package/pandoc-types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from kb.loaders.lists import lead_of
from kb.loaders.marks import CAPTION
from kb.loaders.pandoc.seen import HIDDEN, NOT_SHOWN, STRUCK
from kb.loaders.pandoc.tex import readable
from kb.loaders.structure import Part, last_sentence, squeeze
from kb.loaders.tables import table_parts
from kb.types import BlockKind

Node = dict[str, Any]
MAX_CAPTION_WORDS = 40
MAX_WRITTEN = 5_000  # numbers beyond are not written in letters or Roman numerals
MAX_CELL_BLOCKS = 12  # a cell with more paragraphs than this is a page
# Hyphens that keep words together look like others; soft ones, and joints of no width, are not seen.
AS_SEEN = str.maketrans({"\u2011": "-", "\u00ad": None, "\u200b": None, "\ufeff": None})
LED = frozenset(("BulletList", "OrderedList", "DefinitionList", "Table"))
QUOTES = {"SingleQuote": "‘’", "DoubleQuote": "“”"}


class Walker:
    """Collects the parts of one tree in reading order.

    The text of a footnote is a paragraph of its own below the block that it
    stands in, after its number. Every part is placed by the
    number of its paragraph: headings, paragraphs, list items and table rows
    that hold text count one each, from the top; notes and tables of contents do not.
    """

    def __init__(self, parent: Walker | None = None) -> None:
        self.parts: list[Part] = []
        self.count = 0
        self.left_out: set[str] = parent.left_out if parent else set()
        self._notes: list[list[Node]] = parent._notes if parent else []
        self._noted = 0
        self._inside = 1 if parent else 0  # so many lists, cells and the like, which notes must not part
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
                return str(content).translate(AS_SEEN)
            case "Space" | "SoftBreak" | "LineBreak":
                return " "
            case "Emph" | "Underline" | "Strong" | "Superscript" | "Subscript" | "SmallCaps":
                return self.inline(content)
            case "Quoted":
                quotes = QUOTES[content[0]["t"]]
                return quotes[0] + self.inline(content[1]) + quotes[1]
            case "Strikeout" | "Cite" | "Link" | "Span":
                return self._held(kind, content)
            case "Code":
                return str(content[1])
            case "Math":
                return readable(content[1])
            case "Image":
                return self._image(content[1])
            case "Note":
                self._notes.append(content)
        return ""

    def _image(self, nodes: list[Node]) -> str:
        alt = squeeze(self.inline(nodes))
        return f"[image: {alt}]" if alt else ""

    def _held(self, kind: str, content: list[Any]) -> str:
        """Return the text in a node; nothing, and remember it, if people do not see it as valid."""
        unseen, nodes = (STRUCK, content) if kind == "Strikeout" else ("", content[1])
        unseen = _unseen(content[0]) if kind == "Span" else unseen
        if not unseen:
            return self.inline(nodes)
        if squeeze(Walker().inline(nodes)):
            self.left_out.add(unseen)
        return ""

    # Blocks

    def blocks(self, nodes: Iterable[Node]) -> None:
        """Walk block nodes in order."""
        nodes = list(nodes)
        for node, after in zip_longest(nodes, nodes[1:]):
            walk: Callable[[Any], None] | None = getattr(self, f"_on_{node['t'].lower()}", None)
            if walk:
                walk(node.get("c"))
            led = after is not None and after["t"] in LED  # nor may notes part a list from its lead-in
            if not self._inside and not led:
                self._add_notes()

    def _add_notes(self) -> None:
        """Add the notes of the block above, each after its number; notes have none themselves."""
        waiting, self._notes[:] = self._notes[:], []
        for note in waiting:
            self._noted += 1
            text = self.cell(note)
            self.parts += [Part("paragraph", f"{self._noted} {text}")] if text else []
        self._notes.clear()

    def _add(self, part: Part, counted: int = 1) -> None:
        if part.text:
            self.parts.append(replace(part, place=self._place()))
            self.count += counted - 1

    def _place(self) -> str:
        self.count += 1
        return f"¶ {self.count}"

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
        if unseen := _unseen(content[0]):
            self.left_out.update({unseen} if Walker().cell(content[1]) else ())
        else:
            self.blocks(content[1])

    def _on_figure(self, content: list[Any]) -> None:
        before = len(self.parts)
        self.blocks(content[2])
        shown = " ".join(part.text for part in self.parts[before:])
        self._caption(content[1], shown)

    def _caption(self, caption: list[Any], shown: str = "") -> None:
        text = self.cell(caption[1])
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
        self._inside += 1
        for mark, nodes in items:
            self._item(mark, nodes, lead)
        self._inside -= 1
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
        self._add(Part("list_item", f"{mark} {text}".strip(), lead=lead), sum(map(bool, texts)))
        return ""

    def _on_definitionlist(self, items: list[list[Any]]) -> None:
        lead = self._lead()
        for term, definitions in items:
            text = " ".join(filter(None, map(self.cell, definitions)))
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
        headers = _headers(all_rows, len(head[1]), len(columns))
        grid = self._rows(all_rows, len(columns), headers)
        parts = table_parts(grid, headers)
        unled = sum(any(row) for row in grid) - len(parts)  # rows of the header, which have no part
        for part in parts:
            self.count += unled if part.kind == "table_row" else 0
            unled = 0 if part.kind == "table_row" else unled
            self._add(part)

    def _rows(self, rows: list[Any], width: int, headers: int) -> list[list[str]]:
        """Return the cells of each row; what spans rows stands in each, and over columns in a header.

        A cell over the whole width is no name of a column, and stands once.
        """
        grid = [[""] * width for _ in rows]
        taken = [[False] * width for _ in rows]
        for y, (_, cells) in enumerate(rows):
            x = 0
            for _, _, height, breadth, blocks in cells:
                text = self.cell(blocks)
                while x < width and taken[y][x]:
                    x += 1
                repeated = breadth if y < headers < len(rows) and breadth < width else 1
                for dy in range(y, min(y + height, len(rows))):
                    for dx in range(x, min(x + breadth, width)):
                        taken[dy][dx] = True
                        grid[dy][dx] = text if dx < x + repeated else ""
        return grid

    def cell(self, blocks: list[Node]) -> str:
        """Return the text of blocks on one line."""
        inner = Walker(self)
        inner.blocks(blocks)
        return squeeze(" ".join(part.text for part in inner.parts))


def _unseen(attributes: list[Any]) -> str:
    """Return what text with these attributes counts as if a page does not show it as valid, else nothing.

    >>> _unseen(["", [], [["style", "text-decoration: line-through"]]]), _unseen(["", [], [["hidden", ""]]])
    ('struck-out text', 'hidden text')
    """
    given = dict(attributes[2])
    style = given.get("style", "")
    if "hidden" in given or NOT_SHOWN.search(style):
        return HIDDEN
    return STRUCK if "line-through" in style else ""


def _headers(rows: list[Any], told: int, width: int) -> int:
    """Return how many rows are the header: as many as its tallest cell at least, if others span columns."""
    top = next((y for y, (_, cells) in enumerate(rows) if len(cells) > 1), 0)  # below titles
    first = rows[top][1] if rows else []
    grouped = any(1 < breadth < width for _, _, _, breadth, _ in first)
    return max(told, *(top + height for _, _, height, _, _ in first)) if grouped else told


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
    text = counted(number, style)
    return {"OneParen": f"{text})", "TwoParens": f"({text})"}.get(delimiter, f"{text}.")


def counted(number: int, style: str) -> str:
    """Return a number in letters or Roman numerals, if the style says so and the number has such.

    >>> counted(28, "UpperAlpha"), counted(0, "LowerRoman")
    ('BB', '0')
    """
    text = str(number)
    if style.endswith("Alpha") and 0 < number < MAX_WRITTEN:
        text = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
    elif style.endswith("Roman") and 0 < number < MAX_WRITTEN:
        text = roman(number)
    return text.upper() if style.startswith("Upper") else text


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
