"""A small corpus made by hand, answers that quote it, and a reader of HTML."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, cast

from kb.config import Config
from kb.retrieval.filters import Filter
from kb.types import Answer, BlockKind, Citation, Claim, Document, Passage, Span, Turn
from kb.ui.desk import Desk
from kb.ui.sources import View

if TYPE_CHECKING:
    from kb.assistant import Assistant

ANY = Filter()

Lines = list[tuple[BlockKind | None, str]]


class Page(HTMLParser):
    """What a browser makes of some HTML: its elements in order, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.marked: list[str] = []
        self._in_mark = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._in_mark = tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark = False

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marked.append(data)

    def tags(self) -> list[str]:
        return [tag for tag, _ in self.elements]

    def all(self, tag: str, class_: str = "") -> list[dict[str, str]]:
        """Return the attributes of every such element."""
        return [given for name, given in self.elements if name == tag and class_ in given.get("class", "")]


def passage(key: str, document: str, path: tuple[str, ...], lines: Lines, page: int | None = None) -> Passage:
    """Lay lines out as chunking does; a line of no kind is a repeated header and has no span."""
    text, spans, label = "", [], "8" if page else None
    for kind, line in lines:
        text += ("\n" if text else "") + ("- " if kind == "list_item" else "")
        if kind:
            spans.append(Span(len(text), len(text) + len(line), kind, page, label))
        text += line
    return Passage(key, document, 0, text, path, page, label, 0, len(text), tuple(spans))


def quote(source: Passage, words: str) -> Citation:
    start = source.text.index(words)
    return Citation(source, start, start + len(words))


DOCUMENTS = {
    "note": Document(
        "note",
        "note.docx",
        "Workshop note",
        "concept-note",
        "UN DESA",
        "2023-03-22",
        audience=("participant",),
    ),
    "book": Document("book", "book.docx", "Officer handbook", pages=38),
    "data": Document("data", "data.docx", "Index values", date="2022"),
}
PLACE, ROOM = "The workshop is in Kigali on 22 March.", "It meets in room MH4."
VENUE = passage(
    "venue",
    "note",
    ("4. Practical matters", "Venue"),
    [("heading", "Venue"), ("paragraph", f"{PLACE} {ROOM}"), ("paragraph", "Register one week before.")],
    12,
)
STEPS = passage(
    "steps",
    "book",
    ("Culture",),
    [
        ("paragraph", "A culture grows slowly. " * 20),
        ("paragraph", "The steps are:"),
        ("list_item", "win the leaders"),
        ("list_item", "train everybody"),
    ],
)
ROWS: Lines = [("table_row", f"Land {number}\t0.{number}") for number in range(10, 60)]
TABLE = passage("table", "data", ("Values",), [(None, "Country\tEGDI"), *ROWS])


def venue_answer() -> Answer:
    """Two sentences from one passage, the second carried by two quotes."""
    first, second = quote(VENUE, PLACE), quote(VENUE, ROOM)
    claims = (Claim(PLACE, (first,)), Claim(ROOM, (second, first)))
    return Answer("Where is it?", "Where is the Kigali workshop?", "answered", claims)


class Index:
    """As much of an index as the tab looks at."""

    generation = "20260101-abc"
    size = 1234

    def documents(self) -> list[Document]:
        return list(DOCUMENTS.values())

    def passages_by_document(self) -> dict[str, int]:
        return {source.document_id: 1 for source in (VENUE, STEPS, TABLE)}

    def fetch(self, ids: Sequence[str]) -> list[Passage]:
        return [source for source in (VENUE, STEPS, TABLE) if source.id in ids]

    def search_words(self, *_: object) -> list[tuple[str, float]]:
        return []


@dataclass(frozen=True)
class Asked:
    """What an assistant was asked, and where it was to look."""

    question: str
    history: Sequence[Turn]
    where: Filter


@dataclass
class Oracle:
    """An assistant that gives the answer it was made with, and remembers what it was asked."""

    reply: Callable[[str], Answer]
    told: tuple[Claim, ...] = ()
    index: Index = field(default_factory=Index)
    asked: list[Asked] = field(default_factory=list)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Collection[str] | None = None,
        on_claim: Callable[[Claim], None] | None = None,
        where: Filter = ANY,
    ) -> Answer:
        self.asked.append(Asked(question, history, where))
        for claim in self.told:
            assert on_claim is not None
            on_claim(claim)
        return self.reply(question)

    def quoting(self) -> Oracle:
        return self


def desk(oracle: Oracle, config: Config | None = None) -> Desk:
    """Return a desk whose assistant is the oracle."""
    return Desk(config or Config(), cast("Callable[[], Assistant]", lambda: oracle))


VIEW = View(DOCUMENTS)
