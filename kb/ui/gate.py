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
import secrets
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie

from kb.ui.access import ADDRESS, NAMED, ROLE, Access, TooManyGuesses
from kb.ui.doors import PAGES, Application, Message, Receive, Send, below, refuse
from kb.ui.guessing import NAME_SECONDS

# The page shows the sign-in form itself; all else here holds nothing of the documents.
OPEN = {
    *PAGES,
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
# What somebody may send who is not signed in: a form with a name and a password.
MOST_BYTES = 16 << 10
TOO_MUCH = f"Send no more than {MOST_BYTES >> 10} KiB before you sign in, and the length with it."


class GateMiddleware:
    """Answers 401 to whoever is not signed in, and leaves name and role of all others in the scope."""

    def __init__(self, app: Application, access: Access) -> None:
        self.app, self.access = app, access
        # Hashing at every request would be slow, so what was verified is known again by a keyed digest.
        self._key = secrets.token_bytes(32)
        self._verified: dict[bytes, str] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on what is open or comes with a session; make one for a right name and password."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        ADDRESS.set(client[0] if client else "")
        try:
            scope = await self._signed_in(scope)
        except TooManyGuesses as error:
            await refuse(send, 429, str(error), (b"retry-after", str(round(NAME_SECONDS)).encode()))
            return
        name = scope["app"].tokens.get(_token(scope))
        role = self.access.role(name)
        if not (role or _is_open(scope)):
            await refuse(send, 401, REFUSED)
        elif not role and _too_large(scope):
            await refuse(send, 413, TOO_MUCH)
        else:
            await self.app({**scope, ROLE: role, NAMED: name}, receive, send)

    async def _signed_in(self, scope: Message) -> Message:
        """Return the request with the session cookie of whoever its HTTP Basic header names."""
        given = _header(scope, b"authorization")
        if not self.access.signs_in or not given.lower().startswith(b"basic "):
            return scope
        digest = hmac.digest(self._key, given, hashlib.sha256)
        app = scope["app"]
        if self._verified.get(digest) not in app.tokens:
            name, _, password = _basic(given).partition(":")
            if not (name and await self.access.sign_in(name, password)):
                return scope
            self._verified[digest] = secrets.token_urlsafe(16)
            app.tokens[self._verified[digest]] = name
        cookie = f"{_cookie_name(scope)}={self._verified[digest]}".encode()
        others = [(key, value) for key, value in scope["headers"] if key != b"cookie"]
        return {**scope, "headers": [*others, (b"cookie", cookie)]}


def page_sign_in(access: Access) -> Callable[[str, str], Awaitable[bool]]:
    """Return what Gradio's `auth` takes; its page shows for a 400 alone that somebody did not get in."""
    from starlette.exceptions import HTTPException

    async def sign_in(name: str, password: str) -> bool:
        try:
            return await access.sign_in(name, password)
        except TooManyGuesses as error:
            raise HTTPException(400, str(error)) from error

    return sign_in


def _is_open(scope: Message) -> bool:
    path = below(str(scope["path"]), str(scope.get("root_path", "")))
    return path in OPEN or (path.startswith(OPEN_FOLDERS) and ".." not in path)


def _too_large(scope: Message) -> bool:
    """Tell whether a stranger's request is larger than it may be, or does not say how large it is."""
    length = int(_header(scope, b"content-length") or 0)
    return length > MOST_BYTES or bool(_header(scope, b"transfer-encoding"))


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
