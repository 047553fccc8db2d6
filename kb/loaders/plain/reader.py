"""Plain text: headings, lists, tables and captions are told from the shape of the lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from kb.loaders.lists import give_leads, is_named, label_pairs, named_runs
from kb.loaders.marks import strip_markup
from kb.loaders.plain.headings import mark_headings, set_levels
from kb.loaders.plain.lines import Piece, PieceKind, join_pieces, read_pieces
from kb.loaders.structure import Part, squeeze, vocabulary_of
from kb.loaders.tables import table_parts
from kb.types import BlockKind

SHORT_LINE = 80
KINDS: dict[PieceKind, BlockKind] = {"item": "list_item", "caption": "caption", "heading": "heading"}
NOTE_MARK = re.compile(r"\[\d+:\s++(.*)\]$", re.S)


def load_plain(text: str) -> list[Part]:
    r"""Read plain text into parts; no word is lost or changed.

    >>> [(part.kind, part.text) for part in load_plain("Venue\n\nRooms:\n- AD 10\n- MH4\n")]
    [('heading', 'Venue'), ('paragraph', 'Rooms:'), ('list_item', 'AD 10'), ('list_item', 'MH4')]
    """
    pieces = read_pieces(text)
    mark_headings(pieces)
    pieces = join_pieces(pieces, vocabulary_of(text.split("\n")))
    set_levels(pieces)
    parts = [part for block in _blocks(pieces) for part in _parts(block)]
    return give_leads(named_runs(label_pairs(parts)))


def _blocks(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Group the rows of a table, and the short lines of an address or a title page."""
    block: list[Piece] = []
    for piece in pieces:
        if block and not (_same_table(block, piece) or _same_lines(block, piece)):
            yield block
            block = []
        block.append(piece)
    if block:
        yield block


def _same_table(block: list[Piece], piece: Piece) -> bool:
    if block[0].kind != "row" or piece.kind != "row":
        return False
    return piece.gap == 0 or piece.text.count("\t") == block[0].text.count("\t")


def _same_lines(block: list[Piece], piece: Piece) -> bool:
    return piece.gap == 0 and piece.indent <= block[-1].indent and _is_short(block[-1]) and _is_short(piece)


def _is_short(piece: Piece) -> bool:
    text = piece.text.strip()
    return piece.kind == "text" and len(text) <= SHORT_LINE and text[-1] not in ".!?" and not is_named(text)


def _parts(block: list[Piece]) -> Iterator[Part]:
    first = block[0]
    if first.kind == "row":
        rows = [[strip_markup(cell) for cell in piece.text.split("\t")] for piece in block]
        yield from _table(rows, block)
        return
    text = "\n".join(squeeze(strip_markup(piece.text)) for piece in block)
    if found := NOTE_MARK.match(text):
        text = squeeze(found[1])
    if not text.strip():
        return
    part = Part("paragraph", text, first.level, page=first.page, indent=first.indent, gap=first.gap)
    mark = "label" if first.style == "bare" and text.endswith(":") else first.mark.style
    yield replace(part, kind=KINDS.get(first.kind, "paragraph"), mark=mark)


def _table(rows: list[list[str]], block: list[Piece]) -> Iterator[Part]:
    """Yield table rows; lines that only lead to page numbers, or a lone line, are paragraphs."""
    numbers = [row[-1].strip() for row in rows]
    contents = len(rows) > 2 and all(n.isdigit() for n in numbers) and sorted(numbers, key=int) == numbers
    if len(rows) == 1 or contents:
        for row, piece in zip(rows, block, strict=True):
            yield Part("paragraph", squeeze(" ".join(row)), page=piece.page, gap=piece.gap)
        return
    for page, run in groupby(zip(rows, block, strict=True), key=lambda pair: pair[1].page):
        cells = [row for row, _ in run]
        yield from table_parts([rows[0], *cells] if page != block[0].page else cells, page=page)
