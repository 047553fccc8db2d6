"""What a process and all that it started cost: seconds, processor seconds, memory. Reads Linux's /proc."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.errors import KBError

PROC = Path("/proc")
ROOT = Path(__file__).parents[2]
SAMPLE_SECONDS = 0.1
KIB_PER_MB = 1024
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
# Fields of /proc/PID/stat after the command's name: parent, then four times in ticks.
PARENT, TIMES = 1, slice(11, 15)
STATES = ("Clean", "Dirty")


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took; `peak_mb` is the most that all its processes held together."""

    seconds: float
    processor_seconds: float
    peak_mb: float

    def as_dict(self) -> dict[str, float]:
        """Return it as a JSON object."""
        return asdict(self)


def check_system() -> None:
    """Raise KBError where processes cannot be watched."""
    if not (PROC / "self" / "smaps_rollup").exists():
        raise KBError("This system has no /proc/PID/smaps_rollup, so nothing can be measured; use Linux.")


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for path in PROC.iterdir():
        if path.name.isdigit() and (fields := _stat(int(path.name))):
            children.setdefault(int(fields[PARENT]), []).append(int(path.name))
    found = [pid]
    for one in found:
        found += children.get(one, [])
    return found


def memory_mb(pid: int) -> float:
    """Return the MiB that a process and its descendants hold.

    What each has to itself is added up; of what they share, libraries for the
    most part, the largest share of one counts once.
    """
    held = [_held(one) for one in family(pid)]
    return (sum(own for own, _ in held) + max(shared for _, shared in held)) / KIB_PER_MB


def processor_seconds(pid: int) -> float:
    """Return the processor's seconds of a process and its descendants so far, ended ones among them."""
    ticks = (_stat(one)[TIMES] for one in family(pid))
    return sum(int(value) for times in ticks for value in times) / TICKS


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name; none for a process that has ended."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def _held(pid: int) -> tuple[int, int]:
    """Return the KiB that a process has to itself and that it shares; zeros for one that has ended."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0, 0
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    own, shared = (sum(found[f"{kind}_{state}"] for state in STATES) for kind in ("Private", "Shared"))
    return own, shared


class Watch:
    """Samples the memory of a process and its descendants in a thread until it is closed.

    >>> with Watch(os.getpid()) as watch:
    ...     pass
    >>> watch.peak_mb > 1
    True
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self.peak_mb = memory_mb(pid)

    def __enter__(self) -> Watch:
        """Begin to sample."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, with one more sample."""
        self._stop.set()
        self._thread.join()
        self.peak_mb = max(self.peak_mb, memory_mb(self._pid))

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.peak_mb = max(self.peak_mb, memory_mb(self._pid))


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[str, Cost]:
    """Run a command in the repository's root; returns its standard output and its cost.

    Raises KBError with its last words if it fails.
    """
    before = _ended_children()
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(
            list(command), cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=out, stderr=said
        )
        with Watch(process.pid) as watch:
            status = process.wait()
            seconds = time.perf_counter() - started
        cost = Cost(seconds, _ended_children() - before, watch.peak_mb)
        if status != 0:
            said.seek(0)
            raise failed(command, said.read())
        out.seek(0)
        return out.read(), cost


def failed(command: Sequence[str], said: str) -> KBError:
    """Say that a command failed, and its last words."""
    reason = (said.strip() or "no message").splitlines()[-1]
    name = " ".join(Path(part).name if part == sys.executable else part for part in command[:5])
    return KBError(f"{name} failed: {reason}")


def _ended_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
