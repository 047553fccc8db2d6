"""The pages of the app as axe-core sees them: no serious or critical violation, in light and in dark.

axe-core (MPL-2.0) is no part of the project: `npm install --no-save axe-core`, or name its file by AXE_CORE.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kb.ui.app import TABS

from .browsing import AXE, Visitor

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] }).then((found) => done(found.violations));
"""

pytestmark = pytest.mark.browser


def violations(visitor: Visitor) -> list[str]:
    """Return the serious and critical violations on the page, with the elements that have them."""
    visitor.driver.execute_script(AXE.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = visitor.driver.execute_async_script(RUN)
    return [
        f"{v['id']}: {node['html'][:300]} {node['failureSummary']}"
        for v in found
        for node in v["nodes"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_ask_has_no_serious_violation_before_and_after_an_answer(
    driver: Chrome, corpus_address: str, mode: str
) -> None:
    visitor = Visitor(driver, corpus_address, mode=mode)
    assert violations(visitor) == []

    visitor.click("#filters > button")
    visitor.ask("What are the five subindices of the OSI?")
    visitor.click('.tool[data-rate="down"]')

    assert violations(visitor) == []


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("tab", [name for name in TABS if name != "ask"])
def test_no_other_tab_has_one(driver: Chrome, corpus_address: str, tab: str, mode: str) -> None:
    visitor = Visitor(driver, corpus_address, mode=mode)

    visitor.open(tab)

    assert violations(visitor) == []
