"""What the Library tab shows of the library as it is now, and what it says of a document taken out."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kb.errors import KBError
from kb.index.removed import removed
from kb.ui.access import may_change
from kb.ui.desk import Desk
from kb.ui.foreign import Told, problem
from kb.ui.hiding import render_hidden
from kb.ui.holdings import PASSAGES, Look, Order, Row, render_list, render_removed, rows_of
from kb.ui.intake import Librarian
from kb.ui.markup import safe, tag
from kb.ui.pictures import has_picture

if TYPE_CHECKING:
    import gradio as gr

# Passages that a search in one document shows at most.
HITS = 10


@dataclass(frozen=True, slots=True)
class Stock:
    """The library of a desk, at each moment."""

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
        """Return the list, what is hidden and can be put back, and what is seen by the list, name to id."""
        try:
            rows = self.rows()
            kept = removed(self.desk.config.index)
        except KBError as error:
            return problem(error, self.desk.words), "", {}
        seen = {row.document.source: row.document.id for row in rows}
        held, words = set(seen.values()), self.desk.words
        gone = [entry for entry in kept if entry.document.id not in held]
        hidden = render_hidden([entry for entry in gone if entry.reason], words, _day)
        out = render_removed([entry for entry in gone if not entry.reason], words, _day)
        return render_list(rows, order, words), hidden + out, seen

    def look(self, event: gr.EventData, request: gr.Request, first: int = 0, asked: str = "") -> str:
        """Return one document as it was read from a passage on, or what a search in it finds."""
        try:
            return self._look(str(event.id), first, asked.strip(), may_change(request))
        except KBError as error:
            return problem(error, self.desk.words)

    def nothing(self) -> str:
        """Return what stands in the place of a document while none is chosen."""
        return tag("p", safe(self.desk.words("library.choose")), "about")

    def check(self, request: gr.Request) -> None:
        """Raise KBError unless whoever sent a request may change the documents."""
        if not may_change(request):
            raise Told(self.desk.words("library.forbidden"))

    def remove(self, document_id: str) -> str:
        """Remove a document and return what is said of it, with a button that puts it back."""
        name = self._name(document_id)
        kept = self.librarian.remove(document_id)
        return self._taken_out("library.was_removed", name, document_id if kept else "")

    def hide(self, document_id: str, reason: str) -> str:
        """Hide a document for a reason and return what is said of it, with a button that shows it again."""
        name = self._name(document_id)
        self.librarian.hide(document_id, reason)
        return self._taken_out("library.was_hidden", name, document_id)

    def _look(self, document_id: str, first: int, asked: str, changeable: bool) -> str:
        desk, assistant = self.desk, self.desk.assistant
        row = next((row for row in self.rows() if row.document.id == document_id), None)
        if row is None:
            raise Told(desk.words("library.gone"))
        pictured = has_picture(desk.config.index, document_id)
        if asked:
            passages = [hit.passage for hit in assistant.search(asked, HITS, documents=[document_id])]
        else:
            passages = assistant.index.passages(document_id, first, PASSAGES)
        return Look(row, desk.words, passages, pictured, asked, changeable).render()

    def _name(self, document_id: str) -> str:
        document = self.desk.documents().get(document_id)
        return document.label if document else document_id

    def _taken_out(self, said: str, name: str, undone: str) -> str:
        words = self.desk.words
        undo = tag("button", safe(words("library.undo")), type="button", data_do="restore", data_id=undone)
        text = tag("p", safe(words(said, title=name)))
        return tag("div", text + (undo if undone else ""), "outcome", role="status")


def _day(when: float) -> str:
    return datetime.datetime.fromtimestamp(when, datetime.UTC).date().isoformat()
