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
from filelock import FileLock

from kb.embedding.runner import LOCK
from kb.types import Embedder
from tests.conftest import MODELS, ROOT

# An administrator may read everything, so becomes nobody, once all that is to be imported has been.
ENCODE = """
import os, sys
from pathlib import Path
from kb.config import load_config
from kb.embedding import load_embedder

models, files, folder = Path(sys.argv[1]), int(sys.argv[2], 8), int(sys.argv[3], 8)
config = load_config().embedding.model_copy(update={"models_folder": models})
load_embedder(config)
for cache in models.glob("*/cache"):
    for path in cache.iterdir():
        path.chmod(files)
    cache.chmod(folder)
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
@pytest.mark.parametrize("rights", [("000", "555"), ("444", "777")])
def test_a_cache_of_somebody_else_is_done_without(
    models: Path, embedder: Embedder, rights: tuple[str, str]
) -> None:
    command = [sys.executable, "-c", ENCODE, str(models), *rights]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert (done.stdout, done.stderr) == (f"(1, {embedder.dimension})\n", "")


def test_programs_that_start_at_once_wait_for_the_cache(tmp_path: Path, embedder: Embedder) -> None:
    folder = tmp_path / "model"
    shutil.copytree(MODELS / embedder.digest, folder, ignore=shutil.ignore_patterns("cache"))
    compiling = "import sys; from pathlib import Path; from kb.embedding.runner import compile_model\n"
    compiling += "compile_model(Path(sys.argv[1], 'model.xml'), 'LATENCY', Path(sys.argv[1], 'cache'))"
    command = [sys.executable, "-c", compiling, str(folder)]
    started = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [process.communicate(timeout=120)[1] for process in started] == [""] * 3
    assert [process.returncode for process in started] == [0] * 3
    blobs = {path.name: path.stat().st_mtime_ns for path in (folder / "cache").glob("*.blob")}
    # Whoever holds the lock reads or writes; the others wait, and leave what is there as it is.
    with FileLock(folder / "cache" / LOCK):
        process = subprocess.Popen(command, cwd=ROOT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3)
    assert process.wait(120) == 0
    assert {path.name: path.stat().st_mtime_ns for path in (folder / "cache").glob("*.blob")} == blobs
