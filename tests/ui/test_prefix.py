"""The app behind a path of another web server, which passes everything on: in a real browser, signed in."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from kb.config import load_config
from kb.index.ingest import build
from kb.library import find_sources
from kb.types import Embedder
from kb.ui.access import user_line
from tests.loaders.pdf.drawing import draw, page

from .browsing import WAIT_SECONDS, Visitor
from .program import Program, basic, running
from .test_library_browser import send

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = pytest.mark.browser

PREFIX = "/assistant"
PASSWORD = "correct horse battery"
QUESTION = "Where does the council meet?"
VENUE = "The council meets in the town hall of Lower Ashby every second Tuesday."
STEPS = (
    "# Appeals\n\nThe steps of an appeal are:\n\n1. File it within thirty days.\n2. Attach the decision.\n"
)
# What holds between two programs only, or is written anew.
HOP = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


class Proxy(ThreadingHTTPServer):
    """Serves an app under PREFIX as it streams, with or without the prefix in what it passes on."""

    daemon_threads = True

    def __init__(self, target: str, *, strips: bool) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target, self.strips = target, strips
        self.answered: list[tuple[int, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}{PREFIX}/"

    def failed(self) -> list[tuple[int, str]]:
        """Return status and path of what did not come back well."""
        return [one for one in self.answered if one[0] >= 400]

    def handle_error(self, *_: object) -> None:
        """Keep quiet about connections that the browser has broken off."""


class Passing(BaseHTTPRequestHandler):
    """A request on its way to the app, and what comes back as it comes."""

    server: Proxy

    def do_GET(self) -> None:
        path = self.path.removeprefix(PREFIX)
        if not path.startswith("/") or path == self.path:
            self._begin(404, [])
            return
        connection = HTTPConnection(self.server.target, timeout=60)
        sent = self.rfile.read(int(self.headers.get("content-length", 0)))
        with closing(connection):
            given = dict(self.headers.items())
            connection.request(self.command, path if self.server.strips else self.path, sent, given)
            with connection.getresponse() as response:
                self._pass_on(response)

    do_POST = do_GET

    def _pass_on(self, response: HTTPResponse) -> None:
        self._begin(response.status, [(k, v) for k, v in response.getheaders() if k.lower() not in HOP])
        while part := response.read1(1 << 16):
            self.wfile.write(part)

    def _begin(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.server.answered.append((status, self.path))
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of minutes as a PDF and of a note with a list."""
    folder = tmp_path_factory.mktemp("prefix")
    (folder / "documents").mkdir()
    draw(folder / "documents" / "minutes.pdf", page((50, 60, "Minutes")), page((50, 60, VENUE)))
    (folder / "documents" / "appeals.md").write_text(STEPS)
    build(folder / "index", find_sources([folder / "documents"]), embedder, load_config().chunking)
    return folder / "index"


@pytest.fixture(scope="module", params=[True, False], ids=["stripped", "kept"])
def proxy(
    index: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Proxy]:
    """The app for somebody who signs in, behind a proxy that strips the prefix or keeps it."""
    folder, users = tmp_path_factory.mktemp("proxy"), user_line("ann", "librarian", PASSWORD)
    own = shutil.copytree(index, folder / "index")
    with (
        running(own, folder / "log", prefix=PREFIX, users=users) as app,
        Proxy(urlsplit(app.address).netloc, strips=request.param) as proxy,
    ):
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        yield proxy
        proxy.shutdown()


@pytest.fixture
def visitor(proxy: Proxy, driver: Chrome) -> Iterator[Visitor]:
    """Somebody who signs in on the page, and out in the end."""
    proxy.answered.clear()
    driver.implicitly_wait(WAIT_SECONDS)
    driver.get(proxy.address)
    secret = driver.find_element(By.CSS_SELECTOR, "input[type=password]")
    driver.find_element(By.CSS_SELECTOR, "[data-testid=textbox]").send_keys("ann")
    secret.send_keys(PASSWORD, Keys.ENTER)
    assert driver.find_element(By.CSS_SELECTOR, "#question textarea").is_displayed()
    driver.implicitly_wait(0)
    yield Visitor(driver, proxy.address)
    driver.get(f"{proxy.address}logout")


def test_health_and_named_endpoints_answer_below_the_prefix(proxy: Proxy, tmp_path: Path) -> None:
    over = Program(proxy.address, tmp_path, tmp_path)

    assert over.get("health").json["documents"] == 2
    assert over.get("config").status == 401
    asked = over.call("ask", QUESTION, None, None, authorization=basic("ann", PASSWORD))
    assert asked.json["data"][0]["citations"][0]["page"] == 2


def test_a_page_is_at_its_prefix_with_a_slash(proxy: Proxy) -> None:
    with closing(HTTPConnection(urlsplit(proxy.address).netloc, timeout=60)) as connection:
        connection.request("GET", f"{PREFIX}/fr/")
        with connection.getresponse() as response:
            assert (response.status, response.headers["location"]) == (301, f"{PREFIX}/fr")
    with closing(HTTPConnection(proxy.target, timeout=60)) as connection:
        connection.request("GET", f"{PREFIX}?q=Who")
        with connection.getresponse() as response:
            assert (response.status, response.headers["location"]) == (307, f"{PREFIX}/?q=Who")


def test_somebody_signs_in_asks_looks_and_downloads(visitor: Visitor, proxy: Proxy, tmp_path: Path) -> None:
    visitor.ask(QUESTION)
    assert VENUE in visitor.text(".answered")
    picture = "document.querySelector('.picture[open] img').naturalWidth"
    assert visitor.until(lambda: visitor.evaluate(picture)) == 1000

    fetched = {"behavior": "allow", "downloadPath": str(tmp_path)}
    visitor.driver.execute_cdp_cmd("Browser.setDownloadBehavior", fetched)
    visitor.ask("What are the steps of an appeal?")
    visitor.click('[data-export="md"][data-turn="2"]')
    [path] = visitor.until(lambda: list(tmp_path.glob("checklist-*.md")))
    assert "Attach the decision" in path.read_text(encoding="utf-8")

    assert proxy.failed() == []
    assert {path.startswith(f"{PREFIX}/") for _, path in proxy.answered} == {True}


def test_a_librarian_sends_a_file_and_reads_on_in_french(
    visitor: Visitor, proxy: Proxy, tmp_path: Path
) -> None:
    (tmp_path / "post.md").write_text("# Post\n\nThe post of Lower Ashby is opened by the clerk at nine.\n")
    visitor.open("library")
    assert "Added: post.md" in send(visitor, tmp_path / "post.md")

    visitor.open("ask")
    visitor.click("nav a[lang=fr]")
    visitor.until(lambda: visitor.evaluate("document.documentElement.lang") == "fr")
    visitor.until(lambda: visitor.count("#question textarea") == 1)
    visitor.ask("Who opens the post of Lower Ashby?")
    assert "the clerk at nine" in visitor.text(".answered")

    visitor.click("#sign-out")
    visitor.until(lambda: visitor.count("input[type=password]") == 1)
    assert urlsplit(visitor.driver.current_url).path == f"{PREFIX}/"
    assert proxy.failed() == []
