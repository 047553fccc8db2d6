"""What every loader shares: parts of a document become blocks under their headings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from unicodedata import category

from kb.text import sentences
from kb.types import Block, BlockKind, Turned

# General categories of Unicode: private use, unassigned, control, half of a pair.
NO_LETTERS = frozenset(("Co", "Cn", "Cc", "Cs"))
MEANINGLESS = frozenset("\ufffd")
# The share of such signs from which on a text is not worth quoting: lists with bullets of private use stay
# below a tenth, and texts of fonts without names for their letters lie above a half.
MOST_JUNK = 0.3
WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
MAX_HEADING = 1_000  # letters
LONGEST_WORD = 80  # letters that are looked at of a word broken by a line's end
LAST_LETTERS = re.compile(r"[^\W\d_]+$")
FIRST_LETTERS = re.compile(r"[^\W\d_]+")
# A hyphen after one of these belongs to the word, wherever the line ends.
PREFIXES = frozenset({"self", "non", "well", "eco", "half"})
# A word before the hyphen that is whole speaks for a compound, unless longer words often begin
# with it, or what follows is only an ending.
FIRST_HALVES = frozenset(
    "over under with through every some there where what when inter trans back counter".split()
)
# These begin more compounds than longer words; an ending after one still makes a longer word of it.
HALVES = frozenset("cross long short high low full first third mid".split())
ENDING = re.compile(
    r"(?:ment|ing|ed|er|or|ly|able|ible|ness|tion|sion|al|ity|i[sz]e|i[sz]ation|ful|less|ive|ous|ant|ent|ance|ence"
    r"|ship|hood|ism|ist|ic|ary|age|y|s)\w{0,2}"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A block that does not know its headings yet, with what the lists pass needs.

    `level` counts from 1 for headings and is 0 for the rest. `mark` is the kind
    of mark before a list item ("-", "1.", "a)"), `indent` how far it stands to
    the right, `gap` the number of blank lines above. The rest is as on `Block`.
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
    place: str | None = None
    recognised: float | None = None
    turns: tuple[Turned, ...] = ()


def to_blocks(parts: Iterable[Part]) -> tuple[Block, ...]:
    """Give every part the path of headings above it, outermost first; what is too long for a heading is text.

    >>> parts = [Part("heading", "A", 1), Part("heading", "B", 3), Part("heading", "C", 2)]
    >>> [block.heading_path for block in to_blocks([*parts, Part("paragraph", "x")])]
    [('A',), ('A', 'B'), ('A', 'C'), ('A', 'C')]
    """
    path: list[tuple[int, str]] = []
    blocks = []
    for part in parts:
        if part.kind == "heading" and len(part.text) > MAX_HEADING:
            part = replace(part, kind="paragraph")
        if part.kind == "heading":
            path = [*(entry for entry in path if entry[0] < part.level), (part.level, part.text)]
        titles = tuple(text for _, text in path)
        placed = (part.page, part.page_label, part.lead, part.place, part.recognised, part.turns)
        blocks.append(Block(part.kind, part.text, titles, *placed))
    return tuple(blocks)


def last_sentence(text: str) -> str:
    """Return the sentence a paragraph ends with: the one that introduces what follows.

    >>> last_sentence("It has two parts, e.g. A and B. They are these:")
    'They are these:'
    """
    spans = sentences(text)
    return text[slice(*spans[-1])] if spans else text


def vocabulary_of(lines: Iterable[str]) -> frozenset[str]:
    """Return the words of a text in lower case, without the halves of words that a line's end breaks.

    >>> sorted(vocabulary_of(["Data-driven develop-", "ment of data"]))
    ['data', 'data-driven', 'of']
    """
    found: set[str] = set()
    broken = False
    for line in lines:
        words = WORDS.findall(line.lower())
        ends_broken = line.endswith("-")
        found.update(words[1 if broken else 0 : -1 if ends_broken else None])
        broken = ends_broken
    return frozenset(found)


def is_junk(text: str) -> bool:
    r"""Tell whether a text is mostly signs that mean nothing, as of fonts that do not name their letters.

    >>> is_junk("\ue001\ue002\ue003 \ue004 a"), is_junk("\uf0b7 Bring a pen"), is_junk("")
    (True, False, False)
    """
    if text.isascii() and text.isprintable():
        return False
    counts = Counter(text)
    shown = {sign: n for sign, n in counts.items() if not sign.isspace()}
    junk = sum(n for sign, n in shown.items() if sign in MEANINGLESS or category(sign) in NO_LETTERS)
    return junk > MOST_JUNK * sum(shown.values())


def squeeze(text: str) -> str:
    """Replace every run of white space by one space, and drop it at both ends."""
    return " ".join(text.split())


def join_lines(lines: Iterable[str], vocabulary: frozenset[str], default: str = "") -> str:
    r"""Join the lines of a paragraph; a word that is split by a hyphen becomes one word again.

    `vocabulary` holds the words of the document in lower case. It decides
    whether the hyphen belongs to the word; where it knows no form of it,
    `default` takes the hyphen's place.

    >>> join_lines(["a multi-", "stakeholder group"], frozenset({"multi-stakeholder"}))
    'a multi-stakeholder group'
    >>> join_lines(["develop-", "ment"], frozenset({"develop"}))
    'development'
    >>> join_lines(["long-", "term"], frozenset())
    'long-term'
    """
    joined: list[str] = []
    for line in lines:
        above = joined[-1] if joined else ""
        if not joined or not (above.endswith("-") and above[-2:-1].isalpha() and line[:1].isalpha()):
            joined.append(f" {line}" if joined else line)
            continue
        if line[0].islower():
            joined[-1] = above[:-1] + _between(above[:-1], line, vocabulary, default)
        joined.append(line)
    return "".join(joined)


def _between(above: str, below: str, vocabulary: frozenset[str], default: str) -> str:
    """Return what stands between the halves of a word that a line's end breaks."""
    left = LAST_LETTERS.search(above[-LONGEST_WORD:].lower())
    right = FIRST_LETTERS.match(below[:LONGEST_WORD].lower())
    return _hyphen(left[0] if left else "", right[0] if right else "", vocabulary, default)


def _hyphen(left: str, right: str, vocabulary: frozenset[str], default: str) -> str:
    if f"{left}-{right}" in vocabulary:
        return "-"
    if f"{left}{right}" in vocabulary:
        return ""
    known = len(left) > 3 and left in vocabulary and left not in FIRST_HALVES
    both = len(left) > 2 and len(right) > 3 and {left, right} <= vocabulary and left not in FIRST_HALVES
    half = left in HALVES and len(right) > 3
    compound = (known or both or half) and not ENDING.fullmatch(right)
    return "-" if compound or left in PREFIXES or len(left) == 1 else default
