"""A contender in a process of its own: loads once, then does its work each time it is told to.

    python -m eval.bench.worker PART NAME [ARGUMENT ..]

Each line on standard input is a turn; each turn gives one JSON object on
standard output, and so does having loaded. `PART` is a module of this package
whose `CONTENDERS` has a function for NAME that loads and returns the work.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from statistics import median
from types import TracebackType
from typing import Any, TypeAlias

from eval.bench.processes import ROOT, Cost, Watch, failed, memory_mb, processor_seconds
from eval.console import Progress

# Does the work once; returns what it found, counts say.
Work: TypeAlias = Callable[[], dict[str, Any]]
# What a turn found, with `seconds`, `processor_seconds` and `peak_mb` beside it.
Turn: TypeAlias = dict[str, Any]


class Worker:
    """The process of one contender, from entering to leaving; KBError if it fails."""

    def __init__(self, part: str, name: str, *arguments: object) -> None:
        words = [part, name, *map(str, arguments)]
        self._command = [sys.executable, "-m", "eval.bench.worker", *words]

    def __enter__(self) -> Worker:
        """Start the process and wait until it has loaded."""
        self._said = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        try:
            self.loaded = {**self._answer(), "memory_mb": memory_mb(self._process.pid)}
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the process end: its standard input is closed."""
        self._process.communicate()
        self._said.close()

    def turn(self) -> Turn:
        """Let it work once; the cost is seen from outside, with all processes that it started."""
        assert self._process.stdin is not None
        pid = self._process.pid
        before = processor_seconds(pid)
        with Watch(pid) as watch:
            self._process.stdin.write("go\n")
            self._process.stdin.flush()
            found = self._answer()
        cost = Cost(found.pop("seconds"), processor_seconds(pid) - before, watch.peak_mb)
        return {**found, **cost.as_dict()}

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait()
            self._said.seek(0)
            raise failed(self._command, self._said.read())
        found: dict[str, Any] = json.loads(line)
        return found


def in_turns(
    workers: Mapping[str, Worker], repeats: int, progress: Progress, part: str
) -> dict[str, list[Turn]]:
    """Let the workers work one at a time, `repeats` times round, each round beginning with another."""
    found: dict[str, list[Turn]] = {name: [] for name in workers}
    names = list(workers)
    with ExitStack() as stack:
        for done, name in enumerate(names):
            progress(f"{part}: loading {name}", done, len(names))
            stack.enter_context(workers[name])
        for turn in range(repeats):
            for done, name in enumerate(rotated(names, turn)):
                progress(f"{part}: turn {turn + 1}, {name}", done, len(names))
                found[name].append(workers[name].turn())
    return found


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """Return the names beginning with another each turn, so that nobody is always first.

    >>> rotated(["a", "b", "c"], 1)
    ['b', 'c', 'a']
    """
    first = turn % max(len(names), 1)
    return [*names[first:], *names[:first]]


def middle(turns: Sequence[Turn], key: str) -> float:
    """Return the median of a number over the turns.

    >>> middle([{"seconds": 3.0}, {"seconds": 9.0}, {"seconds": 4.0}], "seconds")
    4.0
    """
    return float(median(turn[key] for turn in turns))


def main(part: str, name: str, *arguments: str) -> None:
    """Load a contender, then work once for each line of standard input."""
    out = _own_output()
    started = time.perf_counter()
    work: Work = importlib.import_module(f"eval.bench.{part}").CONTENDERS[name](*arguments)
    _write(out, {"load_seconds": time.perf_counter() - started})
    for _ in sys.stdin:
        started = time.perf_counter()
        found = work()
        _write(out, {**found, "seconds": time.perf_counter() - started})


def _own_output() -> int:
    """Keep standard output for the answers: whatever libraries print there goes to standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def _write(out: int, found: dict[str, Any]) -> None:
    os.write(out, json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
