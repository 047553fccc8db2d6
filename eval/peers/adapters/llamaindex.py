"""LlamaIndex with its defaults: SimpleDirectoryReader and VectorStoreIndex.

Its default chunks are 1,024 tokens with 200 of overlap, of which the encoder
reads the first 256; file name and path are embedded with them.
"""

from __future__ import annotations

from pathlib import Path

from eval.peers.adapters.protocol import Chunk, encoder, run

ROOT = "root.txt"


class LlamaIndex:
    """A vector index in its simple store, a JSON file."""

    def __init__(self) -> None:
        from llama_index.core import Settings
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        Settings.embed_model = HuggingFaceEmbedding(model_name=encoder(), device="cpu")

    def ingest(self, folder: Path, store: Path) -> int:
        """Read, split, embed and persist."""
        from llama_index.core import SimpleDirectoryReader, VectorStoreIndex

        documents = SimpleDirectoryReader(input_dir=str(folder), recursive=True).load_data()
        index = VectorStoreIndex.from_documents(documents)
        index.storage_context.persist(persist_dir=str(store))
        (store / ROOT).write_text(str(folder.resolve()), encoding="utf-8")
        return len(index.docstore.docs)

    def open(self, store: Path) -> None:
        """Load the persisted index."""
        from llama_index.core import StorageContext, load_index_from_storage

        self._index = load_index_from_storage(StorageContext.from_defaults(persist_dir=str(store)))
        self._root = Path((store / ROOT).read_text(encoding="utf-8"))

    def search(self, question: str, k: int) -> list[Chunk]:
        """Return the nearest chunks."""
        found = self._index.as_retriever(similarity_top_k=k).retrieve(question)
        return [(self._name(one.metadata["file_path"]), one.get_content()) for one in found]

    def _name(self, path: str) -> str:
        return Path(path).resolve().relative_to(self._root).as_posix()


if __name__ == "__main__":
    run(LlamaIndex, "llama-index-core", "llama-index-embeddings-huggingface", "llama-index-readers-file")
