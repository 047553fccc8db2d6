"""The numbers that tie an answer on the left to its evidence on the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from kb.answering.prose import number_citations
from kb.types import Answer, Citation, Document
from kb.ui.markup import tag
from kb.ui.strings import Words


def _none(document_id: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class View:
    """What answers are shown with: the documents by id, the language, and of which a page can be pictured."""

    documents: Mapping[str, Document] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    pictured: Callable[[str], bool] = _none


@dataclass(frozen=True, slots=True)
class Sources:
    """The citations of one answer with their numbers, from 1 by first use.

    `turn` counts the questions of the conversation, so that two answers on
    one page never share an anchor.
    """

    turn: int
    numbers: Mapping[Citation, int]
    view: View

    @classmethod
    def of(cls, answer: Answer, turn: int, view: View) -> Sources:
        """Return the citations of an answer, numbered."""
        return cls(turn, {c: n for n, c in enumerate(number_citations(answer), 1)}, view)

    @property
    def language(self) -> str | None:
        """The language that all documents cited are in, None where they differ or do not say."""
        cited = {citation.passage.document_id for citation in self.numbers}
        documents = self.view.documents
        spoken = {documents[name].language if name in documents else None for name in cited}
        return spoken.pop() if len(spoken) == 1 else None

    def anchor(self, number: int) -> str:
        """Return the id that the evidence with this number has on the page."""
        return f"turn{self.turn}-source{number}"

    def title(self, citation: Citation) -> str:
        """Return the title of the document that is cited, or its id where the index lacks it."""
        document = self.view.documents.get(citation.passage.document_id)
        return document.title if document else citation.passage.document_id

    def place(self, citation: Citation, *, section: bool = False) -> str:
        """Return document and page in words, as in "Concept note, page 3"; with the `section` if wanted."""
        heading = citation.passage.heading_path[-1:] if section else ()
        page = self.view.words.place(citation)
        return ", ".join(word for word in (self.title(citation), *heading, page) if word)

    def markers(self, citations: Iterable[Citation]) -> str:
        """Return the [n] markers of these citations, each a link to its evidence."""
        links = (self._marker(citation) for citation in dict.fromkeys(citations))
        joined = "".join(links)
        return tag("sup", joined, "markers") if joined else ""

    def _marker(self, citation: Citation) -> str:
        number = self.numbers[citation]
        place = self.place(citation)
        return tag(
            "a",
            f"[{number}]",
            "marker",
            href=f"#{self.anchor(number)}",
            title=place,
            aria_label=self.view.words("evidence.marker", n=number, place=place),
        )
