"""The gate that every request passes where people sign in: closed to all that is not named as open.

Gradio checks its own pages and calls, not what is mounted beside them (pictures
of pages, downloads, MCP), so here everything is checked that is not needed to
sign in. Its session is a cookie with a token that it keeps in `app.tokens`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeAlias

from kb.ui.access import ROLE, Access
from kb.ui.strings import LANGUAGES

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

# The page shows the sign-in form itself; all else here holds nothing of the documents.
OPEN = {
    "/",
    *(f"/{language}{slash}" for language in LANGUAGES for slash in ("", "/")),
    "/login",
    "/login/",
    "/logout",
    "/health",
    "/favicon.ico",
    "/robots.txt",
    "/theme.css",
    "/gradio_api/theme.css",
    "/gradio_api/user",
    "/gradio_api/login_check",
    "/gradio_api/startup-events",
}
OPEN_FOLDERS = ("/static/", "/assets/", "/svelte/")
REFUSED = "Sign in first: on the page, or with name and password by HTTP Basic."
# What may be sent in one request; documents are counted by the route that takes them.
MOST_BYTES = 16 << 20
UPLOADS = "/upload"
TOO_MUCH = f"Send no more than {MOST_BYTES >> 20} MiB in one request, and its length with it."


class GateMiddleware:
    """Answers 401 to whoever is not signed in, 413 to what is too large, and leaves the role in the scope."""

    def __init__(self, app: Application, access: Access) -> None:
        self.app, self.access = app, access
        # Hashing at every request would be slow, so what was verified is known again by a keyed digest.
        self._key = secrets.token_bytes(32)
        self._verified: dict[bytes, str] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on what is open or comes with a session; make one for a right name and password."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = await self._signed_in(scope)
        role = self.access.role(scope["app"].tokens.get(_token(scope)))
        if not (role or _is_open(scope)):
            await _refuse(scope, send, 401, REFUSED)
        elif _too_large(scope):
            await _refuse(scope, send, 413, TOO_MUCH)
        else:
            await self.app({**scope, ROLE: role}, receive, send)

    async def _signed_in(self, scope: Message) -> Message:
        """Return the request with the session cookie of whoever its HTTP Basic header names."""
        given = _header(scope, b"authorization")
        if not self.access.users or not given.lower().startswith(b"basic "):
            return scope
        digest = hmac.digest(self._key, given, hashlib.sha256)
        app = scope["app"]
        if self._verified.get(digest) not in app.tokens:
            name, _, password = _basic(given).partition(":")
            if not await self.access.sign_in(name, password):
                return scope
            self._verified[digest] = secrets.token_urlsafe(16)
            app.tokens[self._verified[digest]] = name
        cookie = f"{_cookie_name(scope)}={self._verified[digest]}".encode()
        others = [(key, value) for key, value in scope["headers"] if key != b"cookie"]
        return {**scope, "headers": [*others, (b"cookie", cookie)]}


async def _refuse(scope: Message, send: Send, status: int, sentence: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"error": sentence}).encode()})


def _path(scope: Message) -> str:
    """Return the path below the prefix that the app is served under."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(prefix) or "/" if f"{path}/".startswith(f"{prefix}/") else path


def _is_open(scope: Message) -> bool:
    path = _path(scope)
    return path in OPEN or (path.startswith(OPEN_FOLDERS) and ".." not in path)


def _too_large(scope: Message) -> bool:
    """Tell whether a request is larger than it may be, or does not say how large it is."""
    length = _header(scope, b"content-length")
    if _path(scope) == UPLOADS:
        return False
    return int(length) > MOST_BYTES if length.isdigit() else bool(_header(scope, b"transfer-encoding"))


def _token(scope: Message) -> str:
    try:
        cookies = SimpleCookie(_header(scope, b"cookie").decode("latin-1"))
    except CookieError:
        return ""
    name = _cookie_name(scope)
    found = cookies.get(name) or cookies.get(name.replace("token-", "token-unsecure-", 1))
    return found.value if found else ""


def _cookie_name(scope: Message) -> str:
    return f"access-token-{scope['app'].cookie_id}"


def _header(scope: Message, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _basic(header: bytes) -> str:
    """Return "name:password" of an HTTP Basic header, nothing where it is none."""
    try:
        return base64.b64decode(header[6:].strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
