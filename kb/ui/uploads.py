"""Files on their way into the library: kept in a folder aside until whoever sent them adds them."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kb.errors import DocumentError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

# So many files wait at most; whoever sends more loses the first.
KEPT = 64
# File systems take names of 255 bytes.
MAX_NAME = 200
# Keys are given to the last so many visits of librarians.
KEYS = 1000
# Carries the key. A page of another site has none, nor could it send the header along.
HEADER = "x-kb-upload"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent: its own name, where it lies, and the id its document will have."""

    name: str
    path: Path
    document_id: str


def own_name(name: str) -> str:
    r"""Return a file's name without folders before it and characters that nobody sees.

    >>> own_name("..\\..\\C:\\notes\\Étude <b>1.PDF"), own_name("../../etc/passwd"), own_name("..")
    ('Étude <b>1.PDF', 'passwd', 'document')
    """
    last = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()
    suffix = PurePosixPath(last).suffix
    stem = last.removesuffix(suffix).encode()[: MAX_NAME - len(suffix.encode())].decode(errors="ignore")
    found = (stem + suffix).lstrip(".") if len(suffix) < MAX_NAME else ""
    return found or "document"


class Uploads:
    """The last KEPT files that were sent and not added yet, by token. Safe to share between threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, Upload] = OrderedDict()
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._folder: Path | None = None
        # Removes what waits; also called at the end of the program, but not by a signal.
        self.clear: Callable[[], object] = lambda: None
        # Held by whoever changes the index from this app.
        self.writing = threading.Lock()

    def key(self) -> str:
        """Return a new key; the page of somebody who may change documents sends files with it."""
        key = secrets.token_urlsafe(16)
        with self._lock:
            self._keys[key] = None
            while len(self._keys) > KEYS:
                self._keys.popitem(last=False)
        return key

    def opens(self, key: str) -> bool:
        """Tell whether a key was given out here."""
        return key in self._keys

    async def receive(self, name: str, parts: AsyncIterable[bytes], most: int) -> str:
        """Keep a file of up to `most` bytes and return its token; DocumentError if it is larger."""
        place = Path(tempfile.mkdtemp(dir=self.home()))
        path, size, digest = place / own_name(name), 0, hashlib.sha256()
        try:
            with path.open("wb") as file:
                async for part in parts:
                    size += len(part)
                    if size > most:
                        raise too_large(path.name, most)
                    digest.update(part)
                    file.write(part)
        except BaseException:  # also when the browser goes away halfway
            shutil.rmtree(place, ignore_errors=True)
            raise
        return self._hold(Upload(path.name, path, digest.hexdigest()[:16]))

    def take(self, token: str) -> Upload | None:
        """Return a file that waits, if it still does; whoever takes it removes it with `discard`."""
        with self._lock:
            return self._files.pop(token, None)

    def _hold(self, upload: Upload) -> str:
        token = secrets.token_urlsafe(16)
        with self._lock:
            self._files[token] = upload
            dropped = self._files.popitem(last=False)[1] if len(self._files) > KEPT else None
        if dropped:
            discard(dropped)
        return token

    def home(self) -> Path:
        """Return the folder of all that is on its way, which only this program's user may look into."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="kb-uploads-"))
                self.clear = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            return self._folder


def discard(upload: Upload) -> None:
    """Remove the file that was sent."""
    shutil.rmtree(upload.path.parent, ignore_errors=True)


def too_large(name: str, most: int) -> DocumentError:
    """Return what is said of a file larger than `most` bytes."""
    return DocumentError(
        f"{name} is larger than {most >> 20} MiB; split it, or raise the setting server.max_upload_mb."
    )


def upload_route(uploads: Uploads, most: int) -> Route:
    """Return the route "upload?name=NAME", which takes a file of up to `most` bytes and returns its token."""
    from starlette.requests import ClientDisconnect
    from starlette.responses import JSONResponse, PlainTextResponse
    from starlette.routing import Route

    async def upload(request: Request) -> Response:
        if not uploads.opens(request.headers.get(HEADER, "")):
            return PlainTextResponse("This page may not send documents any more; load it again.", 403)
        try:
            token = await uploads.receive(request.query_params.get("name", ""), request.stream(), most)
        except DocumentError as error:
            return PlainTextResponse(str(error), 413)
        except ClientDisconnect:  # Nobody is there to read it, and it is no fault of the program.
            return PlainTextResponse("The file did not arrive whole; send it again.", 400)
        return JSONResponse({"token": token})

    return Route("/upload", upload, methods=["POST"])
