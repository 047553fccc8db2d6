"""What the pipelines found against gold quotes, and what it cost, side by side.

Chunks are of different lengths, and longer ones cover more: `coverage in 6000`
therefore counts the first 6,000 characters of what was found, whatever the
number of chunks.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.cases import Case, Evidence
from eval.compare import paired
from eval.metrics import evidence_coverage, mean
from eval.peers.side_by_side import OURS, Measured
from eval.ranking import quote_rankings

if TYPE_CHECKING:
    from rich.table import Table

BUDGET = 6000
QUALITY = ("coverage@5", "coverage@10", "MRR@10", f"coverage in {BUDGET}")
COST = {
    "chunks": "chunks",
    "characters": "characters of a chunk",
    "ingest_seconds": "ingest, s",
    "ingest_processor_seconds": "ingest, processor s",
    "ingest_peak_mb": "ingest peak, MiB",
    "query_ms_p50": "query p50, ms",
    "query_ms_p95": "query p95, ms",
    "query_processor_ms": "query, processor ms",
    "cold_seconds": "cold start, s",
    "search_peak_mb": "search peak, MiB",
}


def report_of(measured: Sequence[Measured], cases: Sequence[Case], *, scored: bool) -> dict[str, Any]:
    """Return cost, and quality where `scored`, of each pipeline, the others compared with ours."""
    parts = parts_of(cases) if scored else {}
    values = {
        part: {one.name: quality(chosen, hits_of(one)) for one in measured} for part, chosen in parts.items()
    }
    return {
        "questions": len(cases),
        "load_average": os.getloadavg()[0],
        "processors": os.cpu_count(),
        "peers": {
            one.name: {
                "versions": one.ingest["versions"],
                "cost": cost(one),
                "same_each_turn": _same(one),
                "quality": {part: _compared(found, one.name) for part, found in values.items()},
            }
            for one in measured
        },
    }


def parts_of(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Return the judged cases, all and by split.

    This program was developed on split dev, the others were not: `test` is the fair part.
    """
    judged = [case for case in cases if case.evidence and not case.unanswerable]
    parts = {split: [case for case in judged if case.split == split] for split in ("test", "dev")}
    return {part: found for part, found in {**parts, "all": judged}.items() if found}


def hits_of(measured: Measured) -> dict[str, list[Evidence]]:
    """Return the chunks found in the first turn, by question."""
    answers = measured.asked[0]["answers"]
    return {one["id"]: [Evidence(hit["file"], hit["text"]) for hit in one["hits"]] for one in answers}


def _same(measured: Measured) -> bool:
    """Tell whether every turn found the same; if not, what is measured changed meanwhile."""
    turns = [[one["hits"] for one in asked["answers"]] for asked in measured.asked]
    return all(turn == turns[0] for turn in turns)


def quality(cases: Sequence[Case], hits: Mapping[str, Sequence[Evidence]]) -> dict[str, dict[str, float]]:
    """Return coverage and reciprocal rank by case; every case has evidence."""
    found: dict[str, dict[str, float]] = {
        f"coverage@{k}": {c.id: evidence_coverage(c.evidence, hits[c.id], k) for c in cases} for k in (5, 10)
    }
    ranked = quote_rankings({c.id: (c.evidence, hits[c.id]) for c in cases})
    within = {c.id: evidence_coverage(c.evidence, first(hits[c.id], BUDGET), 10) for c in cases}
    return {**found, "MRR@10": ranked["MRR@10"], f"coverage in {BUDGET}": within}


def first(hits: Sequence[Evidence], characters: int) -> list[Evidence]:
    """Return the hits that begin in the first so many characters, the last of them cut there.

    >>> first([Evidence("a.md", "one two"), Evidence("b.md", "three")], 10)[1].quote
    'thr'
    """
    kept = []
    for hit in hits:
        if characters <= 0:
            break
        kept.append(Evidence(hit.file, hit.quote[:characters]))
        characters -= len(hit.quote)
    return kept


def cost(measured: Measured) -> dict[str, float]:
    """Return seconds, milliseconds and MiB; a question's latency is the median of its turns.

    Processor time is what the clock would say on one free core. A peak adds
    the process and the largest that it started: an upper bound.
    """
    turns = [[one["ms"] for one in asked["answers"]] for asked in measured.asked]
    latencies = [median(times) for times in zip(*turns, strict=True)]
    busy = [1000 * asked["processor_seconds"] / len(asked["answers"]) for asked in measured.asked]
    lengths = [len(hit.quote) for hits in hits_of(measured).values() for hit in hits]
    return {
        "chunks": measured.ingest["chunks"],
        "characters": fmean(lengths) if lengths else 0.0,
        "ingest_seconds": measured.ingest["seconds"],
        "ingest_processor_seconds": measured.ingest["processor_seconds"],
        "ingest_process_seconds": measured.ingest["process_seconds"],
        "ingest_peak_mb": _peak(measured.ingest),
        "query_ms_p50": float(np.percentile(latencies, 50)),
        "query_ms_p95": float(np.percentile(latencies, 95)),
        "query_processor_ms": median(busy),
        "cold_seconds": median(measured.cold_seconds),
        "search_peak_mb": max(_peak(asked) for asked in measured.asked),
    }


def tables_of(report: Mapping[str, Any]) -> list[Table]:
    """Return cost, and quality if there is any, as tables with one row a pipeline."""
    from rich.table import Table

    peers = report["peers"]
    title = f"Cost, {report['questions']} questions"
    costs = Table("pipeline", *COST.values(), title=title)
    for name, found in peers.items():
        costs.add_row(name, *(_number(found["cost"][key]) for key in COST))
    parts = list(next(iter(peers.values()))["quality"])
    return [*(_quality_table(part, peers) for part in parts), costs]


def _quality_table(part: str, peers: Mapping[str, Any]) -> Table:
    from rich.table import Table

    judged = {name: found["quality"][part] for name, found in peers.items()}
    n = next(iter(judged.values()))[QUALITY[0]]["n"]
    title = f"Gold quotes found, {n} questions ({part}): mean, difference to ours"
    rows = Table("pipeline", *QUALITY, title=title)
    for name, scores in judged.items():
        rows.add_row(name, *(_cell(scores[measure]) for measure in QUALITY))
    return rows


def _compared(values: Mapping[str, Mapping[str, Mapping[str, float]]], name: str) -> dict[str, Any]:
    scores = {measure: asdict(mean(list(by.values()))) for measure, by in values.get(name, {}).items()}
    if name != OURS and OURS in values:
        for measure, by in values.get(name, {}).items():
            scores[measure]["difference"] = asdict(paired(values[OURS][measure], by))
    return scores


def _peak(written: Mapping[str, float]) -> float:
    return written["peak_mb"] + written["child_peak_mb"]


def _number(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _cell(score: Mapping[str, Any]) -> str:
    if "difference" not in score:
        return f"{score['value']:.3f}"
    d = score["difference"]
    return f"{score['value']:.3f}  {d['difference']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})"
