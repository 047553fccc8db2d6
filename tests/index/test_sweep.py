"""Many damages to an index of the shipped corpus: each is refused in one sentence, or changes no answer."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import takewhile
from pathlib import Path

import pytest

from kb.assistant import Assistant
from kb.config import Config, load_config
from kb.errors import KBError
from kb.index import open_index
from kb.index.ingest import build
from kb.library import find_sources
from kb.retrieval.retriever import Retriever
from kb.types import Answer, Passage
from tests.conftest import ROOT
from tests.fakes import HashedEmbedder

pytestmark = pytest.mark.slow

EMBEDDER = HashedEmbedder(64)
QUESTIONS = (
    "Who approves the data governance policy?",
    "What are the pillars of data governance?",
    "Where does the workshop take place?",
    "How is the EGDI worked out?",
    "What was the EGDI of Rwanda in 2022?",
    "What must a chief digital officer report?",
    "Which risks are reviewed each quarter?",
    "What does RISA do?",
)
BITS, CUTS, GONE, ZEROED, BYTES = 640, 30, 15, 15, 64


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "index"
    build(folder, find_sources([ROOT / "corpus"]), EMBEDDER, load_config().chunking)
    return folder


def opened(folder: Path) -> Assistant:
    config, index = Config(), open_index(folder)
    return Assistant(index, Retriever(index, EMBEDDER, config.retrieval), config)


def told(folder: Path) -> list[object]:
    """Return all that an index says: answers, hits, documents."""
    assistant = opened(folder)
    answers: Sequence[Answer] = [assistant.ask(question) for question in QUESTIONS]
    said: list[object] = [(a.status, a.claims, a.conflicts, a.options, a.pointers) for a in answers]
    hits = [(hit.passage, hit.score) for question in QUESTIONS for hit in assistant.search(question, 10)]
    return [*said, hits, assistant.index.documents()]


def answered(folder: Path, question: str) -> object:
    return opened(folder).ask(question).claims


def damaged(built: Path, folder: Path, name: Path, change: Callable[[bytearray], bytearray | None]) -> None:
    """Make an index that is the built one but for a file that was changed, or is gone for None."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built, folder, copy_function=os.link, ignore=shutil.ignore_patterns("originals"))
    data = change(bytearray((built / name).read_bytes()))
    (folder / name).unlink()
    if data is not None:
        (folder / name).write_bytes(data)


def outcome(say: Callable[[], object], before: object) -> str:
    try:
        return "same" if say() == before else "changed"
    except KBError as error:
        return "refused" if "kb build --index" in str(error) and "\n" not in str(error) else str(error)
    except Exception as error:
        return f"traceback: {error!r}"


def test_no_damage_changes_an_answer(built: Path, tmp_path: Path) -> None:
    chance, before, found = random.Random(0), told(built), Counter[str]()
    names = [
        path.relative_to(built)
        for path in sorted(built.rglob("*"))
        if path.is_file() and path.stat().st_size and path.parent.name != "originals"
    ]

    def flipped(data: bytearray) -> bytearray:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        return data

    def cut(data: bytearray) -> bytearray:
        return data[: chance.randrange(len(data))]

    def zeroed(data: bytearray) -> bytearray:
        at = chance.randrange(len(data))
        data[at : at + 4096] = bytes(len(data[at : at + 4096]))
        return data

    changes = [flipped] * BITS + [cut] * CUTS + [lambda _: None] * GONE + [zeroed] * ZEROED
    for change in changes:
        damaged(built, tmp_path / "index", chance.choice(names), change)
        found[outcome(partial(told, tmp_path / "index"), before)] += 1
    assert found.keys() <= {"refused", "same"}, found
    # What changes nothing: a block that was zero before, or white space after the name in CURRENT.
    assert found["same"] <= 10, found


def place(data: bytes, passage: Passage) -> range:
    """Return where the text of a passage stands in a catalogue, as far as it stands in one piece."""
    said = passage.text.encode()
    # No other row has its id and, next to it, that of its document; the text comes soon after.
    start = data.index(said[:8], data.index((passage.id + passage.document_id).encode()))
    same = takewhile(lambda pair: pair[0] == pair[1], zip(said, data[start:], strict=False))
    return range(start, start + sum(1 for _ in same))


@pytest.mark.parametrize("cheap", [True, False], ids=["at opening", "as it is read"])
def test_no_changed_byte_is_quoted(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cheap: bool
) -> None:
    """The digest of the file tells it at opening, or if the file is too large for that the passage's own."""
    chance, assistant, found = random.Random(1), opened(built), Counter[str]()
    cited = [
        (question, citation.passage)
        for question in QUESTIONS
        for claim in assistant.ask(question).claims
        for citation in claim.citations
    ]
    [path] = built.glob("generations/*/parts/*/catalogue.sqlite")
    data = path.read_bytes()
    if not cheap:
        monkeypatch.setattr("kb.index.generation.CHEAP", -1)
    for _ in range(BYTES):
        question, passage = chance.choice(cited)
        at = chance.choice(place(data, passage))

        def changed(data: bytearray, at: int = at) -> bytearray:
            data[at] ^= chance.randrange(1, 128)
            return data

        damaged(built, tmp_path / "index", path.relative_to(built), changed)
        found[outcome(partial(answered, tmp_path / "index", question), None)] += 1
    assert found == {"refused": BYTES}
