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

# Confidences that differ by less are taken to be the same.
AS_SURE = 0.1


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

    def quoting(self) -> Answering:
        """Return the same without a language model; itself if it has none."""
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
    """Answer from the documents to be searched first, unless all that may be answer more surely."""
    where = scope.where
    if scope.first:
        narrowed = replace(where, audiences=(scope.first,))
        quoting = assistant.quoting()
        own, all_told = (quoting.ask(question, history, where=one) for one in (narrowed, where))
        where, answer = (narrowed, own) if _prefers(own, all_told) else (where, all_told)
        if quoting is assistant:
            return answer
    return assistant.ask(question, history, on_claim=on_claim, where=where)


def _prefers(own: Answer, all_told: Answer) -> bool:
    """Tell whether the answer from the documents for a role is to be given, not that from all documents."""
    if own.status != "answered" or all_told.status != "answered":
        # Of several readings somebody's role says which is meant.
        return own.status == "answered"
    return own.confidence >= all_told.confidence - AS_SURE


def streamed(answering: Callable[[OnClaim], Answer]) -> Iterator[Claim | Answer]:
    """Yield each claim that is told of while an answer is made, then the answer; raises what it raises."""
    told: SimpleQueue[Claim | Future[Answer]] = SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix="kb-asking") as thread:
        future = thread.submit(answering, told.put)
        future.add_done_callback(told.put)
        while not isinstance(said := told.get(), Future):
            yield said
    yield future.result()
