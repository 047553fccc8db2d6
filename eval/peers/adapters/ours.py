"""The project itself: what `kb build` and `kb search` do, in one process each."""

from __future__ import annotations

from pathlib import Path

from eval.peers.adapters.protocol import Chunk, run


class Ours:
    """The program with its settings as they are; nothing is told about the documents beforehand."""

    def __init__(self) -> None:
        from kb.config import load_config
        from kb.embedding import load_embedder

        self._config = load_config()
        self._embedder = load_embedder(self._config.embedding)

    def ingest(self, folder: Path, store: Path) -> int:
        """Build an index."""
        from kb.index.ingest import build
        from kb.library import find_sources

        return build(store, find_sources([folder]), self._embedder, self._config.chunking).passages

    def open(self, store: Path) -> None:
        """Open an assistant, as `kb search` does."""
        from kb.assistant import open_assistant

        self._assistant = open_assistant(self._config.model_copy(update={"index": store}))
        self._sources = {one.id: one.source for one in self._assistant.index.documents()}

    def search(self, question: str, k: int) -> list[Chunk]:
        """Search as `kb search` does."""
        hits = self._assistant.search(question, k)
        return [(self._sources[hit.passage.document_id], hit.passage.text) for hit in hits]


if __name__ == "__main__":
    run(Ours, "policy-kb", "openvino", "faiss-cpu", "tantivy")
