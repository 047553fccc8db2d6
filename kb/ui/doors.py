"""What every request and response passes first, before Gradio sees it: whence, how much, under which headers.

A page of another site gets nothing, whatever session the browser has here: not
read, not changed, not even asked whether it may (CORS). Other sites may link to
the pages, and that is all.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

from kb.config import LOOPBACK, ServerConfig
from kb.ui.parts import AT_ONCE
from kb.ui.strings import LANGUAGES

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Header: TypeAlias = tuple[bytes, bytes]

# The browser itself then refuses whatever would fetch from, or send to, another host.
# 'unsafe-eval': Gradio 6 compiles template and script (js_on_load) of an HTML part with Function,
# and every tab here is made of such parts; without it Chromium shows none of them (tried with Gradio 6.31).
# 'unsafe-inline': it writes scripts into the page.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# A year, the shortest that browsers' lists of such sites take; over https only.
HSTS = (b"strict-transport-security", b"max-age=31536000")
NO_STORE, CLOSE = (b"cache-control", b"no-store"), (b"connection", b"close")
# What is the same for everybody and may lie in a browser's cache.
PUBLIC = ("/static/", "/assets/", "/svelte/", "/favicon.ico", "/theme.css", "/gradio_api/theme.css")
PAGES = {"/", *(f"/{language}{slash}" for language in LANGUAGES for slash in ("", "/"))}

# What may be sent in one request; documents are counted by the route that takes them.
MOST_BYTES = 16 << 20
UPLOADS, SIGN_IN = "/upload", ("/login", "/login/")
PORTS = {"http": 80, "https": 443}

OTHER_SITE = (
    "A page of another site may not do this; open the app itself. Behind a web server, "
    "have it pass on the Host header as it came."
)
OTHER_HOST = "This app serves this computer alone; open it as 127.0.0.1 or localhost."
TWO_LENGTHS = "Send Content-Length or Transfer-Encoding, not both."
TOO_MUCH = f"Send no more than {MOST_BYTES >> 20} MiB in one request."


class Doors:
    """Wraps an ASGI application: refuses other sites, other hosts and too much; adds headers to responses.

    Of what asks for work, as many are let in at once as are worked on; the others wait here, where they keep
    neither `/health` nor a page from being answered. With `hosts`, only requests to one of these names are
    answered, so that a page elsewhere whose name is made to point here (DNS rebinding) gets nothing.
    """

    def __init__(self, app: Application, prefix: str = "", hosts: frozenset[str] = frozenset()) -> None:
        self.app, self.prefix, self.hosts = app, prefix, hosts
        self.room = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on if it may come in."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":  # Nothing here speaks WebSocket.
                await self.app(scope, receive, send)
            return
        path = below(str(scope["path"]), self.prefix)
        send = _dressed(scope, path, send)
        if refused := self._refused(scope, path):
            status, sentence = refused
            # Where a body ends that has two lengths nobody knows.
            await refuse(send, status, sentence, *([CLOSE] if sentence == TWO_LENGTHS else []))
        elif path == UPLOADS:
            await self.app(scope, receive, send)
        elif scope["method"] == "POST" and path not in SIGN_IN:
            await _counted(partial(_in_turn, self.room, self.app), scope, receive, send)
        else:
            await _counted(self.app, scope, receive, send)

    def _refused(self, scope: Message, path: str) -> tuple[int, str] | None:
        """Return status and sentence of a request that may not come in."""
        headers = dict(scope["headers"])
        length, host = (headers.get(name, b"").decode("latin-1") for name in (b"content-length", b"host"))
        if self.hosts and _place(f"//{host}").hostname not in self.hosts:
            return 403, OTHER_HOST
        if _from_elsewhere(scope["scheme"], headers, linked=scope["method"] == "GET" and path in PAGES):
            return 403, OTHER_SITE
        if b"transfer-encoding" in headers and b"content-length" in headers:
            return 400, TWO_LENGTHS
        if path != UPLOADS and int(length or 0) > MOST_BYTES:
            return 413, TOO_MUCH
        return None


def doors(app: Application, server: ServerConfig) -> Doors:
    """Return an application behind the doors that the settings ask for.

    On this computer alone only its own names are answered. Where people sign in
    another name gets nothing anyhow, as it has no session.
    """
    own = {name.strip("[]") for name in LOOPBACK} if server.is_local and not server.signs_in else ()
    return Doors(app, server.prefix, frozenset(own))


async def refuse(send: Send, status: int, sentence: str, *headers: Header) -> None:
    """Answer with a sentence as JSON."""
    body = json.dumps({"error": sentence}).encode()
    given = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": given})
    await send({"type": "http.response.body", "body": body})


def below(path: str, prefix: str) -> str:
    """Return a path below the prefix that the app is served under.

    >>> below("/desk/config", "/desk"), below("/config", "/desk"), below("/desk", "/desk")
    ('/config', '/config', '/')
    """
    return path.removeprefix(prefix) or "/" if f"{path}/".startswith(f"{prefix}/") else path


def _from_elsewhere(scheme: str, headers: Mapping[bytes, bytes], *, linked: bool) -> bool:
    """Tell whether a page of another site makes a browser send this; `linked` is a page that one may link to.

    Browsers name the origin with all that changes something or is to be read by
    a script, and over https and on localhost say for everything whose wish it is.
    """
    origin, site = headers.get(b"origin"), headers.get(b"sec-fetch-site", b"")
    if origin is not None and (origin != b"null" or site != b"same-origin"):
        host = headers.get(b"host", b"").decode("latin-1")
        if not _same(scheme, origin.decode("latin-1"), host):
            return True
    followed = linked and headers.get(b"sec-fetch-mode") == b"navigate"
    return site in (b"cross-site", b"same-site") and not followed


def _same(scheme: str, origin: str, host: str) -> bool:
    """Tell whether an origin is this very one; a web server in front may not have said that it speaks https.

    >>> _same("http", "https://kb.example.org", "kb.example.org"), _same("http", "null", "kb.example.org")
    (True, False)
    >>> _same("http", "http://localhost:3000", "localhost:7860"), _same("https", "http://a.org", "a.org")
    (False, False)
    """
    theirs = _place(origin)
    ours = _place(f"{theirs.scheme}://{host}")
    if theirs.scheme not in PORTS or not theirs.hostname or (scheme, theirs.scheme) == ("https", "http"):
        return False
    try:
        port = PORTS[theirs.scheme]
        return (theirs.hostname, theirs.port or port) == (ours.hostname, ours.port or port)
    except ValueError:  # a port that is none
        return False


def _place(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:  # as for half a bracket
        return urlsplit("")


async def _counted(app: Application, scope: Message, receive: Receive, send: Send) -> None:
    """Run an application on a body of up to MOST_BYTES as it comes in, whatever length was said; else 413."""
    size, begun = 0, False

    async def receive_some() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return message if size <= MOST_BYTES else {"type": "http.disconnect"}

    async def send_once(message: Message) -> None:
        nonlocal begun
        if begun or size <= MOST_BYTES:
            begun = True
            await send(message)

    try:
        await app(scope, receive_some, send_once)
    except Exception:
        if size <= MOST_BYTES:
            raise
    if size > MOST_BYTES and not begun:
        await refuse(send, 413, TOO_MUCH)


async def _in_turn(
    room: asyncio.Semaphore, app: Application, scope: Message, receive: Receive, send: Send
) -> None:
    """Run an application, which gets the end of a body once there is room; a slow sender takes none."""
    inside = False

    async def receive_in_turn() -> Message:
        nonlocal inside
        message = await receive()
        if not (inside or message.get("more_body")):
            await room.acquire()
            inside = True
        return message

    try:
        await app(scope, receive_in_turn, send)
    finally:
        if inside:
            room.release()


def _dressed(scope: Message, path: str, send: Send) -> Send:
    """Return a `send` that gives a response the headers it must have, and takes away what it must not."""
    https = scope["scheme"] == "https"
    added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
    added += [HSTS] if https else []
    private = not path.startswith(PUBLIC)

    def kept(headers: list[Header]) -> Iterator[Header]:
        for name, value in headers:
            name = name.lower()
            if name == b"set-cookie":
                if cookie := _cookie(value, https=https):
                    yield name, cookie
            elif not (name.startswith(b"access-control-") or (private and name == NO_STORE[0])):
                yield name, value
        yield from [*added, NO_STORE] if private else added

    async def send_dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": list(kept(message.get("headers", [])))}
        await send(message)

    return send_dressed


def _cookie(value: bytes, *, https: bool) -> bytes | None:
    """Return a cookie that goes to this site only, and only as safely as it came.

    Gradio sets its session twice, for https with `SameSite=None` and for http; the one that fits stays.

    >>> _cookie(b"access-token-x=1; HttpOnly; Path=/; SameSite=none; Secure", https=True)
    b'access-token-x=1; HttpOnly; Path=/; SameSite=Lax; Secure'
    >>> _cookie(b"access-token-unsecure-x=1; HttpOnly; SameSite=lax", https=True)
    """
    if value.startswith(b"access-token-") and value.startswith(b"access-token-unsecure-") == https:
        return None
    said = (part.strip() for part in value.split(b";"))
    parts = [part for part in said if part.lower() != b"secure" and not part.lower().startswith(b"samesite=")]
    return b"; ".join([*parts, b"SameSite=Lax", *([b"Secure"] if https else [])])
