"""The named endpoints, asked over HTTP as another program asks them."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from kb.errors import ConfigError
from kb.ui.api import check_mcp
from kb.ui.results import AnswerResult, BriefResult, CitationResult, ClaimResult, EgdiResult, SearchResult
from tests.conftest import ROOT

from .program import Program, running

QUESTION = "Where does the Kigali workshop take place?"
VENUE = "The Kigali workshop takes place in the Convention Center."
TYPES = {"ask": AnswerResult, "search": SearchResult, "brief": BriefResult, "egdi": EgdiResult}


@pytest.fixture(scope="module")
def app(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    log = tmp_path_factory.mktemp("api") / "log"
    with running(built_index, log, mcp=find_spec("mcp") is not None) as program:
        yield program


def result(app: Program, endpoint: str, *values: object) -> Any:  # noqa: ANN401 - as each endpoint says
    """Return what an endpoint gives, after checking it against its type."""
    reply = app.call(endpoint, *values)
    assert reply.status == 200, reply.body
    given = reply.json["data"][0]
    TypeAdapter(TYPES[endpoint]).validate_python(given, strict=True)
    assert given.keys() == TYPES[endpoint].__annotations__.keys()
    return given


def test_only_the_named_endpoints_are_offered_and_their_results_are_described(app: Program) -> None:
    described = app.get("gradio_api/info").json

    assert described["unnamed_endpoints"] == {}
    assert described["named_endpoints"].keys() == {"/ask", "/search", "/brief", "/egdi"}
    for name, fields in TYPES.items():
        returned = described["named_endpoints"][f"/{name}"]["returns"][0]["type"]
        assert returned["required"] == list(fields.__annotations__)
    question, *optional = described["named_endpoints"]["/ask"]["parameters"]
    assert (question["parameter_name"], question["type"]) == ("question", {"type": "string"})
    assert [p["parameter_has_default"] for p in optional] == [True, True]


def test_ask_gives_the_object_that_kb_ask_prints(app: Program) -> None:
    answer = result(app, "ask", QUESTION, None, None)

    assert (answer["status"], answer["text"]) == ("answered", f"{VENUE} [1]")
    assert answer["claims"][0].keys() == ClaimResult.__annotations__.keys()
    assert answer["citations"][0].keys() == CitationResult.__annotations__.keys()
    assert (answer["citations"][0]["source"], answer["citations"][0]["quote"]) == ("note.txt", VENUE)


def test_ask_takes_earlier_turns_and_a_filter(app: Program) -> None:
    earlier = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": VENUE}]

    dated = result(app, "ask", "And when does it take place?", earlier, None)
    elsewhere = result(app, "ask", QUESTION, None, {"documents": ["guide.md"]})

    assert "22 March 2023" in dated["text"]
    assert elsewhere["status"] == "not_in_corpus"


def test_search_brief_and_egdi_give_what_their_commands_print(app: Program) -> None:
    found = result(app, "search", "pillars of data governance", 2, None)
    brief = result(app, "brief", "data governance")
    figures = result(app, "egdi", ["Rwanda", "LAO"], [2022])

    assert len(found["hits"]) == 2
    assert found["hits"][0]["source"] == "guide.md"
    assert {cited["source"] for cited in brief["citations"]} == {"guide.md"}
    assert brief["markdown"].startswith("# Data governance\n")
    rows = [(row["iso3"], row["edition"], row["egdi"]) for row in figures["rows"]]
    assert rows == [("RWA", 2022, 0.5489), ("LAO", 2022, 0.3764)]


@pytest.mark.parametrize(
    ("endpoint", "values", "said"),
    [
        ("ask", [" ", None, None], "The question is empty; type what you want to know."),
        ("ask", [7, None, None], "question: input should be a valid string; see /gradio_api/info."),
        ("ask", ["x", [{"role": "user"}], None], "history.0.content: field required; see /gradio_api/info."),
        (
            "ask",
            ["x", None, {"kind": []}],
            "where.kind: extra inputs are not permitted; see /gradio_api/info.",
        ),
        ("ask", ["x", [{}] * 1001, None], "history holds 1,001 entries; give no more than 1,000."),
        (
            "search",
            ["x", 1, {"documents": ["x"] * 100_000}],
            "where.documents holds 100,000 entries; give no more than 1,000.",
        ),
        ("egdi", [["Rwanda"] * 1001, None], "countries holds 1,001 entries; give no more than 1,000."),
        ("search", ["x", 0, None], "k is 0; give a number of passages from 1 to 100."),
        ("egdi", [["Rwanda"], [1999]], "The EGDI table has no edition 1999; it has "),
    ],
)
def test_an_error_is_one_sentence(app: Program, endpoint: str, values: list[object], said: str) -> None:
    reply = app.call(endpoint, *values)

    assert reply.status == 500
    assert reply.json["error"].startswith(said)
    assert reply.json["error"].count("\n") == 0


def test_the_example_program_of_the_documentation_runs(app: Program) -> None:
    ran = subprocess.run(
        [sys.executable, "docs/client.py", app.address],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[:2] == [f"answered: {VENUE} [1]", f"[1] note.txt, page None: “{VENUE}”"]
    assert lines[-2].startswith("Rwanda 2022 0.5489")


def test_the_journal_holds_a_line_for_each_call_and_nothing_that_was_asked(app: Program) -> None:
    before = len(app.entries())
    result(app, "ask", QUESTION, None, None)
    app.call("ask", "", None, None)

    answered, failed = app.entries()[before:]

    assert answered.keys() == {"time", "event", "via", "status", "ms", "generation"}
    assert (answered["event"], answered["via"], answered["status"]) == ("ask", "api", "answered")
    assert (failed["status"], failed["generation"]) == ("error", "")
    assert answered["ms"] > 0
    assert answered["generation"] == app.get("health").json["generation"]
    assert QUESTION not in app.log.read_text()


async def through_mcp(address: str) -> tuple[dict[str, Any], Any, Any]:
    """Return the tools by name, the answer to a question and to an empty one, as an MCP client gets them."""
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{address}gradio_api/mcp/") as (receiving, sending, _),
        ClientSession(receiving, sending) as session,
    ):
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        answered = await session.call_tool("ask", {"question": QUESTION})
        return tools, answered, await session.call_tool("ask", {"question": ""})


def test_the_same_endpoints_are_tools_of_an_mcp_server(app: Program) -> None:
    tools, answered, failed = asyncio.run(through_mcp(app.address))

    assert tools.keys() == TYPES.keys()
    assert tools["ask"].inputSchema["required"] == ["question"]
    assert "cited passages" in tools["ask"].description
    assert not answered.isError
    assert json.loads(answered.content[0].text)["citations"][0]["quote"] == VENUE
    assert failed.isError
    assert "The question is empty; type what you want to know." in failed.content[0].text


def test_an_mcp_server_without_its_library_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)

    with pytest.raises(ConfigError, match=r"pip install 'policy-kb\[mcp\]'"):
        check_mcp()
