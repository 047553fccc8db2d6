"""Files that somebody asked for: kept in memory for a moment, and fetched under a name nobody can guess."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING
from urllib.parse import quote

from kb.ui.markup import tag

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

KEPT = 64


class Downloads:
    """The last KEPT files, by token and name. Safe to share between threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def offer(self, name: str, data: bytes) -> str:
        """Keep a file and return its address, relative to the page of the app."""
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._files[token, name] = data
            while len(self._files) > KEPT:
                self._files.popitem(last=False)
        return f"download/{token}/{quote(name)}"

    def get(self, token: str, name: str) -> bytes | None:
        """Return a file that is still kept."""
        return self._files.get((token, name))


# A page that puts `link` into a part with this script has the browser fetch the file at once.
FETCH = 'watch("value", () => element.querySelector("a")?.click());'


def link(address: str) -> str:
    """Return what makes the browser fetch a file; nobody sees it."""
    return tag("a", "", href=address, download="", tabindex="-1", aria_hidden="true")


def download_route(downloads: Downloads) -> Route:
    """Return the route that `Downloads.offer` makes addresses of."""
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    def download(request: Request) -> Response:
        name = request.path_params["name"]
        data = downloads.get(request.path_params["token"], name)
        if data is None:
            return PlainTextResponse("This file is no longer kept; ask for it again.", 404)
        headers = {
            "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "cache-control": "no-store",
        }
        return Response(data, media_type="application/octet-stream", headers=headers)

    return Route("/download/{token}/{name}", download)
