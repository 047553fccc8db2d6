"""The real app and a browser, started once for all tests that only look and ask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .serving import free_port, served

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


@pytest.fixture(scope="session")
def corpus_address(corpus_index: Path) -> Iterator[str]:
    """The real app, on the index of the documents that ship."""
    port = free_port()
    settings = {"KB_INDEX": str(corpus_index), "KB_SERVER__PORT": str(port)}
    with served(port, "app.py", **settings) as address:
        yield address


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A browser with a fresh profile."""
    from .browsing import browser

    with browser(tmp_path_factory.mktemp("profile")) as driver:
        yield driver
