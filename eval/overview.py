"""A result as one JSON object from which the page and the README's table are drawn; nothing else is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, get_args

from eval.compare import Difference
from eval.measures import MEASURES, RANKINGS, SHARES, described, is_lower_better
from eval.metrics import roc_auc
from eval.recorded import Key, commit, compare, last_before, recorded_line
from eval.report import record_of
from eval.suite import Result
from eval.summary import Scored, Summary
from eval.worst import worst_cases
from kb.types import Status

BINS = 10


def overview(result: Result, recorded: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return everything that a report says of a result, compared with the last other recorded run."""
    key = key_of(result)
    before = last_before(key, recorded)
    run = result.run
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": key.commit,
        "config_digest": key.config_digest,
        "index_generation": result.index_generation,
        "documents": result.documents,
        "passages": result.passages,
        "partial": run.stopped is not None,
        "stopped": run.stopped,
        "planned": run.planned,
        "asked": len(run.records),
        "measures": {name: _measure(name) for name in (*MEASURES, *RANKINGS, *SHARES)},
        "splits": {split: _split(summary) for split, summary in result.splits.items()},
        "decisions": {split: _decisions(_of(result, split)) for split in result.splits},
        "confidence": {split: confidence(_of(result, split)) for split in result.splits},
        "milliseconds": [round(record.milliseconds, 1) for record in run.records],
        "worst": worst_cases(_of(result, "dev")),
        "comparison": _comparison(before, result) if before else None,
        "records": [record_of(one) for one in result.scored],
    }


def key_of(result: Result) -> Key:
    """Return what a result is recorded under."""
    return Key(commit(), result.config_digest)


def line_of(result: Result) -> dict[str, Any]:
    """Return what is recorded of a result."""
    made = datetime.now(UTC).isoformat(timespec="seconds")
    return recorded_line(key_of(result), made, result.scored, result.values)


def confidence(found: Sequence[Scored]) -> dict[str, Any] | None:
    """Return how confidence compares with the truth; None where no answer states any.

    `bins` are tenths of the scale: how many cases fall there, their mean
    confidence and the share of them that the documents do answer. `error` is
    the expected calibration error (Guo et al. 2017, arXiv:1706.04599), `area`
    the area under the ROC curve, `curve` what declining below each threshold
    would give: threshold, over-abstention, abstention recall.
    """
    sure = [one.record.confidence for one in found]
    true = [not one.record.case.unanswerable for one in found]
    if len(set(sure)) < 2 or len(set(true)) < 2:
        return None
    bins = [_bin(n, sure, true) for n in range(BINS)]
    gaps = [one["count"] * abs(one["confidence"] - one["answerable"]) for one in bins if one["count"]]
    return {
        "bins": bins,
        "error": sum(gaps) / len(found),
        "area": asdict(roc_auc(true, sure)),
        "curve": [_point(t, sure, true) for t in [0.0, *sorted(set(sure)), 1.01]],
    }


def _bin(place: int, sure: Sequence[float], true: Sequence[bool]) -> dict[str, float]:
    here = [(s, t) for s, t in zip(sure, true, strict=True) if min(int(s * BINS), BINS - 1) == place]
    n = max(len(here), 1)
    mean, share = sum(s for s, _ in here) / n, sum(t for _, t in here) / n
    return {"count": len(here), "confidence": mean, "answerable": share}


def _point(threshold: float, sure: Sequence[float], true: Sequence[bool]) -> list[float]:
    declined = [s < threshold for s in sure]
    over = sum(d and t for d, t in zip(declined, true, strict=True)) / sum(true)
    recall = sum(d and not t for d, t in zip(declined, true, strict=True)) / (len(true) - sum(true))
    return [round(threshold, 4), round(over, 4), round(recall, 4)]


def _decisions(found: Sequence[Scored]) -> dict[str, dict[str, int]]:
    """Return how often each outcome came, by what was right."""
    counts: dict[str, dict[str, int]] = {}
    for one in sorted(found, key=lambda one: sorted(one.record.case.expected)):
        right = " or ".join(sorted(one.record.case.expected))
        counts.setdefault(right, dict.fromkeys(get_args(Status), 0))[one.record.status] += 1
    return counts


def _comparison(before: Mapping[str, Any], result: Result) -> dict[str, Any]:
    found = {split: compare(before, _of(result, split)) for split in result.splits}
    about = {name: before[name] for name in ("commit", "config_digest", "made")}
    return {**about, "splits": {split: _differences(one) for split, one in found.items()}}


def _differences(found: Mapping[str, Difference]) -> dict[str, Any]:
    return {name: asdict(one) for name, one in found.items()}


def _measure(name: str) -> dict[str, Any]:
    meaning, over = described(name)
    return {"meaning": meaning, "divided_by": over, "lower": is_lower_better(name)}


def _split(summary: Summary) -> dict[str, Any]:
    plain = asdict(summary)
    shares = {name: plain["abstaining"][name] for name in SHARES}
    return {
        **{name: plain[name] for name in ("by_type", "by_group", "by_file")},
        "overall": plain["overall"] | shares,
    }


def _of(result: Result, split: str) -> list[Scored]:
    return [one for one in result.scored if one.record.case.split == split]
