"""Fixtures that several tests share: the model, the shipped corpus as an index, the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from kb.assistant import Assistant, open_assistant
from kb.config import Config, load_config
from kb.index import office
from kb.models.reader import Reader
from kb.types import Embedder
from tests import real
from tests.real import MODELS as MODELS

ROOT = Path(__file__).parents[1]
# What is read must not depend on whether LibreOffice is here; the tests of it set this otherwise.
os.environ["KB_INGEST__LAYOUT"] = "false"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test where the browser or LibreOffice that it needs is missing, with what to install."""
    if item.get_closest_marker("office") and office.program() is None:
        pytest.fail(
            "This test needs LibreOffice; install it with: apt-get install libreoffice-writer-nogui"
            " libreoffice-impress-nogui",
            pytrace=False,
        )
    if item.get_closest_marker("browser"):
        from tests.ui.browsing import missing

        if lacking := missing():
            pytest.fail(lacking, pytrace=False)


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


def built_once(folder: Path, sources: Path, embedder: Embedder) -> Path:
    """Index a folder of documents, which one process does while the others wait for it."""
    from kb.index.ingest import build
    from kb.library import find_sources

    with FileLock(f"{folder}.lock"):
        if not (folder / "CURRENT").exists():
            report = build(folder, find_sources([sources]), embedder, load_config().chunking)
            assert report.left_out == {}
    return folder


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedded model, prepared once in the checkout and used by every run."""
    return real.embedder()


@pytest.fixture(scope="session")
def reader() -> Reader:
    """The reader, prepared once in the checkout and used by every run."""
    return real.reader()


@pytest.fixture(scope="session")
def corpus_index(common: Path, embedder: Embedder) -> Path:
    """An index of the shipped corpus. Not to be changed: copy it first."""
    return built_once(common / "corpus-index", ROOT / "corpus", embedder)


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


@dataclass(frozen=True)
class Ran:
    """What a run of the command line left: exit status, standard output and standard error."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON is anything
        """Standard output read as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Standard output read as one JSON value a line."""
        return [json.loads(line) for line in self.out.split("\n") if line]


Command = Callable[..., Ran]


@pytest.fixture
def kb(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    embedder: Embedder,
    reader: Reader,
) -> Command:
    """The command line in this process, run in an empty folder; the models are not loaded again."""
    from kb.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("kb.embedding.load_embedder", lambda _: embedder)
    monkeypatch.setattr("kb.models.reader.load_reader", lambda _: reader)

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr("sys.argv", ["kb", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, *capsys.readouterr())

    return run


@pytest.fixture
def program(tmp_path: Path) -> Command:
    """The installed program, or other code, in a process of its own in an empty folder."""

    def run(*arguments: object, code: str | None = None, **environment: str) -> Ran:
        start = [sys.executable, "-c", code] if code else [str(Path(sys.executable).with_name("kb"))]
        done = subprocess.run(
            [*start, *map(str, arguments)],
            env={**os.environ, "KB_EMBEDDING__MODELS_FOLDER": str(MODELS), **environment},
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def small_documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of three short documents."""
    folder = tmp_path_factory.mktemp("small")
    texts = {
        "note.txt": "# Venue\n\nThe Kigali workshop takes place in the Convention Center."
        "\n\n# Dates\n\nThe Kigali workshop takes place on 22 March 2023.\n",
        "guide.md": "# Survey guide\n\n## Method\n\nThe survey rates online services by five subindices."
        "\n\n## Pillars\n\nThe pillars of data governance are:\n\n"
        "- policy\n- institutions\n- people\n- process\n",
        "values.csv": "country,egdi\nRwanda,0.5489\nLao PDR,0.3764\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def built_index(tmp_path_factory: pytest.TempPathFactory, small_documents: Path, embedder: Embedder) -> Path:
    """An index of the short documents. Not to be changed: `small_index` is a copy."""
    return built_once(tmp_path_factory.mktemp("built") / "index", small_documents, embedder)


@pytest.fixture
def small_index(tmp_path: Path, built_index: Path) -> Path:
    """A copy of the index of the short documents."""
    return shutil.copytree(built_index, tmp_path / "index")
