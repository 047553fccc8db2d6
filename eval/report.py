"""Records -> scores by question type, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from eval.cases import Type
from eval.metrics import Score, abstention, citation_precision, citation_recall, evidence_coverage, mean
from eval.metrics import percentile as percentile_of
from eval.runner import Record, Run
from kb.errors import KBError

if TYPE_CHECKING:
    from rich.table import Table

Scores = dict[str, Score]

# What a case scores, or None where the measure does not apply to it.
Measure = Callable[[Record], float | None]

DEPTHS = (1, 5, 10)
OVERALL = "all"
COLUMNS = ("status", "coverage@5", "coverage@10", "citation precision", "citation recall")


@dataclass(frozen=True, slots=True)
class Summary:
    """The scores of a run: by question type, of all cases, and those of abstaining."""

    by_type: dict[str, Scores]
    overall: Scores
    abstaining: Scores


def summarise(records: Sequence[Record]) -> Summary:
    """Score at least one record."""
    types = {name: [r for r in records if r.case.type == name] for name in get_args(Type)}
    got = abstention([r.case.unanswerable for r in records], [r.abstained for r in records])
    return Summary(
        {name: _scores(found) for name, found in types.items() if found},
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
    return {**scores, "ms p50": percentile_of(times, 50), "ms p95": percentile_of(times, 95)}


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


def table(run: Run, summary: Summary) -> Table:
    """Return the scores as a table, one row a question type and one for all cases."""
    from rich.table import Table

    done = f"{len(run.records)} cases" if not run.stopped else f"PARTIAL: {len(run.records)} of {run.planned}"
    drawn = Table("type", "n", *COLUMNS, "ms p50", title=f"Answers, {done} (95 % interval)", caption=None)
    for name, scores in {**summary.by_type, OVERALL: summary.overall}.items():
        cells = [_cell(scores.get(column)) for column in COLUMNS]
        if name == OVERALL:
            drawn.add_section()
        drawn.add_row(name, str(scores["status"].n), *cells, f"{scores['ms p50'].value:.0f}")
    return drawn


def rates(summary: Summary) -> Table:
    """Return the scores that stand for all cases only: abstaining, conflicts, pointers, latency."""
    from rich.table import Table

    drawn = Table("score", "value (95 % interval)", "n")
    rest = {name: s for name, s in summary.overall.items() if name not in COLUMNS}
    for name, score in {**rest, **summary.abstaining}.items():
        cell = f"{score.value:.0f}" if name.startswith("ms ") else _cell(score)
        drawn.add_row(name, cell, str(score.n))
    return drawn


def _cell(score: Score | None) -> str:
    return f"{score.value:.2f} ({score.low:.2f}-{score.high:.2f})" if score else "-"


def as_json(run: Run, summary: Summary, about: Mapping[str, object]) -> dict[str, Any]:
    """Return scores and records as one JSON object; `about` says what was run on what."""
    return {
        **about,
        "partial": run.stopped is not None,
        "stopped": run.stopped,
        "planned": run.planned,
        "asked": len(run.records),
        **asdict(summary),
        "records": [_record(record) for record in run.records],
    }


def _record(record: Record) -> dict[str, Any]:
    scores = {name: measure(record) for name, measure in MEASURES.items()}
    case = {name: getattr(record.case, name) for name in ("id", "group", "type", "split", "question")}
    found = {name: value for name, value in asdict(record).items() if name not in ("case", "hits")}
    return {
        **case,
        "expected": sorted(record.case.expected),
        **found,
        "hit_files": [hit.file for hit in record.hits],
        "scores": {name: value for name, value in scores.items() if value is not None},
    }


def write_json(value: object, path: Path) -> None:
    """Write a report to a file, making its folder; KBError if that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise KBError(f"The report {path} cannot be written: {error}. Choose another --output.") from error
