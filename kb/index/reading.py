"""Many files read at once, each by a process that may die without harm to the others.

    sources -> one thread a process -> kb.loaders.worker -> documents, in the order of the sources

No file is ever read by the program itself, however small: files are
untrusted, and what hangs or fills the memory must not take the program along.
Processes that have nothing to do are kept for the next files. Only so many
documents wait for the one who takes them, so that the largest folder fits in
memory; while they are taken, the next ones are read.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
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
from kb.index.watch import Watch, cost_of, kill
from kb.library import Source
from kb.loaders import SUFFIXES
from kb.loaders.limits import MAX_ANSWER, MEMORY, MOST_SCANS, SECONDS
from kb.loaders.worker import READY, SCAN, attempt, understand
from kb.types import Document

# A loader's own limit speaks first, and says on which page.
GRACE = 5.0
# Documents that wait for their turn, for each process.
AHEAD = 4
# A process that holds more than so many bytes between two files is not kept for the next ones.
KEPT = 2**28
# The process runs this same package; -P keeps it from modules in the folder we happen to be in.
CODE = (
    "import sys; place, memory, seconds, ocr = sys.argv[1:]; sys.path.insert(0, place); import kb;"
    " del sys.path[0];"
    " from kb.loaders.worker import main; main(int(memory), float(seconds), bool(int(ocr)))"
)

Outcome = Document | DocumentError


def read_all(
    sources: Sequence[Source],
    processes: int | None = None,
    seconds: float = SECONDS + GRACE,
    ocr: bool = True,
) -> Generator[Outcome]:
    """Yield the document of every source in order, or the error that says why there is none.

    A file that takes more than `seconds` of work is stopped; with `ocr` pages that
    are pictures are recognised, and each of them may take as long. `processes` is the
    number that read at once, by default one for each processor. Raises KBError
    where a process does not start.
    """
    files = sum(source.is_file and source.path.suffix.lower() in SUFFIXES for source in sources)
    count = max(1, min(processes or _processors(), files))
    readers = [_idle.get(seconds, ocr) for _ in range(count)]
    with ThreadPoolExecutor(count, thread_name_prefix="kb-reading") as threads:
        try:
            yield from _in_order(sources, readers, threads)
        except BaseException:
            # Whoever takes the documents breaks off, and nobody wants the rest.
            threads.shutdown(wait=False, cancel_futures=True)
            for reader in readers:
                reader.close()
            raise
    _idle.put(readers)


def warm_up(ocr: bool = True) -> None:
    """Let a process start already, while something else is prepared."""
    reader = _idle.get(SECONDS + GRACE, ocr)
    reader.start()
    _idle.put([reader])


def _processors() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _in_order(
    sources: Sequence[Source], readers: Sequence[Reader], threads: ThreadPoolExecutor
) -> Iterator[Outcome]:
    free: SimpleQueue[Reader] = SimpleQueue()
    for reader in readers:
        free.put(reader)

    def read(source: Source) -> Outcome:
        if not source.is_file:
            return attempt(source.name, source.read)
        reader = free.get()
        try:
            return source.describe(reader.load(source.path))
        except DocumentError as error:
            return error
        finally:
            free.put(reader)

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

    def __init__(self, seconds: float, memory: int = MEMORY, ocr: bool = True) -> None:
        self.seconds, self.ocr, self._memory = seconds, ocr, memory
        self._process: subprocess.Popen[str] | None = None
        self._ready = self._closed = False

    def load(self, path: Path) -> Document:
        """Do what `kb.loaders.load` does, in the process; DocumentError also if that dies or hangs."""
        process = self._running()
        with Watch(process, self.seconds, self._memory) as watch:
            line = self._ask(process, path, watch)
        if line.endswith("\n"):
            return understand(line, path.name)
        self._stop()
        if watch.exceeded == "seconds":
            raise DamagedDocument(
                f"{path.name} could not be read within {self.seconds:.0f} seconds;"
                " split it into parts or save it as PDF."
            )
        if watch.exceeded == "memory" or len(line) >= MAX_ANSWER:
            raise DamagedDocument(f"{path.name} needs too much memory to be read; split it into parts.")
        raise DamagedDocument(
            f"{path.name} could not be read: the reader stopped unexpectedly;"
            " the file may be damaged or need too much memory, so save it again or split it into parts."
        )

    def start(self) -> None:
        """Start the process unless it runs; it need not be ready yet."""
        if self._process is None or self._process.poll() is not None:
            self._stop()
            self._process, self._ready = _start(self._memory, self.seconds, self.ocr), False

    @property
    def process(self) -> int | None:
        """The number of the process, if there is one."""
        return self._process.pid if self._process else None

    @property
    def is_fresh(self) -> bool:
        """Tell whether the process runs, and holds little of what it read last."""
        process = self._process
        return process is not None and process.poll() is None and cost_of(process.pid).memory <= KEPT

    def close(self) -> None:
        """Stop the process, whatever it is doing."""
        self._closed = True
        self._stop()

    def _ask(self, process: subprocess.Popen[str], path: Path, watch: Watch) -> str:
        """Return the line that the process answers with, cut short if it dies or is stopped."""
        try:
            _pipe(process.stdin).write(f"{json.dumps(str(path.absolute()))}\n")
            _pipe(process.stdin).flush()
            line = _pipe(process.stdout).readline(MAX_ANSWER)
            for _ in range(MOST_SCANS):
                if line != f"{SCAN}\n":
                    break
                watch.renew()
                line = _pipe(process.stdout).readline(MAX_ANSWER)
            return line
        except (OSError, ValueError):  # a pipe that broke, or that was closed
            return ""

    def _running(self) -> subprocess.Popen[str]:
        self.start()
        process = self._process
        assert process is not None
        if self._closed:
            kill(process)
        elif not self._ready and _pipe(process.stdout).readline() != f"{READY}\n" and not self._closed:
            self._stop()
            raise KBError(
                "The process that reads files does not start; what it says stands above: mend that."
            )
        self._ready = True
        return process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _end(process)


class _Idle:
    """Readers that wait for the next files: as many as there are processors, at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._readers: list[Reader] = []

    def get(self, seconds: float, ocr: bool) -> Reader:
        """Return a reader, one that runs if there is one."""
        with self._lock:
            fit = [reader for reader in self._readers if (reader.seconds, reader.ocr) == (seconds, ocr)]
            if fit:
                self._readers.remove(fit[0])
                return fit[0]
        return Reader(seconds, ocr=ocr)

    def put(self, readers: Sequence[Reader]) -> None:
        """Keep readers that are worth it, and close the others."""
        with self._lock:
            waiting = [*self._readers, *(reader for reader in readers if reader.is_fresh)]
            self._readers = waiting[-_processors() :]
            gone = {*waiting, *readers} - {*self._readers}
        for reader in gone:
            reader.close()

    def close(self) -> None:
        """Stop all that wait."""
        with self._lock:
            readers, self._readers = self._readers, []
        for reader in readers:
            reader.close()


_idle = _Idle()
atexit.register(_idle.close)


def _start(memory: int, seconds: float, ocr: bool) -> subprocess.Popen[str]:
    # The process's own limit is a second line, for when whoever watches is gone.
    limits = (str(memory), str(2 * seconds), str(int(ocr)))
    return subprocess.Popen(
        [sys.executable, "-P", "-c", CODE, str(Path(kb.__file__).parents[1]), *limits],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        # No folder of its own: one that is removed or unmounted meanwhile is nobody's business.
        cwd=os.sep,
        # A group of its own: what it has started is stopped with it, and no key of the terminal reaches it.
        start_new_session=True,
    )


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _end(process: subprocess.Popen[str]) -> None:
    kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):  # what was still to be written to a process that is gone
            _pipe(pipe).close()
