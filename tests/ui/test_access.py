"""Who gets in, and who may change the documents."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from pydantic import SecretStr
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from starlette.requests import Request

from kb.config import ServerConfig
from kb.errors import ConfigError
from kb.ui.access import TOO_MANY, Access, hash_password, matches, may_change, open_access, user_line
from kb.ui.doors import Message, Receive, Send
from kb.ui.gate import GateMiddleware
from tests.conftest import Command

from .browsing import WAIT_SECONDS, browser
from .program import Program, Reply, basic, running

PASSWORD = "correct horse battery"
QUESTION = "Where does the Kigali workshop take place?"


@pytest.fixture(scope="module")
def line() -> str:
    return user_line("ann", "reader", PASSWORD)


@pytest.fixture(scope="module")
def app(built_index: Path, tmp_path_factory: pytest.TempPathFactory, line: str) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("access")
    users = folder / "users"
    users.write_text(f"# Who may sign in\n{line}\n\n{user_line('bo', 'librarian', PASSWORD)}\n")
    mcp = find_spec("mcp") is not None
    with running(built_index, folder / "log", users_file=users, mcp=mcp) as program:
        yield program


# Users


def test_a_password_is_kept_as_a_salted_hash_that_only_it_matches() -> None:
    first, second = hash_password("Zürich 1234567"), hash_password("Zürich 1234567")

    assert first != second
    assert matches("Zu\u0308rich 1234567", first)  # the same letters, typed as others
    assert not matches("Zurich 1234567", first)
    assert not matches("", "scrypt.15.8.3.no")


def test_users_are_read_from_the_environment_and_from_a_file(tmp_path: Path, line: str) -> None:
    file = tmp_path / "users"
    file.write_text(line.replace("ann:reader", "cy:librarian"))

    access = open_access(ServerConfig(users=SecretStr(line), users_file=file))

    assert {name: user.role for name, user in access.users.items()} == {"ann": "reader", "cy": "librarian"}
    assert access.verify("ann", PASSWORD)
    assert not access.verify("ann", PASSWORD + " ")
    assert not access.verify("nobody", PASSWORD)


def test_whoever_is_served_without_sign_in_may_do_everything_and_a_stranger_nothing(line: str) -> None:
    assert Access().role(None) == "librarian"
    assert open_access(ServerConfig(users=SecretStr(line))).role(None) is None


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])
def test_on_the_network_nothing_is_served_without_sign_in(host: str) -> None:
    with pytest.raises(ConfigError, match=rf"on {host} without sign-in.*KB_SERVER__USERS_FILE"):
        open_access(ServerConfig(host=host))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("ann", "User 1 of KB_SERVER__USERS is no name:role:hash"),
        ("ann:owner:{hash}", "User 1 of KB_SERVER__USERS is no name:role:hash"),
        ("ann:reader:secret password", "User 1 of KB_SERVER__USERS is no name:role:hash"),
        ("ann:reader:{hash},ann:librarian:{hash}", "named twice"),
    ],
)
def test_a_wrong_line_is_refused_without_being_repeated(wrong: str, said: str, line: str) -> None:
    hashed = line.rpartition(":")[2]

    with pytest.raises(ConfigError, match=said) as refused:
        open_access(ServerConfig(users=SecretStr(wrong.format(hash=hashed))))

    assert "secret" not in str(refused.value)
    assert hashed not in str(refused.value)


def test_a_file_of_users_that_is_missing_or_names_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        open_access(ServerConfig(users_file=tmp_path / "none"))
    (tmp_path / "empty").write_text("# nobody yet\n")
    with pytest.raises(ConfigError, match="names nobody"):
        open_access(ServerConfig(users_file=tmp_path / "empty"))


def test_kb_password_prints_a_line_that_lets_somebody_in(
    kb: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    printed = kb("password", "dee", "--librarian").out.strip()
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    refused = kb("password", "dee")

    access = open_access(ServerConfig(users=SecretStr(printed)))
    assert access.verify("dee", PASSWORD)
    assert access.role("dee") == "librarian"
    assert (refused.status, refused.err) == (
        1,
        "kb: The password is shorter than 12 characters; take a longer one.\n",
    )


# The gate


def sign_in(app: Program, name: str, password: str) -> Reply:
    form = urlencode({"username": name, "password": password}).encode()
    return app.get("login", form, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    "path",
    [
        "config",
        "gradio_api/info",
        "gradio_api/mcp/schema",
        "gradio_api/mcp/",
        "gradio_api/queue/status",
        "gradio_api/heartbeat/x",
        "gradio_api/file=x",
        "static/../config",
        "download/token/name",
        "picture/x/1",
        "not/known",
    ],
)
def test_whoever_is_not_signed_in_gets_nothing(app: Program, path: str) -> None:
    for header in ({}, {"authorization": basic(path[:60], "wrong")}, {"authorization": "Basic ?"}):
        reply = app.get(path, **header)
        assert (reply.status, reply.json.keys()) == (401, {"error"}), path


def test_the_page_shows_no_document_to_whoever_is_not_signed_in(app: Program) -> None:
    for path in ("", "fr"):
        page = app.get(path)
        assert page.status == 200
        assert '"auth_required":true' in page.body.replace(" ", "")
        assert "Survey guide" not in page.body
    assert app.get("health").status == 200
    assert app.call("ask", QUESTION, None, None).status == 401


def test_a_session_lasts_until_its_user_signs_out(app: Program) -> None:
    signed_in = sign_in(app, "ann", PASSWORD)
    cookie = signed_in.headers["set-cookie"].partition(";")[0]

    page = app.get("", cookie=cookie)
    answer = app.call("ask", QUESTION, None, None, cookie=cookie)
    app.get("logout", cookie=cookie)

    assert signed_in.json == {"success": True}
    assert "Survey guide" in page.body
    assert answer.json["data"][0]["status"] == "answered"
    assert app.get("config", cookie=cookie).status == 401
    assert sign_in(app, "ann", "wrong").status == 400


@pytest.mark.browser
def test_somebody_signs_in_on_the_page(app: Program, tmp_path: Path) -> None:
    with browser(tmp_path) as driver:
        driver.implicitly_wait(WAIT_SECONDS)
        driver.get(app.address)
        secret = driver.find_element(By.CSS_SELECTOR, "input[type=password]")
        driver.find_element(By.CSS_SELECTOR, "[data-testid=textbox]").send_keys("ann")
        secret.send_keys(PASSWORD, Keys.ENTER)

        assert driver.find_element(By.CSS_SELECTOR, "#question textarea").is_displayed()
        assert "Survey guide" in driver.find_element(By.CSS_SELECTOR, "#library").text
        driver.find_element(By.CSS_SELECTOR, "#sign-out").click()
        assert driver.find_element(By.CSS_SELECTOR, "input[type=password]").is_displayed()


def test_a_program_sends_name_and_password_along(app: Program) -> None:
    reply = app.call("ask", QUESTION, None, None, authorization=basic("ann", PASSWORD))

    assert reply.json["data"][0]["status"] == "answered"


async def _never(*_: object) -> Any:  # noqa: ANN401 - nothing comes and nothing goes
    raise AssertionError


@dataclass
class Inside:
    """What lies behind the gate: it remembers who came through, and whether they may change anything."""

    tokens: dict[str, str] = field(default_factory=dict)
    cookie_id: str = "id"
    came: list[bool] = field(default_factory=list)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.came.append(may_change(Request(scope)))


def test_only_a_librarian_may_change_documents(line: str) -> None:
    inside = Inside()
    users = f"{line},{line.replace('ann:reader', 'bo:librarian')}"
    gate = GateMiddleware(inside, open_access(ServerConfig(users=SecretStr(users))))
    headers = [(b"authorization", basic(name, PASSWORD).encode()) for name in ("ann", "bo", "bo")]

    for header in headers:
        scope = {"type": "http", "app": inside, "path": "/config", "headers": [header]}
        asyncio.run(gate(scope, _never, _never))

    assert inside.came == [False, True, True]
    assert sorted(inside.tokens.values()) == ["ann", "bo"]
    assert not may_change(Request({"type": "http", "headers": []}))


def test_a_request_that_is_too_large_is_refused_before_it_is_read(app: Program) -> None:
    large = {"authorization": basic("ann", PASSWORD), "content-length": str((16 << 20) + 1)}
    with closing(HTTPConnection(urlsplit(app.address).netloc, timeout=60)) as connection:
        connection.request("POST", "/gradio_api/run/ask", headers=large)
        with connection.getresponse() as response:
            assert (response.status, b"no more than 16 MiB" in response.read()) == (413, True)


def test_a_sign_in_is_noted_with_name_and_address_and_never_the_password(app: Program) -> None:
    form = urlencode({"username": "dee", "password": "wrong"}).encode()
    kind = "application/x-www-form-urlencoded"
    app.get("login", form, content_type=kind, x_forwarded_for="198.51.100.7")
    sign_in(app, "a password, typed into the wrong box", "wrong")

    known, unknown = [entry for entry in app.entries() if entry["event"] == "sign-in"][-2:]
    assert (known["status"], known["user"], known["address"]) == ("refused", "dee", "198.51.100.7")
    assert (unknown["status"], unknown["user"], unknown["address"]) == ("refused", "", "127.0.0.1")
    assert PASSWORD not in app.log.read_text()


def test_too_many_wrong_passwords_are_refused_by_name_and_others_get_in(app: Program) -> None:
    # More than five, as on a slow machine a minute may pass meanwhile.
    refused = [app.get("config", authorization=basic("cy", "wrong")) for _ in range(9)]
    page = [sign_in(app, "cy", "wrong") for _ in range(3)]

    assert [reply.status for reply in refused[:5]] == [401] * 5
    said = {(reply.json["error"], reply.headers["retry-after"]) for reply in refused if reply.status == 429}
    assert said == {(TOO_MANY, "60")}
    assert (400, TOO_MANY) in [(reply.status, reply.json["detail"]) for reply in page]
    assert app.get("config", authorization=basic("bo", PASSWORD)).status == 200


def test_another_origin_gets_nothing_with_a_session_of_this_one(app: Program) -> None:
    session = {"cookie": sign_in(app, "bo", PASSWORD).headers["set-cookie"].partition(";")[0]}
    evil = {**session, "origin": "https://evil.example", "host": "kb.example.org"}

    for path, sent in (("config", None), ("gradio_api/queue/join", {"data": []}), ("gradio_api/info", None)):
        reply = app.get(path, sent, **evil)
        assert (reply.status, reply.json.keys()) == (403, {"error"})
        assert not [name for name in reply.headers if name.lower().startswith("access-control-")]
    assert app.get("config", **session).status == 200


def test_a_session_is_for_this_site_only_and_over_https_for_https_only(app: Program) -> None:
    form = urlencode({"username": "ann", "password": PASSWORD}).encode()
    kind = "application/x-www-form-urlencoded"

    plain = app.get("login", form, content_type=kind).headers["set-cookie"]
    safe = app.get("login", form, content_type=kind, x_forwarded_proto="https").headers

    assert plain.endswith("; HttpOnly; Path=/; SameSite=Lax")
    assert safe["set-cookie"].endswith("; HttpOnly; Path=/; SameSite=Lax; Secure")
    assert safe["strict-transport-security"] == "max-age=31536000"
    assert app.get("config", cookie=safe["set-cookie"].partition(";")[0]).status == 200


def test_somebody_who_is_removed_is_out_at_once_without_a_restart(app: Program, line: str) -> None:
    users = app.log.parent / "users"
    before = users.read_text()
    users.write_text(before + user_line("eve", "reader", PASSWORD) + "\n")
    session = {"cookie": sign_in(app, "eve", PASSWORD).headers["set-cookie"].partition(";")[0]}
    inside = app.get("config", **session).status

    users.write_text(before)

    assert (inside, app.get("config", **session).status) == (200, 401)
    assert app.get("config", authorization=basic("eve", PASSWORD)).status == 401


def test_a_tool_of_the_mcp_server_answers_whoever_signs_in(app: Program) -> None:
    call = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "ask", "arguments": {"question": QUESTION}},
    }
    accept = {"accept": "application/json, text/event-stream"}

    refused = app.get("gradio_api/mcp/", call, **accept)
    answered = app.get("gradio_api/mcp/", call, authorization=basic("ann", PASSWORD), **accept)

    assert refused.status == 401
    assert "Convention Center" in answered.body
