"""What every loader shares: parts of a document become blocks under their headings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kb.text import sentences
from kb.types import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Part:
    """A block that does not know its headings yet, with what the lists pass needs.

    `level` counts from 1 for headings and is 0 for the rest. `mark` is the kind
    of mark before a list item ("-", "1.", "a)"), `indent` how far it stands to
    the right, `gap` the number of blank lines above.
    """

    kind: BlockKind
    text: str
    level: int = 0
    lead: str | None = None
    page: int | None = None
    page_label: str | None = None
    mark: str = ""
    indent: float = 0.0
    gap: int = 1


def to_blocks(parts: Iterable[Part]) -> tuple[Block, ...]:
    """Give every part the path of headings above it, outermost first.

    >>> parts = [Part("heading", "A", 1), Part("heading", "B", 3), Part("heading", "C", 2)]
    >>> [block.heading_path for block in to_blocks([*parts, Part("paragraph", "x")])]
    [('A',), ('A', 'B'), ('A', 'C'), ('A', 'C')]
    """
    path: list[tuple[int, str]] = []
    blocks = []
    for part in parts:
        if part.kind == "heading":
            path = [*(entry for entry in path if entry[0] < part.level), (part.level, part.text)]
        titles = tuple(text for _, text in path)
        blocks.append(Block(part.kind, part.text, titles, part.page, part.page_label, part.lead))
    return tuple(blocks)


def last_sentence(text: str) -> str:
    """Return the sentence a paragraph ends with: the one that introduces what follows.

    >>> last_sentence("It has two parts, e.g. A and B. They are these:")
    'They are these:'
    """
    spans = sentences(text)
    return text[slice(*spans[-1])] if spans else text


def squeeze(text: str) -> str:
    """Replace every run of white space by one space, and drop it at both ends."""
    return " ".join(text.split())


def join_wrapped(text: str, following: str, vocabulary: frozenset[str], default: str = "") -> str:
    r"""Join two lines of a paragraph; a word that is split by a hyphen becomes one word again.

    `vocabulary` holds the words of the document in lower case. It decides
    whether the hyphen belongs to the word; where it knows neither form,
    `default` takes the hyphen's place.

    >>> join_wrapped("a multi-", "stakeholder group", frozenset({"multi-stakeholder"}))
    'a multi-stakeholder group'
    >>> join_wrapped("develop-", "ment", frozenset())
    'development'
    """
    if not (text.endswith(("-", "\u00ad")) and text[-2:-1].isalpha() and following[:1].islower()):
        return f"{text} {following}"
    left, right = text[:-1].split()[-1].lower(), following.split()[0].lower().rstrip(".,;:!?)”\"'")
    if f"{left}-{right}" in vocabulary:
        return f"{text[:-1]}-{following}"
    if f"{left}{right}" in vocabulary:
        return text[:-1] + following
    return text[:-1] + default + following
