"""Haystack: converters, cleaner, splitter, and hybrid retrieval joined by reciprocal rank.

Chunks of 150 words with 50 of overlap are those of its tutorial on files of
several kinds, hybrid retrieval that of its tutorial on it, without the ranker:
that would be a second model, which the others do not have either.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.peers.adapters.protocol import Chunk, encoder, files, run

STORE = "store.json"


class Haystack:
    """Embedding and BM25 retrievers on its in-memory store, kept as a JSON file."""

    def __init__(self) -> None:
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersTextEmbedder,
        )

        self._device = ComponentDevice.from_str("cpu")
        self._asking = SentenceTransformersTextEmbedder(
            model=encoder(), device=self._device, progress_bar=False
        )
        self._asking.warm_up()

    def ingest(self, folder: Path, store: Path) -> int:
        """Convert, clean, split, embed and save."""
        from haystack.components.preprocessors import DocumentCleaner, DocumentSplitter
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        documents = [one for path in files(folder) for one in _convert(path, folder)]
        cleaned = DocumentCleaner().run(documents=documents)["documents"]
        splitter = DocumentSplitter(split_by="word", split_length=150, split_overlap=50)
        chunks = splitter.run(documents=cleaned)["documents"]
        kept = InMemoryDocumentStore()
        kept.write_documents(self._embedded(chunks))
        store.mkdir(parents=True)
        kept.save_to_disk(str(store / STORE))
        return int(kept.count_documents())

    def open(self, store: Path) -> None:
        """Load the store and put the retrievers on it."""
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        kept = InMemoryDocumentStore.load_from_disk(str(store / STORE))
        self._dense, self._lexical = InMemoryEmbeddingRetriever(kept), InMemoryBM25Retriever(kept)
        self._joiner = DocumentJoiner(join_mode="reciprocal_rank_fusion")

    def search(self, question: str, k: int) -> list[Chunk]:
        """Return the chunks of both retrievers by reciprocal rank."""
        vector = self._asking.run(text=question)["embedding"]
        dense = self._dense.run(query_embedding=vector, top_k=k)["documents"]
        lexical = self._lexical.run(query=question, top_k=k)["documents"]
        joined = self._joiner.run(documents=[dense, lexical])["documents"]
        return [(one.meta["file"], one.content) for one in joined[:k]]

    def _embedded(self, chunks: list[Any]) -> list[Any]:
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
        )

        embedder = SentenceTransformersDocumentEmbedder(
            model=encoder(), device=self._device, progress_bar=False
        )
        embedder.warm_up()
        embedded: list[Any] = embedder.run(documents=chunks)["documents"]
        return embedded


def _convert(path: Path, folder: Path) -> list[Any]:
    from haystack.components.converters import (
        CSVToDocument,
        DOCXToDocument,
        MarkdownToDocument,
        PyPDFToDocument,
        TextFileToDocument,
    )

    kinds = {
        ".pdf": PyPDFToDocument,
        ".docx": DOCXToDocument,
        ".md": MarkdownToDocument,
        ".csv": CSVToDocument,
    }
    converter = kinds.get(path.suffix.lower(), TextFileToDocument)()
    found: list[Any] = converter.run(sources=[path], meta={"file": path.relative_to(folder).as_posix()})[
        "documents"
    ]
    return found


if __name__ == "__main__":
    run(Haystack, "haystack-ai", "sentence-transformers-haystack", "pypdf")
