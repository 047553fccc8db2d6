"""The index in a folder: what is refused, reused, damaged, shared."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from kb.errors import IndexDamaged, IndexMismatch, IndexMissing, KBError
from kb.index import FolderIndex, IndexSettings, create_index, open_index
from kb.types import Changes
from tests.index.library import EMBEDDER, GUIDE, NOTE, adding, document, passage

SETTINGS = IndexSettings(EMBEDDER.digest, "chunks", EMBEDDER.dimension)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create_index(tmp_path / "index", SETTINGS, adding(NOTE, GUIDE))
    return tmp_path / "index"


def current(folder: Path) -> Path:
    return folder / "generations" / (folder / "CURRENT").read_text().strip()


def test_a_missing_index_names_its_folder_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing) as caught:
        open_index(tmp_path / "none")
    assert (
        str(caught.value) == f"No index at {tmp_path}/none; build it with: kb build --index {tmp_path}/none"
    )


def test_other_settings_are_named(folder: Path) -> None:
    assert open_index(folder, embedder=EMBEDDER.digest, chunking="chunks").size == 6
    with pytest.raises(IndexMismatch, match=r"embedding model.*kb build --index"):
        open_index(folder, embedder="another")
    with pytest.raises(IndexMismatch, match=r"\[chunking\] settings.*kb build --index"):
        open_index(folder, embedder=EMBEDDER.digest, chunking="another")


def test_a_vector_of_another_model_is_refused(folder: Path) -> None:
    index = open_index(folder)
    with pytest.raises(IndexMismatch, match="3 dimensions"):
        index.search_vector(np.ones(3, np.float32), 5)
    with pytest.raises(IndexMismatch, match=r"\(1, 3\)"):
        index.apply(Changes(add=NOTE[:1], passages=tuple(NOTE[1][:1]), vectors=np.ones((1, 3), np.float32)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_vector_that_is_no_number_is_refused(folder: Path, value: float) -> None:
    changes = adding((document("new"), [passage("new", 0, "text")]))
    assert changes.vectors is not None
    changes.vectors[0, 0] = value
    with pytest.raises(ValueError, match="finite"):
        open_index(folder).apply(changes)
    assert open_index(folder).size == 6


def test_a_passage_without_its_document_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="not added"):
        open_index(folder).apply(adding((document("new"), [passage("other", 0, "text")])))


def test_a_commit_is_seen_by_those_who_open_or_refresh(folder: Path) -> None:
    reader, writer = open_index(folder), open_index(folder)
    assert reader.refresh() is False
    writer.apply(Changes(remove=("note",)))
    assert (reader.size, open_index(folder).size) == (6, 2)
    assert reader.fetch(["note/0"]) == [NOTE[1][0]]
    assert reader.refresh() is True
    assert (reader.size, reader.generation) == (2, writer.generation)


def test_writers_build_on_each_other(folder: Path) -> None:
    first, second = open_index(folder), open_index(folder)
    first.apply(adding((document("a"), [passage("a", 0, "Kigali")])))
    second.apply(adding((document("b"), [passage("b", 0, "Vientiane")])))
    assert [d.id for d in open_index(folder).documents()] == ["a", "b", "guide", "note"]


def test_nothing_to_do_makes_no_generation(folder: Path) -> None:
    index = open_index(folder)
    before = index.generation
    index.apply(Changes())
    assert index.generation == before == current(folder).name


def test_only_the_generation_before_is_kept(folder: Path) -> None:
    index, names = open_index(folder), [current(folder).name]
    for n in range(3):
        index.apply(adding((document(f"d{n}"), [passage(f"d{n}", 0, "text")])))
        names.append(index.generation)
    assert sorted(path.name for path in (folder / "generations").iterdir()) == names[-2:]
    assert names == sorted(names)


def test_known_vectors_are_found_by_key(folder: Path) -> None:
    index = open_index(folder)
    texts = [NOTE[1][1].text, GUIDE[1][0].text]
    found = index.vectors_by_key([*(f"key of {text}" for text in texts), "unknown", ""])
    assert list(found) == [f"key of {text}" for text in texts] or len(found) == 2
    for text, vector in zip(texts, EMBEDDER.encode(texts), strict=True):
        np.testing.assert_array_equal(found[f"key of {text}"], vector)
    assert index.vectors_by_key([]) == {}


def test_more_ids_than_one_statement_takes(tmp_path: Path) -> None:
    many = [passage("d", n, f"number {n}") for n in range(1203)]
    index = create_index(tmp_path / "index", SETTINGS, adding((document("d"), many)))
    ids = [p.id for p in reversed(many)]
    assert index.fetch(ids) == many[::-1]
    assert len(index.vectors_by_key([f"key of {p.text}" for p in many])) == 1203
    assert len(index.search_words("number", 5000)) == 1203
    assert index.passages_by_document() == {"d": 1203}


def test_the_same_passages_score_the_same_after_other_commits(folder: Path, tmp_path: Path) -> None:
    grown = open_index(folder)
    grown.apply(adding((document("x"), [passage("x", 0, "data data data")])))
    grown.apply(Changes(remove=("x",)))
    fresh = create_index(tmp_path / "fresh", SETTINGS, adding(NOTE, GUIDE))
    query = "data governance workshop"
    assert grown.search_words(query, 9) == fresh.search_words(query, 9)
    [vector] = EMBEDDER.encode([query])
    assert grown.search_vector(vector, 9) == fresh.search_vector(vector, 9)


def test_a_heading_ranks_below_the_passage_that_answers(tmp_path: Path) -> None:
    texts = [
        passage("d", 0, "See the annex.", "Retention of records"),
        passage("d", 1, "The retention of records is ten years.", "Archive"),
        passage("d", 2, "Something else entirely.", "Archive"),
    ]
    index = create_index(tmp_path / "index", SETTINGS, adding((document("d"), texts)))
    assert [hit for hit, _ in index.search_words("retention of records", 5)] == ["d/1", "d/0"]


PART = "parts/000000000"


def overwrite(path: Path) -> None:
    path.write_bytes(b"x" * path.stat().st_size)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def rewrite(path: Path, **values: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def empty_table(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM passages")
    database.close()


def words_file(folder: Path) -> Path:
    return next(path for path in folder.glob("words/*") if path.suffix == ".term")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "generation gone": lambda g: g.rename(g.with_name("elsewhere")),
    "manifest gone": lambda g: (g / "manifest.json").unlink(),
    "manifest no JSON": lambda g: (g / "manifest.json").write_text("{"),
    "manifest a list": lambda g: (g / "manifest.json").write_text("[]"),
    "manifest names no generation": lambda g: rewrite(g / "manifest.json", previous="../000001-1a2b3c4d"),
    "manifest without files": lambda g: rewrite(g / "manifest.json", files=[]),
    "part gone": lambda g: (g / PART).rename(g / "elsewhere"),
    "catalogue cut": lambda g: truncate(g / PART / "catalogue.sqlite"),
    "catalogue overwritten": lambda g: overwrite(g / PART / "catalogue.sqlite"),
    "catalogue emptied": lambda g: empty_table(g / PART / "catalogue.sqlite"),
    "vectors cut": lambda g: truncate(g / PART / "vectors.npy"),
    "vectors overwritten": lambda g: overwrite(g / PART / "vectors.npy"),
    "words gone": lambda g: words_file(g).unlink(),
    "words cut": lambda g: truncate(words_file(g)),
    "pointer empty": lambda g: (g.parent.parent / "CURRENT").write_text(""),
    "pointer leads out": lambda g: (g.parent.parent / "CURRENT").write_text("../../etc"),
    "pointer no text": lambda g: (g.parent.parent / "CURRENT").write_bytes(b"\xff\xfe"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_and_a_rebuild_mends_it(folder: Path, name: str) -> None:
    DAMAGE[name](current(folder))
    with pytest.raises(IndexDamaged, match=f"{folder} is damaged.*kb build --index {folder}"):
        open_index(folder)
    create_index(folder, SETTINGS, adding(NOTE))
    assert open_index(folder).search_words("pillars", 3)[0][0] == "note/2"


def test_an_index_of_another_version_is_not_called_damaged(folder: Path) -> None:
    # As formats before 5 had it: with the name inside, and another digest in the name.
    (current(folder) / "manifest.json").write_text(json.dumps({"format": 4, "name": current(folder).name}))
    with pytest.raises(IndexMismatch, match=f"{folder} was made by another version.*kb build --index"):
        open_index(folder)
    create_index(folder, SETTINGS, adding(NOTE))
    assert open_index(folder).search_words("pillars", 3)[0][0] == "note/2"


def test_verify_finds_what_sizes_do_not_show(folder: Path) -> None:
    index = open_index(folder)
    index.verify()
    path = current(folder) / PART / "vectors.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"vectors\.npy is not as it was written"):
        open_index(folder).verify()


def test_a_second_writer_is_refused(folder: Path) -> None:
    index = open_index(folder)
    with (
        FileLock(folder / ".lock"),
        pytest.raises(KBError, match=f"Another process is writing to the index {folder}"),
    ):
        index.apply(Changes(remove=("note",)))
    index.apply(Changes(remove=("note",)))
    assert index.size == 2


def test_threads_search_while_one_writes(folder: Path) -> None:
    index, failures = open_index(folder), list[BaseException]()

    def search() -> None:
        try:
            for _ in range(8):
                found = index.search_words("survey subindices", 1) + index.search_vector(vector, 1)
                assert {hit for hit, _ in found} == {"guide/0"}
                assert index.fetch(["guide/0"]) == [GUIDE[1][0]]
                assert GUIDE[0] in index.documents()
                assert index.lexicon().words["subindices"] == 1
        except BaseException as error:
            failures.append(error)

    [vector] = EMBEDDER.encode([GUIDE[1][0].text])
    threads = [threading.Thread(target=search) for _ in range(32)]
    for thread in threads:
        thread.start()
    for n in range(4):
        index.apply(adding((document(f"d{n}"), [passage(f"d{n}", 0, "noise")])))
    for thread in threads:
        thread.join()
    assert failures == []
    assert index.size == 10


def test_opening_loads_neither_torch_nor_openvino(folder: Path) -> None:
    code = (
        "import sys; from pathlib import Path; import kb.index;"
        "assert not {'faiss', 'tantivy'} & sys.modules.keys();"
        f"print(kb.index.open_index(Path({str(folder)!r})).size);"
        "assert not {'torch', 'openvino', 'sentence_transformers', 'gradio'} & sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("6\n", 0), done.stderr


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexMissing):
        open_index(tmp_path / "file")
    with pytest.raises(KBError, match="file"):
        create_index(tmp_path / "file", SETTINGS)


def test_an_index_is_replaced_in_one_step(folder: Path) -> None:
    reader = open_index(folder)
    other = IndexSettings("other model", "other chunks", EMBEDDER.dimension)
    made: FolderIndex = create_index(folder, other, adding(GUIDE))
    assert made.settings == open_index(folder).settings == other
    assert (reader.size, made.size) == (6, 2)
    assert made.generation > reader.generation
