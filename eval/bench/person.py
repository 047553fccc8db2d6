"""Somebody at the page, in a real browser that takes the time itself, from a key or a click to the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.bench.options import Skipped
from kb.errors import KBError

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --window-size=1366,768""".split()
WAIT_SECONDS, LOOK_SECONDS, PAUSE_SECONDS = 60, 0.02, 0.5
ENTER = "\ue007"

# `desk` holds what was timed last. What a frame draws is shown once the task after it runs.
CLOCK = """
window.desk = {};
const shown = (then) => requestAnimationFrame(() => setTimeout(then));
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.closest("#question")) desk = { entered: performance.now() };
}, true);
new MutationObserver(() => {
  if (!desk.entered || desk.seen) return;
  if (!document.querySelector("#transcript .answer:not(.waiting):not(.problem)")) return;
  desk.seen = true;
  shown(() => (desk.word = performance.now() - desk.entered));
}).observe(document.body, { childList: true, subtree: true, characterData: true });
document.addEventListener("click", (event) => {
  const marker = event.target.closest("#transcript a.marker");
  if (!marker) return;
  const [clicked, target] = [performance.now(), document.getElementById(marker.hash.slice(1))];
  const image = target?.closest(".source").querySelector("details.picture img");
  const there = Boolean(image?.complete && image.naturalWidth);
  const done = () => shown(() => (desk.picture = { ms: performance.now() - clicked, there }));
  desk.image = image;
  if (!image) return;
  if (there) done();
  else image.addEventListener("load", done, { once: true });
  // After the page's own work: whoever looks at the picture scrolls to it.
  setTimeout(() => image.scrollIntoView({ block: "nearest" }));
}, true);
"""
# Whether the picture has pixels as yellow as the marks of quotes.
MARKED = """
const canvas = document.createElement("canvas"), image = desk.image;
[canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
const context = canvas.getContext("2d");
context.drawImage(image, 0, 0);
const dots = context.getImageData(0, 0, canvas.width, canvas.height).data;
let yellow = 0;
for (let at = 0; at < dots.length; at += 4)
  yellow += dots[at] > 240 && dots[at + 1] > 210 && dots[at + 2] < 160;
return yellow > 100;
"""


class PageFailed(KBError):
    """The page, or the browser, did not do what somebody at it wanted; the text says what."""


class Person:
    """Somebody who asks, looks at evidence and sends a document; raises PageFailed."""

    def __init__(self, driver: Chrome, address: str) -> None:
        self._driver, self._address = driver, address

    def visit(self) -> None:
        """Load the page, as at a first visit."""
        self._driver.get(self._address)
        self._until("the question box", lambda: self._count("#question textarea"))
        self._run(CLOCK)

    def ask(self, question: str) -> float:
        """Ask in a new conversation and return the milliseconds until the first word was shown."""
        if self._count(".exchange"):
            # Pressed on an empty page nothing would show when it is done, and it stops what is asked before.
            self._find("#anew").click()
            self._until("an empty conversation", lambda: not self._count(".exchange"))
        box = self._find("#question textarea")
        box.send_keys(question)
        # Nobody types all letters at once: what the page does at each of them is not what Enter waits for.
        time.sleep(PAUSE_SECONDS)
        box.send_keys(ENTER)
        problem = "#transcript .problem"
        ms = self._until("an answer", lambda: self._run("return desk.word") or self._count(problem))
        self._until("the whole answer", lambda: self._find("#spoken").text or self._count(problem))
        if said := self._all(problem):
            raise PageFailed(f"The page has no answer to {question!r}: {said[0].text}")
        return float(ms)

    def answer(self) -> str:
        """Return what the page shows as answered from documents, nothing for any other reply."""
        found = self._all(".exchange:last-child .answered")
        return str(found[0].text) if found else ""

    def pictures(self, most: int) -> list[dict[str, Any]]:
        """Click the markers of up to `most` sources and return for each picture how long it took to show.

        `there` tells that it had been loaded before, `marked` that quotes are marked on it.
        """
        markers = {str(m.get_attribute("href")): m for m in self._all("#transcript a.marker")}
        found = []
        for marker in [*markers.values()][:most]:
            self._run("desk.picture = null;")
            marker.click()
            if self._run("return Boolean(desk.image)"):
                timed = self._until("the picture of a page", lambda: self._run("return desk.picture"))
                found.append({**timed, "marked": self._run(MARKED)})
        return found

    def send(self, path: Path) -> None:
        """Send a document through the Library tab; returns when the page says that it is there."""
        self._find("#tab-library-button").click()
        self._until("the Library", lambda: self._count("#library-add summary"))
        self._find("#library-add summary").click()
        self._find("#library-add input[type=file]").send_keys(str(path))
        self._find("#library-add .send").click()
        outcome = "#library-report .outcome"
        self._until("the end of the intake", lambda: self._count(outcome), 600)
        if path.name not in self._find(outcome).text or self._count(f"{outcome} .left-out"):
            raise PageFailed(f"The page did not take in {path.name}: {self._find(outcome).text}")
        self._find("#tab-ask-button").click()

    def _until(self, what: str, met: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:  # noqa: ANN401
        until = time.monotonic() + seconds
        while not (found := met()):
            if time.monotonic() > until:
                raise PageFailed(
                    f"The page did not show {what} within {seconds} s; see eval/bench/person.py."
                )
            time.sleep(LOOK_SECONDS)
        return found

    def _all(self, selector: str) -> list[Any]:
        return self._driver.find_elements("css selector", selector)

    def _find(self, selector: str) -> Any:  # noqa: ANN401 - an element
        return self._driver.find_element("css selector", selector)

    def _count(self, selector: str) -> int:
        return len(self._all(selector))

    def _run(self, script: str) -> Any:  # noqa: ANN401 - whatever it returns
        return self._driver.execute_script(script)


@contextmanager
def at_the_page(address: str, profile: Path) -> Iterator[Person]:
    """Give somebody with a browser of their own; Skipped where there is none."""
    if not (CHROMIUM.exists() and DRIVER.exists()):
        raise Skipped(f"a browser is needed: {CHROMIUM} and {DRIVER} (apt install chromium chromium-driver)")
    try:
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver import Chrome, ChromeOptions
        from selenium.webdriver.chrome.service import Service
    except ImportError as error:
        raise Skipped("the browser is led by selenium; install it with: pip install selenium") from error
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    try:
        with Chrome(options=options, service=Service(str(DRIVER))) as driver:
            person = Person(driver, address)
            person.visit()
            yield person
    except WebDriverException as error:
        raise PageFailed(f"The browser could not do what was asked of it: {error.msg}") from error
