"""Asks every case and keeps what came back, in the terms that the metrics compare."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from eval.cases import Case, Evidence
from eval.citations import Stated, stands_in
from kb.answering.prose import answer_text, number_citations
from kb.errors import KBError
from kb.types import Answer, Citation, Claim, Hit, Status, Turn

# Hits that are fetched for a case, whatever the assistant itself reads.
K = 10

# Gives the whole text of a file by its name, so that quotes can be looked up where they are said to stand.
FileText = Callable[[str], str]

ABSTAINED: frozenset[Status] = frozenset({"not_in_corpus"})


class Answerer(Protocol):
    """What is evaluated: `kb.assistant.Assistant`, or anything that answers and searches like it."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer: ...  # noqa: D102

    def search(self, question: str, k: int) -> list[Hit]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Record:
    """What came back for a case.

    `hits` are in rank order. `cited` are the quotes under claims, conflicts
    and options, `pointed` those under pointers: an answer that declines does
    not get credit for an answer's citations. `milliseconds` is for `ask` alone.
    """

    case: Case
    status: Status
    text: str
    hits: tuple[Evidence, ...]
    cited: tuple[Evidence, ...]
    pointed: tuple[Evidence, ...]
    conflicts: int
    milliseconds: float
    stated: tuple[Stated, ...] = ()
    said: str = ""
    faithful: bool | None = None
    confidence: float = 0.0

    @property
    def abstained(self) -> bool:
        """Whether the assistant declined to answer."""
        return self.status in ABSTAINED


@dataclass(frozen=True, slots=True)
class Run:
    """The records of a run; `stopped` says why it ended before `planned` cases were asked."""

    records: tuple[Record, ...]
    planned: int
    stopped: str | None = None


def run_cases(
    cases: Sequence[Case],
    assistant: Answerer,
    sources: Mapping[str, str],
    progress: Callable[[int, int], None] = lambda *_: None,
    text: FileText | None = None,
) -> Run:
    """Ask every case; `sources` maps document ids to the file names that evidence gives.

    With `text`, quotes are looked up in their files. A KBError or Ctrl-C ends
    the run, and what was collected so far is kept.
    """
    records: list[Record] = []
    try:
        for done, case in enumerate(cases):
            progress(done, len(cases))
            records.append(_ask(case, assistant, sources, text))
        progress(len(cases), len(cases))
    except KBError as error:
        return Run(tuple(records), len(cases), f"{cases[len(records)].place}: {error}")
    except KeyboardInterrupt:
        return Run(tuple(records), len(cases), "interrupted")
    return Run(tuple(records), len(cases))


def _ask(case: Case, assistant: Answerer, sources: Mapping[str, str], text: FileText | None) -> Record:
    started = time.perf_counter()
    answer = assistant.ask(case.question, case.history)
    seconds = time.perf_counter() - started
    # A follow-up is searched as the assistant understood it, as `ask` does too.
    hits = assistant.search(answer.standalone_question or case.question, K)

    def true(citation: Citation) -> bool:
        return text is None or stands_in(citation.quote, text(sources[citation.passage.document_id]))

    def shown(citations: Iterable[Citation]) -> tuple[Evidence, ...]:
        return tuple(Evidence(sources[c.passage.document_id], c.quote) for c in citations)

    return Record(
        case=case,
        status=answer.status,
        text=answer_text(answer),
        hits=tuple(Evidence(sources[h.passage.document_id], h.passage.text) for h in hits),
        cited=shown(number_citations(replace(answer, pointers=()))),
        pointed=shown(citation for pointer in answer.pointers for citation in pointer.citations),
        conflicts=len(answer.conflicts),
        milliseconds=1000 * seconds,
        stated=tuple(_stated(claim, true) for claim in answer.claims),
        said="\n".join([claim.text for claim in answer.claims] + [c.summary for c in answer.conflicts]),
        faithful=None if text is None else all(true(c) for c in number_citations(answer)),
        confidence=answer.confidence,
    )


def _stated(claim: Claim, true: Callable[[Citation], bool]) -> Stated:
    """Return a claim with what the reader sees under it: each quote below its headings."""
    return Stated(
        claim.text,
        tuple("\n".join((*c.passage.heading_path, c.quote)) if true(c) else "" for c in claim.citations),
    )
