"""The Library tab: the documents, one of them as it was read; adding, removing, hiding and putting back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.index.ingest import Progress
from kb.ui.access import may_change, person
from kb.ui.adding import (
    Given,
    add_form,
    followed,
    rebuild_form,
    render_outcome,
    render_progress,
    take_in,
)
from kb.ui.desk import Desk
from kb.ui.foreign import Told, problem
from kb.ui.holdings import ROWS, Order, render_list
from kb.ui.intake import Outcome
from kb.ui.journal import counted, noted
from kb.ui.markup import safe, tag
from kb.ui.parts import QUIET, html
from kb.ui.stock import Stock
from kb.ui.theme import ASSETS

if TYPE_CHECKING:
    import gradio as gr


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of the tab that handlers read or change; `seen` is what the list last showed, name to id."""

    add: "gr.HTML"
    report: "gr.HTML"
    words: "gr.Textbox"
    holdings: "gr.HTML"
    bin: "gr.HTML"
    look: "gr.HTML"
    order: "gr.State"
    seen: "gr.State"

    def changed(self) -> list["gr.components.Component"]:
        """Return what `Stock.shown` has values for."""
        return [self.holdings, self.bin, self.seen]


def build(desk: Desk) -> None:
    """Lay out the tab and say what follows on what."""
    stock = Stock(desk)
    parts = _lay_out(stock)
    _wire_visit(parts, stock)
    _wire_list(parts, stock)
    _wire_look(parts, stock)
    _wire_bringing(parts, stock)
    _wire_rebuilding(parts, stock)
    _wire_taking_out(parts, stock)


def _lay_out(stock: Stock) -> _Parts:
    import gradio as gr

    words = stock.desk.words
    script, adding = (
        (ASSETS / name).read_text(encoding="utf-8") for name in ("library.js", "library_add.js")
    )
    html(
        tag("h2", safe(words("library.title"))) + tag("p", safe(words("library.intro")), "about"),
        "library-title",
    )
    # Says aloud that a button waits for a second press, and that it does no more.
    said = tag("p", "", role="status", data_calm=words("library.calm"))
    html(said, "library-spoken", elem_classes="unseen")
    add = html("", "library-add", adding + script)
    report = html("", "library-report", script)
    with gr.Row(elem_id="library-desk"):
        with gr.Column(elem_id="library-holdings", min_width=0, scale=3):
            filtered = gr.Textbox(
                label=words("library.filter"), elem_id="library-filter", max_lines=1, max_length=200
            )
            listed, back = html("", "library-list", script), html("", "library-bin", script)
        with gr.Column(elem_id="library-side", min_width=0, scale=2):
            look = html(stock.nothing(), "library-look", script)
    return _Parts(add, report, filtered, listed, back, look, gr.State(Order()), gr.State({}))


def _wire_visit(parts: _Parts, stock: Stock) -> None:
    """Show the library as it is at each visit, and to librarians how to add to it and to read it again."""
    import gradio as gr

    desk = stock.desk

    def visit(request: gr.Request) -> tuple[Any, ...]:
        most = desk.config.server.max_upload_mb
        if not may_change(request):
            return "", *stock.shown(Order())
        forms = add_form(desk.uploads.key(), desk.words, most) + rebuild_form(desk.words)
        return forms, *stock.shown(Order())

    gr.on(None, visit, None, [parts.add, *parts.changed()], **QUIET)


def _wire_list(parts: _Parts, stock: Stock) -> None:
    """Say what follows on a filter, a column's name and a wish for more rows."""
    import gradio as gr

    def listed(order: Order) -> tuple[Any, ...]:
        return order, render_list(stock.rows(), order, stock.desk.words)

    def find(words: str, order: Order) -> tuple[Any, ...]:
        return listed(replace(order, words=words, rows=ROWS))

    def sort(event: gr.EventData, order: Order) -> tuple[Any, ...]:
        return listed(order.by(str(event.by)))

    def more(order: Order) -> tuple[Any, ...]:
        return listed(replace(order, rows=order.rows + ROWS))

    outputs = [parts.order, parts.holdings]
    parts.words.input(find, [parts.words, parts.order], outputs, trigger_mode="always_last", **QUIET)
    parts.holdings.sort(sort, parts.order, outputs, **QUIET)
    parts.holdings.more(more, parts.order, outputs, **QUIET)


def _wire_look(parts: _Parts, stock: Stock) -> None:
    """Say what follows on a document's title, and on the buttons and the search in it."""
    import gradio as gr

    def look(event: gr.EventData, request: gr.Request) -> str:
        return stock.look(event, request)

    def turn(event: gr.EventData, request: gr.Request) -> str:
        return stock.look(event, request, int(event.first))

    def search(event: gr.EventData, request: gr.Request) -> str:
        return stock.look(event, request, asked=str(event.question))

    for part in (parts.holdings, parts.look):
        part.look(look, None, parts.look, **QUIET)
    parts.look.turn(turn, None, parts.look, **QUIET)
    parts.look.search(search, None, parts.look, **QUIET)


def _brought(
    stock: Stock, what: str, work: Callable[[Progress], Outcome], order: Order, request: "gr.Request"
) -> Iterator[tuple[Any, ...]]:
    """Yield the report and `_Parts.changed` while documents are brought in, and at the end.

    The journal tells who did `what` to which documents.
    """
    import gradio as gr

    desk, words = stock.desk, stock.desk.words
    try:
        with noted(what, "", desk.config.server, person(request)) as tell:
            for said in followed(work):
                if isinstance(said, Outcome):
                    generation = desk.assistant.index.generation
                    tell("done", generation, **counted(said), documents=said.changed)
                    yield render_outcome(said, words), *stock.shown(order)
                else:
                    yield render_progress(said, words), *(gr.skip(),) * 3
    except KBError as error:
        yield problem(error, words), *stock.shown(order)


def _wire_bringing(parts: _Parts, stock: Stock) -> None:
    """Say what follows on files sent, and on a document to be put back."""
    import gradio as gr

    desk = stock.desk

    def take(event: gr.EventData, request: gr.Request, order: Order, seen: dict[str, str]) -> Iterator[Any]:
        given = Given.of(event)

        def work(progress: Progress) -> Outcome:
            stock.check(request)
            return take_in(desk, stock.librarian, given, seen, progress)

        for shown in _brought(stock, "add", work, order, request):
            yield *shown, gr.skip()
        if given.instead and given.instead not in desk.documents():
            yield *(gr.skip(),) * len(outputs), stock.nothing()

    def restore(event: gr.EventData, request: gr.Request, order: Order) -> Iterator[Any]:
        key = str(event.id)

        def work(progress: Progress) -> Outcome:
            stock.check(request)
            return stock.librarian.restore(key, progress)

        yield from _brought(stock, "restore", work, order, request)

    outputs = [parts.report, *parts.changed()]
    # Also while another change is under way: then the answer is that it is.
    at_once = {**QUIET, "trigger_mode": "multiple"}
    events = [parts.add.take(take, [parts.order, parts.seen], [*outputs, parts.look], **at_once)]
    events += [part.restore(restore, parts.order, outputs, **at_once) for part in (parts.bin, parts.report)]
    for event in events:
        _report_failure(event, parts, stock)


def _wire_rebuilding(parts: _Parts, stock: Stock) -> None:
    """Say what follows on the wish that all documents be read again."""
    import gradio as gr

    def rebuild(request: gr.Request, order: Order) -> Iterator[Any]:
        def work(progress: Progress) -> Outcome:
            stock.check(request)
            return stock.librarian.rebuild(progress)

        yield from _brought(stock, "rebuild", work, order, request)

    outputs = [parts.report, *parts.changed()]
    at_once = {**QUIET, "trigger_mode": "multiple"}
    _report_failure(parts.add.rebuild(rebuild, parts.order, outputs, **at_once), parts, stock)


def _wire_taking_out(parts: _Parts, stock: Stock) -> None:
    """Say what follows on a document to be removed or hidden."""
    import gradio as gr

    desk = stock.desk

    def taken_out(
        what: str, key: str, take: Callable[[str], str], request: gr.Request, order: Order
    ) -> tuple[Any, ...]:
        try:
            names = [document.source for document in desk.documents().values() if document.id == key]
            with noted(what, "", desk.config.server, person(request), documents=names) as tell:
                stock.check(request)
                said = take(key)
                tell("done", desk.assistant.index.generation)
        except KBError as error:
            return problem(error, desk.words), *stock.shown(order), gr.skip()
        return said, *stock.shown(order), stock.nothing()

    def remove(event: gr.EventData, request: gr.Request, order: Order) -> tuple[Any, ...]:
        return taken_out("remove", str(event.id), stock.remove, request, order)

    def hide(event: gr.EventData, request: gr.Request, order: Order) -> tuple[Any, ...]:
        reason = str(event.reason)
        return taken_out("hide", str(event.id), lambda key: stock.hide(key, reason), request, order)

    outputs = [parts.report, *parts.changed(), parts.look]
    for event in (
        parts.look.remove(remove, parts.order, outputs, **QUIET),
        parts.look.hide(hide, parts.order, outputs, **QUIET),
    ):
        _report_failure(event, parts, stock)


def _report_failure(event: "gr.events.Dependency", parts: _Parts, stock: Stock) -> None:
    words = stock.desk.words
    failed = problem(Told(words("library.failure")), words)
    event.failure(lambda: failed, None, parts.report, **QUIET)
