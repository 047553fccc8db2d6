"""Sources -> one committed generation: read, chunk, encode what is new, commit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.chunking import chunk, chunking_digest, context
from kb.config import ChunkingConfig
from kb.errors import DocumentError, IndexMissing, IndexUnusable, KBError
from kb.index.folder import FolderIndex, create_index, open_index
from kb.index.generation import IndexSettings
from kb.lexicon import meaningful
from kb.library import Source
from kb.types import Changes, Document, Embedder, Passage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

# Passages encoded between two reports of progress.
BATCH = 64
WORD_BATCH = 1024

# Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every source: `left_out` gives the reason, `same` the source with the same bytes."""

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: dict[str, str]
    same: dict[str, str]
    passages: int
    encoded: int


def build(
    folder: Path,
    sources: Sequence[Source],
    embedder: Embedder,
    config: ChunkingConfig,
    progress: Progress = lambda *_: None,
    *,
    keep: bool = False,
) -> Report:
    """Bring the index in `folder` to hold these sources, and no others unless `keep`.

    A file that cannot be read is left out with the reason; if the index held
    an earlier version of it, that stays. Raises KBError if no file could be
    read; whatever goes wrong, the index that was there goes on answering.
    """
    settings = IndexSettings(embedder.digest, chunking_digest(config), embedder.dimension)
    present = _present(folder, settings, keep=keep)
    documents, left_out, same = _read(sources, progress)
    if not documents:
        name, reason = next(iter(left_out.items()))
        raise KBError(f"None of {len(left_out)} file(s) could be read; the first: {reason or name}")
    held = {d.source: d for d in present.documents()} if present else {}
    new = [d for d in documents if d.source not in held or _changed(held[d.source], d)]
    renewed = {d.id for d in new}
    wanted = {source.name for source in sources} - same.keys()
    gone = [] if keep else [d for d in held.values() if d.source not in wanted]
    passages = [passage for document in new for passage in chunk(document, config)]
    texts = _texts(new, passages)
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    vectors, encoded = _encode(present, texts, keys, embedder, progress)
    words = _word_vectors(present, passages, embedder, progress)
    changes = Changes(tuple(d.id for d in gone), tuple(new), tuple(passages), vectors, tuple(keys), words)
    if present is None:
        present = create_index(folder, settings, changes)
    else:
        present.apply(changes)
    return Report(
        added=tuple(d.source for d in new),
        unchanged=tuple(d.source for d in documents if d.id not in renewed),
        removed=tuple(sorted(held.keys() - {d.source for d in present.documents()})),
        left_out=left_out,
        same=same,
        passages=present.size,
        encoded=encoded,
    )


def _present(folder: Path, settings: IndexSettings, *, keep: bool) -> FolderIndex | None:
    """Open what is there, if it is whole; building anew is the remedy for what is not.

    Raises IndexUnusable for what cannot be used and is to be kept.
    """
    try:
        index = open_index(folder, embedder=settings.embedder, chunking=settings.chunking)
        index.verify()
    except IndexMissing:
        return None
    except IndexUnusable:
        if keep:
            raise
        return None
    return index


def _read(
    sources: Sequence[Source], progress: Progress
) -> tuple[list[Document], dict[str, str], dict[str, str]]:
    documents: dict[str, Document] = {}
    left_out, same = dict[str, str](), dict[str, str]()
    for done, source in enumerate(sources):
        progress(f"Reading {source.name}", done, len(sources))
        try:
            document = source.read()
        except DocumentError as error:
            left_out[source.name] = str(error)
            continue
        if document.id in documents:
            same[source.name] = documents[document.id].source
        documents.setdefault(document.id, document)
    progress("Reading", len(sources), len(sources))
    return list(documents.values()), left_out, same


def _changed(held: Document, document: Document) -> bool:
    """Tell whether the bytes, or what is known about them, differ."""
    return replace(document, blocks=()) != replace(held, blocks=())


def _word_vectors(
    present: FolderIndex | None, passages: Sequence[Passage], embedder: Embedder, progress: Progress
) -> dict[str, NDArray[np.float32]]:
    """Encode the words that the passages bring, one by one: what they mean by themselves."""
    known = set(present.lexicon().vocabulary) if present else set()
    new = [word for word in meaningful(p.text for p in passages) if word not in known]
    found: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(new), WORD_BATCH):
        progress("Learning words", start, len(new))
        part = new[start : start + WORD_BATCH]
        found.update(zip(part, embedder.encode(part), strict=True))
    return found


def _texts(documents: Sequence[Document], passages: Sequence[Passage]) -> list[str]:
    by_id = {document.id: document for document in documents}
    return [context(by_id[passage.document_id], passage) for passage in passages]


def _encode(
    present: FolderIndex | None,
    texts: Sequence[str],
    keys: Sequence[str],
    embedder: Embedder,
    progress: Progress,
) -> tuple[Vectors, int]:
    """Return a vector a text, and how many of them had to be computed."""
    known = dict(present.vectors_by_key(keys)) if present else {}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    # Long texts first and together: a batch is padded to its longest.
    todo = sorted(missing.items(), key=lambda item: -len(item[1]))
    for start in range(0, len(todo), BATCH):
        progress("Encoding passages", start, len(todo))
        part = todo[start : start + BATCH]
        vectors = embedder.encode([text for _, text in part])
        known.update(zip((key for key, _ in part), vectors, strict=True))
    progress("Encoding passages", len(todo), len(todo))
    rows = [known[key] for key in keys]
    return np.array(rows, np.float32).reshape(len(rows), embedder.dimension), len(todo)
