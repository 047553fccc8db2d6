"""The Library tab in a real browser: looking, adding, replacing, removing and putting back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from kb.index import open_index
from kb.index.ingest import remove
from tests.conftest import MODELS

from .browsing import Visitor, browser
from .serving import free_port, served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser


@pytest.fixture
def address(small_index: Path) -> Iterator[str]:
    port = free_port()
    settings = {
        "KB_INDEX": str(small_index),
        "KB_SERVER__PORT": str(port),
        "KB_SERVER__MAX_UPLOAD_MB": "1",
        "KB_EMBEDDING__MODELS_FOLDER": str(MODELS),
    }
    with served(port, "app.py", **settings) as address:
        yield address


@pytest.fixture
def visitor(tmp_path: Path, address: str) -> Iterator[Visitor]:
    with browser(tmp_path / "profile") as driver:
        visitor = Visitor(driver, address)
        visitor.open("library")
        visitor.until(lambda: len(listed(visitor)) == 3)
        yield visitor


def listed(visitor: Visitor) -> list[str]:
    return visitor.texts("#library-list tbody .file")


def press(visitor: Visitor, selector: str) -> None:
    """Press Enter on the first such button."""
    visitor.driver.find_element(By.CSS_SELECTOR, selector).send_keys(Keys.ENTER)


def send(visitor: Visitor, *files: Path, addresses: str = "") -> str:
    """Add files and addresses, and return what the report says in the end."""
    if not visitor.texts("#library-add form"):
        press(visitor, "#library-add summary")
    driver: Chrome = visitor.driver
    driver.find_element(By.CSS_SELECTOR, "#library-add input").send_keys("\n".join(map(str, files)))
    driver.find_element(By.CSS_SELECTOR, "#library-add textarea").send_keys(addresses)
    press(visitor, "#library-add .send")
    return visitor.until(lambda: "".join(visitor.texts("#library-report .outcome")))


def test_a_librarian_adds_looks_removes_and_undoes_by_keyboard(visitor: Visitor, tmp_path: Path) -> None:
    hostile = tmp_path / "<img src=x onerror=alert(1)>.txt"
    hostile.write_text(
        "# <b>Plan</b> ${document.title='owned'}\n\nThe quorum is seven ${document.title='owned'}.\n"
    )
    (tmp_path / "large.txt").write_bytes(b"x" * ((1 << 20) + 1))
    (tmp_path / "bad.pdf").write_text("no PDF")

    said = send(
        visitor, hostile, tmp_path / "large.txt", tmp_path / "bad.pdf", addresses="http://127.0.0.1/a.md"
    )

    assert f"Added: {hostile.name}" in said
    assert "large.txt is larger than 1 MiB" in said
    assert "bad.pdf is named .pdf" in said
    assert "on this computer or the local network" in said
    visitor.until(lambda: hostile.name in listed(visitor))
    assert visitor.count("#tab-library img") == 0

    visitor.driver.find_element(By.CSS_SELECTOR, "#library-filter :is(input, textarea)").send_keys("plan")
    visitor.until(lambda: listed(visitor) == [hostile.name])
    press(visitor, "#library-list .open")
    visitor.until(lambda: "The quorum is seven" in visitor.text("#library-look"))
    assert visitor.evaluate("document.title") == "Policy Desk"
    assert visitor.focused().tag_name == "h2"
    assert visitor.count("#tab-library :is(img, b, i)") == 0

    press(visitor, "#library-look .changes summary")
    press(visitor, "#library-look .remove")
    assert "Press again" in visitor.text("#library-look .remove")
    assert listed(visitor) == [hostile.name]
    press(visitor, "#library-look .remove")
    visitor.until(lambda: listed(visitor) == [])
    press(visitor, "#library-report button")
    visitor.until(lambda: listed(visitor) == [hostile.name])
    assert visitor.hosts() == {"127.0.0.1"}


def test_a_button_that_waits_for_a_second_press_stops_waiting(visitor: Visitor) -> None:
    def said() -> str:
        return str(visitor.evaluate("document.querySelector('#library-spoken [role=status]').textContent"))

    def armed() -> bool:
        return visitor.text(button).startswith("Press again")

    button = "#library-look .remove"
    press(visitor, "#library-list .open")
    visitor.until(lambda: visitor.count(button) == 1)
    press(visitor, "#library-look .changes summary")
    # Ten seconds pass in a tenth of one.
    visitor.driver.execute_script(
        "const wait = setTimeout; window.setTimeout = (then, ms) => wait(then, ms / (window.haste ?? 1))"
    )

    for key in (Keys.ESCAPE, Keys.TAB):
        press(visitor, button)
        assert armed()
        assert said().startswith("Press again to remove it")
        visitor.focused().send_keys(key)
        assert visitor.text(button) == "Remove this document"
        assert said() == "Not pressed again, so nothing was changed."

    visitor.driver.execute_script("window.haste = 10")
    press(visitor, button)
    visitor.until(lambda: not armed())
    assert said() == "Not pressed again, so nothing was changed."
    assert len(listed(visitor)) == 3


def test_what_was_removed_can_be_chosen_in_the_filters_no_more(visitor: Visitor, small_index: Path) -> None:
    def titles() -> list[str]:
        box = visitor.driver.find_element(By.CSS_SELECTOR, "#filter input")
        box.click()
        visitor.until(lambda: bool(visitor.texts("#filter [role=option]")))
        found = visitor.texts("#filter [role=option]")
        box.send_keys(Keys.ESCAPE)
        return found

    gone = visitor.text("#library-list tbody .open")
    visitor.open("ask")
    visitor.click("#filters > button")
    visitor.until(lambda: visitor.texts("#filter input"))
    assert gone in " ".join(titles())
    visitor.driver.find_element(By.CSS_SELECTOR, "#filter input").send_keys(gone, Keys.ENTER)
    visitor.until(lambda: gone in " ".join(visitor.texts("#filter .token")))

    visitor.open("library")
    [opened] = visitor.driver.find_elements(By.XPATH, f"//tbody//button[text()='{gone}']")
    opened.send_keys(Keys.ENTER)
    visitor.until(lambda: visitor.count("#library-look .remove") == 1)
    press(visitor, "#library-look .changes summary")
    press(visitor, "#library-look .remove")
    press(visitor, "#library-look .remove")
    visitor.until(lambda: len(listed(visitor)) == 2)

    visitor.open("ask")
    visitor.until(lambda: not visitor.texts("#filter .token"))
    assert gone not in " ".join(titles())
    assert gone not in visitor.text("#library")

    # What somebody else removes is gone when the filters are opened again.
    document = open_index(small_index).documents()[0]
    remove(small_index, [document.id])
    visitor.click("#filters > button")
    visitor.until(lambda: not visitor.texts("#filter input"))
    visitor.click("#filters > button")
    visitor.until(lambda: visitor.texts("#filter input"))
    visitor.until(lambda: document.title not in " ".join(titles()))


def test_a_new_version_is_answered_from_at_once_and_the_old_one_comes_back(
    visitor: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("# Venue\n\nThe Kigali workshop takes place in the Serena Hotel.\n")

    assert "Replaced: note.txt" in send(visitor, tmp_path / "note.txt")

    visitor.open("ask")
    visitor.ask("Where does the Kigali workshop take place?")
    assert "Serena Hotel" in visitor.text(".exchange")

    visitor.open("library")
    press(visitor, "#library-bin summary")
    press(visitor, "#library-bin button")
    visitor.until(lambda: "Replaced: note.txt" in visitor.text("#library-report"))
    visitor.open("ask")
    visitor.ask("Where does the Kigali workshop take place?")
    # The question before is the same, so that its answer may still be the last one.
    visitor.until(lambda: "Convention Center" in visitor.text(".exchange:last-child"))


def test_a_document_is_searched_alone_and_the_list_sorted(visitor: Visitor) -> None:
    press(visitor, "#library-list th:nth-child(6) button")
    visitor.until(lambda: visitor.count("#library-list th:nth-child(6)[aria-sort=ascending]") == 1)
    numbers = [int(text) for text in visitor.texts("#library-list tbody td:last-child")]
    assert numbers == sorted(numbers)

    [guide] = [
        row
        for row in visitor.driver.find_elements(By.CSS_SELECTOR, "#library-list tbody tr")
        if "guide.md" in row.text
    ]
    guide.find_element(By.CSS_SELECTOR, "button").send_keys(Keys.ENTER)
    visitor.until(lambda: "five subindices" in visitor.text("#library-look"))
    box = visitor.driver.find_element(By.CSS_SELECTOR, "#library-look input")
    box.send_keys("Which are the pillars of data governance?", Keys.ENTER)
    visitor.until(lambda: "found" in visitor.text("#library-look h3"))
    assert "institutions" in visitor.text("#library-look section:first-child")
    assert "Convention Center" not in visitor.text("#library-look")
