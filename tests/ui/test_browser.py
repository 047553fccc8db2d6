"""The page in a real browser: what a person sees and can do, and that nothing leaves the computer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .browsing import CHROMIUM, DRIVER, Visitor, browser
from .sample import PLACE, ROOM
from .sample_app import HOSTILE
from .serving import free_port, served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()), reason=f"needs {CHROMIUM} and {DRIVER}"
)


@pytest.fixture(scope="module")
def sample_address() -> Iterator[str]:
    port = free_port()
    with served(port, "-m", "tests.ui.sample_app", str(port)) as address:
        yield address


@pytest.fixture(scope="module")
def corpus_address(corpus_index: Path) -> Iterator[str]:
    """The real app, on the index of the documents that ship."""
    port = free_port()
    settings = {"KB_INDEX": str(corpus_index), "KB_SERVER__PORT": str(port)}
    with served(port, "app.py", **settings) as address:
        yield address


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def sample_visitor(driver: Chrome, sample_address: str) -> Visitor:
    return Visitor(driver, sample_address)


@pytest.fixture
def visitor(driver: Chrome, corpus_address: str) -> Visitor:
    return Visitor(driver, corpus_address)


@pytest.mark.parametrize(
    ("question", "words", "title"),
    [
        (
            "What are the steps to build a sector-wide digital culture?",
            "leadership buy-in",
            "Chief Digital Officer",
        ),
        ("Where and when is the Kigali workshop?", r"22\D{1,5}23 March 2023", "Concept note"),
        (
            "How is the EGDI calculated?",
            "Telecommunication Infrastructure Index",
            "E-Government Development Index",
        ),
    ],
)
def test_each_group_gets_its_answer_with_a_marked_source(
    visitor: Visitor, question: str, words: str, title: str
) -> None:
    visitor.ask(question)

    assert visitor.count(".answered") == 1, visitor.text(".answer")
    assert re.search(words, visitor.text(".answered"), re.IGNORECASE)
    assert "[1]" in visitor.texts("a.marker")
    assert any(title in shown for shown in visitor.texts(".source h3"))
    assert re.search(words, " ".join(visitor.texts(".source mark")), re.IGNORECASE)
    assert visitor.hosts() == {"127.0.0.1"}


def test_hostile_words_of_a_document_are_shown_and_do_nothing(sample_visitor: Visitor) -> None:
    sample_visitor.ask("hostile")

    assert HOSTILE in sample_visitor.text(".answer")
    assert sample_visitor.text(".source mark") == HOSTILE
    assert sample_visitor.driver.title == "Policy Desk"
    assert sample_visitor.count("#transcript img, #evidence img, #evidence a") == 0
    assert sample_visitor.hosts() == {"127.0.0.1"}


def test_a_marker_of_an_earlier_answer_brings_its_evidence_back(sample_visitor: Visitor) -> None:
    sample_visitor.ask("Where is the workshop?")
    sample_visitor.ask("hostile")
    assert sample_visitor.texts(".source mark") == [HOSTILE]

    sample_visitor.click(".exchange:first-child a.marker")

    assert sample_visitor.texts(".source mark") == [PLACE, ROOM]
    assert sample_visitor.count(".source.pointed") == 1
    focused = sample_visitor.driver.switch_to.active_element
    assert focused.get_attribute("id") == "turn1-source1"


def test_a_choice_of_meaning_is_asked(sample_visitor: Visitor) -> None:
    sample_visitor.ask("ambiguous")

    sample_visitor.click(".options button")
    sample_visitor.until(lambda: sample_visitor.count(".exchange") == 2 and sample_visitor.done())

    assert sample_visitor.texts(".question") == ["ambiguous", "Where is the workshop?"]
    assert PLACE in sample_visitor.text(".answer")


def test_an_example_is_asked_and_a_new_conversation_brings_the_examples_back(sample_visitor: Visitor) -> None:
    sample_visitor.click(".welcome button")
    sample_visitor.until(lambda: sample_visitor.count(".exchange") == 1 and sample_visitor.done())
    assert ROOM in sample_visitor.text(".answer")

    sample_visitor.click("#anew")

    sample_visitor.until(lambda: sample_visitor.count(".welcome") == 1)
    assert sample_visitor.count(".exchange, .source") == 0


def test_after_a_failure_the_question_stands_in_the_box_and_the_page_goes_on(sample_visitor: Visitor) -> None:
    sample_visitor.ask("please fail")
    assert "The program itself failed on this question" in sample_visitor.text(".problem")
    assert sample_visitor.box.get_attribute("value") == "please fail"

    sample_visitor.ask("Where is the workshop?")

    assert sample_visitor.texts(".question") == ["Where is the workshop?"]
    assert sample_visitor.count(".problem") == 0


def test_an_empty_question_is_answered_with_a_sentence(sample_visitor: Visitor) -> None:
    sample_visitor.click("#send")

    sample_visitor.until(lambda: sample_visitor.count(".problem") == 1)
    assert "The question is empty" in sample_visitor.text(".problem")


def test_visitors_do_not_see_each_other(sample_visitor: Visitor, sample_address: str, tmp_path: Path) -> None:
    sample_visitor.ask("Where is the workshop?")

    with browser(tmp_path) as second:
        other = Visitor(second, sample_address)
        other.ask("hostile")
        assert other.texts(".question") == ["hostile"]

    sample_visitor.ask("Which room is it?")
    assert sample_visitor.texts(".question") == ["Where is the workshop?", "Which room is it?"]
