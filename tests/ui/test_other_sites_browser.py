"""Pages of other sites in the browser of a librarian who is signed in: nothing read, nothing removed."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from kb.ui.access import user_line

from .program import Program, basic, running

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"

# Tries all that a page can send, and keeps what it could read. The same attack on its own page does succeed.
ATTACK = """
async function attack(base, remove, id) {
  const read = [], sent = { credentials: "include" };
  const look = async (path, more) => {
    try {
      const text = await (await fetch(base + path, { ...sent, ...more })).text();
      if (text && !text.includes("another site")) read.push(path);
    } catch {}
  };
  const post = (type, body) =>
    ({ method: "POST", body: JSON.stringify(body), headers: { "content-type": type } });
  const removal = { data: [null], fn_index: remove, session_hash: "x" + Math.random(), event_data: { id } };
  for (const path of ["", "config", "gradio_api/info", "health"]) await look(path);
  for (const type of ["application/json", "text/plain"]) {
    await look("gradio_api/run/ask", post(type, { data: ["Where is the Kigali workshop?", null, null] }));
    await look("gradio_api/queue/join", post(type, removal));
    await look("gradio_api/queue/join", { mode: "no-cors", ...post(type, removal) });
  }
  await look("gradio_api/queue/data?session_hash=" + removal.session_hash);
  return read;
}
"""
PAGE = """<!doctype html><title>waiting</title><script>%s
attack(%s).then((read) => { document.title = "read " + JSON.stringify(read); });</script>"""


@contextmanager
def other_site(page: str) -> Iterator[int]:
    """Serve a page on a port of its own, under every name of this computer."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def app(built_index: Path, tmp_path: Path) -> Iterator[Program]:
    users = tmp_path / "users"
    users.write_text(user_line("bo", "librarian", PASSWORD))
    index = shutil.copytree(built_index, tmp_path / "index")
    with running(index, tmp_path / "log", users_file=users) as program:
        yield program


def sign_in(driver: Chrome, app: Program) -> None:
    """Sign in on the app's own page, and see that it has worked."""
    driver.get(app.address)
    script = """
    const [name, password, done] = arguments, form = new FormData();
    form.append("username", name); form.append("password", password);
    fetch("login", { method: "POST", body: form }).then((reply) => done(reply.status));
    """
    driver.set_script_timeout(60)
    assert driver.execute_async_script(script, "bo", PASSWORD) == 200
    assert driver.execute_async_script("fetch('config').then((r) => arguments[0](r.status))") == 200


def target(app: Program) -> tuple[int, str]:
    """Return the number of a handler that removes a document (each language has one), and the id of one."""
    librarian = {"authorization": basic("bo", PASSWORD)}
    config = app.get("config", **librarian).json
    handlers: list[dict[str, Any]] = config["dependencies"]
    remove, *_ = [h["id"] for h in handlers if any(event == "remove" for _, event in h["targets"])]
    hits = app.call("search", "pillars of data governance", 1, None, **librarian).json["data"][0]["hits"]
    return remove, hits[0]["document_id"]


def documents(app: Program) -> int:
    held: int = app.get("health").json["documents"]
    return held


def test_four_pages_of_two_other_origins_read_nothing_and_remove_nothing(
    app: Program, driver: Chrome
) -> None:
    from selenium.webdriver.support.wait import WebDriverWait

    sign_in(driver, app)
    remove, document = target(app)
    port = urlsplit(app.address).port
    own = json.dumps([f"http://127.0.0.1:{port}/", remove, document])[1:-1]
    with other_site(PAGE % (ATTACK, own)) as theirs:
        # "localhost" is another site than 127.0.0.1, and another port of 127.0.0.1 the same site.
        for host in ("localhost", "127.0.0.1") * 2:
            driver.get(f"http://{host}:{theirs}/")
            WebDriverWait(driver, 60).until(lambda d: d.title != "waiting")
            assert driver.title == "read []"
    assert documents(app) == 3
    assert not [entry for entry in app.entries() if entry["event"] in ("remove", "ask")]

    driver.get(app.address)
    read = driver.execute_async_script(f"{ATTACK}; attack({own}).then(arguments[0])")
    assert {"config", "gradio_api/run/ask", "gradio_api/queue/join"} <= set(read)
    WebDriverWait(driver, 60).until(lambda _: documents(app) == 2)
    [removed, *_] = [entry for entry in app.entries() if entry["event"] == "remove"]
    assert (removed["user"], removed["address"], removed["documents"]) == ("bo", "127.0.0.1", ["guide.md"])


def test_the_page_of_the_app_itself_loads_without_a_refusal(app: Program, driver: Chrome) -> None:
    sign_in(driver, app)
    driver.get_log("browser")  # type: ignore[no-untyped-call]
    driver.get(app.address)
    driver.implicitly_wait(60)
    assert driver.find_element("css selector", "#question textarea").is_displayed()
    said = [entry["message"] for entry in driver.get_log("browser")]  # type: ignore[no-untyped-call]
    assert not [message for message in said if "403" in message or "Content Security Policy" in message]
