"""Putting the page on a port of this computer, with no way out to the network."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from kb.config import LOOPBACK, Config, ServerConfig
from kb.errors import ConfigError
from kb.ui.access import Access, open_access
from kb.ui.api import answer_in_json, check_mcp
from kb.ui.app import build_app
from kb.ui.desk import Desk, open_desk
from kb.ui.downloads import download_route
from kb.ui.gate import GateMiddleware
from kb.ui.health import health_route
from kb.ui.journal import note, open_journal
from kb.ui.parts import AT_ONCE
from kb.ui.pictures import Painter, picture_route
from kb.ui.startup import import_gradio
from kb.ui.theme import ICON_FILE, head, theme
from kb.ui.uploads import upload_route
from kb.ui.watch import watch

if TYPE_CHECKING:
    import gradio as gr
    from starlette.middleware import Middleware
    from starlette.routing import BaseRoute

    from kb.assistant import Assistant

# Questions in two languages, and one for the table: after them nothing is read for the first time.
WARMING = (
    "Who is responsible for the data?",
    "Qui est responsable des données ?",
    "EGDI rank of Rwanda in 2024",
)

LOCAL_HOSTS = "127.0.0.1,localhost"

# Gradio's page asks for a manifest where the host begins: behind a prefix that is another program's place.
# Nobody installs the page as an app; it names its icon instead.
MANIFEST, ICON = b'<link rel="manifest" href="/manifest.json" />', b'<link rel="icon" href="./favicon.ico" />'

# The browser itself then refuses whatever would fetch from, or send to, another host.
# Gradio evaluates its own components, hence 'unsafe-eval'.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

Message: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


def serve(config: Config) -> None:
    """Open the index and serve the page until the program is stopped.

    Raises IndexMissing and the like where there is nothing to serve, ConfigError
    where the port is taken.
    """
    open_access(config.server)  # Said before the model is loaded, if somebody has to sign in and cannot.
    open_journal()
    desk = open_desk(config)
    threading.Thread(target=warm, args=(desk.assistant,), daemon=True).start()
    import_gradio()
    blocks = build_app(desk)
    # Before anybody is answered, so that it is the journal's first line.
    note("start", generation=desk.assistant.index.generation, mcp=config.server.mcp)
    watch(desk)
    address = launch(blocks, config.server, routes(desk))
    sys.stderr.write(f"{desk.words('app.title')} is at {address} (stop it with Ctrl+C).\n")
    blocks.block_thread()


def warm(assistant: Assistant) -> None:
    """Ask a question of each kind, so that nobody's first one waits for statistics and tables to be read."""
    for question in WARMING:
        assistant.ask(question)


def routes(desk: Desk) -> list[BaseRoute]:
    """Return what is served besides the page: pictures of cited pages, and files in both directions."""
    painter = Painter()
    painter.start()  # so that the first picture need not wait for it
    uploads = upload_route(desk.uploads, desk.config.server.max_upload_mb << 20)
    return [picture_route(painter, desk), download_route(desk.downloads), uploads, health_route(desk)]


def launch(blocks: gr.Blocks, server: ServerConfig, routes: Sequence[BaseRoute] = ()) -> str:
    """Start serving and return the address; the server runs in threads of its own."""
    _bypass_proxy()
    access = open_access(server)
    # Gradio takes a coroutine function here, and does not say so.
    sign_in: Any = access.sign_in if access.users else None
    if server.mcp:
        check_mcp()
    try:
        _, address, _ = blocks.launch(
            server_name=server.host,
            server_port=server.port,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            ssr_mode=False,
            pwa=False,
            mcp_server=server.mcp,
            auth=sign_in,
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            max_file_size=1,
            max_threads=2 * AT_ONCE,
            root_path=server.prefix or None,
            app_kwargs={
                "openapi_url": None,
                "middleware": _middleware(server, access),
                "routes": [*routes],
            },
            favicon_path=ICON_FILE,
            theme=theme(),
            head=head(server.language),
        )
    except OSError as error:
        raise ConfigError(
            f"Port {server.port} of {server.host} cannot be used, another program may hold it; "
            "set another one, as in KB_SERVER__PORT=7861."
        ) from error
    if blocks.mcp_error:  # Gradio keeps this to itself.
        raise ConfigError(f"The MCP server cannot be used ({blocks.mcp_error}); set server.mcp to false.")
    if blocks.mcp_server_obj:
        answer_in_json(blocks.mcp_server_obj)
    return str(address)


def _middleware(server: ServerConfig, access: Access) -> list[Middleware]:
    """Return what every request passes through.

    On this computer alone, only its own names are answered: a page elsewhere
    whose name is made to point here (DNS rebinding) gets nothing. Where people
    sign in it gets nothing anyhow, as it has no session.
    """
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    local = [*LOOPBACK] if server.is_local and not access.users else ["*"]
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=local),
        Middleware(PlaceMiddleware, server.prefix),
        Middleware(HeaderMiddleware),
        Middleware(GateMiddleware, access),
    ]


class HeaderMiddleware:
    """Adds HEADERS to every response of an ASGI application."""

    def __init__(self, app: Callable[[Message, Any, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:  # noqa: ANN401 - ASGI's
        """Pass the request on, and its response back with the headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                added = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message = {**message, "headers": [*message.get("headers", []), *added]}
            await send(message)

        await self.app(scope, receive, send_with_headers)


class PlaceMiddleware:
    """Keeps an ASGI application in its place: the page at the prefix and a slash, and all it leads to below.

    All addresses on the page are relative to it, so without the slash they would name something else.
    """

    def __init__(self, app: Callable[[Message, Any, Send], Awaitable[None]], prefix: str) -> None:
        self.app, self.prefix = app, prefix

    async def __call__(self, scope: Message, receive: Any, send: Send) -> None:  # noqa: ANN401 - ASGI's
        """Add the slash; else pass the request on, and mend where the response leads."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif self.prefix and scope["path"] == self.prefix:
            asked = scope.get("query_string", b"")
            location = f"{self.prefix}/".encode() + (b"?" + asked if asked else b"")
            headers = [(b"location", location), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 307, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self.app(scope, receive, lambda message: send(self._mended(message)))

    def _mended(self, message: Message) -> Message:
        if message["type"] == "http.response.start":
            headers = [(k, self._below(v) if k == b"location" else v) for k, v in message.get("headers", ())]
            return {**message, "headers": headers}
        if MANIFEST in message.get("body", b""):
            # Of the same length, which the response has told.
            return {**message, "body": message["body"].replace(MANIFEST, ICON.ljust(len(MANIFEST)))}
        return message

    def _below(self, location: bytes) -> bytes:
        """Return where a redirection leads; Gradio's "/fr" lacks the prefix, "http://host/desk" the slash."""
        address = urlsplit(location.decode("latin-1"))
        below = f"{address.path}/".startswith(f"{self.prefix}/")
        path = address.path if below else self.prefix + address.path
        return address._replace(path=f"{path}/" if path == self.prefix else path).geturl().encode("latin-1")


def _bypass_proxy() -> None:
    """Keep the server's check of its own address away from an office's web proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        given = os.environ.get(name, "")
        if LOCAL_HOSTS not in given:
            os.environ[name] = f"{given},{LOCAL_HOSTS}" if given else LOCAL_HOSTS
