"""/health, for whatever watches over the server: whether the index can be read, and which one it is."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from kb.errors import KBError
from kb.ui.desk import Desk
from kb.ui.journal import note

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


def health_route(desk: Desk) -> Route:
    """Return the route; it is open to everybody and says nothing of what the documents hold."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def health(request: Request) -> Response:
        said: dict[str, object] = {"status": "ok", "version": version("policy-kb")}
        try:
            index = desk.assistant.index
            said |= {"generation": index.generation, "documents": len(desk.documents())}
        except KBError as error:
            note("health", status="error", error=str(error))
            said["status"] = "error"
        return JSONResponse(said, 200 if said["status"] == "ok" else 503, {"cache-control": "no-store"})

    return Route("/health", health)
