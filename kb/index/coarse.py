"""A coarse index of very many vectors, by FAISS: it names candidates, and their cosines are taken elsewhere.

Vectors are sorted into lists by the centre they are closest to, and kept
there in one byte a component (`IndexIVFScalarQuantizer`). A search looks
through the lists whose centres are closest to the query (Jégou, Douze and
Schmid 2011, Product Quantization for Nearest Neighbor Search).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

# Up to so many rows are compared one by one, which takes a core about 10 ms.
EXACT = 50_000
# Vectors from which each centre is learnt; FAISS takes 39 for too few.
SAMPLE = 64
# Lists that a search looks through. Of a million vectors made from those of 13,732 regulatory passages
# (2,048 lists), 64 find 0.997 of the ten closest in 3 ms, 32 find 0.987 and 16 find 0.965.
PROBES = 64
# Candidates for each hit wanted, as one byte a component is not exact; four find no more.
CANDIDATES = 2
BLOCK = 65_536


def lists(rows: int) -> int:
    """Return into how many lists to sort so many vectors: a power of two near the root of four times as many.

    >>> lists(1_000_000)
    2048
    """
    return int(2 ** round(np.log2(2 * np.sqrt(rows))))


def write_coarse(path: Path, vectors: Vectors) -> None:
    """Sort an (n, d) float32 array into lists; OSError if it cannot be written."""
    import faiss

    rows, dimension = vectors.shape
    centres: Any = faiss.IndexFlatIP(dimension)
    kind = faiss.ScalarQuantizer.QT_8bit
    index: Any = faiss.IndexIVFScalarQuantizer(
        centres, dimension, lists(rows), kind, faiss.METRIC_INNER_PRODUCT
    )
    chosen = np.random.default_rng(0).choice(rows, min(rows, SAMPLE * lists(rows)), replace=False)
    index.train(np.ascontiguousarray(vectors[np.sort(chosen)]))
    for start in range(0, rows, BLOCK):
        index.add(np.ascontiguousarray(vectors[start : start + BLOCK]))
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        # FAISS names its source lines first and the reason last, in brackets.
        reason = re.search(r"\(([^()]*)\)\s*$", str(error))
        raise OSError(f"{path.name}: {reason[1] if reason else error}") from error


class Coarse:
    """A coarse index, memory-mapped; safe to search from several threads."""

    def __init__(self, path: Path) -> None:
        import faiss

        # FAISS's stubs describe its C++ signatures, not the Python ones laid over them.
        self._faiss: Any = faiss
        self._index: Any = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)

    def candidates(self, query: Vectors, k: int, allowed: NDArray[np.bool_] | None) -> NDArray[np.int64]:
        """Return places that most likely hold the k closest vectors, only where `allowed`.

        The fewer are allowed, the more lists are looked through.
        """
        probes, selector = PROBES, None
        if allowed is not None:
            selector = self._faiss.IDSelectorBitmap(np.packbits(allowed, bitorder="little"))
            probes = min(PROBES * len(allowed) // int(allowed.sum()), int(self._index.nlist))
        search = self._faiss.SearchParametersIVF(sel=selector, nprobe=probes)
        _, found = self._index.search(query[None, :], k * CANDIDATES, params=search)
        places: NDArray[np.int64] = found[0][found[0] >= 0]
        return places
