"""The Brief tab: a topic, its outline to edit, the brief with every sentence cited, and its files."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kb.briefs import Brief, brief_bytes, outline_text, propose, read_outline, write
from kb.briefs.brief import title_of
from kb.briefs.outline import HELP
from kb.briefs.tree import Target
from kb.errors import KBError
from kb.retrieval.shelf import shelf
from kb.text import WORD
from kb.ui.desk import Desk
from kb.ui.downloads import FETCH, link
from kb.ui.foreign import Told, problem
from kb.ui.journal import noted
from kb.ui.markup import safe, tag
from kb.ui.parts import QUIET, html
from kb.ui.pictures import has_picture
from kb.ui.preview import render_preview
from kb.ui.sources import View

if TYPE_CHECKING:
    import gradio as gr

    from kb.assistant import Assistant

# The endings of the files that a brief can be had as.
FORMS: dict[str, Target] = {"docx": "docx", "md": "markdown", "html": "html"}
TOPIC_CHARS = 300
NAME_CHARS = 60

# What happened is read out, and a brief that has come is gone to.
SPOKEN = "element.setAttribute('role', 'status')"
GO_THERE = 'watch("value", () => element.querySelector("h3")?.focus());'


@dataclass(frozen=True, slots=True)
class _Topic:
    """Where a topic is named; `said` is what came of it."""

    box: "gr.Textbox"
    button: "gr.Button"
    said: "gr.HTML"


@dataclass(frozen=True, slots=True)
class _Editing:
    """Where the outline is edited; `before` is the one that it took the place of."""

    column: "gr.Column"
    outline: "gr.Textbox"
    button: "gr.Button"
    again: "gr.Button"
    said: "gr.HTML"
    before: "gr.State"


@dataclass(frozen=True, slots=True)
class _Result:
    """The brief, with a button for each of its files."""

    column: "gr.Column"
    buttons: dict[str, "gr.Button"]
    said: "gr.HTML"
    preview: "gr.HTML"
    fetch: "gr.HTML"
    brief: "gr.State"


def build(desk: Desk) -> None:
    """Lay out the tab and say what follows on what."""
    words = desk.words
    html(tag("h2", safe(words("brief.title"))) + tag("p", safe(words("brief.intro")), "about"), "brief-title")
    topic, editing, result = _lay_topic(desk), _lay_editing(desk), _lay_result(desk)
    _wire_topic(topic, editing, desk)
    _wire_outline(editing, result, desk)
    _wire_files(result, desk)


def outline_for(assistant: "Assistant", topic: str) -> str:
    """Return the outline of a topic as text to edit; KBError if the documents hold nothing on it.

    How it is edited is left out of the text: the tab says it.
    """
    index = assistant.index
    text = outline_text(propose(assistant, topic), index.fetch, shelf(index))
    return text.replace("".join(f"> {line}\n" for line in HELP) + "\n", "")


def brief_file(brief: Brief, form: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a brief as a file, its form one of FORMS."""
    topic = "-".join(WORD.findall(title_of(brief.topic).lower()))[:NAME_CHARS].strip("-")
    return f"brief-{topic}-{brief.made}.{form}", brief_bytes(brief, FORMS[form])


def _lay_topic(desk: Desk) -> _Topic:
    import gradio as gr

    with gr.Row():
        box = gr.Textbox(
            label=desk.words("brief.topic"),
            placeholder=desk.words("brief.placeholder"),
            max_length=TOPIC_CHARS,
            max_lines=1,
            elem_id="brief-topic",
        )
        button = gr.Button(desk.words("brief.propose"), variant="primary", elem_id="brief-propose", scale=0)
    return _Topic(box, button, html("", "brief-proposed", SPOKEN))


def _lay_editing(desk: Desk) -> _Editing:
    import gradio as gr

    words = desk.words
    with gr.Column(visible=False, min_width=0) as column:
        html(tag("p", safe(words("brief.help")), "about"), "brief-help")
        outline = gr.Textbox(
            "", label=words("brief.outline"), lines=10, max_lines=16, elem_id="brief-outline"
        )
        with gr.Row():
            button = gr.Button(words("brief.write"), variant="primary", elem_id="brief-write", scale=0)
            again = gr.Button(words("brief.again"), visible=False, elem_id="brief-again", scale=0)
        said = html("", "brief-written", SPOKEN)
    return _Editing(column, outline, button, again, said, gr.State(""))


def _lay_result(desk: Desk) -> _Result:
    import gradio as gr

    with gr.Column(visible=False, elem_id="brief-files", min_width=0) as column:
        with gr.Row():
            buttons = {
                form: gr.Button(desk.words(f"brief.{form}"), elem_id=f"brief-{form}", min_width=0, scale=0)
                for form in FORMS
            }
        said = html("", "brief-exported", SPOKEN)
    preview, fetch = (
        html("", "brief-preview", GO_THERE),
        html("", "brief-fetch", FETCH, elem_classes="unseen"),
    )
    return _Result(column, buttons, said, preview, fetch, gr.State(None))


def _working(words: str) -> str:
    return tag("div", tag("p", safe(words), "status"), "waiting")


def _done(words: str) -> str:
    return tag("p", safe(words), "about")


def _wire_topic(topic: _Topic, editing: _Editing, desk: Desk) -> None:
    """Say what follows on a topic: its outline. The one before can be had back; a problem leaves it there."""
    import gradio as gr

    words = desk.words

    def outlined(named: str, shown: str, before: str) -> Iterator[tuple[Any, ...]]:
        same = (gr.skip(),) * 4
        if not named.strip():
            yield problem(Told(words("brief.no_topic")), words), *same
            return
        yield _working(words("brief.searching")), *same
        try:
            with noted("outline", named, desk.config.server) as tell:
                assistant = desk.assistant
                text = outline_for(assistant, named)
                tell("done", assistant.index.generation)
        except KBError as error:
            yield problem(error, words), *same
            return
        kept = before if shown.strip() in ("", text.strip()) else shown
        yield (
            _done(words("brief.outlined")),
            text,
            kept,
            gr.Button(visible=bool(kept)),
            gr.Column(visible=True),
        )

    both = [editing.outline, editing.before]
    outputs = [topic.said, *both, editing.again, editing.column]
    event = gr.on([topic.box.submit, topic.button.click], outlined, [topic.box, *both], outputs, **QUIET)
    event.failure(lambda: problem(Told(words("brief.failure")), words), None, topic.said, **QUIET)
    editing.again.click(lambda shown, before: (before, shown), both, both, **QUIET)


def _wire_outline(editing: _Editing, result: _Result, desk: Desk) -> None:
    """Say what follows on an outline: the brief. A problem leaves the outline, and the brief before."""
    import gradio as gr

    words = desk.words

    def written(outline: str) -> Iterator[tuple[Any, ...]]:
        same = (gr.skip(),) * 4
        yield _working(words("brief.writing")), *same
        try:
            # Its first line says what it is on.
            with noted("brief", outline.strip().partition("\n")[0], desk.config.server) as tell:
                assistant = desk.assistant
                brief = write(assistant, read_outline(outline))
                tell("done", assistant.index.generation)
        except KBError as error:
            yield problem(error, words), *same
            return
        view = View(brief.documents, words, partial(has_picture, desk.config.index))
        said = words("brief.written", words=words.count("brief.word", brief.words))
        yield _done(said), render_preview(brief, view), brief, gr.Column(visible=True), ""

    outputs = [editing.said, result.preview, result.brief, result.column, result.said]
    event = gr.on([editing.outline.submit, editing.button.click], written, editing.outline, outputs, **QUIET)
    event.failure(lambda: problem(Told(words("brief.failure")), words), None, editing.said, **QUIET)


def _wire_files(result: _Result, desk: Desk) -> None:
    """Say what follows on a file that is asked for: it is made, and the browser fetches it."""
    words = desk.words

    def export(form: str, brief: Brief) -> tuple[str, str]:
        try:
            name, data = brief_file(brief, form)
        except KBError as error:
            return "", problem(error, words)
        return link(desk.downloads.offer(name, data)), _done(words("answer.exported", name=name))

    for form, button in result.buttons.items():
        event = button.click(partial(export, form), result.brief, [result.fetch, result.said], **QUIET)
        event.failure(lambda: problem(Told(words("brief.failure")), words), None, result.said, **QUIET)
