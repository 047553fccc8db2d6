"""/health, for whatever watches over the server: whether questions are answered, and from which index."""

from __future__ import annotations

import time
from importlib.metadata import version
from typing import TYPE_CHECKING

from kb.ui.desk import Desk
from kb.ui.journal import note

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

# Asked of any library: what it answers does not matter, but that it does.
QUESTION = "Who is responsible for the data?"
# Seconds for which a reply stands: however often it is called, /health asks no more than a person does.
FRESH = 5.0


class Pulse:
    """Asks the question, no more than once in FRESH seconds; to be used by one thread at a time."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked = -FRESH
        self._said: dict[str, object] = {}

    def said(self) -> dict[str, object]:
        """Return what is said of the server; its status is "ok" or "error"."""
        if time.monotonic() - self._asked >= FRESH:
            self._said = {"status": "ok", "version": version("policy-kb"), **self._ask()}
            self._asked = time.monotonic()
        return self._said

    def _ask(self) -> dict[str, object]:
        try:
            answer = self._desk.assistant.quoting().ask(QUESTION)
            return {"generation": answer.index_generation, "documents": len(self._desk.documents())}
        except Exception as error:
            # Whatever it is, people's questions end like that too.
            note("health", status="error", error=str(error) or type(error).__name__)
            return {"status": "error"}


def health_route(desk: Desk) -> Route:
    """Return the route; it is open to everybody and says nothing of what the documents hold."""
    from anyio import CapacityLimiter, to_thread
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    # A thread of its own: it need not wait until the questions of others are answered.
    pulse, alone = Pulse(desk), CapacityLimiter(1)

    async def health(request: Request) -> Response:
        said = await to_thread.run_sync(pulse.said, limiter=alone)
        return JSONResponse(said, 200 if said["status"] == "ok" else 503, {"cache-control": "no-store"})

    return Route("/health", health)
