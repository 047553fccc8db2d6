"""The Brief tab in a real browser, on the documents that ship."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from kb.ui.brief import FORMS

from .browsing import Visitor, browser
from .test_accessibility import violations

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

# Long outlines are put in at once, as somebody pastes them.
PASTE = """
const [box, text] = arguments;
box.value = text;
box.dispatchEvent(new Event("input", { bubbles: true }));
"""

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory, downloads: Path) -> Iterator[Chrome]:
    with browser(tmp_path_factory.mktemp("profile")) as driver:
        allowed = {"behavior": "allow", "downloadPath": str(downloads)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
        yield driver


class Writer(Visitor):
    """Somebody at the Brief tab."""

    @property
    def topic(self) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, "#brief-topic :is(input, textarea)")

    @property
    def outline(self) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, "#brief-outline textarea")

    def outlined(self) -> str:
        """Return the outline as it stands in its box."""
        return str(self.outline.get_property("value"))

    def propose(self, topic: str) -> None:
        """Name a topic by keyboard and have an outline proposed."""
        self.topic.clear()
        self.topic.send_keys(topic, Keys.ENTER)

    def write(self, outline: str) -> None:
        """Put an outline into its box and have it written."""
        self.driver.execute_script(PASTE, self.outline, outline)
        self.click("#brief-write")

    def says(self, place: str, beginning: str) -> None:
        """Wait until a problem at a place begins with these words."""
        self.until(lambda: "".join(self.texts(f"#brief-{place} .problem")).startswith(beginning))


def opened(
    driver: Chrome, corpus_address: str, size: tuple[int, int] = (1366, 768), mode: str = "light"
) -> Writer:
    writer = Writer(driver, corpus_address, size, mode)
    writer.open("brief")
    return writer


def outlining(
    driver: Chrome, corpus_address: str, size: tuple[int, int] = (1366, 768), mode: str = "light"
) -> Writer:
    """Return somebody who has an outline to edit."""
    writer = opened(driver, corpus_address, size, mode)
    writer.propose("Kigali workshop")
    writer.until(lambda: writer.count("#brief-outline textarea") and writer.outlined().startswith("# Kigali"))
    return writer


def test_a_brief_is_written_from_an_edited_outline_and_downloaded(
    driver: Chrome, corpus_address: str, downloads: Path
) -> None:
    writer = outlining(driver, corpus_address)
    first, second = writer.outlined().split("\n\n## ")[1:3]
    renamed = "\n".join(["Where and when", *first.splitlines()[1:]])
    unanswered = "Which nuclear reactors are planned in Rwanda?"

    writer.write(f"# Kigali workshop\n\n## {second}\n\n## {renamed}\n\n## {unanswered}\n")
    writer.until(lambda: writer.focused().text == "Kigali workshop")

    headings = writer.texts("#brief-preview .written h4")
    assert headings[:2] == [second.splitlines()[0], "Where and when"]
    assert headings[-2:] == ["What the documents do not say", "Documents cited"]
    assert unanswered in writer.text("#brief-preview")

    boxes = [driver.find_element(By.ID, f"brief-{form}").rect for form in FORMS]
    assert all(one["x"] + one["width"] <= after["x"] for one, after in pairwise(boxes)), "side by side"
    assert all(one["height"] < 60 for one in boxes), "each on one line"
    for form in FORMS:
        writer.click(f"#brief-{form}")
        writer.until(lambda form=form: [*downloads.glob(f"brief-kigali-workshop-*.{form}")])  # type: ignore[misc]
    assert writer.hosts() == {"127.0.0.1"}


def test_markers_lead_to_the_passage_and_back_by_keyboard(driver: Chrome, corpus_address: str) -> None:
    writer = outlining(driver, corpus_address)
    writer.outline.send_keys(Keys.SHIFT, Keys.ENTER)
    writer.until(lambda: writer.count("#brief-preview h3"))

    driver.find_element(By.CSS_SELECTOR, "#brief-preview a.marker").send_keys(Keys.ENTER)
    writer.until(lambda: writer.focused().get_attribute("id") == "brief-note1")
    driver.find_element(By.CSS_SELECTOR, "#brief-note1 summary").send_keys(Keys.ENTER)
    writer.until(lambda: writer.texts("#brief-note1 mark"))
    driver.find_element(By.CSS_SELECTOR, "#brief-note1 a.back").send_keys(Keys.ENTER)
    writer.until(lambda: writer.focused().get_attribute("id") == "brief-mark1")


def test_an_error_is_a_sentence_in_place_and_leaves_the_outline(driver: Chrome, corpus_address: str) -> None:
    writer = outlining(driver, corpus_address)

    writer.write("# open data\n\nno heading")
    writer.says("written", "The outline, line 3, is no heading")
    writer.write("# open data\n")
    writer.says("written", "The outline lacks a section")
    writer.propose("reactors on Mars")
    writer.says("proposed", "No brief on “reactors on Mars”")
    assert writer.outlined() == "# open data\n"

    writer.propose("Kigali workshop")
    writer.until(lambda: writer.outlined().startswith("# Kigali"))
    writer.click("#brief-again")
    writer.until(lambda: writer.outlined() == "# open data\n")


@pytest.mark.parametrize(("size", "mode"), [((390, 844), "dark"), ((1366, 768), "light")])
def test_the_brief_fits_the_window_and_has_no_serious_violation(
    driver: Chrome, corpus_address: str, size: tuple[int, int], mode: str
) -> None:
    writer = outlining(driver, corpus_address, size, mode)
    writer.write("\n\n## ".join(writer.outlined().split("\n\n## ")[:3]))
    writer.until(lambda: writer.count("#brief-preview h3"))
    writer.click("#brief-preview summary")

    assert writer.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert violations(writer) == []


def test_the_tab_speaks_french(driver: Chrome, corpus_address: str) -> None:
    writer = opened(driver, f"{corpus_address}fr")
    assert writer.text("#brief-propose") == "Proposer un plan"
    writer.propose(" ")
    writer.says("proposed", "Nommez d'abord un sujet")
