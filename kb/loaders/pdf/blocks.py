"""From the lines of a PDF to paragraphs, headings, list items, captions and table rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from kb.loaders.lists import give_leads, label_pairs, named_runs
from kb.loaders.marks import CAPTION, Mark, read_mark
from kb.loaders.pdf.furniture import Page
from kb.loaders.pdf.headings import Style, heading_levels, letters_of
from kb.loaders.pdf.layout import Line, mean_sure, read_lines
from kb.loaders.pdf.outline import Bookmark
from kb.loaders.pdf.tables import Table
from kb.loaders.structure import Part, join_lines, squeeze, vocabulary_of
from kb.types import Turned

ENDED = re.compile(r"[.!?:;…][\"'”’)\]]*\s*[\d¹²³⁴-⁹]{0,2}$")
BOX = re.compile(r"\[[x ]\] ")  # of a form, ticked or not
MAX_CAPTION_WORDS = 40
FEW_LETTERS = 300
MAX_NOTES = 3  # that stand below a table which goes on over the page
LOOK_BACK = 8  # blocks between a page's last paragraph and what it goes on with: notes, tables, captions


@dataclass(slots=True)
class Chunk:
    """Lines that belong together, or a table; `turned` says before which lines another page begins."""

    lines: list[Line]
    page: Page
    mark: Mark
    table: Table | None = None
    alone: bool = False
    turned: list[tuple[int, Page]] = field(default_factory=list)

    def add(self, line: Line, page: Page) -> None:
        """Add a line, which may stand on a later page."""
        if page is not (self.turned[-1][1] if self.turned else self.page):
            self.turned.append((len(self.lines), page))
        self.lines.append(line)

    def turns(self, text: str, vocabulary: frozenset[str]) -> tuple[Turned, ...]:
        """Return where the text goes on to other pages: what stands there ends the text."""
        rests = [
            squeeze(join_lines([line.text for line in self.lines[at:]], vocabulary)) for at, _ in self.turned
        ]
        return tuple(
            (len(text) - len(rest), page.number, page.label)
            for rest, (_, page) in zip(rests, self.turned, strict=True)
        )

    def style(self, text: str) -> Style:
        """Return how the lines, whose `text` is given, are set."""
        return Style(self.lines[0].height, all(line.bold for line in self.lines), text.isupper())

    def text(self, vocabulary: frozenset[str]) -> str:
        """Return the lines joined, words broken at a line's end put together."""
        return squeeze(join_lines([line.text for line in self.lines], vocabulary))


def read_parts(pages: Sequence[Page], bookmarks: Sequence[Bookmark]) -> list[Part]:
    """Return the parts of a whole document from its pages, furniture already removed."""
    placed: list[tuple[Page, list[Line | Table]]] = []
    for page in pages:
        last = placed[-1][1][-1] if placed and placed[-1][1] else None
        placed.append((page, read_lines(page, last if isinstance(last, Table) else None)))
    lines = [line for _, found in placed for line in found if isinstance(line, Line)]
    tables = [table for _, found in placed for table in found if isinstance(table, Table)]
    vocabulary = vocabulary_of(line.text for line in lines)
    titles: dict[int, set[str]] = {}
    for bookmark in bookmarks:
        titles.setdefault(bookmark.page, set()).add(letters_of(bookmark.title))
    chunks = _chunks(placed, _leading(lines), titles)
    texts = [chunk.text(vocabulary) for chunk in chunks]
    styles = [chunk.style(text) if chunk.lines else None for chunk, text in zip(chunks, texts, strict=True)]
    candidates = list(zip(texts, styles, (chunk.page.number for chunk in chunks), strict=True))
    levels = heading_levels(candidates, bookmarks, _body_height(lines, tables))
    parts: list[Part] = []
    header: list[str] = []
    before: Chunk | None = None
    for chunk, text, level in zip(chunks, texts, levels, strict=True):
        if chunk.table is not None:
            header = _header(chunk.table, header, _goes_on_with(chunk, before, parts))
            before = chunk
            parts += _table_parts(chunk, header)
        elif text:
            part = _part(chunk, text, level)
            parts.append(replace(part, turns=chunk.turns(part.text, vocabulary)))
    return give_leads(named_runs(label_pairs(parts)))


def _body_height(lines: Iterable[Line], tables: Iterable[Table]) -> float:
    """Return the height of most letters of the document, or of its tables where it has little else."""
    heights: Counter[float] = Counter()
    for line in lines:
        heights[round(line.height * 2) / 2] += len(line.text)
    if heights.total() < FEW_LETTERS:
        for table in tables:
            heights[round(table.letters * 2) / 2] += sum(len(cell) for row in table.rows for cell in row)
    return heights.most_common(1)[0][0] if heights else 10.0


def _leading(lines: Sequence[Line]) -> float:
    """Return the usual distance of lines within a paragraph, as a multiple of their height."""
    steps: Counter[float] = Counter()
    for above, below in pairwise(lines):
        step = (below.top - above.top) / max(above.height, 1)
        if above.left == below.left and abs(above.height - below.height) < 0.6 and 0.7 < step < 2.5:
            steps[round(step, 1)] += len(below.text)
    return steps.most_common(1)[0][0] if steps else 1.2


def _chunks(
    placed: Iterable[tuple[Page, list[Line | Table]]], leading: float, titles: Mapping[int, set[str]]
) -> list[Chunk]:
    """Group lines; a line that a bookmark names stands alone."""
    chunks: list[Chunk] = []
    for page, found in placed:
        for item in found:
            if isinstance(item, Table):
                chunks += _around_table(item, page)
                continue
            before = chunks[-1] if chunks else None
            if page.number in titles and letters_of(item.text) in titles[page.number]:
                chunks.append(Chunk([item], page, Mark(), alone=True))
                continue
            if before and before.alone:
                before = None
            if before and before.page is page and _same_column(before, item):
                if _goes_on(before, item, leading):
                    before.lines.append(item)
                    continue
            elif open_ := _left_open(chunks, item, page):
                open_.add(item, page)
                continue
            chunks.append(Chunk([item], page, read_mark(item.text)[0]))
    return chunks


def _around_table(table: Table, page: Page) -> Iterator[Chunk]:
    """Yield a table with its caption above and its remarks below."""
    edge = (table.x0, table.top, table.x1, table.top + 10)
    if table.caption:
        yield Chunk([Line(table.caption, *edge, False, table.x0, table.x1)], page, Mark())
    yield Chunk([], page, Mark(), table)
    for note in table.notes:
        yield Chunk([Line(note, *edge, False, table.x0, table.x1)], page, Mark())


def _same_column(chunk: Chunk, line: Line) -> bool:
    last = chunk.lines[-1] if chunk.lines else None
    return last is not None and (last.left, last.right) == (line.left, line.right) and line.top > last.top - 2


def _goes_on(chunk: Chunk, line: Line, leading: float) -> bool:
    """Tell whether a line goes on with the block above it in the same column."""
    first, last = chunk.lines[0], chunk.lines[-1]
    if abs(line.height - last.height) > 0.08 * last.height and not _small_start(last, line):
        return False
    if line.top - last.top > (leading + 0.3) * max(line.height, last.height):
        return False
    if last.bold != line.bold and not (last.bold and (last.full or chunk.mark.style)):
        return False
    if BOX.match(line.text) or _begins_item(chunk, line) or CAPTION.match(line.text):
        return False
    if chunk.mark.style:
        return line.x0 > first.x0 - 2 and (line.x0 > first.x0 + 2 or last.full or not ENDED.search(last.text))
    if line.x0 > last.x0 + 0.8 * line.height and abs(last.x0 - line.left) < 4 and len(chunk.lines) > 1:
        return False  # the indented first line of a paragraph
    starts_new = ENDED.search(last.text) and not line.text[:1].islower()
    return not (starts_new and last.x1 < last.right - 0.25 * (last.right - last.left))


def _small_start(last: Line, line: Line) -> bool:
    """Tell whether only a raised figure or sign changes the height of a line."""
    return (last.text[:1].isdigit() or line.text[:1].isdigit()) and abs(
        line.bottom - last.bottom
    ) < 2 * line.height


def _begins_item(chunk: Chunk, line: Line) -> bool:
    mark = read_mark(line.text)[0]
    if not mark.style:
        return False
    if mark.style == "-" or mark.follows(chunk.mark):
        return True
    last = chunk.lines[-1]
    return mark.number == 1 and bool(ENDED.search(last.text)) and (not last.full or last.text.endswith(":"))


def _left_open(chunks: list[Chunk], line: Line, page: Page) -> Chunk | None:
    """Return the paragraph of the column or page before that this line goes on with."""
    if read_mark(line.text)[0].style or CAPTION.match(line.text):
        return None
    for chunk in reversed(chunks[-LOOK_BACK:]):
        if not chunk.lines or CAPTION.match(chunk.lines[0].text):
            continue
        last = chunk.lines[-1]
        if page.number - chunk.page.number > 1:
            return None
        if last.height < 0.93 * line.height and not last.bold:
            continue  # a note at the foot of the page
        alike = abs(last.height - line.height) < 0.08 * line.height and last.bold == line.bold
        lower = line.text[:1].islower()
        flows = last.text.endswith("-") or (
            not ENDED.search(last.text) and (lower or (last.full and not last.bold))
        )
        return chunk if alike and flows and (lower or len(last.text) > 25) else None
    return None


def _part(chunk: Chunk, text: str, level: int) -> Part:
    part = Part(
        *("paragraph", text),
        page=chunk.page.number,
        page_label=chunk.page.label,
        recognised=mean_sure(chunk.lines),
    )
    if level:
        return replace(part, kind="heading", level=level, mark=chunk.mark.style)
    if CAPTION.match(text) and len(text.split()) <= MAX_CAPTION_WORDS:
        return replace(part, kind="caption")
    if BOX.match(text):
        return replace(part, kind="list_item", mark="[]", gap=0)
    if chunk.mark.style and chunk.mark.depth < 2:
        first = chunk.lines[0]
        indent = round((first.x0 - first.left) / 8)
        return replace(
            part, kind="list_item", text=read_mark(text)[1], mark=chunk.mark.style, indent=indent, gap=0
        )
    return part


def _goes_on_with(chunk: Chunk, before: Chunk | None, parts: Sequence[Part]) -> bool:
    """Tell whether a table goes on with the one before, right above or on the page before."""
    if not (before and before.table and chunk.table):
        return False
    between = list(takewhile(lambda part: part.kind != "table_row", reversed(parts)))
    notes = all(part.kind == "paragraph" and part.page == before.page.number for part in between)
    next_page = chunk.page.number == before.page.number + 1 and chunk.table.has_columns_of(before.table)
    return not between or (next_page and notes and len(between) <= MAX_NOTES)


def _header(table: Table, before: list[str], follows: bool) -> list[str]:
    """Take the header rows off a table, in place; one that goes on from the page before keeps its header."""
    follows = follows and len(before) == len(table.rows[0])
    named = [squeeze(" ".join(cells)) for cells in zip(*table.rows[: table.headers], strict=True)]
    another = follows and letters_of("".join(named)) != letters_of("".join(before))
    if table.headers and not (another and not table.bold_header):
        del table.rows[: table.headers]
        return named
    return before if follows else []


def _table_parts(chunk: Chunk, header: list[str]) -> Iterator[Part]:
    table = chunk.table
    lead = "\t".join(header) if any(header) else None
    for row in table.rows if table else ():
        if any(row):
            yield Part(
                *("table_row", "\t".join(row)),
                lead=lead,
                page=chunk.page.number,
                page_label=chunk.page.label,
                recognised=chunk.page.sure,
            )
