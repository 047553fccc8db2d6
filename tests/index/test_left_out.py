"""Documents that an ingest leaves out or removes: each by name, none silently."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from kb.config import ChunkingConfig
from kb.index import open_index
from kb.index.ingest import NothingRead
from tests.index.test_ingest import NOTE, Desk

OTHER = ChunkingConfig(max_chars=200)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.build()
    return desk


def test_a_version_that_cannot_be_read_any_more_is_removed_by_name_with_other_chunking(desk: Desk) -> None:
    desk.write("note.txt", "")
    report = desk.build(config=OTHER)
    assert list(report.left_out) == ["note.txt"]
    assert (report.added, report.removed) == (("guide.txt",), ("note.txt",))
    assert desk.sources() == ["guide.txt"]


def test_a_file_that_is_gone_is_removed_by_name_with_other_chunking(desk: Desk) -> None:
    (desk.documents / "guide.txt").unlink()
    assert desk.build(config=OTHER).removed == ("guide.txt",)


def test_an_outdated_version_of_a_file_that_says_the_same_as_another_does_not_go_on_answering(
    desk: Desk,
) -> None:
    paths = [desk.write(name, "# Budget\n\nThe budget is ten million.\n") for name in ("a.txt", "note.txt")]
    report = desk.build(*paths, keep=True)
    assert (report.added, report.same, report.removed) == (("a.txt",), {"note.txt": "a.txt"}, ("note.txt",))
    assert desk.sources() == ["a.txt", "guide.txt"]
    assert "Kigali" not in desk.best("workshop in Kigali")


def test_a_second_copy_of_what_is_held_leaves_it_held(desk: Desk) -> None:
    paths = [desk.documents / "note.txt", desk.write("note two.txt", NOTE)]
    report = desk.build(*paths, keep=True)
    assert (report.unchanged, report.same, report.removed) == (
        ("note.txt",),
        {"note two.txt": "note.txt"},
        (),
    )
    assert desk.sources() == ["guide.txt", "note.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a name be any bytes")
def test_a_name_that_is_not_utf8_is_left_out(desk: Desk) -> None:
    path = Path(os.fsdecode(os.fsencode(desk.documents) + b"/caf\xe9.txt"))
    path.write_text("# Menu\n\nCoffee.\n", encoding="utf-8")
    desk.write("new.txt", "The budget is ten million.\n")
    report = desk.build()
    said = r"caf\udce9.txt has a name that is not valid UTF-8; rename it."
    assert report.left_out == {r"caf\udce9.txt": said}
    assert (report.added, report.unchanged) == (("new.txt",), ("guide.txt", "note.txt"))
    with pytest.raises(NothingRead, match="not valid UTF-8; rename it"):
        desk.build(path, keep=True)
    assert len(open_index(desk.index).documents()) == 3
