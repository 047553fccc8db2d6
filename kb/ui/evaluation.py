"""A report of the evaluation read as data: the full one if it was made here, else the run that ships.

The evaluation is a program of its own and is not imported: `eval/overview.py`
writes the report, `eval/recorded.py` the recorded runs, `eval/cases` the cases.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.errors import KBError

REPORT, RECORDED, CASES = "latest/report.json", "recorded.jsonl", "../cases"
OVERALL = "all"
# What a recorded case is counted by, and the quantile of the normal distribution for 95 %.
MEASURE, Z = "status", 1.96

Json = Mapping[str, Any]


class BrokenReport(KBError):
    """A file is no report of the evaluation; its text is the file's name."""


@dataclass(frozen=True, slots=True)
class Share:
    """The mean of n cases and its 95 % interval, each from 0 to 1; None where no interval is known."""

    value: float
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What a report says: of which run, the figures by split and type, and the worst cases.

    `scores[split]["all"]` maps measures to shares, and so does each type of
    question; `worst` has a fault, its count and its cases each.
    """

    about: Json
    scores: Mapping[str, Mapping[str, Mapping[str, Share]]]
    worst: Sequence[Json]
    full: bool


def read_quality(folder: Path) -> Quality | None:
    """Return the newest report in a folder, None if it has none; BrokenReport."""
    report, recorded = folder / REPORT, folder / RECORDED
    for path, read in ((report, _report), (recorded, _recorded)):
        if path.is_file():
            try:
                return read(path)
            except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
                raise BrokenReport(str(path)) from error
    return None


def _report(path: Path) -> Quality:
    found = json.loads(path.read_text(encoding="utf-8"))
    scores = {
        split: {OVERALL: _shares(parts["overall"])}
        | {name: _shares(values) for name, values in parts["by_type"].items()}
        for split, parts in found["splits"].items()
    }
    about = {name: found[name] for name in ("made", "commit", "asked", "planned", "partial")}
    worst = [{**one, "cases": [_worst(case) for case in one["cases"]]} for one in found["worst"]]
    return Quality(about, scores, worst, full=True)


def _shares(scores: Json) -> dict[str, Share]:
    return {name: _share(**score) for name, score in scores.items()}


def _share(value: float, low: float, high: float, n: int) -> Share:
    """Return a score; where all cases score alike, drawing among them tells nothing, so Wilson's interval."""
    return wilson(value, n) if low == high and 0 <= value <= 1 else Share(value, n, low, high)


def _worst(case: Json) -> Json:
    names = ("question", "history", "reference", "expected", "status", "text")
    return {**{name: case[name] for name in names}, "gold": [dict(gold) for gold in case["gold"]]}


def _recorded(path: Path) -> Quality:
    """Read the last recorded run, its cases told by type where the cases are at hand."""
    *_, run = _lines(path)
    place = 1 + run["measures"].index(MEASURE)
    right = {key: float(row[place]) for key, row in run["cases"].items() if row[place] is not None}
    known = {case["id"]: case for case in _cases(path.parent / CASES)}
    scores: dict[str, dict[str, dict[str, Share]]] = {}
    for split, overall in run["scores"].items():
        mine = {key: known[key] for key in right if key in known and known[key]["split"] == split}
        shares = {name: Share(float(value), len(mine)) for name, value in overall.items()}
        parts = {name: [key for key in mine if mine[key]["type"] == name] for name in _types(mine)}
        counted = {name: {MEASURE: _mean([right[key] for key in keys])} for name, keys in parts.items()}
        if mine:
            shares[MEASURE] = _mean([right[key] for key in mine])
        scores[split] = {OVERALL: shares, **counted}
    about = {"made": run["made"], "commit": run["commit"], "asked": run["asked"], "planned": run["asked"]}
    return Quality({**about, "partial": False}, scores, (), full=False)


def _types(cases: Mapping[str, Json]) -> list[str]:
    return list(dict.fromkeys(str(case["type"]) for case in cases.values()))


def _cases(folder: Path) -> Iterator[Json]:
    for path in sorted(folder.glob("*.jsonl")):
        yield from ({"split": "dev", **case} for case in _lines(path))


def _lines(path: Path) -> list[Json]:
    """Return the JSON of every line; other characters that end lines elsewhere may stand in its strings."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def _mean(values: Sequence[float]) -> Share:
    return wilson(sum(values) / len(values), len(values))


def wilson(mean: float, n: int) -> Share:
    """Return a share of n cases with its Wilson (1927) score interval.

    >>> share = wilson(0.75, 4)
    >>> round(share.low or 0, 3), share.value, round(share.high or 0, 3)
    (0.301, 0.75, 0.954)
    """
    middle, over = mean + Z * Z / (2 * n), 1 + Z * Z / n
    reach = Z * math.sqrt(mean * (1 - mean) / n + Z * Z / (4 * n * n))
    return Share(mean, n, (middle - reach) / over, (middle + reach) / over)
