"""Twenty people ask at once while documents change: none is refused, and no answer mixes old and new."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from eval.bench.web import ANSWER, BOX, PROBLEM, SEND, Button, place_of
from kb.config import load_config
from kb.index import open_index
from kb.index.ingest import build
from kb.library import find_sources
from kb.types import Document, Embedder, Passage
from tests.conftest import Command

from .browsing import Visitor, browser
from .program import Program, running
from .sample import Page
from .test_library_browser import listed, send

PEOPLE = 20
# What the budget is in each version of its document.
FIGURES = ("4,170 dollars", "5,280 dollars", "6,390 dollars", "7,410 dollars")
BUDGET = "# Printing\n\nThe printing budget of the Ashby records office is {} a year.\n"
MEETING = "# Meetings\n\nThe council of Ashby meets in the old grain hall every second Tuesday.\n"
NUMBER = "0800 17 34"
PHONE = f"# Telephone\n\nThe night telephone of the Ashby archive is {NUMBER}.\n"
ASKED = (
    "What is the printing budget of the Ashby records office?",
    "Where does the council of Ashby meet?",
    "What is the night telephone of the Ashby archive?",
)


@dataclass(frozen=True)
class Told:
    """What somebody was told: by the API with the generation and citations, by the page as HTML."""

    number: int
    asked: float
    text: str
    marked: tuple[str, ...]
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Edition:
    """What the index held from a moment on."""

    name: str
    since: float
    passages: Mapping[str, Passage]
    documents: Mapping[str, Document]

    @classmethod
    def of(cls, index: Path) -> Edition:
        """Read it; to be called when a change is done."""
        opened = open_index(index)
        documents = {document.id: document for document in opened.documents()}
        held = [passage for key in documents for passage in opened.passages(key, 0, 99)]
        return cls(opened.generation, time.monotonic(), {p.id: p for p in held}, documents)

    def holds(self, words: str) -> bool:
        return any(words in passage.text for passage in self.passages.values())


def by_api(app: Program, number: int) -> Told:
    asked = time.monotonic()
    reply = app.call("ask", ASKED[number], None, None)
    assert reply.status == 200, reply.body
    answer = reply.json["data"][0]
    return Told(number, asked, answer["text"], tuple(c["quote"] for c in answer["citations"]), answer)


def by_page(app: Program, config: dict[str, Any], number: int) -> Told:
    """Ask as a new visitor's browser does; AssertionError where the page shows a problem or no answer."""
    asked, session = time.monotonic(), uuid4().hex
    typed = {str(place_of(config, BOX)): ASKED[number]}
    app.get("gradio_api/queue/join", Button.of(config, SEND).pressed(session, **typed))
    address = f"{app.address}gradio_api/queue/data?session_hash={session}"
    with urllib.request.urlopen(address, timeout=60) as lines:
        messages = (json.loads(line[5:]) for line in lines if line.startswith(b"data:"))
        last = next(message for message in messages if message["msg"] == "process_completed")
    shown = [part for part in last["output"]["data"] if isinstance(part, str)]
    assert last["success"], last
    assert ANSWER in "".join(shown), shown
    assert PROBLEM not in "".join(shown), shown
    page = Page("".join(shown))
    return Told(number, asked, page.text, tuple(page.marked))


class Crowd:
    """People who ask one question after another until the last change is done, and then each once more."""

    def __init__(self, app: Program) -> None:
        self._app, self._config = app, app.get("config").json
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(PEOPLE)

    def __enter__(self) -> Crowd:
        self._asking = [self._pool.submit(self._person, n) for n in range(PEOPLE)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()

    def told(self) -> list[list[Told]]:
        """Return what each was told; raises what went wrong."""
        return [person.result() for person in self._asking]

    def _person(self, number: int) -> list[Told]:
        told: list[Told] = []
        while True:
            last = self._over.is_set()
            for question in range(number, number + len(ASKED)) if last else [number + len(told)]:
                told.append(self._ask(number, question % len(ASKED)))
            if last:
                return told

    def _ask(self, number: int, question: int) -> Told:
        return by_page(self._app, self._config, question) if number % 2 else by_api(self._app, question)


def check(told: Told, editions: list[Edition]) -> Edition:
    """Return the edition that an answer is of: one that may have answered, and no other in any part of it."""
    possible = [
        edition
        for edition, after in zip(editions, [*editions[1:], None], strict=True)
        if after is None or after.since > told.asked
    ]
    if told.answer is not None:
        possible = [edition for edition in possible if edition.name == told.answer["index_generation"]]
    assert possible, told
    fits = [edition for edition in possible if _fits(told, edition)]
    assert fits, told
    return fits[0]


def _fits(told: Told, edition: Edition) -> bool:
    """Tell whether an answer says what an edition has to say on its question, and nothing that it has not."""
    said = " ".join((told.text, *told.marked))
    [figure] = [figure for figure in FIGURES if edition.holds(figure)]
    wanted = (figure, "old grain hall", NUMBER if edition.holds(NUMBER) else "")[told.number]
    return (
        wanted in said
        and not any(other in said for other in {*FIGURES, NUMBER} if not edition.holds(other))
        and all(map(edition.holds, told.marked))
        and (told.answer is None or _cited(told.answer, edition))
    )


def _cited(answer: Mapping[str, Any], edition: Edition) -> bool:
    """Tell whether all that an answer cites is in an edition as it is cited."""
    for cited in answer["citations"]:
        passage = edition.passages.get(cited["passage_id"])
        if passage is None or cited["quote"] not in passage.text:
            return False
        source = edition.documents[passage.document_id].source
        if (cited["document_id"], cited["source"]) != (passage.document_id, source):
            return False
    return not answer["conflicts"]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Program]:
    """The app over two short documents; who changes them leaves them changed."""
    folder = tmp_path_factory.mktemp("crowd")
    (folder / "documents").mkdir()
    (folder / "documents" / "budget.md").write_text(BUDGET.format(FIGURES[0]))
    (folder / "documents" / "meetings.md").write_text(MEETING)
    build(folder / "index", find_sources([folder / "documents"]), embedder, load_config().chunking)
    with running(folder / "index", folder / "log") as program:
        yield program


def written(folder: Path, figure: str) -> list[Path]:
    """Write a new version of one document, and a new document."""
    folder.mkdir()
    (folder / "budget.md").write_text(BUDGET.format(figure))
    (folder / "phone.md").write_text(PHONE)
    return [folder / "budget.md", folder / "phone.md"]


def asked_during(app: Program, *changes: Callable[[], object]) -> None:
    """Let the crowd ask while the index is changed, and check all that it is told."""
    editions = [Edition.of(app.index)]
    with Crowd(app) as crowd:
        for change in changes:
            time.sleep(1)
            change()
            editions.append(Edition.of(app.index))
    found = [[editions.index(check(told, editions)) for told in person] for person in crowd.told()]

    assert len({edition.name for edition in editions}) == len(changes) + 1
    assert {n for person in found for n in person} == set(range(len(editions)))
    # Whoever is told the generation sees that the library goes on and never back.
    assert all(person == sorted(person) for person in found[::2])


def test_while_another_process_adds_and_replaces(app: Program, tmp_path: Path, program: Command) -> None:
    def add() -> None:
        ran = program("add", *written(tmp_path / "new", FIGURES[1]), "--index", app.index)
        assert ran.status == 0, ran.err

    asked_during(app, add)


@pytest.mark.browser
def test_while_a_librarian_adds_and_replaces_twice(app: Program, tmp_path: Path) -> None:
    with browser(tmp_path / "profile") as driver:
        visitor = Visitor(driver, app.address)
        visitor.open("library")
        visitor.until(lambda: "budget.md" in listed(visitor))

        def add(figure: str) -> None:
            before = app.get("health").json["generation"]
            send(visitor, *written(tmp_path / figure, figure))
            visitor.until(lambda: app.get("health").json["generation"] != before)

        asked_during(app, lambda: add(FIGURES[2]), lambda: add(FIGURES[3]))
