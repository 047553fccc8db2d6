"""What drawn shapes say about words: dots before lines are bullets, a line through words strikes them out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kb.loaders.pdf.page import Fragment, PageReader
from kb.loaders.pdf.rules import Box, Rule

OVERHANG = 3.0  # points by which a line through words is longer than they are
THROUGH = (0.35, 0.72)  # of the height of words, from above: where a line goes through them
WORD = re.compile(r"[^\W_]{2}")
MOST = 500  # dots, or lines, of a page
REACH = 3.0  # times the height of a line: how far a bullet stands before it


def with_bullets(fragments: list[Fragment], dots: Sequence[Box]) -> list[Fragment]:
    """Return the fragments with a bullet before those that a drawn dot stands before, as others do below."""
    columns = Counter(round(x0 / 2) for x0, *_ in dots[:MOST])
    found: dict[int, float] = {}
    for x0, top, x1, bottom in dots[:MOST]:
        if sum(columns[round(x0 / 2) + step] for step in (-1, 0, 1)) < 2:
            continue
        middle = (top + bottom) / 2
        line = [f for f in fragments if f.top + 0.15 * f.height < middle < f.bottom - 0.1 * f.height]
        after = min((f for f in line if f.x0 > x1 - 1), key=lambda f: f.x0, default=None)
        near = after and after.x0 - x1 < REACH * after.height and bottom - top < 0.8 * after.height
        if after and near and not any(f.x1 > x0 and f.x0 < x1 for f in line):
            found[id(after)] = x0
    return [f._replace(text=f"• {f.text}", x0=found[id(f)]) if id(f) in found else f for f in fragments]


def without_struck(
    reader: PageReader, fragments: list[Fragment], rules: Sequence[Rule]
) -> tuple[list[Fragment], bool]:
    """Return the fragments without the words that a line goes through, and whether there are such words."""
    walls = {round(rule.x0) for rule in rules if not rule.flat}
    strokes = [r for r in rules if r.flat and r.x1 - r.x0 > 3 and not {round(r.x0), round(r.x1)} & walls]
    kept: list[Fragment] = []
    struck = False
    if len(strokes) > MOST:  # a drawing
        return fragments, False
    for fragment in fragments:
        high, low = (fragment.top + share * fragment.height for share in THROUGH)
        through = [r for r in strokes if high < r.top < low and r.x0 < fragment.x1 and r.x1 > fragment.x0]
        through = [r for r in through if _is_on_words(r, fragment, fragments)]
        edges = sorted({x for rule in through for x in (rule.x0, rule.x1)})
        pieces = reader.split(fragment, edges) if through else [fragment]
        left = [piece for piece in pieces if not any(_strikes(rule, piece) for rule in through)]
        kept += left if len(left) < len(pieces) else [fragment]
        struck |= len(left) < len(pieces)
    return kept, struck


def _strikes(rule: Rule, words: Fragment) -> bool:
    """Tell whether a line goes through words, and no formula."""
    high, low = (words.top + share * words.height for share in THROUGH)
    inside = rule.x0 < (words.x0 + words.x1) / 2 < rule.x1 and high < rule.top < low
    return inside and bool(WORD.search(words.text))


def _is_on_words(rule: Rule, fragment: Fragment, fragments: Sequence[Fragment]) -> bool:
    """Tell whether a line is no longer than the words of the line it goes through."""
    line = [f for f in fragments if f.top < rule.top < f.bottom and abs(f.top - fragment.top) < f.height / 2]
    start, end = min(f.x0 for f in line), max(f.x1 for f in line)
    return rule.x0 > start - OVERHANG and rule.x1 < end + OVERHANG
