"""Which blocks of a PDF are headings: its bookmarks say so, or else the fonts do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from kb.loaders.marks import CAPTION, read_mark
from kb.loaders.pdf.outline import Bookmark

MAX_WORDS = 20
MAX_NUMBERED_WORDS = 12
MAX_LEVELS = 4
LARGER = 1.12  # a heading's letters are this much higher than the text's
NOT_A_HEADING = re.compile(r"[.,;]$|[=−×√∑∫≤≥]|^[\d\W]+$|@|https?:|www\.|\.{4,}|^\W")


class Style(NamedTuple):
    """How a block is set."""

    height: float
    bold: bool
    caps: bool


Candidate = tuple[str, Style | None, int]


def heading_levels(blocks: Sequence[Candidate], bookmarks: Sequence[Bookmark], body: float) -> list[int]:
    """Return the heading level of every block (text, style, page), 0 for those that are none.

    >>> blocks = [("Aims", Style(14, True, False), 1), ("We aim.", Style(10, False, False), 1)]
    >>> heading_levels(blocks, [], 10)
    [1, 0]
    """
    levels = _from_bookmarks(blocks, bookmarks)
    looks = _by_look(blocks, body)
    if len(bookmarks) >= 3 and sum(map(bool, levels)) >= 0.6 * len(bookmarks):
        return _add_deeper(levels, looks, blocks)
    return [by_bookmark or by_look for by_bookmark, by_look in zip(levels, looks, strict=True)]


def letters_of(text: str) -> str:
    """Return the letters and figures of a title in lower case, as titles are compared."""
    return "".join(re.findall(r"\w", text.lower()))


def _from_bookmarks(blocks: Sequence[Candidate], bookmarks: Sequence[Bookmark]) -> list[int]:
    """Match the titles of the outline with blocks on the pages they lead to."""
    levels = [0] * len(blocks)
    by_page: dict[int, list[int]] = {}
    for at, (_, style, page) in enumerate(blocks):
        if style is not None:
            by_page.setdefault(page, []).append(at)
    for bookmark in bookmarks:
        wanted = letters_of(bookmark.title)
        for at in by_page.get(bookmark.page, []):
            found = letters_of(blocks[at][0])
            same = found == wanted or (
                len(wanted) > 8 and found.endswith(wanted) and len(found) < len(wanted) + 8
            )
            if wanted and same and not levels[at]:
                levels[at] = bookmark.level
                break
    return levels


def _by_look(blocks: Sequence[Candidate], body: float) -> list[int]:
    """Find headings by larger or bolder letters, and rank their styles."""
    looks = [_look(text, style, body) for text, style, _ in blocks]
    bold = sum(
        len(text) for text, style, _ in blocks if style and style.bold and abs(style.height - body) < 1
    )
    total = sum(len(text) for text, style, _ in blocks if style) or 1
    if bold > 0.3 * total:
        looks = [look if look and look.height > LARGER * body else None for look in looks]
    counts = Counter(look for look in looks if look)
    ranked = sorted(counts, key=lambda look: (-look.height, not look.bold, not look.caps))
    rank = {look: min(level, MAX_LEVELS) for level, look in enumerate(ranked, start=1)}
    return [rank[look] if look else 0 for look in looks]


def _look(text: str, style: Style | None, body: float) -> Style | None:
    """Return the style of a block, rounded so that like headings agree, if it reads like a heading."""
    if style is None or len(text.split()) > MAX_WORDS or len(text) < 3 or CAPTION.match(text):
        return None
    mark = read_mark(text)[0]
    if NOT_A_HEADING.search(text) or mark.style == "-" or not re.search(r"[^\W\d_]{2}", text):
        return None
    large = style.height > LARGER * body and not text[0].islower()
    strong = style.bold and style.height > 0.95 * body and not text[0].islower() and not text.endswith(":")
    caps = style.caps and style.height > 0.95 * body and len(text) > 5
    numbered = mark.depth > 1 and len(text.split()) <= MAX_NUMBERED_WORDS and text[-1] not in ".:?"
    if not (large or strong or caps or numbered):
        return None
    return _rounded(style)


def _rounded(style: Style) -> Style:
    return Style(round(style.height), style.bold, style.caps)


def _add_deeper(levels: list[int], looks: list[int], blocks: Sequence[Candidate]) -> list[int]:
    """Keep headings that the outline leaves out below those it names."""
    named = {_rounded(style) for level, (_, style, _) in zip(levels, blocks, strict=True) if level and style}
    done: list[int] = []
    current = 0
    for level, look, (_, style, _) in zip(levels, looks, blocks, strict=True):
        if level:
            current = level
        deeper = look and style is not None and _rounded(style) not in named
        done.append(level or (current + 1 if deeper else 0))
    return done
