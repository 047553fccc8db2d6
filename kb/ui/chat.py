"""The conversation: how it grows by one question, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from kb.answering.prose import answer_text
from kb.errors import KBError
from kb.types import Answer, Claim, Turn
from kb.ui.asking import Answering, Scope, ask, streamed
from kb.ui.evidence import render_evidence, render_library
from kb.ui.foreign import program_says
from kb.ui.markup import prose, safe, tag
from kb.ui.render import render_answer
from kb.ui.roles import ANYONE, render_welcome
from kb.ui.sources import Sources, View
from kb.ui.tools import render_export, render_tools

SHOWN_QUESTION_CHARS = 400

Rating: TypeAlias = Literal["", "up", "down"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what became of it: an answer, a problem, or nothing yet.

    An answer that is not `whole` is its beginning, shown while the rest is made.
    A problem is a sentence of the program; where it `failed`, it has none to say.
    """

    question: str
    answer: Answer | None = None
    whole: bool = True
    problem: str = ""
    failed: bool = False
    rating: Rating = ""


Conversation: TypeAlias = tuple[Exchange, ...]
NOWHERE = Scope()


def converse(
    assistant: Answering, question: str, conversation: Conversation, scope: Scope = NOWHERE
) -> Iterator[Conversation]:
    """Yield the conversation as it grows: with the question, with each claim, with the whole answer.

    Earlier questions without a whole answer are dropped. A KBError becomes the
    problem of the exchange.
    """
    earlier = tuple(exchange for exchange in conversation if exchange.answer and exchange.whole)
    yield (*earlier, Exchange(question))
    begun = Answer(question, question, "answered")
    try:
        for said in streamed(lambda told: ask(assistant, question, history(earlier), scope, told)):
            if isinstance(said, Claim):
                begun = replace(begun, claims=(*begun.claims, said))
                yield (*earlier, Exchange(question, begun, whole=False))
            else:
                yield (*earlier, Exchange(question, said))
    except KBError as error:
        yield (*earlier, Exchange(question, problem=str(error)))


def history(conversation: Conversation) -> list[Turn]:
    """Return the exchanges that were answered as plain text, oldest first."""
    turns: list[Turn] = []
    for exchange in conversation:
        if exchange.answer is not None:
            turns += (Turn("user", exchange.question), Turn("assistant", answer_text(exchange.answer)))
    return turns


def render_conversation(conversation: Conversation, view: View, role: str = ANYONE) -> str:
    """Return the left column: every question with its answer, or the welcome if there is none."""
    said = "".join(_exchange(turn, conversation, view) for turn in range(1, len(conversation) + 1))
    # What the script says after copying is with the words of the page, not in the script.
    names = {"copied": "answer.copied", "linked": "answer.linked", "panel": "evidence.title"}
    texts = {f"data_{name}": view.words(key) for name, key in names.items()}
    return tag("div", said or render_welcome(role, view.words), "conversation", **texts)


def _exchange(turn: int, conversation: Conversation, view: View) -> str:
    exchange = conversation[turn - 1]
    question = shortened(exchange.question)
    asked = tag("h2", prose(question), "question", dir="auto", id=f"turn{turn}", tabindex="-1")
    complete = turn == len(conversation) and exchange.answer is not None and exchange.whole
    export = render_export(view.words) if complete else ""
    return tag("section", (asked if question else "") + _reply(exchange, turn, view) + export, "exchange")


def _reply(exchange: Exchange, turn: int, view: View) -> str:
    if exchange.problem or exchange.failed:
        words = view.words
        said = program_says(exchange.problem, words) if exchange.problem else safe(words("ask.failure"))
        return tag("div", tag("p", said), "answer problem", role="alert")
    if exchange.answer is None:
        return tag("div", tag("p", safe(view.words("ask.waiting")), "status"), "answer waiting")
    sources = Sources.of(exchange.answer, turn, view)
    tools = render_tools(exchange.answer, exchange.rating, sources) if exchange.whole else ""
    return render_answer(exchange.answer, sources) + tools


def render_panel(conversation: Conversation, view: View) -> str:
    """Return the right column: the evidence of every answer, that of the last one in view."""
    words = view.words
    answered = [(turn, e.answer) for turn, e in enumerate(conversation, 1) if e.answer is not None]
    if not answered:
        return ""
    parts = [_evidence(answer, turn, turn == answered[-1][0], view) for turn, answer in answered]
    return tag("h2", safe(words("evidence.title"))) + "".join(parts)


def render_documents(view: View) -> str:
    """Return what stands in the right column until there is an answer: the documents it may come from."""
    words = view.words
    library = render_library(view.documents.values(), words)
    return tag("h2", safe(words("evidence.library"))) + _hint(words("evidence.empty")) + library


def _evidence(answer: Answer, turn: int, current: bool, view: View) -> str:
    cards = render_evidence(Sources.of(answer, turn, view))
    about = _hint(view.words("evidence.about", question=shortened(answer.question)))
    hidden = {} if current else {"hidden": ""}
    body = about + (cards or _hint(view.words("evidence.nothing")))
    return tag("section", body, "turn", data_turn=str(turn), **hidden)


def _hint(text: str) -> str:
    return tag("p", prose(text), "hint", dir="auto")


def spoken(conversation: Conversation, view: View) -> str:
    """Return one sentence that tells a screen reader what has happened, or nothing."""
    last = conversation[-1] if conversation else None
    if last is None or last.answer is None or not last.whole:
        return ""
    words = view.words
    if last.answer.status != "answered":
        return safe(words("ask.heard_none", sentence=words(f"answer.{last.answer.status}")))
    cited = len(Sources.of(last.answer, len(conversation), view).numbers)
    return safe(words("ask.heard", passages=words.count("ask.cited", cited)))


def shortened(question: str, limit: int = SHOWN_QUESTION_CHARS) -> str:
    """Return a question as it is shown, however long it was."""
    text = question.strip()
    return text if len(text) <= limit else text[:limit].rstrip() + " …"
