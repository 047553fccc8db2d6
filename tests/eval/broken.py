"""The real assistant, and the same spoilt in ways that the gate must catch."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb.answering.prose import number_citations
from kb.assistant import Assistant
from kb.retrieval.relevance import Relevance
from kb.retrieval.retriever import Retriever
from kb.types import Answer, Citation, Hit, Pointer, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass
class Remembered:
    """The real assistant, which is asked everything once however many wrap it."""

    assistant: Assistant
    answers: dict[tuple[str, tuple[Turn, ...]], Answer] = field(default_factory=dict)
    hits: dict[tuple[str, int], list[Hit]] = field(default_factory=dict)

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        key = (question, tuple(history))
        if key not in self.answers:
            self.answers[key] = self.assistant.ask(question, history)
        return self.answers[key]

    def search(self, question: str, k: int) -> list[Hit]:
        if (question, k) not in self.hits:
            self.hits[question, k] = self.assistant.search(question, k)
        return self.hits[question, k]


@dataclass
class Spoilt:
    """Finds what the real assistant finds."""

    real: Remembered

    def search(self, question: str, k: int) -> list[Hit]:
        return self.real.search(question, k)


class WrongFile(Spoilt):
    """Gives every quote the name of another document."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        answer = self.real.ask(question, history)
        ids = [document.id for document in self.real.assistant.index.documents()]
        other = dict(zip(ids, [*ids[1:], ids[0]], strict=True))

        def moved(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
            return tuple(
                replace(c, passage=replace(c.passage, document_id=other[c.passage.document_id]))
                for c in citations
            )

        return replace(
            answer,
            claims=tuple(replace(one, citations=moved(one.citations)) for one in answer.claims),
            conflicts=tuple(replace(one, citations=moved(one.citations)) for one in answer.conflicts),
            options=tuple(replace(one, citations=moved(one.citations)) for one in answer.options),
            pointers=tuple(replace(one, citations=moved(one.citations)) for one in answer.pointers),
        )


class Abstainer(Spoilt):
    """Declines everything, and points to what it would have quoted."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        answer = self.real.ask(question, history)
        pointer = Pointer("See there.", tuple(number_citations(answer)))
        return Answer(question, answer.standalone_question, "not_in_corpus", pointers=(pointer,))


class Backwards(Retriever):
    """Ranks what both searches found the other way round."""

    def search(
        self,
        question: str,
        relevance: Relevance,
        k: int | None = None,
        documents: Collection[str] | None = None,
        added: Sequence[str] = (),
        vector: NDArray[np.float32] | None = None,
    ) -> list[Hit]:
        found = super().search(question, relevance, self.index.size, documents, added, vector)
        return found[::-1][: k or self.config.k]


def backwards(assistant: Assistant) -> Assistant:
    """Return the assistant with its retriever spoilt."""
    found = assistant.retriever
    return replace(assistant, retriever=Backwards(found.index, found.embedder, found.config))
