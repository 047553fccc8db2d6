"""What a commit comes to, once double and replaced documents are sorted out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kb.errors import IndexMismatch, KBError
from kb.types import Changes, Document, Passage

if TYPE_CHECKING:
    from kb.types import Vectors


@dataclass(frozen=True, slots=True)
class Plan:
    """Documents to drop and to write: each once, each passage once, a vector and a key for each.

    The passages are in the order of their documents.
    `vectors` has the shape (len(passages), dimension); an empty key means that
    the passage's vector is never reused.
    """

    remove: frozenset[str]
    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    keys: tuple[str, ...]
    vectors: Vectors

    @property
    def empty(self) -> bool:
        """Whether the index stays as it is."""
        return not self.remove and not self.documents

    def counts(self) -> Counter[str]:
        """Return the number of passages of each new document."""
        return Counter(passage.document_id for passage in self.passages)


def resolve(changes: Changes, present: Iterable[Document], dimension: int) -> Plan:
    """Work out what `changes` does to an index that holds the documents `present`.

    Others it may hold besides, of which `changes` names neither id nor source.
    A document replaces the one with its id and the one with its source, also
    within `changes`, where the later wins. Raises KBError for an unknown
    document to remove, IndexMismatch for vectors of another width and
    ValueError for passages without a document or a vector.
    """
    vectors = _vectors(changes, dimension)
    added = _last_of_each(changes.add)
    places = {document.id: n for n, document in enumerate(added)}
    chosen = _chosen(changes, set(places))
    chosen.sort(key=lambda n: places[changes.passages[n].document_id])
    keys = changes.keys or ("",) * len(changes.passages)
    return Plan(
        remove=_replaced(changes, added, list(present)),
        documents=added,
        passages=tuple(changes.passages[n] for n in chosen),
        keys=tuple(keys[n] for n in chosen),
        vectors=vectors[chosen],
    )


def _vectors(changes: Changes, dimension: int) -> Vectors:
    count = len(changes.passages)
    empty = np.empty((0, dimension), np.float32)
    vectors = empty if changes.vectors is None else np.asarray(changes.vectors, np.float32)
    if len(vectors) != count or (changes.keys and len(changes.keys) != count):
        raise ValueError(f"{count} passages came with {len(vectors)} vectors and {len(changes.keys)} keys.")
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise IndexMismatch(
            f"Vectors of shape {vectors.shape} do not fit an index of {dimension} dimensions."
        )
    if not np.isfinite(vectors).all():
        raise ValueError("A passage's vector has a component that is not a finite number.")
    return vectors


def _last_of_each(documents: Sequence[Document]) -> tuple[Document, ...]:
    by_id = {document.id: document for document in documents}
    by_source = {document.source: document for document in by_id.values()}
    return tuple(by_source.values())


def _replaced(changes: Changes, added: Sequence[Document], present: list[Document]) -> frozenset[str]:
    known = {document.id for document in present}
    for document_id in changes.remove:
        if document_id not in known:
            raise KBError(f"The index holds no document {document_id!r}; see its documents with: kb list.")
    ids, sources = {d.id for d in added}, {d.source for d in added}
    same = {d.id for d in present if d.id in ids or d.source in sources}
    return frozenset(changes.remove) | same


def _chosen(changes: Changes, added: set[str]) -> list[int]:
    """Positions of the first passage of each id, without those of documents that were overtaken."""
    offered = {document.id for document in changes.add}
    first: dict[str, int] = {}
    for n, passage in enumerate(changes.passages):
        if passage.document_id not in offered:
            raise ValueError(
                f"Passage {passage.id!r} belongs to {passage.document_id!r}, which is not added."
            )
        owner = changes.passages[first.setdefault(passage.id, n)].document_id
        if owner != passage.document_id:
            raise ValueError(f"Passage id {passage.id!r} stands in two documents.")
    return [n for n in first.values() if changes.passages[n].document_id in added]
