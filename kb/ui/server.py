"""Putting the page on a port of this computer, with no way out to the network."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kb.config import Config, ServerConfig
from kb.errors import ConfigError
from kb.ui.access import Access, note_exposed, open_access
from kb.ui.api import answer_in_json, check_mcp
from kb.ui.app import build_app
from kb.ui.desk import Desk, open_desk
from kb.ui.doors import Application, Doors, Message, Receive, Send, doors
from kb.ui.downloads import download_route
from kb.ui.gate import GateMiddleware, page_sign_in
from kb.ui.health import health_route
from kb.ui.journal import note, open_journal
from kb.ui.listening import own_server
from kb.ui.markup import safe, tag
from kb.ui.parts import AT_ONCE
from kb.ui.pictures import Painter, picture_route
from kb.ui.sessions import Sessions
from kb.ui.startup import at_end, import_gradio, keep_private
from kb.ui.strings import LANGUAGES, Words
from kb.ui.theme import ICON_FILE, head, theme
from kb.ui.uploads import upload_route
from kb.ui.watch import watch

if TYPE_CHECKING:
    import gradio as gr
    from gradio.routes import App
    from starlette.middleware import Middleware
    from starlette.routing import BaseRoute

    from kb.assistant import Assistant

# Questions in two languages, and one for the table: after them nothing is read for the first time.
WARMING = (
    "Who is responsible for the data?",
    "Qui est responsable des données ?",
    "EGDI rank of Rwanda in 2024",
)

LOCAL_HOSTS = "127.0.0.1,localhost,::1"

# Gradio's page asks for a manifest where the host begins: behind a prefix that is another program's place.
# Nobody installs the page as an app; it names its icon instead.
MANIFEST, ICON = b'<link rel="manifest" href="/manifest.json" />', b'<link rel="icon" href="./favicon.ico" />'


def serve(config: Config) -> None:
    """Open the index and serve the page until the program is stopped.

    Raises IndexMissing and the like where there is nothing to serve, ConfigError
    where the port is taken.
    """
    keep_private()
    open_access(config.server)  # Said before the model is loaded, if somebody has to sign in and cannot.
    open_journal()
    desk = open_desk(config)
    at_end(lambda: desk.uploads.clear())
    threading.Thread(target=warm, args=(desk.assistant,), daemon=True).start()
    import_gradio()
    blocks = build_app(desk)
    # Before anybody is answered, so that it is the journal's first line.
    note("start", generation=desk.assistant.index.generation, mcp=config.server.mcp)
    note_exposed(config.server)
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
    if server.mcp:
        check_mcp()

    def around(app: App) -> Doors:
        # To Gradio it is a dict that knows who is signed in.
        app.tokens = Sessions(access, server.session_hours * 3600)  # type: ignore[assignment]
        return doors(app, server)

    # Gradio takes a coroutine function here, and does not say so.
    sign_in: Any = page_sign_in(access) if access.signs_in else None
    try:
        with own_server(around):
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
                auth_message=_auth_message(server),
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


def _auth_message(server: ServerConfig) -> str:
    """Return what the sign-in form says, which is one for all languages."""
    languages = LANGUAGES if server.language == "auto" else (server.language,)
    return "".join(tag("p", safe(Words(language)("app.sign_in")), lang=language) for language in languages)


def _middleware(server: ServerConfig, access: Access) -> list[Middleware]:
    """Return what every request passes through that comes in by the doors."""
    from starlette.middleware import Middleware

    return [Middleware(PlaceMiddleware, server.prefix), Middleware(GateMiddleware, access)]


class PlaceMiddleware:
    """Keeps an ASGI application in its place: the page at the prefix and a slash, and all it leads to below.

    All addresses on the page are relative to it, so without the slash they would name something else.
    """

    def __init__(self, app: Application, prefix: str) -> None:
        self.app, self.prefix = app, prefix

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
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
