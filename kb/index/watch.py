"""Watches over a process that reads a file: what it and the programs it has started work, hold and take."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from kb.loaders.limits import PATIENCE

# Seconds between two looks: memory fills at a few GB a second at most, and the system itself stops each
# process that takes too much alone.
EVERY = 0.1
TICKS, PAGE = (os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")) if sys.platform == "linux" else (1, 1)


class Cost(NamedTuple):
    """Seconds of work, and bytes held."""

    work: float
    memory: int


class Watch:
    """While it is entered, stops a process that goes beyond its limits, with all that it has started.

    `exceeded` names the limit: "seconds" or "memory"; "" if it kept to them.
    """

    def __init__(self, process: subprocess.Popen[str], seconds: float, memory: int) -> None:
        self._process, self._seconds, self._memory = process, seconds, memory
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="kb-watch", daemon=True)
        self.exceeded = ""

    def __enter__(self) -> Watch:
        """Begin to look."""
        self.renew()
        self._thread.start()
        return self

    def renew(self) -> None:
        """Begin the seconds anew."""
        self._before, self._started = cost_of(self._process.pid).work, time.monotonic()

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(EVERY):
            self.exceeded = self._beyond()
            if self.exceeded:
                kill(self._process)
                return

    def _beyond(self) -> str:
        work, memory = cost_of(self._process.pid)
        if memory > self._memory:
            return "memory"
        late = time.monotonic() - self._started > self._seconds * PATIENCE
        return "seconds" if late or work - self._before > self._seconds else ""


def cost_of(process: int) -> Cost:
    """Return what a process and all that it has started cost so far; nothing where no system tells."""
    if sys.platform != "linux":
        return Cost(0.0, 0)
    work = memory = 0
    for one in (process, *_children(process)):
        with suppress(OSError, ValueError):  # it ended by itself just now
            # The fields after the program's name, which may hold anything; see proc(5).
            fields = Path(f"/proc/{one}/stat").read_bytes().rpartition(b")")[2].split()
            work += sum(map(int, fields[11:15] if one == process else fields[11:13]))
            memory += int(fields[21]) * PAGE
    return Cost(work / TICKS, memory)


def _children(process: int) -> Iterator[int]:
    """Yield what any thread of a process has started, and what that has."""
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # the thread ended by itself just now
            for child in map(int, path.read_bytes().split()):
                yield child
                yield from _children(child)


def kill(process: subprocess.Popen[str]) -> None:
    """Stop a process that leads a group of its own, and pandoc if that is at work for it."""
    if process.poll() is not None:
        return
    if os.name != "posix":
        process.kill()
        return
    with suppress(ProcessLookupError):  # it ended by itself just now
        os.killpg(process.pid, signal.SIGKILL)
