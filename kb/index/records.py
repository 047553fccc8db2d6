"""How documents and passages are written to SQLite, and read back: one file for each part of an index.

Each row ends with a digest of the others of its columns that keep their values
when a part is written anew (`row` and `first` are counted on). No row is read
without it, so that nothing is quoted that a disk has changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

from kb.index.changes import Plan
from kb.index.digests import of_row, of_vector, whole
from kb.types import LISTS, BlockKind, Document, Passage, Span

CATALOGUE = "catalogue.sqlite"

SCHEMA = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE, title TEXT NOT NULL, kind TEXT NOT NULL,
    publisher TEXT, date TEXT, edition TEXT, audience TEXT NOT NULL, language TEXT,
    restates TEXT, obtain TEXT, pages INTEGER, without_text TEXT NOT NULL,
    recognised TEXT NOT NULL, hidden TEXT NOT NULL, ingested TEXT NOT NULL,
    passages INTEGER NOT NULL, digest TEXT NOT NULL, first INTEGER NOT NULL
);
CREATE TABLE passages (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL REFERENCES documents (id),
    ordinal INTEGER NOT NULL, text TEXT NOT NULL, heading_path TEXT NOT NULL, page INTEGER, page_label TEXT,
    start INTEGER NOT NULL, end INTEGER NOT NULL, spans TEXT NOT NULL, embedding_key TEXT NOT NULL,
    vector TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE INDEX passages_by_document ON passages (document_id, ordinal);
CREATE INDEX passages_by_section ON passages (document_id, heading_path, ordinal);
CREATE INDEX passages_by_key ON passages (embedding_key);
"""

_FIELDS = (
    "id, source, title, kind, publisher, date, edition, audience, language, restates, obtain, pages,"
    " without_text, recognised, hidden"
)
# The columns that a document or a passage is read from; `vector` is the digest of the passage's vector.
DOCUMENT = f"{_FIELDS}, ingested, passages, digest"
PASSAGE = (
    "id, document_id, ordinal, text, heading_path, page, page_label, start, end, spans,"
    " embedding_key, vector, digest"
)


def write_catalogue(
    path: Path, first: int, base: Sequence[tuple[Path, Collection[str]]], plan: Plan, ingested: str
) -> int:
    """Write one part and return its number of rows, which begin at `first`.

    It holds what the files of `base` hold, but for the documents named beside
    each, then what `plan` adds. `ingested` is the time put on new documents.
    """
    with closing(sqlite3.connect(path.resolve().as_uri(), uri=True)) as database:
        # The whole generation is brought to the disk at once, before it is named.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("PRAGMA journal_mode = OFF")
        database.executescript(SCHEMA)
        row = first
        for old, gone in base:
            row = _copy(database, old, gone, row)
        row = _insert(database, plan, row, ingested)
        database.commit()
    return row - first


def _copy(database: sqlite3.Connection, old: Path, gone: Collection[str], row: int) -> int:
    """Copy what is not gone, its rows counted on from `row`, and return the row after."""
    database.execute("ATTACH ? AS old", (unchanging(old),))
    database.execute("CREATE TEMP TABLE gone (id TEXT PRIMARY KEY)")
    database.executemany("INSERT INTO gone VALUES (?)", [(document,) for document in gone])
    before = "sum(passages) OVER (ORDER BY first, passages, id ROWS UNBOUNDED PRECEDING) - passages"
    database.execute(
        f"INSERT INTO documents SELECT {DOCUMENT}, ? + {before} FROM old.documents WHERE id NOT IN gone",
        (row,),
    )
    copied = database.execute(
        f"INSERT INTO passages SELECT ? + row_number() OVER (ORDER BY row) - 1, {PASSAGE}"
        " FROM old.passages WHERE document_id NOT IN gone ORDER BY row",
        (row,),
    ).rowcount
    database.commit()
    database.execute("DETACH old")
    database.execute("DROP TABLE gone")
    return row + copied


def _insert(database: sqlite3.Connection, plan: Plan, row: int, ingested: str) -> int:
    counts = plan.counts()
    first = row
    for document in plan.documents:
        values = (*_document_values(document), ingested, counts[document.id])
        database.execute(f"INSERT INTO documents VALUES ({marks(19)})", (*values, of_row(values), first))
        first += counts[document.id]
    rows = zip(plan.passages, plan.keys, map(of_vector, plan.vectors), strict=True)
    for n, (passage, *others) in enumerate(rows):
        values = (*_passage_values(passage), *others)
        database.execute(f"INSERT INTO passages VALUES ({marks(14)})", (row + n, *values, of_row(values)))
    return first


def unchanging(path: Path) -> str:
    """Name a finished file to SQLite, which need not lock it or look for a journal: nobody writes to it."""
    return f"{path.resolve().as_uri()}?immutable=1"


def marks(count: int) -> str:
    """Return so many question marks for a statement's values."""
    return ", ".join("?" * count)


def dumps(value: object) -> str:
    """Return a value as JSON without spaces, so that equal values are equal texts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _document_values(d: Document) -> tuple[object, ...]:
    described = (d.id, d.source, d.title, d.kind, d.publisher, d.date, d.edition)
    found = (dumps(d.without_text), dumps(d.recognised), dumps(d.hidden))
    return (*described, dumps(d.audience), d.language, d.restates, d.obtain, d.pages, *found)


def read_document(values: Sequence[Any]) -> Document:
    """Return the document whose columns DOCUMENT these are; ValueError if they are not as written."""
    fields: dict[str, Any] = dict(zip(_FIELDS.split(", "), whole(values), strict=False))
    fields |= {name: tuple(json.loads(fields[name])) for name in LISTS}
    return Document(**fields)


def _passage_values(p: Passage) -> tuple[object, ...]:
    spans = [_span_values(s) for s in p.spans]
    path = dumps(p.heading_path)
    return (
        *(p.id, p.document_id, p.ordinal, p.text, path, p.page, p.page_label, p.start, p.end),
        dumps(spans),
    )


def _span_values(s: Span) -> tuple[object, ...]:
    """Return what a span says, without the end of it where that is nothing: most have a page alone."""
    placed = (s.place, s.recognised, *s.turns) if s.place or s.recognised is not None or s.turns else ()
    return (s.start, s.end, s.kind, s.page, s.page_label, *placed)


def _read_span(
    start: int,
    end: int,
    kind: BlockKind,
    page: int | None,
    label: str | None,
    place: str | None = None,
    recognised: float | None = None,
    *turns: Sequence[Any],
) -> Span:
    return Span(start, end, kind, page, label, place, recognised, tuple((a, b, c) for a, b, c in turns))


def read_passage(values: Sequence[Any]) -> Passage:
    """Return the passage whose columns PASSAGE these are; ValueError if they are not as written."""
    key, document, ordinal, text, path, page, label, start, end, spans, *_ = whole(values)
    blocks = tuple(_read_span(*span) for span in json.loads(spans))
    return Passage(key, document, ordinal, text, _path(path), page, label, start, end, blocks)


@lru_cache(maxsize=4096)
def _path(heading_path: str) -> tuple[str, ...]:
    """Return a heading path; remembered, for a section has many passages."""
    return tuple(json.loads(heading_path))
