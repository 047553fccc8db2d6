"""Putting a question to the assistant: where it looks first and where at all, and claims as they come."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Protocol

from kb.retrieval.filters import Filter
from kb.types import Answer, Claim, Document, Turn

OnClaim = Callable[[Claim], None]


class Answering(Protocol):
    """What the tab needs of an assistant."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Collection[str] | None = None,
        on_claim: OnClaim | None = None,
        where: Filter = ...,
    ) -> Answer:
        """Answer a question, or raise KBError with a sentence for the reader."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an answer may be looked for, and the audience whose documents are searched first, if any."""

    where: Filter = field(default_factory=Filter)
    first: str = ""

    @classmethod
    def of(cls, where: Filter, role: str, documents: Mapping[str, Document]) -> Scope:
        """Return the scope for somebody's role; QuestionError where the filter matches no document."""
        matching = where.select(tuple(documents.values()))
        preferred = any(role in documents[document].audience for document in matching)
        return cls(where, role if preferred else "")


def ask(
    assistant: Answering,
    question: str,
    history: Sequence[Turn],
    scope: Scope,
    on_claim: OnClaim | None = None,
) -> Answer:
    """Answer from the documents to be searched first; if those have no answer, from all that may be."""
    if scope.first:
        narrowed = replace(scope.where, audiences=(scope.first,))
        answer = assistant.ask(question, history, on_claim=on_claim, where=narrowed)
        if answer.status == "answered":
            return answer
    return assistant.ask(question, history, on_claim=on_claim, where=scope.where)


def streamed(answering: Callable[[OnClaim], Answer]) -> Iterator[Claim | Answer]:
    """Yield each claim that is told of while an answer is made, then the answer; raises what it raises."""
    told: SimpleQueue[Claim | Future[Answer]] = SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix="kb-asking") as thread:
        future = thread.submit(answering, told.put)
        future.add_done_callback(told.put)
        while not isinstance(said := told.get(), Future):
            yield said
    yield future.result()
