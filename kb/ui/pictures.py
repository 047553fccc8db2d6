"""Pictures of cited pages: their addresses, who draws them, and the route that serves them.

Only pages of documents that the index holds are served, from the copies that
are kept beside it; the quotes on them are named by passage and place.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING
from urllib.parse import urlencode

import kb
from kb.errors import DocumentError, KBError
from kb.index.originals import find, laid_out
from kb.loaders.pictures import SUFFIXES as PICTURES
from kb.types import Citation

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from kb.ui.desk import Desk

SECONDS = 10.0
# For a page that text recognition has to read again.
SCAN_SECONDS = 60.0
KEPT = 64
# Python reads no number of thousands of digits.
PAGE, QUOTED = re.compile(r"\d{1,9}"), re.compile(r"(\w+):(\d{1,9})-(\d{1,9})")
MOST_QUOTES = 40
# The process runs this same package; -P keeps it from modules in the folder we happen to be in.
CODE = (
    "import sys; place = sys.argv[1]; sys.path.insert(0, place); import kb; del sys.path[0];"
    " from kb.ui.painter import main; main()"
)


def has_picture(index: Path, document_id: str) -> bool:
    """Tell whether pages of a document can be drawn: of a PDF, a picture or an Office file laid out."""
    return drawable(index, document_id) is not None


def drawable(index: Path, document_id: str) -> Path | None:
    """Return the file that pages of a document can be drawn from, if there is one."""
    found = find(index, document_id)
    if found is None or found.suffix == ".pdf" or found.suffix in PICTURES:
        return found
    pages = laid_out(found)
    return pages if pages.is_file() else None


def picture_address(page: int, citations: Sequence[Citation]) -> str:
    """Return the address of a page's picture with its quotes marked, relative to the page of the app."""
    quoted = [("q", f"{c.passage.id}:{c.start}-{c.end}") for c in citations[:MOST_QUOTES]]
    return f"picture/{citations[0].passage.document_id}/{page}?{urlencode(quoted, safe=':')}"


class Painter:
    """Draws pages in a process of its own, one at a time, and keeps the last KEPT of them.

    A new process takes the place of one that died or took longer than SECONDS, for a scan SCAN_SECONDS.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self.draw = lru_cache(KEPT)(self._draw)

    def _draw(self, path: Path, page: int, quotes: tuple[str, ...], recognised: bool = False) -> bytes:
        """Return the page as a JPEG; DocumentError if it cannot be drawn."""
        request = json.dumps({"path": str(path), "page": page, "quotes": quotes, "recognised": recognised})
        seconds = SCAN_SECONDS if recognised else SECONDS
        with self._lock:
            started = time.monotonic()
            line = self._ask(request, seconds)
            late = time.monotonic() - started >= seconds
        if not line.endswith("\n"):
            why = f"within {seconds:.0f} s" if late else "(the process that draws pages ended)"
            raise DocumentError(f"Page {page} of {path.name} could not be drawn {why}.")
        try:
            answer = json.loads(line)
            if "error" not in answer:
                return base64.b64decode(answer["picture"], validate=True)
            why = f"({answer['error']})"
        except (ValueError, KeyError, TypeError):
            why = "(what was drawn is no picture)"
        raise DocumentError(f"Page {page} of {path.name} could not be drawn {why}.")

    def _ask(self, request: str, seconds: float) -> str:
        """Return the line that the process answers with, cut short if it dies or is stopped."""
        process = self.start()
        watch = threading.Timer(seconds, process.kill)
        watch.start()
        try:
            _pipe(process.stdin).write(f"{request}\n")
            _pipe(process.stdin).flush()
            return _pipe(process.stdout).readline()
        except (OSError, ValueError):  # a pipe that broke
            return ""
        finally:
            watch.cancel()

    def start(self) -> subprocess.Popen[str]:
        """Return the process; a new one if there is none yet or if it ended."""
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = _start()
        return self._process

    def close(self) -> None:
        """Stop the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what was still to be written to a process that is gone
                _pipe(pipe).close()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", CODE, str(Path(kb.__file__).parents[1])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def picture_route(painter: Painter, desk: Desk) -> Route:
    """Return the route "picture/DOCUMENT/PAGE?q=PASSAGE:START-END" for the app's server."""
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route

    def picture(request: Request) -> Response:
        try:
            drawn = _requested(desk, painter, request)
        except KBError as error:
            return PlainTextResponse(str(error), 404)
        return Response(drawn, media_type="image/jpeg")

    return Route("/picture/{document}/{page}", picture)


def _requested(desk: Desk, painter: Painter, request: Request) -> bytes:
    """Return the picture that a request names; KBError if the index has no such thing."""
    index = desk.assistant.index
    document, page = request.path_params["document"], request.path_params["page"]
    held = desk.documents().get(document)
    if held is None:
        raise DocumentError("The index has no such document.")
    original = drawable(desk.config.index, document)
    if original is None:
        raise DocumentError("Of this document no PDF or picture was kept.")
    if not PAGE.fullmatch(page):
        raise DocumentError("This is no number of a page.")
    named = [QUOTED.fullmatch(value) for value in request.query_params.getlist("q")[:MOST_QUOTES]]
    places = [(found[1], int(found[2]), int(found[3])) for found in named if found]
    passages = index.fetch([passage_id for passage_id, _, _ in places])
    quotes = tuple(
        passage.text[start:end]
        for passage, (_, start, end) in zip(passages, places, strict=True)
        if passage.document_id == document
    )
    return painter.draw(original, int(page), quotes, int(page) in held.recognised)
