"""What the scores are: pure functions over quotes, statuses and times.

A score is a mean over the cases asked that it applies to (see `eval.measures`).
Nothing is divided by the number of answers given, so declining to answer gains
nothing; how many cases a score applies to (`n`) stands beside it. The precision
and F1 of abstaining are shares of another kind, by definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.cases import Evidence
from eval.quotes import covers, overlaps

__all__ = [
    "Score",
    "abstention",
    "citation_precision",
    "citation_recall",
    "covers",
    "evidence_coverage",
    "mean",
    "percentile",
    "roc_auc",
]

Array = NDArray[np.float64]

RESAMPLES = 1000
SEED = 0


@dataclass(frozen=True, slots=True)
class Score:
    """A value with its 95 % interval and the number of cases behind it."""

    value: float
    low: float
    high: float
    n: int


def evidence_coverage(gold: Sequence[Evidence], found: Sequence[Evidence], k: int) -> float:
    """Return the share of gold quotes that one of the first k hits covers: recall@k over quotes.

    A hit of another file covers nothing, whatever its words.

    >>> gold = [Evidence("a.md", "room MH4"), Evidence("a.md", "12 May")]
    >>> evidence_coverage(gold, [Evidence("b.md", "12 May"), Evidence("a.md", "in Room MH4")], 2)
    0.5
    """
    return citation_recall(gold, found[:k])


def citation_recall(gold: Sequence[Evidence], cited: Sequence[Evidence]) -> float:
    """Return the share of gold quotes that stand in one cited quote of their file.

    After the citation recall of ALCE (Gao et al. 2023, arXiv:2305.14627), with
    gold quotes in place of a model's judgement. Needs at least one gold quote.
    """
    covered = [any(_covered(place, cited) for place in g.places) for g in gold]
    return sum(covered) / len(gold)


def citation_precision(gold: Sequence[Evidence], cited: Sequence[Evidence]) -> float:
    """Return the share of cited quotes that overlap a gold quote of their file; 0 for no citation.

    After ALCE as above. Two quotes overlap where the shorter stands in the
    longer (see `eval.quotes.overlaps`). Gold evidence is what suffices, not all
    that is fit to be cited, so this is a lower bound.

    >>> gold = [Evidence("a.md", "It is held in Room MH4.")]
    >>> citation_precision(gold, [Evidence("a.md", "held in Room MH4"), Evidence("b.md", "held in Room MH4")])
    0.5
    """
    places = [place for g in gold for place in g.places]
    right = [any(c.file == g.file and overlaps(g.quote, c.quote) for g in places) for c in cited]
    return sum(right) / len(right) if right else 0.0


def abstention(expected: Sequence[bool], abstained: Sequence[bool]) -> dict[str, Score]:
    """Return precision, recall and F1 of abstaining, "not in the corpus" being the positive class.

    As for the unanswerable questions of SQuAD 2.0 (Rajpurkar et al. 2018,
    arXiv:1806.03822). A share of nothing is 0. All cases asked come in.

    >>> scores = abstention([True, True, False, False], [True, False, True, False])
    >>> scores["precision"].value, scores["recall"].value, scores["f1"].value
    (0.5, 0.5, 0.5)
    """
    rows = np.column_stack([expected, abstained]).astype(np.float64)
    return {name: _score(rows, statistic) for name, statistic in ABSTENTION.items()}


def mean(values: Sequence[float]) -> Score:
    """Return the mean of at least one value.

    >>> mean([0.0, 1.0, 1.0, 1.0]).value
    0.75
    """
    return _score(np.array(values, np.float64)[:, None], lambda rows: rows[..., 0].mean(axis=-1))


def percentile(values: Sequence[float], share: float) -> Score:
    """Return a percentile of at least one value, interpolated; `share` in percent.

    >>> percentile([10.0, 20.0, 30.0], 50).value
    20.0
    """
    rows = np.array(values, np.float64)[:, None]
    return _score(rows, lambda rows: np.percentile(rows[..., 0], share, axis=-1))


def roc_auc(positive: Sequence[bool], scores: Sequence[float]) -> Score:
    """Return the area under the ROC curve: how often a positive case outscores a negative one.

    By rank sum (Mann and Whitney 1947); a tie counts half. Needs both kinds of case.

    >>> roc_auc([True, True, False, False], [0.9, 0.4, 0.4, 0.1]).value
    0.875
    """
    return _score(np.column_stack([positive, scores]).astype(np.float64), _area)


def _covered(place: Evidence, cited: Sequence[Evidence]) -> bool:
    return any(c.file == place.file and covers(place.quote, c.quote) for c in cited)


def _score(rows: Array, statistic: Callable[[Array], Array]) -> Score:
    """Put a percentile bootstrap interval (Efron 1979) around a statistic of (n, d) rows.

    The seed is fixed, so that the same answers give the same interval.
    """
    n = len(rows)
    chosen = np.random.default_rng(SEED).integers(0, n, size=(RESAMPLES, n))
    low, high = np.percentile(statistic(rows[chosen]), [2.5, 97.5])
    return Score(float(statistic(rows)), float(low), float(high), n)


def _precision(rows: Array) -> Array:
    return _share(_both(rows), rows[..., 1].sum(axis=-1))


def _recall(rows: Array) -> Array:
    return _share(_both(rows), rows[..., 0].sum(axis=-1))


def _f1(rows: Array) -> Array:
    return _share(2 * _both(rows), rows.sum(axis=(-2, -1)))


def _area(rows: Array) -> Array:
    """Return the area for (n, 2) rows, or each area for (resamples, n, 2)."""
    if rows.ndim > 2:
        return np.array([_area(sample) for sample in rows])
    _, places, counts = np.unique(rows[:, 1], return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    positive = rows[:, 0].sum()
    pairs = positive * (len(rows) - positive)
    wins = ranks @ rows[:, 0] - positive * (positive + 1) / 2
    # A resample may hold one kind of case only, which tells nothing: as good as chance.
    return np.asarray(wins / pairs if pairs else 0.5)


def _both(rows: Array) -> Array:
    both: Array = rows.prod(axis=-1).sum(axis=-1)
    return both


def _share(part: Array, whole: Array) -> Array:
    share: Array = part / np.maximum(whole, 1)
    return share


ABSTENTION = {"precision": _precision, "recall": _recall, "f1": _f1}
