"""The files that an index was made from: kept with it, and let go with their documents."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb.config import ChunkingConfig
from kb.errors import DocumentError, KBError
from kb.index import open_index
from kb.index.ingest import Report, build, remove
from kb.index.originals import find, gathering
from kb.library import Source, find_sources
from kb.types import Block, Changes, Document
from tests.conftest import ROOT, Command
from tests.fakes import HashedEmbedder


class Shelf:
    """A folder of documents and its index."""

    def __init__(self, folder: Path) -> None:
        self.documents, self.index = folder / "documents", folder / "index"
        self.documents.mkdir()

    def write(self, name: str, text: str) -> str:
        """Write a file and return the id of its document."""
        (self.documents / name).write_text(text, encoding="utf-8")
        return Source(self.documents / name, name).read().id

    def build(self) -> Report:
        return build(self.index, find_sources([self.documents]), HashedEmbedder(), ChunkingConfig())

    def kept(self) -> set[str]:
        return {path.name for path in (self.index / "originals").iterdir() if path.name != ".lock"}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_a_copy_is_found_by_the_documents_id(shelf: Shelf) -> None:
    note, guide = shelf.write("note.txt", "A note.\n"), shelf.write("guide.MD", "# Guide\n\nText.\n")
    shelf.build()
    assert shelf.kept() == {f"{note}.txt", f"{guide}.md"}
    path = find(shelf.index, note)
    assert path is not None
    assert path.read_text(encoding="utf-8") == "A note.\n"
    (shelf.documents / "note.txt").unlink()
    assert path.exists()


@pytest.mark.parametrize("name", ["0" * 16, "", "*", "../documents/note", "originals/.."])
def test_what_is_no_document_is_not_found(shelf: Shelf, name: str) -> None:
    shelf.write("note.txt", "A note.\n")
    assert find(shelf.index, name) is None
    shelf.build()
    assert find(shelf.index, name) is None


def test_a_copy_goes_once_no_generation_needs_it(shelf: Shelf) -> None:
    first = shelf.write("note.txt", "The first.\n")
    shelf.build()
    second = shelf.write("note.txt", "The second.\n")
    shelf.build()
    assert shelf.kept() == {f"{first}.txt", f"{second}.txt"}
    shelf.build()
    assert shelf.kept() == {f"{first}.txt", f"{second}.txt"}, "nothing was committed"
    third = shelf.write("note.txt", "The third.\n")
    shelf.build()
    assert shelf.kept() == {f"{second}.txt", f"{third}.txt"}


def test_a_removal_lets_go_of_what_neither_it_nor_the_state_before_holds(shelf: Shelf) -> None:
    ids = [shelf.write(f"{name}.txt", f"Note {name}.\n") for name in "abc"]
    names = {f"{document_id}.txt" for document_id in ids}
    shelf.build()
    remove(shelf.index, ids[:1])
    assert shelf.kept() == names, "the generation before still holds it"
    remove(shelf.index, ids[1:2])
    assert shelf.kept() == names - {f"{ids[0]}.txt"}
    with pytest.raises(KBError, match="holds no document"):
        remove(shelf.index, ids[:1])
    assert [document.id for document in open_index(shelf.index).documents()] == ids[2:]


def test_a_build_that_changes_nothing_lets_go_as_well(shelf: Shelf) -> None:
    ids = [shelf.write(f"{name}.txt", f"Note {name}.\n") for name in "abc"]
    shelf.build()
    for document_id in ids[:2]:
        open_index(shelf.index).apply(Changes(remove=(document_id,)))
        (shelf.documents / f"{'abc'[ids.index(document_id)]}.txt").unlink()
    assert len(shelf.kept()) == 3
    assert shelf.build().unchanged == ("c.txt",)
    assert shelf.kept() == {f"{document_id}.txt" for document_id in ids[1:]}


def test_nothing_goes_while_nobody_knows_what_the_state_before_holds(shelf: Shelf) -> None:
    ids = [shelf.write(f"{name}.txt", f"Note {name}.\n") for name in "abc"]
    shelf.build()
    remove(shelf.index, ids[:1])
    before, _ = sorted((shelf.index / "generations").iterdir())
    (before / "manifest.json").write_text("{")
    (shelf.documents / "a.txt").unlink()
    assert shelf.build().unchanged == ("b.txt", "c.txt")
    assert len(shelf.kept()) == 3
    remove(shelf.index, ids[1:2])
    assert shelf.kept() == {f"{document_id}.txt" for document_id in ids[1:]}


def test_the_command_removes_copies_too(kb: Command, small_index: Path) -> None:
    for name in ("note.txt", "guide.md"):
        assert kb("remove", name, "--index", small_index).status == 0
    suffixes = sorted(path.suffix for path in (small_index / "originals").glob("[!.]*"))
    assert suffixes == [".csv", ".md"]


def test_a_lock_that_cannot_be_taken_is_named(shelf: Shelf) -> None:
    note = shelf.write("note.txt", "A note.\n")
    shelf.build()
    lock = shelf.index / "originals" / ".lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    with pytest.raises(KBError, match=r"Cannot write to the index .*index \("):
        remove(shelf.index, [note])


def test_an_index_without_copies_gets_them(shelf: Shelf) -> None:
    note = shelf.write("note.txt", "A note.\n")
    shelf.build()
    path = find(shelf.index, note)
    assert path is not None
    path.unlink()
    assert shelf.build().unchanged == ("note.txt",)
    assert shelf.kept() == {f"{note}.txt"}
    path.write_bytes(b"cut")
    shelf.build()
    assert path.read_text(encoding="utf-8") == "A note.\n"


def test_a_file_that_changes_while_it_is_read_is_left_out(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.write("a.txt", "Stays.\n")
    shelf.write("note.txt", "Before.\n")
    real = Source.describe

    def changing(self: Source, document: Document) -> Document:
        if self.name == "note.txt":
            self.path.write_text("After.\n", encoding="utf-8")
        return real(self, document)

    monkeypatch.setattr(Source, "describe", changing)
    report = shelf.build()
    assert report.added == ("a.txt",)
    assert "note.txt changed while it was being read" in report.left_out["note.txt"]
    assert len(shelf.kept()) == 1


def test_a_file_that_is_gone_meanwhile_is_left_out(tmp_path: Path) -> None:
    with (
        gathering(tmp_path / "index") as copies,
        pytest.raises(DocumentError, match=r"gone\.txt changed while"),
    ):
        copies.take(tmp_path / "gone.txt", Document("1", "gone.txt", "Gone"))


def test_what_is_not_published_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("A note.\n", encoding="utf-8")
    document = Source(path, "note.txt").read()
    with gathering(tmp_path) as copies:
        copies.take(path, document)
        assert find(tmp_path, document.id) is None
    assert list((tmp_path / "originals").iterdir()) == []


GATHERING = """
import sys
from pathlib import Path
from kb.index.originals import gathering
from kb.library import Source

index, path = map(Path, sys.argv[1:])
with gathering(index) as copies:
    copies.take(path, Source(path, path.name).read())
    print("taken", flush=True)
    input()
"""


def test_what_a_killed_process_left_goes_with_the_next_change(shelf: Shelf) -> None:
    """But not what a process that lives is gathering, however long that takes."""
    shelf.write("note.txt", "A note.\n")
    shelf.build()
    other = shelf.index.with_name("other.txt")
    other.write_text("Another one.\n", encoding="utf-8")
    command = [sys.executable, "-c", GATHERING, str(shelf.index), str(other)]
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as killed,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT) as living,
    ):
        for process in (killed, living):
            assert process.stdout
            assert process.stdout.readline() == "taken\n"
        killed.kill()
        killed.wait()
        assert sum(name.startswith(".new-") for name in shelf.kept()) == 4
        shelf.write("note.txt", "Another note.\n")
        shelf.build()
        left = [name for name in shelf.kept() if name.startswith(".new-")]
        assert len(left) == 2, "a folder and its lock"
        assert [*(shelf.index / "originals" / min(left)).iterdir()]
        living.communicate("\n")
    assert not [name for name in shelf.kept() if name.startswith(".new-")]


def test_a_copy_that_is_damaged_is_made_again(shelf: Shelf) -> None:
    shelf.write("note.txt", "A note.\n")
    shelf.build()
    [copy] = (shelf.index / "originals").glob("[!.]*")
    copy.write_bytes(b"A nope.\n")
    shelf.build()
    assert copy.read_text() == "A note.\n"


def test_an_index_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("A note.\n", encoding="utf-8")
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "originals").touch()
    with (
        gathering(tmp_path / "index") as copies,
        pytest.raises(KBError, match=r"Cannot write to the index .*index \("),
    ):
        copies.take(path, Source(path, "note.txt").read())


class Line(Source):
    """A document that is no file."""

    def read(self) -> Document:
        return Document("1", self.name, "A line", blocks=(Block("paragraph", "Text."),))


def test_what_is_no_file_has_no_copy(tmp_path: Path) -> None:
    build(tmp_path / "index", [Line(tmp_path / "lines", "line")], HashedEmbedder(), ChunkingConfig())
    assert not (tmp_path / "index" / "originals").exists()
