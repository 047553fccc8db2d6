"""Readers at the web app: each asks over HTTP as the page in a browser does.

The page's handlers are not offered to other programs, so what to send is read
from the app's own description of its page: the box and the button by their
names, and what the button's handler takes.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eval.bench.processes import ROOT, failed
from kb.errors import KBError

if TYPE_CHECKING:
    import httpx

START_SECONDS, ANSWER_SECONDS = 120, 60
BOX, SEND, ANEW = "question", "send", "anew"
ENDS = ("process_completed", "unexpected_error")
# How the page marks an answer, one that is still to come, and a problem.
ANSWER, WAITING, PROBLEM = 'class="answer', 'class="answer waiting', 'class="answer problem'


@dataclass(frozen=True, slots=True)
class Asked:
    """One question at the web app; `error` is empty if an answer came.

    `begun_ms` is until its first words stood on the page, `ms` until the whole answer did.
    """

    ms: float
    begun_ms: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """How the page tells that a button was pressed: handler, trigger, and the values it is given."""

    handler: int
    trigger: int
    inputs: tuple[int, ...]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, config: dict[str, Any], name: str) -> Button:
        """Find it in the app's description; KBError where the page has changed."""
        parts = {one["id"]: one.get("props", {}) for one in config["components"]}
        trigger = place_of(config, name)
        for handler in config["dependencies"]:
            if [trigger, "click"] in [list(target) for target in handler["targets"]]:
                inputs = tuple(handler["inputs"])
                return cls(handler["id"], trigger, inputs, tuple(parts[key].get("value") for key in inputs))
        raise KBError(f"On the page the button {name!r} does nothing; mend eval/bench/web.py.")

    def pressed(self, session: str, **typed: Any) -> dict[str, Any]:  # noqa: ANN401
        """Return what to post, with what was typed into the parts of these numbers (as text)."""
        data = [typed.get(str(key), value) for key, value in zip(self.inputs, self.values, strict=True)]
        return {"data": data, "fn_index": self.handler, "trigger_id": self.trigger, "session_hash": session}


def place_of(config: dict[str, Any], name: str) -> int:
    """Return the number of a part of the page; KBError where the page has changed."""
    for part in config["components"]:
        if part.get("props", {}).get("elem_id") == name:
            return int(part["id"])
    raise KBError(f"The page has no part {name!r}; mend eval/bench/web.py.")


def asked_by(address: str, questions: Sequence[Sequence[str]], pause: float = 0.0) -> list[Asked]:
    """Let as many users as there are lists ask theirs, each its next when the last is answered.

    With a `pause` in seconds, each waits before every question for half of that
    to half as long again, so that they do not ask in step.
    """
    return asyncio.run(_all(address, questions, pause))


async def _all(address: str, questions: Sequence[Sequence[str]], pause: float) -> list[Asked]:
    import httpx

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(
        base_url=address, timeout=ANSWER_SECONDS, limits=limits, trust_env=False
    ) as client:
        config = (await client.get("config")).json()
        page = Page(client, Button.of(config, ANEW), Button.of(config, SEND), str(place_of(config, BOX)))
        visits = [page.visit(n, theirs, pause) for n, theirs in enumerate(questions)]
        return [one for found in await asyncio.gather(*visits) for one in found]


@dataclass(frozen=True, slots=True)
class Page:
    """The page as its readers use it: the buttons they press, and the box they type into."""

    client: httpx.AsyncClient
    anew: Button
    send: Button
    box: str

    async def visit(self, user: int, questions: Sequence[str], pause: float) -> list[Asked]:
        """Ask one after another in one conversation, on a page that is open already."""
        chance, asked, session = random.Random(user), [], uuid4().hex
        await self._press(self.anew.pressed(session))
        for question in questions:
            await asyncio.sleep(pause * chance.uniform(0.5, 1.5))
            asked.append(await self._press(self.send.pressed(session, **{self.box: question})))
        return asked

    async def _press(self, what: dict[str, Any]) -> Asked:
        """Press a button and wait until the app is done; an answer is looked for in what it then shows."""
        import httpx

        started, begun = time.perf_counter(), 0.0
        error = "no answer came"
        try:
            joined = await self.client.post("gradio_api/queue/join", json=what)
            joined.raise_for_status()
            async for message in _messages(self.client, what["session_hash"]):
                page = _page(message)
                if not begun and ANSWER in page and WAITING not in page:
                    begun = time.perf_counter() - started
                if message["msg"] in ENDS:
                    error = _error(message, page)
                    break
        except httpx.HTTPError as raised:
            error = f"{type(raised).__name__}: {raised}"
        return Asked(1000 * (time.perf_counter() - started), 1000 * begun, error)


async def _messages(client: httpx.AsyncClient, session: str) -> AsyncIterator[dict[str, Any]]:
    async with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if line.startswith("data:"):
                yield json.loads(line[5:])


def _page(message: dict[str, Any]) -> str:
    """Return what a message writes on the page: whole parts, or the changes to them."""
    output = message.get("output") or {}
    return "\n".join(_strings(output.get("data", [])))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _error(message: dict[str, Any], page: str) -> str:
    """Return what went wrong according to the last message, nothing if all is well."""
    if not message.get("success"):
        return f"the app failed: {message.get('output') or message.get('message')}"
    if PROBLEM in page or ANSWER not in page:
        return "the page shows no answer"
    return ""


@contextmanager
def served(index: Path) -> Iterator[tuple[str, int]]:
    """Run `kb serve` on an index; gives its address and process id once it answers; KBError."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "kb.cli", "serve", "--index", str(index), "--port", str(port)]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)
        try:
            try:
                _wait(address, process.poll)
            except KBError as error:
                said.seek(0)
                raise failed(command, said.read()) from error
            yield address, process.pid
        finally:
            process.terminate()
            process.wait()


def _wait(address: str, ended: Callable[[], int | None]) -> None:
    """Return once the app answers; KBError where it has ended or takes too long."""
    import httpx

    until = time.monotonic() + START_SECONDS
    while ended() is None and time.monotonic() < until:
        try:
            httpx.get(address, timeout=10, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    raise KBError(f"The web app did not come up at {address}.")


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
