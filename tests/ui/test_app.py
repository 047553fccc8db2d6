"""The frame of the page: where questions go, and a page that loads whatever became of the index."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kb.config import Config, LanguageModelConfig, ServerConfig
from kb.errors import IndexDamaged
from kb.ui import filters
from kb.ui.app import colophon, privacy
from kb.ui.ask import documents_shown
from kb.ui.desk import Desk
from kb.ui.strings import Words

from .browsing import Visitor, browser
from .program import Program, running
from .sample import Page

if TYPE_CHECKING:
    from kb.assistant import Assistant

DAMAGED = "The index x is damaged; rebuild it with: kb build --index x"


def damaged() -> Assistant:
    raise IndexDamaged(DAMAGED)


def served(**settings: object) -> Config:
    return Config(server=ServerConfig.model_validate(settings))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_who_is_alone_with_the_program_reads_that_nothing_leaves_the_computer(host: str) -> None:
    assert "this computer" in privacy(served(host=host), Words())
    assert "cet ordinateur" in privacy(served(host=host), Words("fr"))


@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0"}, {"host": "10.0.0.5"}, {"prefix": "/desk"}, {"users": "a:b:c"}]
)
def test_who_comes_over_the_network_reads_that_it_stays_on_the_server(settings: dict[str, str]) -> None:
    english, french = (privacy(served(**settings), Words(language)) for language in ("en", "fr"))

    assert "computer" not in english
    assert "the office's own server" in english
    assert "internet" in english
    assert "ordinateur" not in french
    assert "le serveur de votre administration" in french


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_language_model_elsewhere_is_named(language: str) -> None:
    def said(address: str) -> str:
        return privacy(Config(llm=LanguageModelConfig(base_url=address, model="m")), Words(language))

    assert "llm.example.org" in said("https://llm.example.org/v1")
    assert "internet" not in said("https://llm.example.org/v1")
    assert said("http://localhost:11434/v1") == privacy(Config(), Words(language))


def test_a_damaged_index_is_said_in_one_sentence_and_the_page_is_there() -> None:
    import gradio as gr

    desk = Desk(Config(), damaged)

    assert [*filters.choices(desk)] == [gr.skip()] * 3
    assert Page(documents_shown(desk)).text == DAMAGED
    assert Page(colophon(desk)).text == privacy(desk.config, desk.words) + DAMAGED
    french = Page(colophon(desk.speaking("fr")))
    assert f"Message du programme, en anglais : {DAMAGED}" in french.text
    assert french.all("span") == [{"lang": "en"}]


@pytest.fixture(scope="module")
def opened(built_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Program, Visitor]]:
    """The program on an index of its own, and somebody at its page."""
    folder = tmp_path_factory.mktemp("app")
    index = shutil.copytree(built_index, folder / "index")
    with running(index, folder / "log") as program, browser(folder / "profile") as driver:
        yield program, Visitor(driver, program.address)


@pytest.mark.browser
def test_the_page_loads_while_the_index_is_gone_and_says_why(opened: tuple[Program, Visitor]) -> None:
    program, visitor = opened
    missing = f"No index at {program.index}"
    moved = program.index.rename(program.index.with_name("moved"))
    try:
        visitor = Visitor(visitor.driver, program.address)
        visitor.until(lambda: missing in visitor.text("#library"))
        assert missing in visitor.text("#colophon")
        visitor.open("library")
        visitor.until(lambda: missing in visitor.text("#library-list"))
        visitor.open("egdi")
        visitor.until(lambda: missing in visitor.text("#egdi-chart"))
        assert [text for text in visitor.texts("[data-testid=toast-text]") if text] == []
    finally:
        moved.rename(program.index)
    assert "Traceback" not in program.log.read_text()


@pytest.mark.browser
def test_briefs_and_figures_leave_a_line_without_what_was_asked(opened: tuple[Program, Visitor]) -> None:
    program, visitor = opened
    visitor = Visitor(visitor.driver, program.address)
    visitor.open("brief")
    box = visitor.driver.find_element("css selector", "#brief-topic input, #brief-topic textarea")
    box.send_keys("pillars of data governance\n")
    visitor.until(lambda: visitor.texts("#brief-write"))
    visitor.click("#brief-write")
    visitor.until(lambda: visitor.count("#brief-preview h3"))
    visitor.open("egdi")
    visitor.click("#egdi-index label:last-of-type")
    visitor.until(lambda: program.entries()[-1]["event"] == "egdi")

    generation = (program.index / "CURRENT").read_text().strip()
    lines = [entry for entry in program.entries() if entry["event"] in ("outline", "brief", "egdi")]
    assert [entry["event"] for entry in lines] == ["outline", "brief", "egdi"]
    for entry in lines:
        assert (entry["via"], entry["status"], entry["generation"]) == ("page", "done", generation)
        assert entry["ms"] >= 0
        assert "asked" not in entry
    assert "governance" not in json.dumps(lines)
