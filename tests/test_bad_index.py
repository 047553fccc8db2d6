"""What becomes of broken indexes, full disks, other writers and wrong settings, end to end."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.index import open_index
from tests.conftest import Command
from tests.test_bad_input import WHERE, answers, refused


@pytest.mark.parametrize(
    "arguments", [["ask", WHERE], ["search", WHERE], ["list"], ["remove", "x"], ["ask", WHERE, "--json"]]
)
def test_a_missing_index_names_the_remedy(kb: Command, tmp_path: Path, arguments: list[str]) -> None:
    said = refused(kb(*arguments, "--index", "nowhere"))
    assert said == "kb: No index at nowhere; build it with: kb build --index nowhere\n"
    (tmp_path / "a-file").touch()
    assert "No index at a-file" in refused(kb(*arguments, "--index", "a-file"))
    assert not (tmp_path / "nowhere").exists()


def files(index: Path) -> list[Path]:
    """Return the files that make up an index, relative to it; originals are only looked at."""
    found = sorted(path for path in index.rglob("*") if path.is_file() and path.stat().st_size)
    found = [path for path in found if path.parent.name != "originals"]
    assert len(found) > 5
    return [path.relative_to(index) for path in found]


@pytest.mark.slow
def test_an_index_cut_short_anywhere_is_named_and_mended(
    kb: Command, tmp_path: Path, built_index: Path, small_documents: Path
) -> None:
    index = tmp_path / "index"
    for name in files(built_index):
        for share in (0, 2):
            shutil.rmtree(index, ignore_errors=True)
            shutil.copytree(built_index, index)
            os.truncate(index / name, (index / name).stat().st_size // share if share else 0)
            said = refused(kb("ask", WHERE, "--index", index, "--json"))
            assert said.startswith(f"kb: The index {index} is damaged ("), name
            assert said.endswith(f"); rebuild it with: kb build --index {index}\n"), name
            assert len(said) < 300 + 2 * len(str(index))
        refused(kb("add", small_documents / "note.txt", "--index", index))
    assert kb("build", small_documents, "--index", index).status == 0
    assert answers(kb, index)


def flip(path: Path, at: int = -1) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_form_with_a_line_to_fill_in_can_be_asked(kb: Command, tmp_path: Path) -> None:
    form = tmp_path / "form.txt"
    form.write_text("Form\n\nThe minister approves it.\n\nName: ________\n[_] x = _\n", encoding="utf-8")
    assert kb("build", form, "--index", "x").status == 0
    ran = kb("ask", "Who approves it?", "--index", "x", "--json")
    assert "The minister approves it." in ran.json["text"]


def test_a_check_says_that_an_index_is_sound_or_what_is_not(kb: Command, small_index: Path) -> None:
    ran = kb("check", "--index", small_index)
    assert ran.status == 0
    assert ran.out.startswith(f"The index {small_index} is sound: 3 document(s), ")

    [vectors] = small_index.glob("generations/*/parts/*/vectors.npy")
    [names] = small_index.glob("generations/*/lexicon.json")
    flip(vectors)
    names.unlink()
    ran = kb("check", "--index", small_index)
    assert ran.status == 1
    assert f"{vectors.relative_to(small_index)} is not as it was written." in ran.out.splitlines()
    assert f"{names.relative_to(small_index)} is missing." in ran.out.splitlines()
    assert (
        ran.err
        == f"kb: The index {small_index} is damaged; rebuild it with: kb build --index {small_index}\n"
    )


@pytest.mark.parametrize("at", [5, 40, 200, -3])
def test_a_check_covers_the_manifest(kb: Command, small_index: Path, at: int) -> None:
    [manifest] = small_index.glob("generations/*/manifest.json")
    flip(manifest, at)
    ran = kb("check", "--index", small_index)
    assert ran.status == 1
    assert ran.out.startswith("It cannot be read: ")
    assert f"kb build --index {small_index}" in ran.err


def test_a_check_covers_the_copies_of_documents(kb: Command, small_index: Path) -> None:
    copy = min((small_index / "originals").glob("[!.]*"))
    flip(copy)
    ran = kb("check", "--index", small_index)
    assert ran.status == 1
    assert ran.out == f"originals/{copy.name} is not the file that was read.\n"
    assert "add those files again" in ran.err
    assert answers(kb, small_index)


def test_a_damaged_index_is_built_anew_from_the_copies_that_it_kept(kb: Command, small_index: Path) -> None:
    before = kb("list", "--index", small_index, "--json").json
    [vectors] = small_index.glob("generations/*/parts/*/vectors.npy")
    flip(vectors)
    ran = kb("build", "--index", small_index)
    assert ran.status == 0
    assert f"{small_index}: damaged; 3 document(s) are read again from the copies kept of them." in ran.err
    assert ", 1 of them newly encoded" in ran.err
    assert kb("list", "--index", small_index, "--json").json == before
    assert kb("check", "--index", small_index).status == 0
    assert answers(kb, small_index)


def test_a_document_without_a_whole_copy_is_named(kb: Command, small_index: Path) -> None:
    [names] = small_index.glob("generations/*/lexicon.json")
    names.unlink()
    [copy] = (small_index / "originals").glob("*.csv")
    copy.unlink()
    ran = kb("build", "--index", small_index)
    assert "Lost: values.csv, of which no whole copy is kept; add its file again." in ran.err
    assert [d["source"] for d in kb("list", "--index", small_index, "--json").json] == [
        "guide.md",
        "note.txt",
    ]


OVERWRITTEN = """
import functools, shutil, sys
from pathlib import Path
import kb.embedding
from kb.cli import main

kb.embedding.load_embedder = functools.cache(kb.embedding.load_embedder)

built, index, question = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
for path in sorted(path for path in built.rglob("*") if path.is_file() and path.stat().st_size):
    if path.parent.name == "originals":
        continue
    shutil.rmtree(index, ignore_errors=True)
    shutil.copytree(built, index)
    data = path.read_bytes()
    half = len(data) // 2
    (index / path.relative_to(built)).write_bytes(data[:half] + bytes([255]) * (len(data) - half))
    sys.argv = ["kb", "ask", question, "--index", str(index)]
    try:
        main()
    except SystemExit as ended:
        assert ended.code in (0, None, 1), (path, ended.code)
    print("ran", path.name, file=sys.stderr, flush=True)
"""


@pytest.mark.slow
def test_an_index_overwritten_anywhere_never_crashes(
    program: Command, built_index: Path, tmp_path: Path
) -> None:
    """Sizes stay as they were, so that opening cannot tell; in a process of its own, as engines may panic."""
    ran = program(built_index, tmp_path / "index", WHERE, code=OVERWRITTEN)
    assert ran.status == 0, ran.err[-2000:]
    assert "Traceback" not in ran.err
    assert ran.err.count("ran ") == len(files(built_index))
    damaged = [line for line in ran.err.splitlines() if line.startswith("kb: ")]
    assert len(damaged) > 5
    assert all("rebuild it with: kb build" in line for line in damaged)


FULL = """
import resource, sys
from kb.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
main()
"""


@pytest.mark.parametrize(("command", "limit"), [("build", 10), ("add", 2_000), ("add", 30_000)])
def test_a_full_disk_leaves_the_index_as_it_was(
    kb: Command, program: Command, tmp_path: Path, small_index: Path, command: str, limit: int
) -> None:
    """A limit on the size of files stops writing as a full disk does."""
    new = tmp_path / "new.txt"
    new.write_text("".join(f"Clause {n} of the new policy is {n}.\n\n" for n in range(200)), encoding="utf-8")
    before = open_index(small_index).generation
    said = refused(program(limit, command, new, "--index", small_index, code=FULL))
    assert said.startswith(f"kb: Cannot write to the index {small_index} (")
    assert "it is as it was before" in said
    assert open_index(small_index).generation == before
    assert [path.name for path in (small_index / "generations").iterdir()] == [before]
    assert answers(kb, small_index)


def test_the_limit_is_what_stopped_it(program: Command, tmp_path: Path, small_index: Path) -> None:
    new = tmp_path / "new.txt"
    new.write_text("Clause 1 of the new policy.\n", encoding="utf-8")
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    assert program(unlimited, "add", new, "--index", small_index, code=FULL).status == 0
    assert len(open_index(small_index).documents()) == 4


def test_a_folder_that_cannot_be_made_is_named(kb: Command, tmp_path: Path, small_documents: Path) -> None:
    (tmp_path / "a-file").touch()
    for place in ("a-file", "a-file/index", "/proc/index"):
        assert f"Cannot write to the index {place}" in refused(kb("build", small_documents, "--index", place))


def test_an_index_that_another_process_writes_to_is_left_alone(
    kb: Command, small_index: Path, small_documents: Path
) -> None:
    code = "import sys, filelock\nwith filelock.FileLock(sys.argv[1]): print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, small_index / ".lock"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        said = refused(kb("build", small_documents / "note.txt", "--index", small_index))
        assert "Another process is writing" in said
        assert answers(kb, small_index)
        writer.communicate("\n")
    assert kb("build", small_documents / "note.txt", "--index", small_index).status == 0


# Settings


@pytest.mark.parametrize(
    ("text", "said"),
    [("[retreival]\nk = 5\n", "'retreival'"), ("k = = 5", "kb.toml is not valid TOML"), ("\x00", "kb.toml")],
)
def test_wrong_settings_are_named(
    kb: Command, tmp_path: Path, small_index: Path, text: str, said: str
) -> None:
    (tmp_path / "kb.toml").write_text(text, encoding="utf-8")
    assert said in refused(kb("ask", WHERE, "--index", small_index))


def test_an_index_of_other_settings_is_named(
    kb: Command, small_index: Path, small_documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_CHUNKING__MAX_CHARS", "300")
    for arguments in (["ask", WHERE], ["add", small_documents / "note.txt"]):
        said = refused(kb(*arguments, "--index", small_index))
        assert (
            f"was made with other [chunking] settings; rebuild it with: kb build --index {small_index}"
            in said
        )
    monkeypatch.delenv("KB_CHUNKING__MAX_CHARS")
    assert answers(kb, small_index)


def test_a_model_that_is_missing_is_named(program: Command, small_index: Path) -> None:
    said = refused(program("ask", WHERE, "--index", small_index, KB_EMBEDDING__MODEL="no/such/model"))
    assert "There is no model folder 'no/such/model'" in said
