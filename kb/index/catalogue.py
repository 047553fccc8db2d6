"""The catalogue of a generation: its documents and passages, in one SQLite file.

A catalogue is written once and then only read. Row numbers run from 0 without
gaps and are those of the vectors and of the word index.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from kb.errors import KBError
from kb.index.changes import Plan
from kb.index.damage import reading
from kb.index.lexical import Entry
from kb.types import Document, Passage, Span

SCHEMA = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE, title TEXT NOT NULL, kind TEXT NOT NULL,
    publisher TEXT, date TEXT, edition TEXT, audience TEXT NOT NULL, language TEXT,
    restates TEXT, obtain TEXT, pages INTEGER, ingested TEXT NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL REFERENCES documents (id),
    ordinal INTEGER NOT NULL, text TEXT NOT NULL, heading_path TEXT NOT NULL, page INTEGER, page_label TEXT,
    start INTEGER NOT NULL, end INTEGER NOT NULL, spans TEXT NOT NULL, embedding_key TEXT NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE INDEX passages_by_key ON passages (embedding_key);
"""

DOCUMENT = "id, source, title, kind, publisher, date, edition, audience, language, restates, obtain, pages"
PASSAGE = "id, document_id, ordinal, text, heading_path, page, page_label, start, end, spans"

# SQLite takes at most 32,766 values in one statement; stay far below.
BATCH = 500


def write_catalogue(path: Path, base: Path | None, plan: Plan, ingested: str) -> list[int]:
    """Write `base` as changed by `plan` and return the rows of `base` that were kept, in order.

    New passages follow the kept ones. `ingested` is the time put on new documents.
    """
    with closing(sqlite3.connect(path.resolve().as_uri(), uri=True)) as database:
        # The whole generation is brought to the disk at once, before it is named.
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(SCHEMA)
        kept = _copy(database, base, plan.remove) if base else []
        _insert(database, plan, len(kept), ingested)
        database.commit()
    return kept


def _copy(database: sqlite3.Connection, base: Path, remove: Collection[str]) -> list[int]:
    database.execute("ATTACH ? AS old", (f"{base.resolve().as_uri()}?immutable=1",))
    database.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY)")
    database.executemany("INSERT INTO gone VALUES (?)", [(document,) for document in remove])
    database.execute("INSERT INTO documents SELECT * FROM old.documents WHERE id NOT IN gone")
    keep = "FROM old.passages WHERE document_id NOT IN gone ORDER BY row"
    database.execute(
        f"INSERT INTO passages SELECT row_number() OVER (ORDER BY row) - 1, {PASSAGE}, embedding_key {keep}"
    )
    kept = [int(row) for (row,) in database.execute(f"SELECT row {keep}")]
    database.commit()
    database.execute("DETACH old")
    return kept


def _insert(database: sqlite3.Connection, plan: Plan, first: int, ingested: str) -> None:
    documents = [(*_document_values(document), ingested) for document in plan.documents]
    database.executemany(f"INSERT INTO documents VALUES ({_marks(13)})", documents)
    rows = zip(plan.passages, plan.keys, strict=True)
    passages = [(first + n, *_passage_values(passage), key) for n, (passage, key) in enumerate(rows)]
    database.executemany(f"INSERT INTO passages VALUES ({_marks(12)})", passages)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _document_values(d: Document) -> tuple[object, ...]:
    described = (d.id, d.source, d.title, d.kind, d.publisher, d.date, d.edition)
    return (*described, _dumps(d.audience), d.language, d.restates, d.obtain, d.pages)


def _document(values: Sequence[Any]) -> Document:
    fields = dict(zip(DOCUMENT.split(", "), values, strict=True))
    fields["audience"] = tuple(json.loads(fields["audience"]))
    return Document(**fields)


def _passage_values(p: Passage) -> tuple[object, ...]:
    spans = [(s.start, s.end, s.kind, s.page, s.page_label) for s in p.spans]
    path = _dumps(p.heading_path)
    return (
        *(p.id, p.document_id, p.ordinal, p.text, path, p.page, p.page_label, p.start, p.end),
        _dumps(spans),
    )


def _passage(values: Sequence[Any]) -> Passage:
    fields = dict(zip(PASSAGE.split(", "), values, strict=True))
    fields["heading_path"] = tuple(json.loads(fields["heading_path"]))
    fields["spans"] = tuple(Span(*span) for span in json.loads(fields["spans"]))
    return Passage(**fields)


class Catalogue:
    """A catalogue open for reading; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        # `immutable` spares locks and journal look-ups: nobody writes to a finished generation.
        uri = f"{path.resolve().as_uri()}?immutable=1"
        self._path = path
        self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        weakref.finalize(self, self._database.close)

    def documents(self) -> list[Document]:
        """Return every document, ordered by source."""
        return [
            _document(values) for values in self._read(f"SELECT {DOCUMENT} FROM documents ORDER BY source")
        ]

    def size(self) -> tuple[int, int]:
        """Return the number of documents and of passages."""
        ((documents, passages),) = self._read(
            "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages)"
        )
        return documents, passages

    def passages_by_document(self) -> dict[str, int]:
        """Return the number of passages of each document that has any."""
        return dict(self._read("SELECT document_id, count(*) FROM passages GROUP BY document_id"))

    def fetch(self, ids: Sequence[str]) -> list[Passage]:
        """Return the passages with these ids in the order of the ids; KBError for an unknown id."""
        query = f"SELECT {PASSAGE} FROM passages WHERE id IN"
        found = {values[0]: _passage(values) for values in self._read_in(query, ids)}
        for passage_id in ids:
            if passage_id not in found:
                raise KBError(
                    f"The index holds no passage {passage_id!r}; it may have been replaced: ask again."
                )
        return [found[passage_id] for passage_id in ids]

    def section(self, document_id: str, heading_path: Sequence[str]) -> list[Passage]:
        """Return the passages under exactly this heading path, in reading order."""
        query = f"SELECT {PASSAGE} FROM passages WHERE document_id = ? AND heading_path = ? ORDER BY ordinal"
        return [_passage(values) for values in self._read(query, (document_id, _dumps(heading_path)))]

    def rows(self, documents: Collection[str]) -> list[int]:
        """Return the rows of the passages of these documents."""
        return [row for (row,) in self._read_in("SELECT row FROM passages WHERE document_id IN", documents)]

    def ids(self, rows: Sequence[int]) -> list[str]:
        """Return the passage ids of these rows, in the order of the rows."""
        found = dict(self._read_in("SELECT row, id FROM passages WHERE row IN", rows))
        return [found[row] for row in rows]

    def rows_by_key(self, keys: Collection[str]) -> dict[str, int]:
        """Return one row for each of these embedding keys that is known."""
        return dict(self._read_in("SELECT embedding_key, row FROM passages WHERE embedding_key IN", keys))

    def entries(self) -> Iterator[Entry]:
        """Yield what the word search keeps of every passage, by row."""
        query = (
            "SELECT row, document_id, title, heading_path, text"
            " FROM passages JOIN documents ON documents.id = document_id ORDER BY row"
        )
        for row, document_id, title, heading_path, text in self._read(query):
            yield Entry(row, document_id, title, "\n".join(json.loads(heading_path)), text)

    def _read_in(self, query: str, values: Iterable[object]) -> list[tuple[Any, ...]]:
        wanted = list(dict.fromkeys(values))
        batches = (wanted[n : n + BATCH] for n in range(0, len(wanted), BATCH))
        return [row for batch in batches for row in self._read(f"{query} ({_marks(len(batch))})", batch)]

    def _read(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, reading(self._path.parent):
            return self._database.execute(query, values).fetchall()
