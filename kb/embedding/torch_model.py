"""Sentence-transformers models run in torch, and converted from there to OpenVINO.

Torch and transformers take seconds to import; only preparing a model and the
fallback for models that do not convert come here.
"""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.embedding.engine import MODEL, TOKENIZER
from kb.embedding.runner import import_openvino, is_memory
from kb.errors import ModelError

if TYPE_CHECKING:
    from kb.types import Role, Vectors

INPUTS = ("input_ids", "attention_mask", "token_type_ids")

# The longest input where a model names no limit of its own.
DEFAULT_TOKENS = 512

# Texts in one batch: a processor's caches are small, a GPU wants much at once.
BATCH_TEXTS = {"cpu": 16, "cuda": 256}

log = logging.getLogger(__name__)


class SentenceTransformerEmbedder:
    """An Embedder that runs a model in torch; safe to use from several threads, one at a time inside.

    For a GPU, for models whose conversion is not faithful, and the measure of those whose is.
    """

    def __init__(self, folder: Path, *, digest: str, device: str = "cpu") -> None:
        self.digest = digest
        self.device = device
        self._model = _load(folder, device)
        self._batch_texts = BATCH_TEXTS[device]
        self._lock = threading.Lock()

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        """The number of tokens that the model reads of a text."""
        limit = min(self._model.tokenizer.model_max_length, DEFAULT_TOKENS)
        return int(self._model.max_seq_length or limit)

    @property
    def pad_id(self) -> int:
        """The token that fills short texts up."""
        return int(self._model.tokenizer.pad_token_id or 0)

    def knows(self, word: str) -> bool:
        """Tell whether the model has a word whole, as it has common words and not misspellings."""
        return len(self._model.tokenizer.tokenize(word)) == 1

    @property
    def prompts(self) -> dict[str, str]:
        """What the model's own configuration puts before a "query" and a "passage", where it says so."""
        said: dict[str, str] = self._model.prompts or {}
        found = {"query": said.get("query"), "passage": said.get("passage") or said.get("document")}
        return {role: prompt for role, prompt in found.items() if prompt}

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """Encode n texts into an (n, dimension) float32 array of unit rows, in their order."""
        if prompt := self.prompts.get(role):
            texts = [prompt + text for text in texts]
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        with self._lock:
            while True:
                try:
                    return self._encode(texts)
                except (MemoryError, RuntimeError) as error:
                    self._halve(error)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(
            list(texts),
            prompt="",
            batch_size=self._batch_texts,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, np.float32)

    def _halve(self, error: Exception) -> None:
        """Halve the batch that memory ran out over; raise what is no lack of memory."""
        if not is_memory(error):
            raise error
        if self._batch_texts == 1:
            raise ModelError(
                "Memory ran out over a single text; close other programs or add memory."
            ) from error
        self._batch_texts //= 2
        log.warning("Memory ran out over a batch; from here on a batch is %d texts.", self._batch_texts)

    def convert(self, folder: Path) -> None:
        """Write the model, its pooling and its unit length included, as OpenVINO model and tokenizer.

        The model itself is changed by it: encode what is to be compared with before.

        Raises whatever the converter raises over a model that it cannot follow.
        """
        openvino = import_openvino()
        quantise_words(self._model[0].auto_model)
        self._model.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
        texts = ["A short text.", "A text that is somewhat longer than the other one."]
        tokens = self._model.tokenizer(texts, padding=True, return_tensors="pt")
        example = {name: tokens[name] for name in INPUTS if name in tokens}
        shapes = [(name, openvino.PartialShape([-1, -1]), openvino.Type.i64) for name in example]
        with quiet():
            converted = openvino.convert_model(_traceable(self._model), example_input=example, input=shapes)
        # Half-precision weights are half the file; vectors stay within 1e-4 of full precision.
        openvino.save_model(converted, folder / MODEL, compress_to_fp16=True)


def _load(folder: Path, device: str) -> Any:  # noqa: ANN401 - SentenceTransformer
    """Load a sentence-transformers model from a folder, offline; ModelError if it is none."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    with quiet():
        from sentence_transformers import SentenceTransformer

        try:
            return SentenceTransformer(
                str(folder),
                device=device,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": "float32"},
            ).eval()
        except Exception as error:  # its modules raise what they like over files that do not fit
            raise ModelError(
                f"{folder} cannot be loaded as a sentence-transformers model: {error}"
            ) from error


def quantise_words(transformer: Any) -> None:  # noqa: ANN401 - transformers.PreTrainedModel
    """Keep the table of word vectors as bytes with a scale a row: a quarter of the memory.

    A vocabulary of 94 languages has 250,000 rows, four fifths of e5's numbers. Rows are looked up, never
    multiplied, so this costs no time.
    """
    import torch

    words = transformer.get_input_embeddings().weight.detach()

    class Rows(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            scale = (words.abs().amax(dim=1, keepdim=True) / 127).clamp(min=1e-12)
            self.register_buffer("scale", scale)
            self.register_buffer("rows", torch.round(words / scale).to(torch.int8))

        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return torch.nn.functional.embedding(ids, self.rows).float() * torch.nn.functional.embedding(
                ids, self.scale
            )

    transformer.set_input_embeddings(Rows())


def _traceable(model: Any) -> Any:  # noqa: ANN401 - torch.nn.Module
    """Wrap the model's modules (transformer, pooling, ..) into one that takes and gives tensors."""
    import torch

    class Traceable(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> torch.Tensor:
            values = (input_ids, attention_mask, token_type_ids)
            features = {name: value for name, value in zip(INPUTS, values, strict=True) if value is not None}
            for module in self.model:
                features = module(features)
            return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)

    return Traceable().eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries' remarks on deprecation, tracing and progress from the terminal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        yield
