"""Texts -> batches of token ids: sorted by length, bounded in tokens, made while others run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Encoding

# Texts tokenised at a time: their tokens fill a few dozen batches.
WINDOW = 256
# Up to so many tokens a text is filled up to the next multiple of STEP.
SHORT, STEP = 64, 8


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that run together: the rows that their results go to, and their tokens."""

    rows: list[int]
    tokens: list[Encoding]

    def halves(self) -> tuple[Batch, Batch]:
        """Return the longer and the shorter half."""
        middle = (len(self.rows) + 1) // 2
        return (
            Batch(self.rows[:middle], self.tokens[:middle]),
            Batch(self.rows[middle:], self.tokens[middle:]),
        )

    def arrays(self, pad_id: int) -> dict[str, NDArray[np.int64]]:
        """Return what a transformer reads: arrays of (n, width), filled up with `pad_id`."""
        shape = (len(self.tokens), _width(max(len(encoding) for encoding in self.tokens)))
        values = {
            "input_ids": np.full(shape, pad_id, np.int64),
            "attention_mask": np.zeros(shape, np.int64),
            "token_type_ids": np.zeros(shape, np.int64),
        }
        for row, encoding in enumerate(self.tokens):
            length = len(encoding)
            values["input_ids"][row, :length] = encoding.ids
            values["attention_mask"][row, :length] = 1
            values["token_type_ids"][row, :length] = encoding.type_ids
        return values


def _width(longest: int) -> int:
    """Return the columns that a batch takes; questions share a few widths, as a new one costs 10 to 20 ms.

    >>> [_width(longest) for longest in (3, 9, 64, 65)]
    [8, 16, 64, 65]
    """
    return longest if longest > SHORT else max(1, -(-longest // STEP)) * STEP


def batches(
    texts: Sequence[str] | Sequence[tuple[str, str]],
    tokenise: Callable[[list[str] | list[tuple[str, str]]], list[Encoding]],
    budget: Callable[[], int],
) -> Iterator[Batch]:
    """Yield batches of at most `budget()` tokens each, the longest texts first.

    A window of texts is tokenised when the one before it is used up, which is
    while the last batches of that one still run. Characters order the windows,
    tokens the texts within one, so that little is padded.
    """
    order = sorted(range(len(texts)), key=lambda n: -_characters(texts[n]))
    for start in range(0, len(order), WINDOW):
        window = order[start : start + WINDOW]
        tokens = tokenise([texts[n] for n in window])  # type: ignore[arg-type]
        for places in token_batches([len(encoding) for encoding in tokens], budget()):
            yield Batch([window[n] for n in places], [tokens[n] for n in places])


def token_batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group texts, longest first, so that no batch holds more than `budget` tokens with padding.

    >>> token_batches([3, 9, 4, 2], budget=9)
    [[1], [2, 0], [3]]
    """
    found: list[list[int]] = []
    for n in sorted(range(len(lengths)), key=lambda n: -lengths[n]):
        # The first of a batch is its longest, and so its width.
        if found and lengths[found[-1][0]] * (len(found[-1]) + 1) <= budget:
            found[-1].append(n)
        else:
            found.append([n])
    return found


def _characters(text: str | tuple[str, str]) -> int:
    return len(text) if isinstance(text, str) else len(text[0]) + len(text[1])
