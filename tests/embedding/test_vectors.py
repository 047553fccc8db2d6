"""The embedded model, converted: its vectors are the original's, alone and in batches."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingConfig
from kb.embedding import load_embedder, prepare
from kb.embedding.batches import token_batches
from kb.embedding.engine import OpenVinoEmbedder
from kb.embedding.runner import MANY
from kb.embedding.source import as_folder, checked
from kb.embedding.torch_model import SentenceTransformerEmbedder
from kb.types import Embedder
from tests.conftest import MODELS
from tests.fakes import HashedEmbedder

TEXTS = [
    "The workshop takes place in Kigali.",
    "",
    "governance " * 400,
    "État des lieux – 数据治理 \U0001f642",
    *(f"Clause {n}: every ministry names {n} data stewards and reports on them. " * n for n in range(1, 13)),
]


@pytest.fixture(scope="module")
def config() -> EmbeddingConfig:
    """The settings that name the embedded model, prepared once in the checkout."""
    return EmbeddingConfig(models_folder=MODELS)


def test_meaning_decides_what_is_close(embedder: Embedder) -> None:
    [question] = embedder.encode(["Who is in charge of information management?"], "query")
    near, far = embedder.encode(
        [
            "The Chief Digital Officer leads data governance in the ministry.",
            "The coach leaves the hotel at nine in the morning.",
        ]
    )
    assert question @ near > question @ far + 0.05


@pytest.mark.slow
def test_vectors_are_those_of_sentence_transformers(embedder: Embedder) -> None:
    with as_folder(checked("e5")) as folder:
        original = SentenceTransformerEmbedder(folder, digest="")
    expected, asked = original.encode(TEXTS), original.encode(TEXTS, "query")
    found = embedder.encode(TEXTS)
    assert isinstance(embedder, OpenVinoEmbedder)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), embedder.dimension) == (len(TEXTS), 384)
    assert np.sum(found * expected, axis=1).min() > 0.999
    assert np.sum(embedder.encode(TEXTS, "query") * asked, axis=1).min() > 0.999
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)


def test_batches_change_neither_vectors_nor_order(config: EmbeddingConfig, embedder: Embedder) -> None:
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(embedder.encode(TEXTS), alone, atol=1e-5)
    small = load_embedder(config.model_copy(update={"batch_tokens": 64}))
    np.testing.assert_allclose(small.encode(TEXTS[::-1])[::-1], alone, atol=1e-5)
    assert len(token_batches([len(text.split()) for text in TEXTS], 64)) >= MANY


def test_threads_get_their_own_vectors(embedder: Embedder) -> None:
    expected, found = embedder.encode(TEXTS[:4]), dict[int, object]()

    def encode(n: int) -> None:
        found[n] = np.abs(embedder.encode([TEXTS[n % 4]])[0] - expected[n % 4]).max() < 1e-5

    threads = [threading.Thread(target=encode, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == dict.fromkeys(range(12), True)


@pytest.mark.parametrize("lengths", [[], [5], [300, 1, 1], list(range(1, 60)), [7] * 40])
def test_every_text_is_in_one_batch_within_the_budget(lengths: list[int]) -> None:
    batches = token_batches(lengths, budget=64)
    assert sorted(n for batch in batches for n in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * max(lengths[n] for n in b) <= 64 for b in batches)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    assert embedder.encode([]).shape == (0, 384)
    assert HashedEmbedder().encode([]).shape == (0, 1024)


def test_a_prepared_model_needs_no_torch_and_reports_to_nobody(config: EmbeddingConfig) -> None:
    code = (
        "import sys, pathlib; import kb.embedding;"
        "assert not {'openvino', 'tokenizers', 'torch'} & sys.modules.keys();"
        "from kb.config import EmbeddingConfig;"
        f"config = EmbeddingConfig(models_folder=pathlib.Path({str(config.models_folder)!r}));"
        "embedder = kb.embedding.load_embedder(config);"
        "print(embedder.digest, embedder.encode(['text']).shape);"
        "loaded = {name for name, module in sys.modules.items() if module};"
        "assert not {'torch', 'transformers', 'sentence_transformers', 'openvino_telemetry'} & loaded"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.split(maxsplit=1) == [prepare(config).name, "(1, 384)\n"], done.stderr


def test_another_model_keeps_its_pooling_and_its_limit(own: EmbeddingConfig, source: Path) -> None:
    embedder = load_embedder(own)
    texts = ["data policy", "the room of a workshop in kigali", "survey " * 40, "index"]
    expected = SentenceTransformerEmbedder(source, digest="").encode(texts)
    assert isinstance(embedder, OpenVinoEmbedder)
    # Word vectors are kept as bytes, so that single numbers differ in the third place.
    assert np.sum(embedder.encode(texts) * expected, axis=1).min() > 0.9999
    np.testing.assert_allclose(embedder.encode(texts), expected, atol=5e-3)
    assert embedder.dimension == 32

    shutil.rmtree(source)
    assert load_embedder(own).digest == embedder.digest


def test_the_fake_ranks_by_shared_words() -> None:
    fake: Embedder = HashedEmbedder()
    [query, near, far] = fake.encode(["Data Governance", "governance of data", "a coach leaves"])
    assert query @ near > query @ far
    np.testing.assert_allclose(np.linalg.norm(fake.encode(["", "a a b"]), axis=1), 1, atol=1e-6)
