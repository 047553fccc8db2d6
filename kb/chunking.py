"""Document -> Passages: pieces of one section each, that read well on their own.

A section is a run of blocks under one heading path. Its blocks are packed
into passages of up to `max_chars`. A list stays with its lead-in, a table row
with its header; lists and tables up to `list_chars` are kept whole, longer
ones are split between items, and the lead-in or header is repeated. A block
that is too long by itself is split by langchain-text-splitters at sentences.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from kb.config import ChunkingConfig
from kb.types import Block, Document, Passage, Span

# Raised with every change to this module that cuts or shows text another way.
VERSION = 2
# Raised with every change to kb.loaders that reads a file another way; here, as they are slow to import.
LOADERS = 4


@dataclass(frozen=True, slots=True)
class _Piece:
    """A block, or a part of one, with its offset in the document's text."""

    block: Block
    offset: int


def chunk(document: Document, config: ChunkingConfig) -> list[Passage]:
    r"""Cut a document into passages, in reading order.

    >>> blocks = (
    ...     Block("heading", "Venue", ("Venue",)),
    ...     Block("paragraph", "Room MH4 in Kigali.", ("Venue",), page=2),
    ... )
    >>> [passage] = chunk(Document("d", "note.docx", "Note", blocks=blocks), ChunkingConfig())
    >>> passage.text, passage.page
    ('Venue\nRoom MH4 in Kigali.', 2)
    """
    passages: list[Passage] = []
    seen: dict[str, int] = {}
    for section in _sections(document):
        for pieces in _pack(section, config):
            passage = _passage(document, len(passages), pieces)
            twin = seen.get(passage.text, 0)
            seen[passage.text] = twin + 1
            passages.append(replace(passage, id=_digest(document.id, passage.text, twin)))
    return passages


def context(document: Document, passage: Passage) -> str:
    """Return what the encoder reads: title and headings, then the passage.

    The heading path tells a passage such as "Room MH4" what it is about.
    """
    return "\n".join([" > ".join(dict.fromkeys((document.title, *passage.heading_path))), passage.text])


def _sections(document: Document) -> Iterator[list[_Piece]]:
    """Group blocks by heading path; a heading without a body opens the next section."""
    offset, pieces = 0, []
    for block in document.blocks:
        pieces.append(_Piece(block, offset))
        offset += len(block.text) + 1
    opening: list[_Piece] = []
    for _, run in groupby(pieces, key=lambda piece: piece.block.heading_path):
        section = list(run)
        if all(piece.block.kind == "heading" for piece in section):
            opening += section
            continue
        yield opening + section
        opening = []
    if opening:
        yield opening


def _pack(section: list[_Piece], config: ChunkingConfig) -> Iterator[list[_Piece]]:
    """Fill passages with whole units (a paragraph, a list, a table) as far as they go."""
    current: list[_Piece] = []
    for unit in _units(section):
        if current and _length(current + unit) > config.max_chars:
            yield current
            current = []
        whole = config.list_chars if any(p.block.lead for p in unit) else config.max_chars
        if _length(unit) <= whole:
            current += unit
            continue
        for piece in _split(unit, config.max_chars):
            if current and _length([*current, piece]) > config.max_chars:
                yield current
                current = []
            current = [*current, piece]
    if current:
        yield current


def _units(section: list[_Piece]) -> Iterator[list[_Piece]]:
    """Yield what belongs together: a lead-in with its items, a caption with its table."""
    unit: list[_Piece] = []
    for piece in section:
        if unit and not _belongs(unit[-1].block, piece.block):
            yield unit
            unit = []
        unit.append(piece)
    if unit:
        yield unit


def _belongs(before: Block, block: Block) -> bool:
    if before.kind == "heading":
        return True
    if block.lead is not None and before.lead == block.lead:
        return True
    if block.kind == "list_item":
        return _introduces(before, block)
    return {before.kind, block.kind} == {"caption", "table_row"}


def _introduces(before: Block, block: Block) -> bool:
    """Tell whether a paragraph is, or ends with, the lead-in of a list item."""
    return (
        block.kind == "list_item"
        and block.lead is not None
        and before.text.rstrip().endswith(block.lead.strip())
    )


def _split(unit: list[_Piece], max_chars: int) -> Iterator[_Piece]:
    """Cut the blocks of a unit that are longer than a passage at sentence ends."""
    for piece in unit:
        if len(piece.block.text) <= max_chars:
            yield piece
            continue
        for start, text in _split_text(piece.block.text, max_chars):
            yield _Piece(_slice(piece.block, start, text), piece.offset + start)


def _slice(block: Block, start: int, text: str) -> Block:
    """Return the piece of a block that begins at `start`, on the page where it stands."""
    page, label, later = block.page, block.page_label, []
    for offset, number, printed in block.turns:
        if offset <= start:
            page, label = number, printed
        elif offset < start + len(text):
            later.append((offset - start, number, printed))
    return replace(block, text=text, page=page, page_label=label, turns=tuple(later))


def _split_text(text: str, max_chars: int) -> list[tuple[int, str]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=[r"\n", r"(?<=[.!?])\s+", r"(?<=[;:,])\s+", r"\s+", ""],
        is_separator_regex=True,
        keep_separator=True,
        chunk_size=max_chars,
        chunk_overlap=0,
        add_start_index=True,
    )
    return [(part.metadata["start_index"], part.page_content) for part in splitter.create_documents([text])]


def _passage(document: Document, ordinal: int, pieces: list[_Piece]) -> Passage:
    lines, spans, length, before = [], [], 0, None
    for piece in pieces:
        block = piece.block
        for line in (*_repeated_lead(before, block), *_shown(block)):
            if line is not None:
                lines.append(line)
                length += len(line) + 1
        end = length - 1
        start = end - len(block.text)
        turns = tuple((start + offset, page, label) for offset, page, label in block.turns)
        placed = (block.page, block.page_label, block.place, block.recognised, turns)
        spans.append(Span(start, end, block.kind, *placed))
        before = block
    first = next((p.block for p in pieces if p.block.kind != "heading"), pieces[0].block)
    return Passage(
        id="",
        document_id=document.id,
        ordinal=ordinal,
        text="\n".join(lines),
        heading_path=pieces[-1].block.heading_path,
        page=first.page,
        page_label=first.page_label,
        start=pieces[0].offset,
        end=pieces[-1].offset + len(pieces[-1].block.text),
        spans=tuple(spans),
    )


def _repeated_lead(before: Block | None, block: Block) -> Iterable[str]:
    """Give a row its header, and an item its lead-in, where they do not stand just above."""
    if block.lead is None or (before is not None and before.lead == block.lead):
        return ()
    if before is not None and _introduces(before, block):
        return ()
    return (block.lead,)


def _shown(block: Block) -> Iterable[str]:
    return (f"- {block.text}",) if block.kind == "list_item" else (block.text,)


def _length(pieces: list[_Piece]) -> int:
    return sum(len(piece.block.text) + 3 for piece in pieces)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]


def chunking_digest(config: ChunkingConfig) -> str:
    """Return a digest that changes when the same file would be read, or cut, another way."""
    return _digest(VERSION, LOADERS, config.model_dump_json())
