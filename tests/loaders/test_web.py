"""Documents from web addresses, fetched from a server on this computer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kb.errors import DocumentError
from kb.loaders import web
from kb.loaders.web import _file_name, fetch, is_address

TEXT = b"Room MH4 is reserved on the second day.\n"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# Path -> status, headers, body.
PAGES: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/note.txt": (200, {"Content-Type": "text/plain; charset=utf-8"}, TEXT),
    "/moved.txt": (302, {"Location": "/note.txt"}, b""),
    "/round": (302, {"Location": "/round"}, b""),
    "/away": (302, {"Location": "file:///etc/hostname"}, b""),
    "/broken.txt": (200, {"Content-Type": "text/plain", "Content-Encoding": "gzip"}, b"no gzip"),
    "/failing": (500, {}, b"oops"),
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, wanted = self.path.partition("?type=")
        known = (200, {"Content-Type": wanted}, TEXT) if wanted else (404, {}, b"not here")
        status, headers, body = PAGES.get(path, known)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("https://example.org/note.pdf", True),
        ("HTTP://EXAMPLE.ORG", True),
        ("notes/https.pdf", False),
        ("file:///etc/hostname", False),
        ("ftp://example.org/note.pdf", False),
    ],
)
def test_what_is_a_web_address(argument: str, expected: bool) -> None:
    assert is_address(argument) is expected


def test_a_document_is_saved_under_its_name(site: str, tmp_path: Path) -> None:
    path = fetch(f"{site}/note.txt", tmp_path / "new folder")
    assert path == tmp_path / "new folder" / "note.txt"
    assert path.read_bytes() == TEXT


def test_a_redirect_is_followed(site: str, tmp_path: Path) -> None:
    assert fetch(f"{site}/moved.txt", tmp_path).read_bytes() == TEXT


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/missing.pdf", "answered with status 404"),
        ("/failing", "answered with status 500"),
        ("/round", "could not be fetched"),
        ("/away", "could not be fetched"),
        ("/broken.txt", "could not be fetched"),
    ],
)
def test_what_cannot_be_had_is_named(site: str, path: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        fetch(site + path, tmp_path)
    assert str(caught.value).startswith(site + path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/x.txt", "http://", "http://[", "http://a b/", "https://:"]
)
def test_an_address_without_a_server_is_named(address: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="could not be fetched"):
        fetch(address, tmp_path)


def test_a_document_too_large_is_refused(site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "MAX_BYTES", len(TEXT))
    assert fetch(f"{site}/note.txt", tmp_path).read_bytes() == TEXT
    monkeypatch.setattr(web, "MAX_BYTES", len(TEXT) - 1)
    with pytest.raises(DocumentError, match="larger than"):
        fetch(f"{site}/note.txt", tmp_path)


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("/book", "text/html; charset=utf-8", "book.html"),
        ("/book", "Application/PDF", "book.pdf"),
        ("/book", DOCX, "book.docx"),
        ("/book", "application/octet-stream", "book"),
        ("/pages/2.1", "text/html", "2.1.html"),
        ("/page.php", "text/html", "page.php.html"),
        ("/README.md", "text/plain", "README.md"),
        ("/data.tsv", "text/plain", "data.tsv"),
        ("/report.pdf", "text/html", "report.pdf"),
        ("/NOTE.TXT", "text/plain", "NOTE.TXT"),
        ("/", "text/html", "127.0.0.1.html"),
        ("/a%20b%2Bc.txt", "text/plain", "a-b-c.txt"),
        ("/%C3%A9tude.txt", "text/plain", "étude.txt"),
    ],
)
def test_the_suffix_is_the_addresss_or_else_the_servers(path: str, kind: str, name: str) -> None:
    assert _file_name(f"http://127.0.0.1:80{path}?type=.pdf#x.pdf", kind) == name


def test_the_server_says_what_a_page_without_a_suffix_is(site: str, tmp_path: Path) -> None:
    assert fetch(f"{site}/book?type=application/pdf", tmp_path).name == "book.pdf"


@pytest.mark.parametrize(
    "path",
    [
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e",
        "/%2e%2e%2f",
        "/..%5c..%5cevil.txt",
        "/%2froot%2f.bashrc",
        "/.hidden",
        "/%00.txt",
        "/" + "long" * 400 + ".txt",
        "/" + "%E6%95%B0" * 100 + ".txt",
    ],
)
def test_a_name_stays_in_its_folder(path: str, tmp_path: Path) -> None:
    name = _file_name(f"http://127.0.0.1{path}", "text/plain")
    assert name.endswith(".txt")
    assert not name.startswith(".")
    (tmp_path / name).write_bytes(TEXT)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_fetched_document_stays_in_its_folder(site: str, tmp_path: Path) -> None:
    saved = fetch(f"{site}/..%2f..%2fevil%2f..%5cnote.txt?type=text/plain", tmp_path / "here" / "there")
    assert saved.parent == tmp_path / "here" / "there"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [saved]


LOCAL = "localhost 127.0.0.1 [::1] [::ffff:127.0.0.1] 0.0.0.0 2130706433 10.1.2.3 192.168.0.9 169.254.169.254"


@pytest.mark.parametrize("host", LOCAL.split())
def test_what_is_to_be_public_is_never_fetched_from_here_or_the_local_network(
    site: str, host: str, tmp_path: Path
) -> None:
    port = site.rpartition(":")[2]
    with pytest.raises(DocumentError, match="is on this computer or the local network"):
        fetch(f"http://{host}:{port}/note.txt", tmp_path, public=True)
    assert list(tmp_path.iterdir()) == []


RESERVED = (
    "fec0::1 64:ff9b::7f00:1 64:ff9b:1::7f00:1 ::127.0.0.1 ::9.9.9.9 192.0.0.8 192.0.0.9 192.88.99.1 5f00::1"
)
RESERVED += " 2002:7f00:1:: 2001:0:4136:e378:: 2001:db8::1 fe80::1%lo ff02::1 224.0.0.1 240.0.0.1 100.64.0.1"


@pytest.mark.parametrize("address", RESERVED.split())
def test_an_address_that_is_reserved_is_not_public_whatever_python_says(address: str) -> None:
    assert not web._is_public(address)
    assert web._is_public("2606:4700::1111")
    assert web._is_public("2002:909:909::")


def test_a_public_address_that_leads_to_a_local_one_is_refused(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.1 stands for the internet here, and 127.0.0.2 is as local as ever."""
    local = site.replace("127.0.0.1", "127.0.0.2")
    monkeypatch.setitem(PAGES, "/inward", (302, {"Location": f"{local}/note.txt"}, b""))
    monkeypatch.setattr(web, "_is_public", lambda address: address == "127.0.0.1")

    assert fetch(f"{site}/moved.txt", tmp_path, public=True).read_bytes() == TEXT
    with pytest.raises(DocumentError, match=r"127\.0\.0\.2 is on this computer or the local network"):
        fetch(f"{site}/inward", tmp_path, public=True)


def test_a_name_is_looked_up_for_the_connection_no_second_time(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name leads to the site in what was checked; nothing else in the world knows it."""
    monkeypatch.setattr(web, "_public_address", lambda host, port: "127.0.0.1")
    port = site.rpartition(":")[2]
    assert fetch(f"http://name.invalid:{port}/note.txt", tmp_path, public=True).read_bytes() == TEXT


def test_the_most_that_is_fetched_may_be_less(site: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="larger than"):
        fetch(f"{site}/note.txt", tmp_path, len(TEXT) - 1)
