"""Texts -> vectors, as the texts come: those that an index knows are looked up, the others computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kb.types import Embedder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

# Texts that are collected and sorted by length, as a batch is padded to its longest.
PORTION = 1024
# Texts encoded between two reports of progress; the embedder prepares some while others run.
BATCH = 512


class Past(Protocol):
    """What an index held before: all of it, or what is left of one that is damaged."""

    def vectors_by_key(self, keys: Collection[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vector of each of these embedding keys that it knows."""
        ...


class Encoder:
    """Collects texts and encodes them a portion at a time, each different text once.

    `told` is called with the number of texts that were encoded and of all that are to be.
    """

    def __init__(self, embedder: Embedder, past: Past | None, told: Callable[[int, int], None]) -> None:
        self._embedder, self._past, self._told = embedder, past, told
        self._known: dict[str, NDArray[np.float32]] = {}
        self._waiting: dict[str, str] = {}
        self.keys: list[str] = []
        self.encoded = 0

    def add(self, texts: Iterable[str]) -> None:
        """Take more texts, and encode when enough are waiting."""
        keyed = [(hashlib.sha256(text.encode()).hexdigest(), text) for text in texts]
        self.keys += [key for key, _ in keyed]
        new = {k: t for k, t in keyed if k not in self._known and k not in self._waiting}
        if self._past and new:
            self._known |= self._past.vectors_by_key(new)
        self._waiting |= {key: text for key, text in new.items() if key not in self._known}
        if len(self._waiting) >= PORTION:
            self._encode()

    def finish(self) -> Vectors:
        """Encode what is still waiting and return a row a text, in the order they came."""
        self._encode()
        rows = [self._known[key] for key in self.keys]
        return np.array(rows, np.float32).reshape(len(rows), self._embedder.dimension)

    def _encode(self) -> None:
        """Encode what is waiting, long texts first and like lengths together."""
        todo = sorted(self._waiting.items(), key=lambda item: -len(item[1]))
        total = self.encoded + len(todo)
        for start in range(0, len(todo), BATCH):
            self._told(self.encoded, total)
            part = todo[start : start + BATCH]
            vectors = self._embedder.encode([text for _, text in part])
            self._known.update(zip((key for key, _ in part), vectors, strict=True))
            self.encoded += len(part)
        self._waiting = {}
        self._told(self.encoded, total)
