"""Documents hidden with a reason: nothing of them is found, and nothing of them is lost."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from kb.errors import KBError
from kb.index import open_index
from kb.index.ingest import NothingRead, build
from kb.index.originals import find
from kb.index.removed import FOLDER, KEPT_DAYS, Removed, removed, sweep
from kb.library import find_sources
from kb.types import Document
from kb.ui.access import user_line
from kb.ui.adding import render_outcome
from kb.ui.hiding import hide_form, render_hidden
from kb.ui.holdings import Look, Row, render_removed
from kb.ui.intake import BUSY, REASON, Outcome
from kb.ui.strings import Words
from tests.fakes import HashedEmbedder

from .program import Program, basic, running
from .sample import DOCUMENTS, VENUE, Page
from .test_library import HOSTILE, NOTE, Library

WHY = "draft, withdrawn by the ministry"
PASSWORD = "correct horse battery"


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def hidden(library: Library) -> dict[str, str]:
    """Return why each document is hidden, by source."""
    return {entry.document.source: entry.reason for entry in library.librarian.removed() if entry.reason}


def hide_note(library: Library, why: str = WHY) -> Document:
    note = library.documents()["note.txt"]
    library.librarian.hide(note.id, why)
    return note


def test_a_hidden_document_is_found_nowhere_and_is_shown_again_whole(library: Library) -> None:
    note = hide_note(library, f"  draft,\nwithdrawn {'x' * REASON}")

    index = open_index(library.config.index)
    assert [document.source for document in index.documents()] == ["guide.md"]
    assert index.search_words("workshop room", 9) == []
    assert note.id not in {
        p.document_id for p in index.fetch([key for key, _ in index.search_vector(_vector(), 9)])
    }
    [entry] = library.librarian.removed()
    assert (entry.document, len(entry.reason)) == (note, REASON)
    assert entry.reason.startswith("draft, withdrawn xx")
    assert abs(entry.when - time.time()) < 60

    assert library.librarian.restore(note.id) == Outcome(shown=("note.txt",))
    assert library.documents()["note.txt"] == note
    assert "room A" in library.text("note.txt")
    assert library.librarian.removed() == []


def _vector() -> Any:  # noqa: ANN401 - an array
    return HashedEmbedder().encode([NOTE])[0]


def test_what_is_hidden_stays_however_long_and_what_is_removed_goes(library: Library) -> None:
    hide_note(library)
    guide = library.documents()["guide.md"].id
    library.add(library.send("plan.md", "# Plan\n\nText.\n"))
    library.librarian.remove(guide)
    long_ago = time.time() - (KEPT_DAYS + 1) * 86400
    for about in (library.config.index / FOLDER).glob("*/about.json"):
        os.utime(about, (long_ago, long_ago))

    sweep(library.config.index)

    assert [entry.document.source for entry in removed(library.config.index)] == ["note.txt"]


@pytest.mark.parametrize("why", ["", "  \n "])
def test_without_a_reason_nothing_is_hidden(library: Library, why: str) -> None:
    with pytest.raises(KBError, match="Say in a few words why"):
        hide_note(library, why)
    assert sorted(library.documents()) == ["guide.md", "note.txt"]


def test_what_could_not_be_shown_again_is_not_hidden(library: Library) -> None:
    note = library.documents()["note.txt"]
    original = find(library.config.index, note.id)
    assert original is not None
    original.unlink()

    with pytest.raises(KBError, match=r"No copy of the file of note\.txt is kept"):
        library.librarian.hide(note.id, WHY)

    assert library.documents()["note.txt"] == note
    assert library.librarian.removed() == []
    with pytest.raises(KBError, match="no longer holds"):
        library.librarian.hide("../note", WHY)


def test_nobody_hides_while_somebody_else_changes_the_library(library: Library) -> None:
    with library.lock, pytest.raises(KBError) as caught:
        hide_note(library)
    assert str(caught.value) == BUSY
    assert "note.txt" in library.documents()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("note.txt", NOTE, f'note.txt is hidden ("{WHY}"); show it again in the Library first.'),
        ("note.txt", NOTE.replace("room A", "room B"), "or give another document a name of its own."),
        ("copy.md", NOTE, f'copy.md has the same content as note.txt, which is hidden ("{WHY}")'),
    ],
)
def test_a_hidden_document_is_not_brought_back_by_adding(
    library: Library, name: str, text: str, said: str
) -> None:
    note = hide_note(library)
    generation = open_index(library.config.index).generation

    outcome = library.add(library.send(name, text))
    guide = library.documents()["guide.md"].id
    swapped = library.librarian.exchange(guide, library.send("v2.md", NOTE), library.seen())

    assert said in dict(outcome.left_out)[name]
    assert "same content as note.txt, which is hidden" in swapped.left_out[0][1]
    assert open_index(library.config.index).generation == generation
    assert hidden(library) == {"note.txt": WHY}
    assert library.librarian.restore(note.id).shown == ("note.txt",)


def test_a_build_of_the_folder_leaves_out_what_is_hidden(library: Library) -> None:
    hide_note(library)
    folder, index = library.folder / "documents", library.config.index

    for stale in (False, True):
        if stale:  # An index that cannot be read is built anew, and what is hidden stays so.
            (index / "CURRENT").write_text("no name")
        report = build(index, find_sources([folder]), HashedEmbedder(), library.config.chunking)
        assert WHY in report.left_out["note.txt"]
        assert sorted(library.documents()) == ["guide.md"]
    with pytest.raises(NothingRead, match="is hidden"):
        build(index, find_sources([folder / "note.txt"]), HashedEmbedder(), library.config.chunking)
    assert hidden(library) == {"note.txt": WHY}


def test_an_earlier_version_comes_back_and_is_replaced_while_a_later_one_is_hidden(library: Library) -> None:
    first = library.documents()["note.txt"]
    library.add(library.send("note.txt", NOTE.replace("room A", "room B")))
    second = hide_note(library)

    assert library.librarian.restore(first.id).added == ("note.txt",)
    assert library.documents()["note.txt"] == first
    assert hidden(library) == {"note.txt": WHY}
    library.add(library.send("note.txt", NOTE.replace("room A", "room C")))
    assert "room C" in library.text("note.txt")

    assert library.librarian.restore(second.id).replaced == ("note.txt",)
    assert "room B" in library.text("note.txt")
    assert hidden(library) == {}


def test_a_file_that_was_kept_and_damaged_is_not_shown_as_another_document(library: Library) -> None:
    note = hide_note(library)
    [entry] = library.librarian.removed()
    entry.path.write_text("Other text.\n")

    [(name, why)] = library.librarian.restore(note.id).left_out

    assert (name, "is damaged" in why) == ("note.txt", True)
    assert sorted(library.documents()) == ["guide.md"]
    assert hidden(library) == {"note.txt": WHY}


# Showing


def test_what_is_hidden_is_listed_with_reason_and_date(tmp_path: Path) -> None:
    entry = Removed(DOCUMENTS["note"], tmp_path, 0.0, WHY)
    for words, said in ((Words(), "22 March 2026"), (Words("fr"), "22 mars 2026")):
        page = Page(render_hidden([entry], words, lambda when: "2026-03-22"))
        assert said in page.text
        assert WHY in page.text
        [button] = page.all("button")
        assert (button["data-do"], button["data-id"]) == ("restore", "note")
        assert "Workshop note" in button["aria-label"]
    assert render_hidden([], Words(), str) == ""
    assert WHY not in Page(render_removed([entry], Words(), lambda when: "2026-03-22")).text


def test_the_form_asks_for_a_reason_and_is_not_there_where_nothing_can_be_hidden() -> None:
    looks = [
        Look(Row(DOCUMENTS["note"], 1, kept=kept), Words(), [VENUE], changeable=may).render()
        for kept, may in ((True, True), (False, True), (True, False))
    ]
    pages = [Page(look) for look in looks]
    [form] = pages[0].all("form", "hiding")
    assert (form["data-do"], form["data-id"]) == ("hide", "note")
    assert [box["maxlength"] for box in pages[0].all("input") if box.get("name") == "reason"] == ["200"]
    assert "required" in Page(hide_form("note", True, Words("fr"))).all("input")[0]
    assert "It cannot be hidden" in pages[1].text
    assert pages[1].all("form", "hiding") == pages[2].all("form", "hiding") == []


def test_nothing_that_somebody_wrote_is_html() -> None:
    entry = Removed(Document("d", f"{HOSTILE}.md", HOSTILE), Path(HOSTILE), 0.0, HOSTILE)
    outcome = Outcome(shown=(HOSTILE,), again=(HOSTILE,), stayed=((HOSTILE, HOSTILE),))
    for html in (render_hidden([entry], Words(), lambda when: "x"), render_outcome(outcome, Words())):
        assert HOSTILE in Page(html).text
        assert Page(html).all("img") == []


# Who may


def sent(app: Program, event: str, **given: str) -> str:
    """Send an event of the Library tab as the page does, signed in as a reader; return what comes back."""
    signed = {"authorization": basic("ann", PASSWORD)}
    calls = app.get("config", **signed).json["dependencies"]
    call = next(c for c in calls if [name for _, name in c["targets"]] == [event])
    join = {
        "data": [None] * len(call["inputs"]),
        "fn_index": call["id"],
        "session_hash": event,
        "event_data": given,
        "trigger_id": call["targets"][0][0],
    }
    assert app.get("gradio_api/queue/join", join, **signed).status == 200
    return app.get(f"gradio_api/queue/data?session_hash={event}", **signed).body


def test_a_reader_changes_nothing_whatever_the_page_is_made_to_send(
    small_index: Path, tmp_path: Path
) -> None:
    users = tmp_path / "users"
    users.write_text(user_line("ann", "reader", PASSWORD))
    before = open_index(small_index)
    [note] = [document for document in before.documents() if document.source == "note.txt"]

    with running(small_index, tmp_path / "log", users_file=users) as app:
        for event, given in (
            ("remove", {"id": note.id}),
            ("hide", {"id": note.id, "reason": WHY}),
            ("rebuild", {}),
        ):
            said = sent(app, event, **given)
            outputs = [json.loads(line.removeprefix("data:")) for line in said.splitlines() if line]
            assert any("Only a librarian may change" in json.dumps(output) for output in outputs), said

    assert open_index(small_index).generation == before.generation
    assert removed(small_index) == []
