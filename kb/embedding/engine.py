"""A prepared model run by OpenVINO on the processor; needs neither torch nor transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.embedding.batches import batches
from kb.embedding.runner import Runner

if TYPE_CHECKING:
    from kb.types import Role, Vectors

MODEL, TOKENIZER, CACHE = "model.xml", "tokenizer.json", "cache"


class OpenVinoEmbedder:
    """An Embedder over a prepared model; safe to use from several threads."""

    def __init__(
        self,
        folder: Path,
        *,
        digest: str,
        dimension: int,
        max_tokens: int,
        pad_id: int,
        batch_tokens: int,
        prompts: Mapping[str, str],
        cache: Path | None = None,
    ) -> None:
        from tokenizers import Tokenizer

        self.digest = digest
        self.dimension = dimension
        self._prompts = prompts
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.no_padding()
        self._runner = Runner(folder / MODEL, pad_id=pad_id, budget=batch_tokens, cache=cache)

    def knows(self, word: str) -> bool:
        """Tell whether the model has a word whole, as it has common words and not misspellings."""
        return len(self._tokenizer.encode(word.lower(), add_special_tokens=False).ids) == 1

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """Encode n texts into an (n, dimension) float32 array of unit rows, in their order."""
        if prompt := self._prompts.get(role):
            texts = [prompt + text for text in texts]
        vectors = np.empty((len(texts), self.dimension), np.float32)
        found = batches(texts, self._tokenizer.encode_batch_fast, lambda: self._runner.budget)
        self._runner.run(found, vectors)
        return vectors
