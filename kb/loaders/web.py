"""A document from a web address, fetched only when somebody asks for that address."""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies

from kb.errors import DocumentError
from kb.loaders import SUFFIXES

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 30.0
# A server may send slowly, but not for ever.
WHOLE_SECONDS = 600.0
MAX_BYTES = 200 * 1024 * 1024
# File systems take names of 255 bytes; the end holds the suffix.
MAX_NAME = 200

# All of IPv6 that is given to networks of the internet so far (RFC 4291, 2.4). The rest is local, reserved,
# or stands for an address of IPv4 in a way that a router may know.
UNICAST = ipaddress.IPv6Network("2000::/3")
# Of IPv4, what Python 3.11 takes for public: protocol assignments and relays to IPv6 (RFC 6890, RFC 7526).
RESERVED = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))

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


def fetch(address: str, folder: Path, most: int | None = None, *, public: bool = False) -> Path:
    """Download a document of up to `most` bytes into `folder` and return its path.

    Raises DocumentError if that fails. With `public`, also if the address, or
    one that it leads on to, is on this computer or a local network: somebody
    at a web page shall reach no more by way of the server than by themselves.
    """
    import httpx

    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _client(public) as client, client.stream("GET", address) as response:
            response.raise_for_status()
            path = folder / _file_name(address, response.headers.get("content-type", ""))
            _save(response, path, address, MAX_BYTES if most is None else most)
    except httpx.HTTPStatusError as error:
        raise DocumentError(f"{address} answered with status {error.response.status_code}.") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DocumentError(f"{address} could not be fetched: {error or type(error).__name__}.") from error
    return path


def _save(response: httpx.Response, path: Path, address: str, most: int) -> None:
    size, until = 0, time.monotonic() + WHOLE_SECONDS
    with path.open("wb") as file:
        for part in response.iter_bytes():
            size += len(part)
            if size > most:
                raise DocumentError(f"{address} is larger than {most >> 20} MiB; save it first.")
            if time.monotonic() > until:
                raise DocumentError(f"{address} took longer than {WHOLE_SECONDS:.0f} s; save it first.")
            file.write(part)


def _client(public: bool) -> httpx.Client:
    import httpx

    if not public:
        return httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=True)

    def check(request: httpx.Request) -> None:
        _public_address(request.url.host, request.url.port)

    class Direct(httpx.HTTPTransport):
        """Connects to the very address that was checked, whatever the name is made to mean a moment later."""

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            host, url = request.url.host, request.url
            checked = url.copy_with(host=_public_address(host, url.port))
            extensions = {**request.extensions, "sni_hostname": host}
            pinned = httpx.Request(
                request.method, checked, headers=request.headers, stream=request.stream, extensions=extensions
            )
            return super().handle_request(pinned)

    # A proxy looks names up for itself, so there the check is all that can be done.
    transport = None if {"http", "https", "all"} & getproxies().keys() else Direct()
    hooks = {"request": [check]}
    return httpx.Client(
        timeout=TIMEOUT_SECONDS, follow_redirects=True, transport=transport, event_hooks=hooks
    )


def _public_address(host: str, port: int | None) -> str:
    """Return an IP address of a host; DocumentError if any it has is local, httpx's error if it has none."""
    import httpx

    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"there is no server {host}") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not _is_public(address):
            raise DocumentError(
                f"{host} is on this computer or the local network, where the web app fetches nothing;"
                " save the document and add the file."
            )
    return addresses[0]


def _is_public(address: str) -> bool:
    """Tell whether an IP address is one of the internet.

    >>> [_is_public(a) for a in ("9.9.9.9", "10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "2620:fe::fe")]
    [True, False, False, False, True]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None:
            return found in UNICAST and found.is_global
        found = inner
    reserved = any(found in network for network in RESERVED)
    return found.is_global and not found.is_multicast and not reserved


def _file_name(address: str, content_type: str) -> str:
    """Name the file after the address; the server's word decides where that has no known suffix."""
    name = re.sub(r"[^\w.-]+", "-", unquote(urlsplit(address).path).rsplit("/", 1)[-1]).strip("-.")
    name = name.encode()[-MAX_NAME:].decode(errors="ignore").lstrip("-.")
    stem = name or urlsplit(address).hostname or "page"
    suffix = _SUFFIXES.get(content_type.partition(";")[0].strip().lower())
    if suffix is None or (name and Path(name).suffix.lower() in SUFFIXES):
        return stem
    return stem + suffix
