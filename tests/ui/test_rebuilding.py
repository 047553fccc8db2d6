"""All documents read again: questions are answered all the while, and nothing but the text changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kb.errors import KBError
from kb.index import open_index
from kb.index.ingest import build, remove
from kb.index.originals import find
from kb.library import Source
from kb.types import Block, Document
from kb.ui.adding import rebuild_form, render_outcome
from kb.ui.intake import BUSY, Outcome
from kb.ui.strings import Words
from tests.fakes import HashedEmbedder

from .sample import Page
from .test_library import NOTE, Library


@dataclass(frozen=True, slots=True)
class Garbled(Source):
    """A file as an earlier reader read it: badly."""

    def describe(self, document: Document) -> Document:
        blocks = (Block("paragraph", "T h e w o r k s h o p"),)
        return Source.describe(self, replace(document, blocks=blocks, pages=7))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Two documents, of which an earlier reader has read one badly."""
    library = Library(tmp_path)
    note = library.documents()["note.txt"]
    remove(library.config.index, [note.id])
    said = {"title": "The note", "edition": "2023", "date": "2023-03-22", "audience": ("cdo",)}
    garbled = Garbled(library.folder / "documents" / "note.txt", "note.txt", said)
    build(library.config.index, [garbled], HashedEmbedder(), library.config.chunking, keep=True)
    assert library.text("note.txt") == "T h e w o r k s h o p"
    return library


def found(library: Library, question: str) -> str:
    """Return the text of the best passage, from the index as it is now."""
    index = open_index(library.config.index)
    [(key, _)] = index.search_vector(HashedEmbedder().encode([question])[0], 1)
    return index.fetch([key])[0].text


def test_every_document_is_read_as_it_is_read_now_and_stays_what_it_is(library: Library) -> None:
    before = library.documents()

    outcome = library.librarian.rebuild()

    assert outcome == Outcome(again=("guide.md", "note.txt"))
    assert library.text("note.txt") == "Venue\nThe workshop meets in room A."
    assert found(library, "The workshop meets in room A") == library.text("note.txt")
    assert library.documents() == {**before, "note.txt": replace(before["note.txt"], pages=None)}
    assert library.librarian.removed() == []
    again = library.librarian.rebuild()
    assert again == outcome, "also what did not change since"


def test_the_old_text_answers_until_all_is_done(library: Library) -> None:
    generation = open_index(library.config.index).generation
    seen: list[tuple[str, str, str]] = []

    def progress(said: str, done: int, total: int) -> None:
        index = open_index(library.config.index)
        seen.append((said, index.generation, found(library, "The workshop meets in room A")))

    library.librarian.rebuild(progress)

    assert [said for said, *_ in seen[:2]] == ["Reading guide.md", "Reading note.txt"]
    assert {name for _, name, _ in seen} == {generation}
    assert not any("room A" in text for *_, text in seen)
    assert open_index(library.config.index).generation != generation


def test_what_cannot_be_read_again_keeps_its_text_and_is_named(library: Library) -> None:
    library.add(library.send("plan.md", "# Plan\n\nThe plan has four parts.\n"))
    before, index = library.documents(), library.config.index
    note, guide, plan = (find(index, before[name].id) for name in ("note.txt", "guide.md", "plan.md"))
    assert note is not None
    assert guide is not None
    assert plan is not None
    note.write_text(NOTE.replace("room A", "room B"))
    guide.write_text("")
    plan.unlink()

    outcome = library.librarian.rebuild()

    assert outcome.again == ()
    assert dict(outcome.stayed) == {
        "plan.md": "No copy of the file of plan.md is kept; add its file again.",
        "note.txt": "The file kept of note.txt is damaged; add its file again.",
        "guide.md": "guide.md is empty (0 bytes); save it again from its source.",
    }
    assert library.documents() == before
    assert library.text("plan.md") == "Plan\nThe plan has four parts."
    note.write_text(NOTE)
    assert library.librarian.rebuild().again == ("note.txt",)
    assert sorted(library.documents()) == ["guide.md", "note.txt", "plan.md"]


def test_of_no_file_at_all_nothing_is_read(library: Library) -> None:
    for path in (library.config.index / "originals").glob("[!.]*"):
        path.unlink()
    generation = open_index(library.config.index).generation
    assert [name for name, _ in library.librarian.rebuild().stayed] == ["guide.md", "note.txt"]
    assert open_index(library.config.index).generation == generation


def test_what_another_process_removes_meanwhile_does_not_come_back(library: Library) -> None:
    guide = library.documents()["guide.md"].id
    left = [guide]

    def progress(said: str, done: int, total: int) -> None:
        while left:
            remove(library.config.index, [left.pop()])

    with pytest.raises(KBError, match="Another process has changed the index"):
        library.librarian.rebuild(progress)

    assert sorted(library.documents()) == ["note.txt"]
    assert not library.lock.locked()
    assert library.librarian.rebuild().again == ("note.txt",)


def test_what_is_hidden_stays_hidden(library: Library) -> None:
    note = library.documents()["note.txt"]
    library.librarian.hide(note.id, "withdrawn")
    assert library.librarian.rebuild().again == ("guide.md",)
    assert [entry.reason for entry in library.librarian.removed()] == ["withdrawn"]
    library.librarian.restore(note.id)
    assert "room A" in library.text("note.txt")


def test_nobody_else_changes_the_library_meanwhile(library: Library) -> None:
    with library.lock, pytest.raises(KBError) as caught:
        library.librarian.rebuild()
    assert str(caught.value) == BUSY

    said: list[str] = []

    def progress(*_: object) -> None:
        with pytest.raises(KBError) as refused:
            library.librarian.hide(library.documents()["guide.md"].id, "withdrawn")
        said.append(str(refused.value))

    library.librarian.rebuild(progress)
    assert set(said) == {BUSY}


@pytest.mark.parametrize(("language", "counted"), [("en", "Read again: 2 documents"), ("fr", "Relus : 2")])
def test_the_form_takes_two_presses_and_the_outcome_counts(language: str, counted: str) -> None:
    words = Words(language)
    [button] = Page(rebuild_form(words)).all("button")
    assert (button["data-do"], bool(button["data-sure"])) == ("rebuild", True)
    assert "kb build" in Page(rebuild_form(words)).text
    outcome = Outcome(again=("a.md", "b.md"), stayed=(("c.md", "c.md holds no text."),))
    page = Page(render_outcome(outcome, words))
    assert counted in page.text
    assert "c.md holds no text." in page.text
    assert len(page.all("li", "left-out")) == 1
