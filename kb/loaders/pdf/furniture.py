"""What stands on a PDF page but belongs to none: running heads, feet, page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kb.loaders.pdf.page import Fragment, Shown
from kb.loaders.pdf.tables import Table

# Shares of the page's height: running heads stand above, feet below. Those that stand further in do so on
# most pages, at the same place, and nothing else stands further out.
MARGIN = 0.12
DEEP = 0.25
MOST = 1 / 3  # of the pages, as heads of left and right pages often differ
SAME_PLACE = 4.0  # points
MAX_HEAD = 80  # letters
SMALLER = 0.9  # times the text's height: in such small print on every page it may stand close to it
APART = 0.8  # times its height: a running head inside the page keeps this distance from the text
LARGER = 1.12  # a heading's letters are this much higher than the text's
PAGE_NUMBER = re.compile(
    r"(?:page)?[-–—|\s]*(?:[A-Z\d]{1,2}[-–])?(?:\d{1,4}|[ivxlc]{1,6})[-–—|\s]*(?:(?:of|/)\s*\d{1,4})?", re.I
)
DIVISION = re.compile(r"(?!page|p\b)[^\W\d_]+ #", re.I)  # "Article 3", and no "page 3"
NUMBER = re.compile(r"\d{1,6}|\b[ivxlc]{1,6}\b")


Place = tuple[str, int]  # the words of a line, and its height in steps


@dataclass(slots=True)
class Page:
    """What was read from one page, before it is put in order.

    `shown` says what is there instead of text, `hides` which kinds of text are
    left out, `sure` how sure text recognition is of what it read there.
    """

    number: int
    label: str | None
    width: float
    height: float
    fragments: list[Fragment]
    tables: list[Table] = field(default_factory=list)
    shown: Shown = ""
    hides: tuple[str, ...] = ()
    sure: float | None = None


def drop_furniture(pages: Sequence[Page]) -> None:
    """Take running heads, feet and page numbers out of the pages, in place."""
    enough = 3 if len(pages) > 3 else 2
    body = _body_height(pages)
    counting = _counting(pages, enough)
    constant = _constant(pages, enough)
    edges: list[list[tuple[Fragment, str]]] = []
    counts: Counter[str] = Counter()
    places: Counter[Place] = Counter()
    for page in pages:
        near = [f for f in page.fragments if _depth(page, f) < DEEP]
        edges.append([(f, _pattern(page, f, counting, constant)) for f in near])
        counts.update({pattern for f, pattern in edges[-1] if _depth(page, f) < MARGIN})
        places.update({_place(f, pattern) for f, pattern in edges[-1]})
    for page, edge in zip(pages, edges, strict=True):
        repeated: list[Fragment] = []
        for f, pattern in sorted(edge, key=lambda pair: -_depth(page, pair[0])):
            deep = _depth(page, f) >= MARGIN
            count = _around(places, f, pattern) if deep else counts[pattern]
            often = count >= (max(enough, MOST * len(pages)) if deep else enough)
            if not often or len(pattern) < 2 or _is_heading(f, pattern, body, deep):
                continue
            small = count == len(pages) > 2 and f.height < SMALLER * body
            if not deep or small or _stands_apart(page, f, repeated):
                repeated.append(f)
        gone = {id(f) for f in repeated}
        gone = {id(f) for f in repeated if _depth(page, f) < MARGIN or _outermost(page, f, gone)}
        numbers = [f for f, _ in edge if PAGE_NUMBER.fullmatch(f.text.strip())]
        gone |= {id(f) for f in numbers if _depth(page, f) < MARGIN and _outermost(page, f, gone)}
        page.fragments = [f for f in page.fragments if id(f) not in gone]


def _body_height(pages: Sequence[Page]) -> float:
    heights: Counter[float] = Counter()
    for page in pages:
        for fragment in page.fragments:
            heights[round(fragment.height, 1)] += len(fragment.text)
    return heights.most_common(1)[0][0] if heights else 10.0


def _depth(page: Page, fragment: Fragment) -> float:
    """Return how far in from the nearest edge along its lines a fragment stands, as a share of the page.

    That is the upper or lower edge, and the left or right one where it is turned.
    """
    turned = len(fragment.text) > 2 and fragment.height > 1.3 * (fragment.x1 - fragment.x0)
    middle = (fragment.top + fragment.bottom) / 2 / page.height
    middle = (fragment.x0 + fragment.x1) / 2 / page.width if turned else middle
    return min(middle, 1 - middle)


def _counting(pages: Sequence[Page], enough: int) -> set[int]:
    """Return how far the numbers at the edges are ahead of the number of their page, where often so."""
    ahead: Counter[int] = Counter()
    for page in pages:
        edge = (f.text for f in page.fragments if len(f.text) < MAX_HEAD and _depth(page, f) < DEEP)
        found = {int(n) for text in edge for n in NUMBER.findall(text) if n.isdecimal()}
        ahead.update(number - page.number for number in found)
    return {number for number, count in ahead.items() if count >= enough}


def _constant(pages: Sequence[Page], enough: int) -> set[str]:
    """Return the lines at the edges that are often the same to the last figure: nothing in them counts."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({f.text.strip().lower() for f in page.fragments if _depth(page, f) < DEEP})
    return {text for text, count in counts.items() if count >= enough}


def _pattern(page: Page, fragment: Fragment, counting: set[int], constant: set[str]) -> str:
    """Return the words of a fragment, with "#" for what counts with the pages."""
    label, text = (page.label or "").lower(), fragment.text.strip().lower()
    if text in constant:
        return text
    for found in NUMBER.finditer(text):
        said = found[0]
        if int(said) - page.number in counting if said.isdecimal() else said == label:
            return f"{text[: found.start()]}#{text[found.end() :]}"  # one number: the other of "5 of 5" stays
    return text


def _place(fragment: Fragment, pattern: str) -> Place:
    return pattern, int(fragment.top / SAME_PLACE)


def _around(places: Counter[Place], fragment: Fragment, pattern: str) -> int:
    """Return on how many pages the same words stand at about the same height."""
    top = int(fragment.top / SAME_PLACE)
    return sum(places[pattern, near] for near in (top - 1, top, top + 1))


def _is_heading(fragment: Fragment, pattern: str, body: float, deep: bool) -> bool:
    """Tell whether what repeats is a heading: set as one, and inside the page or alike but for its number."""
    large = fragment.height > LARGER * body
    if deep:
        return large or fragment.bold
    counted = "#" in pattern and re.search(r"[^\W\d_]", pattern)
    return bool(counted) and (large or (fragment.bold and bool(DIVISION.match(pattern))))


def _stands_apart(page: Page, fragment: Fragment, furniture: list[Fragment]) -> bool:
    """Tell whether nothing but furniture stands close to a fragment on the side of the text."""
    reach = APART * fragment.height
    if fragment.top < page.height / 2:
        near = [f for f in page.fragments if fragment.bottom - 2 < f.top < fragment.bottom + reach]
    else:
        near = [f for f in page.fragments if fragment.top - reach < f.bottom < fragment.top + 2]
    return all(f in furniture for f in near)


def _outermost(page: Page, fragment: Fragment, gone: set[int]) -> bool:
    """Tell whether nothing but furniture stands further out than this fragment, or beside it."""
    others = [f for f in page.fragments if f is not fragment and id(f) not in gone]
    if fragment.top < page.height / 2:
        return all(f.top > fragment.bottom - 2 for f in others)
    return all(f.bottom < fragment.top + 2 for f in others)


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
