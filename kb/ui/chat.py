"""The conversation: how it grows by one question, and how it looks."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from kb.answering.prose import answer_text
from kb.errors import KBError
from kb.types import Answer, Document, Turn
from kb.ui.evidence import render_evidence, render_library
from kb.ui.examples import render_welcome
from kb.ui.markup import prose, tag
from kb.ui.render import render_answer
from kb.ui.sources import Sources

# An answer arrives whole; it is shown statement by statement within this time,
# so that the eye can follow where it begins.
REVEAL_SECONDS = 0.4
REVEAL_STEPS = 8
SHOWN_QUESTION_CHARS = 400


class Answering(Protocol):
    """What the page needs of an assistant."""

    def ask(
        self, question: str, history: Sequence[Turn] = (), documents: Collection[str] | None = None
    ) -> Answer:
        """Answer a question, or raise KBError with a sentence for the reader."""
        ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what became of it: an answer, a problem, or nothing yet.

    `shown` counts the claims to be seen; None is all of them.
    """

    question: str
    answer: Answer | None = None
    shown: int | None = None
    problem: str = ""


Conversation: TypeAlias = tuple[Exchange, ...]


def converse(
    assistant: Answering,
    question: str,
    conversation: Conversation,
    documents: Collection[str] = (),
    pause: float = REVEAL_SECONDS,
) -> Iterator[Conversation]:
    """Yield the conversation as it grows: with the question, with each claim, with the whole answer.

    Earlier questions without an answer are dropped. `documents` are the ids to search in, empty
    for all. A KBError becomes the problem of the exchange.
    """
    earlier = tuple(replace(exchange, shown=None) for exchange in conversation if exchange.answer)
    yield (*earlier, Exchange(question))
    try:
        answer = assistant.ask(question, history(earlier), frozenset(documents) or None)
    except KBError as error:
        yield (*earlier, Exchange(question, problem=str(error)))
        return
    step = -(-len(answer.claims) // REVEAL_STEPS)
    for shown in range(step, len(answer.claims), step or 1):
        yield (*earlier, Exchange(question, answer, shown))
        time.sleep(pause / REVEAL_STEPS)
    yield (*earlier, Exchange(question, answer))


def history(conversation: Conversation) -> list[Turn]:
    """Return the exchanges that were answered as plain text, oldest first."""
    turns: list[Turn] = []
    for exchange in conversation:
        if exchange.answer is not None:
            turns += (Turn("user", exchange.question), Turn("assistant", answer_text(exchange.answer)))
    return turns


def render_conversation(conversation: Conversation, documents: Mapping[str, Document]) -> str:
    """Return the left column: every question with its answer, or the welcome if there is none."""
    if not conversation:
        return render_welcome()
    return "".join(_exchange(exchange, turn, documents) for turn, exchange in enumerate(conversation, 1))


def _exchange(exchange: Exchange, turn: int, documents: Mapping[str, Document]) -> str:
    question = _shortened(exchange.question)
    asked = tag("h2", prose(question), "question", dir="auto") if question else ""
    return tag("section", asked + _reply(exchange, turn, documents), "exchange", data_turn=str(turn))


def _reply(exchange: Exchange, turn: int, documents: Mapping[str, Document]) -> str:
    if exchange.problem:
        return tag("div", tag("p", prose(exchange.problem)), "answer problem", role="alert")
    if exchange.answer is None:
        return tag("div", tag("p", "Reading the documents …", "status"), "answer waiting")
    sources = Sources.of(exchange.answer, turn, documents)
    return render_answer(_beginning(exchange.answer, exchange.shown), sources)


def _beginning(answer: Answer, shown: int | None) -> Answer:
    if shown is None:
        return answer
    return replace(answer, claims=answer.claims[:shown], conflicts=(), options=(), pointers=(), notes=())


def render_panel(conversation: Conversation, documents: Mapping[str, Document]) -> str:
    """Return the right column: the evidence of every answer, that of the last one in view."""
    answered = [(turn, e.answer) for turn, e in enumerate(conversation, 1) if e.answer is not None]
    parts = [_evidence(answer, turn, turn == answered[-1][0], documents) for turn, answer in answered]
    if not answered:
        return tag("h2", "Documents") + tag("p", EMPTY_PANEL, "hint") + render_library(documents.values())
    return tag("h2", "Evidence") + "".join(parts)


EMPTY_PANEL = (
    "Answers come from these documents and from nothing else. The passages an answer "
    "rests on will appear here, word for word, with section and page."
)


def _evidence(answer: Answer, turn: int, current: bool, documents: Mapping[str, Document]) -> str:
    cards = render_evidence(Sources.of(answer, turn, documents))
    about = tag("p", "For: " + prose(_shortened(answer.question)), "hint", dir="auto")
    body = about + (cards or tag("p", "No passage is cited.", "hint"))
    hidden = {} if current else {"hidden": ""}
    return tag("section", body, "turn", data_turn=str(turn), **hidden)


def spoken(conversation: Conversation) -> str:
    """Return one sentence that tells a screen reader what has happened, or nothing."""
    last = conversation[-1] if conversation else None
    if last is None or last.answer is None or last.shown is not None:
        return ""
    sources = len(Sources.of(last.answer, len(conversation), {}).numbers)
    return f"The answer is there, with {sources} cited passages."


def _shortened(question: str) -> str:
    text = question.strip()
    return text if len(text) <= SHOWN_QUESTION_CHARS else text[:SHOWN_QUESTION_CHARS].rstrip() + " …"
