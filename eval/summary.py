"""Records -> scores: by question type, by group of users, by file of cases and over all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from eval.cases import Group, Type
from eval.measures import values_of
from eval.metrics import Score, abstention, mean, percentile
from eval.runner import Record

Scores = dict[str, Score]


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of a run: by question type, group of users and file, of all cases, and of abstaining."""

    by_type: dict[str, Scores]
    by_group: dict[str, Scores]
    by_file: dict[str, Scores]
    overall: Scores
    abstaining: Scores


@dataclass(frozen=True, slots=True)
class Scored:
    """A record and what it scores, by measure."""

    record: Record
    values: Mapping[str, float]


def scored(records: Sequence[Record]) -> list[Scored]:
    """Score each record by itself."""
    return [Scored(record, values) for record, values in zip(records, values_of(records), strict=True)]


def summarise(records: Sequence[Record]) -> Summary:
    """Score at least one record."""
    return summary_of(scored(records))


def summary_of(found: Sequence[Scored]) -> Summary:
    """Sum up at least one record that is scored already."""
    records = [one.record for one in found]
    types = {name: [s for s in found if s.record.case.type == name] for name in get_args(Type)}
    groups = {name: [s for s in found if s.record.case.group == name] for name in get_args(Group)}
    files = {r.case.file: [s for s in found if s.record.case.file == r.case.file] for r in records}
    got = abstention([r.case.unanswerable for r in records], [r.abstained for r in records])
    return Summary(
        {name: _scores(part) for name, part in types.items() if part},
        {name: _scores(part) for name, part in groups.items() if part},
        {name: _scores(part) for name, part in files.items()},
        _scores(found),
        {f"abstention {name}": score for name, score in got.items()},
    )


def _scores(found: Sequence[Scored]) -> Scores:
    names = dict.fromkeys(name for one in found for name in one.values)
    scores = {name: mean([one.values[name] for one in found if name in one.values]) for name in names}
    times = [one.record.milliseconds for one in found]
    return {**scores, "ms p50": percentile(times, 50), "ms p95": percentile(times, 95)}
