"""What a brief is: parts of quoted paragraphs, what disagrees, what is missing, and where it all stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kb.types import Citation, Claim, Conflict, Document

WORDS_A_PAGE = 420


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A connecting line, which states nothing of the subject, and the claims that it introduces."""

    line: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a brief."""

    heading: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Brief:
    """A topic as the documents put it. Every claim has its citations; `gaps` are questions nothing answers.

    `made` is the day, `documents` maps the ids of all documents cited, and `searched` counts those of the
    index. `words` are those of the claims.
    """

    topic: str
    parts: tuple[Part, ...]
    conflicts: tuple[Conflict, ...] = ()
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    documents: Mapping[str, Document] = field(default_factory=dict)
    searched: int = 0
    made: str = ""
    config_digest: str = ""
    index_generation: str = ""
    seconds: float = 0.0

    @property
    def claims(self) -> Iterator[Claim]:
        """Every claim, in reading order."""
        for part in self.parts:
            for paragraph in part.paragraphs:
                yield from paragraph.claims

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation once, in reading order."""
        groups = (*(c.citations for c in self.claims), *(c.citations for c in self.conflicts))
        return tuple(dict.fromkeys(citation for group in groups for citation in group))

    @property
    def words(self) -> int:
        """How many words the claims have together."""
        return sum(len(claim.text.split()) for claim in self.claims)


def title_of(topic: str) -> str:
    """Return a topic as a title.

    >>> title_of("duties of the  chief digital officer?")
    'Duties of the chief digital officer'
    """
    plain = " ".join(topic.split()).rstrip("?. ")
    return plain[:1].upper() + plain[1:]
