"""The Ask tab as Gradio parts, and what happens when somebody asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.retrieval.shelf import shelf
from kb.ui import filters
from kb.ui.asking import Scope
from kb.ui.chat import (
    Conversation,
    Exchange,
    converse,
    render_conversation,
    render_documents,
    render_panel,
    spoken,
)
from kb.ui.desk import Desk
from kb.ui.downloads import FETCH, link
from kb.ui.exporting import exported
from kb.ui.feedback import Feedback, Verdict, record
from kb.ui.foreign import problem, program_says
from kb.ui.journal import Entry
from kb.ui.markup import safe
from kb.ui.parts import CHANGED, QUIET, html
from kb.ui.pictures import has_picture
from kb.ui.roles import ANYONE, ROLES
from kb.ui.sources import View
from kb.ui.theme import SCRIPT_FILE
from kb.ui.tools import MORE_CHARS, REASONS

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the tab that handlers read or change."""

    who: "gr.Radio"
    anew: "gr.Button"
    transcript: "gr.HTML"
    question: "gr.Textbox"
    send: "gr.Button"
    filters: filters.FilterParts
    panel: "gr.HTML"
    status: "gr.HTML"
    fetch: "gr.HTML"
    state: "gr.State"

    def shown(self) -> list["gr.components.Component"]:
        """Return what `_shown` has values for."""
        return [self.state, self.question, self.transcript, self.panel, self.status]


def build(desk: Desk) -> None:
    """Lay out the tab and say what follows on what."""
    parts = _lay_out(desk)
    _wire_asking(parts, desk)
    _wire_rating(parts, desk)
    _wire_exports(parts, desk)
    parts.who.change(
        lambda who, said: _transcript(said, desk, who), [parts.who, parts.state], parts.transcript, **QUIET
    )


def view_of(desk: Desk) -> View:
    """Return what answers are shown with, as the index is now; without documents where it cannot be read.

    What is wrong with it is said where a question is asked: that sentence has to be shown with something.
    """
    try:
        documents = desk.documents()
    except KBError:
        documents = {}
    return View(documents, desk.words, lambda document: has_picture(desk.config.index, document))


def documents_shown(desk: Desk) -> str:
    """Return the documents that answers may come from, or what is wrong with the index."""
    try:
        desk.documents()
    except KBError as error:
        return problem(error, desk.words)
    return render_documents(view_of(desk))


def _lay_out(desk: Desk) -> _Parts:
    import gradio as gr

    state = gr.State(())
    with gr.Row(elem_id="desk"):
        with gr.Column(elem_id="conversation", min_width=0):
            with gr.Row(elem_id="top"):
                who = _who(desk)
                anew = gr.Button(desk.words("ask.anew"), elem_id="anew", size="sm", min_width=0, scale=0)
            script = SCRIPT_FILE.read_text(encoding="utf-8")
            transcript = html(_transcript((), desk), "transcript", script)
            with gr.Column(elem_id="composer", min_width=0):
                question, send = _question_box(desk)
                filter_parts = filters.lay_out(desk)
        with gr.Column(elem_id="panel", min_width=0):
            panel = html("", "evidence")
            # By itself, so that what is read at a visit never takes the place of an answer.
            documents = html(lambda: documents_shown(desk), "library", CHANGED)
            documents.refresh(lambda: documents_shown(desk), None, documents, **QUIET)
            filters.follow(documents, filter_parts, desk)
    fetch = html("", "fetch", FETCH, elem_classes="unseen")
    status = html("", "spoken", "element.setAttribute('role', 'status')", elem_classes="unseen")
    return _Parts(who, anew, transcript, question, send, filter_parts, panel, status, fetch, state)


def _who(desk: Desk) -> "gr.Radio":
    import gradio as gr

    return gr.Radio(
        [(desk.words(f"who.{role}"), role) for role in ROLES],
        value=ANYONE,
        label=desk.words("who.label"),
        elem_id="who",
    )


def _question_box(desk: Desk) -> tuple["gr.Textbox", "gr.Button"]:
    import gradio as gr

    with gr.Row(elem_id="asking"):
        question = gr.Textbox(
            label=desk.words("ask.question"),
            show_label=False,
            container=False,
            placeholder=desk.words("ask.placeholder"),
            elem_id="question",
            max_lines=5,
        )
        send = gr.Button(desk.words("ask.send"), variant="primary", elem_id="send", min_width=0, scale=0)
    return question, send


def _transcript(conversation: Conversation, desk: Desk, who: str = ANYONE) -> str:
    return render_conversation(conversation, view_of(desk), who)


def _shown(conversation: Conversation, desk: Desk, who: str, box: str = "") -> tuple[Any, ...]:
    """Return the values of `_Parts.shown`: the conversation, the question box, and how all of it looks."""
    view = view_of(desk)
    page = (render_conversation(conversation, view, who), render_panel(conversation, view))
    return conversation, box, *page, spoken(conversation, view)


def answering(
    desk: Desk, text: str, earlier: Conversation, who: str, chosen: Sequence[Any]
) -> Iterator[tuple[Any, ...]]:
    """Yield the tab as an answer grows on it; one assistant answers, and its documents are shown with it."""
    try:
        assistant = desk.assistant
        scope = Scope.of(filters.chosen(chosen), who, shelf(assistant.index))
    except KBError as error:
        yield _shown((*earlier, Exchange(text, problem=str(error))), desk, who, text)
        return
    # Whatever is added or removed meanwhile, the answer's own documents have their names.
    desk = replace(desk, latest=lambda: assistant)
    entry, grown = Entry("ask", "page", text), (*earlier, Exchange(text))
    try:
        for grown in converse(assistant, text, earlier, scope):
            yield _shown(grown, desk, who, text if grown[-1].problem else "")
    finally:
        entry.answered(grown[-1].answer if grown[-1].whole else None).write(desk.config.server)


def _wire_asking(parts: _Parts, desk: Desk) -> None:
    """Say what follows on a question, a choice, a failure and a new conversation."""
    import gradio as gr

    def ask(text: str, earlier: Conversation, who: str, *chosen: object) -> Iterator[tuple[Any, ...]]:
        yield from answering(desk, text, earlier, who, chosen)

    def choose(
        event: gr.EventData, earlier: Conversation, who: str, *chosen: object
    ) -> Iterator[tuple[Any, ...]]:
        yield from answering(desk, str(event.question), earlier, who, chosen)

    def fail(conversation: Conversation, who: str) -> tuple[Any, ...]:
        asked = conversation[-1].question if conversation else ""
        failed = Exchange(asked, failed=True)
        return _shown((*conversation[:-1], failed), desk, who, asked)

    inputs = [parts.state, parts.who, *parts.filters.all()]
    outputs = parts.shown()
    typed = [parts.question.submit, parts.send.click]
    events = [
        gr.on(typed, ask, [parts.question, *inputs], outputs, **QUIET),
        parts.transcript.ask(choose, inputs, outputs, **QUIET),
    ]
    for event in events:
        event.failure(fail, [parts.state, parts.who], outputs, **QUIET)
    parts.anew.click(lambda who: _shown((), desk, who), parts.who, outputs, cancels=events, **QUIET)


def turn_of(event: "gr.EventData", conversation: Conversation, first: int) -> int:
    """Return the turn that an event names, from `first` on; KBError for one that the conversation lacks."""
    turns = {str(turn): turn for turn in range(first, len(conversation) + 1)}
    if str(event.turn) not in turns:
        raise KBError("The conversation has no such answer any more; load the page again.")
    return turns[str(event.turn)]


def rated(desk: Desk, conversation: Conversation, who: str, event: "gr.EventData") -> Conversation:
    """Return the conversation with an answer rated once that is stored; KBError where it cannot be."""
    turn = turn_of(event, conversation, first=1) - 1
    exchange = conversation[turn]
    if exchange.answer is None or exchange.rating:
        return conversation
    verdict: Verdict = "up" if event.rating == "up" else "down"
    reason = str(event.reason) if event.reason in REASONS else ""
    more = str(event.more)[:MORE_CHARS]
    record(desk.config.index, Feedback.of(exchange.answer, desk.documents(), verdict, reason, more, who))
    return (*conversation[:turn], replace(exchange, rating=verdict), *conversation[turn + 1 :])


def _wire_rating(parts: _Parts, desk: Desk) -> None:
    """Say what follows on a thumb up or down: it is stored with the answer, and thanked for."""
    import gradio as gr

    def rate(event: gr.EventData, conversation: Conversation, who: str) -> tuple[Any, ...]:
        try:
            conversation = rated(desk, conversation, who, event)
        except KBError as error:
            gr.Warning(program_says(str(error), desk.words))
            return conversation, _transcript(conversation, desk, who), ""
        return conversation, _transcript(conversation, desk, who), safe(desk.words("answer.thanks"))

    outputs = [parts.state, parts.transcript, parts.status]
    parts.transcript.rate(rate, [parts.state, parts.who], outputs, **QUIET)


def _wire_exports(parts: _Parts, desk: Desk) -> None:
    """Say what follows on an export: the file is made, and the browser fetches it."""
    import gradio as gr

    def export(event: gr.EventData, conversation: Conversation) -> tuple[str, str]:
        try:
            turn = turn_of(event, conversation, first=0)
            name, data = exported(desk.assistant, conversation, turn, str(event.form))
        except KBError as error:
            gr.Warning(program_says(str(error), desk.words))
            return "", ""
        return link(desk.downloads.offer(name, data)), safe(desk.words("answer.exported", name=name))

    parts.transcript.export(export, parts.state, [parts.fetch, parts.status], **QUIET)
