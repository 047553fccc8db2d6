"""What people and computers do to the program, end to end: bad files, bad questions, broken indexes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from kb.index import open_index
from tests.conftest import Command, Ran
from tests.test_contract import check_answer

WHERE = "Where does the Kigali workshop take place?"


def refused(ran: Ran) -> str:
    """Return the one line a run that failed has said."""
    assert (ran.status, ran.out) == (1, ""), ran
    assert ran.err.startswith("kb: ")
    assert ran.err.endswith("\n")
    assert ran.err.count("\n") == 1
    return ran.err


def answers(kb: Command, index: Path) -> bool:
    found = kb("ask", WHERE, "--index", index, "--json").json
    check_answer(found)
    return found["status"] == "answered" and "Convention Center" in found["text"]


# Files


def encrypted_pdf(path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)


def blank_pdf(path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(path)


def cut_pdf(path: Path) -> None:
    blank_pdf(path)
    os.truncate(path, 60)


def other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "no document")


def cut_archive(path: Path) -> None:
    other_archive(path)
    os.truncate(path, path.stat().st_size - 10)


def unreadable(path: Path) -> None:
    """A file that even the administrator cannot read."""
    path.symlink_to("/proc/self/mem")


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "encrypted.pdf": (encrypted_pdf, "password"),
    "images.pdf": (blank_pdf, "no text"),
    "cut.pdf": (cut_pdf, "cut.pdf"),
    "no-pdf.pdf": (lambda path: path.write_text("Dear all,"), "is named .pdf but"),
    "empty.txt": (lambda path: path.touch(), "is empty"),
    "blank.txt": (lambda path: path.write_text(" \n\t\n"), "no text"),
    "binary.txt": (lambda path: path.write_bytes(bytes(range(256)) * 20), "binary.txt"),
    "picture.md": (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 60), "PNG image"),
    "archive.docx": (other_archive, "not a .docx file"),
    "cut.xlsx": (cut_archive, "damaged"),
    "page.docx": (lambda path: path.write_text("<html>"), "is named .docx but"),
    "program.exe": (lambda path: path.write_bytes(b"MZ\0\0"), ".exe"),
    "nosuffix": (lambda path: path.write_text("text"), "nosuffix"),
    "memory.txt": (unreadable, "cannot be read"),
}


def write_bad(folder: Path, name: str) -> None:
    if name == "memory.txt" and not Path("/proc/self/mem").exists():
        pytest.skip("this system has no file that nobody can read")
    folder.mkdir(exist_ok=True)
    BAD[name][0](folder / name)


def test_the_good_files_of_a_bad_folder_are_indexed(
    kb: Command, tmp_path: Path, small_documents: Path
) -> None:
    folder = shutil.copytree(small_documents, tmp_path / "folder")
    bad = [name for name in BAD if name != "memory.txt" or Path("/proc/self/mem").exists()]
    for name in bad:
        write_bad(folder, name)
    ran = kb("build", folder, "--index", "index")
    assert (ran.status, ran.out) == (0, "")
    head, *left_out = ran.err.splitlines()
    assert head.startswith("index: 3 document(s) added or replaced")
    assert len(left_out) == len(bad)
    for name in bad:
        [line] = [line for line in left_out if line.startswith(f"Left out: {name}")]
        assert BAD[name][1] in line
    assert answers(kb, tmp_path / "index")


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_alone_changes_nothing(kb: Command, tmp_path: Path, small_index: Path, name: str) -> None:
    write_bad(tmp_path / "bad", name)
    before = open_index(small_index).generation
    for command in ("build", "add"):
        said = refused(kb(command, tmp_path / "bad" / name, "--index", small_index))
        assert name in said
        assert BAD[name][1] in said
    assert open_index(small_index).generation == before
    assert answers(kb, small_index)


def test_a_file_that_broke_keeps_its_earlier_version(
    kb: Command, tmp_path: Path, small_documents: Path, small_index: Path
) -> None:
    folder = shutil.copytree(small_documents, tmp_path / "folder")
    (folder / "note.txt").write_bytes(b"")
    ran = kb("build", folder, "--index", small_index)
    assert ran.status == 0
    assert "Left out: note.txt is empty" in ran.err
    assert answers(kb, small_index)


def test_the_same_file_twice_is_told(
    kb: Command, tmp_path: Path, small_documents: Path, small_index: Path
) -> None:
    folder = shutil.copytree(small_documents, tmp_path / "folder")
    shutil.copy(folder / "note.txt", folder / "zz.txt")
    assert "Same content as note.txt, kept once: zz.txt" in kb("build", folder, "--index", small_index).err


@pytest.mark.parametrize("command", ["build", "add"])
def test_a_folder_without_documents_changes_nothing(
    kb: Command, tmp_path: Path, small_index: Path, command: str
) -> None:
    (tmp_path / "none" / "deep").mkdir(parents=True)
    (tmp_path / "none" / ".hidden.txt").write_text("hidden", encoding="utf-8")
    assert "No documents in none" in refused(kb(command, "none", "--index", small_index))
    assert answers(kb, small_index)


def test_a_path_that_is_missing_changes_nothing(
    kb: Command, small_documents: Path, small_index: Path
) -> None:
    said = refused(kb("build", small_documents / "note.txt", "missing.pdf", "--index", small_index))
    assert "missing.pdf: no such file or folder" in said
    assert len(open_index(small_index).documents()) == 3


def test_names_with_spaces_accents_and_line_breaks(kb: Command, tmp_path: Path) -> None:
    names = ["with space.txt", "étude – 数.txt", "line\nbreak.txt", "[bold]red[/bold].txt"]
    (tmp_path / "odd").mkdir()
    for n, name in enumerate(names):
        (tmp_path / "odd" / name).write_text(f"Document number {n}.\n", encoding="utf-8")
    assert kb("build", "odd", "--index", "index").status == 0
    assert {row["source"] for row in kb("list", "--index", "index", "--json").json} == set(names)
    assert kb("list", "--index", "index").status == 0
    (tmp_path / "odd" / "line\nbreak.txt").write_bytes(b"")
    assert "line break.txt is empty" in refused(
        kb("add", tmp_path / "odd" / "line\nbreak.txt", "--index", "index")
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("005-libreoffice-writer-password/libreoffice-writer-password.pdf", "needs a password"),
        ("corrupt.pdf", "corrupt.pdf"),
        ("007-imagemagick-images/imagemagick-lzw.pdf", "images"),
    ],
)
def test_bad_pdf_files_of_other_programs(
    kb: Command, pdf_folder: Path, small_index: Path, name: str, said: str
) -> None:
    assert said in refused(kb("add", pdf_folder / name, "--index", small_index))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("password_protected.xlsx", "needs a password"),
        ("empty.xlsx", "no text"),
        ("fake-text-all-whitespace.txt", "no text"),
        ("simple.zip", ".zip"),
    ],
)
def test_bad_office_files_of_other_programs(
    kb: Command, office_folder: Path, small_index: Path, name: str, said: str
) -> None:
    assert said in refused(kb("add", office_folder / name, "--index", small_index))


# Questions


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", "The question is empty"),
        (" \n\t\u00a0", "The question is empty"),
        ("a" * 10_000, "10000 characters long; shorten it to 2000"),
        ("what is \udcff", "half a character"),
    ],
)
def test_a_question_that_is_none(
    kb: Command, small_index: Path, command: str, question: str, said: str
) -> None:
    assert said in refused(kb(command, question, "--index", small_index))


@pytest.mark.parametrize(
    "question",
    [
        "?",
        "the of and",
        "\x00\x01\x1b[31m",
        "(" * 2000,
        "a " * 999,
        "x" * 2000,
        '"unbalanced AND (title:^2',
        "'; DROP TABLE passages; --",
        "<script>alert(1)</script> {{7*7}} %s %n",
        "🙂" * 50,
        "e\u0301" * 500,
        "1" * 2000,
        "9" * 400 + "." + "9" * 400,
        "which which which which",
        "\u202eevas erehw",
    ],
)
def test_any_text_is_a_question(kb: Command, small_index: Path, question: str) -> None:
    ran = kb("ask", "--json", "--index", small_index, "--", question)
    assert (ran.status, ran.err) == (0, "")
    check_answer(ran.json)
    assert ran.json["question"] == question
    assert kb("search", "--json", "--index", small_index, "--", question).status == 0


@pytest.mark.parametrize(
    "question",
    [
        "数据治理的四大支柱是什么？",
        "ما هي ركائز إطار حوكمة البيانات؟",
        "Welche Aufgaben hat der Beauftragte für die Digitalisierung der Verwaltung?",
        "Какие четыре столпа управления данными существуют в стране?",
    ],
)
def test_a_question_in_a_language_that_is_not_read_says_so(
    kb: Command, small_index: Path, question: str
) -> None:
    ran = kb("ask", question, "--index", small_index, "--json")
    assert (ran.status, ran.err) == (0, "")
    check_answer(ran.json)
    assert ran.json["status"] == "unsupported_language"
    assert ran.json["claims"] == []


def test_a_french_question_is_answered_with_a_remark(kb: Command, small_index: Path) -> None:
    question = "Quels sont les piliers de la gouvernance des données ?"
    found = kb("ask", question, "--index", small_index, "--json").json
    check_answer(found)
    assert found["status"] == "answered"
    assert "institutions" in found["text"]
    assert any("French" in note for note in found["notes"])


def test_bytes_that_are_no_text_in_the_command(program: Command, small_index: Path) -> None:
    said = refused(program("ask", os.fsdecode(b"what \xff"), "--index", small_index))
    assert "half a character" in said


# Indexes


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
    """Return the files that make up an index, relative to it."""
    found = sorted(path for path in index.rglob("*") if path.is_file() and path.stat().st_size)
    assert len(found) > 5
    return [path.relative_to(index) for path in found]


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


OVERWRITTEN = """
import shutil, sys
from pathlib import Path
from kb.cli import main

built, index, question = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
for path in sorted(path for path in built.rglob("*") if path.is_file() and path.stat().st_size):
    for fill in (0, 255):
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(built, index)
        data = path.read_bytes()
        half = len(data) // 2
        (index / path.relative_to(built)).write_bytes(data[:half] + bytes([fill]) * (len(data) - half))
        sys.argv = ["kb", "ask", question, "--index", str(index)]
        try:
            main()
        except SystemExit as ended:
            assert ended.code in (0, None, 1), (path, ended.code)
        print("ran", path.name, file=sys.stderr, flush=True)
"""


def test_an_index_overwritten_anywhere_never_crashes(
    program: Command, built_index: Path, tmp_path: Path
) -> None:
    """Sizes stay as they were, so that opening cannot tell; in a process of its own, as engines may panic."""
    ran = program(built_index, tmp_path / "index", WHERE, code=OVERWRITTEN)
    assert ran.status == 0, ran.err[-2000:]
    assert "Traceback" not in ran.err
    assert ran.err.count("ran ") == 2 * len(files(built_index))
    damaged = [line for line in ran.err.splitlines() if line.startswith("kb: ")]
    assert len(damaged) > 5
    assert all("rebuild it with: kb build" in line for line in damaged)


FULL = """
import resource, sys
from kb.cli import main

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
main()
"""


@pytest.mark.parametrize("command", ["build", "add"])
@pytest.mark.parametrize("limit", [10, 2_000, 30_000])
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
    code = "import sys, filelock; filelock.FileLock(sys.argv[1]).acquire(); print(flush=True); input()"
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
