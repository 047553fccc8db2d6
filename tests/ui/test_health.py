"""/health, and the journal where it may hold what was asked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import cast

import pytest

from kb.assistant import Assistant
from kb.config import Config, load_config
from kb.errors import IndexDamaged
from kb.index import open_index
from kb.retrieval.retriever import Retriever
from kb.types import Answer, Embedder
from kb.ui.desk import Desk
from kb.ui.doors import HEADERS
from kb.ui.health import Pulse
from kb.ui.watch import check

from .program import Program, Reply, running


def until(app: Program, status: int) -> Reply:
    """Call until what is said is new; it stands for some seconds."""
    ends = time.monotonic() + 60
    while (reply := app.get("health")).status != status and time.monotonic() < ends:
        time.sleep(0.2)
    assert reply.status == status
    return reply


@pytest.fixture(scope="module")
def app(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("health")
    index = shutil.copytree(built_index, folder / "index")
    with running(index, folder / "log", log_questions=True) as program:
        yield program


def test_health_says_which_index_is_served(app: Program) -> None:
    reply = app.get("health")

    generation = (app.index / "CURRENT").read_text().strip()
    assert reply.status == 200
    assert reply.json == {
        "status": "ok",
        "version": version("policy-kb"),
        "generation": generation,
        "documents": 3,
    }
    assert HEADERS.items() <= reply.headers.items()


def test_an_index_that_cannot_be_read_is_503_until_it_can(app: Program) -> None:
    moved = app.index.rename(app.index.with_name("moved"))
    reply = until(app, 503)
    moved.rename(app.index)

    assert reply.json == {"status": "error", "version": version("policy-kb")}
    until(app, 200)
    noted = [entry for entry in app.entries() if entry["event"] == "health"]
    assert str(app.index) in noted[-1]["error"]


def test_the_journal_holds_what_was_asked_where_the_settings_want_it(app: Program) -> None:
    app.call("ask", "How many subindices are there?", None, None)

    first, *_, last = app.entries()

    assert (first["event"], first["mcp"]) == ("start", False)
    assert (last["event"], last["asked"]) == ("ask", "How many subindices are there?")


def test_there_is_no_mcp_server_unless_the_settings_want_it(app: Program) -> None:
    assert app.get("gradio_api/mcp/schema").status == 404


@dataclass
class Broken:
    """An assistant whose questions end in an error that nobody foresaw."""

    asked: int = 0

    def quoting(self) -> Broken:
        return self

    def ask(self, question: str) -> Answer:
        self.asked += 1
        raise RuntimeError("no such table")


def test_health_asks_and_asks_no_more_than_once_in_a_while() -> None:
    broken = Broken()
    desk = Desk(Config(), lambda: cast(Assistant, broken))
    pulse = Pulse(desk)
    assert [pulse.said()["status"] for _ in range(100)] == ["error"] * 100
    assert broken.asked == 1


def test_damage_found_while_it_serves_stops_the_answers(small: Assistant) -> None:
    desk = Desk(small.config, lambda: small)
    check(desk)
    assert Pulse(desk).said()["status"] == "ok"

    [path] = small.config.index.glob("generations/*/parts/*/vectors.npy")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    with path.open("r+b") as file:
        file.write(data)
    check(desk)

    assert Pulse(desk).said()["status"] == "error"
    with pytest.raises(IndexDamaged, match=r"vectors\.npy is not as it was written.*kb build"):
        small.ask("Who is responsible for the data?")


@pytest.fixture
def small(small_index: Path, embedder: Embedder) -> Assistant:
    config = load_config(index=small_index)
    index = open_index(small_index)
    return Assistant(index, Retriever(index, embedder, config.retrieval), config)
