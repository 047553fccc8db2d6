"""The table and the chapter on its method, as an index that needs no model."""

from __future__ import annotations

from pathlib import Path

from kb.config import load_config
from kb.index import FolderIndex, open_index
from kb.index.ingest import build
from kb.library import find_sources
from tests.conftest import ROOT
from tests.fakes import HashedEmbedder


def indexed(folder: Path) -> FolderIndex:
    """Build the index in a folder and open it."""
    files = [ROOT / "corpus" / name for name in ("egdi-2003-2024.csv", "egdi-methodology.pdf")]
    build(folder, find_sources(files), HashedEmbedder(64), load_config().chunking)
    return open_index(folder)
