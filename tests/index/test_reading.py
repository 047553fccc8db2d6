"""Files read by processes of their own: same documents, same order, whatever becomes of a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.errors import DamagedDocument, DocumentError, EmptyDocument, KBError, UnsupportedFormat
from kb.index import reading
from kb.index.reading import Reader, read_all
from kb.library import Source, find_sources
from kb.loaders import load
from kb.loaders.limits import SECONDS
from kb.loaders.worker import answer, understand
from kb.types import Block, Document
from tests import hostile
from tests.conftest import ROOT

PLENTY = 2**30
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes with names are POSIX's")


def write(folder: Path, count: int) -> list[Source]:
    for n in range(count):
        (folder / f"{n:03}.txt").write_text(f"# Note {n}\n\nThis is note {n}: “né”.\n", encoding="utf-8")
    return find_sources([folder])


def said(outcome: Document | DocumentError) -> str:
    return outcome.title if isinstance(outcome, Document) else f"{type(outcome).__name__}: {outcome}"


@pytest.fixture
def killer(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a process that reads a file named "killer" be killed, "bug" run into a bug, "endless" never end."""
    reading._idle.close()
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text(
        "import os, signal, kb.loaders\n"
        "real = kb.loaders.load\n"
        "def load(path, **_):\n"
        "    if path.stem == 'killer':\n"
        "        os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    while path.stem == 'endless':\n"
        "        pass\n"
        "    return real(path) if path.stem != 'bug' else {}['nothing']\n"
        "kb.loaders.load = load\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")
    yield
    reading._idle.close()


def test_many_files_come_in_order_as_one_process_reads_them(tmp_path: Path) -> None:
    sources = write(tmp_path, 40)
    (tmp_path / "007.txt").write_bytes(b"")
    sources.insert(20, Source(tmp_path / "program.exe", "program.exe"))
    spread, alone = list(read_all(sources, 2)), list(read_all(sources, 1))
    assert list(map(said, spread)) == list(map(said, alone))
    assert [d.blocks for d in spread if isinstance(d, Document)] == [
        d.blocks for d in alone if isinstance(d, Document)
    ]
    assert [type(error) for error in spread if isinstance(error, DocumentError)] == [
        EmptyDocument,
        UnsupportedFormat,
    ]


def test_a_pdf_and_the_catalogues_word_come_through(tmp_path: Path) -> None:
    handbook = Source(ROOT / "corpus" / "cdo-handbook.pdf", "handbook", {"audience": ("cdo",)})
    [found] = read_all([handbook])
    assert found == handbook.read()
    assert isinstance(found, Document)
    assert (found.source, found.audience, found.pages) == ("handbook", ("cdo",), 43)


def test_only_a_process_loads_what_reads_pdf_files() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from kb.index.reading import read_all; from kb.library import find_sources\n"
        "print([d.pages for d in read_all(find_sources([Path(sys.argv[1])]))])\n"
        "print(sys.modules.keys() & {'pypdf', 'pypdfium2'})"
    )
    path = ROOT / "corpus" / "cdo-handbook.pdf"
    done = subprocess.run(
        [sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout, done.stderr) == ("[43]\nset()\n", "")


@pytest.mark.usefixtures("killer")
def test_a_file_that_kills_its_reader_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    for name in ("004.txt", "009.txt", "killer.txt", "bug.txt"):
        (tmp_path / name).touch()
    names = [source.name for source in write(tmp_path, 12)]
    found = dict(zip(names, map(said, read_all(find_sources([tmp_path]), 2)), strict=True))
    assert found.pop("killer.txt").startswith(
        "DamagedDocument: killer.txt could not be read: the reader stopped unexpectedly"
    )
    assert found.pop("bug.txt").startswith("DocumentError: bug.txt could not be read (KeyError: 'nothing')")
    assert found == {f"{n:03}.txt": f"Note {n}" for n in range(12)}


@pytest.mark.usefixtures("killer")
def test_a_file_that_takes_too_long_is_stopped_for_real(tmp_path: Path) -> None:
    sources = [Source(tmp_path / "endless.txt", "endless.txt"), *write(tmp_path, 3)]
    before = time.process_time()
    endless, *others = read_all(sources, 1, seconds=2.5)
    assert time.process_time() - before < 1, "the program itself has nothing to do meanwhile"
    assert "endless.txt could not be read within 2 seconds" in str(endless)
    assert list(map(said, others)) == ["Note 0", "Note 1", "Note 2"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_a_file_that_needs_too_much_memory_is_named(tmp_path: Path) -> None:
    (tmp_path / "bomb.csv").write_text("a;b\n" * 2_000_000, encoding="utf-8")
    (tmp_path / "note.txt").write_text("A note.\n", encoding="utf-8")
    reader = Reader(60, memory=120 * 2**20)
    try:
        with pytest.raises(DocumentError, match=r"bomb\.csv (needs too much memory|could not be read)"):
            reader.load(tmp_path / "bomb.csv")
        assert reader.load(tmp_path / "note.txt") == load(tmp_path / "note.txt")
    finally:
        reader.close()


def test_a_reader_that_was_killed_between_two_files_is_replaced(tmp_path: Path) -> None:
    first, second = write(tmp_path, 2)
    reader = Reader(60, PLENTY)
    try:
        assert reader.load(first.path).title == "Note 0"
        process = reader._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert reader.load(second.path).title == "Note 1"
    finally:
        reader.close()


def test_a_process_that_does_not_start_is_no_files_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    reading._idle.close()
    monkeypatch.setattr(reading, "CODE", "import no_such_module")
    with pytest.raises(KBError, match="process that reads files does not start"):
        list(read_all(write(tmp_path, 3), 2))
    assert "no_such_module" in capfd.readouterr().err


@pytest.mark.usefixtures("killer")
def test_what_is_no_answer_is_an_error(tmp_path: Path) -> None:
    reader = Reader(60, PLENTY)
    stop = threading.Timer(1.5, reader.close)
    stop.start()
    with pytest.raises(DamagedDocument, match="stopped unexpectedly"):
        reader.load(tmp_path / "endless.txt")
    stop.join()


def test_whoever_breaks_off_leaves_no_process_behind(tmp_path: Path) -> None:
    reading._idle.close()
    with closing(read_all(write(tmp_path, 30), 2)) as outcomes:
        assert said(next(outcomes)) == "Note 0"
    assert not [t for t in threading.enumerate() if t.name.startswith("kb-reading")]
    assert not reading._idle._readers


def test_only_so_many_documents_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Path] = []
    real = Reader.load

    def counted(self: Reader, path: Path) -> Document:
        document = real(self, path)
        done.append(path)
        return document

    monkeypatch.setattr(Reader, "load", counted)
    with closing(read_all(write(tmp_path, 40), 2)) as outcomes:
        next(outcomes)
        deadline = time.monotonic() + 20
        while len(done) < 10 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        assert len(done) == (reading.AHEAD + 1) * 2


class Line(Source):
    """A document that is no file."""

    def read(self) -> Document:
        return Document("1", self.name, "A line", blocks=(Block("paragraph", "Text."),))


def test_what_is_no_file_is_read_here(tmp_path: Path) -> None:
    line = Line(tmp_path / "none", "line")
    assert not line.is_file
    found = list(read_all([line, *write(tmp_path, 1)]))
    assert list(map(said, found)) == ["A line", "Note 0"]


def test_even_one_small_text_is_read_by_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.loaders.content.read", lambda *_: pytest.fail("read by the program itself"))
    assert list(map(said, read_all(write(tmp_path, 1)))) == ["Note 0"]


def test_a_process_is_kept_for_the_next_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading._idle.close()
    reading.warm_up()
    monkeypatch.setattr(reading, "_start", lambda *_: pytest.fail("another process was started"))
    for _ in range(2):
        assert list(map(said, read_all(write(tmp_path, 3), 1))) == ["Note 0", "Note 1", "Note 2"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("far_cell.xlsx", "far_cell.xlsx "),
        ("laugh.md", "laugh.md "),
        ("form_loop.pdf", "form_loop.pdf "),
    ],
)
def test_what_a_file_asks_for_ends_at_the_limit(tmp_path: Path, name: str, reason: str) -> None:
    """With a limit of 2 seconds and 300 MiB for the reader and what it starts."""
    (tmp_path / name).write_bytes(hostile.QUICK[name]())
    reader = Reader(2, 300 * 2**20)
    try:
        found, cost = hostile.cost(tmp_path / name, reader)
    finally:
        reader.close()
    assert found.startswith((reason, "read: "))
    assert cost.work < 10
    assert cost.memory < 700 * 2**20


@pytest.mark.slow
@pytest.mark.parametrize("name", [*hostile.QUICK, *hostile.SLOW])
def test_no_hostile_file_costs_more_than_it_may(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes({**hostile.QUICK, **hostile.SLOW}[name]())
    reader = Reader(SECONDS + reading.GRACE)
    try:
        found, cost = hostile.cost(tmp_path / name, reader)
    finally:
        reader.close()
    assert found.startswith((f"{name} ", "read: "))
    assert cost.work < 30
    assert cost.memory < 1.5 * 2**30


def test_the_folder_we_are_in_brings_no_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of documents may hold a file with the name of a module."""
    (tmp_path / "json.py").write_text("raise SystemExit('run')", encoding="utf-8")
    (tmp_path / "kb").mkdir()
    (tmp_path / "kb" / "__init__.py").write_text("raise SystemExit('run')", encoding="utf-8")
    (tmp_path / "note.txt").write_text("A note.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert list(map(said, read_all([Source(Path("note.txt"), "note.txt")], 1))) == ["note"]


@pytest.mark.parametrize(
    "line",
    [
        *('{"error": "annotations", "message": "x"}', '{"error": "KBError", "message": "x"}'),
        *('{"error": ["DocumentError"], "message": "x"}', '{"error": "DocumentError"}', '"error"', "nope"),
        *("[]", "5", "null", "{}", "[" * 100_000, '{"document": {}}', '{"document": [1]}', '{"document": 5}'),
        '{"document": {"id": "1", "source": "a", "title": "A", "audience": [], "blocks": [["paragraph"]]}}',
        '{"document": {"id": "1", "source": "a", "title": "A", "audience": [], "blocks": [], "more": 1}}',
    ],
)
def test_a_line_that_is_no_answer_is_a_damaged_document(line: str) -> None:
    with pytest.raises(
        DamagedDocument, match=r"a\.txt could not be read: the reader's answer makes no sense"
    ):
        understand(f"{line}\n", "a.txt")


def test_the_error_that_an_answer_tells_of_is_raised() -> None:
    with pytest.raises(EmptyDocument, match=r"^a\.txt is empty$"):
        understand('{"error": "EmptyDocument", "message": "a.txt is empty"}\n', "a.txt")


def test_an_answer_is_one_line_of_ascii(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Line\u2028break and “né”.\n", encoding="utf-8")
    line = answer(tmp_path / "note.txt")
    assert line.isascii()
    assert "\n" not in line
    assert json.loads(line)["document"]["source"] == "note.txt"
