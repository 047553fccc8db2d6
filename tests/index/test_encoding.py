"""Texts on their way to the embedder: how many at a time, and what is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kb.embedding.batches import WINDOW
from kb.index.encoding import Encoder
from tests.fakes import HashedEmbedder

if TYPE_CHECKING:
    from kb.types import Role, Vectors


class Counting(HashedEmbedder):
    """An embedder that notes how many texts come at a time."""

    def __init__(self) -> None:
        super().__init__(16)
        self.calls: list[int] = []

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        self.calls.append(len(texts))
        return super().encode(texts, role)


def test_the_embedder_gets_several_windows_at_a_time_and_progress_is_told() -> None:
    """Only beside another window can one be tokenised while that runs."""
    embedder, told = Counting(), list[tuple[int, int]]()
    encoder = Encoder(embedder, None, lambda *call: told.append(call))
    encoder.add(f"text {n}" for n in range(2500))
    assert len(encoder.finish()) == 2500
    assert embedder.calls == [512, 512, 512, 512, 452]
    assert embedder.calls[0] >= 2 * WINDOW
    assert told == [*((n, 2500) for n in (0, 512, 1024, 1536, 2048)), (2500, 2500), (2500, 2500)]
