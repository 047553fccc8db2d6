"""An optional cross-encoder: it reads question and passage together and orders the best hits anew.

The vector search compares two texts that were read apart; a cross-encoder
reads them as one, which is slower and finer (Nogueira and Cho, 2019, "Passage
Re-ranking with BERT"). No such model comes with the installation: the setting
`retrieval.cross_encoder` names a folder.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from kb.chunking import context
from kb.errors import ModelError
from kb.types import Document, Hit

VIA = "cross-encoder"
# Pairs in one batch.
BATCH_PAIRS = 16


class CrossEncoder:
    """A sentence-transformers CrossEncoder from a folder, run in torch on the processor, offline.

    Safe to use from several threads, one at a time inside. Raises ModelError
    where the folder is missing, damaged or another kind of model.
    """

    def __init__(self, folder: Path) -> None:
        self._model = _load(_checked(folder))
        self._lock = threading.Lock()
        if self._model.num_labels != 1:
            raise ModelError(
                f"{folder} gives {self._model.num_labels} scores to a pair instead of one;"
                " name a cross-encoder for ranking in retrieval.cross_encoder."
            )
        try:
            self.scores("a question", ["a passage"])
        except Exception as error:  # tokenizer and weights that do not fit show only now
            raise ModelError(_reason(folder, error)) from error

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return how well each text answers the question; higher is better."""
        with self._lock:
            found = self._model.predict(
                [(question, text) for text in texts], batch_size=BATCH_PAIRS, show_progress_bar=False
            )
        return [float(score) for score in found]

    def reorder(self, question: str, hits: Sequence[Hit], documents: Mapping[str, Document]) -> list[Hit]:
        """Return the hits, best first by this model; `documents` by id.

        A hit takes the score of the place that it moves to, for what reads
        scores later is calibrated on those of fusion.
        """
        texts = [context(documents[hit.passage.document_id], hit.passage) for hit in hits]
        scores = self.scores(question, texts)
        order = sorted(range(len(hits)), key=lambda n: -scores[n])
        return [
            replace(hits[n], score=place.score, via=f"{hits[n].via}+{VIA}")
            for n, place in zip(order, hits, strict=True)
        ]


def open_cross_encoder(setting: str) -> CrossEncoder | None:
    """Open the cross-encoder that the setting names; None where it names none.

    >>> open_cross_encoder("")
    """
    return CrossEncoder(Path(setting)) if setting else None


def _checked(folder: Path) -> Path:
    if not folder.is_dir():
        raise ModelError(
            f"There is no folder {str(folder)!r}, and nothing is downloaded; set retrieval.cross_encoder"
            ' to the folder of a sentence-transformers CrossEncoder on this computer, or to "" for none.'
        )
    for part in ("config.json", "*.safetensors"):
        if not any(folder.rglob(part)):
            raise ModelError(f"{folder} is no cross-encoder: there is no {part} in it.")
    return folder


def _load(folder: Path) -> Any:  # noqa: ANN401 - sentence_transformers.CrossEncoder
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import CrossEncoder as Model
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            return Model(
                str(folder.resolve()),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True},
            ).eval()
        except Exception as error:  # its modules raise what they like over files that do not fit
            raise ModelError(_reason(folder, error)) from error


def _reason(folder: Path, error: Exception) -> str:
    first: Collection[str] = str(error).strip().splitlines()[:1]
    return f"{folder} cannot be loaded as a cross-encoder: {' '.join(first) or type(error).__name__}"
