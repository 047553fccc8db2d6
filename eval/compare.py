"""Whether two runs differ by more than chance, case by case.

A paired randomisation test (Fisher 1935, "The Design of Experiments", chapter 3),
as Smucker, Allan and Carterette 2007 recommend for retrieval, and a paired
bootstrap interval of the mean difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.metrics import mean
from kb.errors import CaseError

Array = NDArray[np.float64]

# Up to so many cases that differ, every one of the 2^n assignments is counted.
EXACT = 16
SHUFFLES = 10_000
SEED = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of `now` minus `before` with its 95 % interval, and the two-sided p value.

    `n` counts the cases that both runs asked.
    """

    before: float
    now: float
    difference: float
    low: float
    high: float
    p: float
    n: int


def paired(before: Mapping[str, float], now: Mapping[str, float]) -> Difference:
    """Compare the values of two runs by case, over the cases of both; CaseError if there is none.

    p is how often a difference as large or larger comes about when it is left
    to chance, for each case by itself, which run a value belongs to.

    >>> found = paired({"a": 0.0, "b": 0.0, "c": 1.0}, {"a": 1.0, "b": 1.0, "c": 1.0})
    >>> round(found.difference, 2), found.p, found.n
    (0.67, 0.5, 3)
    """
    shared = sorted(before.keys() & now.keys())
    if not shared:
        raise CaseError("The two runs share no case, so they cannot be compared.")
    changes = np.array([now[key] - before[key] for key in shared], np.float64)
    interval = mean([float(change) for change in changes])
    return Difference(
        float(np.mean([before[key] for key in shared])),
        float(np.mean([now[key] for key in shared])),
        interval.value,
        interval.low,
        interval.high,
        randomisation(changes),
        len(shared),
    )


def randomisation(changes: Sequence[float] | Array) -> float:
    """Return the two-sided p value of paired differences; 1 if none differs.

    Exact for up to 16 differences that are not 0, else from 10,000 random
    assignments of signs with a fixed seed, the observed one counted among them.

    >>> randomisation([1.0] * 5)
    0.0625
    """
    values = np.asarray([change for change in changes if change], np.float64)
    if not len(values):
        return 1.0
    signs = _signs(len(values))
    # Sums of floats in another order differ in their last bits.
    reached = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    if len(values) <= EXACT:
        return float(reached.mean())
    return float((1 + reached.sum()) / (1 + SHUFFLES))


def _signs(n: int) -> Array:
    """Return every assignment of n signs, or SHUFFLES random ones, as rows of 1 and -1."""
    if n <= EXACT:
        bits = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    else:
        bits = np.random.default_rng(SEED).integers(0, 2, size=(SHUFFLES, n))
    return (1 - 2 * bits).astype(np.float64)
