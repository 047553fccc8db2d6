"""Scores as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from eval.metrics import Score
from eval.runner import Run
from eval.summary import Scored, Summary, scored

if TYPE_CHECKING:
    from rich.table import Table

    from eval.calibration import Fit

OVERALL = "all"
COLUMNS = ("status", "coverage@5", "coverage@10", "citation precision", "citation recall")


def types_table(run: Run, summary: Summary) -> Table:
    """Return the scores as a table, one row a question type, and one with intervals for all cases."""
    from rich.table import Table

    done = f"{len(run.records)} cases" if not run.stopped else f"PARTIAL: {len(run.records)} of {run.planned}"
    drawn = Table("type", "n", *COLUMNS, "ms p50", title=f"Answers, {done}")
    for name, scores in summary.by_type.items():
        drawn.add_row(name, *_row(scores, _value))
    drawn.add_section()
    drawn.add_row(OVERALL, *_row(summary.overall, _interval))
    return drawn


def _row(scores: Mapping[str, Score], cell: Callable[[Score], str]) -> list[str]:
    cells = [cell(scores[column]) if column in scores else "-" for column in COLUMNS]
    return [str(scores["status"].n), *cells, f"{scores['ms p50'].value:.0f}"]


def rates_table(summary: Summary) -> Table:
    """Return the scores that stand for all cases only: abstaining, conflicts, pointers, latency."""
    rest = {name: s for name, s in summary.overall.items() if name not in COLUMNS}
    return scores_table("All cases", {**rest, **summary.abstaining})


def scores_table(title: str, scores: Mapping[str, Score]) -> Table:
    """Return scores as a table, one row a score."""
    from rich.table import Table

    drawn = Table("score", "value (95 % interval)", "n", title=title)
    for name, score in scores.items():
        cell = f"{score.value:.0f}" if name.startswith("ms ") else _interval(score)
        drawn.add_row(name, cell, str(score.n))
    return drawn


def weights_table(fit: Fit) -> Table:
    """Return the fitted weights as a table, one row a sign."""
    from rich.table import Table

    drawn = Table("sign", "weight", title="Log-odds that the documents answer")
    for name, weight in {"(bias)": fit.bias, **fit.weights}.items():
        drawn.add_row(name, f"{weight:+.2f}")
    return drawn


def _value(score: Score) -> str:
    return f"{score.value:.2f}"


def _interval(score: Score) -> str:
    return f"{score.value:.2f} ({score.low:.2f}-{score.high:.2f})"


def report_of(run: Run, summary: Summary, about: Mapping[str, object]) -> dict[str, Any]:
    """Return scores and records as one JSON object; `about` says what was run on what."""
    return {
        **about,
        "partial": run.stopped is not None,
        "stopped": run.stopped,
        "planned": run.planned,
        "asked": len(run.records),
        **asdict(summary),
        "records": [record_of(one) for one in scored(run.records)],
    }


def record_of(one: Scored) -> dict[str, Any]:
    """Return one case, what came back and what it scores, as a JSON object."""
    record = one.record
    case = {name: getattr(record.case, name) for name in ("id", "group", "type", "split", "question")}
    found = {
        name: value
        for name, value in asdict(record).items()
        if name not in ("case", "hits", "stated", "said")
    }
    return {
        **case,
        "expected": sorted(record.case.expected),
        **found,
        "hit_files": [hit.file for hit in record.hits],
        "scores": dict(one.values),
    }
