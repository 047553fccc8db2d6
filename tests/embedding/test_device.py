"""Which device runs the model: the choice between a GPU and the processor, and what is said of it."""

from __future__ import annotations

import ctypes
import logging
import subprocess
import sys
from typing import Any, Literal

import numpy as np
import pytest

from kb.config import EmbeddingConfig
from kb.embedding import load_embedder
from kb.embedding.device import choose, count_gpus
from kb.embedding.engine import OpenVinoEmbedder
from kb.embedding.source import checked
from kb.embedding.torch_model import SentenceTransformerEmbedder


class Driver:
    """NVIDIA's driver on a computer with one GPU, or with none."""

    def __init__(self, gpus: int) -> None:
        self.gpus = gpus

    def cuInit(self, flags: int) -> int:
        return 0 if self.gpus else 100

    def cuDeviceGetCount(self, count: Any) -> int:  # noqa: ANN401
        count._obj.value = self.gpus
        return 0


def install(monkeypatch: pytest.MonkeyPatch, gpus: int, *, usable: bool) -> None:
    import torch

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Driver(gpus))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: usable)


@pytest.mark.parametrize(
    ("setting", "gpus", "usable", "device"),
    [("auto", 1, True, "cuda"), ("cpu", 1, True, "cpu"), ("auto", 0, True, "cpu"), ("auto", 1, False, "cpu")],
)
def test_a_gpu_is_used_where_the_setting_the_driver_and_torch_agree(
    setting: Literal["auto", "cpu"], gpus: int, usable: bool, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(monkeypatch, gpus, usable=usable)
    assert count_gpus() == gpus
    assert choose(setting) == device


def test_no_driver_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.embedding.device.DRIVERS", ("libno-such-driver.so.1",))
    assert count_gpus() == 0


def test_a_gpu_that_torch_cannot_use_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    install(monkeypatch, 1, usable=False)
    assert choose("auto") == "cpu"
    [record] = caplog.records
    assert "cannot use the GPU" in record.message


def test_on_a_gpu_sentence_transformers_is_asked_for_it(
    own: EmbeddingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The weights stay on the processor: this records the device that the real loader is given."""
    import sentence_transformers

    onward, devices = sentence_transformers.SentenceTransformer, list[str]()

    def load(folder: str, device: str, **settings: Any) -> Any:  # noqa: ANN401
        devices.append(device)
        return onward(folder, device="cpu", **settings)

    converted = load_embedder(own)
    install(monkeypatch, 1, usable=True)
    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", load)
    embedder = load_embedder(own)
    assert devices == ["cuda"]
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder.digest == converted.digest
    texts = ["data policy", "the room of a workshop"]
    # Word vectors are kept as bytes once converted, so that single numbers differ in the third place.
    assert np.sum(embedder.encode(texts) * converted.encode(texts), axis=1).min() > 0.9999
    assert isinstance(load_embedder(own.model_copy(update={"device": "cpu"})), OpenVinoEmbedder)


def test_a_gpu_that_fails_gives_way_to_the_processor(
    own: EmbeddingConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("torch has a GPU here")
    install(monkeypatch, 1, usable=True)
    with caplog.at_level(logging.WARNING):
        assert isinstance(load_embedder(own), OpenVinoEmbedder)
    assert "The processor is used instead of the GPU." in caplog.text


def test_the_choice_imports_no_torch_where_there_is_no_gpu() -> None:
    if count_gpus():
        pytest.skip("there is a GPU here")
    code = "import sys; from kb.embedding.device import choose; print(choose('auto'), 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "cpu False\n", done.stderr


def test_a_batch_in_torch_is_halved_where_memory_runs_out(
    own: EmbeddingConfig, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import torch

    embedder = SentenceTransformerEmbedder(checked(own.model), digest="")
    onward, sizes = embedder._model.encode, list[int]()

    def encode(texts: list[str], batch_size: int, **settings: Any) -> Any:  # noqa: ANN401
        sizes.append(batch_size)
        if batch_size > 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return onward(texts, batch_size=batch_size, **settings)

    monkeypatch.setattr(embedder._model, "encode", encode)
    assert embedder.encode(["data", "policy"]).shape == (2, 32)
    assert sizes == [16, 8, 4]
    assert caplog.text.count("Memory ran out over a batch") == 2
