"""A prepared model whose compiled form belongs to somebody else: one prepares it, another serves it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.types import Embedder
from tests.conftest import MODELS, ROOT

# An administrator may read everything, so becomes nobody, once all that is to be imported has been.
ENCODE = """
import os, sys
from pathlib import Path
from kb.config import load_config
from kb.embedding import load_embedder

models = Path(sys.argv[1])
config = load_config().embedding.model_copy(update={"models_folder": models})
load_embedder(config)
for cache in models.glob("*/cache"):
    for path in cache.iterdir():
        path.chmod(0)
    cache.chmod(0o555)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
print(load_embedder(config).encode(["data"]).shape)
"""


@pytest.fixture
def models(embedder: Embedder) -> Iterator[Path]:
    """A copy of the prepared model, where everybody may look in."""
    with tempfile.TemporaryDirectory(prefix="kb-models-") as name:
        os.chmod(name, 0o755)
        folder = Path(name, "models")
        shutil.copytree(
            MODELS / embedder.digest, folder / embedder.digest, ignore=shutil.ignore_patterns("cache")
        )
        # What `kb build` prepared is its owner's alone.
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield folder
        for cache in folder.glob("*/cache"):
            cache.chmod(0o755)


@pytest.mark.skipif(os.name != "posix", reason="rights are other ones here")
def test_a_cache_of_somebody_else_is_done_without(models: Path, embedder: Embedder) -> None:
    command = [sys.executable, "-c", ENCODE, str(models)]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert (done.stdout, done.stderr) == (f"(1, {embedder.dimension})\n", "")
