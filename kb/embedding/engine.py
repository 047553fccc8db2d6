"""A prepared model run by OpenVINO on the processor; needs neither torch nor transformers."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from kb.types import Vectors

MODEL, TOKENIZER, CACHE = "model.xml", "tokenizer.json", "cache"

# From this many batches on, several at once gain more than compiling for that costs.
MANY = 4


def import_openvino() -> Any:  # noqa: ANN401 - the module itself
    """Import OpenVINO with its usage reports off.

    OpenVINO reports even its import to its maker, unless its telemetry package
    cannot be imported: then it puts a stub in its place.
    """
    if "openvino" not in sys.modules:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    import openvino

    return openvino


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group texts, longest first, so that no batch holds more than `budget` tokens with padding.

    >>> token_batches([3, 9, 4, 2], budget=9)
    [[1], [2, 0], [3]]
    """
    batches: list[list[int]] = []
    for n in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        # The first of a batch is its longest, and so its width.
        if batches and lengths[batches[-1][0]] * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(n)
        else:
            batches.append([n])
    return batches


class OpenVinoEmbedder:
    """An Embedder over a prepared model; safe to use from several threads, one at a time inside."""

    def __init__(
        self,
        folder: Path,
        *,
        digest: str,
        dimension: int,
        max_tokens: int,
        pad_id: int,
        batch_tokens: int,
        cache: Path | None = None,
    ) -> None:
        from tokenizers import Tokenizer

        self.digest = digest
        self.dimension = dimension
        self._pad_id = pad_id
        self._batch_tokens = batch_tokens
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()
        self._path = folder / MODEL
        self._cache = cache
        self._lock = threading.Lock()
        self._openvino = import_openvino()
        self._core = self._openvino.Core()
        self._single = self._compile("LATENCY")
        self._several: Any = None

    def knows(self, word: str) -> bool:
        """Tell whether the model has a word whole, as it has common words and not misspellings."""
        return self._tokenizer.token_to_id(word.lower()) is not None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode n texts into an (n, dimension) float32 array of unit rows, in their order."""
        vectors = np.empty((len(texts), self.dimension), np.float32)
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        batches = token_batches([len(ids) for ids in tokens], self._batch_tokens)
        with self._lock:
            run = self._one_by_one if len(batches) < MANY else self._at_once
            run(batches, tokens, vectors)
        return vectors

    def _one_by_one(self, batches: list[list[int]], tokens: list[list[int]], vectors: Vectors) -> None:
        request = self._single.create_infer_request()
        for batch in batches:
            request.infer(self._inputs(self._single, [tokens[n] for n in batch]))
            vectors[batch] = request.get_output_tensor(0).data

    def _at_once(self, batches: list[list[int]], tokens: list[list[int]], vectors: Vectors) -> None:
        # Not OpenVINO's AsyncInferQueue: its callbacks take Python's lock in OpenVINO's threads,
        # and whoever frees the model meanwhile waits for them, holding that lock, for ever.
        if self._several is None:
            self._several = self._compile("THROUGHPUT")
        count = self._several.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        requests = [self._several.create_infer_request() for _ in range(count)]

        def collect(n: int) -> None:
            requests[n % count].wait()
            vectors[batches[n]] = requests[n % count].get_output_tensor(0).data

        for n, batch in enumerate(batches):
            if n >= count:
                collect(n - count)
            requests[n % count].start_async(self._inputs(self._several, [tokens[i] for i in batch]))
        for n in range(max(0, len(batches) - count), len(batches)):
            collect(n)

    def _inputs(self, model: Any, tokens: list[list[int]]) -> dict[str, np.typing.NDArray[np.int64]]:  # noqa: ANN401
        shape = (len(tokens), max(1, *(len(ids) for ids in tokens)))
        values = {
            "input_ids": np.full(shape, self._pad_id, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, ids in enumerate(tokens):
            values["input_ids"][row, : len(ids)] = ids
            values["attention_mask"][row, : len(ids)] = 1
        return {port.any_name: values[port.any_name] for port in model.inputs}

    def _compile(self, hint: str) -> Any:  # noqa: ANN401 - openvino.CompiledModel
        # Threads and precision are OpenVINO's choice: all physical cores, and
        # bfloat16 where the processor multiplies it natively, else float32.
        # The cache keeps what compiling found out for this processor.
        settings = {"PERFORMANCE_HINT": hint}
        # Whoever may not write to the folder does without: OpenVINO would refuse to start.
        if self._cache and (self._cache.is_dir() or os.access(self._path.parent, os.W_OK)):
            settings["CACHE_DIR"] = str(self._cache)
        return self._core.compile_model(self._path, "CPU", settings)
