"""Word files as people see them: WordprocessingML is made plain before pandoc reads it.

pandoc leaves out the automatic numbers of headings, what fields show, text
boxes, headers and footers, and reads what is hidden or struck out. So changes
are accepted, fields become their results, numbers become text, an outline
level makes a heading, and what people do not see, or see struck out, goes. The
element names are those of ECMA-376, part 1, chapter 17.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from kb.loaders.pandoc.numbering import Numbering
from kb.loaders.pandoc.packed import Element, members, parse, repacked, written
from kb.loaders.pandoc.seen import HIDDEN, PAGE, STRUCK, Seen, without_pages
from kb.loaders.structure import squeeze

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS = {"w": W, "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006"}
V = "{urn:schemas-microsoft-com:vml}"
RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# Of the first, the contents stay, the other ones go with all that is in them.
WRAPPERS = "ins moveTo sdt sdtContent smartTag customXml bdo dir fldSimple hyperlink".split()
GONE = "del moveFrom sdtPr sdtEndPr smartTagPr customXmlPr softHyphen".split()
FIELDS = "fldChar instrText".split()
BREAKS = {"cr": "br", "ptab": "tab"}  # as pandoc knows them
SIGNS = {"tab": " ", "br": " ", "noBreakHyphen": "-", "sym": "□"}
PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.I)
CONTENTS = re.compile(r"toc ?(?:[1-9]|heading)", re.I)
HEADING = re.compile(r"heading [1-9]", re.I)
OUTLINE = frozenset("012345678")
LEFT_OUT = {HIDDEN: ("vanish",), STRUCK: ("strike", "dstrike")}
MAX_OUTLINED = 200  # letters of a paragraph that is a heading for its outline level
NOTES = ("footnotes", "endnotes")
MARGINS = ("header", "footer")


class Package(NamedTuple):
    """The main part of a Word file, and the names of the parts that it refers to, by id and by kind."""

    main: str
    by_id: dict[str, str]
    by_kind: dict[str, str]


def plain_word(name: str, data: bytes) -> tuple[bytes, Seen]:
    """Return a Word file that pandoc reads as people see it, its margins, and what was left out."""
    package = _package(name, data)
    named = {package.main, *package.by_id.values()}
    parts = {
        part: parse(name, xml)
        for part, xml in members(name, data, frozenset(named)).items()
        if part.endswith(".xml")
    }
    if package.main not in parts:
        return data, Seen()
    styles = parts.get(package.by_kind.get("styles", ""))
    numbering = parts.get(package.by_kind.get("numbering", ""))
    word = _Word(_Styles(styles), Numbering(numbering))
    read = [package.main, *(package.by_kind[kind] for kind in NOTES if kind in package.by_kind)]
    for part in read:
        if part in parts:
            word.make_plain(parts[part])
    margins = word.margins(_shown_margins(package, parts))
    changed = {part: parts[part] for part in read if part in parts}
    if styles is not None:
        _add_headings(styles)
        changed[package.by_kind["styles"]] = styles
    if numbering is not None:
        word.numbering.make_bullets()
        changed[package.by_kind["numbering"]] = numbering
    made = repacked(name, data, {part: written(root) for part, root in changed.items()})
    return made, Seen(tuple(margins), tuple(sorted(word.left_out)))


def _package(name: str, data: bytes) -> Package:
    links = members(name, data, frozenset({"_rels/.rels"}))
    main = dict(_related(name, links.get("_rels/.rels"), "")).get(
        "officeDocument", ("", "word/document.xml")
    )[1]
    folder, base = posixpath.split(main)
    own = f"{folder}/_rels/{base}.rels".lstrip("/")
    found = list(_related(name, members(name, data, frozenset({own})).get(own), folder))
    return Package(main, {key: path for _, (key, path) in found}, {kind: path for kind, (_, path) in found})


def _related(name: str, xml: bytes | None, folder: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what a part refers to inside the file: its kind, its id and its name."""
    for link in parse(name, xml) if xml else ():
        if link.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/", folder, link.get("Target", ""))).lstrip("/")
            yield link.get("Type", "").rpartition("/")[2], (link.get("Id", ""), path)


def _shown_margins(package: Package, parts: dict[str, Element]) -> list[Element]:
    """Return the headers and footers that some page shows, in the order of the sections."""
    settings = parts.get(package.by_kind.get("settings", ""))
    even = settings is not None and _on(settings.find("w:evenAndOddHeaders", NS))
    found = []
    for section in parts[package.main].iterfind(".//w:sectPr", NS):
        shown = {"default": True, "even": even, "first": _on(section.find("w:titlePg", NS))}
        for margin in MARGINS:
            for link in section.iterfind(f"w:{margin}Reference", NS):
                part = parts.get(package.by_id.get(link.get(RELATED), ""))
                if part is not None and shown.get(_value(link, "type"), True):
                    found.append(part)
    return list(dict.fromkeys(found))


class _Styles:
    """What paragraph and character styles say, each with those that it is based on."""

    def __init__(self, root: Element | None) -> None:
        self.root = root
        styles = [] if root is None else root.findall("w:style", NS)
        self._all = {_value(style, "styleId"): style for style in styles}
        self.default = next((key for key, s in self._all.items() if _is_default(s)), "")
        self._chains: dict[str, list[str]] = {}
        self._found: dict[tuple[str, str], Element | None] = {}

    def chain(self, style: str) -> list[str]:
        """Return a style and those that it is based on, nearest first."""
        if style not in self._chains:
            found: list[str] = []
            at: str = style
            while at in self._all and at not in found:
                found.append(at)
                at = _value(self._all[at].find("w:basedOn", NS))
            self._chains[style] = found
        return self._chains[style]

    def find(self, style: str, path: str) -> Element | None:
        """Return the first element at a path in a style or those that it is based on."""
        key = (style, path)
        if key not in self._found:
            there = (self._all[one].find(path, NS) for one in self.chain(style))
            self._found[key] = next((element for element in there if element is not None), None)
        return self._found[key]

    def name(self, style: str) -> str:
        """Return what Word calls a style, in whatever language it is."""
        return _value(self._all[style].find("w:name", NS)) if style in self._all else style


def _add_headings(styles: Element) -> None:
    """Add the styles that `heading_style` names."""
    for level in sorted(OUTLINE):
        style = _child(styles, "style")
        style.set(f"{{{W}}}type", "paragraph")
        style.set(f"{{{W}}}styleId", heading_style(level))
        _child(style, "name").set(f"{{{W}}}val", f"heading {int(level) + 1}")


def heading_style(level: str) -> str:
    """Return the name of the style that makes a heading of an outline level, from 0."""
    return f"OutlineLevel{level}"


class _Word:
    """Makes the parts of one Word file plain, in place."""

    def __init__(self, styles: _Styles, numbering: Numbering) -> None:
        self.styles, self.numbering = styles, numbering
        self.left_out: set[str] = set()

    def margins(self, roots: Iterable[Element]) -> list[str]:
        """Return the texts of headers and footers, each once, and their watermarks, without page numbers."""
        found: list[str] = []
        for root in roots:
            self.make_plain(root, in_margin=True)
            for _, lines in groupby(root.iter(f"{{{W}}}p"), _row_or_self):
                found.append(without_pages(" ".join(map(_text, lines))))
            found += [squeeze(mark.get("string", "")) for mark in root.iter(f"{V}textpath")]
        return [text for text in dict.fromkeys(found) if text]

    def make_plain(self, root: Element, in_margin: bool = False) -> None:
        """Leave of a part what people see, in runs of text that stand right in their paragraphs."""
        from lxml import etree

        self._drop_rows(root)
        joined = [p for p in root.iter(f"{{{W}}}p") if _mark_is_gone(p)]
        if in_margin:
            _mark_simple_fields(root)
        gone = (f"{{{NS['mc']}}}Fallback", *_named(GONE))
        etree.strip_elements(root, *gone, with_tail=False)
        etree.strip_tags(root, *_named(WRAPPERS))
        for p in joined:
            _join_with_next(p)
        for old, new in BREAKS.items():
            for element in root.iter(f"{{{W}}}{old}"):
                element.tag = f"{{{W}}}{new}"
        for p in list(root.iter(f"{{{W}}}p")):
            _show_fields(p, in_margin)
            self._paragraph(p)
        etree.strip_elements(root, *_named(FIELDS), with_tail=False)

    def _drop_rows(self, root: Element) -> None:
        """Take out the rows of tables that are deleted or hidden, and deleted cells."""
        for mark, hidden in (("trPr/w:del", ""), ("trPr/w:hidden", HIDDEN), ("tcPr/w:cellDel", "")):
            for element in root.findall(f".//w:{mark}", NS):
                row = element.getparent().getparent()
                if _on(element) and row.getparent() is not None:
                    self.left_out.update({hidden} - {""})
                    row.getparent().remove(row)
        for table in root.findall(".//w:tbl", NS):
            if table.find(".//w:tr", NS) is None:
                table.getparent().remove(table)

    def _paragraph(self, p: Element) -> None:
        """Take out of a paragraph what is hidden or struck out; write its number; let it be a heading.

        A line of a table of contents goes, as it does from a PDF.
        """
        style = _value(p.find("w:pPr/w:pStyle", NS)) or self.styles.default
        if CONTENTS.fullmatch(self.styles.name(style)):
            p.getparent().remove(p)
            return
        before, number = _text(p), ""
        self._leave_out(p, style, HIDDEN)
        if _text(p) or not (before or _on(p.find("w:pPr/w:rPr/w:vanish", NS))):
            number = self._number(p, style)
        self._leave_out(p, style, STRUCK)
        _hoist_boxes(p)
        text = _text(p)
        if text and number:
            _write_before(p, number)
        level = p.find("w:pPr/w:outlineLvl", NS)
        outline = _value(self.styles.find(style, "w:pPr/w:outlineLvl") if level is None else level)
        known = self.styles.root is None or HEADING.fullmatch(self.styles.name(style))
        if outline in OUTLINE and not known and len(text) <= MAX_OUTLINED:
            _set_style(p, heading_style(outline))

    def _leave_out(self, p: Element, style: str, what: str) -> None:
        """Take out of a paragraph the runs that are hidden, or struck out."""
        for run in p.findall("w:r", NS):
            if any(self._is(run, style, name) for name in LEFT_OUT[what]):
                self.left_out.update({what} if _text(p, [run]) else ())
                p.remove(run)

    def _is(self, run: Element, style: str, name: str) -> bool:
        """Tell whether a run has a property: by itself, else by one of its two styles (17.7.3)."""
        path = f"w:rPr/w:{name}"
        by_style = _on(self.styles.find(style, path))
        properties = run.find("w:rPr", NS)
        if properties is None:
            return by_style
        own = properties.find(f"w:{name}", NS)
        if own is not None:
            return _on(own)
        return by_style != _on(self.styles.find(_value(properties.find("w:rStyle", NS)), path))

    def _number(self, p: Element, style: str) -> str:
        """Return what is printed before a paragraph, and count it."""
        number, level = p.find("w:pPr/w:numPr/w:numId", NS), p.find("w:pPr/w:numPr/w:ilvl", NS)
        if number is None:
            number = self.styles.find(style, "w:pPr/w:numPr/w:numId")
        if number is None:
            return ""
        linked = self.numbering.level_of(_value(number), self.styles.chain(style))
        if level is None and linked is None:
            level = self.styles.find(style, "w:pPr/w:numPr/w:ilvl")
        return self.numbering.label(_value(number), _value(level) if level is not None else linked or "0")


def _mark_is_gone(p: Element) -> bool:
    """Tell whether the end of a paragraph is deleted or moved away, so that it goes on with the next one."""
    return any(p.find(f"w:pPr/w:rPr/w:{tag}", NS) is not None for tag in ("del", "moveFrom"))


def _join_with_next(p: Element) -> None:
    after = p.getnext()
    if after is None or after.tag != p.tag:
        return
    start = 1 if after.find("w:pPr", NS) is not None else 0
    for at, child in enumerate(c for c in list(p) if c.tag != f"{{{W}}}pPr"):
        after.insert(start + at, child)
    p.getparent().remove(p)


def _mark_simple_fields(root: Element) -> None:
    """Put the sign for a page number into the fields of one element that show one."""
    for field in root.iter(f"{{{W}}}fldSimple"):
        if PAGE_FIELD.match(_value(field, "instr")):
            for old in list(field):
                field.remove(old)
            _child(_child(field, "r"), "t").text = PAGE


def _show_fields(p: Element, in_margin: bool) -> None:
    """Leave of the fields of a paragraph what they show: results, ticked boxes, chosen entries.

    A field that ends in a later paragraph counts as shown from there on.
    """
    # For each open field: whether its result has begun, its code, and the choice that it holds.
    fields: list[list[str]] = []
    for element in [element for run in p.iterfind("w:r", NS) for element in run]:
        kind = element.tag.rpartition("}")[2]
        match kind, _value(element, "fldCharType"):
            case "fldChar", "begin":
                fields.append(["", "", _choice(element)])
            case "fldChar", "separate" if fields:
                fields[-1][0] = "shown"
            case "fldChar", "end" if fields:
                shown, code, choice = fields.pop()
                page = in_margin and PAGE_FIELD.match(code)
                if (page or (choice and not shown)) and all(one[0] for one in fields):
                    sign = element.makeelement(f"{{{W}}}t")
                    sign.text = PAGE if page else choice
                    element.addprevious(sign)
            case "instrText", _ if fields:
                fields[-1][1] += element.text or ""
            case _ if kind in ("t", *SIGNS) and fields:
                if not all(one[0] for one in fields) or (in_margin and PAGE_FIELD.match(fields[-1][1])):
                    element.getparent().remove(element)


def _choice(begin: Element) -> str:
    """Return what a form's field shows that has no result: a box, or the entry chosen in a list."""
    box = begin.find("w:ffData/w:checkBox", NS)
    if box is not None:
        checked = box.find("w:checked", NS)
        return "☒" if _on(box.find("w:default", NS) if checked is None else checked) else "☐"
    entries = begin.findall("w:ffData/w:ddList/w:listEntry", NS)
    chosen = _value(begin.find("w:ffData/w:ddList/w:result", NS)) or "0"
    return _value(entries[int(chosen)]) if chosen.isdecimal() and int(chosen) < len(entries) else ""


def _hoist_boxes(p: Element) -> None:
    """Put what stands in the text boxes of a paragraph right below it."""
    last = p
    for box in list(p.iter(f"{{{W}}}txbxContent")):
        for block in list(box):
            last.addnext(block)
            last = block
        box.getparent().remove(box)


def _write_before(p: Element, number: str) -> None:
    run = p.makeelement(f"{{{W}}}r")
    sign = _child(run, "t")
    sign.text = number
    sign.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    p.insert(1 if p.find("w:pPr", NS) is not None else 0, run)


def _set_style(p: Element, style: str) -> None:
    properties = p.find("w:pPr", NS)
    if properties is None:
        properties = p.makeelement(f"{{{W}}}pPr")
        p.insert(0, properties)
    for old in properties.findall("w:pStyle", NS):
        properties.remove(old)
    properties.insert(0, properties.makeelement(f"{{{W}}}pStyle", {f"{{{W}}}val": style}))


def _child(parent: Element, tag: str) -> Element:
    child = parent.makeelement(f"{{{W}}}{tag}")
    parent.append(child)
    return child


def _named(tags: Iterable[str]) -> Iterator[str]:
    return (f"{{{W}}}{tag}" for tag in tags)


def _text(p: Element, runs: Iterable[Element] | None = None) -> str:
    """Return the text of a paragraph, or of some of its runs, without what stands in its boxes."""
    said = []
    for run in p.iterfind("w:r", NS) if runs is None else runs:
        for element in run:
            tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
            said.append(element.text or "" if tag == "t" else SIGNS.get(tag, ""))
    return squeeze("".join(said))


def _row_or_self(p: Element) -> Element:
    return next(p.iterancestors(f"{{{W}}}tr"), p)


def _value(element: Element | None, name: str = "val") -> str:
    return "" if element is None else element.get(f"{{{W}}}{name}") or ""


def _on(element: Element | None) -> bool:
    """Tell whether a property that is on or off is on."""
    return element is not None and _value(element) not in ("0", "false", "off")


def _is_default(style: Element) -> bool:
    return _value(style, "type") == "paragraph" and _value(style, "default") in ("1", "true", "on")
