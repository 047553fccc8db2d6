"""What a browser remembers of its reader: the role and the language that were chosen, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from kb.ui.roles import STARTERS

from .browsing import Visitor
from .serving import free_port, served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser

KEPT = "Object.entries(localStorage)"
# Notes which questions to start from can be seen, frame by frame.
WATCHED = """
window.seen = new Set();
const look = () => {
  const visible = (one) => getComputedStyle(one).visibility !== "hidden";
  for (const one of document.querySelectorAll(".welcome h3")) if (visible(one)) seen.add(one.textContent);
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    index = tmp_path_factory.mktemp("index")
    with served(port, "-m", "tests.ui.sample_app", str(port), str(index)) as address:
        yield address


@pytest.fixture
def visitor(driver: Chrome, address: str) -> Visitor:
    visitor = Visitor(driver, address)
    visitor.evaluate("localStorage.clear()")
    return visitor


def chosen(visitor: Visitor) -> str:
    return str(visitor.evaluate("document.querySelector('#who input:checked').value"))


def test_the_role_is_chosen_again_and_no_other_questions_are_seen_before(
    visitor: Visitor, address: str
) -> None:
    visitor.ask("Where is the workshop?")
    assert visitor.evaluate(KEPT) == []
    visitor.click("#who label:nth-of-type(2)")
    assert visitor.evaluate(KEPT) == [["policy-desk.role", "cdo"]]

    script = {"source": WATCHED}
    watching = visitor.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", script)
    again = Visitor(visitor.driver, address)
    again.until(lambda: again.texts(".welcome button") == list(STARTERS["cdo"]))

    assert chosen(again) == "cdo"
    assert again.evaluate("[...seen]") == ["Chief Digital Officer"]
    visitor.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", watching)


def test_a_link_asks_as_the_role_of_the_last_visit(visitor: Visitor, address: str) -> None:
    visitor.click("#who label:nth-of-type(4)")

    again = Visitor(visitor.driver, f"{address}?q=Where+is+the+workshop%3F")
    again.until(again.done)

    assert (chosen(again), again.texts(".question")) == ("policy", ["Where is the workshop?"])


def test_a_role_that_is_none_any_more_hides_nothing(visitor: Visitor, address: str) -> None:
    visitor.driver.execute_script("localStorage.setItem('policy-desk.role', 'minister')")

    again = Visitor(visitor.driver, address)

    again.until(lambda: len(again.texts(".welcome h3")) == len(STARTERS))
    assert chosen(again) == "anyone"


def test_the_language_that_was_chosen_is_that_of_the_next_visit(visitor: Visitor, address: str) -> None:
    visitor.click('header nav a[lang="fr"]')
    visitor.until(lambda: visitor.texts("#send") == ["Demander"])

    again = Visitor(visitor.driver, address)
    again.until(lambda: again.texts("#send") == ["Demander"])
    assert again.evaluate(KEPT) == [["policy-desk.language", "fr"]]

    again.click('header nav a[lang="en"]')
    again.until(lambda: again.texts("#send") == ["Ask"])
    assert Visitor(again.driver, address).texts("#send") == ["Ask"]
    assert visitor.driver.get_cookies() == []
