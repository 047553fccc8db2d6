"""Records -> scores: which measure applies to which case, by question type and over all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from eval.cases import Group, Type
from eval.metrics import (
    Score,
    abstention,
    citation_precision,
    citation_recall,
    evidence_coverage,
    mean,
    percentile,
)
from eval.runner import Record

Scores = dict[str, Score]

# What a case scores, or None where the measure does not apply to it.
Measure = Callable[[Record], float | None]

DEPTHS = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of a run: by question type, by group of users, of all cases, and those of abstaining."""

    by_type: dict[str, Scores]
    by_group: dict[str, Scores]
    overall: Scores
    abstaining: Scores


def summarise(records: Sequence[Record]) -> Summary:
    """Score at least one record."""
    types = {name: [r for r in records if r.case.type == name] for name in get_args(Type)}
    groups = {name: [r for r in records if r.case.group == name] for name in get_args(Group)}
    got = abstention([r.case.unanswerable for r in records], [r.abstained for r in records])
    return Summary(
        {name: _scores(found) for name, found in types.items() if found},
        {name: _scores(found) for name, found in groups.items() if found},
        _scores(records),
        {f"abstention {name}": score for name, score in got.items()},
    )


def _scores(records: Sequence[Record]) -> Scores:
    scores = {}
    for name, measure in MEASURES.items():
        values = [value for record in records if (value := measure(record)) is not None]
        if values:
            scores[name] = mean(values)
    times = [record.milliseconds for record in records]
    return {**scores, "ms p50": percentile(times, 50), "ms p95": percentile(times, 95)}


def _coverage(k: int) -> Measure:
    return lambda r: evidence_coverage(r.case.evidence, r.hits, k) if _answerable(r) else None


def _precision(record: Record) -> float | None:
    return citation_precision(record.case.evidence, record.cited) if _answerable(record) else None


def _recall(record: Record) -> float | None:
    return citation_recall(record.case.evidence, record.cited) if _answerable(record) else None


def _status(record: Record) -> float:
    return float(record.status in record.case.expected)


def _conflict(record: Record) -> float | None:
    if record.case.type != "conflicting" or record.case.unanswerable:
        return None
    return float(record.status == "answered" and record.conflicts > 0)


def _over_abstention(record: Record) -> float | None:
    return None if record.case.unanswerable else float(record.abstained)


def _pointers(record: Record) -> float | None:
    if not (record.case.unanswerable and record.case.evidence):
        return None
    return citation_recall(record.case.evidence, record.pointed)


def _answerable(record: Record) -> bool:
    return bool(record.case.evidence) and not record.case.unanswerable


MEASURES: Mapping[str, Measure] = {
    "status": _status,
    **{f"coverage@{k}": _coverage(k) for k in DEPTHS},
    "citation precision": _precision,
    "citation recall": _recall,
    "conflict shown": _conflict,
    "over-abstention": _over_abstention,
    "pointer recall": _pointers,
}
