"""The Library tab: the documents, one of them as it was read; and adding, removing and putting back."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.index.ingest import Progress
from kb.index.removed import removed
from kb.ui.access import may_change
from kb.ui.adding import Given, add_form, followed, problem, render_outcome, render_progress, take_in
from kb.ui.desk import Desk
from kb.ui.holdings import PASSAGES, ROWS, Look, Order, Row, render_list, render_removed, rows_of
from kb.ui.intake import Librarian, Outcome
from kb.ui.markup import safe, tag
from kb.ui.parts import QUIET, html
from kb.ui.pictures import has_picture
from kb.ui.theme import ASSETS

if TYPE_CHECKING:
    import gradio as gr

# Passages that a search in one document shows at most.
HITS = 10


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
        """Return what `_Tab.shown` has values for."""
        return [self.holdings, self.bin, self.seen]


def build(desk: Desk) -> None:
    """Lay out the tab and say what follows on what."""
    parts, tab = _lay_out(desk), _Tab(desk)
    _wire_visit(parts, tab)
    _wire_list(parts, tab)
    _wire_look(parts, tab)
    _wire_bringing(parts, tab)
    _wire_removing(parts, tab)


def _lay_out(desk: Desk) -> _Parts:
    import gradio as gr

    words = desk.words
    script, adding = (
        (ASSETS / name).read_text(encoding="utf-8") for name in ("library.js", "library_add.js")
    )
    html(
        tag("h2", safe(words("library.title"))) + tag("p", safe(words("library.intro")), "about"),
        "library-title",
    )
    add = html("", "library-add", adding)
    report = html("", "library-report", script)
    with gr.Row(elem_id="library-desk"):
        with gr.Column(elem_id="library-holdings", min_width=0, scale=3):
            filtered = gr.Textbox(
                label=words("library.filter"), elem_id="library-filter", max_lines=1, max_length=200
            )
            listed, back = html("", "library-list", script), html("", "library-bin", script)
        with gr.Column(elem_id="library-side", min_width=0, scale=2):
            look = html(_nothing(desk), "library-look", script)
    return _Parts(add, report, filtered, listed, back, look, gr.State(Order()), gr.State({}))


@dataclass(frozen=True, slots=True)
class _Tab:
    """What the tab shows of the library as it is now."""

    desk: Desk

    @property
    def librarian(self) -> Librarian:
        """Whoever changes the index, with the model that questions are answered with."""
        return Librarian(self.desk.config, self.desk.assistant.retriever.embedder, self.desk.uploads.writing)

    def rows(self) -> list[Row]:
        """Return a row for each document."""
        counts = self.desk.assistant.index.passages_by_document()
        return rows_of(self.desk.documents().values(), counts, self.desk.config.index)

    def shown(self, order: Order) -> tuple[Any, ...]:
        """Return the list, what can be put back, and what is seen by it."""
        try:
            rows = self.rows()
            kept = removed(self.desk.config.index)
        except KBError as error:
            return problem(str(error)), "", {}
        seen = {row.document.source: row.document.id for row in rows}
        held = set(seen.values())
        gone = [entry for entry in kept if entry.document.id not in held]
        words = self.desk.words
        return render_list(rows, order, words), render_removed(gone, words, _day), seen

    def look(self, event: "gr.EventData", request: "gr.Request", first: int = 0, asked: str = "") -> str:
        """Return one document as it was read from a passage on, or what a search in it finds."""
        try:
            return self._look(str(event.id), first, asked.strip(), may_change(request))
        except KBError as error:
            return problem(str(error))

    def _look(self, document_id: str, first: int, asked: str, changeable: bool) -> str:
        desk, assistant = self.desk, self.desk.assistant
        row = next((row for row in self.rows() if row.document.id == document_id), None)
        if row is None:
            raise KBError(desk.words("library.gone"))
        pictured = has_picture(desk.config.index, document_id)
        if asked:
            passages = [hit.passage for hit in assistant.search(asked, HITS, documents=[document_id])]
        else:
            passages = assistant.index.passages(document_id, first, PASSAGES)
        return Look(row, desk.words, passages, pictured, asked, changeable).render()

    def check(self, request: "gr.Request") -> None:
        """Raise KBError unless whoever sent a request may change the documents."""
        if not may_change(request):
            raise KBError(self.desk.words("library.forbidden"))

    def remove(self, document_id: str) -> str:
        """Remove a document and return what is said of it, with a button that puts it back."""
        words, document = self.desk.words, self.desk.documents().get(document_id)
        kept = self.librarian.remove(document_id)
        name = document.label if document else document_id
        said = tag("p", safe(words("library.was_removed", title=name)))
        undo = tag(
            "button", safe(words("library.undo")), type="button", data_do="restore", data_id=document_id
        )
        return tag("div", said + (undo if kept else ""), "outcome", role="status")


def _nothing(desk: Desk) -> str:
    return tag("p", safe(desk.words("library.choose")), "about")


def _day(when: float) -> str:
    return datetime.datetime.fromtimestamp(when, datetime.UTC).date().isoformat()


def _wire_visit(parts: _Parts, tab: _Tab) -> None:
    """Show the library as it is at each visit, and to librarians how to add to it."""
    import gradio as gr

    desk = tab.desk

    def visit(request: gr.Request) -> tuple[Any, ...]:
        most = desk.config.server.max_upload_mb
        allowed = may_change(request)
        form = add_form(desk.uploads.key(), desk.words, most) if allowed else ""
        return form, *tab.shown(Order())

    gr.on(None, visit, None, [parts.add, *parts.changed()], **QUIET)


def _wire_list(parts: _Parts, tab: _Tab) -> None:
    """Say what follows on a filter, a column's name and a wish for more rows."""
    import gradio as gr

    def listed(order: Order) -> tuple[Any, ...]:
        return order, render_list(tab.rows(), order, tab.desk.words)

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


def _wire_look(parts: _Parts, tab: _Tab) -> None:
    """Say what follows on a document's title, and on the buttons and the search in it."""
    import gradio as gr

    def look(event: gr.EventData, request: gr.Request) -> str:
        return tab.look(event, request)

    def turn(event: gr.EventData, request: gr.Request) -> str:
        return tab.look(event, request, int(event.first))

    def search(event: gr.EventData, request: gr.Request) -> str:
        return tab.look(event, request, asked=str(event.question))

    for part in (parts.holdings, parts.look):
        part.look(look, None, parts.look, **QUIET)
    parts.look.turn(turn, None, parts.look, **QUIET)
    parts.look.search(search, None, parts.look, **QUIET)


def _brought(tab: _Tab, work: Callable[[Progress], Outcome], order: Order) -> Iterator[tuple[Any, ...]]:
    """Yield the report and `_Parts.changed` while documents are brought in, and at the end."""
    import gradio as gr

    words = tab.desk.words
    try:
        for said in followed(work):
            if isinstance(said, Outcome):
                yield render_outcome(said, words), *tab.shown(order)
            else:
                yield render_progress(said, words), *(gr.skip(),) * 3
    except KBError as error:
        yield problem(str(error)), *tab.shown(order)


def _wire_bringing(parts: _Parts, tab: _Tab) -> None:
    """Say what follows on files sent, and on a document to be put back."""
    import gradio as gr

    desk = tab.desk

    def take(event: gr.EventData, request: gr.Request, order: Order, seen: dict[str, str]) -> Iterator[Any]:
        given = Given.of(event)

        def work(progress: Progress) -> Outcome:
            tab.check(request)
            return take_in(desk, tab.librarian, given, seen, progress)

        for shown in _brought(tab, work, order):
            yield *shown, gr.skip()
        if given.instead and given.instead not in desk.documents():
            yield *(gr.skip(),) * len(outputs), _nothing(desk)

    def restore(event: gr.EventData, request: gr.Request, order: Order) -> Iterator[Any]:
        key = str(event.id)

        def work(progress: Progress) -> Outcome:
            tab.check(request)
            return tab.librarian.restore(key, progress)

        yield from _brought(tab, work, order)

    outputs = [parts.report, *parts.changed()]
    # Also while another change is under way: then the answer is that it is.
    at_once = {**QUIET, "trigger_mode": "multiple"}
    events = [parts.add.take(take, [parts.order, parts.seen], [*outputs, parts.look], **at_once)]
    events += [part.restore(restore, parts.order, outputs, **at_once) for part in (parts.bin, parts.report)]
    for event in events:
        _report_failure(event, parts, tab)


def _wire_removing(parts: _Parts, tab: _Tab) -> None:
    """Say what follows on a document to be removed."""
    import gradio as gr

    def remove(event: gr.EventData, request: gr.Request, order: Order) -> tuple[Any, ...]:
        try:
            tab.check(request)
            said = tab.remove(str(event.id))
        except KBError as error:
            return problem(str(error)), *tab.shown(order), gr.skip()
        return said, *tab.shown(order), _nothing(tab.desk)

    outputs = [parts.report, *parts.changed(), parts.look]
    _report_failure(parts.look.remove(remove, parts.order, outputs, **QUIET), parts, tab)


def _report_failure(event: "gr.events.Dependency", parts: _Parts, tab: _Tab) -> None:
    failed = problem(tab.desk.words("library.failure"))
    event.failure(lambda: failed, None, parts.report, **QUIET)
