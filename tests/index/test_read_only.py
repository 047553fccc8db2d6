"""An index that may only be read, as on a shared folder, answers; one that may not be read says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

# An administrator may write anywhere, so becomes nobody, once all that is to be imported has been.
SEARCH = """
import os, sys
from pathlib import Path
from kb.errors import KBError
from kb.index import open_index

def search():
    index = open_index(Path(sys.argv[1]))
    return len(index.search_words("Kigali workshop", 5)), len(index.documents())

if os.geteuid() == 0:
    search()
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    print(*search())
except KBError as error:
    print(error)
"""


@pytest.fixture
def shelf(built_index: Path) -> Iterator[Path]:
    """A copy of the small index where everybody may look in, and nobody but the administrator may write."""
    with tempfile.TemporaryDirectory(prefix="kb-shelf-") as name:
        os.chmod(name, 0o755)
        index = shutil.copytree(built_index, Path(name, "index"))
        _allow(index, folders=0o555, files=0o444)
        yield index
        _allow(index, folders=0o755, files=0o644)


def _allow(index: Path, *, folders: int, files: int) -> None:
    for path in (index, *index.rglob("*")):
        path.chmod(folders if path.is_dir() else files)


def _searched(index: Path) -> str:
    """Return what a reader without the rights of an administrator gets of an index."""
    command = [sys.executable, "-c", SEARCH, str(index)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.stderr == ""
    return done.stdout


pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights are other ones here")


def test_an_index_that_may_only_be_read_answers_and_leaves_nothing_behind(shelf: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("kb-words-*"))

    assert _searched(shelf) == "2 3\n"
    assert set(Path(tempfile.gettempdir()).glob("kb-words-*")) <= before


def test_an_index_that_may_not_be_read_is_not_called_damaged(shelf: Path) -> None:
    (shelf / "CURRENT").chmod(0)

    said = _searched(shelf)

    assert said.startswith(f"The index {shelf} may not be read (")
    assert "rebuild" not in said
    assert "see that you may read its files" in said
