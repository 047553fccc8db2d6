"""The report as one self-contained HTML page, and the README's table: both drawn from the same JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.jsonl import read_text
from kb.errors import KBError

Overview = Mapping[str, Any]

TEMPLATE = Path(__file__).with_name("page.html")

# What the summary at the top shows, in words that need no explanation.
HEADLINES = {
    "status": "right decision: answered, asked back or declined as it should",
    "coverage@5": "passage that answers is among the first 5 found",
    "fact recall": "of the expected facts are said in the answer",
    "quote fidelity": "every quote stands word for word in its file",
    "abstention recall": "declined, where the documents do not answer",
    "over-abstention": "declined, although the documents do answer",
}
# The columns of the README's table.
COLUMNS = {
    "status": "right decision",
    "coverage@5": "evidence in the first 5 passages",
    "fact recall": "key facts said",
    "claim recall": "claims supported",
    "quote fidelity": "quotes verbatim",
    "abstention recall": "rightly declined",
    "over-abstention": "wrongly declined",
}
TIMES = {"ms p50": "median answer time in milliseconds", "ms p95": "95th percentile of it"}
# How sure a difference between two runs must be before the page says so.
SIGNIFICANT = 0.05


def render(report: Overview) -> str:
    """Return the page; every text of documents and cases in it is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        report=report,
        headlines=HEADLINES,
        times=TIMES,
        significant=SIGNIFICANT,
        rows=list(_rows(report)),
        plots=_plots(report),
    )


def markdown(report: Overview) -> str:
    """Return the README's table of quality: a row for each split and file of cases."""
    lines = ["| cases | n | " + " | ".join(COLUMNS.values()) + " |", "|---" * (len(COLUMNS) + 2) + "|"]
    for split, found in report["splits"].items():
        parts = {f"all, `{split}`": found["overall"]}
        parts |= {f"{name}, `{split}`": scores for name, scores in found["by_file"].items()}
        lines += [f"| {name} | {s['status']['n']} | {_cells(s)} |" for name, s in parts.items()]
    if report["partial"]:
        lines.append(f"\nPARTIAL: only {report['asked']} of {report['planned']} cases were asked.")
    return "\n".join(lines) + "\n"


def read_report(path: Path) -> Overview:
    """Read the JSON of a report; KBError saying how to make one."""
    if not path.is_file():
        raise KBError(f"There is no report {path}; make one with: kb eval report")
    try:
        report: Overview = json.loads(read_text(path))
        report["splits"], report["partial"], report["asked"], report["planned"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise KBError(f"{path} is no report of this program; make one with: kb eval report") from error
    return report


def _cells(scores: Mapping[str, Any]) -> str:
    return " | ".join(f"{scores[name]['value']:.2f}" if name in scores else "" for name in COLUMNS)


def _rows(report: Overview) -> Iterator[tuple[str, Mapping[str, Any], dict[str, Any]]]:
    """Yield each measure that any split has: its name, what it means, and its scores by split."""
    for name, about in report["measures"].items():
        scores = {s: found["overall"].get(name) for s, found in report["splits"].items()}
        if any(scores.values()):
            yield name, about, scores


def _plots(report: Overview) -> dict[str, Any]:
    from eval import charts

    sure = {split: found for split, found in report["confidence"].items() if found}
    overall = {split: found["overall"] for split, found in report["splits"].items()}
    now = {
        split: (scores["over-abstention"]["value"], scores["abstention recall"]["value"])
        for split, scores in overall.items()
        if {"over-abstention", "abstention recall"} <= scores.keys()
    }
    times = sorted(report["milliseconds"])
    marks = {f"p{share}": _percentile(times, share) for share in (50, 95)}
    return {
        "by_type": _bars(report, "by_type"),
        "by_group": _bars(report, "by_group"),
        "reliability": charts.reliability({s: found["bins"] for s, found in sure.items()}),
        "trade_off": charts.trade_off({s: found["curve"] for s, found in sure.items()}, now),
        "latency": charts.histogram(times, marks, "ms"),
        "marks": marks,
        "sure": sure,
    }


def _bars(report: Overview, part: str) -> Any:  # noqa: ANN401 - markup
    from eval import charts

    splits = report["splits"]
    names = dict.fromkeys(name for found in splits.values() for name in found[part])
    scores = {n: {s: f[part][n]["status"] for s, f in splits.items() if n in f[part]} for n in names}
    values = {name: {s: one["value"] for s, one in row.items()} for name, row in scores.items()}
    counts = {name: {s: one["n"] for s, one in row.items()} for name, row in scores.items()}
    return charts.bars(values, counts)


def _percentile(ordered: list[float], share: int) -> float:
    import numpy as np

    return float(np.percentile(ordered, share))
