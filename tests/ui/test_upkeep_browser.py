"""The Library tab in a real browser: hiding with a reason, showing again, and reading all again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from .browsing import Visitor, browser
from .program import running

pytestmark = pytest.mark.browser

WHY = "draft, withdrawn by the ministry"
QUESTION = "Where does the Kigali workshop take place?"
PHONE = (390, 844)
# Whether what is said of a change can be read without scrolling: the page's head may be over it.
IN_VIEW = """(() => {
  const box = document.querySelector("#library-report .outcome").getBoundingClientRect();
  return box.top >= 76 && box.bottom <= innerHeight;
})()"""


@pytest.fixture
def address(small_index: Path, tmp_path: Path) -> Iterator[str]:
    with running(small_index, tmp_path / "log") as program:
        yield program.address


def press(visitor: Visitor, selector: str) -> None:
    """Press Enter on the first such part."""
    visitor.driver.find_element(By.CSS_SELECTOR, selector).send_keys(Keys.ENTER)


def overflow(visitor: Visitor) -> int:
    """Return how far the page is wider than the window, in pixels."""
    return int(visitor.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_a_librarian_hides_a_document_with_a_reason_and_shows_it_again(tmp_path: Path, address: str) -> None:
    with browser(tmp_path / "profile") as driver:
        visitor = Visitor(driver, address, PHONE)
        visitor.ask(QUESTION)
        assert "Convention Center" in visitor.text(".exchange")
        visitor.open("library")
        visitor.until(lambda: visitor.count("#library-list tbody tr") == 3)
        [note] = driver.find_elements(By.XPATH, "//tr[contains(., 'note.txt')]//button")
        note.send_keys(Keys.ENTER)
        visitor.until(lambda: visitor.count("#library-look .hiding") == 1)
        press(visitor, "#library-look .changes summary")
        box = driver.find_element(By.CSS_SELECTOR, "#library-look .hiding input")
        box.send_keys(Keys.ENTER)
        assert visitor.count("#library-list tbody tr") == 3, "not without a reason"
        box.send_keys(WHY)
        assert overflow(visitor) <= 0
        box.send_keys(Keys.ENTER)

        visitor.until(lambda: visitor.count("#library-list tbody tr") == 2)
        assert "Hidden: Venue" in visitor.text("#library-report")
        visitor.until(lambda: visitor.evaluate(IN_VIEW))
        visitor.until(lambda: "2 documents" in visitor.text("#colophon"))
        [entry] = visitor.texts("#library-bin .apart li")
        assert f"Reason: {WHY}" in entry
        assert "hidden on" in entry
        assert overflow(visitor) <= 0
        visitor.open("ask")
        visitor.ask("In which place does the Kigali workshop take place?")
        assert "Convention Center" not in visitor.text(".exchange:last-child")

        driver.refresh()
        visitor.until(lambda: visitor.count("#question textarea") == 1)
        visitor.open("library")
        visitor.until(lambda: visitor.count("#library-bin .apart button") == 1)
        press(visitor, "#library-bin .apart button")
        visitor.until(lambda: "Shown again: note.txt" in visitor.text("#library-report"))
        visitor.until(lambda: visitor.count("#library-list tbody tr") == 3)
        assert visitor.count("#library-bin .apart") == 0


def test_a_librarian_has_all_documents_read_again_while_questions_are_answered(
    tmp_path: Path, address: str
) -> None:
    with browser(tmp_path / "profile") as driver:
        visitor = Visitor(driver, address)
        visitor.open("library")
        visitor.until(lambda: visitor.count("#library-add .rebuild") == 1)
        press(visitor, "#library-add .rebuild summary")
        assert "Questions are answered from the old text" in visitor.text("#library-add .rebuild")
        press(visitor, "#library-add .rebuild button")
        assert "Press again" in visitor.text("#library-add .rebuild button")
        assert visitor.texts("#library-report .outcome") == []
        press(visitor, "#library-add .rebuild button")
        visitor.until(lambda: "Read again: 3 documents" in visitor.text("#library-report"))
        assert visitor.text("#library-add .rebuild button") == "Read all again"
        assert visitor.focused().text == "Read all again"
        assert visitor.count("#library-list tbody tr") == 3
        visitor.open("ask")
        visitor.ask(QUESTION)
        assert "Convention Center" in visitor.text(".exchange")
        assert visitor.hosts() == {"127.0.0.1"}
