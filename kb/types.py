"""The domain's nouns, all frozen, and the Protocols that engines fill.

This module imports the standard library and numpy's types only, so that every
other module may import it. Data moves forward:

    Document -> Block -> Passage -> Hit -> Citation -> Claim -> Answer

Scores are always "higher is better"; cosines lie in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kb.lexicon import Lexicon

    Vectors: TypeAlias = NDArray[np.float32]

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "caption"]
Layout = Literal["sentence", "lead", "item", "row"]
Status = Literal["answered", "clarify", "not_in_corpus", "greeting"]
Support = Literal["quoted", "supported", "unsupported"]
Role = Literal["query", "passage"]
# Where a text goes on to another page: the offset, the page and what is printed on it.
Turned: TypeAlias = tuple[int, int, str | None]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or caption of a document.

    A heading's `heading_path` ends with the heading itself. `lead` is the
    sentence that introduces a list (on every item of it) or the header line of
    a table (on every row of it); cells are separated by tabs. `page` counts
    from 1 by position in the file, `page_label` is what is printed there; both
    are None for formats without pages. `turns` lists the pages that it goes on
    to: (offset in its text, page, label). `place` says where it stands in a
    file without pages, as people say it ("sheet Fees, row 7"). `recognised` is
    how sure text recognition is of its words, from 0 to 1, and None for words
    that the file itself holds.
    """

    kind: BlockKind
    text: str
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    page_label: str | None = None
    lead: str | None = None
    place: str | None = None
    recognised: float | None = None
    turns: tuple[Turned, ...] = ()

    def page_at(self, offset: int) -> tuple[int | None, str | None]:
        """Return the page, and what is printed on it, of what stands at an offset of the text."""
        return _page_at(self, offset)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: what it is, and its blocks in reading order.

    `id` derives from the file's bytes, so the same bytes are one document.
    `source` is the file name. `without_text` names the pages, counted from 1,
    of which no text could be read though they are not blank, `recognised` those
    that are pictures and were read by text recognition, `hidden` what the file
    holds and does not show, which is left out. `blocks` is empty
    on a document read back from an index, which keeps passages instead.
    """

    id: str
    source: str
    title: str
    kind: str = "document"
    publisher: str | None = None
    date: str | None = None
    edition: str | None = None
    audience: tuple[str, ...] = ()
    language: str | None = None
    restates: str | None = None
    obtain: str | None = None
    pages: int | None = None
    without_text: tuple[int, ...] = ()
    recognised: tuple[int, ...] = ()
    hidden: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = field(default=(), repr=False)

    @property
    def label(self) -> str:
        """The title, and the edition where one is known: what people call the document."""
        known = not self.edition or self.edition in self.title
        return self.title if known else f"{self.title} ({self.edition})"

    @property
    def gaps(self) -> str:
        """The pages without text as people write them, or nothing."""
        return said_pages(self.without_text)


# The fields of a Document that hold several values.
LISTS = ("audience", "without_text", "recognised", "hidden")


def said_pages(pages: Sequence[int]) -> str:
    """Return rising page numbers as people write them, or nothing.

    >>> said_pages((2, 3, 4, 9)), said_pages((2,)), said_pages(())
    ('pages 2-4, 9', 'page 2', '')
    """
    runs: list[list[int]] = []
    for page in pages:
        if runs and runs[-1][-1] == page - 1:
            runs[-1] = [runs[-1][0], page]
        else:
            runs.append([page])
    said = ", ".join("-".join(map(str, run)) for run in runs)
    return f"{'page' if len(pages) == 1 else 'pages'} {said}" if said else ""


@dataclass(frozen=True, slots=True)
class Span:
    """Where one block stands inside a passage: `text[start:end]`; the rest is as on `Block`.

    The offsets of `turns` count from the passage's beginning.
    """

    start: int
    end: int
    kind: BlockKind
    page: int | None = None
    page_label: str | None = None
    place: str | None = None
    recognised: float | None = None
    turns: tuple[Turned, ...] = ()

    def page_at(self, offset: int) -> tuple[int | None, str | None]:
        """Return the page, and what is printed on it, of what stands at an offset of the passage.

        >>> Span(0, 90, "paragraph", 1, "i", turns=((40, 2, "ii"),)).page_at(50)
        (2, 'ii')
        """
        return _page_at(self, offset)


def _page_at(placed: Block | Span, offset: int) -> tuple[int | None, str | None]:
    found = (placed.page, placed.page_label)
    for start, page, label in placed.turns:
        found = (page, label) if start <= offset else found
    return found


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of one section that is embedded, searched and cited.

    `id` derives from content. `ordinal` counts passages within the document
    from 0. `start` and `end` are character offsets in the document's blocks
    joined by newlines. `spans` says which block each part of `text` comes
    from; a lead-in or table header that is repeated here to keep a split list
    or table readable belongs to no span.
    """

    id: str
    document_id: str
    ordinal: int
    text: str
    heading_path: tuple[str, ...]
    page: int | None
    page_label: str | None
    start: int
    end: int
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found by a search, with its score and the searches that found it."""

    passage: Passage
    score: float
    via: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A slice of a passage. Its quote is cut from the passage, so it cannot be wrong.

    >>> passage = Passage("p", "d", 0, "Room MH4 on day two.", (), 3, "iii", 0, 20)
    >>> Citation(passage, 0, 8).quote
    'Room MH4'
    """

    passage: Passage
    start: int
    end: int

    @property
    def quote(self) -> str:
        return self.passage.text[self.start : self.end]

    @property
    def span(self) -> Span | None:
        """The block in which the quote begins, or the next one."""
        return next((s for s in self.passage.spans if s.end > self.start), None)

    def overlaps(self, other: Citation) -> bool:
        """Tell whether two citations quote some of the same words."""
        return self.passage.id == other.passage.id and self.start < other.end and other.start < self.end

    def holds(self, other: Citation) -> bool:
        """Tell whether all that another citation quotes stands in this one."""
        return self.passage.id == other.passage.id and self.start <= other.start and other.end <= self.end

    @property
    def page(self) -> int | None:
        return self.span.page_at(self.start)[0] if self.span else self.passage.page

    @property
    def page_label(self) -> str | None:
        return self.span.page_at(self.start)[1] if self.span else self.passage.page_label

    @property
    def place(self) -> str | None:
        """Where the quote stands in a file without pages."""
        return self.span.place if self.span else None

    @property
    def recognised(self) -> float | None:
        """How sure text recognition is of the quote's words, or None if it did not read them."""
        found = [s.recognised for s in self.passage.spans if s.start < self.end and s.end > self.start]
        return min((sure for sure in found if sure is not None), default=None)


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement of an answer with the quotes that carry it.

    `about` is the side of a comparison that it speaks for: a document, or one
    of the things compared.
    """

    text: str
    citations: tuple[Citation, ...]
    support: Support = "quoted"
    layout: Layout = "sentence"
    about: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more quotes that disagree about the same thing."""

    summary: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the things an ambiguous question may mean, with what answers it."""

    label: str
    question: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where to look for what the corpus does not hold."""

    note: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier message of the conversation; `role` is "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the assistant says, why, and under which settings.

    `notes` are remarks to the reader about the answer (the language of the
    question, say); they state nothing about the subject and need no citation.
    `exact` is the date, number, name or address in the first claim that answers
    by itself, if there is one. `confidence` is how sure it is that the documents answer the question, from
    0 to 1.
    """

    question: str
    standalone_question: str
    status: Status
    claims: tuple[Claim, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    options: tuple[Option, ...] = ()
    pointers: tuple[Pointer, ...] = ()
    notes: tuple[str, ...] = ()
    exact: str = ""
    confidence: float = 0.0
    config_digest: str = ""
    index_generation: str = ""
    timings_ms: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """What one commit does to an index: documents to drop, then documents to add.

    `vectors[i]` belongs to `passages[i]`, and so does `keys[i]`, the digest of
    the embedded text under which the vector can be found again. Adding a
    document whose source is already there replaces it.
    """

    remove: tuple[str, ...] = ()
    add: tuple[Document, ...] = ()
    passages: tuple[Passage, ...] = ()
    vectors: Vectors | None = None
    keys: tuple[str, ...] = ()


class Embedder(Protocol):
    """Turns texts into unit vectors.

    `digest` names the model and the way it is run; vectors of different
    digests must never meet in one index.
    """

    @property
    def digest(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def knows(self, word: str) -> bool:
        """Tell whether the model has a word whole, as it has common words and not misspellings."""
        ...

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """Encode n texts into an (n, dimension) float32 array of unit rows.

        `role` says what they are, as many models want other words before a
        question than before a passage.
        """
        ...


class PassageIndex(Protocol):
    """All that retrieval knows of an index: a folder today, an engine later."""

    @property
    def generation(self) -> str: ...

    @property
    def size(self) -> int:
        """The number of passages."""
        ...

    def documents(self) -> list[Document]: ...

    def search_vector(
        self, vector: Vectors, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to k (passage id, cosine), best first; only in `documents` if given."""
        ...

    def search_words(
        self, query: str, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return up to k (passage id, BM25), best first; only in `documents` if given."""
        ...

    def lexicon(self) -> Lexicon:
        """Return the words and acronyms of all passages."""
        ...

    def fetch(self, ids: Sequence[str]) -> list[Passage]:
        """Return the passages with these ids, in the order of the ids."""
        ...

    def passages(self, document_id: str, first: int, most: int) -> list[Passage]:
        """Return up to `most` passages of a document in reading order, from the one with ordinal `first`."""
        ...

    def passages_by_document(self) -> dict[str, int]:
        """Return how many passages each document id has."""
        ...

    def section(self, passage: Passage) -> list[Passage]:
        """Return the passages of the same document and heading path, in reading order."""
        ...

    def apply(self, changes: Changes) -> None:
        """Commit all of `changes` or nothing."""
        ...
