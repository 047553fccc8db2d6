"""The port and its connections: how many there may be, and how long each may take to say what it wants.

Gradio starts a server of its own and lets nobody set it, so `start_server` takes the place of the function
that does. Uvicorn has no time limit on a half-sent request and counts no connections that ask nothing;
`Guarded` adds both.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from kb.ui.doors import Application

# Seconds for what a client sends: the head of a request from when it may come, its body from the head on,
# and the rest of a body after its answer. A body may take longer at LEAST_RATE; these are the bounds that
# Apache's mod_reqtimeout has by default, with room for a slow line.
Stage: TypeAlias = Literal["head", "body", "rest"]
SECONDS: dict[Stage, float] = {"head": 20.0, "body": 20.0, "rest": 5.0}
LEAST_RATE = 500.0  # bytes a second
# Seconds for a client to take some of an answer that waits for it.
STUCK_SECONDS = 60.0

# Connections at most, a few for each of an office's browsers; an answer under way takes one. They take five
# eighths of the descriptors that the program may have. ACCEPTED are taken from the queue at once, and the
# event loop closes one some four rounds after it took it: another quarter. The rest is for files and readers.
MOST_CONNECTIONS = 1000
ACCEPTED = 64
# The queue before that is the operating system's, and needs no descriptors.
QUEUED = 1024
START_SECONDS = 60.0


class Guarded(H11Protocol):
    """Ends a connection that is slow to ask; one too many takes the place of the one that has waited longest.

    Whoever is being answered stays. Nothing of this is written to the log, which strangers would fill.
    """

    most: ClassVar[int] = MOST_CONNECTIONS
    # Connections that wait for the head of a request, the longest wait first.
    waiting: ClassVar[dict[Guarded, None]] = {}

    _stage: Stage | None = None
    _until = 0.0
    _timer: asyncio.TimerHandle | None = None
    _stuck: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, and close another or this one if there are too many."""
        super().connection_made(transport)
        self._judge()
        if len(self.connections) > self.most:
            next(iter(self.waiting)).give_way()

    def data_received(self, data: bytes) -> None:
        """Take what a client sent."""
        super().data_received(data)
        self._judge(len(data))

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._judge()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self.waiting.pop(self, None)
        self._stage = None
        for timer in (self._timer, self._stuck):
            if timer:
                timer.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give a client that takes nothing of its answer some time."""
        super().pause_writing()
        self._stuck = self.loop.call_later(STUCK_SECONDS, self.give_way)

    def resume_writing(self) -> None:
        """Go on: the client takes its answer."""
        super().resume_writing()
        if self._stuck:
            self._stuck.cancel()

    def give_way(self) -> None:
        """End the connection at once."""
        self.waiting.pop(self, None)
        self.connections.discard(self)
        self.transport.abort()

    def _judge(self, received: int = 0) -> None:
        """Set the time until which the client must have sent what is missing; `received` bytes have come."""
        stage = self._missing()
        if stage != self._stage:
            self._stage = stage
            self.waiting.pop(self, None)
            if stage == "head":
                self.waiting[self] = None
            if stage:
                self._until = self.loop.time() + SECONDS[stage]
                self._watch()
        elif stage == "body":
            self._until += received / LEAST_RATE

    def _missing(self) -> Stage | None:
        if self.conn.their_state is h11.IDLE:
            return "head"
        if self.conn.their_state is not h11.SEND_BODY:
            return None
        return "rest" if self.cycle is not None and self.cycle.response_complete else "body"

    def _watch(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self.loop.call_at(self._until, self._look)

    def _look(self) -> None:
        """End the connection if its time is over; a body that has come on has more time."""
        if self._stage is None:
            return
        if self.loop.time() < self._until:
            self._watch()
        else:
            self.give_way()


def limits() -> tuple[int, int]:
    """Return how many connections there may be and how many are taken at once, as descriptors allow."""
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS, ACCEPTED
    return min(MOST_CONNECTIONS, allowed * 5 // 8), min(ACCEPTED, allowed // 16)


class Server(uvicorn.Server):
    """Serves in a thread of its own; Gradio closes it."""

    def __init__(self, config: uvicorn.Config, listeners: list[socket.socket]) -> None:
        super().__init__(config)
        self.thread = threading.Thread(target=self.run, args=(listeners,), daemon=True)

    def begins(self) -> bool:
        """Start, and return whether requests are answered from now on."""
        self.thread.start()
        until = time.monotonic() + START_SECONDS
        while not self.started and self.thread.is_alive() and time.monotonic() < until:
            time.sleep(0.001)
        return self.started

    def close(self) -> None:
        """Stop answering."""
        self.should_exit = True
        self.thread.join(timeout=5)


def start_server(
    app: Application, server_name: str, server_port: int, **_: object
) -> tuple[str, int, str, Server]:
    """Serve an application in a thread and return host, port, address and server, as Gradio's own does.

    Raises OSError where the port cannot be had.
    """
    host = server_name.strip("[]")
    listeners = _listen(host, server_port)
    most, accepted = limits()
    guarded = type("Guarded", (Guarded,), {"most": most, "waiting": {}})
    # A warning of Uvicorn's is about what a stranger sent; errors are about the program.
    config = uvicorn.Config(app, log_level="error", http=guarded, ws="none", backlog=accepted)
    server = Server(config, listeners)
    if not server.begins():
        raise OSError(f"the server did not start on {address(host, server_port)}")
    for listener in listeners:
        listener.listen(QUEUED)
    return server_name, server_port, address(host, server_port), server


def _listen(host: str, port: int) -> list[socket.socket]:
    """Return a socket bound to each address of a host; OSError where the port is taken or there is none."""
    listeners: list[socket.socket] = []
    try:
        for family, kind, protocol, _, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            listeners.append(socket.socket(family, kind, protocol))
            listeners[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listeners[-1].bind(place)
    except OSError:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def address(host: str, port: int) -> str:
    """Return the address at which this computer reaches a server on a host.

    >>> address("::1", 7860), address("0.0.0.0", 7860)
    ('http://[::1]:7860/', 'http://localhost:7860/')
    """
    host = "localhost" if host in ("0.0.0.0", "::") else host
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextmanager
def own_server(around: Callable[[Any], Application]) -> Iterator[None]:
    """Have what Gradio launches inside served by `start_server`, with `around` it."""
    from gradio import http_server

    gradios = http_server.start_server

    def start(app: Any, **given: Any) -> tuple[str, int, str, Server]:  # noqa: ANN401 - as in Gradio
        return start_server(around(app), given["server_name"], given["server_port"])

    http_server.start_server = start  # type: ignore[assignment]
    try:
        yield
    finally:
        http_server.start_server = gradios
