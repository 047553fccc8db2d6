"""The catalogue of a generation: its documents and passages, one SQLite file a part.

A file is written once and then only read. Rows run on from part to part
without gaps, are those of the vectors and of the word index, and those of one
document follow each other.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kb.errors import KBError
from kb.index.damage import damaged, reading
from kb.index.lexical import Entry
from kb.index.parts import Part
from kb.index.records import (
    CATALOGUE,
    DOCUMENT,
    PASSAGE,
    dumps,
    marks,
    read_document,
    read_passage,
    unchanging,
)
from kb.types import Document, Passage

if TYPE_CHECKING:
    from numpy.typing import NDArray

# SQLite takes at most 32,766 values in one statement; stay far below.
BATCH = 5000

Made = TypeVar("Made")


def _joined(ranges: Sequence[range]) -> NDArray[np.int64]:
    """Return all numbers of some ranges.

    >>> _joined([range(3, 5), range(7, 8)]).tolist()
    [3, 4, 7]
    """
    return np.fromiter(chain.from_iterable(ranges), np.int64)


class Catalogue:
    """The catalogue of some parts, open for reading; safe to use from several threads."""

    def __init__(self, generation: Path, parts: Sequence[Part]) -> None:
        self._generation = generation
        self._parts = parts
        self._database = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        weakref.finalize(self, self._database.close)
        with reading(generation):
            for n, part in enumerate(parts):
                self._attach(n, part)
            for table, column in (("documents", "id"), ("passages", "document_id")):
                live = (
                    f"SELECT * FROM p{n}.{table} WHERE {column} NOT IN gone{n}" for n in range(len(parts))
                )
                self._database.execute(f"CREATE TEMP VIEW {table} AS {' UNION ALL '.join(live)}")

    def _attach(self, n: int, part: Part) -> None:
        path = self._generation / part.name / CATALOGUE
        self._database.execute(f"ATTACH ? AS p{n}", (unchanging(path),))
        self._database.execute(f"CREATE TEMP TABLE gone{n} (id TEXT PRIMARY KEY)")
        gone = [(document,) for document in part.gone]
        self._database.executemany(f"INSERT INTO gone{n} VALUES (?)", gone)
        ((last,),) = self._database.execute(f"SELECT max(row) FROM p{n}.passages")
        if part.rows != (0 if last is None else last + 1 - part.first):
            raise ValueError(f"{part.name} should have {part.rows} rows, and its last one is {last}")

    def documents(self) -> list[Document]:
        """Return every document, ordered by source."""
        return list(self._documents)

    def present(self, ids: Iterable[str], sources: Iterable[str]) -> list[Document]:
        """Return the documents that have one of these ids or sources."""
        query = f"SELECT {DOCUMENT} FROM documents WHERE"
        found = [*self._read_in(f"{query} id IN", ids), *self._read_in(f"{query} source IN", sources)]
        return self._made(read_document, dict.fromkeys(found))

    def size(self) -> tuple[int, int]:
        """Return the number of documents and of passages."""
        ((documents, passages),) = self._read("SELECT count(*), coalesce(sum(passages), 0) FROM documents")
        return documents, passages

    def passages_by_document(self) -> dict[str, int]:
        """Return the number of passages of each document that has any."""
        return {document: len(rows) for document, rows in self._rows.items() if rows}

    def fetch(self, ids: Sequence[str]) -> list[Passage]:
        """Return the passages with these ids in the order of the ids; KBError for an unknown id."""
        query = f"SELECT {PASSAGE} FROM passages WHERE id IN"
        found = {passage.id: passage for passage in self._made(read_passage, self._read_in(query, ids))}
        for passage_id in ids:
            if passage_id not in found:
                raise KBError(
                    f"The index holds no passage {passage_id!r}; it may have been replaced: ask again."
                )
        return [found[passage_id] for passage_id in ids]

    def section(self, document_id: str, heading_path: Sequence[str]) -> list[Passage]:
        """Return the passages under exactly this heading path, in reading order."""
        query = f"SELECT {PASSAGE} FROM passages WHERE document_id = ? AND heading_path = ? ORDER BY ordinal"
        return self._made(read_passage, self._read(query, (document_id, dumps(heading_path))))

    def passages(self, document_id: str, first: int, most: int) -> list[Passage]:
        """Return up to `most` passages of a document in reading order, from the one with ordinal `first`."""
        query = f"SELECT {PASSAGE} FROM passages WHERE document_id = ? AND ordinal >= ?"
        found = self._read(f"{query} ORDER BY ordinal LIMIT ?", (document_id, first, most))
        return self._made(read_passage, found)

    def ranges(self) -> Collection[range]:
        """Return the rows of each document."""
        return self._rows.values()

    def rows(self, documents: Collection[str]) -> NDArray[np.int64]:
        """Return the rows of the passages of these documents; those that are not there have none."""
        ranges = [self._rows[document] for document in dict.fromkeys(documents) if document in self._rows]
        return _joined(ranges)

    def gone(self) -> NDArray[np.int64]:
        """Return the rows of removed documents, in order."""
        query = "SELECT first, first + passages FROM p{0}.documents WHERE id IN gone{0} ORDER BY first"
        found = [
            ends for n, part in enumerate(self._parts) if part.gone for ends in self._read(query.format(n))
        ]
        return np.concatenate([np.empty(0, np.int64), *(np.arange(*ends) for ends in found)])

    def without(self, documents: Collection[str]) -> tuple[list[Part], list[range]]:
        """Return the parts with these documents gone as well, and the rows that are lost by it."""
        parts, lost = list[Part](), list[range]()
        for n, part in enumerate(self._parts):
            query = f"SELECT id, first, passages FROM p{n}.documents WHERE id NOT IN gone{n} AND id IN"
            found = self._read_in(query, documents)
            gone = (*part.gone, *(document for document, _, _ in found))
            parts.append(replace(part, gone=gone, gone_rows=part.gone_rows + sum(rows for *_, rows in found)))
            lost += [range(first, first + rows) for _, first, rows in found]
        return parts, lost

    def ids(self, rows: Sequence[int]) -> list[str]:
        """Return the passage ids of these rows, in their order; IndexDamaged if one is missing."""
        found = dict(self._read_in("SELECT row, id FROM passages WHERE row IN", rows))
        if missing := [row for row in rows if row not in found]:
            raise damaged(self._generation, f"its catalogue has no row {missing[0]}")
        return [found[row] for row in rows]

    def rows_by_key(self, keys: Collection[str]) -> dict[str, int]:
        """Return one row for each of these embedding keys that is known."""
        return dict(self._read_in("SELECT embedding_key, row FROM passages WHERE embedding_key IN", keys))

    def entries(self, first: int, end: int) -> Iterator[Entry]:
        """Yield what the word search keeps of the passages of some rows, by row."""
        columns = "row, document_id, heading_path, text"
        found = self._read(
            f"SELECT {columns} FROM passages WHERE row >= ? AND row < ? ORDER BY row", (first, end)
        )
        titles = dict(self._read_in("SELECT id, title FROM documents WHERE id IN", [row[1] for row in found]))

        def entry(values: Sequence[Any]) -> Entry:
            row, document_id, heading_path, text = values
            return Entry(row, document_id, titles[document_id], "\n".join(json.loads(heading_path)), text)

        yield from self._made(entry, found)

    def texts(self, documents: Iterable[str]) -> Iterator[str]:
        """Yield the text of every passage of these documents."""
        for (text,) in self._read_in("SELECT text FROM passages WHERE document_id IN", documents):
            yield text

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        found = self._read(f"SELECT {DOCUMENT} FROM documents ORDER BY source")
        return tuple(self._made(read_document, found))

    @cached_property
    def _rows(self) -> Mapping[str, range]:
        """The rows of each document."""
        found = self._read("SELECT id, first, first + passages FROM documents")
        with reading(self._generation):
            return {document: range(first, end) for document, first, end in found}

    def _made(self, make: Callable[[Sequence[Any]], Made], rows: Iterable[tuple[Any, ...]]) -> list[Made]:
        """Make something of each row; IndexDamaged for a row that it cannot be made of."""
        with reading(self._generation):
            return [make(values) for values in rows]

    def _read_in(self, query: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
        wanted = list(dict.fromkeys(values))
        batches = (wanted[n : n + BATCH] for n in range(0, len(wanted), BATCH))
        return [row for batch in batches for row in self._read(f"{query} ({marks(len(batch))})", batch)]

    def _read(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, reading(self._generation):
            return self._database.execute(query, values).fetchall()
