"""The EGDI and Quality tabs in a real browser, on the documents that ship."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from .browsing import Visitor

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser


def opened(driver: Chrome, corpus_address: str, tab: str) -> Visitor:
    visitor = Visitor(driver, corpus_address)
    [button] = [b for b in driver.find_elements(By.CSS_SELECTOR, "#tabs [role=tab]") if b.text == tab]
    button.click()
    return visitor


def chart(visitor: Visitor) -> str:
    found = visitor.driver.find_elements(By.CSS_SELECTOR, "#egdi-chart svg")
    return (found[0].get_attribute("aria-label") or "") if found else ""


def column(visitor: Visitor, place: int) -> list[str]:
    return visitor.texts(f"#egdi-table tbody tr > :nth-child({place})")


def test_a_country_is_added_by_keyboard_and_the_table_sorted(driver: Chrome, corpus_address: str) -> None:
    visitor = opened(driver, corpus_address, "EGDI")
    visitor.until(lambda: chart(visitor) == "EGDI by edition: Rwanda, Lao PDR")
    assert visitor.count("#egdi-table tbody tr") == 8

    box = driver.find_element(By.CSS_SELECTOR, "#egdi-countries input")
    box.send_keys("Denm")
    visitor.until(lambda: visitor.texts("[role=option]") == ["Denmark"])
    box.send_keys(Keys.ENTER, Keys.ESCAPE)
    visitor.until(lambda: chart(visitor) == "EGDI by edition: Rwanda, Lao PDR, Denmark")

    rank = driver.find_element(By.CSS_SELECTOR, "#egdi-table th:nth-child(3) button")
    rank.send_keys(Keys.ENTER)
    ranks = [int(cell) for cell in column(visitor, 3)]
    assert ranks == sorted(ranks)
    assert len(ranks) == 12
    rank.send_keys(Keys.ENTER)
    assert [int(cell) for cell in column(visitor, 3)] == sorted(ranks, reverse=True)
    assert visitor.count("#egdi-table th[aria-sort=descending]") == 1
    assert visitor.hosts() == {"127.0.0.1"}


def test_one_edition_needs_no_caution_and_the_formula_follows(driver: Chrome, corpus_address: str) -> None:
    visitor = opened(driver, corpus_address, "EGDI")
    visitor.until(lambda: visitor.count("#egdi-caution .caution") == 1)
    assert "1.7397 / 3" in visitor.text("#egdi-formula")
    assert "printed as 3" in visitor.text("#egdi-formula")

    for label in driver.find_elements(By.CSS_SELECTOR, "#egdi-editions label"):
        if label.text in ("2018", "2020", "2024"):
            label.click()

    visitor.until(lambda: column(visitor, 2) == ["2022", "2022"])
    visitor.until(lambda: "1.6466 / 3" in visitor.text("#egdi-formula"))
    assert visitor.count("#egdi-caution .caution") == 0
    assert "EGDI by country and edition" in visitor.text("#egdi-table .about")


def test_the_tab_speaks_french(driver: Chrome, corpus_address: str) -> None:
    visitor = opened(driver, f"{corpus_address}fr", "EGDI")
    visitor.until(lambda: chart(visitor) == "EGDI par édition : Rwanda, RDP lao")
    assert "0,5799" in column(visitor, 4)


def test_quality_shows_figures_by_type(driver: Chrome, corpus_address: str) -> None:
    visitor = opened(driver, corpus_address, "Quality")
    visitor.until(lambda: visitor.count("#quality .tiles li") >= 4)
    assert "right decision" in visitor.text("#quality .tiles li:first-child")
    types = visitor.texts("#quality tbody th")
    assert types.count("ambiguous") == types.count("not in the documents") == 2
    assert visitor.hosts() == {"127.0.0.1"}
