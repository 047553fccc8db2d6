"""How a broken index is told from a sound one, and what its reader is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten

from kb.errors import IndexDamaged

# Some engines print whole files into their messages.
MAX_REASON = 200

# What the file system, JSON, SQLite, FAISS and Tantivy raise over a file that is missing or broken.
DAMAGE = (OSError, sqlite3.Error, RuntimeError, ValueError, KeyError, IndexError, TypeError, AttributeError)


def damaged(generation: Path, error: BaseException | str) -> IndexDamaged:
    """Say that the generation in this folder cannot be read, why, and what to do.

    >>> print(damaged(Path("x/generations/000001-1a2b3c4d"), "vectors.faiss is cut short"))
    The index x is damaged (vectors.faiss is cut short); rebuild it with: kb build --index x
    """
    index, reason = generation.parent.parent, shorten(str(error), MAX_REASON, placeholder=" ...")
    if isinstance(error, PermissionError):
        said = f"The index {index} may not be read ({reason}); see that you may read its files."
    else:
        said = f"The index {index} is damaged ({reason}); rebuild it with: kb build --index {index}"
    return IndexDamaged(said, reason)


@contextmanager
def reading(generation: Path) -> Iterator[None]:
    """Turn what engines raise over a broken file of this generation into IndexDamaged."""
    try:
        yield
    except BaseException as error:
        # A panic inside Tantivy is no Exception, and its class cannot be imported.
        if isinstance(error, DAMAGE) or type(error).__name__ == "PanicException":
            raise damaged(generation, error) from error
        raise
