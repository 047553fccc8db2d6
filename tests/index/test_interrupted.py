"""Whatever stops a commit, the index answers from one whole generation or the other."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kb.index import IndexSettings, create_index, open_index
from tests.index.library import EMBEDDER, GUIDE, NOTE, adding

ROOT = Path(__file__).parents[2]

KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from kb.index import open_index
from tests.index.library import NOTE, adding

folder, place, when = sys.argv[1:]
owner, name = place.rsplit(".", 1)
owner = importlib.import_module(owner)
real = getattr(owner, name)

def hooked(*args, **kwargs):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    result = real(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

index = open_index(Path(folder))
setattr(owner, name, hooked)
index.apply(adding(NOTE))
"""

FULL = """
import resource, signal, sys
from pathlib import Path
from kb.errors import KBError
from kb.index import open_index
from tests.index.library import adding, document, passage

texts = [passage("big", n, f"number {n} of many " + "filler " * 60) for n in range(150)]
index, changes = open_index(Path(sys.argv[1])), adding((document("big"), texts))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    index.apply(changes)
except KBError as error:
    print(error)
"""


def child(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    settings = IndexSettings(EMBEDDER.digest, "chunks", EMBEDDER.dimension)
    create_index(tmp_path / "index", settings, adding(GUIDE))
    return tmp_path / "index"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "when", "documents"),
    [
        ("kb.index.writing.write_catalogue", "before", 1),
        ("kb.index.writing.write_catalogue", "after", 1),
        ("kb.index.writing.write_vectors", "after", 1),
        ("kb.index.writing.write_words", "after", 1),
        ("kb.index.writing.write_lexicon", "after", 1),
        ("kb.index.writing.sync", "after", 1),
        ("os.rename", "after", 1),
        ("os.replace", "before", 1),
        ("os.replace", "after", 2),
    ],
)
def test_killed_while_it_commits(folder: Path, place: str, when: str, documents: int) -> None:
    done = child(KILLED, folder, place, when)
    assert done.returncode == -signal.SIGKILL, done.stderr
    index = open_index(folder)
    index.verify()
    assert len(index.documents()) == documents
    assert index.search_words("five subindices", 1)[0][0] == "guide/0"

    index.apply(adding(NOTE))
    assert index.search_words("pillars", 1)[0][0] == "note/2"
    left = {path.name for path in (folder / "generations").iterdir()}
    assert index.generation in left
    assert len(left) == 2
    assert {path.name for path in folder.iterdir()} == {"CURRENT", "generations", ".lock"}


@pytest.mark.parametrize("limit", [1_000, 100_000, 600_000])
def test_a_disk_that_takes_no_more(folder: Path, limit: int) -> None:
    """A limit on file sizes stops SQLite and FAISS as a full disk does."""
    before = open_index(folder).generation
    done = child(FULL, folder, limit)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Cannot write to the index {folder} (")
    assert "it is as it was before" in done.stdout
    assert [path.name for path in (folder / "generations").iterdir()] == [before]
    assert open_index(folder).generation == before


def test_the_limit_is_what_stopped_it(folder: Path) -> None:
    done = child(FULL, folder, resource.getrlimit(resource.RLIMIT_FSIZE)[0])
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert open_index(folder).size == 152
