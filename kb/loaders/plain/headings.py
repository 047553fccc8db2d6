"""Plain text, second step: which lines are headings, and how deep they stand."""

from __future__ import annotations

import re
from itertools import pairwise

from kb.loaders.marks import strip_markup
from kb.loaders.plain.lines import Piece

MAX_WORDS = 12
MAX_NUMBERED_WORDS = 25
# Words that say a line is a sentence, and words that no heading ends with.
VERBS = frozenset(
    "is are was were has have had will must can could should would may might shall do does".split()
)
ASKING = frozenset("how what why who when where which is are do does can should".split())
DANGLING = frozenset("a an the of to in on at by for with from and or due as is are that this which".split())
NOT_A_TITLE = re.compile(r"\||@|https?:|www\.|\d{5,}|\.{4,}|\.(?:png|jpe?g|gif|emf|wmf|svg)$|^[\d\W]+$", re.I)
SERIES = re.compile(r"([^\W\d][^\d:]{0,30}?)\s?#?\d{1,3}\s*[:.–—-]\s")


def mark_headings(pieces: list[Piece]) -> None:
    """Turn the pieces that are headings into that kind, in place."""
    tops = contents_titles(pieces)
    numbered = _numbered_headings(pieces)
    bare = _bare_headings(pieces)
    for at, piece in enumerate(pieces):
        if at in numbered:
            piece.kind, piece.style = "heading", piece.mark.style
        elif at in bare or (piece.kind == "text" and piece.gap and fold(piece.text) in tops):
            piece.kind = "heading"
            piece.style = piece.style or ("caps" if piece.text.isupper() else "bare")


def set_levels(pieces: list[Piece]) -> None:
    """Give every heading its level: hash marks first, then the kinds of headings as they nest."""
    tops, levels = contents_titles(pieces), _Levels(any(p.style[:1] in "1iIaA(" for p in _headings(pieces)))
    below_top = False
    for piece in _headings(pieces):
        text = strip_markup(piece.text)
        top = not piece.level and fold(text) in tops
        below_top = below_top or top
        piece.level = 1 if top else levels.of(piece, text, below_top)


def contents_titles(pieces: list[Piece]) -> frozenset[str]:
    r"""Return the items of a list that opens the text, if the text has headings of these names.

    >>> from kb.loaders.plain.lines import read_pieces
    >>> lines = ["Guide", "", "- Who", "- Where", "", "Who", "", "We.", "", "Where", "", "Here."]
    >>> sorted(contents_titles(read_pieces("\n".join(lines))))
    ['where', 'who']
    """
    start = next((at for at, piece in enumerate(pieces) if piece.kind == "item"), len(pieces))
    if any(piece.kind != "heading" and len(piece.text.split()) > MAX_WORDS for piece in pieces[:start]):
        return frozenset()
    end = next((at for at in range(start, len(pieces)) if pieces[at].kind != "item"), len(pieces))
    items = {fold(strip_markup(piece.text)) for piece in pieces[start:end]}
    found = {fold(strip_markup(piece.text)) for piece in pieces[end:] if piece.kind in ("text", "heading")}
    return frozenset(items & found) if len(items & found) >= max(2, len(items) / 2) else frozenset()


def fold(text: str) -> str:
    """Return a title as it is compared: lower case, single spaces, no marks at its ends."""
    return " ".join(text.lower().split()).strip(" .:*-")


def _headings(pieces: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.kind == "heading"]


def _bare_headings(pieces: list[Piece]) -> set[int]:
    """Return the places of unmarked lines that stand alone and read like titles."""
    found: set[int] = set()
    for at, (piece, below) in reversed(list(enumerate(pairwise(pieces)))):
        alone = piece.kind == "text" and (piece.gap or at == 0 or _indented(pieces[at - 1], piece))
        if alone and below.gap and not _goes_on(below) and _is_title(piece, below, opens=at == 0):
            heads = at == 0 or piece.style or at + 1 in found or _has_substance(below)
            found.update({at} if heads else ())
    return found


def _goes_on(below: Piece) -> bool:
    return below.kind == "text" and below.text[:1].islower()


def _has_substance(below: Piece) -> bool:
    """Tell whether a heading can stand above this piece: labels of a picture head nothing."""
    return below.kind != "text" or len(below.text.split()) > 7 or below.text.rstrip()[-1] in ".:?!"


def _indented(above: Piece, piece: Piece) -> bool:
    return above.kind in ("text", "note") and piece.indent > above.indent


def _is_title(piece: Piece, below: Piece, opens: bool) -> bool:
    text = strip_markup(piece.text).strip()
    words = re.findall(r"[\w’'-]+", text.lower())
    if not words or len(words) > (MAX_NUMBERED_WORDS if opens else MAX_WORDS) or NOT_A_TITLE.search(text):
        return False
    if text[-1] in ".,;?!…" and not (text[-1] == "?" and words[0] in ASKING):
        return False
    if text[-1] == ":":
        return bool(piece.style) or (
            len(words) <= 3 and "," not in text and below.kind == "text" and piece.gap > 0
        )
    if piece.style:
        return True
    sentence = VERBS.intersection(words) and words[0] not in ASKING
    return not sentence and words[-1] not in DANGLING and not text[0].islower()


def _numbered_headings(pieces: list[Piece]) -> set[int]:
    """Return the places of numbered lines that count sections rather than items.

    Sections stand apart: other text lies between one number and the next, and
    at least one of them is followed by a paragraph.
    """
    series: dict[str, list[list[int]]] = {}
    for at, piece in enumerate(pieces):
        if piece.mark.number and _may_count(pieces, at):
            runs = series.setdefault(f"{piece.mark.style}{piece.mark.depth}", [])
            last = pieces[runs[-1][-1]].mark.number if runs else 0
            if runs and piece.mark.number == last + 1:
                runs[-1].append(at)
            else:
                runs.append([at])
    runs_found = [run for runs in series.values() for run in runs]
    return {at for run in runs_found if any(_opens(pieces, at) for at in run) for at in run}


def _may_count(pieces: list[Piece], at: int) -> bool:
    piece, text = pieces[at], strip_markup(pieces[at].text).strip()
    if len(text.split()) > MAX_NUMBERED_WORDS or text[-1] in ".;,?!" or text.endswith((" and", " or")):
        return False
    above, below = pieces[at - 1 : at] if at else [], pieces[at + 1 : at + 2]
    return not any(n.mark.follows(piece.mark) for n in below) and not any(
        piece.mark.follows(n.mark) for n in above
    )


def _opens(pieces: list[Piece], at: int) -> bool:
    """Tell whether a numbered line stands alone above a paragraph."""
    below = pieces[at + 1] if at + 1 < len(pieces) else None
    alone = bool(pieces[at].gap) or at == 0 or _indented(pieces[at - 1], pieces[at])
    return alone and below is not None and below.gap > 0 and below.kind in ("text", "row")


class _Levels:
    """The kinds of headings open at this point, outermost first, and the level of each."""

    def __init__(self, numbered: bool) -> None:
        self.open: list[tuple[str, int]] = []
        self.numbered = numbered  # sections with numbers are still to come
        self.series: dict[str, int] = {}

    def of(self, piece: Piece, text: str, below_contents: bool) -> int:
        """Return the level of the next heading."""
        found = SERIES.match(text)
        name = fold(found[1]) if found else ""
        level = piece.level or self.series.get(name, 0) or self._nested(piece, below_contents)
        if name:
            self.series[name] = level
        self.open = [entry for entry in self.open if entry[1] < level] + [(self._key(piece), level)]
        return level

    def _key(self, piece: Piece) -> str:
        return f"{piece.style}{piece.mark.depth}" if piece.mark.number else piece.style or "#"

    def _nested(self, piece: Piece, below_contents: bool) -> int:
        if below_contents:
            return 2
        if piece.mark.number:
            self.numbered = False
            if piece.mark.depth > 1:
                return piece.mark.depth
        elif self.numbered and piece.style == "bare":
            return 1
        known = next((level for key, level in self.open if key == self._key(piece)), None)
        if known is not None:
            return known
        if piece.mark.number and self.open and self.open[0][0] in ("bare", "caps"):
            return 1
        return self.open[-1][1] + 1 if self.open else 1
