"""Fixtures that several tests share: the shipped corpus as an index, and the folder of shared files."""

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
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], embedder: Embedder
) -> Command:
    """The command line in this process, run in an empty folder; the model is not loaded again."""
    from kb.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("kb.embedding.load_embedder", lambda _: embedder)

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
    from kb.index.ingest import build
    from kb.library import find_sources

    folder = tmp_path_factory.mktemp("built") / "index"
    build(folder, find_sources([small_documents]), embedder, load_config().chunking)
    return folder


@pytest.fixture
def small_index(tmp_path: Path, built_index: Path) -> Path:
    """A copy of the index of the short documents."""
    return shutil.copytree(built_index, tmp_path / "index")
