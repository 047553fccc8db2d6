"""From a folder of PDF files to an index that answers, beside the usual pipelines.

Each pipeline runs in a new process, from start to end, in turns; memory is
that of all its processes together.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from eval.bench.figures import Figure, peers
from eval.bench.files import chosen_files
from eval.bench.options import Options
from eval.bench.processes import run
from eval.bench.worker import Turn, middle, rotated
from eval.console import Progress
from eval.peers.side_by_side import OURS, PEERS, PYTHON, adapter_command
from kb.errors import KBError

# Title, unit, key and whether less is better, of what is drawn.
DRAWN = (
    ("Indexing a folder of PDF files", "pages/s", "pages_per_second", False),
    ("Indexing: processor time", "s", "processor_seconds", True),
    ("Indexing: most memory, all processes", "MiB", "peak_mb", True),
)


def measure(options: Options, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return seconds, processor seconds and memory of each pipeline; Skipped without files."""
    chosen = chosen_files(options)
    (folder / "documents").mkdir()
    for path in chosen.pages:
        below = "-".join(path.relative_to(chosen.folder).parts)
        shutil.copyfile(path, folder / "documents" / below)
    names = list(PEERS) if options.peers and PYTHON.exists() else [OURS]
    turns: dict[str, list[Turn]] = {name: [] for name in names}
    failed: dict[str, str] = {}
    for turn in range(options.repeats):
        for done, name in enumerate(rotated(names, turn)):
            progress(f"ingest: turn {turn + 1}, {name}", done, len(names))
            if name not in failed:
                _take_turn(name, folder, turns[name], failed)
    costs = {name: _costs(found, chosen.count) for name, found in turns.items() if name not in failed}
    absent = dict.fromkeys(set(PEERS) - set(names), "left out, or not made: make -C eval/peers")
    return {**chosen.about(), "contenders": costs, "missing": {**absent, **failed}, "turns": turns}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return time, processor time and memory, ours beside the others."""
    note = (
        f"{found['pages']} of {found['pages_of_folder']} pages in {len(found['files'])} files, "
        "from the start of the process to its end."
    )
    note += "".join(f" No {name}: {reason}." for name, reason in sorted(found["missing"].items()))
    return [
        Figure(title, unit, peers(found["contenders"], key, OURS), less=less, note=note)
        for title, unit, key, less in DRAWN
    ]


def _take_turn(name: str, folder: Path, turns: list[Turn], failed: dict[str, str]) -> None:
    """Let a pipeline index; what another one cannot do is said, and does not end the comparison."""
    try:
        turns.append(_ingested(name, folder))
    except KBError as error:
        if name == OURS:
            raise
        failed[name] = str(error)


def _ingested(name: str, folder: Path) -> Turn:
    """Index the documents into an empty store."""
    store, out = folder / name, folder / f"{name}.json"
    shutil.rmtree(store, ignore_errors=True)
    command, environment = adapter_command(name, "ingest", folder / "documents", store, out)
    _, cost = run(command, environment)
    written = json.loads(out.read_text(encoding="utf-8"))
    return {"chunks": written["chunks"], "ingest_seconds": written["seconds"], **cost.as_dict()}


def _costs(turns: list[Turn], pages: int) -> dict[str, float]:
    seconds = middle(turns, "seconds")
    return {
        "seconds": seconds,
        "pages_per_second": pages / seconds,
        "processor_seconds": middle(turns, "processor_seconds"),
        "peak_mb": max(turn["peak_mb"] for turn in turns),
        "chunks": turns[0]["chunks"],
    }
