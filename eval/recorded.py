"""Recorded runs, one line of JSON each, so that a run can be compared with one before it.

A run is known by the commit of the code and the digest of the settings. The
line keeps what each case scored on the measures that the floor looks at, and
a digest of the case: a case that was rewritten since is not compared.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.compare import Difference, paired
from eval.floor import GATED, Values
from eval.jsonl import read_objects
from eval.summary import Scored
from kb.errors import CaseError, KBError

ROOT = Path(__file__).parents[1]
# What a run depends on; a change to these that is not committed is told with the commit.
CODE = ("kb", "corpus", "eval", "pyproject.toml", "constraints.txt", ":!eval/reports", ":!eval/floor.toml")


@dataclass(frozen=True, slots=True)
class Key:
    """What a run is known by; `commit` ends with "+" where files differ from the commit."""

    commit: str
    config_digest: str


def commit() -> str:
    """Return the commit of the code, with "+" if files differ from it; "unknown" outside a git checkout."""
    try:
        head = _git("rev-parse", "--short=12", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--", *CODE) else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def recorded_line(key: Key, made: str, found: Sequence[Scored], splits: Values) -> dict[str, Any]:
    """Return what is kept of a run, as a JSON object."""
    return {
        "commit": key.commit,
        "config_digest": key.config_digest,
        "made": made,
        "asked": len(found),
        "measures": list(GATED),
        "scores": {s: {name: round(v, 4) for name, v in values.items()} for s, values in splits.items()},
        "cases": {one.record.case.id: [one.record.case.digest, *_rounded(one.values)] for one in found},
    }


def read_recorded(path: Path) -> list[dict[str, Any]]:
    """Return the recorded runs, oldest first; none where there is no file; CaseError naming a bad line."""
    return list(_checked(path)) if path.exists() else []


def record(line: Mapping[str, Any], path: Path) -> None:
    """Add a run at the end; one of the same commit and settings is replaced."""
    kept = [old for old in read_recorded(path) if _key(old) != _key(line)]
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in (*kept, line)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")
    except OSError as error:
        raise KBError(f"{path} cannot be written: {error}. Choose another --recorded.") from error


def last_before(key: Key, lines: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last recorded run of another commit or other settings, None if there is none."""
    others = (line for line in reversed(lines) if _key(line) != key)
    return next(others, None)


def compare(before: Mapping[str, Any], found: Sequence[Scored]) -> dict[str, Difference]:
    """Compare each measure over the cases that both runs asked in the same words."""
    cases = before["cases"]
    same = [one for one in found if cases.get(one.record.case.id, [""])[0] == one.record.case.digest]
    compared = {}
    for place, name in enumerate(before["measures"], 1):
        now = {one.record.case.id: one.values[name] for one in same if name in one.values}
        old = {key: value for key in now if (value := cases[key][place]) is not None}
        if old:
            compared[name] = paired(old, now)
    return compared


def _rounded(values: Mapping[str, float]) -> list[float | int | None]:
    found = [values.get(name) for name in GATED]
    return [v if v is None else int(v) if v in (0, 1) else round(v, 3) for v in found]


def _checked(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(read_objects(path, "commit", "config_digest", "made"), 1):
        measures, cases = line.get("measures"), line.get("cases")
        if not isinstance(measures, list) or not isinstance(cases, dict):
            raise CaseError(f"{path}, line {number}: the run lacks its measures or cases; remove that line.")
        if any(not isinstance(row, list) or len(row) != 1 + len(measures) for row in cases.values()):
            raise CaseError(f"{path}, line {number}: a case has too few values; remove that line.")
        yield line


def _key(line: Mapping[str, Any]) -> Key:
    return Key(line["commit"], line["config_digest"])


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
