"""Preparing a model: what is refused, what is mended, and what another version wrote."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from kb.chunking import chunking_digest
from kb.config import ChunkingConfig, EmbeddingConfig
from kb.embedding import load_embedder, prepare
from kb.embedding.source import PACKAGED
from kb.embedding.torch_model import SentenceTransformerEmbedder
from kb.errors import IndexMismatch, ModelError
from kb.index import open_index


@pytest.mark.parametrize("model", ["e5", "minilm"])
def test_weights_that_are_not_the_published_ones_are_refused(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = PACKAGED[model]
    weights = tmp_path / "site" / packaged.module / packaged.weights
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"weights of somebody else")
    (tmp_path / "site" / packaged.module / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(ModelError, match=f"not the model that was published.*{packaged.requirement}$"):
        load_embedder(EmbeddingConfig(model=model, models_folder=tmp_path / "models"))


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


def renumber(folder: Path) -> None:
    """Have the manifest say that another OpenVINO wrote the folder."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["versions"]["openvino"] = "2023.1.0"
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_model_prepared_by_another_openvino_is_prepared_again(
    own: EmbeddingConfig, source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    [expected] = load_embedder(own).encode(["data policy"])
    folder = prepare(own)
    renumber(folder)
    np.testing.assert_array_equal(load_embedder(own).encode(["data policy"])[0], expected)
    [record] = caplog.records
    assert "was written by OpenVINO 2023.1.0, and this is" in record.getMessage()
    assert json.loads((folder / "manifest.json").read_text())["versions"]["openvino"] != "2023.1.0"

    renumber(folder)
    shutil.rmtree(source)
    caplog.clear()
    np.testing.assert_array_equal(load_embedder(own).encode(["data policy"])[0], expected)
    assert "The model is used as it was prepared." in caplog.text


def test_a_cache_that_another_version_left_is_no_obstacle(own: EmbeddingConfig) -> None:
    [expected] = load_embedder(own).encode(["data policy"])
    blobs = list((prepare(own) / "cache").glob("*.blob"))
    assert blobs
    for n, blob in enumerate(blobs):
        blob.chmod(0o600)
        blob.write_bytes(b"another version" * 100 if n % 2 == 0 else b"")
    np.testing.assert_array_equal(load_embedder(own).encode(["data policy"])[0], expected)


def test_an_index_of_another_model_and_dimension_is_refused(own: EmbeddingConfig, corpus_index: Path) -> None:
    embedder = load_embedder(own)
    assert embedder.dimension == 32
    with pytest.raises(IndexMismatch) as caught:
        open_index(corpus_index, embedder=embedder.digest, chunking=chunking_digest(ChunkingConfig()))
    assert str(corpus_index) in str(caught.value)
    assert "\n" not in str(caught.value)
