"""The word index of a generation, put together from chunks that are written once.

Tantivy, too, keeps what it indexes in segments whose files never change, and
names them in meta.json. But left to itself it goes on counting removed
passages until it merges segments as it sees fit, and scores them by what is no
longer there. So each chunk of rows is indexed by itself, a chunk that lost a
passage is indexed again, and meta.json is written here: scores are those of an
index made from nothing. A file of ours, chunks.json, says which rows are where.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from kb.index.damage import reading
from kb.index.lexical import ANALYSER, Entry, analyser, schema
from kb.index.parts import link

META, CHUNKS = "meta.json", "chunks.json"

# Passages indexed together: so many are indexed again when one of them goes.
CHUNK = 8192
WRITER_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows `first` to `end`, and what Tantivy's meta.json says of their segments."""

    first: int
    end: int
    segments: list[dict[str, Any]]


def write_words(
    folder: Path,
    base: Path | None,
    unmoved: tuple[int, int],
    gone: Sequence[range],
    ends: Sequence[int],
    entries: Callable[[int, int], Iterable[Entry]],
) -> None:
    """Write a word index into a new folder; OSError or ValueError if it cannot be written.

    Chunks of `base` that lost none of the rows `gone` are taken over, up to
    the first row of `unmoved`; and large ones up to its second. `ends` are the
    ends of all parts, and `entries` yields the passages of some rows.
    """
    folder.mkdir()
    old = list(takewhile(lambda chunk: _stays(chunk, *unmoved), read_chunks(base) if base else []))
    whole = {c.first: c for c in old if not any(r.start < c.end and r.stop > c.first for r in gone)}
    _link(base, folder, whole.values())
    chunks = [
        whole.get(first) or _chunk(folder, first, end, entries(first, end))
        for first, end in _spans(old, ends)
    ]
    meta = json.loads((base / META).read_text(encoding="utf-8")) if base else _empty(folder)
    meta["segments"] = [segment for chunk in chunks for segment in chunk.segments]
    (folder / META).write_text(json.dumps(meta), encoding="utf-8")
    values = [asdict(chunk) for chunk in chunks]
    (folder / CHUNKS).write_text(json.dumps(values), encoding="utf-8")


def read_chunks(folder: Path) -> list[Chunk]:
    """Return the chunks of a word index, by row; IndexDamaged."""
    with reading(folder.parent):
        values = json.loads((folder / CHUNKS).read_text(encoding="utf-8"))
        return [Chunk(**value) for value in values]


def _stays(chunk: Chunk, begins: int, unmoved: int) -> bool:
    return chunk.end <= begins or (chunk.end <= unmoved and 2 * (chunk.end - chunk.first) >= CHUNK)


def _spans(old: Sequence[Chunk], ends: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the rows of each chunk: those that were, then new ones that do not cross the end of a part."""
    first = 0
    for chunk in old:
        yield chunk.first, chunk.end
        first = chunk.end
    for end in ends:
        while first < end:
            yield first, min(first + CHUNK, end)
            first = min(first + CHUNK, end)


def _chunk(folder: Path, first: int, end: int, entries: Iterable[Entry]) -> Chunk:
    """Index some passages by themselves and move the files into `folder`."""
    from tantivy import Document, Index

    aside = folder / "aside"
    aside.mkdir()
    index = Index(schema(), path=str(aside))
    index.register_tokenizer(ANALYSER, analyser())
    # One thread makes one segment, so the same passages always score the same.
    writer = index.writer(heap_size=WRITER_BYTES, num_threads=1)
    for entry in entries:
        document = Document(
            document_id=entry.document_id, title=entry.title, heading=entry.heading, body=entry.body
        )
        document.add_unsigned("row", entry.row)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()
    segments = json.loads((aside / META).read_text(encoding="utf-8"))["segments"]
    for paths in _files(aside, segments):
        for path in paths:
            path.rename(folder / path.name)
    shutil.rmtree(aside)
    return Chunk(first, end, segments)


def _empty(folder: Path) -> dict[str, Any]:
    """Return Tantivy's meta.json of an index without passages."""
    from tantivy import Index

    aside = folder / "aside"
    aside.mkdir()
    Index(schema(), path=str(aside))
    meta: dict[str, Any] = json.loads((aside / META).read_text(encoding="utf-8"))
    shutil.rmtree(aside)
    return meta


def _link(base: Path | None, folder: Path, chunks: Iterable[Chunk]) -> None:
    if base:
        for paths in _files(base, [segment for chunk in chunks for segment in chunk.segments]):
            for path in paths:
                link(path, folder / path.name)


def _files(folder: Path, segments: Sequence[dict[str, Any]]) -> list[list[Path]]:
    """Return the files of each segment: its name without dashes, and an ending each."""
    by_name: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        by_name[path.stem].append(path)
    return [by_name[segment["segment_id"].replace("-", "")] for segment in segments]
