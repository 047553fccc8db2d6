"""A tiny model that a test may change, and the settings that name it."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path

import pytest

from kb.config import EmbeddingConfig


@pytest.fixture(scope="session")
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
