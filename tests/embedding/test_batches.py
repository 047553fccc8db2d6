"""Batches: every text once, within the budget, tokenised a window ahead, smaller where memory runs out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingConfig
from kb.embedding import load_embedder
from kb.embedding.batches import WINDOW, batches
from tests.conftest import MODELS

WORDS = "data policy kigali workshop governance the of a room pillar survey index".split()


def texts(count: int) -> list[str]:
    return [" ".join(WORDS[n % 7 : n % 7 + n % 5 + 1]) for n in range(count)]


def test_windows_are_tokenised_one_ahead_and_hold_every_text(own: EmbeddingConfig) -> None:
    from tokenizers import Tokenizer

    load_embedder(own)
    [file] = own.models_folder.glob("*/tokenizer.json")
    tokenizer, asked = Tokenizer.from_file(str(file)), list[int]()
    tokenizer.no_padding()

    def tokenise(window: list[str]) -> list[object]:
        asked.append(len(window))
        return list(tokenizer.encode_batch_fast(window))

    found = batches(texts(WINDOW + 10), tokenise, lambda: 64)  # type: ignore[arg-type]
    first = next(found)
    assert asked == [WINDOW]
    rest = [first, *found]
    assert asked == [WINDOW, 10]
    assert sorted(row for batch in rest for row in batch.rows) == list(range(WINDOW + 10))
    assert max(len(batch.rows) * max(map(len, batch.tokens)) for batch in rest) <= 64


def test_many_windows_give_every_text_its_own_vector(own: EmbeddingConfig) -> None:
    embedder = load_embedder(own.model_copy(update={"batch_tokens": 64}))
    many = texts(2 * WINDOW + 3)
    alone = {text: embedder.encode([text])[0] for text in set(many)}
    assert len(alone) > 20
    np.testing.assert_allclose(embedder.encode(many), [alone[text] for text in many], atol=1e-5)


LIMITED = """
import logging, pathlib, resource, sys
import numpy as np
from kb.config import EmbeddingConfig
from kb.embedding import load_embedder

logging.basicConfig(level=logging.WARNING, format="%(message)s")
budget, spare, count = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
embedder = load_embedder(EmbeddingConfig(models_folder=pathlib.Path(sys.argv[1]), batch_tokens=budget))
clause = "every ministry names data stewards and reports on them. " * 12
texts = [f"Clause {n}: {clause}" for n in range(count)]
alone = [embedder.encode([texts[n]])[0] for n in (0, count - 1)]
size = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + spare * 2**20,) * 2)
found = embedder.encode(texts)
print(float(np.abs(found[[0, -1]] - alone).max()))
"""


def limited(budget: int, spare: int, count: int) -> subprocess.CompletedProcess[str]:
    """Encode `count` texts of 165 tokens with `spare` MB of memory left."""
    arguments = [sys.executable, "-c", LIMITED, str(MODELS), str(budget), str(spare), str(count)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system tells no process its size")
@pytest.mark.usefixtures("embedder")
def test_a_batch_that_memory_runs_out_over_is_halved() -> None:
    done = limited(budget=8192, spare=60, count=32)
    assert "Memory ran out over a batch of 32 texts; it runs in halves." in done.stderr
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 1e-5


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system tells no process its size")
@pytest.mark.usefixtures("embedder")
def test_no_memory_for_a_single_text_is_said_in_one_sentence() -> None:
    done = limited(budget=1024, spare=-400, count=2)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.endswith(
        "ModelError: Memory ran out over one text of 165 tokens; close other programs or add memory."
    )
