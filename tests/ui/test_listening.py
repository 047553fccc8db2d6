"""Connections that ask too slowly or are too many, over real sockets."""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from kb.ui import listening
from kb.ui.doors import Message, Receive, Send
from kb.ui.listening import Server, start_server

from .serving import ROOT, free_port

# Enough for a machine that is busy with other things.
PATIENCE = 30.0
HEAD = b"POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answer with the number of bytes that came; "/early" at once, "/never" not at all."""
    if scope["type"] != "http":
        return
    size, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/never":
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
    await send({"type": "http.response.body", "body": b"%4d" % size})


@contextmanager
def listening_on(host: str = "127.0.0.1") -> Iterator[tuple[str, int]]:
    """Serve `app` and give host and port to connect to."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port = probe.getsockname()[1]
    server = start_server(app, host, port)[3]
    try:
        yield host, port
    finally:
        _stop(server)


def _stop(server: Server) -> None:
    server.force_exit = True
    server.close()
    assert not server.thread.is_alive()


@contextmanager
def connected(place: tuple[str, int], sent: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(place, PATIENCE) as connection:
        connection.sendall(sent)
        yield connection


def ended(connection: socket.socket) -> bool:
    """Wait until the other side ends a connection, and return whether it said nothing before."""
    try:
        return connection.recv(1000) == b""
    except ConnectionResetError:
        return True


def answered(connection: socket.socket) -> bytes:
    """Return the four bytes that `app` answers with."""
    said = b""
    while len(said.partition(b"\r\n\r\n")[2]) < 4:
        part = connection.recv(1000)
        assert part, said
        said += part
    return said.partition(b"\r\n\r\n")[2]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SECONDS", {"head": 0.5, "body": 0.5, "rest": 0.5})


# Slow ones


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", HEAD % (b"", 10) + b"x"])
def test_a_request_that_is_half_sent_is_ended(sent: bytes) -> None:
    with listening_on() as place, connected(place, sent) as connection:
        assert ended(connection)


@pytest.mark.usefixtures("impatient")
def test_bytes_one_by_one_do_not_put_off_the_end() -> None:
    with listening_on() as place, connected(place, b"GET / HTTP/1.1\r\nX: ") as connection:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.1):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        assert ended(connection)
        stop.set()
        thread.join()


def test_a_body_that_comes_on_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "SECONDS", {"head": 5.0, "body": 5.0, "rest": 5.0})
    monkeypatch.setattr(listening, "LEAST_RATE", 10.0)
    with listening_on() as place, connected(place, HEAD % (b"", 400)) as connection:
        for _ in range(4):
            connection.sendall(b"x" * 100)
            time.sleep(1.5)
        assert answered(connection) == b" 400"


@pytest.mark.usefixtures("impatient")
def test_the_rest_of_a_body_whose_answer_is_known_is_not_waited_for() -> None:
    with listening_on() as place, connected(place, HEAD % (b"early", 10)) as connection:
        assert answered(connection) == b"   0"
        assert ended(connection)


def test_a_connection_is_used_again_for_the_next_request() -> None:
    with listening_on() as place, connected(place) as connection:
        for size in (3, 0, 5):
            connection.sendall(HEAD % (b"", size) + b"x" * size)
            assert int(answered(connection)) == size


# Too many


def test_one_too_many_takes_the_place_of_the_one_that_has_waited_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "limits", lambda: (3, 8))
    with listening_on() as place, ExitStack() as stack:
        first, second, _ = (stack.enter_context(connected(place, b"GET / HT")) for _ in range(3))
        with connected(place, HEAD % (b"", 0)) as fourth:
            assert answered(fourth) == b"   0"
            assert ended(first)
            second.sendall(b"TP/1.1\r\nHost: localhost\r\n\r\n")
            assert answered(second) == b"   0"


def test_whoever_is_being_answered_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "limits", lambda: (2, 8))
    with listening_on() as place, ExitStack() as stack:
        busy = [stack.enter_context(connected(place, HEAD % (b"never", 0))) for _ in range(2)]
        time.sleep(1)
        with connected(place) as third:
            assert ended(third)
        for connection in busy:
            connection.settimeout(0.2)
            with pytest.raises(TimeoutError):
                connection.recv(1)


SERVER = """
import resource, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
from kb.ui.listening import start_server
from tests.ui.test_listening import app
start_server(app, "127.0.0.1", int(sys.argv[1]))
print("serving", flush=True)
time.sleep(600)
"""


def test_more_connections_than_descriptors_neither_stop_it_nor_fill_the_log() -> None:
    port = free_port()
    command = [sys.executable, "-c", SERVER, str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == "serving\n"
            with ExitStack() as stack:
                for _ in range(500):
                    stack.enter_context(connected(("127.0.0.1", port), b"GET / HTTP/1.1\r\nX: "))
                address = f"http://127.0.0.1:{port}/"
                with urllib.request.urlopen(address, timeout=PATIENCE) as response:
                    assert response.read() == b"   0"
        finally:
            server.terminate()
        assert server.stdout.read() == ""


def test_connections_leave_descriptors_for_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for allowed, limits in ((1024, (640, 64)), (256, (160, 16)), (1 << 20, (1000, 64))):
        monkeypatch.setattr(resource, "getrlimit", lambda _, allowed=allowed: (allowed, allowed))
        assert listening.limits() == limits


# Where


def test_it_listens_on_addresses_of_ip_version_6() -> None:
    try:
        with listening_on("::1") as place, connected(place, HEAD % (b"", 0)) as connection:
            assert answered(connection) == b"   0"
    except OSError as error:
        pytest.skip(f"this computer has no ::1 ({error})")


def test_localhost_is_served_on_each_of_its_addresses() -> None:
    port = free_port()
    server = start_server(app, "localhost", port)
    try:
        assert urlsplit(server[2]).netloc == f"localhost:{port}"
        with connected(("127.0.0.1", port), HEAD % (b"", 0)) as connection:
            assert answered(connection) == b"   0"
    finally:
        _stop(server[3])


def test_a_port_that_is_taken_is_an_os_error() -> None:
    with listening_on() as (host, port), pytest.raises(OSError, match="in use"):
        start_server(app, host, port)
