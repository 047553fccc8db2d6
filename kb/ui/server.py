"""Putting the page on a port of this computer, with no way out to the network."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from kb.config import Config, ServerConfig
from kb.errors import ConfigError
from kb.ui.page import TITLE, build
from kb.ui.startup import import_gradio
from kb.ui.theme import ICON_FILE, head, theme

if TYPE_CHECKING:
    import gradio as gr
    from starlette.middleware import Middleware

LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")
LOCAL_HOSTS = "127.0.0.1,localhost"

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
    from kb.assistant import open_assistant

    assistant = open_assistant(config)
    import_gradio()
    blocks = build(assistant)
    address = launch(blocks, config.server)
    sys.stderr.write(f"{TITLE} is at {address} (stop it with Ctrl+C).\n")
    blocks.block_thread()


def launch(blocks: gr.Blocks, server: ServerConfig) -> str:
    """Start serving and return the address; the server runs in threads of its own."""
    _bypass_proxy()
    try:
        _, address, _ = blocks.launch(
            server_name=server.host,
            server_port=server.port,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
            run_history=False,
            footer_links=[],
            max_file_size=1,
            app_kwargs={"openapi_url": None, "middleware": _middleware(server.host)},
            favicon_path=ICON_FILE,
            theme=theme(),
            head=head(),
        )
    except OSError as error:
        raise ConfigError(
            f"Port {server.port} of {server.host} cannot be used, another program may hold it; "
            "set another one, as in KB_SERVER__PORT=7861."
        ) from error
    return str(address)


def _middleware(host: str) -> list[Middleware]:
    """Return what every request passes through.

    On this computer alone, only its own names are answered: a page elsewhere
    whose name is made to point here (DNS rebinding) gets nothing.
    """
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    local = [*LOOPBACK] if host in LOOPBACK else ["*"]
    return [Middleware(TrustedHostMiddleware, allowed_hosts=local), Middleware(HeaderMiddleware)]


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


def _bypass_proxy() -> None:
    """Keep the server's check of its own address away from an office's web proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        given = os.environ.get(name, "")
        if LOCAL_HOSTS not in given:
            os.environ[name] = f"{given},{LOCAL_HOSTS}" if given else LOCAL_HOSTS
