"""A brief on the page: what its files say, in the same order, each footnote with its passage and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kb.briefs import Brief
from kb.briefs.layout import brief_tree, note_text
from kb.briefs.tree import Node, clean
from kb.types import Citation
from kb.ui.markup import safe, tag
from kb.ui.pictures import picture_address
from kb.ui.quotation import render_quotation
from kb.ui.sources import Sources, View

# The title of a brief stands below the name of the page and that of the tab.
LEVELS_ABOVE = 2
# The numbers of quotes begin anew at each footnote; so many apart, no two quotes share an anchor.
APART = 1000


def render_preview(brief: Brief, view: View) -> str:
    """Return a brief as HTML, its footnotes below: all of it words, none of it markup."""
    blocks = brief_tree(brief, "html")["blocks"]
    texts, cited = list(_note_texts(blocks)), _by_note(brief)
    body = _Page(view, texts).blocks(blocks)
    notes = "".join(_note(n, text, cited[text], view) for n, text in enumerate(texts, 1))
    heading = tag(f"h{LEVELS_ABOVE + 2}", safe(view.words("brief.notes")))
    return tag("article", body, "written", lang="en") + tag(
        "section", heading + tag("ol", notes), "footnotes"
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """Writes the tree of a brief as HTML; `notes` are the texts of its footnotes, no two of them alike."""

    view: View
    notes: Sequence[str]

    def blocks(self, nodes: Iterable[Node]) -> str:
        return "".join(map(self._block, nodes))

    def _block(self, node: Node) -> str:
        content = node["c"]
        match node["t"]:
            case "Header":
                level = content[0] + LEVELS_ABOVE
                focus = {"tabindex": "-1"} if content[0] == 1 else {}
                return tag(f"h{level}", self._inlines(content[2]), **focus)
            case "Plain":
                return self._inlines(content)
            case "Para":
                return tag("p", self._inlines(content))
            case "BlockQuote":
                return tag("blockquote", self.blocks(content))
            case "BulletList":
                return tag("ul", self._items(content))
            case "OrderedList":
                return tag("ol", self._items(content[1]), start=str(content[0][0]))
            case "Div":
                return tag("div", self.blocks(content[1]), " ".join(content[0][1]))
            case "Table":
                return self._table(content)
            case kind:
                raise ValueError(f"The page cannot show a {kind} of a brief.")

    def _items(self, items: Iterable[Sequence[Node]]) -> str:
        return "".join(tag("li", self.blocks(item)) for item in items)

    def _table(self, content: Sequence[Any]) -> str:
        [header], [[_, _, _, rows]] = content[3][1], content[4]
        head = self._row(header, "th", scope="col")
        # Headers without a word would only be read out as blanks.
        named = tag("thead", head) if any(cell[4] for cell in header[1]) else ""
        return tag("table", named + tag("tbody", "".join(self._row(row, "td") for row in rows)))

    def _row(self, row: Sequence[Any], cell: str, **given: str) -> str:
        return tag("tr", "".join(tag(cell, self.blocks(part[4]), **given) for part in row[1]))

    def _inlines(self, nodes: Iterable[Node]) -> str:
        return "".join(map(self._inline, nodes))

    def _inline(self, node: Node) -> str:
        match node["t"]:
            case "Space":
                return " "
            case "Str":
                return safe(node["c"])
            case "Emph":
                return tag("em", self._inlines(node["c"]))
            case "Note":
                number = self.notes.index(_text(node)) + 1
                return self._marker(number, id=_mark_id(number))
            case "Link":
                return self._marker(int(node["c"][2][0].removeprefix("#fn")))
            case "Superscript":  # The comma between two marks, which brackets keep apart here.
                return ""
            case kind:
                raise ValueError(f"The page cannot show a {kind} of a brief.")

    def _marker(self, number: int, **given: str) -> str:
        label = self.view.words("evidence.marker", n=number, place=self.notes[number - 1])
        href = f"#{_note_id(number)}"
        return tag("sup", tag("a", f"[{number}]", "marker", href=href, aria_label=label, **given), "markers")


def _note_texts(tree: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a tree
    """Yield the texts of the footnotes in order; a mark may refer to one that comes only after it."""
    if isinstance(tree, dict):
        if tree["t"] == "Note":
            yield _text(tree)
        yield from _note_texts(tree.get("c"))
    elif isinstance(tree, list):
        for part in tree:
            yield from _note_texts(part)


def _text(note: Node) -> str:
    [block] = note["c"]
    return "".join(node.get("c", " ") for node in block["c"])


def _note_id(number: int) -> str:
    return f"brief-note{number}"


def _mark_id(number: int) -> str:
    return f"brief-mark{number}"


def _by_note(brief: Brief) -> Mapping[str, list[Citation]]:
    """Return the citations by the text of the footnote that they have, with or without the quote."""
    found: dict[str, list[Citation]] = {}
    for citation in brief.citations:
        document = brief.documents[citation.passage.document_id]
        for quote in (False, True):
            found.setdefault(clean(note_text(citation, document, quote=quote)), []).append(citation)
    return found


def _note(number: int, text: str, cited: Sequence[Citation], view: View) -> str:
    """Return a footnote: the place, the way back, and folded away the passage and the page as printed."""
    label = view.words("brief.back", n=number)
    back = tag("a", "↩", "back", href=f"#{_mark_id(number)}", aria_label=label, title=label)
    place = tag("span", safe(text), lang="en")
    parts = f"{place} {back}" + _passages(number, cited, view) + _picture(cited, view)
    return tag("li", parts, id=_note_id(number), tabindex="-1")


def _passages(number: int, cited: Sequence[Citation], view: View) -> str:
    sources = Sources(0, {citation: APART * number + at for at, citation in enumerate(cited)}, view)
    passages = dict.fromkeys(citation.passage for citation in cited)
    quotations = (
        render_quotation(passage, [citation for citation in cited if citation.passage == passage], sources)
        for passage in passages
    )
    return tag("details", tag("summary", safe(view.words("brief.passage"))) + "".join(quotations), "passage")


def _picture(cited: Sequence[Citation], view: View) -> str:
    """Return the page as printed, its quotes marked, where it can be drawn; it is fetched when opened."""
    first = cited[0]
    if first.page is None or not view.pictured(first.passage.document_id):
        return ""
    page = view.words.page(first.page, first.page_label)
    alt = view.words("evidence.picture_of", page=page, title=view.documents[first.passage.document_id].title)
    source = safe(picture_address(first.page, cited))
    image = f'<img src="{source}" alt="{safe(alt)}" loading="lazy" decoding="async">'
    return tag("details", tag("summary", safe(view.words("evidence.picture", page=page))) + image, "picture")
