"""What no request passes: other sites, other hosts, two lengths, too much; and the headers of responses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pytest
from pydantic import SecretStr

from kb.config import ServerConfig
from kb.ui.access import user_line
from kb.ui.doors import HEADERS, MOST_BYTES, TWO_LENGTHS, Message, Receive, Send, doors
from kb.ui.parts import AT_ONCE

LOCAL = ServerConfig()
SERVED = ServerConfig(host="0.0.0.0", users=SecretStr(user_line("ann", "reader", "correct horse battery")))
OWN, EVIL = "https://kb.example.org", "https://evil.example"
COOKIES = (
    (b"set-cookie", b"access-token-x=1; HttpOnly; Path=/; SameSite=none; Secure"),
    (b"set-cookie", b"access-token-unsecure-x=1; HttpOnly; Path=/; SameSite=lax"),
)


class Inside:
    """What lies behind the doors: it reads all that is sent, and answers as Gradio does."""

    def __init__(self) -> None:
        self.read = -1

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        self.read = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            self.read += len(message["body"])
            if not message.get("more_body"):
                break
        cors = [(b"access-control-allow-origin", b"*"), (b"access-control-allow-credentials", b"true")]
        headers = [*cors, *COOKIES, (b"cache-control", b"private, max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


class Reply:
    """What came back, and how much the app behind the doors has read (-1 if it was not asked)."""

    def __init__(self, sent: list[Message], read: int) -> None:
        self.status, self.read = sent[0]["status"], read
        self.headers = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
        self.body: str = sent[-1]["body"].decode()

    def __getitem__(self, name: str) -> str:
        return str(dict(self.headers)[name])


def ask(
    server: ServerConfig = SERVED,
    method: str = "POST",
    path: str = "/gradio_api/run/ask",
    scheme: str = "https",
    body: Iterable[bytes] = (b"",),
    more: Mapping[str, str] = MappingProxyType({}),
    **headers: str,
) -> Reply:
    """Send a request through the doors; a header's name has _ for -."""
    inside, sent, parts = Inside(), list[Message](), [*body]
    named = {"host": "kb.example.org", **headers, **more}
    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    scope = {"type": "http", "method": method, "path": path, "scheme": scheme, "headers": given}

    async def receive() -> Message:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(doors(inside, server)(scope, receive, send))
    return Reply(sent, inside.read)


# Other sites


@pytest.mark.parametrize(
    "origin", [EVIL, "https://portal.example.org", "http://kb.example.org", "null", "x", "[", ""]
)
def test_a_page_of_another_origin_reaches_nothing_and_is_told_nothing(origin: str) -> None:
    asks = {"access_control_request_method": "POST"}
    for method, given in (("POST", {}), ("GET", {}), ("OPTIONS", asks)):
        reply = ask(method=method, origin=origin, more=given)
        assert (reply.status, reply.read) == (403, -1)
        assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


def test_another_port_of_this_computer_is_another_origin() -> None:
    assert ask(LOCAL, scheme="http", host="localhost:7860", origin="http://localhost:3000").status == 403
    assert ask(LOCAL, scheme="http", host="localhost:7860", origin="http://localhost:7860").status == 200
    assert ask(LOCAL, scheme="http", host="localhost:7860", origin="http://127.0.0.1:7860").status == 403


@pytest.mark.parametrize(
    ("origin", "host", "scheme"),
    [
        (OWN, "kb.example.org", "https"),
        (OWN, "kb.example.org:443", "https"),
        (f"{OWN}:8443", "kb.example.org:8443", "https"),
        (OWN, "kb.example.org", "http"),  # a web server in front that does not say it speaks https
        ("http://[::1]:7860", "[::1]:7860", "http"),
    ],
)
def test_its_own_page_is_let_in_without_headers_for_others(origin: str, host: str, scheme: str) -> None:
    reply = ask(origin=origin, host=host, scheme=scheme, sec_fetch_site="same-origin")

    assert reply.status == 200
    assert not [name for name, _ in reply.headers if name.startswith("access-control-")]


def test_what_a_browser_sends_for_another_site_without_an_origin_is_refused_too() -> None:
    for site in ("cross-site", "same-site"):
        assert (
            ask(method="GET", path="/picture/x/1", sec_fetch_site=site, sec_fetch_mode="no-cors").status
            == 403
        )
        assert ask(method="GET", path="/logout", sec_fetch_site=site, sec_fetch_mode="navigate").status == 403
        assert ask(method="GET", path="/", sec_fetch_site=site, sec_fetch_mode="no-cors").status == 403


def test_other_sites_may_link_to_the_pages_and_programs_need_no_origin() -> None:
    for path in ("/", "/fr"):
        assert (
            ask(method="GET", path=path, sec_fetch_site="cross-site", sec_fetch_mode="navigate").status == 200
        )
    assert ask().status == 200
    prefixed = SERVED.model_copy(update={"prefix": "/desk"})
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert ask(prefixed, "GET", "/desk/fr", more=link).status == 200


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1:7860", 200), ("localhost", 200), ("[::1]:7860", 200)]
)
def test_on_this_computer_it_answers_to_its_own_names(host: str, status: int) -> None:
    assert ask(LOCAL, scheme="http", host=host).status == status


@pytest.mark.parametrize(
    "host", ["evil.example:7860", "127.0.0.1.evil.example", "", "[", "localhost.evil.example"]
)
def test_a_name_that_was_made_to_point_here_gets_nothing(host: str) -> None:
    assert (ask(LOCAL, scheme="http", host=host).status, ask(LOCAL, scheme="http", host=host).read) == (
        403,
        -1,
    )


# How much


def test_two_lengths_are_refused_also_for_documents() -> None:
    for path in ("/gradio_api/run/ask", "/upload"):
        reply = ask(path=path, content_length="5", transfer_encoding="chunked")
        assert (reply.status, reply.read, reply["connection"]) == (400, -1, "close")
        assert TWO_LENGTHS in reply.body


def test_what_is_received_counts_not_what_was_said() -> None:
    most = [b"x" * (1 << 20)] * 16

    whole = ask(body=most, transfer_encoding="chunked")
    more = ask(body=[*most, b"x", b"y"], transfer_encoding="chunked")
    said = ask(content_length=str(MOST_BYTES + 1))
    document = ask(path="/upload", body=[*most, b"x"])

    assert (whole.status, whole.read) == (200, MOST_BYTES)
    assert (more.status, more.read) == (413, MOST_BYTES)
    assert (said.status, said.read) == (413, -1)
    assert (document.status, document.read) == (200, MOST_BYTES + 1)
    assert "no more than 16 MiB" in more.body


def test_as_many_are_let_in_as_are_worked_on_and_others_wait_without_being_in_the_way() -> None:
    """What only looks is answered meanwhile, and so is a sign-in; a body that does not end takes no room."""
    inside, go = list[str](), asyncio.Event()

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST":
            await receive()
        inside.append(scope["path"])
        if scope["path"] == "/work":
            await go.wait()

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def whole() -> Message:
        return {"type": "http.request", "body": b""}

    async def nobody(_: Message) -> None:
        """Take no answer."""

    async def crowd() -> list[int]:
        door = doors(app, SERVED)

        def comes(path: str, method: str = "POST", receive: Receive = whole) -> asyncio.Task[None]:
            scope = {"type": "http", "method": method, "path": path, "scheme": "https", "headers": []}
            return asyncio.create_task(door(scope, receive, nobody))

        slow = [comes("/work", receive=never) for _ in range(AT_ONCE)]
        workers = [comes("/work") for _ in range(AT_ONCE + 5)]
        await asyncio.gather(comes("/health", "GET"), comes("/login"))
        seen = [inside.count("/work"), inside.count("/health"), inside.count("/login")]
        go.set()
        await asyncio.gather(*workers)
        for task in slow:
            task.cancel()
        return [*seen, inside.count("/work")]

    assert asyncio.run(crowd()) == [AT_ONCE, 1, 1, AT_ONCE + 5]


# Headers


def test_every_answer_has_the_headers_that_protect_it_and_is_stored_nowhere() -> None:
    for reply in (ask(), ask(origin=EVIL)):
        assert HEADERS.items() <= dict(reply.headers).items()
        assert [value for name, value in reply.headers if name == "cache-control"] == ["no-store"]
        assert reply["strict-transport-security"] == "max-age=31536000"
        assert (reply["x-frame-options"], "microphone=()" in reply["permissions-policy"]) == ("DENY", True)


def test_over_http_nothing_asks_for_https_and_what_is_public_may_be_kept() -> None:
    reply = ask(LOCAL, "GET", "/assets/index.js", "http", host="127.0.0.1:7860")

    assert "strict-transport-security" not in dict(reply.headers)
    assert reply["cache-control"] == "private, max-age=60"


@pytest.mark.parametrize(
    ("scheme", "cookie"),
    [
        ("https", "access-token-x=1; HttpOnly; Path=/; SameSite=Lax; Secure"),
        ("http", "access-token-unsecure-x=1; HttpOnly; Path=/; SameSite=Lax"),
    ],
)
def test_a_session_goes_to_its_own_site_only_and_over_https_never_without(scheme: str, cookie: str) -> None:
    reply = ask(scheme=scheme)

    assert [value for name, value in reply.headers if name == "set-cookie"] == [cookie]
