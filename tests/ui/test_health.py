"""/health, and the journal where it may hold what was asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from kb.ui.doors import HEADERS

from .program import Program, running


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
    reply = app.get("health")
    moved.rename(app.index)

    assert (reply.status, reply.json) == (503, {"status": "error", "version": version("policy-kb")})
    assert app.get("health").status == 200
    noted = [entry for entry in app.entries() if entry["event"] == "health"]
    assert str(app.index) in noted[-1]["error"]


def test_the_journal_holds_what_was_asked_where_the_settings_want_it(app: Program) -> None:
    app.call("ask", "How many subindices are there?", None, None)

    first, *_, last = app.entries()

    assert (first["event"], first["mcp"]) == ("start", False)
    assert (last["event"], last["asked"]) == ("ask", "How many subindices are there?")


def test_there_is_no_mcp_server_unless_the_settings_want_it(app: Program) -> None:
    assert app.get("gradio_api/mcp/schema").status == 404
