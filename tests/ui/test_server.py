"""What is served, and what is not."""

from __future__ import annotations

import json
import re
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.ui.strings import Words

from .sample import DOCUMENTS
from .serving import fetch, free_port, served, start

APP = ("-m", "tests.ui.sample_app")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with served(port, *APP, str(port), str(tmp_path_factory.mktemp("index"))) as address:
        yield address


def test_the_page_names_the_product_the_documents_and_the_index(address: str) -> None:
    page, _ = fetch(address)

    for name in ("title", "subtitle", "privacy"):
        assert Words()(f"app.{name}") in page
    assert "3 documents, 1,234 passages" in page
    assert "20260101-abc" in page
    assert all(document.title in page for document in DOCUMENTS.values())


def test_the_browser_is_told_to_load_from_nowhere_else(address: str) -> None:
    page, headers = fetch(address)

    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert not re.findall(r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//""", page)
    assert "fonts.googleapis.com" not in page


def test_other_programs_are_offered_the_named_endpoints_and_nothing_else(address: str) -> None:
    described = json.loads(fetch(f"{address}gradio_api/info")[0])

    assert described["named_endpoints"].keys() == {"/ask", "/search", "/brief", "/egdi"}
    assert described["unnamed_endpoints"] == {}
    with pytest.raises(urllib.error.HTTPError, match="404") as missing:
        fetch(f"{address}openapi.json")
    missing.value.close()


def test_a_port_that_is_taken_is_named_with_the_setting_to_change(address: str) -> None:
    port = address.rstrip("/").rsplit(":", 1)[1]

    with start(*APP, port, ".") as second:
        said, _ = second.communicate(timeout=120)

    assert second.returncode == 1
    assert re.fullmatch(rf"Port {port} of 127.0.0.1 cannot be used.*KB_SERVER__PORT=\d+\.\n", said)


def test_without_an_index_the_program_says_so_and_ends_with_status_1(tmp_path: Path) -> None:
    with start("app.py", KB_INDEX=str(tmp_path / "none")) as program:
        said, _ = program.communicate(timeout=120)

    assert program.returncode == 1
    assert str(tmp_path / "none") in said
    assert len(said.splitlines()) == 1
