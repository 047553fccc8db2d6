"""Digests by which damage is told from what was written: of files, and of rows and vectors by themselves.

XXH3 sees a change made by chance, and takes a tenth of the time that SHA-256
does. It does not keep out somebody who may write to the index: that one could
write other digests too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xxhash

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Bytes read at once: few calls, and little memory.
BLOCK = 1 << 20

# Called with the number of bytes that were just read; it may wait.
Pace = Callable[[int], object]


def of_file(path: Path, pace: Pace | None = None) -> str:
    """Return the digest of a file's bytes; OSError if it cannot be read."""
    digest = xxhash.xxh3_128()
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            digest.update(block)
            if pace:
                pace(len(block))
    return digest.hexdigest()


def of_row(values: Sequence[object]) -> str:
    """Return the digest of a row's columns.

    >>> of_row(["a", None, 1]) == of_row(["a", None, 1]), of_row(["a", "b"]) == of_row(["ab", ""])
    (True, False)
    """
    return xxhash.xxh3_64_hexdigest(json.dumps(values, ensure_ascii=False).encode())


def of_vector(vector: NDArray[np.float32]) -> str:
    """Return the digest of one vector."""
    return xxhash.xxh3_64_hexdigest(vector.tobytes())


def whole(values: Sequence[Any]) -> Sequence[Any]:
    """Return a row without the digest at its end; ValueError if it is not the row's."""
    *row, digest = values
    if of_row(row) != digest:
        raise ValueError(f"what it holds as {row[0]} is not as it was written")
    return row
