"""An index that grew and shrank answers as one made from nothing, and wrote little for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kb.index import FolderIndex, IndexSettings, create_index, open_index
from kb.index.parts import MOST, Part, kept
from kb.types import Changes, Document, Passage
from tests.index.library import EMBEDDER, adding, document, passage

SETTINGS = IndexSettings(EMBEDDER.digest, "chunks", EMBEDDER.dimension)
WORDS = """policy data governance ministry survey index service officer budget record archive open standard
registry licence audit risk privacy consent cloud network region office training workshop pillar""".split()
QUERIES = ["data governance policy", "audit of the registry", "open cloud", "training budget", "Kigali Index"]


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts and chunks of a few rows, so that few passages make many of them."""
    monkeypatch.setattr("kb.index.parts.SMALL", 4)
    monkeypatch.setattr("kb.index.chunks.CHUNK", 16)


def made(name: str, version: int = 0) -> tuple[Document, list[Passage]]:
    chosen = random.Random(f"{name} {version}")
    texts = [
        f"{name} in Kigali {version}: " + " ".join(chosen.choices(WORDS, k=chosen.randint(3, 30)))
        for _ in range(chosen.randint(0, 6))
    ]
    texts += [f"{chosen.choice(WORDS).title()} Index ({name[0].upper()}I)."]
    return document(f"{name}-{version}", f"{name}.pdf"), [
        passage(f"{name}-{version}", n, text, f"Part {n % 3}") for n, text in enumerate(texts)
    ]


def commits(count: int) -> list[Changes]:
    """Random commits: documents are added, replaced and removed."""
    chosen, found = random.Random(7), list[Changes]()
    held = {f"first{n}": 0 for n in range(30)}
    for n in range(count):
        names = {f"d{n}", *chosen.sample(sorted(held), min(len(held), n % 3))}
        going = chosen.sample(sorted(held.keys() - names), min(len(held.keys() - names), n % 4 // 3 * 4))
        gone = [f"{name}-{held.pop(name)}" for name in going]
        held |= dict.fromkeys(names, n)
        found.append(adding(*(made(name, n) for name in sorted(names)), remove=gone))
    return found


def from_nothing(folder: Path, grown: FolderIndex) -> FolderIndex:
    """Return an index of the same documents and passages, in the same order, made in one commit."""
    held = []
    for found in grown.documents():
        name, _, version = found.id.rpartition("-")
        held.append(made(name, int(version)))
    rows = {document.id: grown._reader.catalogue.rows([document.id]) for document, _ in held}
    held.sort(key=lambda pair: rows[pair[0].id][0])
    return create_index(folder, SETTINGS, adding(*held))


def assert_alike(grown: FolderIndex, fresh: FolderIndex) -> None:
    documents = [found.id for found in grown.documents()]
    for query, vector in zip(QUERIES, EMBEDDER.encode(QUERIES), strict=True):
        for within in (None, documents[::2], documents[:1], ["absent"]):
            for k in (3, 1000):
                assert grown.search_vector(vector, k, within) == fresh.search_vector(vector, k, within)
                ours, theirs = grown.search_words(query, k, within), fresh.search_words(query, k, within)
                assert [hit for hit, _ in ours] == [hit for hit, _ in theirs]
                assert [score for _, score in ours] == pytest.approx([score for _, score in theirs], rel=1e-6)
    ids = [hit for hit, _ in grown.search_vector(vector, 1000)]
    assert grown.fetch(ids) == fresh.fetch(ids)
    assert [grown.section(p) for p in grown.fetch(ids)] == [fresh.section(p) for p in fresh.fetch(ids)]
    assert (grown.size, grown.documents()) == (fresh.size, fresh.documents())
    assert grown.passages_by_document() == fresh.passages_by_document()
    assert grown.lexicon() == fresh.lexicon()


def test_a_grown_index_is_as_one_made_from_nothing(tmp_path: Path) -> None:
    first = [made(f"first{n}") for n in range(30)]
    grown, most = create_index(tmp_path / "grown", SETTINGS, adding(*first)), 0
    gone = False
    for n, changes in enumerate(commits(16)):
        grown.apply(changes)
        parts = grown._reader.manifest.parts
        most = max(most, len(parts))
        gone |= any(part.gone for part in parts)
        if n % 8 == 7:
            open_index(tmp_path / "grown").verify()
            assert_alike(grown, from_nothing(tmp_path / f"fresh{n}", grown))
    assert most >= 3
    assert gone


def test_parts_stay_few_and_are_seldom_rewritten() -> None:
    sizes, rewritten, most = list[int](), 0, 0
    for _ in range(20_000):
        parts = [Part(0, size) for size in sizes]
        stay = kept(parts, 5)
        sizes[stay:] = [sum(sizes[stay:]) + 5]
        rewritten += sizes[-1]
        most = max(most, len(sizes))
    assert sum(sizes) == 100_000
    assert most <= MOST
    assert rewritten < 100 * 100_000


def test_there_are_never_more_parts_than_one_statement_reads() -> None:
    sizes = [4**n * 1000 for n in range(15, 0, -1)]
    assert kept([Part(0, size) for size in sizes], 1) < MOST


def files(index: FolderIndex) -> dict[str, int]:
    """The files of a generation by their number on the disk."""
    folder = index.folder / "generations" / index.generation
    return {
        path.relative_to(folder).as_posix(): path.stat().st_ino
        for path in folder.rglob("*")
        if path.is_file()
    }


def many(name: str, count: int) -> tuple[Document, Sequence[Passage]]:
    return document(name), [passage(name, n, f"{WORDS[n % 20]} {name} {n}") for n in range(count)]


def test_what_is_unchanged_is_not_written_again(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", SETTINGS, adding(many("big", 60), many("other", 20)))
    before = files(index)
    index.apply(adding(many("new", 2)))
    after = files(index)
    same = {name for name in before if after.get(name) == before[name]}
    assert {"parts/000000000/catalogue.sqlite", "parts/000000000/vectors.npy"} <= same
    assert {name for name in before if name.startswith("words/") and name.endswith(".idx")} <= same
    assert index._reader.manifest.files["parts/000000000/vectors.npy"][0] == 80 * 4096 + 128

    index.apply(Changes(remove=("other",)))
    again = files(index)
    assert again["parts/000000000/vectors.npy"] == before["parts/000000000/vectors.npy"]
    assert sum(again.get(name) == before[name] for name in before if name.endswith(".idx")) == 3
    assert index.search_words("other", 5) == []
    index.verify()


def test_a_part_of_which_much_is_gone_is_written_again(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", SETTINGS, adding(many("big", 60), many("other", 40)))
    index.apply(Changes(remove=("other",)))
    assert index._reader.manifest.parts == (Part(0, 60),)


def test_no_links_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that has no links gets copies."""

    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr("os.link", refuse)
    index = create_index(tmp_path / "index", SETTINGS, adding(many("big", 60)))
    index.apply(adding(many("new", 2)))
    index.verify()
    assert len(index._reader.manifest.parts) == 2
    assert index.search_words("new", 1)[0][0].startswith("new/")


def test_a_generation_answers_while_later_ones_sweep_it_away(tmp_path: Path) -> None:
    index = create_index(tmp_path / "index", SETTINGS, adding(many("big", 60)))
    reader = open_index(tmp_path / "index")
    [vector] = EMBEDDER.encode(["policy big 0"])
    for n in range(3):
        index.apply(adding(many(f"new{n}", 2), remove=["big"] if n == 1 else []))
    assert not (tmp_path / "index/generations" / reader.generation).exists()
    assert reader.search_vector(vector, 1)[0][0] == "big/0"
    assert reader.search_words("big", 100)
    assert len(reader.fetch([hit for hit, _ in reader.search_vector(vector, 60)])) == 60
    assert np.isclose(reader.lexicon().words["big"], 60)
