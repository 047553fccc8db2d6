"""What the command line shows in narrow windows, to pipes and full disks, and when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from kb.index import open_index
from tests.conftest import MODELS, Command
from tests.loaders.test_load import DRAWN, TEXT, pages
from tests.test_bad_input import WHERE, refused

KB = str(Path(sys.executable).with_name("kb"))
ENVIRONMENT = {**os.environ, "KB_EMBEDDING__MODELS_FOLDER": str(MODELS)}
TITLE = "Guidelines on everything that a chief digital officer of a ministry has to know"


@pytest.fixture
def long_index(kb: Command, small_index: Path, tmp_path: Path) -> Path:
    """The small index with a document of a long title and file name."""
    path = tmp_path / "guidelines-of-the-year-on-everything.md"
    path.write_text(f"# {TITLE}\n\nKnow your data.\n", encoding="utf-8")
    assert kb("add", path, "--index", small_index).status == 0
    return small_index


def test_a_narrow_window_gets_lines_and_cuts_nothing(
    kb: Command, long_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [document.id for document in open_index(long_index).documents()]
    monkeypatch.setenv("COLUMNS", "40")

    lines = kb("list", "--index", long_index).out.splitlines()

    assert [line.split()[1] for line in lines if line.startswith("id ")] == ids
    assert f"title     {TITLE}" in lines
    assert "source    guidelines-of-the-year-on-everything.md" in lines
    assert not [line for line in lines if line.startswith("edition")]


def test_a_wide_enough_window_folds_what_is_long_and_never_an_id(
    kb: Command, long_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "90")

    out = kb("list", "--index", long_index).out

    assert "…" not in out
    assert all(document.id in out for document in open_index(long_index).documents())
    assert max(map(len, out.splitlines())) <= 90
    folded = "".join(line[18:40] for line in out.splitlines()).replace(" ", "")
    assert TITLE.split()[-1] in folded


def test_another_program_gets_whole_lines(
    program: Command, long_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)

    head, *rows = program("list", "--index", long_index).out.splitlines()

    assert head.split() == ["id", "title", "source", "pages", "passages", "edition", "date"]
    assert len(rows) == len(open_index(long_index).documents())
    assert any(TITLE in row and "guidelines-of-the-year-on-everything.md" in row for row in rows)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["list"], ["ask", WHERE], ["search", WHERE, "--json"]])
def test_a_full_disk_behind_standard_output_is_one_sentence(small_index: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [KB, *arguments, "--index", str(small_index)],
            env=ENVIRONMENT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr == (
        "kb: The result cannot be written (No space left on device); see that there is room where it goes.\n"
    )


def test_whoever_reads_one_line_and_goes_is_no_error(small_index: Path, tmp_path: Path) -> None:
    batch = tmp_path / "q.jsonl"
    batch.write_text('{"question": "Where is the workshop?"}\n' * 300, encoding="utf-8")
    command = [KB, "search", "--batch", str(batch), "--index", str(small_index)]

    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": ENVIRONMENT}
    with subprocess.Popen(command, **pipes) as running:  # type: ignore[call-overload]
        assert running.stdout.readline().startswith('{"query"')
        running.stdout.close()
        said = running.stderr.read()

    assert (running.returncode, said) == (1, "")


# What a shell starts in the background ignores the key, and so does whatever that starts.
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from kb.cli import main
main()
"""


def _works(process: int) -> bool:
    """Tell whether the command of a process is under way: numpy is imported for nothing else."""
    return "_multiarray_umath" in Path(f"/proc/{process}/maps").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="what a process has loaded cannot be seen")
def test_ctrl_c_while_building_leaves_the_index_as_it_was(
    small_index: Path, small_documents: Path, tmp_path: Path
) -> None:
    """The lock of the models folder is held, so that the program gets no further than that."""
    before, models = open_index(small_index).generation, tmp_path / "models"
    models.mkdir()
    command = [sys.executable, "-c", INTERRUPTIBLE, "build", str(small_documents / "note.txt")]
    command += ["--index", str(small_index)]
    environment = {**ENVIRONMENT, "KB_EMBEDDING__MODELS_FOLDER": str(models)}
    with (
        FileLock(models / ".lock"),
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as building,
    ):
        try:
            until = time.monotonic() + 60
            while not _works(building.pid):
                assert building.poll() is None
                assert time.monotonic() < until
                time.sleep(0.01)
            building.send_signal(signal.SIGINT)
            _, said = building.communicate(timeout=60)
        finally:
            building.kill()

    assert building.returncode == 130
    assert said == "kb: Stopped. An index that was to be changed is as it was before.\n"
    assert open_index(small_index).generation == before


def test_what_is_not_there_or_empty_is_said(kb: Command, small_index: Path) -> None:
    assert "No index at nowhere" in refused(kb("feedback", "--index", "nowhere"))
    assert "The topic is empty" in refused(kb("brief", " ", "--index", small_index))
    said = refused(kb("add", "ftp://example.org/a.pdf", "--index", small_index))
    assert (
        said == "kb: ftp://example.org/a.pdf cannot be fetched; give a path, or an address with https://.\n"
    )


def test_nothing_that_a_terminal_obeys_is_shown(kb: Command, tmp_path: Path) -> None:
    """Not in the names of files, which may hold anything, nor in titles, texts and errors."""
    folder, name = tmp_path / "folder", "a\x1b]0;pwned\x07b\u202e\nLeft out: x\x1b[31m.txt"
    folder.mkdir()
    (folder / name).write_text("The purple committee\u202e approves it.\n", encoding="utf-8")
    (folder / f"empty{name}").touch()
    commands = (
        ("build", folder),
        ("list",),
        ("list", "--json"),
        ("ask", "Who approves it?"),
        ("search", "purple"),
    )
    for command in commands:
        done = kb(*command, "--index", tmp_path / "index")
        shown = done.out + done.err
        assert done.status == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(shown)
        assert "pwned" not in shown or "--json" in command
        assert "\nLeft out: x" not in shown
    assert kb("list", "--json", "--index", tmp_path / "index").json[0]["source"] == name


def test_pages_without_text_are_named_at_build_in_the_list_and_in_a_refusal(
    kb: Command, tmp_path: Path
) -> None:
    path, index = pages(tmp_path / "mixed.pdf", TEXT, DRAWN, DRAWN), tmp_path / "index"
    assert (
        "Without text: mixed.pdf, pages 2-3; no text could be read there, so nothing on them is searched."
        in kb("build", path, "--index", index).err
    )
    assert "Without text: mixed.pdf, pages 2-3." in kb("list", "--index", index).err
    assert kb("list", "--json", "--index", index).json[0]["without_text"] == [2, 3]
    refused = kb("ask", "Which budget does the committee have?", "--json", "--index", index).json
    assert refused["status"] == "not_in_corpus"
    assert any("no text could be read on pages 2-3" in note for note in refused["notes"])
