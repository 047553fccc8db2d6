"""What the named endpoints take and give, as types: the JSON objects of `kb/contract.py`, field by field.

Gradio describes them to other programs under /gradio_api/info. Fields are added, never renamed.
"""

from typing import Literal

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

Support = Literal["quoted", "supported", "unsupported"]
Status = Literal["answered", "clarify", "not_in_corpus", "greeting"]

# What programs send may hold no field that is not known, so a misspelt one never passes unnoticed.
CLOSED = ConfigDict(extra="forbid")


@with_config(CLOSED)
class TurnGiven(TypedDict):
    """An earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    content: str


@with_config(CLOSED)
class Where(TypedDict, total=False):
    """Which documents to look in: one of the values of every field that is given."""

    documents: list[str]
    kinds: list[str]
    editions: list[str]
    since: str
    until: str
    audiences: list[str]


class CitationResult(TypedDict):
    """A quote, numbered as in the text, and where it stands."""

    n: int
    passage_id: str
    document_id: str
    title: str
    source: str
    heading_path: list[str]
    page: int | None
    page_label: str | None
    place: str | None
    recognised: float | None
    quote: str


class ClaimResult(TypedDict):
    """A statement of an answer or a brief, with the numbers of its citations."""

    text: str
    support: Support
    citations: list[int]
    layout: str
    about: str


class ConflictResult(TypedDict):
    """What sources disagree on."""

    summary: str
    citations: list[int]


class OptionResult(TypedDict):
    """One of the things that an ambiguous question may mean."""

    label: str
    question: str
    citations: list[int]


class PointerResult(TypedDict):
    """Where the documents say to look for what they don't hold."""

    note: str
    citations: list[int]


class AnswerResult(TypedDict):
    """An answer as `kb ask --json` prints it; abstaining is a status."""

    id: str | None
    question: str
    standalone_question: str
    status: Status
    text: str
    exact: str
    confidence: float
    claims: list[ClaimResult]
    citations: list[CitationResult]
    conflicts: list[ConflictResult]
    options: list[OptionResult]
    pointers: list[PointerResult]
    notes: list[str]
    timings_ms: dict[str, float]
    config_digest: str
    index_generation: str


class HitResult(TypedDict):
    """A passage that was found; a higher score is better."""

    passage_id: str
    document_id: str
    title: str
    source: str
    heading_path: list[str]
    page: int | None
    page_label: str | None
    text: str
    score: float
    via: str


class SearchResult(TypedDict):
    """Ranked passages as `kb search --json` prints them."""

    query: str
    hits: list[HitResult]


class ParagraphResult(TypedDict):
    """Claims of a brief that belong together, and the line that leads to them."""

    line: str
    claims: list[ClaimResult]


class SectionResult(TypedDict):
    """A section of a brief."""

    heading: str
    paragraphs: list[ParagraphResult]


class BriefResult(TypedDict):
    """A brief as `kb brief --json` prints it, and the whole of it as Markdown."""

    topic: str
    title: str
    sections: list[SectionResult]
    conflicts: list[ConflictResult]
    gaps: list[str]
    citations: list[CitationResult]
    notes: list[str]
    words: int
    made: str
    seconds: float
    config_digest: str
    index_generation: str
    markdown: str


class EgdiRowResult(TypedDict):
    """The figures of one country in one edition, null for no value."""

    country: str
    iso3: str
    edition: int
    rank: int | None
    egdi: float | None
    osi: float | None
    tii: float | None
    hci: float | None
    epi: float | None


class EgdiResult(TypedDict):
    """Rows of the EGDI table, as `kb egdi --json` prints them."""

    rows: list[EgdiRowResult]
