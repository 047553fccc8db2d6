"""Exact cosine search over the passages' unit vectors, by FAISS.

The inner product of unit vectors is their cosine, so scores need no conversion.
Rows are passage rows: row i of the file belongs to row i of the catalogue.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.errors import IndexMismatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors


def write_vectors(path: Path, vectors: Vectors) -> None:
    """Write an (n, d) float32 array as a flat inner-product index; OSError if it cannot be written."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        # FAISS names its source lines first and the reason last, in brackets.
        reason = re.search(r"\(([^()]*)\)\s*$", str(error))
        raise OSError(f"{path.name}: {reason[1] if reason else error}") from error


class DenseIndex:
    """The vectors of one generation, memory-mapped; safe to search from several threads."""

    def __init__(self, path: Path) -> None:
        import faiss

        # FAISS's stubs describe its C++ signatures, not the Python ones laid over them.
        self._faiss: Any = faiss
        self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)

    @property
    def size(self) -> int:
        """The number of vectors."""
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return int(self._index.d)

    def search(
        self, vector: Vectors, k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k (row, cosine), best first; only among `rows` if given.

        The filter is applied before ranking, so k hits are found wherever k rows pass it.
        """
        query = self._checked(vector)
        k = min(k, self.size if rows is None else len(rows))
        if k <= 0:
            return []
        scores, found = self._index.search(query, k, params=self._filter(rows))
        hits = [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows as a (len(rows), d) float32 array."""
        if not len(rows):
            return np.empty((0, self.dimension), np.float32)
        found: Vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        return found

    def _checked(self, vector: Vectors) -> Vectors:
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(1, -1)
        if query.shape[1] != self.dimension:
            raise IndexMismatch(
                f"The query vector has {query.shape[1]} dimensions, the index {self.dimension};"
                " search with the model that built the index."
            )
        return query

    def _filter(self, rows: NDArray[np.int64] | None) -> object:
        if rows is None:
            return None
        bits = np.zeros(self.size, np.bool_)
        bits[rows] = True
        selector = self._faiss.IDSelectorBitmap(np.packbits(bits, bitorder="little"))
        return self._faiss.SearchParameters(sel=selector)
