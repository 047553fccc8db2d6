"""A small desk of written documents, asked through the whole assistant with the real models."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kb.assistant import Assistant
from kb.chunking import chunk, context
from kb.config import Config
from kb.loaders import load
from kb.retrieval.retriever import Retriever
from kb.types import Answer, Changes
from tests import real
from tests.fakes import MemoryIndex


def desk(folder: Path, **texts: str) -> Assistant:
    """Return an assistant on Markdown documents; the keyword is the file's stem."""
    config, embedder, index = Config(), real.embedder(), MemoryIndex()
    for name, text in texts.items():
        path = folder / f"{name}.md"
        path.write_text(text, encoding="utf-8")
        document = load(path)
        passages = chunk(document, config.chunking)
        vectors = embedder.encode([context(document, passage) for passage in passages])
        index.apply(Changes((), (document,), tuple(passages), np.asarray(vectors)))
    return Assistant(index, Retriever(index, embedder, config.retrieval), config, reader=real.reader())


def quotes(answer: Answer) -> list[str]:
    """Return the quotes of the answer's claims, in order."""
    return [citation.quote for claim in answer.claims for citation in claim.citations]
