"""Fixtures that several tests share: the shipped corpus as an index, and the folder of shared files."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.assistant import Assistant, open_assistant
from kb.config import Config, load_config
from kb.types import Embedder

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
MODELS = ROOT / "indexes" / "models"


def shared(name: str) -> Path:
    """Return a folder of the shared files; the test is skipped where it is missing."""
    if not (SHARED / name).is_dir():
        pytest.skip(f"the shared folder {name} is not here")
    return SHARED / name


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedded model, prepared once in the checkout and used by every run."""
    from kb.embedding import load_embedder

    return load_embedder(load_config().embedding.model_copy(update={"models_folder": MODELS}))


@pytest.fixture(scope="session")
def corpus_index(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """An index of the shipped corpus. Not to be changed: copy it first."""
    from kb.index.ingest import build
    from kb.library import find_sources

    folder = tmp_path_factory.mktemp("corpus") / "index"
    report = build(folder, find_sources([ROOT / "corpus"]), embedder, load_config().chunking)
    assert report.left_out == {}
    return folder


@pytest.fixture(scope="session")
def corpus_config(corpus_index: Path) -> Config:
    """Settings that name the index of the corpus and the prepared model."""
    config = load_config(index=corpus_index)
    embedding = config.embedding.model_copy(update={"models_folder": MODELS})
    return config.model_copy(update={"embedding": embedding})


@pytest.fixture(scope="session")
def assistant(corpus_config: Config) -> Assistant:
    """An assistant on the index of the corpus."""
    return open_assistant(corpus_config)


@pytest.fixture
def sources_folder() -> Path:
    """The five public documents as extracted text."""
    return shared("sources")


@pytest.fixture
def pdf_folder() -> Path:
    """PDF files of many kinds, some damaged, encrypted or empty."""
    return shared("files/pdf")


@pytest.fixture
def office_folder() -> Path:
    """Office, web and text files of many kinds, some damaged, encrypted or empty."""
    return shared("files/office")
