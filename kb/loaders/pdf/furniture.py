"""What stands on a PDF page but belongs to none: running heads, feet, page numbers, tables of contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.loaders.pdf.page import Fragment, Shown
from kb.loaders.pdf.tables import Table

TOP_ZONE, BOTTOM_ZONE = 0.12, 0.88  # shares of the page's height: running heads stand above, feet below
PAGE_NUMBER = re.compile(r"(?:page)?[-–—|\s]*(?:\d{1,4}|[ivxlc]{1,6})[-–—|\s]*(?:(?:of|/)\s*\d{1,4})?", re.I)
LEADERS = re.compile(r"(?:\.\s?){4,}\s*[\divxlc]+\s*$|(?:\.\s?){8,}$|(?:…\s?){2,}\s*\w*$")
MAX_LEADERS = 300  # letters at a line's end that are searched for leaders
CONTENTS = re.compile(r"(?:table of )?contents|sommaire|table des matières", re.I)


@dataclass(slots=True)
class Page:
    """What was read from one page, before it is put in order.

    `shown` says what is there instead of text, `sure` how sure text
    recognition is of what it read there.
    """

    number: int
    label: str | None
    width: float
    height: float
    fragments: list[Fragment]
    tables: list[Table] = field(default_factory=list)
    shown: Shown = ""
    sure: float | None = None


def drop_furniture(pages: Sequence[Page]) -> None:
    """Take running heads, feet and page numbers out of the pages, in place."""
    counts: Counter[str] = Counter()
    edges = [[(f, _pattern(f)) for f in page.fragments if _in_margin(page, f)] for page in pages]
    for edge in edges:
        counts.update({pattern for _, pattern in edge})
    enough = 3 if len(pages) > 3 else 2
    for page, edge in zip(pages, edges, strict=True):
        gone = {id(f) for f, pattern in edge if counts[pattern] >= enough and len(pattern) > 1}
        numbers = [f for f, _ in edge if PAGE_NUMBER.fullmatch(f.text.strip())]
        gone |= {id(f) for f in numbers if _outermost(page, f, gone)}
        page.fragments = [f for f in page.fragments if id(f) not in gone]


def _pattern(fragment: Fragment) -> str:
    return re.sub(r"\d+", "#", fragment.text.strip().lower())


def _in_margin(page: Page, fragment: Fragment) -> bool:
    middle = (fragment.top + fragment.bottom) / 2 / page.height
    return middle < TOP_ZONE or middle > BOTTOM_ZONE


def _outermost(page: Page, fragment: Fragment, gone: set[int]) -> bool:
    """Tell whether nothing but furniture stands further out than this fragment, or beside it."""
    others = [f for f in page.fragments if f is not fragment and id(f) not in gone]
    if fragment.top < page.height / 2:
        return all(f.top > fragment.bottom - 2 for f in others)
    return all(f.bottom < fragment.top + 2 for f in others)


def drop_contents(page: Page) -> None:
    """Take a table of contents out of the page, in place: lines that end with leaders or page numbers."""
    gone = {
        id(f)
        for f in page.fragments
        if ("." in f.text or "…" in f.text) and LEADERS.search(f.text[-MAX_LEADERS:])
    }
    if len(gone) >= 5 and len(gone) > 0.3 * len(page.fragments):
        page.fragments = []  # nothing but contents, some lines of which go over two
        return
    rows = list(rows_of(page.fragments))
    right = max((fragment.x1 for fragment in page.fragments), default=0)
    entries = [row for row in rows if id(row[-1]) in gone or _ends_with_page(row, right)]
    titled = any(CONTENTS.fullmatch(f.text.strip()) for f in page.fragments)
    others = len(rows) - len(entries)
    if len(entries) >= 4 and (gone or titled or others <= max(3, len(rows) / 3)) and _counts_up(entries):
        gone |= {id(f) for row in entries for f in row}
        page.fragments = [f for f in page.fragments if not CONTENTS.fullmatch(f.text.strip())]
    page.fragments = [f for f in page.fragments if id(f) not in gone]


def _counts_up(entries: list[list[Fragment]]) -> bool:
    """Tell whether lines are titles with page numbers that never fall, and not the rows of a table."""
    titles = [row[0].text for row in entries]
    numbers = [int(row[-1].text) for row in entries if row[-1].text.strip().isdigit()]
    named = sum(any(c.isalpha() for c in title) for title in titles)
    return named > 0.9 * len(titles) and all(len(row) <= 2 for row in entries) and numbers == sorted(numbers)


def _ends_with_page(row: list[Fragment], right: float) -> bool:
    """Tell whether a line ends with a page number at the right margin, far from its text."""
    last = row[-1]
    numbered = len(row) > 1 and PAGE_NUMBER.fullmatch(last.text.strip()) and last.x1 > right - 6
    return bool(numbered) and last.x0 - row[-2].x1 > 2 * last.height


def rows_of(fragments: list[Fragment]) -> Iterator[list[Fragment]]:
    """Group fragments that stand on one line, from left to right."""
    row: list[Fragment] = []
    for fragment in sorted(fragments, key=lambda f: f.top + f.bottom):
        if row and (fragment.top + fragment.bottom) / 2 > row[0].bottom - 0.25 * row[0].height:
            yield sorted(row, key=lambda f: f.x0)
            row = []
        row.append(fragment)
    if row:
        yield sorted(row, key=lambda f: f.x0)
