"""From files to a committed generation: what is added, kept, dropped, left out and encoded again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.chunking import chunk
from kb.config import ChunkingConfig
from kb.errors import IndexDamaged, IndexMismatch, KBError
from kb.index import open_index
from kb.index.ingest import Report, build
from kb.library import find_sources
from kb.types import Changes, Document, Passage
from tests.fakes import HashedEmbedder

if TYPE_CHECKING:
    from kb.types import Role, Vectors

CONFIG = ChunkingConfig()
NOTE = "# Venue\n\nThe workshop takes place in Kigali.\n\n# Pillars\n\nData governance has four pillars.\n"
GUIDE = "# Survey\n\nThe survey rates online services by five subindices.\n"


class Desk:
    """A folder of documents, an index of it, and an embedder that counts."""

    def __init__(self, folder: Path) -> None:
        self.documents = folder / "documents"
        self.index = folder / "index"
        self.embedder = HashedEmbedder()
        self.documents.mkdir()
        self.write("note.txt", NOTE)
        self.write("guide.txt", GUIDE)

    def write(self, name: str, text: str) -> Path:
        path = self.documents / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def build(self, *paths: Path, keep: bool = False, config: ChunkingConfig = CONFIG) -> Report:
        sources = find_sources(paths or [self.documents])
        return build(self.index, sources, self.embedder, config, keep=keep)

    def sources(self) -> list[str]:
        return [document.source for document in open_index(self.index).documents()]

    def best(self, question: str) -> str:
        index = open_index(self.index)
        [(found, _)] = index.search_vector(self.embedder.encode([question])[0], 1)
        return index.fetch([found])[0].text


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.build()
    return desk


def test_a_first_build_reports_all_of_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    done = desk.build()
    assert replace(done, new=()) == Report(("guide.txt", "note.txt"), (), (), {}, {}, passages=3, encoded=3)
    assert [document.source for document in done.new] == ["guide.txt", "note.txt"]
    assert desk.sources() == ["guide.txt", "note.txt"]
    assert desk.best("pillars of data governance") == "Pillars\nData governance has four pillars."


def test_the_encoder_reads_title_and_headings(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.build()
    assert "Venue\nVenue\nThe workshop takes place in Kigali." in desk.embedder.encoded


def test_a_second_build_of_the_same_changes_nothing(desk: Desk) -> None:
    before = open_index(desk.index).generation
    assert desk.build() == Report((), ("guide.txt", "note.txt"), (), {}, {}, passages=3, encoded=0)
    assert open_index(desk.index).generation == before


def test_only_what_is_new_is_encoded(desk: Desk) -> None:
    desk.embedder.encoded.clear()
    desk.write("note.txt", NOTE.replace("Kigali", "Vientiane"))
    report = desk.build()
    assert (report.added, report.unchanged) == (("note.txt",), ("guide.txt",))
    assert (report.passages, report.encoded) == (3, 1)
    assert [text for text in desk.embedder.encoded if "workshop takes" in text] == [
        "Venue\nVenue\nThe workshop takes place in Vientiane."
    ]
    assert desk.best("the workshop takes place") == "Venue\nThe workshop takes place in Vientiane."


def test_a_file_that_is_gone_is_removed(desk: Desk) -> None:
    (desk.documents / "guide.txt").unlink()
    report = desk.build()
    assert (report.added, report.unchanged, report.removed) == ((), ("note.txt",), ("guide.txt",))
    assert desk.sources() == ["note.txt"]


def test_adding_keeps_the_others(desk: Desk) -> None:
    report = desk.build(desk.write("new.txt", "The budget is ten million.\n"), keep=True)
    assert (report.added, report.removed) == (("new.txt",), ())
    assert desk.sources() == ["guide.txt", "new.txt", "note.txt"]


def test_adding_a_file_of_a_known_name_replaces_it(desk: Desk) -> None:
    other = desk.write("elsewhere/note.txt", "# Venue\n\nThe workshop is cancelled.\n")
    assert desk.build(other, keep=True).added == ("note.txt",)
    assert desk.sources() == ["guide.txt", "note.txt"]
    assert desk.best("workshop cancelled") == "Venue\nThe workshop is cancelled."


def test_a_renamed_file_is_encoded_once(desk: Desk) -> None:
    (desk.documents / "note.txt").rename(desk.documents / "renamed.txt")
    report = desk.build()
    assert (report.added, report.removed, report.encoded) == (("renamed.txt",), ("note.txt",), 0)
    assert desk.sources() == ["guide.txt", "renamed.txt"]


def test_adding_a_known_document_under_another_name_says_which_went(desk: Desk) -> None:
    report = desk.build(desk.write("copy.txt", NOTE), keep=True)
    assert (report.added, report.removed) == (("copy.txt",), ("note.txt",))
    assert desk.sources() == ["copy.txt", "guide.txt"]


def test_two_files_of_the_same_content_are_kept_once(desk: Desk) -> None:
    desk.write("copy of note.txt", NOTE)
    report = desk.build()
    assert report.same == {"note.txt": "copy of note.txt"}
    assert desk.sources() == ["copy of note.txt", "guide.txt"]


def test_a_new_word_of_the_catalogue_replaces_the_document(desk: Desk) -> None:
    desk.write("catalogue.toml", '[[document]]\nfile = "note.txt"\ntitle = "Workshop note"\n')
    assert desk.build().added == ("note.txt",)
    assert [d.title for d in open_index(desk.index).documents()] == ["Survey", "Workshop note"]


def test_what_cannot_be_read_is_left_out_with_the_reason(desk: Desk) -> None:
    desk.write("empty.txt", "")
    desk.write("note.pdf", "no PDF")
    desk.write("program.exe", "x")
    report = desk.build()
    assert list(report.left_out) == ["empty.txt", "note.pdf", "program.exe"]
    assert all(reason.startswith(name) for name, reason in report.left_out.items())
    assert desk.sources() == ["guide.txt", "note.txt"]


def test_an_earlier_version_of_a_file_that_broke_stays(desk: Desk) -> None:
    desk.write("note.txt", "")
    report = desk.build()
    assert list(report.left_out) == ["note.txt"]
    assert report.removed == ()
    assert desk.best("workshop in Kigali") == "Venue\nThe workshop takes place in Kigali."


def test_nothing_that_can_be_read_changes_nothing(desk: Desk) -> None:
    path = desk.write("broken.pdf", "no PDF")
    with pytest.raises(KBError, match=r"None of 1 file\(s\) could be read; the first: broken\.pdf is named"):
        desk.build(path)
    assert desk.sources() == ["guide.txt", "note.txt"]


@pytest.mark.parametrize("keep", [False, True])
def test_a_document_without_passages_is_held_all_the_same(desk: Desk, keep: bool) -> None:
    assert desk.build(desk.write("one.txt", "x"), keep=keep).added == ("one.txt",)
    assert "one.txt" in desk.sources()


def test_other_chunking_builds_anew(desk: Desk) -> None:
    report = desk.build(config=ChunkingConfig(max_chars=200))
    assert report.added == ("guide.txt", "note.txt")
    with pytest.raises(IndexMismatch):
        desk.build(keep=True)
    assert desk.build(config=ChunkingConfig(max_chars=200)).unchanged == ("guide.txt", "note.txt")


def test_other_chunking_encodes_only_what_is_cut_another_way(desk: Desk) -> None:
    """Both notes fit into a passage of either length, so that their texts are known."""
    desk.write(
        "long.txt", "# Long\n\n" + "".join(f"Ministry {n} publishes its strategy. " for n in range(20))
    )
    desk.build()
    desk.embedder.encoded.clear()
    report = desk.build(config=ChunkingConfig(max_chars=200))
    assert report.added == ("guide.txt", "long.txt", "note.txt")
    assert report.encoded == report.passages - 3
    assert len(desk.embedder.encoded) == report.encoded
    assert desk.best("workshop in Kigali") == "Venue\nThe workshop takes place in Kigali."


def test_files_that_are_read_another_way_are_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.chunking.LOADERS", -1)
    report = desk.build()
    assert (report.added, report.encoded) == (("guide.txt", "note.txt"), 0)


def test_another_model_encodes_all_anew_and_says_so(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.embedder = HashedEmbedder(64)
    desk.embedder.digest = "another model"
    assert desk.build().encoded == 3
    [record] = caplog.records
    assert f"{desk.index} is built anew, and nothing of it is used again" in record.message


def test_adding_to_an_index_of_other_settings_is_refused(desk: Desk) -> None:
    new = desk.write("new.txt", "The budget is ten million.\n")
    with pytest.raises(IndexMismatch, match=r"\[chunking\] settings.*kb build"):
        desk.build(new, keep=True, config=ChunkingConfig(max_chars=200))
    desk.embedder.digest = "another model"
    with pytest.raises(IndexMismatch, match=r"embedding model.*kb build"):
        desk.build(new, keep=True)
    assert desk.sources() == ["guide.txt", "note.txt"]


def damage(index: Path, name: str, *, same_size: bool) -> None:
    [path] = index.glob(f"generations/*/{name}")
    data = path.read_bytes()
    half = len(data) // 2
    path.write_bytes(data[:half] + b"\xff" * (len(data) - half if same_size else 0))


@pytest.mark.parametrize(
    "name", ["parts/*/catalogue.sqlite", "parts/*/vectors.npy", "lexicon.json", "manifest.json"]
)
@pytest.mark.parametrize("same_size", [False, True])
def test_building_mends_a_damaged_index_and_adding_does_not_touch_it(
    desk: Desk, name: str, same_size: bool
) -> None:
    damage(desk.index, name, same_size=same_size)
    with pytest.raises(IndexDamaged, match="kb build"):
        desk.build(desk.write("new.txt", "The budget."), keep=True)
    report = desk.build()
    assert report.added == ("guide.txt", "new.txt", "note.txt")
    # Half a file is damaged: the vectors of the other half are whole, or all of them if it is not theirs.
    assert report.encoded <= {"lexicon.json": 1}.get(name, 4)
    open_index(desk.index).verify()
    assert desk.best("workshop in Kigali") == "Venue\nThe workshop takes place in Kigali."


def test_adding_makes_an_index_where_there_is_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    assert desk.build(keep=True).added == ("guide.txt", "note.txt")


def test_an_index_emptied_can_be_filled_again(desk: Desk) -> None:
    index = open_index(desk.index)
    index.apply(Changes(remove=tuple(document.id for document in index.documents())))
    assert open_index(desk.index).size == 0
    assert desk.build(keep=True).added == ("guide.txt", "note.txt")
    assert desk.best("workshop in Kigali") == "Venue\nThe workshop takes place in Kigali."


class Failing(HashedEmbedder):
    """An embedder that breaks off after some texts."""

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        if len(self.encoded) + len(texts) > 100:
            raise MemoryError
        return super().encode(texts, role)


def test_an_encoder_that_breaks_off_changes_nothing(desk: Desk) -> None:
    desk.write("long.txt", "".join(f"{n}. Section {n}\n\nText number {n}.\n\n" for n in range(400)))
    desk.embedder = Failing()
    before = sorted(os.listdir(desk.index / "generations"))
    with pytest.raises(MemoryError):
        desk.build()
    assert sorted(os.listdir(desk.index / "generations")) == before
    assert desk.sources() == ["guide.txt", "note.txt"]


def test_every_vector_belongs_to_its_passage(desk: Desk) -> None:
    """Texts are encoded in another order than they stand in; each must find itself."""
    lines = [f"# Part {n}\n\n{'word ' * (n * 7 % 90)}number{n}.\n\n" for n in range(300)]
    desk.write("long.md", "".join(lines))
    assert desk.build().encoded == 300
    index = open_index(desk.index)
    [document] = [document for document in index.documents() if document.source == "long.md"]
    for n in range(300):
        text = f"{document.title} > Part {n}\nPart {n}\n{'word ' * (n * 7 % 90)}number{n}."
        [(found, score)] = index.search_vector(desk.embedder.encode([text])[0], 1)
        assert f"number{n}." in index.fetch([found])[0].text
        assert score > 0.99


def test_progress_counts_up_to_the_whole(tmp_path: Path) -> None:
    desk, calls = Desk(tmp_path), list[tuple[str, int, int]]()
    build(
        desk.index,
        find_sources([desk.documents]),
        desk.embedder,
        CONFIG,
        lambda *call: calls.append(call),
    )
    assert calls[:3] == [("Reading guide.txt", 0, 2), ("Reading note.txt", 1, 2), ("Reading", 2, 2)]
    assert ("Encoding passages", 3, 3) in calls
    assert all(done <= total for _, done, total in calls)


def test_progress_tells_pages_and_passages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.index.encoding.PORTION", 1)
    desk, calls = Desk(tmp_path), list[tuple[str, int, int]]()
    desk.write("slides.txt", "One.\fTwo.\f")
    sources = find_sources([desk.documents])
    build(desk.index, sources, desk.embedder, CONFIG, lambda *call: calls.append(call))
    assert ("Reading slides.txt, 3 passages", 2, 3) in calls
    assert ("Reading, 2 pages, 4 passages", 3, 3) in calls


def test_encoding_begins_while_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.index.encoding.PORTION", 2)
    desk = Desk(tmp_path)
    for n in range(12):
        desk.write(f"part{n:02}.txt", f"# Part {n}\n\nText of part {n}.\n")
    taken: list[int] = []
    real = chunk

    def counting(document: Document, config: ChunkingConfig) -> list[Passage]:
        taken.append(len(desk.embedder.encoded))
        return real(document, config)

    monkeypatch.setattr("kb.index.ingest.chunk", counting)
    assert desk.build().encoded == 15
    assert taken[-1] > 8


def test_the_second_of_two_like_names_tells_its_folder(desk: Desk) -> None:
    paths = [desk.write(f"{year}/index.txt", f"The report of {year}.\n") for year in (2022, 2023)]
    assert desk.build(*paths, keep=True).added == ("index.txt", "2023/index.txt")
    assert desk.sources() == ["2023/index.txt", "guide.txt", "index.txt", "note.txt"]


def test_the_catalogue_describes_a_file_that_is_added_alone(desk: Desk) -> None:
    desk.write("catalogue.toml", '[[document]]\nfile = "note.txt"\ntitle = "Workshop note"\n')
    assert desk.build(desk.documents / "note.txt", keep=True).added == ("note.txt",)
    assert [d.title for d in open_index(desk.index).documents()] == ["Survey", "Workshop note"]
