"""Plain text, first step: lines become pieces, and broken paragraphs become whole again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from kb.loaders.marks import CAPTION, FOOTNOTE, Mark, emphasis, read_mark
from kb.loaders.structure import join_lines

PieceKind = Literal["text", "item", "row", "caption", "note", "heading"]

PAGE_BREAK = 3  # blank lines in a row that can stand for the end of a page
MAX_WIDTH = 180  # a longer line is a paragraph of its own
RULE = re.compile(r"[-*_=~]{3,}|[-*_=~](?: [-*_=~]){2,}")
HASHES = re.compile(r"(#{1,6})\s+(?=\S)")
IMAGE = re.compile(r"!?\[image:?\s*\]")
ENDED = re.compile(r"[.!?:;…][\"'”’)\]*_]*$")
LINE_NOTE = re.compile(r"\[(\d{1,4}):\s++((?:(?!\[\d+:).){1,2000}?)\](?=\s*(?:$|\[\d+:))")


@dataclass(slots=True)
class Piece:
    """A line, or the lines of one paragraph, with its markup still in place; `more` waits to be joined.

    `gap` counts the blank lines above, `line` the letters of the last line
    joined so far, `level` the hash marks of a heading; `broken` says that the
    line ends with a forced line break (two spaces).
    """

    kind: PieceKind
    text: str
    mark: Mark
    indent: int
    gap: int
    page: int | None
    level: int = 0
    style: str = ""
    line: int = 0
    broken: bool = False
    more: list[str] = field(default_factory=list)

    @property
    def end(self) -> str:
        """The last line that was joined so far."""
        return self.more[-1] if self.more else self.text


def read_pieces(text: str) -> list[Piece]:
    """Return one piece for every line that is not blank; form feeds count pages."""
    pieces: list[Piece] = []
    for line, page, gap in _lines(text):
        if RULE.fullmatch(line.strip()):
            _underlines(pieces, line.strip(), gap)
            continue
        if "\t" in line and gap == 0 and pieces and pieces[-1].kind == "row":
            pieces.append(Piece("row", line, Mark(), 0, 0, page))
            continue
        notes = [found[0] for found in LINE_NOTE.finditer(line)]
        left = LINE_NOTE.sub("", line) if notes else line
        if left.strip():
            pieces.append(_piece(left, page, gap))
            gap = 0
        for note in notes:
            pieces.append(Piece("note", note, Mark(), 0, gap, page))
            gap = 0
    _settle_letters(pieces)
    return pieces


def _lines(text: str) -> Iterator[tuple[str, int | None, int]]:
    paged, gap = "\f" in text, 0
    for number, page in enumerate(text.split("\f"), start=1):
        for line in page.split("\n"):
            if not line.strip() or IMAGE.fullmatch(line.strip()):
                gap += 1
                continue
            yield line, number if paged else None, gap
            gap = 0
        gap = max(gap, PAGE_BREAK)


def _settle_letters(pieces: list[Piece]) -> None:
    """Read single letters such as C, I or V as numerals only where they do not go on with the alphabet."""
    counts: dict[str, Mark] = {}
    for piece in pieces:
        letter = piece.mark.as_letter()
        if letter and not piece.mark.follows(counts.get(piece.mark.style, Mark())):
            starts = piece.mark.number == 1
            if letter.follows(counts.get(letter.style, Mark())) or not starts:
                piece.mark = letter
        if piece.mark.number:
            counts[piece.mark.style] = piece.mark


def _underlines(pieces: list[Piece], rule: str, gap: int) -> None:
    """Make the line above a heading if it is underlined with = or -."""
    if gap == 0 and pieces and pieces[-1].kind == "text" and pieces[-1].gap and rule[0] in "=-":
        pieces[-1].kind, pieces[-1].level = "heading", 1 if rule[0] == "=" else 2


def _piece(line: str, page: int | None, gap: int) -> Piece:
    indent = len(line) - len(line.lstrip(" "))
    if hashes := HASHES.match(line.strip()):
        text = line.strip()[hashes.end() :].rstrip("# ")
        return Piece("heading", text, Mark(), indent, gap, page, len(hashes[1]))
    if "\t" in line.strip():
        return Piece("row", line.rstrip("\n"), Mark(), indent, gap, page)
    mark, text = read_mark(line)
    kind: PieceKind = "item" if mark.style else "text"
    if CAPTION.match(text) and len(text) < 250:
        kind = "caption"
    elif FOOTNOTE.match(text):
        kind = "note"
    style = emphasis(text)
    return Piece(kind, text, mark, indent, gap, page, 0, style, len(line.rstrip()), line.endswith("  "))


def wrap_width(pieces: list[Piece]) -> tuple[float, float]:
    """Return a common and a large length of wrapped lines, or infinity twice if lines are not wrapped.

    Lines are wrapped if most of those that have a line right below end amid a sentence.
    """
    followed = [
        a
        for a, b in pairwise(pieces)
        if b.gap == 0 and b.kind == "text" and a.kind in ("text", "item") and 40 < a.line <= MAX_WIDTH
    ]
    open_ended = sum(not ENDED.search(piece.text) for piece in followed)
    if len(followed) < 4 or open_ended < len(followed) / 2:
        return float("inf"), float("inf")
    lengths = sorted(piece.line for piece in followed)
    return lengths[len(lengths) // 2], lengths[int(len(lengths) * 0.9)]


def join_pieces(pieces: list[Piece], vocabulary: frozenset[str]) -> list[Piece]:
    """Join the lines of wrapped paragraphs, and sentences that a page break tore apart."""
    widths = wrap_width(pieces)
    joined: list[Piece] = []
    above: Piece | None = None  # the last one that is no note
    for piece in pieces:
        target = _continued(joined[-1], above or joined[-1], piece, widths) if joined else None
        if target is None:
            joined.append(piece)
            above = piece if piece.kind != "note" else above
        else:
            target.more.append(piece.text)
            target.line, target.broken = piece.line, piece.broken
    for piece in joined:
        piece.text, piece.more = join_lines([piece.text, *piece.more], vocabulary, default="-"), []
    return joined


def _continued(before: Piece, above: Piece, piece: Piece, widths: tuple[float, float]) -> Piece | None:
    """Return the piece that `piece` goes on with: that before it, the text above notes, or none."""
    if piece.kind != "text" or piece.style:
        return None
    if piece.gap == 0 and _flows(before, piece, widths):
        return before
    if piece.gap == 0:
        return None
    if before.kind == "note" and piece.gap < PAGE_BREAK:
        return before if before.end.rstrip().endswith(("-", ":")) else None
    return above if _torn(above, piece) else None


def _flows(before: Piece, piece: Piece, widths: tuple[float, float]) -> bool:
    """Tell whether a line goes on with the line right above it."""
    if before.kind not in ("text", "item", "note", "caption"):
        return False
    ended = ENDED.search(before.end)
    if piece.text[:1].islower() and not ended:
        return True
    if before.kind == "caption":
        return False
    if before.broken or (before.kind == "item" and piece.indent > before.indent):
        return True
    if not ended:
        return before.line > 0.6 * widths[0]
    first_word = len(piece.text.split(maxsplit=1)[0])
    fresh = piece.indent > before.indent and before.kind == "text"
    return not fresh and before.line + 1 + first_word > 0.9 * widths[1]


def _torn(before: Piece, piece: Piece) -> bool:
    """Tell whether a page break stands between two halves of one sentence."""
    return (
        before.kind in ("text", "item")
        and piece.text[:1].islower()
        and not piece.text.startswith(("http", "www."))
        and not ENDED.search(before.end)
        and sum(len(line.split()) for line in (before.text, *before.more[:5])) > 5
    )
