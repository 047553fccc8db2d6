"""The shipped table, as a file and as the index of the corpus holds it."""

from __future__ import annotations

import pytest

from kb.config import load_config
from kb.egdi import Figures, load_figures
from kb.index import FolderIndex
from tests.conftest import ROOT

from .sample import indexed


@pytest.fixture(scope="session")
def figures() -> Figures:
    """The table that ships."""
    return load_figures(load_config(corpus=ROOT / "corpus"))


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> FolderIndex:
    return indexed(tmp_path_factory.mktemp("egdi") / "index")
