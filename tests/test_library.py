"""Which files of some paths are documents, under which names, and what a catalogue says of them."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from kb.errors import ConfigError, DocumentError, KBError, UnsupportedFormat
from kb.library import Source, find_sources


def write(path: Path, text: str = "Room MH4 is reserved.") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(*paths: Path) -> list[str]:
    return [source.name for source in find_sources(paths)]


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/deep/c.csv"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a.md", "b.txt", "sub/deep/c.csv"]


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    for name in ("a.txt", ".b.txt", ".git/c.txt", "sub/.d/e.txt"):
        write(tmp_path / name)
    assert names(tmp_path) == ["a.txt"]


def test_a_file_that_no_loader_reads_is_found_and_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    write(tmp_path / "program.exe")
    [_, other] = find_sources([tmp_path])
    with pytest.raises(UnsupportedFormat, match=r"program\.exe.*\.pdf"):
        other.read()


def test_a_file_named_twice_is_one_source(tmp_path: Path) -> None:
    path = write(tmp_path / "folder" / "a.txt")
    assert names(path, path.parent, path.parent / ".." / "folder" / "a.txt") == ["a.txt"]


def test_files_of_one_name_get_names_that_differ(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "note.txt") for folder in ("x/2022", "x/2023", "y/2023")]
    found = names(*paths)
    assert found[:2] == ["note.txt", "2023/note.txt"]
    assert len(set(found)) == 3
    assert all(name.endswith("note.txt") for name in found)


def test_a_path_that_is_missing_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    with pytest.raises(DocumentError, match="nowhere: no such file or folder"):
        find_sources([tmp_path, tmp_path / "nowhere"])


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty" / "deep").mkdir(parents=True)
    with pytest.raises(KBError, match=rf"No documents in {tmp_path}/empty; .*\.docx"):
        find_sources([tmp_path / "empty"])


def test_the_catalogues_word_goes_before_the_files(tmp_path: Path) -> None:
    write(tmp_path / "note.md", "---\ntitle: Draft\ndate: '2020'\n---\n# Venue\n\nRoom MH4.\n")
    write(tmp_path / "sub" / "plain.txt")
    write(
        tmp_path / "catalogue.toml",
        '[[document]]\nfile = "note.md"\ntitle = "Workshop note"\naudience = ["cdo", "policy"]\n'
        '[[document]]\nfile = "sub/plain.txt"\nedition = "2023"\n',
    )
    note, plain = (source.read() for source in find_sources([tmp_path]))
    assert (note.source, note.title, note.date) == ("note.md", "Workshop note", "2020")
    assert note.audience == ("cdo", "policy")
    assert (plain.source, plain.edition, plain.audience) == ("sub/plain.txt", "2023", ())


def test_what_the_catalogue_ignores_is_passed_over(tmp_path: Path) -> None:
    for name in ("a.txt", "README.md", "old/b.txt", "sub/README.md"):
        write(tmp_path / name)
    write(tmp_path / "catalogue.toml", 'ignore = ["README.md", "old"]\n')
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[document]\n", "is not valid TOML"),
        ('[[document]]\ntitle = "x"\n', "names no file"),
        ("[[document]]\nfile = 5\n", "names no file"),
        ('[[document]]\nfile = "a.txt"\ntittle = "x"\n', "a.txt has the unknown key 'tittle'"),
        ('[[document]]\nfile = "a.txt"\ndate = 2023-03-22\n', "date of a.txt must be text in quotes"),
        ('[[document]]\nfile = "a.txt"\nedition = 2024\n', "edition of a.txt must be text in quotes"),
        ('[[document]]\nfile = "a.txt"\naudience = "cdo"\n', "audience of a.txt must be a list"),
        ('[[document]]\nfile = "a.txt"\naudience = [1]\n', "audience of a.txt must be a list"),
        ('[document]\nfile = "a.txt"\n', "[[document]]"),
        ('document = "a.txt"\n', "[[document]]"),
        ('ignore = "README.md"\n', "ignore = ["),
    ],
)
def test_a_catalogue_that_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path / "a.txt")
    path = write(tmp_path / "catalogue.toml", text)
    with pytest.raises(ConfigError) as caught:
        find_sources([tmp_path])
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_a_catalogue_that_is_no_text_is_named(tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    (tmp_path / "catalogue.toml").write_bytes(b'ignore = ["\xff"]')
    with pytest.raises(ConfigError, match=r"catalogue\.toml is not valid TOML"):
        find_sources([tmp_path])


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_what_is_no_file_of_the_folder_is_named_and_not_opened(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", write(tmp_path / "secret.txt")
    write(folder / "a.txt")
    (folder / "b.txt").symlink_to(folder / "a.txt")
    (folder / "gone.txt").symlink_to(folder / "nothing.txt")
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "out.txt").symlink_to(outside)
    (folder / "round").symlink_to(folder)
    (folder / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.txt")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(os.path.relpath(folder / "socket"))
    listener.close()
    said = {}
    for source in find_sources([folder]):
        try:
            source.read()
        except DocumentError as error:
            said[source.name] = str(error)
    assert {name: " ".join(text.split()[1:5]) for name, text in said.items()} == {
        "gone.txt": "is a link that",
        "loop.txt": "is a link that",
        "out.txt": "is a link out",
        "pipe.txt": "is a pipe and",
        "round": "is a link to",
        "socket": "is a socket and",
        "zero.txt": "is a device and",
    }
    assert not any("\n" in text for text in said.values())


@pytest.mark.skipif(os.name == "nt", reason="pipes with names are POSIX's")
def test_what_is_no_file_is_refused_where_it_is_named_itself(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    for name, kind in (("pipe.txt", "pipe"), ("zero.txt", "device")):
        with pytest.raises(DocumentError, match=f"{name} is a {kind} and no file"):
            [*map(Source.read, find_sources([tmp_path / name]))]


def test_a_catalogue_made_to_hurt_is_refused(tmp_path: Path) -> None:
    deep, dotted = "a = " + "[" * 3000, "a" + ".a" * 5000 + " = 1"
    for text, said in ((deep, "nested too deeply"), (dotted, "a line of more")):
        with pytest.raises(ConfigError, match=said):
            find_sources([write(tmp_path / "catalogue.toml", text).parent])
