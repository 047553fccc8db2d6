"""Bad files and bad questions, end to end: what is left out, what is refused, what goes on answering."""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
import xlsxwriter

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


def empty_sheet(path: Path) -> None:
    xlsxwriter.Workbook(path).close()


def locked_sheet(path: Path) -> None:
    """What Office writes with a password: an old binary file that holds an encrypted one."""
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le"))


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
    "locked.xlsx": (locked_sheet, "needs a password"),
    "empty.xlsx": (empty_sheet, "no text"),
    "page.docx": (lambda path: path.write_text("<html>"), "is named .docx but"),
    "papers.zip": (other_archive, ".zip"),
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
        # A link that leads out of its folder is followed only where it is named by itself.
        assert (BAD[name][1] if name != "memory.txt" else "is a link out of its folder") in line
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
    names = ["with space.txt", "étude – 数.txt", "line\nbreak.txt", "[bold]red[draft].txt"]
    (tmp_path / "odd").mkdir()
    for n, name in enumerate(names):
        (tmp_path / "odd" / name).write_text(f"Document number {n}.\n", encoding="utf-8")
    assert kb("build", "odd", "--index", "index").status == 0
    assert {row["source"] for row in kb("list", "--index", "index", "--json").json} == set(names)
    assert "[bold]red[draft].txt" in kb("list", "--index", "index").out
    (tmp_path / "odd" / "line\nbreak.txt").write_bytes(b"")
    assert "line break.txt is empty" in refused(
        kb("add", tmp_path / "odd" / "line\nbreak.txt", "--index", "index")
    )


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
def test_a_question_in_a_language_of_no_document_gets_quotes_or_a_refusal(
    kb: Command, small_index: Path, question: str
) -> None:
    ran = kb("ask", question, "--index", small_index, "--json")
    assert (ran.status, ran.err) == (0, "")
    check_answer(ran.json)
    assert ran.json["status"] in ("answered", "not_in_corpus")
    assert all(claim["citations"] for claim in ran.json["claims"])


def test_a_french_question_is_answered_from_english_documents(kb: Command, small_index: Path) -> None:
    question = "Quels sont les piliers de la gouvernance des données ?"
    found = kb("ask", question, "--index", small_index, "--json").json
    check_answer(found)
    assert found["status"] == "answered"
    assert "institutions" in found["text"]


def test_bytes_that_are_no_text_in_the_command(program: Command, small_index: Path) -> None:
    said = refused(program("ask", os.fsdecode(b"what \xff"), "--index", small_index))
    assert "half a character" in said


@pytest.mark.parametrize("said", ["hello", "Bonjour !", "thanks a lot", "what can you do?"])
def test_a_greeting_is_greeted_and_names_the_library(kb: Command, small_index: Path, said: str) -> None:
    found = kb("ask", said, "--index", small_index, "--json").json
    check_answer(found)
    assert (found["status"], found["claims"]) == ("greeting", [])
    assert any("The library holds" in note for note in found["notes"])
