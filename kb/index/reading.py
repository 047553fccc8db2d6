"""Many files read at once, each by a process that may die without harm to the others.

    sources -> one thread a process -> kb.loaders.worker -> documents, in the order of the sources

Only so many documents wait for the one who takes them, so that the largest
folder fits in memory; while they are taken, the next ones are read.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import kb
from kb.errors import DamagedDocument, DocumentError, KBError
from kb.library import Source
from kb.loaders import SECONDS, SUFFIXES
from kb.loaders.worker import READY, attempt, understand
from kb.types import Document

# A loader's own limit speaks first, and says on which page.
GRACE = 15.0
# Documents that wait for their turn, for each process.
AHEAD = 4
# A process starts in a third of a second; fewer and smaller files than these are read sooner without.
FEW, SMALL = 8, 2**20
MIN_MEMORY, MAX_MEMORY = 2**30, 4 * 2**30
# The process runs this same package; -P keeps it from modules in the folder we happen to be in.
CODE = (
    "import sys; place, memory = sys.argv[1:]; sys.path.insert(0, place); import kb; del sys.path[0];"
    " from kb.loaders.worker import main; main(int(memory))"
)

Outcome = Document | DocumentError


def read_all(
    sources: Sequence[Source], processes: int | None = None, seconds: float = SECONDS + GRACE
) -> Generator[Outcome]:
    """Yield the document of every source in order, or the error that says why there is none.

    A file that takes longer than `seconds` is stopped. `processes` is the
    number that read at once: by default one for each processor, and none for
    a few small files that no foreign library reads in this process. Raises
    KBError where a process does not start.
    """
    count = _processes(sources) if processes is None else processes
    if not count:
        yield from (attempt(source.path.name, source.read) for source in sources)
        return
    readers = [Reader(seconds, _memory(count)) for _ in range(count)]
    with ThreadPoolExecutor(count, thread_name_prefix="kb-reading") as threads:
        try:
            yield from _in_order(sources, readers, threads)
        finally:
            # Also when whoever takes the documents breaks off: then nobody wants the rest.
            threads.shutdown(wait=False, cancel_futures=True)
            for reader in readers:
                reader.close()


def _processes(sources: Sequence[Source]) -> int:
    """Return how many processes are worth starting; none that would have nothing to do."""
    files = [s.path for s in sources if s.is_file and s.path.suffix.lower() in SUFFIXES]
    foreign = any(path.suffix.lower() == ".pdf" for path in files)
    small = len(files) <= FEW and sum(_size(path) for path in files) <= SMALL
    return 0 if small and not foreign else min(_processors(), len(files))


def _processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # reading it says what is wrong
        return 0


def _memory(count: int) -> int:
    """Return how much memory each of `count` processes may take so that one is left over for all else."""
    if sys.platform != "linux":
        return MAX_MEMORY
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(MIN_MEMORY, min(MAX_MEMORY, whole // (count + 1)))


def _in_order(
    sources: Sequence[Source], readers: Sequence[Reader], threads: ThreadPoolExecutor
) -> Iterator[Outcome]:
    idle: SimpleQueue[Reader] = SimpleQueue()
    for reader in readers:
        idle.put(reader)

    def read(source: Source) -> Outcome:
        reader = idle.get()
        try:
            return source.describe(reader.load(source.path)) if source.is_file else source.read()
        except DocumentError as error:
            return error
        finally:
            idle.put(reader)

    left = iter(sources)
    waiting: deque[Future[Outcome]] = deque()
    while True:
        more = islice(left, (AHEAD + 1) * len(readers) - len(waiting))
        waiting.extend(threads.submit(read, source) for source in more)
        if not waiting:
            return
        yield waiting.popleft().result()


class Reader:
    """One process that reads one file after the other; a new one takes the place of one that died."""

    def __init__(self, seconds: float, memory: int) -> None:
        self._seconds, self._memory = seconds, memory
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def load(self, path: Path) -> Document:
        """Do what `kb.loaders.load` does, in the process; DocumentError also if that dies or hangs."""
        process = self._running()
        started = time.monotonic()
        line = self._ask(process, path)
        if line.endswith("\n"):
            return understand(line, path.name)
        self._stop()
        if time.monotonic() - started >= self._seconds:
            raise DamagedDocument(
                f"{path.name} could not be read within {self._seconds:.0f} seconds;"
                " split it into parts or save it as PDF."
            )
        raise DamagedDocument(
            f"{path.name} could not be read: the reader stopped unexpectedly;"
            " the file may be damaged or need too much memory, so save it again or split it into parts."
        )

    def close(self) -> None:
        """Stop the process, whatever it is doing."""
        self._closed = True
        self._stop()

    def _ask(self, process: subprocess.Popen[str], path: Path) -> str:
        """Return the line that the process answers with, cut short if it dies or is stopped."""
        watch = threading.Timer(self._seconds, _kill, [process])
        watch.start()
        try:
            _pipe(process.stdin).write(f"{json.dumps(str(path))}\n")
            _pipe(process.stdin).flush()
            return _pipe(process.stdout).readline()
        except (OSError, ValueError):  # a pipe that broke, or that was closed
            return ""
        finally:
            watch.cancel()

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process = _start(self._memory)
        if self._closed:
            _kill(self._process)
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _end(process)


def _start(memory: int) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", CODE, str(Path(kb.__file__).parents[1]), str(memory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        # A group of its own: what it has started is stopped with it, and no key of the terminal reaches it.
        start_new_session=True,
    )
    if _pipe(process.stdout).readline() != f"{READY}\n":
        _end(process)
        raise KBError("The process that reads files does not start; what it says stands above: mend that.")
    return process


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _end(process: subprocess.Popen[str]) -> None:
    _kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was still to be written to a process that is gone
            _pipe(pipe).close()


def _kill(process: subprocess.Popen[str]) -> None:
    """Stop a process, and pandoc if that is at work for it."""
    if process.poll() is not None:
        return
    if os.name != "posix":
        process.kill()
        return
    with suppress(ProcessLookupError):  # it ended by itself just now
        os.killpg(process.pid, signal.SIGKILL)
