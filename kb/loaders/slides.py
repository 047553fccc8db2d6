"""Presentations: what each slide shows in reading order, the data of its charts, and its speaker's notes.

A slide is a page. What the file hides is left out and told: hidden slides and
shapes, what lies beside a slide, and text that is struck out.
"""

from __future__ import annotations

import io
import mimetypes
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kb.errors import DamagedDocument
from kb.loaders.charts import chart_parts, diagram_parts
from kb.loaders.content import DAMAGES
from kb.loaders.lists import give_leads, label_pairs, marked_items, named_runs
from kb.loaders.metadata import clean_title
from kb.loaders.pandoc.tex import readable
from kb.loaders.pandoc.tree import label
from kb.loaders.structure import Part, squeeze
from kb.loaders.tables import table_parts

if TYPE_CHECKING:
    from lxml.etree import _Element
    from pptx.shapes.base import BaseShape
    from pptx.slide import Slide
    from pptx.table import Table

    from kb.types import BlockKind

Box: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
VERSIONS = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"

TITLES = frozenset(("TITLE", "CENTER_TITLE", "VERTICAL_TITLE"))
FURNITURE = frozenset(("DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"))
OPENING = frozenset(("title", "secHead"))  # layouts of slides below which the others stand
BULLETS = tuple(A + name for name in ("buNone", "buChar", "buBlip", "buAutoNum"))
STRUCK = "struck-out text"
SLACK = 91_440  # how far the text may lie from the edge of its box, in EMU: what programs begin with
NEAR = 0.8  # the share of the widest gap from which on another one parts too
USUAL_SIZE = 1_800  # of letters, in hundredths of a point
MAX_TITLE_WORDS = 15
FORMULAS = {
    "f": (r"\frac{%s}{%s}", "num", "den"),
    "sSup": ("%s^{%s}", "e", "sup"),
    "sSub": ("%s_{%s}", "e", "sub"),
    "rad": (r"\sqrt{%s}", "e"),
}


class Slides(NamedTuple):
    """What a presentation says; the fields are those of `kb.loaders.Content`."""

    parts: list[Part]
    pages: int
    metadata: dict[str, str]
    without_text: tuple[int, ...]
    recognised: tuple[int, ...]
    hidden: tuple[str, ...]


def load_slides(name: str, data: bytes) -> Slides:
    """Read a presentation; raises DamagedDocument if it cannot be opened.

    A slide that makes no sense is one without text, and the others are read.
    """
    from lxml.etree import LxmlError
    from pptx import Presentation
    from pptx.exc import PythonPptxError

    broken = (PythonPptxError, LxmlError, LookupError, AttributeError, TypeError, *DAMAGES)
    try:
        show = Presentation(io.BytesIO(_without_media(data)))
        slides, size = list(show.slides), (show.slide_width or 0, show.slide_height or 0)
    except broken as error:
        raise DamagedDocument(f"{name} is damaged: its slides cannot be opened; get a fresh copy.") from error
    parts: list[Part] = []
    without_text: list[int] = []
    hidden: dict[str, None] = {}
    bases: dict[tuple[int, int], list[_Element]] = {}
    for number, slide in enumerate(slides, 1):
        reader = _Reader(slide, number, size, hidden, bases)
        try:
            found = reader.read(named=bool(parts))
        except broken:
            found, reader.pictured = [], True
        parts += found
        if reader.pictured and not found:
            without_text.append(number)
    title = clean_title(show.core_properties.title)
    named = bool(parts) and parts[0].kind == "heading"
    metadata = {} if named or not title else {"title": title}
    return Slides(parts, len(slides), metadata, tuple(without_text), (), tuple(hidden))


def _without_media(data: bytes) -> bytes:
    """Return the file with its pictures, films and fonts emptied, which nobody reads here."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(kept, "w") as new:
        for name in dict.fromkeys(old.namelist()):
            new.writestr(name, old.read(name) if name.endswith((".xml", ".rels")) else b"")
    return kept.getvalue()


@dataclass
class _Reader:
    """Reads one slide; `hidden` collects what is left out, `pictured` tells that it shows pictures.

    `bases` keeps, for all slides, from which shapes of layouts and masters placeholders take their looks.
    """

    slide: Slide
    number: int
    size: tuple[int, int]
    hidden: dict[str, None]
    bases: dict[tuple[int, int], list[_Element]]
    pictured: bool = False
    parts: list[Part] = field(default_factory=list)

    def read(self, named: bool) -> list[Part]:
        """Return the parts of the slide, unless it is hidden.

        With `named`, a slide without a title gets its number for one: what it
        says would stand below the title of another one.
        """
        if self.slide.element.get("show") in ("0", "false"):
            self.hidden[f"slide {self.number}"] = None
            return []
        _choose(self.slide.element)
        shapes = [
            shape for shape in self.slide.shapes if self._is_shown(shape) and _role(shape) not in FURNITURE
        ]
        titles = [shape for shape in shapes if _role(shape) in TITLES and _says(shape)]
        shapes = self._in_order([shape for shape in shapes if shape not in titles])
        titles = titles or _set_as_title(shapes)
        level = 1 if self.slide.slide_layout.element.get("type") in OPENING else 2
        title = " ".join(self._line(shape.element) for shape in titles)
        for shape in shapes:
            if shape not in titles:
                self._shape(shape)
        shown, self.parts = self.parts, []
        if self.slide.has_notes_slide and (notes := self.slide.notes_slide.notes_placeholder):
            self._text(notes.element, [])
        spoken = [Part("heading", "Notes", level + 1), *self.parts] if self.parts else []
        if not title and named and (shown or spoken):
            title = f"Slide {self.number}"
        found = [Part("heading", title, level)] * bool(title) + [*_lists(shown), *_lists(spoken)]
        return [replace(part, page=self.number) for part in found]

    def _is_shown(self, shape: BaseShape) -> bool:
        left, top, right, bottom = self._box(shape)
        width, height = self.size
        beside = right < 0 or bottom < 0 or left > width or top > height
        if beside and _says(shape):
            self.hidden[f"text beside slide {self.number}"] = None
        return not beside and not self._is_hidden(shape)

    def _is_hidden(self, shape: BaseShape) -> bool:
        hidden = shape.element.xpath("./*/p:cNvPr")[0].get("hidden") in ("1", "true")
        if hidden and _says(shape):
            self.hidden[f"hidden text of slide {self.number}"] = None
        return hidden

    def _shape(self, shape: BaseShape) -> None:
        from pptx.oxml import parse_xml
        from pptx.shapes.graphfrm import GraphicFrame
        from pptx.shapes.group import GroupShape

        if isinstance(shape, GroupShape):
            for inner in self._in_order([inner for inner in shape.shapes if not self._is_hidden(inner)]):
                self._shape(inner)
        elif shape.has_text_frame:
            self._text(shape.element, self._styles(shape))
        elif isinstance(shape, GraphicFrame) and shape.has_table:
            self.parts += self._table(shape.table)
        elif isinstance(shape, GraphicFrame) and shape.has_chart:
            self.parts += chart_parts(shape.chart.element)
        elif (diagram := next(shape.element.iter(f"{DIAGRAM}relIds"), None)) is not None:
            self.parts += diagram_parts(parse_xml(self.slide.part.related_part(diagram.get(DATA)).blob))
        else:
            self._picture(shape)

    def _picture(self, shape: BaseShape) -> None:
        """Add what is written for those who do not see a picture; the name of its file says nothing."""
        self.pictured = True
        said = squeeze(shape.element.xpath("./*/p:cNvPr")[0].get("descr", ""))
        if said and not mimetypes.guess_type(said)[0]:
            self.parts.append(Part("paragraph", f"[image: {said}]"))

    def _table(self, table: Table) -> list[Part]:
        """Return a table's rows; a cell that spans several is written in each, but in a whole row once."""
        rows = [row.tc_lst for row in table._tbl.tr_lst if len(row.tc_lst)]
        width = max(map(len, rows), default=0)
        grid = [[""] * width for _ in rows]
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if not (cell.hMerge or cell.vMerge):
                    across = 1 if cell.gridSpan >= width else min(cell.gridSpan, width - x)
                    for line in grid[y : y + cell.rowSpan]:
                        line[x : x + across] = [self._line(cell)] * across
        top, names = next((pair for pair in enumerate(rows) if pair[1][0].gridSpan < width), (0, []))
        deep = max((max(cell.rowSpan, 1 + (cell.gridSpan > 1)) for cell in names), default=1)
        return table_parts(grid, top + deep if table.first_row else 0)

    def _text(self, holder: _Element, styles: Sequence[_Element]) -> None:
        """Add the paragraphs of a shape; those with a bullet, be it by their style, are items of a list."""
        parts: list[Part] = []
        counts: dict[int, tuple[str, int]] = {}
        for paragraph in holder.iter(f"{A}p"):
            text = squeeze(self._said(paragraph))
            if not text:
                continue
            own = paragraph.find(f"{A}pPr")
            level = int(own.get("lvl", "0")) if own is not None else 0
            bullet = _bullet(own, level, styles)
            scheme = bullet.get("type", "") if bullet is not None else ""
            before, number = counts.get(level, ("", 0))
            counts = {above: count for above, count in counts.items() if above < level}
            mark = ""
            if bullet is not None and scheme:
                number = number + 1 if before == scheme else int(bullet.get("startAt", "1"))
                counts[level] = (scheme, number)
                mark = _label(number, scheme)
            kind: BlockKind = "list_item" if bullet is not None else "paragraph"
            gap = 0 if parts else 1
            parts.append(Part(kind, f"{mark} {text}".strip(), mark=scheme or "-", indent=level, gap=gap))
        above = [part for part in self.parts[-1:] if part.kind != "list_item"]
        self.parts += give_leads([*above, *parts])[len(above) :]

    def _styles(self, shape: BaseShape) -> list[_Element]:
        """Return what says how the paragraphs of a shape look, the nearest first."""
        found = [style for look in self._looks(shape) for style in look.iter(f"{A}lstStyle")]
        kind = "bodyStyle" if shape.is_placeholder else "otherStyle"
        master = self.slide.slide_layout.slide_master.element
        return [*found, *master.iterfind(f"{P}txStyles/{P}{kind}")]

    def _looks(self, shape: BaseShape) -> list[_Element]:
        """Return a shape's element and those that it takes its looks from, the nearest first."""
        if not shape.is_placeholder:
            return [shape.element]
        key = (id(self.slide.slide_layout.part), shape.placeholder_format.idx)
        if key not in self.bases:
            self.bases[key], base = [], getattr(shape, "_base_placeholder", None)
            while base is not None:
                self.bases[key].append(base.element)
                base = getattr(base, "_base_placeholder", None)
        return [shape.element, *self.bases[key]]

    def _box(self, shape: BaseShape) -> Box:
        look = next((look for look in self._looks(shape) if look.x is not None), None)
        return (0, 0, 0, 0) if look is None else (look.x, look.y, look.x + look.cx, look.y + look.cy)

    def _in_order(self, shapes: Sequence[BaseShape]) -> list[BaseShape]:
        boxes = [self._box(shape) for shape in shapes]
        return [shapes[at] for at in in_order(dict(enumerate(boxes)))]

    def _line(self, holder: _Element) -> str:
        return squeeze(" ".join(self._said(paragraph) for paragraph in holder.iter(f"{A}p")))

    def _said(self, paragraph: _Element) -> str:
        """Return the text of a paragraph without what is struck out."""
        said = ""
        for node in paragraph:
            text = "".join(t.text or "" for t in node.iterfind(f"{A}t"))
            look = node.find(f"{A}rPr")
            if look is not None and look.get("strike", "noStrike") != "noStrike":
                self.hidden |= {STRUCK: None} if text.strip() else {}
            elif node.tag == f"{A}br":
                said += " "
            elif node.tag.endswith("}m"):
                said += readable(_formula(node))
            elif node.get("type") != "slidenum":
                said += text
        return said


def in_order(boxes: Mapping[int, Box]) -> list[int]:
    """Return the names of boxes as people read them: by rows or columns, whichever lie wider apart.

    >>> in_order({1: (50, 0, 90, 9), 2: (0, 10, 40, 19), 3: (0, 0, 40, 9), 4: (50, 10, 90, 19)})
    [3, 2, 1, 4]
    """
    gap, groups = max(_parted(boxes, axis=1), _parted(boxes, axis=0), key=itemgetter(0))
    if gap <= 0:
        return sorted(boxes, key=lambda name: (boxes[name][1], boxes[name][0]))
    return [name for group in groups for name in in_order({name: boxes[name] for name in group})]


def _parted(boxes: Mapping[int, Box], axis: int) -> tuple[float, list[list[int]]]:
    """Return the widest gap between boxes along an axis, and the groups that it and its like leave."""
    spans = sorted((*_inner(box, axis), name) for name, box in boxes.items())
    gaps: list[float] = []
    end = spans[0][1] if spans else 0.0
    for start, stop, _ in spans[1:]:
        gaps.append(start - end)
        end = max(end, stop)
    widest = max(gaps, default=0.0)
    groups: list[list[int]] = [[]]
    for gap, (_, _, name) in zip([0.0, *gaps], spans, strict=False):
        if gap > widest * NEAR:
            groups.append([])
        groups[-1].append(name)
    return widest, groups


def _inner(box: Box, axis: int) -> tuple[float, float]:
    """Return from where to where the text in a box may reach along an axis."""
    start, stop = box[axis], box[axis + 2]
    slack = min(SLACK, (stop - start) / 4)
    return start + slack, stop - slack


def _role(shape: BaseShape) -> str:
    return str(shape.placeholder_format.type.name) if shape.is_placeholder else ""


def _says(shape: BaseShape) -> str:
    """Return the words of a shape, in any order."""
    return squeeze(" ".join(text.text or "" for text in shape.element.iter(f"{A}t")))


def _set_as_title(shapes: Sequence[BaseShape]) -> list[BaseShape]:
    """Return the first shape that says something, if it is short and set larger than all the others."""
    texts = [shape for shape in shapes if _says(shape)]
    sizes = [_size(shape) for shape in texts]
    if len(texts) < 2 or sizes[0] <= max(sizes[1:]) or not texts[0].has_text_frame:
        return []
    return texts[:1] if len(_says(texts[0]).split()) <= MAX_TITLE_WORDS else []


def _size(shape: BaseShape) -> int:
    return max(map(int, shape.element.xpath(".//a:rPr/@sz | .//a:defRPr/@sz")), default=USUAL_SIZE)


def _choose(slide: _Element) -> None:
    """Put what newer programs show in the place of each choice that a slide leaves to the program."""
    for choice in list(slide.iter(f"{VERSIONS}AlternateContent")):
        above = choice.getparent()
        if above is not None:
            at = above.index(choice)
            above[at : at + 1] = list(choice[0]) if len(choice) else []


def _bullet(own: _Element | None, level: int, styles: Sequence[_Element]) -> _Element | None:
    """Return what says which bullet a paragraph has, or nothing if it has none."""
    for properties in (own, *(style.find(f"{A}lvl{level + 1}pPr") for style in styles)):
        found = None if properties is None else next(properties.iterchildren(*BULLETS), None)
        if found is not None:
            return None if found.tag == f"{A}buNone" else found
    return None


def _label(number: int, scheme: str) -> str:
    """Return the number of an item of a list.

    >>> _label(2, "arabicPeriod"), _label(2, "alphaUcParenR"), _label(4, "romanLcParenBoth")
    ('2.', 'B)', '(iv)')
    """
    case = "Upper" if "Uc" in scheme else "Lower"
    style = next((case + name.title() for name in ("alpha", "roman") if scheme.startswith(name)), "Decimal")
    delimiter = "TwoParens" if "Both" in scheme else "OneParen" if "ParenR" in scheme else "Period"
    return label(number, style, delimiter)


def _formula(node: _Element) -> str:
    """Return a formula of Office in TeX."""
    if node.tag == f"{MATHS}t":
        return node.text or ""
    form, *names = FORMULAS.get(node.tag.rpartition("}")[2], ("",))
    if names:
        return form % tuple("".join(map(_formula, node.iterfind(MATHS + name))) for name in names)
    return "".join(map(_formula, node))


def _lists(parts: Iterable[Part]) -> list[Part]:
    return give_leads(named_runs(label_pairs(marked_items(list(parts)))))
