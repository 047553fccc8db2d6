"""A converted transformer run by OpenVINO on the processor, batch after batch."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from kb.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.embedding.batches import Batch

# From this many batches on, several at once gain more than compiling for that costs.
MANY = 4

# In which numbers models run, on every processor; docs/decisions/precision.md says why.
PRECISION = "f32"
# Held by whoever reads or writes a cache folder.
LOCK = ".lock"

# A broken promise is what is left of an allocation that failed in one of OpenVINO's threads.
_NO_MEMORY = (
    "allocate memory",
    "bad_alloc",
    "broken promise",
    "can't alloc",
    "failed to allocate",
    "out of memory",
)

log = logging.getLogger(__name__)


def import_openvino() -> Any:  # noqa: ANN401 - the module itself
    """Import OpenVINO with its usage reports off.

    OpenVINO reports even its import to its maker, unless its telemetry package
    cannot be imported: then it puts a stub in its place.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def compile_model(model: Path, hint: str, cache: Path | None) -> Any:  # noqa: ANN401 - openvino.CompiledModel
    """Compile a model for this processor; a cache folder keeps what that found out.

    Threads are OpenVINO's choice, all physical cores. Precision is not: left to
    itself it takes bfloat16 where the processor has it, and then a text's
    vector depends on its batch and its machine.
    """
    settings = {"PERFORMANCE_HINT": hint, "INFERENCE_PRECISION_HINT": PRECISION}
    core = import_openvino().Core()
    # Whoever may not write to the folder, or not read what is in it, does without: OpenVINO would not start.
    if cache is None or not _usable(cache):
        return core.compile_model(model, "CPU", settings)
    cache.mkdir(exist_ok=True)
    # OpenVINO maps its files into memory, and writes them in place: a process that reads one while
    # another writes it dies.
    with FileLock(cache / LOCK):
        return core.compile_model(model, "CPU", {**settings, "CACHE_DIR": str(cache)})


def _usable(cache: Path) -> bool:
    held = [cache, *cache.glob("*")] if cache.exists() else [cache.parent]
    written = [held[0], *(path for path in held if path.name == LOCK)]
    return all(os.access(p, os.W_OK) for p in written) and all(os.access(p, os.R_OK) for p in held)


class Runner:
    """Runs batches through one model; safe to use from several threads.

    A few batches run one by one on all cores, many at once on a core each.
    The two wait for their like only: a question does not wait for an index
    that is being built. `budget` is the number of padded tokens that a batch
    may hold; it is halved where memory runs out over one.
    """

    def __init__(self, model: Path, *, pad_id: int, budget: int, cache: Path | None = None) -> None:
        self.budget = budget
        self._model, self._pad_id, self._cache = model, pad_id, cache
        one = self._compile("LATENCY")
        self._names = [port.any_name for port in one.inputs]
        self._request: Any = one.create_infer_request()
        self._several: Any = None
        self._one_lock, self._several_lock = threading.Lock(), threading.Lock()

    def run(self, batches: Iterator[Batch], results: NDArray[np.float32]) -> None:
        """Write the model's first output, one row a text, into the batches' rows of `results`."""
        head = list(islice(batches, MANY))
        batches = chain(head, batches)
        if len(head) == MANY:
            with self._several_lock:
                left = self._at_once(batches, results)
            batches = chain(left, batches)
        for batch in batches:
            self._alone(batch, results)

    def _alone(self, batch: Batch, results: NDArray[np.float32]) -> None:
        halves: tuple[Batch, ...] = ()
        try:
            with self._one_lock:
                results[batch.rows] = self._infer(batch)
        except (MemoryError, RuntimeError) as error:
            halves = self._halves(batch, error)
        # Out here, where the error no longer holds the request and its memory.
        for half in halves:
            self._alone(half, results)

    def _infer(self, batch: Batch) -> NDArray[np.float32]:
        try:
            if self._request is None:
                self._request = self._compile("LATENCY").create_infer_request()
            self._request.infer(self._inputs(batch))
            return self._request.get_output_tensor(0).data  # type: ignore[no-any-return]
        except (MemoryError, RuntimeError):
            # What broke off in the middle keeps some of this batch's shapes and fits no other.
            self._request = None
            raise

    def _halves(self, batch: Batch, error: Exception) -> tuple[Batch, Batch]:
        """Return the halves of a batch that memory ran out over; raise what is no lack of memory."""
        longest = max(len(encoding) for encoding in batch.tokens)
        if not is_memory(error):
            raise error
        if len(batch.rows) == 1:
            raise ModelError(
                f"Memory ran out over one text of {longest} tokens; close other programs or add memory."
            ) from error
        self.budget = max(longest, min(self.budget, longest * len(batch.rows)) // 2)
        log.warning("Memory ran out over a batch of %d texts; it runs in halves.", len(batch.rows))
        return batch.halves()

    def _at_once(self, batches: Iterator[Batch], results: NDArray[np.float32]) -> list[Batch]:
        """Run batches on all cores until memory runs out; return those then begun and not done."""
        # Not OpenVINO's AsyncInferQueue: its callbacks take Python's lock in OpenVINO's threads,
        # and whoever frees the model meanwhile waits for them, holding that lock, for ever.
        if self._several is None:
            self._several = self._compile("THROUGHPUT")
        count = self._several.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        idle = [self._several.create_infer_request() for _ in range(count)]
        running: deque[tuple[Any, Batch]] = deque()
        left: list[Batch] = []

        def collect() -> None:
            request, batch = running.popleft()
            with _kept(batch, left):
                request.wait()
                results[batch.rows] = request.get_output_tensor(0).data
            idle.append(request)

        for batch in batches:
            if not idle:
                collect()
            if left:
                left.append(batch)
                break
            with _kept(batch, left):
                idle[-1].start_async(self._inputs(batch))
                running.append((idle.pop(), batch))
        while running:
            collect()
        if left:
            self._several = None
        return left

    def _inputs(self, batch: Batch) -> dict[str, NDArray[np.int64]]:
        arrays = batch.arrays(self._pad_id)
        return {name: arrays[name] for name in self._names}

    def _compile(self, hint: str) -> Any:  # noqa: ANN401 - openvino.CompiledModel
        return compile_model(self._model, hint, self._cache)


@contextmanager
def _kept(batch: Batch, left: list[Batch]) -> Iterator[None]:
    """Keep a batch that memory runs out over, and any that fails after one: its core is in disorder."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not left and not is_memory(error):
            raise
        left.append(batch)


def is_memory(error: BaseException) -> bool:
    """Tell whether an error of OpenVINO or torch says that memory ran out.

    >>> is_memory(MemoryError()), is_memory(RuntimeError("std::bad_alloc")), is_memory(RuntimeError("shape"))
    (True, True, False)
    """
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(sign in said for sign in _NO_MEMORY)
