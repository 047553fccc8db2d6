"""A document from a web address, fetched only when somebody asks for that address."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kb.errors import DocumentError
from kb.loaders import SUFFIXES

TIMEOUT_SECONDS = 30.0
MAX_BYTES = 200 * 1024 * 1024
# File systems take names of 255 bytes; the end holds the suffix.
MAX_NAME = 200

# What a server calls a document, and the suffix by which the loaders know it.
_SUFFIXES = {
    "application/pdf": ".pdf",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


def is_address(text: str) -> bool:
    """Tell whether an argument is a web address rather than a path.

    >>> is_address("https://example.org/note.pdf"), is_address("notes/https.pdf")
    (True, False)
    """
    return text.lower().startswith(("http://", "https://"))


def fetch(address: str, folder: Path) -> Path:
    """Download a document into `folder` and return its path; DocumentError if that fails."""
    import httpx

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with httpx.stream("GET", address, timeout=TIMEOUT_SECONDS, follow_redirects=True) as response:
            response.raise_for_status()
            path = folder / _file_name(address, response.headers.get("content-type", ""))
            size = 0
            with path.open("wb") as file:
                for part in response.iter_bytes():
                    size += len(part)
                    if size > MAX_BYTES:
                        raise DocumentError(f"{address} is larger than {MAX_BYTES >> 20} MiB; save it first.")
                    file.write(part)
    except httpx.HTTPStatusError as error:
        raise DocumentError(f"{address} answered with status {error.response.status_code}.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DocumentError(f"{address} could not be fetched: {error or type(error).__name__}.") from error
    return path


def _file_name(address: str, content_type: str) -> str:
    """Name the file after the address; the server's word decides where that has no known suffix."""
    name = re.sub(r"[^\w.-]+", "-", unquote(urlsplit(address).path).rsplit("/", 1)[-1]).strip("-.")
    name = name.encode()[-MAX_NAME:].decode(errors="ignore").lstrip("-.")
    stem = name or urlsplit(address).hostname or "page"
    suffix = _SUFFIXES.get(content_type.partition(";")[0].strip().lower())
    if suffix is None or (name and Path(name).suffix.lower() in SUFFIXES):
        return stem
    return stem + suffix
