"""Runs every pipeline on the same documents and questions, each in processes of its own.

First each indexes the documents, one after another. Then all are asked in
turns, `repetitions` times, each time in another order, so that what else the
machine does falls on all of them. Cold starts are measured in the same turns:
a new process that answers one question from what was stored.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.cases import Case, read_cases, read_folder
from eval.console import Progress
from kb.errors import KBError
from kb.library import find_sources

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PYTHON = HERE / ".venv" / "bin" / "python"
OWN_CASES = ROOT / "eval" / "cases"
OURS = "ours"
PEERS = (OURS, "langchain", "llamaindex", "haystack")
# Nothing is downloaded, and nobody is told that the pipelines run.
OFFLINE = dict.fromkeys(("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "ANONYMIZED_TELEMETRY_DISABLED"), "1")
OFFLINE |= {"HAYSTACK_TELEMETRY_ENABLED": "False", "LANGSMITH_TRACING": "false"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What a pipeline wrote: `ingest` once, `asked` each time; `cold_seconds` by the clock outside."""

    name: str
    ingest: dict[str, Any]
    asked: list[dict[str, Any]]
    cold_seconds: list[float]


def chosen_peers(only: Sequence[str] | None) -> list[str]:
    """Return the pipelines to run; KBError for an unknown one, or where their environment is missing."""
    unknown = [name for name in only or () if name not in PEERS]
    if unknown:
        raise KBError(f"There is no pipeline {unknown[0]!r}; choose --only from {', '.join(PEERS)}.")
    wanted = [name for name in PEERS if not only or name in only]
    if wanted != [OURS] and not PYTHON.exists():
        raise KBError("The peers' environment is missing; make it with: make -C eval/peers")
    return wanted


def questions_of(files: Sequence[Path] | None) -> list[Case]:
    """Return the cases to ask: all that are no follow-ups, which the others cannot complete."""
    cases = [case for file in files for case in read_cases(file)] if files else read_folder(OWN_CASES)
    asked = [case for case in cases if not case.history]
    if not asked:
        raise KBError("All of the cases are follow-ups, which the peers cannot complete; name other --cases.")
    return asked


def copied(documents: Path, target: Path) -> int:
    """Copy the documents without their catalogue, so that all pipelines see the same; returns how many.

    A folder that holds other documents already, kept from another run, is refused.
    """
    if not documents.is_dir():
        raise KBError(f"{documents} is no folder of documents; name another with --documents.")
    # A file without an ending is a licence or the like, which some loaders refuse.
    sources = [source for source in find_sources([documents]) if source.path.suffix]
    kept = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    if kept and kept != {source.name for source in sources}:
        raise KBError(f"{target} holds other documents; name another folder with --index.")
    for source in sources:
        (target / source.name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source.path, target / source.name)
    return len(sources)


def run_all(
    names: Sequence[str], folder: Path, cases: Sequence[Case], repetitions: int, progress: Progress
) -> list[Measured]:
    """Let every pipeline index `folder`/documents and answer the cases; KBError if one fails."""
    all_of, one = folder / "questions.jsonl", folder / "question.jsonl"
    _write(all_of, cases)
    _write(one, cases[:1])
    found: dict[str, Measured] = {}
    for done, name in enumerate(names):
        progress(f"Indexing, {name}", done, len(names))
        found[name] = Measured(name, _indexed(name, folder), [], [])
    for turn in range(repetitions):
        for done, name in enumerate((*names[turn % len(names) :], *names[: turn % len(names)])):
            progress(f"Asking, turn {turn + 1}, {name}", done, len(names))
            found[name].asked.append(_run(name, "search", folder / name, all_of)[0])
            found[name].cold_seconds.append(_run(name, "search", folder / name, one)[1])
    return list(found.values())


def _write(path: Path, cases: Sequence[Case]) -> None:
    lines = [json.dumps({"id": case.id, "question": case.question}) for case in cases]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _indexed(name: str, folder: Path) -> dict[str, Any]:
    """Return what a pipeline wrote as it indexed the documents; what is kept is not done again."""
    kept = folder / f"{name}-indexed.json"
    if not kept.exists():
        shutil.rmtree(folder / name, ignore_errors=True)
        ingest, seconds = _run(name, "ingest", folder / "documents", folder / name)
        load = os.getloadavg()[0]
        kept.write_text(json.dumps({**ingest, "process_seconds": seconds, "load_average": load}))
    written: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return written


def adapter_command(name: str, command: str, *paths: Path) -> tuple[list[str], dict[str, str]]:
    """Return what runs an adapter: the command line, and the environment to add; run from ROOT."""
    python = sys.executable if name == OURS else str(PYTHON)
    return [python, "-m", f"eval.peers.adapters.{name}", command, *map(str, paths)], OFFLINE


def _run(name: str, command: str, *paths: Path) -> tuple[dict[str, Any], float]:
    """Run an adapter; returns what it wrote, and its seconds from start to end."""
    out = paths[-1].parent / f"{name}-{command}.json"
    arguments, environment = adapter_command(name, command, *paths, out)
    started = time.perf_counter()
    done = subprocess.run(
        arguments,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - started
    if done.returncode != 0:
        reason = (done.stderr.strip() or "no message").splitlines()[-1]
        raise KBError(f"The pipeline {name!r} failed at {command!r}: {reason}")
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result, seconds
