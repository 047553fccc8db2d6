"""Cosine search over the passages' unit vectors, which lie in one NumPy file a part.

The inner product of unit vectors is their cosine, so scores need no
conversion. Up to EXACT rows of a part are compared one by one. A larger part
has a coarse index beside it (see `kb.index.coarse`): that names candidates,
whose cosines are then taken from the exact vectors. Files are mapped, not
read: the system keeps in memory what is used and can drop it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import IndexMismatch
from kb.index.coarse import EXACT, Coarse, write_coarse
from kb.index.parts import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

VECTORS, COARSE = "vectors.npy", "vectors.faiss"

# Rows copied at once while a part is written.
BLOCK = 16_384


def write_vectors(folder: Path, blocks: Iterable[Vectors], rows: int, dimension: int) -> None:
    """Write the vectors of a part, `rows` in all, and their coarse index if they are many."""
    with (folder / VECTORS).open("wb") as file:
        file.write(_header(rows, dimension))
        for block in blocks:
            file.write(np.ascontiguousarray(block, "<f4").data)
    if rows > EXACT:
        write_coarse(folder / COARSE, read_vectors(folder / VECTORS))


def _header(rows: int, dimension: int) -> bytes:
    """Return what NumPy puts before the numbers of such an array."""
    header = {"descr": "<f4", "fortran_order": False, "shape": (rows, dimension)}
    np.lib.format.write_array_header_1_0(written := BytesIO(), header)
    return written.getvalue()


def left_of(path: Path, rows: int, dimension: int) -> Vectors:
    """Map what is left of the vectors of a part whose file is damaged; OSError or ValueError if nothing is.

    Its header is not looked at. Fewer rows are left of a file that was cut short.
    """
    before = len(_header(rows, dimension))
    left = max(path.stat().st_size - before, 0) // (4 * dimension)
    return np.memmap(path, np.dtype("<f4"), "r", before, (min(left, rows), dimension))


def read_vectors(path: Path) -> Vectors:
    """Map an array that NumPy wrote; ValueError if it is damaged."""
    try:
        found: Vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        # A file of no bytes cannot be mapped, and an array without rows has none.
        found = np.load(path, allow_pickle=False)
    return found


class DenseIndex:
    """The vectors of one generation; safe to search from several threads.

    `gone` are the rows whose documents were removed.
    """

    def __init__(self, folder: Path, parts: Sequence[Part], dimension: int, gone: NDArray[np.int64]) -> None:
        self.dimension = dimension
        self._parts = [_Vectors(folder / part.name, part, dimension, gone) for part in parts]

    @property
    def size(self) -> int:
        """The number of vectors that are not gone."""
        return sum(part.live for part in self._parts)

    def search(
        self, vector: Vectors, k: int, rows: NDArray[np.int64] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k (row, cosine), best first; only among `rows` if given.

        The filter is applied before ranking, so k hits are found wherever k rows pass it.
        """
        query = self._checked(vector)
        hits = [hit for part in self._parts for hit in part.search(query, k, rows)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[: max(k, 0)]

    def vectors(self, rows: NDArray[np.int64]) -> Vectors:
        """Return the vectors of these rows as a (len(rows), d) float32 array."""
        found = np.empty((len(rows), self.dimension), np.float32)
        for part in self._parts:
            mine = (rows >= part.first) & (rows < part.first + len(part.vectors))
            found[mine] = part.vectors[rows[mine] - part.first]
        return found

    def blocks(self, first: int, gone: NDArray[np.int64]) -> Iterator[Vectors]:
        """Yield the vectors from row `first` on, without these rows."""
        for part in self._parts:
            if part.first >= first:
                yield from part.blocks(gone)

    def _checked(self, vector: Vectors) -> Vectors:
        query = np.ascontiguousarray(vector, dtype=np.float32).reshape(-1)
        if len(query) != self.dimension:
            raise IndexMismatch(
                f"The query vector has {len(query)} dimensions, the index {self.dimension};"
                " search with the model that built the index."
            )
        return query


class _Vectors:
    """The vectors of one part."""

    def __init__(self, folder: Path, part: Part, dimension: int, gone: NDArray[np.int64]) -> None:
        self.first = part.first
        self.vectors = read_vectors(folder / VECTORS)
        if self.vectors.shape != (part.rows, dimension) or self.vectors.dtype != np.float32:
            raise ValueError(
                f"{part.name}/{VECTORS} does not hold {part.rows} vectors of {dimension} numbers"
            )
        self._coarse = Coarse(folder / COARSE) if (folder / COARSE).exists() else None
        self._alive: NDArray[np.bool_] | None = None
        gone = self._mine(gone)
        if len(gone):
            self._alive = np.ones(part.rows, np.bool_)
            self._alive[gone] = False
        self.live = part.rows - len(gone)

    def search(self, query: Vectors, k: int, rows: NDArray[np.int64] | None) -> list[tuple[int, float]]:
        """Return at least the k best of these rows (all that live if None), or all if they are fewer."""
        allowed = self._alive
        if rows is not None:
            allowed = np.zeros(len(self.vectors), np.bool_)
            allowed[self._mine(rows)] = True
        count = self.live if allowed is None else int(np.count_nonzero(allowed))
        if k <= 0 or not count:
            return []
        if self._coarse and count > EXACT:
            places = self._coarse.candidates(query, k, allowed)
        else:
            places = self._nearest(query, k, allowed, count)
        cosines = _cosines(self.vectors[places], query)
        return list(zip((places + self.first).tolist(), cosines.tolist(), strict=True))

    def _nearest(
        self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None, count: int
    ) -> NDArray[np.int64]:
        """Return the places of the k closest vectors, and of those as close as the last of them."""
        if allowed is not None and count < len(allowed) // 4:
            places = np.flatnonzero(allowed)
            return places[_best(_cosines(self.vectors[places], query), k)]
        cosines = _cosines(self.vectors, query)
        if allowed is not None:
            cosines[~allowed] = -np.inf
        return _best(cosines, min(k, count))

    def blocks(self, gone: NDArray[np.int64]) -> Iterator[Vectors]:
        """Yield the vectors without these rows."""
        keep = np.ones(len(self.vectors), np.bool_)
        keep[self._mine(gone)] = False
        for start in range(0, len(keep), BLOCK):
            yield self.vectors[start : start + BLOCK][keep[start : start + BLOCK]]

    def _mine(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        places: NDArray[np.int64] = rows - self.first
        return places[(places >= 0) & (places < len(self.vectors))]


def _cosines(vectors: Vectors, query: Vectors) -> Vectors:
    # One product a row: unlike a matrix product it needs no threads of its own, which get in each
    # other's way when several people ask, and a cosine does not depend on the rows beside it.
    found: Vectors = np.vecdot(vectors, query)
    return found


def _best(scores: Vectors, k: int) -> NDArray[np.int64]:
    if k >= len(scores):
        return np.arange(len(scores))
    return np.flatnonzero(scores >= np.partition(scores, -k)[-k])
