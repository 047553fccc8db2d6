"""The page in a real browser: what a person sees and can do, and that nothing leaves the computer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.keys import Keys

from kb.ui.feedback import read
from kb.ui.roles import STARTERS

from .browsing import Visitor, browser
from .sample import PLACE, ROOM
from .sample_app import HOSTILE
from .serving import free_port, served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that stands for an index: feedback is kept there."""
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def sample_address(sample_index: Path) -> Iterator[str]:
    port = free_port()
    with served(port, "-m", "tests.ui.sample_app", str(port), str(sample_index)) as address:
        yield address


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
    assert sample_visitor.count("#transcript img, #evidence img, #evidence a:not(.back)") == 0
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


def test_a_role_sets_the_questions_to_start_from(sample_visitor: Visitor) -> None:
    sample_visitor.click("#who label:nth-of-type(2)")

    sample_visitor.until(lambda: sample_visitor.texts(".welcome button") == list(STARTERS["cdo"]))
    assert sample_visitor.texts(".welcome h3") == ["CHIEF DIGITAL OFFICER"]
    sample_visitor.evaluate("localStorage.clear()")


def test_evidence_is_reached_and_left_by_keyboard(sample_visitor: Visitor) -> None:
    sample_visitor.ask("Where is the workshop?")
    marker = sample_visitor.driver.find_element("css selector", "a.marker")

    marker.send_keys(Keys.ENTER)
    assert sample_visitor.focused().get_attribute("id") == "turn1-source1"

    sample_visitor.focused().send_keys(Keys.ESCAPE)
    assert sample_visitor.focused() == marker


def test_sources_that_disagree_are_shown_side_by_side(sample_visitor: Visitor) -> None:
    sample_visitor.ask("Do they differ?")

    assert "Sources disagree: the room differs." in sample_visitor.text(".conflict")
    assert sample_visitor.texts(".conflict cite") == [
        "Workshop note, p. 12, printed as 8",
        "Officer handbook",
    ]


def test_what_the_documents_do_not_say_is_said_with_where_to_look(sample_visitor: Visitor) -> None:
    sample_visitor.ask("Is it nowhere?")

    assert "The documents do not say this." in sample_visitor.text(".not_in_corpus")
    assert "The handbook has a chapter on it." in sample_visitor.text(".pointers")
    assert sample_visitor.text("#spoken") == "No answer: The documents do not say this."


def test_a_link_asks_its_question_again(sample_visitor: Visitor, sample_address: str) -> None:
    again = Visitor(sample_visitor.driver, f"{sample_address}?q=Where+is+the+%3Cb%3Eworkshop%3F")

    again.until(again.done)
    assert again.texts(".question") == ["Where is the <b>workshop?"]
    assert again.evaluate("document.querySelector('[data-link]').dataset.link") == "Where is the <b>workshop?"


def test_feedback_is_stored_with_question_answer_and_reason(
    sample_visitor: Visitor, sample_index: Path
) -> None:
    sample_visitor.ask("Where is the workshop?")
    sample_visitor.click('[data-rate="down"]')
    sample_visitor.click('.why input[value="missing"]')
    sample_visitor.driver.find_element("css selector", ".why textarea").send_keys("Which town?")
    sample_visitor.click("[data-send]")

    sample_visitor.until(lambda: "Thank you, noted." in sample_visitor.texts(".tools .said"))
    stored = read(sample_index)[-1]
    assert (stored.verdict, stored.reason, stored.more) == ("down", "missing", "Which town?")
    assert stored.question == "Where is the workshop?"
    assert PLACE in stored.answer


def test_a_list_is_fetched_as_a_checklist(sample_visitor: Visitor, tmp_path: Path) -> None:
    sample_visitor.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    sample_visitor.ask("What is the procedure?")

    sample_visitor.click('[data-export="md"][data-turn="1"]')

    [path] = sample_visitor.until(lambda: list(tmp_path.glob("checklist-*.md")))
    assert "train everybody" in path.read_text(encoding="utf-8")


def test_an_export_of_what_was_removed_says_why_there_is_none(sample_visitor: Visitor) -> None:
    sample_visitor.ask("Was it removed?")

    sample_visitor.click('[data-export="md"][data-turn="0"]')

    [said] = sample_visitor.until(lambda: [t for t in sample_visitor.texts("[data-testid=toast-text]") if t])
    assert "The document 0ff1ce that an answer cites is no longer in the index" in said


def test_in_french_the_interface_is_french(sample_visitor: Visitor, sample_address: str) -> None:
    french = Visitor(sample_visitor.driver, f"{sample_address}fr")
    french.ask("Where is the workshop?")

    assert french.text("#send") == "Demander"
    assert "Réponse tirée de 1 document" in french.text(".answer")
    assert french.evaluate("document.documentElement.lang") == "fr"

    french.click("#anew")
    french.until(lambda: french.count(".welcome button") == 6)
    french.click(".welcome button")
    french.until(lambda: french.texts(".question") == [STARTERS["cdo"][0]])


@pytest.mark.parametrize("width", [390, 320])
def test_a_narrow_window_needs_no_scrolling_sideways(driver: Chrome, sample_address: str, width: int) -> None:
    """320 pixels are also what is left of 1280 at a zoom of 400 %."""
    narrow = Visitor(driver, sample_address, size=(width, 700))
    narrow.ask("Where is the workshop?")

    assert narrow.evaluate("document.scrollingElement.scrollWidth") <= width


IN_VIEW = """(() => {
  const box = document.querySelector("#question textarea").getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  return box.right <= innerWidth && Boolean(document.elementFromPoint(x, y)?.closest("#question"));
})()"""


@pytest.mark.parametrize("language", ["", "fr"])
@pytest.mark.parametrize("size", [(390, 844), (320, 700), (844, 390)])
def test_on_a_phone_the_question_box_is_in_view_when_the_page_opens(
    driver: Chrome, sample_address: str, size: tuple[int, int], language: str
) -> None:
    phone = Visitor(driver, sample_address + (language or "?lang=en"), size=size)
    phone.until(lambda: phone.count(".welcome button") == 6)

    assert phone.evaluate("scrollY") == 0
    assert phone.evaluate(IN_VIEW)
    phone.evaluate("localStorage.clear()")


def test_on_a_phone_a_wide_table_makes_nothing_else_wide(driver: Chrome, corpus_address: str) -> None:
    phone = Visitor(driver, corpus_address, size=(390, 844))
    phone.ask("What was the OSI of Rwanda in 2022?")

    parts = "[...document.querySelectorAll('#composer, .source, .tools')]"
    assert phone.count("#transcript .table") == 1
    assert max(phone.evaluate(f"{parts}.map((part) => part.getBoundingClientRect().right)")) <= 390
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= 390


def test_what_the_keyboard_reaches_is_not_beneath_the_question_box(
    driver: Chrome, sample_address: str
) -> None:
    phone = Visitor(driver, f"{sample_address}?lang=en", size=(390, 640))
    beneath = """(() => {
      const edge = document.querySelector("#composer").getBoundingClientRect().top;
      const below = (one) => one.getBoundingClientRect().bottom > edge;
      return [...document.querySelectorAll(".welcome button")].find(below);
    })()"""
    phone.until(lambda: phone.count(".welcome button") == 6)
    button = phone.evaluate(beneath)

    phone.driver.execute_script("arguments[0].focus()", button)

    phone.until(lambda: phone.evaluate(beneath) != button)


@pytest.mark.parametrize("height", [560, 768, 857, 1200])
def test_the_documents_stand_in_one_column_whatever_the_height(visitor: Visitor, height: int) -> None:
    page = Visitor(visitor.driver, visitor.evaluate("location.href"), size=(1400, height))
    panel, shown = page.driver.find_element("id", "panel"), page.driver.find_element("id", "library")

    assert shown.rect["x"] == panel.rect["x"] + 32
    assert page.evaluate("document.querySelector('#panel').scrollWidth") <= panel.rect["width"]


def test_in_the_dark_the_page_is_dark(driver: Chrome, sample_address: str) -> None:
    dark = Visitor(driver, sample_address, mode="dark")

    colour = dark.evaluate("getComputedStyle(document.querySelector('#conversation')).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", colour)) < 64


def test_the_page_as_printed_is_shown_for_a_pdf(visitor: Visitor) -> None:
    visitor.ask("How is the EGDI calculated?")

    picture = ".picture[open] img"
    visitor.driver.find_element("css selector", picture).location_once_scrolled_into_view  # noqa: B018
    visitor.until(lambda: visitor.evaluate(f"document.querySelector('{picture}').naturalWidth") == 1000)
    alt = visitor.evaluate(f"document.querySelector('{picture}').alt")
    assert "The E-Government Development Index" in alt
    assert "p. 6, printed as 3" in alt


def test_a_filter_narrows_what_is_searched(visitor: Visitor) -> None:
    visitor.click("#filters > button")
    kinds = visitor.driver.find_elements("css selector", "#filters input")[1]
    kinds.send_keys("Glossary")
    visitor.until(lambda: visitor.texts("#filters [role=option]"))
    kinds.send_keys(Keys.ENTER)
    visitor.until(lambda: "Filters: 1 set" in visitor.text("#filters > button"))

    visitor.ask("What does OGDI stand for?")

    assert set(visitor.texts(".source h3")) == {"Glossary and who's who"}
