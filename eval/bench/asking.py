"""How long a question takes as the library grows, and how much of what is nearest the search finds.

The libraries are made up (`synthetic`), so that the largest need no embedding;
the questions go through the whole assistant. Each size runs in a process of
its own. Recall is that of the index's vector search against all vectors.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from eval.bench.figures import Figure, Row
from eval.bench.kept import kept_index
from eval.bench.options import Options
from eval.bench.processes import run
from eval.bench.synthetic import Library
from eval.bench.worker import Turn, Work, Worker, in_turns, rotated
from eval.console import Progress

K = 10
PROBES = 100
WARM = 3
# What the project holds itself to: an answer's median and 95th percentile, and a new process.
TARGET_MS, TARGET_P95_MS, TARGET_COLD_S = 30, 80, 1.5


def measure(options: Options, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return latency, recall, cold start and memory for each size."""
    built = {f"{size:,}": kept_index(size, options.kept, progress) for size in sorted(options.sizes)}
    sizes = {f"{size:,}": size for size in options.sizes}
    workers = {
        n: Worker("asking", "ask", one["index"], sizes[n], options.questions) for n, one in built.items()
    }
    turns = in_turns(workers, options.repeats, progress, "asking")
    cold = _cold_starts({name: one["index"] for name, one in built.items()}, options.repeats, progress)
    found = {}
    for name, one in built.items():
        progress(f"asking: exact search, {name}", 0, 1)
        with Worker("asking", "recall", one["index"], sizes[name]) as exact:
            recall = exact.turn()["recall"]
        loaded = {f"loaded_{key}": value for key, value in workers[name].loaded.items()}
        found[name] = {**one, **loaded, **_times(turns[name]), "cold_seconds": cold[name], "recall": recall}
    return {"k": K, "probes": PROBES, "questions": options.questions, "sizes": found, "turns": turns}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return answer times, vector search, recall, cold start and memory by size."""

    def rows(key: str) -> tuple[Row, ...]:
        return tuple(Row(name, one[key]) for name, one in found["sizes"].items())

    def goal(value: float) -> Row:
        return Row("target", value, "target")

    note = f"Made-up libraries of so many passages, {found['questions']} questions, model loaded."
    whole = Row("exact search", 1.0, "limit")
    probes = f"{found['probes']} vectors near the passages; exact search compares with every passage."
    cached = "A new process, from its start to its answer; files may be in the system's cache."
    median, slow = (*rows("p50_ms"), goal(TARGET_MS)), (*rows("p95_ms"), goal(TARGET_P95_MS))
    cold = (*rows("cold_seconds"), goal(TARGET_COLD_S))
    return [
        Figure("An answer, by passages in the library, median", "ms", median, less=True, note=note),
        Figure("An answer, 95th percentile", "ms", slow, less=True, note=note),
        Figure("Vector search, p50", "ms", rows("search_p50_ms"), less=True, note=probes),
        Figure(f"Vector search, recall@{K}", "", (*rows("recall"), whole), note=probes),
        Figure("Cold start of kb ask", "s", cold, less=True, note=cached),
        Figure("Memory while answering", "MiB", rows("peak_mb"), less=True, note=note),
        Figure("Index on the disk", "MiB", rows("disk_mb"), less=True),
    ]


def _times(turns: Sequence[Turn]) -> dict[str, Any]:
    """Return percentiles over questions; a question's time is the median of its turns."""
    asked = [median(times) for times in zip(*(turn["ask_ms"] for turn in turns), strict=True)]
    searched = [median(times) for times in zip(*(turn["search_ms"] for turn in turns), strict=True)]
    return {
        "p50_ms": float(np.percentile(asked, 50)),
        "p95_ms": float(np.percentile(asked, 95)),
        "search_p50_ms": float(np.percentile(searched, 50)),
        "search_p95_ms": float(np.percentile(searched, 95)),
        "statuses": turns[0]["statuses"],
        "peak_mb": max(turn["peak_mb"] for turn in turns),
    }


def _cold_starts(indexes: dict[str, str], repeats: int, progress: Progress) -> dict[str, float]:
    """Return the median seconds of `kb ask` in a new process, by size."""
    question = "Who reviews the data policy?"
    seconds: dict[str, list[float]] = {name: [] for name in indexes}
    for turn in range(repeats):
        for done, name in enumerate(rotated(list(indexes), turn)):
            progress(f"asking: cold start, {name}", done, len(indexes))
            command = [sys.executable, "-m", "kb.cli", "ask", question, "--index", indexes[name], "--json"]
            seconds[name].append(run(command)[1].seconds)
    return {name: median(found) for name, found in seconds.items()}


def _ask(index: str, size: str, questions: str) -> Work:
    """Open an assistant on an index; a turn asks every question and searches with every probe."""
    from kb.assistant import open_assistant
    from kb.config import load_config

    assistant = open_assistant(load_config().model_copy(update={"index": Path(index)}))
    library = Library(int(size), assistant.retriever.embedder.dimension)
    asked, probes = library.questions(int(questions)), library.probes(PROBES)
    for question in asked[:WARM]:
        assistant.ask(question)

    def work() -> dict[str, Any]:
        answers, ask_ms = zip(*(_timed(assistant.ask, question) for question in asked), strict=True)
        search_ms = [_timed(assistant.index.search_vector, probe, K)[1] for probe in probes]
        statuses = Counter(answer.status for answer in answers)
        return {"ask_ms": ask_ms, "search_ms": search_ms, "statuses": statuses}

    return work


def _recall(index: str, size: str) -> Work:
    """Open an index; a turn searches it and everything, and returns the share of the nearest found."""
    from kb.index import open_index

    opened = open_index(Path(index))
    library = Library(int(size), opened.settings.dimension)
    probes = library.probes(PROBES)

    def work() -> dict[str, Any]:
        nearest = library.nearest(probes, K)
        found = [{key for key, _ in opened.search_vector(probe, K)} for probe in probes]
        shared = sum(len(some & set(best)) for some, best in zip(found, nearest, strict=True))
        return {"recall": shared / sum(map(len, nearest))}

    return work


def _timed(work: Any, *arguments: object) -> tuple[Any, float]:  # noqa: ANN401 - whatever the work returns
    started = time.perf_counter()
    found = work(*arguments)
    return found, 1000 * (time.perf_counter() - started)


CONTENDERS: dict[str, Callable[..., Work]] = {"ask": _ask, "recall": _recall}
