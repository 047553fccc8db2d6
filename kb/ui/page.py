"""The page as Gradio parts, and what happens when somebody asks.

There is no `from __future__ import annotations` here: Gradio reads the
annotations of its handlers, and gradio is imported inside the functions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from kb.types import Document
from kb.ui.chat import (
    Answering,
    Conversation,
    Exchange,
    converse,
    render_conversation,
    render_panel,
    spoken,
)
from kb.ui.markup import count_words, safe, tag
from kb.ui.theme import SCRIPT_FILE

if TYPE_CHECKING:
    import gradio as gr

TITLE = "Policy Desk"
SUBTITLE = "Answers from your documents, with the page"
PRIVACY = "Runs on this computer. No question or document leaves it."
FAILURE = (
    "The program itself failed on this question; the window it was started in says why. "
    "You can go on with another question."
)

# On every handler: none is offered to other programs, none covers the page while it runs,
# and one reader need not wait until another's answer stands.
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": 8}


class Catalogue(Protocol):
    """What the page needs of an index."""

    @property
    def generation(self) -> str: ...  # noqa: D102 - as in PassageIndex

    @property
    def size(self) -> int: ...  # noqa: D102

    def documents(self) -> list[Document]: ...  # noqa: D102


class Desk(Answering, Protocol):
    """An assistant with the index it answers from."""

    @property
    def index(self) -> Catalogue: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the page that handlers read or change."""

    anew: "gr.Button"
    transcript: "gr.HTML"
    question: "gr.Textbox"
    send: "gr.Button"
    chosen: "gr.Dropdown"
    panel: "gr.HTML"
    status: "gr.HTML"


def build(assistant: Desk) -> "gr.Blocks":
    """Build the page; what is asked lives in the browser session's state and nowhere else."""
    import gradio as gr

    documents = {document.id: document for document in assistant.index.documents()}
    with gr.Blocks(title=TITLE, fill_width=True, analytics_enabled=False) as blocks:
        parts = _lay_out(documents, assistant.index)
        _wire(parts, assistant, documents)
    assert isinstance(blocks, gr.Blocks)
    return blocks


def masthead() -> str:
    """Return the name of the product and what it does."""
    return tag("header", tag("h1", TITLE) + tag("p", SUBTITLE))


def colophon(index: Catalogue) -> str:
    """Return the last line of the page: privacy, size of the corpus, which index."""
    documents, passages = count_words(len(index.documents()), "document"), count_words(index.size, "passage")
    about = f"{documents}, {passages} · index {safe(index.generation)}"
    return tag("footer", tag("p", PRIVACY) + tag("p", about))


def _lay_out(documents: Mapping[str, Document], index: Catalogue) -> _Parts:
    import gradio as gr

    with gr.Row(elem_id="masthead"):
        _html(masthead(), "brand")
        anew = gr.Button("New conversation", elem_id="anew", size="sm", min_width=0, scale=0)
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="conversation", min_width=0):
            script = SCRIPT_FILE.read_text(encoding="utf-8")
            transcript = _html(render_conversation((), documents), "transcript", script)
            with gr.Column(elem_id="composer", min_width=0):
                question, send = _question_box()
                chosen = _filter(documents)
        panel = _html(render_panel((), documents), "evidence")
    _html(colophon(index), "colophon")
    status = _html("", "spoken", "element.setAttribute('role', 'status')")
    return _Parts(anew, transcript, question, send, chosen, panel, status)


def _html(value: str, elem_id: str, script: str | None = None) -> "gr.HTML":
    import gradio as gr

    return gr.HTML(value, elem_id=elem_id, js_on_load=script, apply_default_css=False)


def _question_box() -> tuple["gr.Textbox", "gr.Button"]:
    import gradio as gr

    with gr.Row(elem_id="asking"):
        question = gr.Textbox(
            label="Your question",
            show_label=False,
            container=False,
            placeholder="Ask a question about the documents",
            elem_id="question",
            max_lines=5,
            autofocus=True,
        )
        send = gr.Button("Ask", variant="primary", elem_id="send", min_width=0, scale=0)
    return question, send


def _filter(documents: Mapping[str, Document]) -> "gr.Dropdown":
    import gradio as gr

    return gr.Dropdown(
        choices=[(document.title, document.id) for document in documents.values()],
        value=[],
        multiselect=True,
        label="Documents to search (none chosen: all)",
        elem_id="filter",
    )


def _wire(parts: _Parts, assistant: Answering, documents: Mapping[str, Document]) -> None:
    """Say what follows on a question, a choice, a failure and a new conversation."""
    import gradio as gr

    state = gr.State(())
    outputs = [state, parts.question, parts.transcript, parts.panel, parts.status]

    def show(conversation: Conversation, box: str = "") -> tuple[Any, ...]:
        page = (render_conversation(conversation, documents), render_panel(conversation, documents))
        return conversation, box, *page, spoken(conversation)

    def ask(text: str, ids: list[str], conversation: Conversation) -> Iterator[tuple[Any, ...]]:
        for grown in converse(assistant, text, conversation, ids):
            yield show(grown, text if grown[-1].problem else "")

    def choose(event: gr.EventData, ids: list[str], earlier: Conversation) -> Iterator[tuple[Any, ...]]:
        yield from ask(str(event.question), ids, earlier)

    def fail(conversation: Conversation) -> tuple[Any, ...]:
        asked = conversation[-1].question if conversation else ""
        return show((*conversation[:-1], Exchange(asked, problem=FAILURE)), asked)

    inputs = [parts.chosen, state]
    typed = [parts.question.submit, parts.send.click]
    events = [
        gr.on(typed, ask, [parts.question, *inputs], outputs, **QUIET),
        parts.transcript.ask(choose, inputs, outputs, **QUIET),
    ]
    for event in events:
        event.failure(fail, [state], outputs, **QUIET)
    parts.anew.click(lambda: show(()), None, outputs, cancels=events, **QUIET)
