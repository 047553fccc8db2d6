"""Starting a web app in a process of its own, and stopping it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
START_SECONDS = 120


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    *arguments: str, output: int | IO[str] = subprocess.PIPE, **environment: str
) -> subprocess.Popen[str]:
    """Start Python with these arguments in the repository's root; a pipe is for what soon ends."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def served(port: int, *arguments: str, **environment: str) -> Iterator[str]:
    """Run a web app and give its address once it answers; RuntimeError if it ends before."""
    address = f"http://127.0.0.1:{port}/"
    # A pipe that nobody reads is full after 64 KiB, and the app would wait for a reader.
    with tempfile.TemporaryFile("w+") as said, start(*arguments, output=said, **environment) as process:
        try:
            _wait(address, process, said)
            yield address
        finally:
            process.terminate()


def _wait(address: str, process: subprocess.Popen[str], said: IO[str]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            said.seek(0)
            raise RuntimeError(f"The app ended: {said.read()}")
        try:
            fetch(address)
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"Nothing answers at {address} after {START_SECONDS} s.")


def fetch(address: str) -> tuple[str, Mapping[str, str]]:
    """Return the text and the headers of a response."""
    with urllib.request.urlopen(address, timeout=10) as response:
        return response.read().decode(), dict(response.headers)
