"""What every loader shares: parts of a document become blocks under their headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kb.types import Block, BlockKind

SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9])")
ABBREVIATED = re.compile(r"(?:\b(?:e\.g|i\.e|etc|cf|vs|no|p|pp|fig|mr|mrs|ms|dr|prof|st|art|sec)|\b[A-Z])\.$", re.I)


@dataclass(frozen=True, slots=True)
class Part:
    """A block that does not know its headings yet; `level` counts from 1 and is 0 but for headings."""

    kind: BlockKind
    text: str
    level: int = 0
    lead: str | None = None
    page: int | None = None
    page_label: str | None = None


def to_blocks(parts: Iterable[Part]) -> tuple[Block, ...]:
    """Give every part the path of headings above it, outermost first.

    >>> parts = [Part("heading", "A", 1), Part("heading", "B", 3), Part("heading", "C", 2), Part("paragraph", "x")]
    >>> [block.heading_path for block in to_blocks(parts)]
    [('A',), ('A', 'B'), ('A', 'C'), ('A', 'C')]
    """
    path: list[tuple[int, str]] = []
    blocks = []
    for part in parts:
        if part.kind == "heading":
            path = [entry for entry in path if entry[0] < part.level] + [(part.level, part.text)]
        titles = tuple(text for _, text in path)
        blocks.append(Block(part.kind, part.text, titles, part.page, part.page_label, part.lead))
    return tuple(blocks)


def last_sentence(text: str) -> str:
    """Return the sentence a paragraph ends with: the one that introduces what follows.

    >>> last_sentence("It has two parts, e.g. A and B. They are these:")
    'They are these:'
    """
    for end in reversed(list(SENTENCE_END.finditer(text))):
        if not ABBREVIATED.search(text[: end.start()]):
            return text[end.end() :]
    return text


def squeeze(text: str) -> str:
    """Replace every run of white space by one space, and drop it at both ends."""
    return " ".join(text.split())
