"""OpenDocument texts as people see them: made plain before pandoc reads them.

pandoc leaves out most fields, text boxes, the numbers of headings, headers and
footers, and reads what is hidden, and paragraphs that are struck out as a
whole. The element names are those of OpenDocument 1.3, part 3.
"""

from __future__ import annotations

from collections.abc import Iterator

from kb.loaders.pandoc.packed import Element, members, parse, repacked, written
from kb.loaders.pandoc.seen import HIDDEN, PAGE, STRUCK, Seen, without_pages
from kb.loaders.pandoc.tree import counted
from kb.loaders.structure import squeeze

NS = {
    key: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"
    for key, name in (
        ("style", "style"),
        ("text", "text"),
        ("table", "table"),
        ("draw", "drawing"),
        ("office", "office"),
    )
}
TEXT, STYLE, TABLE = (f"{{{NS[key]}}}" for key in ("text", "style", "table"))
# The fields that show a text of their own, which pandoc knows nothing of.
FIELDS = """date time page-number page-count author-name author-initials chapter file-name template-name
    sender-firstname sender-lastname sender-initials sender-title sender-position sender-email
    sender-company sender-phone-private sender-phone-work sender-fax sender-street sender-city
    sender-postal-code sender-country sender-state-or-province variable-set variable-get
    variable-input user-field-get user-field-input expression text-input initial-creator
    creation-date creation-time description user-defined print-date print-time printed-by title
    subject keywords editing-cycles editing-duration modification-date modification-time creator
    database-display drop-down placeholder conditional-text meta meta-field measure table-formula""".split()
PAGES = ("page-number", "page-count")
SPACES = ("s", "tab", "line-break")
FORMS = {"i": "LowerRoman", "I": "UpperRoman", "a": "LowerAlpha", "A": "UpperAlpha"}


def plain_odt(name: str, data: bytes) -> tuple[bytes, Seen]:
    """Return an OpenDocument text that pandoc reads as people see it, its margins, and what was left out."""
    from lxml import etree

    found = {
        part: parse(name, xml)
        for part, xml in members(name, data, frozenset(("content.xml", "styles.xml"))).items()
    }
    content = found.get("content.xml")
    if content is None:
        return data, Seen()
    odt = _Text(list(found.values()))
    for root in found.values():
        odt.leave_out(root)
    margins = odt.margins(found.get("styles.xml"))
    odt.number_headings(content)
    _hoist_boxes(content)
    etree.strip_elements(content, f"{TEXT}label", f"{TEXT}table-of-content", with_tail=False)
    etree.strip_tags(content, *(TEXT + field for field in FIELDS))
    made = repacked(name, data, {"content.xml": written(content)})
    return made, Seen(tuple(margins), tuple(sorted(odt.left_out)))


class _Text:
    """Makes the parts of one OpenDocument text plain, in place."""

    def __init__(self, roots: list[Element]) -> None:
        self.left_out: set[str] = set()
        self._styles = {
            (style.get(f"{STYLE}family"), style.get(f"{STYLE}name")): style
            for root in reversed(roots)
            for style in root.iter(f"{STYLE}style")
        }
        outline = [level for root in roots for level in root.iter(f"{TEXT}outline-level-style")]
        self._outline = {int(level.get(f"{TEXT}level")): level for level in outline if _level(level)}

    def leave_out(self, root: Element) -> None:
        """Take out what is hidden or struck out; an empty paragraph may stay."""
        for kind, family in (("p", "paragraph"), ("h", "paragraph"), ("span", "text")):
            for element in list(root.iter(TEXT + kind)):
                name = element.get(f"{TEXT}style-name")
                line = self._trait(family, name, "text-line-through-style", STYLE)
                line = line or self._trait(family, name, "text-line-through-type", STYLE)
                if self._trait(family, name, "display", TEXT) == "none":
                    self._clear(element, HIDDEN)
                elif line not in ("", "none"):
                    self._clear(element, STRUCK)
        for element in list(root.iter(f"{TEXT}hidden-text", f"{TEXT}hidden-paragraph")):
            whole = element.tag.endswith("paragraph")
            if not whole or element.get(f"{TEXT}is-hidden") == "true":
                self._clear(element.getparent() if whole else element, HIDDEN)
        hidden = {f"{TEXT}display": ("none",), f"{TABLE}visibility": ("collapse", "filter")}
        for attribute, values in hidden.items():
            for element in [one for one in root.iter() if one.get(attribute) in values]:
                if not element.tag.startswith(STYLE):
                    self._clear(element, HIDDEN)

    def _trait(self, family: str, name: str | None, trait: str, namespace: str) -> str:
        """Return what a style says of a trait, or one that it is made from."""
        seen: set[str] = set()
        while name and name not in seen and (family, name) in self._styles:
            seen.add(name)
            style = self._styles[family, name]
            properties = style.find("style:text-properties", NS)
            said = None if properties is None else properties.get(namespace + trait)
            if said is not None:
                return str(said)
            name = style.get(f"{STYLE}parent-style-name")
        return ""

    def _clear(self, element: Element, what: str) -> None:
        if squeeze("".join(element.itertext())):
            self.left_out.add(what)
        element.clear(keep_tail=True)

    def margins(self, styles: Element | None) -> list[str]:
        """Return the texts of headers and footers, each once, without page numbers."""
        found: list[str] = []
        for page in () if styles is None else styles.iterfind(".//style:master-page", NS):
            for margin in page:
                if margin.get(f"{STYLE}display") != "false":
                    found += [without_pages("".join(_said(p))) for p in margin.iter(f"{TEXT}p", f"{TEXT}h")]
        return [text for text in dict.fromkeys(found) if text]

    def number_headings(self, content: Element) -> None:
        """Write the numbers of headings into their text, as the outline of the file says."""
        counts: dict[int, int] = {}
        for heading in content.iter(f"{TEXT}h"):
            depth = _number(heading.get(f"{TEXT}outline-level"))
            style = self._outline.get(depth)
            if (
                style is None
                or heading.get(f"{TEXT}is-list-header") == "true"
                or not squeeze("".join(_said(heading)))
            ):
                continue
            if not style.get(f"{STYLE}num-format"):
                continue
            counts = {at: number for at, number in counts.items() if at <= depth}
            counts[depth] = counts.get(depth, _number(style.get(f"{TEXT}start-value")) - 1) + 1
            first = max(1, depth - _number(style.get(f"{TEXT}display-levels")) + 1)
            number = ".".join(self._written(at, counts) for at in range(first, depth + 1))
            label = f"{style.get(f'{STYLE}num-prefix', '')}{number}{style.get(f'{STYLE}num-suffix', '')}"
            heading.text = f"{label.strip()} {heading.text or ''}"

    def _written(self, level: int, counts: dict[int, int]) -> str:
        style = self._outline.get(level)
        form = "" if style is None else style.get(f"{STYLE}num-format", "")
        return counted(counts.get(level, 1), FORMS.get(form, "Decimal"))


def _said(element: Element) -> Iterator[str]:
    """Yield the text of a paragraph of a margin, with a sign for page numbers."""
    tag = element.tag.rpartition("}")[2]
    if tag in SPACES:
        yield " "
    elif tag in PAGES:
        yield PAGE
    else:
        yield element.text or ""
        for child in element:
            yield from _said(child)
            yield child.tail or ""


def _hoist_boxes(content: Element) -> None:
    """Put what stands in text boxes right below the paragraph that they are tied to."""
    last: dict[Element, Element] = {}
    for box in list(content.iter(f"{{{NS['draw']}}}text-box")):
        outer = next((one for one in box.iterancestors() if one.tag in (f"{TEXT}p", f"{TEXT}h")), None)
        outer = box.getparent() if outer is None else outer
        for block in list(box):
            last.get(outer, outer).addnext(block)
            last[outer] = block


def _level(style: Element) -> bool:
    return style.get(f"{TEXT}level", "") in tuple("123456789")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 5 else 1
