"""What is served, and what is not."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kb.config import ServerConfig
from kb.errors import ConfigError
from kb.ui.page import PRIVACY, SUBTITLE, TITLE, build
from kb.ui.server import launch

from .sample import DOCUMENTS, Desk, venue_answer

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    blocks = build(Desk(lambda _: venue_answer()))
    yield launch(blocks, ServerConfig(port=free_port()))
    blocks.close(verbose=False)


def fetch(url: str) -> tuple[str, dict[str, str]]:
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode(), dict(response.headers)


def test_it_listens_on_this_computer_only(address: str) -> None:
    assert address.startswith("http://127.0.0.1:")


def test_the_page_names_the_product_the_documents_and_the_index(address: str) -> None:
    page, _ = fetch(address)

    for words in (TITLE, SUBTITLE, PRIVACY, "3 documents, 1,234 passages", "20260101-abc"):
        assert words in page
    assert all(document.title in page for document in DOCUMENTS.values())


def test_the_browser_is_told_to_load_from_nowhere_else(address: str) -> None:
    page, headers = fetch(address)

    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert not re.findall(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//""", page)
    assert "fonts.googleapis.com" not in page


def test_no_interface_for_other_programs_is_offered(address: str) -> None:
    described, _ = fetch(f"{address}gradio_api/info")

    assert json.loads(described) == {"named_endpoints": {}, "unnamed_endpoints": {}}
    with pytest.raises(urllib.error.HTTPError, match="404") as missing:
        fetch(f"{address}openapi.json")
    missing.value.close()


def test_a_port_that_is_taken_is_named_with_the_setting_to_change(address: str) -> None:
    port = int(address.rstrip("/").rsplit(":", 1)[1])

    with pytest.raises(ConfigError, match=rf"Port {port} of 127.0.0.1 .* KB_SERVER__PORT"):
        launch(build(Desk(lambda _: venue_answer())), ServerConfig(port=port))


def test_without_an_index_the_program_says_so_and_ends_with_status_1(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, ROOT / "app.py"],
        env={"KB_INDEX": str(tmp_path / "none"), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ended.returncode == 1
    assert str(tmp_path / "none") in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
