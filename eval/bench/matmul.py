"""What this processor can multiply, and what a transformer asks of it.

The limit is measured, not looked up: the fastest of several large matrix
products through torch and through OpenVINO, in float32 and, where the
processor multiplies it natively, in bfloat16. Processor seconds are those of
all threads: on a computer that is busy otherwise they tell more than the clock.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

# Rows, inner length and columns of a matrix product.
Product = tuple[int, int, int]

LARGE: tuple[Product, ...] = ((2048, 2048, 2048),)
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a transformer's encoder that its arithmetic depends on."""

    layers: int
    hidden: int
    inner: int

    @classmethod
    def read(cls, folder: Path) -> Shape:
        """Read it from a model folder's config.json (BERT's names)."""
        values = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return cls(values["num_hidden_layers"], values["hidden_size"], values["intermediate_size"])

    def flops(self, tokens: int) -> int:
        """Return the operations of one text's matrix products; a multiply-add counts as two.

        A layer multiplies each token by four hidden x hidden and two hidden x
        inner matrices, and attention every pair of tokens twice.

        >>> round(Shape(6, 384, 1536).flops(144) / 144 / 1e6, 1)
        22.6
        """
        weights = 4 * self.hidden**2 + 2 * self.hidden * self.inner
        return self.layers * (2 * weights * tokens + 4 * self.hidden * tokens**2)

    def products(self, tokens: int = 4096) -> tuple[Product, ...]:
        """Return the products of one layer over so many tokens, attention left out."""
        square = (tokens, self.hidden, self.hidden)
        return (*[square] * 4, (tokens, self.hidden, self.inner), (tokens, self.inner, self.hidden))


def measure(products: Sequence[Product] = LARGE, repeats: int = REPEATS) -> dict[str, dict[str, float]]:
    """Return billions of operations a second and a processor second, by library and precision.

    Of `repeats` turns the fastest counts: whatever else runs only slows it.
    """
    work = {**dict(_in_torch(products)), **dict(_in_openvino(products))}
    gflop = sum(2 * m * k * n for m, k, n in products) / 1e9
    turns: dict[str, list[tuple[float, float]]] = {name: [] for name in work}
    for run in work.values():
        run()
    for _ in range(repeats):
        for name, run in work.items():
            turns[name].append(_timed(run))
    return {
        name: {
            "gflops": gflop / min(clock for clock, _ in found),
            "per_processor_second": gflop / min(processor for _, processor in found),
        }
        for name, found in turns.items()
    }


def limit(found: dict[str, dict[str, float]], by: str = "gflops") -> float:
    """Return the highest figure of what `measure` returned.

    >>> limit({"torch float32": {"gflops": 200.0}, "openvino float32": {"gflops": 180.0}})
    200.0
    """
    return max(values[by] for values in found.values())


def _timed(run: Callable[[], object]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - clock, time.process_time() - processor


def _in_torch(products: Sequence[Product]) -> Iterator[tuple[str, Callable[[], object]]]:
    import torch

    able = torch.cpu.get_capabilities()
    native = able.get("amx_bf16") or able.get("avx512_bf16")
    for precision in (torch.float32, torch.bfloat16)[: 2 if native else 1]:
        pairs = [(torch.rand(m, k).to(precision), torch.rand(n, k).to(precision)) for m, k, n in products]

        def run(pairs: list[tuple[torch.Tensor, torch.Tensor]] = pairs) -> None:
            with torch.inference_mode():
                for rows, weights in pairs:
                    torch.nn.functional.linear(rows, weights)

        yield f"torch {str(precision).removeprefix('torch.')}", run


def _in_openvino(products: Sequence[Product]) -> Iterator[tuple[str, Callable[[], object]]]:
    from kb.embedding.runner import import_openvino

    openvino = import_openvino()
    core = openvino.Core()
    native = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    for precision, hint in (("float32", "f32"), ("bfloat16", "bf16"))[: 2 if native else 1]:
        settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": hint}
        requests = [_request(openvino, core, product, settings) for product in products]

        def run(requests: list[Any] = requests) -> None:
            for request in requests:
                request.infer()

        yield f"openvino {precision}", run


def _request(openvino: Any, core: Any, product: Product, settings: dict[str, str]) -> Any:  # noqa: ANN401
    m, k, n = product
    random = np.random.default_rng(0)
    rows = openvino.opset13.parameter([m, k], np.float32)
    weights = openvino.opset13.constant(random.random((k, n), np.float32))
    model = openvino.Model([openvino.opset13.matmul(rows, weights, False, False)], [rows])
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    request.set_input_tensor(openvino.Tensor(random.random((m, k), np.float32)))
    return request
