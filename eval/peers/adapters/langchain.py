"""LangChain: its loaders, splitter, FAISS and BM25 in an ensemble of equal weights.

Chunks of 1,000 characters with 200 of overlap and `EnsembleRetriever` with
weights of one half are what its tutorials show. A PDF file is loaded page by
page (`PyPDFLoader`), a CSV file row by row (`CSVLoader`), Markdown as text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eval.peers.adapters.protocol import Chunk, encoder, files, run


class LangChain:
    """FAISS and BM25 over the same chunks; BM25 is not stored, so it is made anew on opening."""

    def __init__(self) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings

        self._embeddings = HuggingFaceEmbeddings(model_name=encoder(), model_kwargs={"device": "cpu"})

    def ingest(self, folder: Path, store: Path) -> int:
        """Load, split, embed and save."""
        from langchain_community.vectorstores import FAISS
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        chunks = splitter.split_documents([one for path in files(folder) for one in _load(path, folder)])
        FAISS.from_documents(chunks, self._embeddings).save_local(str(store))
        return len(chunks)

    def open(self, store: Path) -> None:
        """Read the vectors, and make BM25 of the stored chunks."""
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS

        # It stores chunks as a pickle; this one was written by `ingest` a moment ago.
        self._dense = FAISS.load_local(str(store), self._embeddings, allow_dangerous_deserialization=True)
        ids = self._dense.index_to_docstore_id.values()
        self._lexical = BM25Retriever.from_documents([self._dense.docstore.search(key) for key in ids])

    def search(self, question: str, k: int) -> list[Chunk]:
        """Return the chunks of both retrievers by reciprocal rank."""
        from langchain_classic.retrievers import EnsembleRetriever

        self._lexical.k = k
        dense = self._dense.as_retriever(search_kwargs={"k": k})
        ensemble = EnsembleRetriever(retrievers=[self._lexical, dense], weights=[0.5, 0.5])
        found = ensemble.invoke(question)
        return [(one.metadata["source"], one.page_content) for one in found[:k]]


def _load(path: Path, folder: Path) -> list[Any]:
    from langchain_community.document_loaders import CSVLoader, Docx2txtLoader, PyPDFLoader, TextLoader

    loaders = {".pdf": PyPDFLoader, ".docx": Docx2txtLoader, ".csv": CSVLoader}
    loader = loaders.get(path.suffix.lower())
    reader = loader(str(path)) if loader else TextLoader(str(path), encoding="utf-8")
    documents: list[Any] = reader.load()
    for document in documents:
        document.metadata["source"] = path.relative_to(folder).as_posix()
    return documents


if __name__ == "__main__":
    run(LangChain, "langchain-community", "langchain-classic", "langchain-huggingface", "faiss-cpu", "pypdf")
