"""The program itself, as people start it, over an index of three short documents."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import MODELS, ROOT

from .serving import START_SECONDS, free_port


@dataclass(frozen=True)
class Reply:
    """What came back for a request."""

    status: int
    body: str
    headers: Mapping[str, str]

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        return json.loads(self.body)


@dataclass(frozen=True)
class Program:
    """A program that runs: where it answers, its index, and the file that its output goes to."""

    address: str
    index: Path
    log: Path

    def get(self, path: str, sent: Any = None, **headers: str) -> Reply:  # noqa: ANN401 - JSON is anything
        """Fetch a path, or post JSON (or bytes) to it; a refusal is a reply too."""
        data = sent if isinstance(sent, bytes | None) else json.dumps(sent).encode()
        given = {"content-type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        request = urllib.request.Request(self.address + path, data, given)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Reply(response.status, response.read().decode(), dict(response.headers))
        except urllib.error.HTTPError as refused:
            with refused:
                return Reply(refused.code, refused.read().decode(), dict(refused.headers))

    def call(self, endpoint: str, *values: object, **headers: str) -> Reply:
        """Call a named endpoint with these values, in order."""
        return self.get(f"gradio_api/run/{endpoint}", {"data": [*values]}, **headers)

    def entries(self) -> list[dict[str, Any]]:
        """Return the JSON lines that it has written so far."""
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]


def basic(name: str, password: str) -> str:
    """Return the HTTP Basic header of a name and password."""
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


@contextmanager
def running(index: Path, log: Path, **settings: object) -> Iterator[Program]:
    """Run the program with these settings (as KB_SERVER__...) until the block ends."""
    port = free_port()
    environment = {
        "KB_INDEX": str(index),
        "KB_EMBEDDING__MODELS_FOLDER": str(MODELS),
        "KB_SERVER__PORT": str(port),
        **{f"KB_SERVER__{name.upper()}": str(value) for name, value in settings.items()},
    }
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **environment}, stdout=file, stderr=file
        )
    program = Program(f"http://127.0.0.1:{port}/", index, log)
    with process:
        try:
            _wait(program, process)
            yield program
        finally:
            process.terminate()


def _wait(program: Program, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"The program ended: {program.log.read_text()}")
        try:
            program.get("health")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"Nothing answers at {program.address} after {START_SECONDS} s.")
