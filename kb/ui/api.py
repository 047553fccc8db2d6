"""The named endpoints for other programs, over Gradio's own API and MCP: ask, search, brief and egdi.

All of them read and none changes anything. What they take and give is typed in
`kb/ui/results.py`; an error is one sentence. Each is described to a program by
its docstring, so these are written for its user.

There is no `from __future__ import annotations` here: Gradio reads the types.
"""

import importlib.util
import json
from collections.abc import Callable, Mapping
from functools import wraps
from inspect import signature
from typing import Any, cast

from pydantic import ConfigDict, ValidationError, validate_call

from kb.contract import answer_object, search_object
from kb.egdi import figures_in, load_figures
from kb.errors import ConfigError, KBError, QuestionError
from kb.retrieval.filters import Filter
from kb.retrieval.shelf import shelf
from kb.types import Turn
from kb.ui.desk import Desk
from kb.ui.journal import Entry
from kb.ui.results import AnswerResult, BriefResult, EgdiResult, SearchResult, TurnGiven, Where

MOST_HITS = 100
# Entries of a list in a request: more than a library has documents, or a conversation turns.
MOST_ENTRIES = 1000
STRICT = ConfigDict(strict=True, hide_input_in_errors=True)
FAILED = "Something went wrong on the server, not with what was asked; its log says what."


def check_mcp() -> None:
    """Raise ConfigError where the MCP server is wanted and its library is missing."""
    if importlib.util.find_spec("mcp") is None:
        raise ConfigError(
            "The MCP server needs another library: pip install 'policy-kb[mcp]', or set server.mcp to false."
        )


def offer(desk: Desk) -> None:
    """Offer the endpoints; called inside the app's gr.Blocks."""
    from gradio.events import api

    for endpoint in (_ask(desk), _search(desk), _brief(desk), _egdi(desk)):
        # Past the queue, where an MCP server would call itself without being signed in.
        api(_guarded(endpoint, desk), api_name=endpoint.__name__, queue=False)


def _ask(desk: Desk) -> Callable[..., Any]:
    def ask(
        question: str, history: list[TurnGiven] | None = None, where: Where | None = None
    ) -> AnswerResult:
        """Answer a question from the documents with cited passages, or say that they don't hold it.

        Args:
            question: What you want to know.
            history: Earlier turns of the conversation, oldest first.
            where: Which documents to look in; all of them if left out.

        """
        assistant = desk.assistant
        earlier = [Turn(turn["role"], turn["content"]) for turn in history or ()]
        answer = assistant.ask(question, earlier, where=_filter(where))
        return cast("AnswerResult", answer_object(answer, shelf(assistant.index)))

    return ask


def _search(desk: Desk) -> Callable[..., Any]:
    def search(question: str, k: int = 10, where: Where | None = None) -> SearchResult:
        """Find the passages of the documents that fit a question, best first.

        Args:
            question: What to look for.
            k: How many passages, 1 to 100.
            where: Which documents to look in; all of them if left out.

        """
        if not 1 <= k <= MOST_HITS:
            raise QuestionError(f"k is {k}; give a number of passages from 1 to {MOST_HITS}.")
        assistant = desk.assistant
        hits = assistant.search(question, k, where=_filter(where))
        return cast("SearchResult", search_object(question, hits, shelf(assistant.index)))

    return search


def _brief(desk: Desk) -> Callable[..., Any]:
    def brief(topic: str) -> BriefResult:
        """Write a brief on a topic, every sentence with its citation; it takes some seconds.

        Args:
            topic: What the brief is about.

        """
        from kb.briefs import brief_bytes, brief_object, write_brief

        written = write_brief(desk.assistant, topic)
        markdown = brief_bytes(written, "markdown").decode()
        return cast("BriefResult", {**brief_object(written), "markdown": markdown})

    return brief


def _egdi(desk: Desk) -> Callable[..., Any]:
    def egdi(countries: list[str], editions: list[int] | None = None) -> EgdiResult:
        """Look up the E-Government Development Index: ranks and indices of countries, by survey edition.

        Args:
            countries: Names or ISO codes of countries.
            editions: Years of the UN E-Government Survey; all of them if left out.

        """
        indexed = figures_in(desk.assistant.index)
        figures = indexed if indexed.rows else load_figures(desk.config)
        codes = dict.fromkeys(figures.countries.named(name).iso3 for name in countries)
        years = [figures.year(year) for year in editions or figures.editions]
        return cast("EgdiResult", {"rows": [row.object for row in figures.select(codes, years)]})

    return egdi


def _filter(where: Where | None) -> Filter:
    given: Where = where or {}
    several = (given.get("documents"), given.get("kinds"), given.get("editions"))
    documents, kinds, editions = (tuple(values or ()) for values in several)
    audiences = tuple(given.get("audiences") or ())
    return Filter(documents, kinds, editions, given.get("since"), given.get("until"), audiences)


def _guarded(endpoint: Callable[..., Any], desk: Desk) -> Callable[..., Any]:
    """Return the endpoint with its arguments checked, its errors as sentences, and a line in the journal."""
    import gradio as gr

    checked = validate_call(config=STRICT)(endpoint)

    @wraps(endpoint)
    def guarded(*values: object) -> Any:  # noqa: ANN401 - as each endpoint says
        given = signature(endpoint).bind(*values).arguments
        entry = Entry(endpoint.__name__, "api", next(iter(given.values())))
        try:
            _bounded(given)
            result = checked(**given)
        except KBError as error:
            raise gr.Error(str(error), print_exception=False) from error
        except ValidationError as error:
            raise gr.Error(_sentence(error), print_exception=False) from error
        except Exception as error:
            raise gr.Error(FAILED) from error  # Gradio prints the traceback.
        else:
            entry = entry.told(result.get("status", "done"), result.get("index_generation", ""))
        finally:
            entry.write(desk.config.server)
        return result

    return guarded


def _bounded(given: Mapping[str, object], within: str = "") -> None:
    """Raise QuestionError for a list of more than MOST_ENTRIES, named as it was sent."""
    for name, value in given.items():
        if isinstance(value, list) and len(value) > MOST_ENTRIES:
            raise QuestionError(
                f"{within}{name} holds {len(value):,} entries; give no more than {MOST_ENTRIES:,}."
            )
        if isinstance(value, Mapping):
            _bounded(value, f"{within}{name}.")


def answer_in_json(server: Any) -> None:  # noqa: ANN401 - Gradio's MCP server, which may not be installed
    """Have Gradio's MCP server hand on objects as JSON, not as Python prints them."""
    handed_on = server.postprocess_output_data

    def in_json(outputs: list[Any], root_url: str) -> Any:  # noqa: ANN401 - as in Gradio
        texts = [json.dumps(o, ensure_ascii=False) if isinstance(o, dict) else o for o in outputs]
        return handed_on(texts, root_url)

    server.postprocess_output_data = in_json


def _sentence(error: ValidationError) -> str:
    first = error.errors()[0]
    what = ".".join(map(str, first["loc"]))
    return f"{what}: {first['msg'][:1].lower()}{first['msg'][1:]}; see /gradio_api/info."
