"""A headless browser, and what a person does with it on the page."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from eval.bench.person import CHROMIUM, DRIVER, FLAGS

from .serving import ROOT

WAIT_SECONDS = 30
AXE = Path(os.environ.get("AXE_CORE", ROOT / "node_modules" / "axe-core" / "axe.min.js"))

T = TypeVar("T")


def missing() -> str:
    """Return what the browser tests lack here and what to install, empty where they can run."""
    lacking = [str(path) for path in (CHROMIUM, DRIVER, AXE) if not path.exists()]
    advice = "apt-get install chromium chromium-driver; npm install --no-save axe-core"
    return f"A browser test needs {', '.join(lacking)}; install it with: {advice}" if lacking else ""


@contextmanager
def browser(profile: Path) -> Iterator[Chrome]:
    """Start Chromium with a fresh profile and a log of all it requests."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    with Chrome(options=options, service=Service(str(DRIVER))) as driver:
        yield driver


class Visitor:
    """Somebody at the page."""

    def __init__(
        self, driver: Chrome, address: str, size: tuple[int, int] = (1366, 768), mode: str = "light"
    ) -> None:
        self.driver = driver
        screen = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False}
        liking = {"features": [{"name": "prefers-color-scheme", "value": mode}]}
        for command, given in (
            ("Emulation.setDeviceMetricsOverride", screen),
            ("Emulation.setEmulatedMedia", liking),
        ):
            driver.execute_cdp_cmd(command, given)
        driver.get(address)
        self.until(lambda: self.count("#question textarea") == 1)

    def until(self, condition: Callable[[], T]) -> T:
        """Wait for a condition; AssertionError with the page's text if it never comes true."""
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            try:
                if met := condition():
                    return met
            except StaleElementReferenceException:
                pass
            time.sleep(0.1)
        raise AssertionError(f"Waited in vain; the page says: {self.text('body')}")

    @property
    def box(self) -> WebElement:
        """The box that questions are typed into."""
        return self.driver.find_element(By.CSS_SELECTOR, "#question textarea")

    def count(self, selector: str) -> int:
        return len(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def text(self, selector: str) -> str:
        """Return the visible text of the last such element."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)[-1].text

    def texts(self, selector: str) -> list[str]:
        """Return the visible text of all such elements that are in view."""
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return [element.text for element in found if element.is_displayed()]

    def click(self, selector: str) -> None:
        """Click the first such element."""
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def open(self, tab: str) -> None:
        """Open another tab and wait until it is there."""
        self.click(f"#tab-{tab}-button")
        self.until(lambda: bool(self.texts(f"#tab-{tab}")[0].strip()))
        time.sleep(1)  # Its parts come one after the other.

    def focused(self) -> WebElement:
        """Return the element that the keyboard acts on."""
        return self.driver.switch_to.active_element

    def evaluate(self, script: str) -> Any:  # noqa: ANN401 - whatever the script returns
        """Return what a script returns on the page."""
        return self.driver.execute_script(f"return {script}")

    def ask(self, question: str) -> None:
        """Type a question, send it with Enter and wait for what comes of it."""
        self.box.clear()
        self.box.send_keys(question, Keys.ENTER)
        self.until(lambda: self.texts(".exchange:last-child .question") == [question] and self.done())

    def done(self) -> bool:
        """Tell whether the last question has its whole answer, or a problem."""
        return bool(self.text("#spoken") or self.count(".exchange:last-child .problem"))

    def hosts(self) -> set[str]:
        """Return every host that the page has asked for anything."""
        events = (
            json.loads(entry["message"])["message"]
            for entry in self.driver.get_log(  # type: ignore[no-untyped-call]
                "performance"
            )
        )
        asked = (e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent")
        parts = (urlsplit(url) for url in asked)
        return {part.hostname or "" for part in parts if part.scheme in ("http", "https", "ws", "wss")}
