"""HTML inside Markdown: the tags that pandoc leaves in its tree become nodes of the kinds it has for them."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from kb.loaders.pandoc.tree import Node

NO_ATTRIBUTES: list[Any] = ["", [], []]
ALIGNED = {"t": "AlignDefault"}
STRUCK = frozenset(("s", "del", "strike"))
EMPTY = frozenset("area base br col embed hr img input link meta source track wbr".split())
BLANK = {"br": {"t": "LineBreak"}, "wbr": {"t": "Str", "c": ""}}
UNSEEN = frozenset(("script", "style", "template", "noscript", "svg"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
INNER = frozenset(("li", "tr", "td", "th", "thead", "tbody", "tfoot", "caption"))
HIDING = frozenset(("hidden", "style", "aria-hidden"))
INLINES = frozenset(
    """Str Emph Underline Strong Strikeout Superscript Subscript SmallCaps Quoted Cite Code Space SoftBreak
    LineBreak Math Link Image Note Span""".split()
)
MOST_SPANNED = 1_000  # what HTML allows, of columns


def with_elements(value: Any) -> Any:  # noqa: ANN401 - a tree is of lists, nodes and plain values
    """Return a tree, or a part of it, in which HTML elements stand for the tags that pandoc kept."""
    if isinstance(value, dict):
        return {**value, "c": with_elements(value["c"])} if "c" in value else value
    if not isinstance(value, list):
        return value
    nodes = [with_elements(node) for node in value]
    if not any(isinstance(node, dict) and node.get("t") in ("RawBlock", "RawInline") for node in nodes):
        return nodes
    builder = _Builder()
    for node in nodes:
        builder.take(node)
    return builder.done()


class _Builder(HTMLParser):
    """Puts nodes into the elements whose tags stand around them."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[tuple[str, dict[str, str], list[Node]]] = [("", {}, [])]
        self._inline = False

    def take(self, node: Node) -> None:
        """Add a node, or read the tags in it."""
        if node["t"] not in ("RawBlock", "RawInline"):
            self._open[-1][2].append(node)
        elif node["c"][0].startswith("html"):
            self._inline = node["t"] == "RawInline"
            self.feed(node["c"][1])

    def done(self) -> list[Node]:
        """Return the nodes, with elements that nothing closes closed at the end."""
        while len(self._open) > 1:
            self._leave()
        return _flat(self._open[0][2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        held = {name: value or "" for name, value in attrs}
        if tag == "img" and held.get("alt"):
            image = {"t": "Image", "c": [NO_ATTRIBUTES, [{"t": "Str", "c": held["alt"]}], ["", ""]]}
            self._open[-1][2].append(image if self._inline else {"t": "Para", "c": [image]})
        elif tag in BLANK and self._inline:
            self._open[-1][2].append(BLANK[tag])
        elif tag not in EMPTY:
            self._open.append((tag, held, []))

    def handle_endtag(self, tag: str) -> None:
        """End an element, and those in it that nothing has closed."""
        if any(name == tag for name, _, _ in self._open):
            while self._leave() != tag:
                pass

    def _leave(self) -> str:
        tag, held, nodes = self._open.pop()
        self._open[-1][2].extend(_element(tag, held, nodes))
        return tag


def _element(tag: str, held: dict[str, str], nodes: list[Node]) -> list[Node]:
    """Return what stands for an element; one that means nothing to a reader is what it holds."""
    if tag in UNSEEN:
        return []
    if tag in INNER:
        return [{"t": tag, "c": nodes, "held": held}]  # until the element around it ends
    if tag in STRUCK:
        return _struck(nodes)
    if tag in HEADINGS and not _is_inline(nodes):
        text = [inline for node in _flat(nodes) if node["t"] in ("Plain", "Para") for inline in node["c"]]
        return [{"t": "Header", "c": [int(tag[1]), NO_ATTRIBUTES, text]}]
    if tag == "table":
        return [_table(nodes)]
    items = [_blocks(node["c"]) for node in nodes if node["t"] == "li"]
    if tag == "ul" and items:
        return [{"t": "BulletList", "c": items}]
    if tag == "ol" and items:
        start = int(held["start"]) if held.get("start", "").isdecimal() and len(held["start"]) < 9 else 1
        return [{"t": "OrderedList", "c": [[start, {"t": "Decimal"}, {"t": "Period"}], items]}]
    attributes = [[name, value] for name, value in held.items() if name in HIDING]
    kind = "Span" if _is_inline(nodes) else "Div"
    return [{"t": kind, "c": [["", [], attributes], _flat(nodes)]}] if attributes else _flat(nodes)


def _is_inline(nodes: list[Node]) -> bool:
    return bool(nodes) and nodes[0]["t"] in INLINES


def _blocks(nodes: list[Node]) -> list[Node]:
    return [{"t": "Plain", "c": _flat(nodes)}] if _is_inline(nodes) else _flat(nodes)


def _flat(nodes: list[Node]) -> list[Node]:
    """Return nodes with what stands in cells, rows and items that belong to no table or list."""
    return [inner for node in nodes for inner in (_flat(node["c"]) if "held" in node else [node])]


def _struck(nodes: list[Node]) -> list[Node]:
    if _is_inline(nodes):
        return [{"t": "Strikeout", "c": nodes}]
    texts = ("Plain", "Para")
    return [{**n, "c": [{"t": "Strikeout", "c": n["c"]}]} if n["t"] in texts else n for n in _flat(nodes)]


def _table(nodes: list[Node]) -> Node:
    groups = [node for node in nodes if node["t"] in ("thead", "tbody", "tfoot")]
    groups += [{"t": "tbody", "c": nodes}]
    rows = {
        name: [_row(row) for group in groups if group["t"] == name for row in group["c"] if row["t"] == "tr"]
        for name in ("thead", "tbody", "tfoot")
    }
    width = max((sum(cell[3] for cell in row[1]) for part in rows.values() for row in part), default=0)
    caption = [block for node in nodes if node["t"] == "caption" for block in _blocks(node["c"])]
    body = [NO_ATTRIBUTES, 0, [], rows["tbody"]]
    head, foot = [NO_ATTRIBUTES, rows["thead"]], [NO_ATTRIBUTES, rows["tfoot"]]
    columns = [[ALIGNED, {"t": "ColWidthDefault"}]] * width
    return {"t": "Table", "c": [NO_ATTRIBUTES, [None, caption], columns, head, [body], foot]}


def _row(row: Node) -> list[Any]:
    cells = [node for node in row["c"] if node["t"] in ("td", "th")]
    spans = [[_spanned(cell["held"].get(name, "")) for name in ("rowspan", "colspan")] for cell in cells]
    return [
        NO_ATTRIBUTES,
        [
            [NO_ATTRIBUTES, ALIGNED, *span, _blocks(cell["c"])]
            for cell, span in zip(cells, spans, strict=True)
        ],
    ]


def _spanned(said: str) -> int:
    return min(int(said), MOST_SPANNED) if said.isdecimal() and len(said) < 9 and int(said) else 1
