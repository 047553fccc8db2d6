"""What a reader reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """What the reader reads of a passage: its title and headings, and its blocks in order."""

    context: str
    blocks: tuple[str, ...]
