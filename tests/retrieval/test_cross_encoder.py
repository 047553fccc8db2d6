"""The optional cross-encoder: a tiny one orders hits by its own scores; what is no model is named."""

from __future__ import annotations

import os
import shutil
import warnings
from pathlib import Path

import pytest

from kb.assistant import open_assistant
from kb.config import Config, RetrievalConfig
from kb.errors import ModelError
from kb.lexicon import Lexicon
from kb.retrieval.cross_encoder import CrossEncoder, open_cross_encoder
from kb.retrieval.relevance import Relevance
from kb.retrieval.retriever import Retriever
from kb.types import Hit
from tests.fakes import MemoryIndex
from tests.index.library import EMBEDDER, adding, document, passage

WORDS = "who approves budgets at risa the of public bodies holds a party room is reserved note".split()
QUESTION = "who approves budgets at RISA"
TEXTS = [
    "RISA approves the budgets of public bodies.",
    "A party of public bodies.",
    "The room is reserved.",
    "RISA holds a party.",
    "A note of the budgets of the room.",
]


def save(folder: Path, labels: int) -> Path:
    """Save a model of two small layers with random weights, large enough to tell texts apart."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        torch.manual_seed(11)
        folder.mkdir()
        (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]))
        size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
        config = BertConfig(vocab_size=len(WORDS) + 5, num_labels=labels, initializer_range=0.5, **size)
        BertForSequenceClassification(config).eval().save_pretrained(folder)
        BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "ranker", labels=1)


@pytest.fixture(scope="module")
def cross_encoder(model: Path) -> CrossEncoder:
    found = open_cross_encoder(str(model))
    assert found is not None
    return found


def search(cross_encoder: CrossEncoder | None, first: int, k: int | None = None) -> list[Hit]:
    passages = [passage("note", n, text) for n, text in enumerate(TEXTS)]
    index = MemoryIndex(adding((document("note"), passages)))
    retriever = Retriever(index, EMBEDDER, RetrievalConfig(cross_encoder_hits=first), cross_encoder)
    return retriever.search(QUESTION, Relevance((), {}, Lexicon({}), index.size), k)


def expected(model: Path, texts: list[str]) -> list[str]:
    """Order texts by the logits of the model itself, without sentence-transformers."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    network = AutoModelForSequenceClassification.from_pretrained(model).eval()
    with torch.inference_mode():
        inputs = tokenizer([QUESTION] * len(texts), texts, padding=True, return_tensors="pt")
        scores = network(**inputs).logits[:, 0].tolist()
    assert len({round(score, 3) for score in scores}) == len(texts)
    return [text for _, text in sorted(zip(scores, texts, strict=True), reverse=True)]


def read(hit: Hit) -> str:
    from kb.chunking import context

    return context(document("note"), hit.passage)


def test_it_orders_the_best_hits_by_its_own_scores(cross_encoder: CrossEncoder, model: Path) -> None:
    before, after = search(None, 5), search(cross_encoder, 5)
    assert [read(hit) for hit in after] == expected(model, [read(hit) for hit in before])
    assert [hit.passage for hit in after] != [hit.passage for hit in before]
    assert [hit.score for hit in after] == [hit.score for hit in before]
    assert all(hit.via.endswith("+cross-encoder") for hit in after)


def test_hits_beyond_the_setting_stay_where_they_are(cross_encoder: CrossEncoder, model: Path) -> None:
    before, after = search(None, 2), search(cross_encoder, 2)
    assert [read(hit) for hit in after[:2]] == expected(model, [read(hit) for hit in before[:2]])
    assert after[2:] == before[2:]
    assert [hit.passage for hit in search(cross_encoder, 5, k=1)] == [search(cross_encoder, 5)[0].passage]


def test_the_setting_changes_the_digest() -> None:
    digests = {
        Config(retrieval=RetrievalConfig(cross_encoder=folder, cross_encoder_hits=hits)).digest
        for folder, hits in (("", 20), ("models/ranker", 20), ("models/ranker", 10))
    }
    assert len(digests) == 3


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        open_cross_encoder(str(folder))
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    return str(caught.value)


def test_a_missing_or_damaged_folder_is_named(model: Path, tmp_path: Path) -> None:
    assert "nothing is downloaded" in refused(tmp_path / "none")
    broken = Path(shutil.copytree(model, tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"x" * 1000)
    assert "cannot be loaded as a cross-encoder" in refused(broken)
    (broken / "model.safetensors").unlink()
    assert "there is no *.safetensors in it" in refused(broken)


def test_a_model_of_another_kind_is_named(tmp_path: Path) -> None:
    assert "gives 3 scores to a pair instead of one" in refused(save(tmp_path / "classifier", labels=3))


def test_an_assistant_does_not_start_without_its_cross_encoder(corpus_config: Config, tmp_path: Path) -> None:
    retrieval = RetrievalConfig(cross_encoder=str(tmp_path / "none"))
    with pytest.raises(ModelError, match="nothing is downloaded"):
        open_assistant(corpus_config.model_copy(update={"retrieval": retrieval}))


def test_an_assistant_answers_with_its_cross_encoder(corpus_config: Config, model: Path) -> None:
    retrieval = RetrievalConfig(cross_encoder=str(model), cross_encoder_hits=5)
    assistant = open_assistant(corpus_config.model_copy(update={"retrieval": retrieval}))
    hits = assistant.search("Where does the Kigali workshop take place?")
    assert [hit.via.endswith("+cross-encoder") for hit in hits] == [True] * 5 + [False] * (len(hits) - 5)
