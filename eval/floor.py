"""The floor: the scores below which a change must not fall, by split and measure, in a TOML file.

    tolerance = 0.02

    [dev]
    "status" = 0.8

For a measure of which less is better, the value is a ceiling. A floor only
ever moves to the better, in the same change that earns it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.cases import SPLITS
from eval.measures import MEASURES, RANKINGS, is_lower_better
from kb.errors import CaseError, KBError

TOLERANCE = 0.02
DIGITS = 4
# Places of a hit and pointers are looked at, but a change may trade them for something better.
UNGATED = {"coverage@1", "MAP@10", "MRR@10", "pointer recall"}
GATED = tuple(name for name in (*MEASURES, *RANKINGS) if name not in UNGATED)

HEAD = """\
# What `kb eval gate` holds every change to. `kb eval gate --raise` writes it and only moves it to the better.
# The values of needless clarification, needless conflict and over-abstention are ceilings.
"""

Values = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Floor:
    """The least (or most, see `is_lower_better`) that each measure may be, by split."""

    values: dict[str, dict[str, float]] = field(default_factory=dict)
    tolerance: float = TOLERANCE


@dataclass(frozen=True, slots=True)
class Missed:
    """A measure that is below its floor by more than the tolerance, or was not measured at all."""

    split: str
    name: str
    value: float | None
    floor: float
    tolerance: float

    def __str__(self) -> str:
        """Say it as a person reads it."""
        if self.value is None:
            return f"{self.split} {self.name} was not measured (floor {self.floor:.4f})"
        word = "above its ceiling" if is_lower_better(self.name) else "below its floor"
        return (
            f"{self.split} {self.name} {self.value:.4f} is {word} {self.floor:.4f} "
            f"by more than {self.tolerance:g}"
        )


def read_floor(path: Path) -> Floor:
    """Read a floor; CaseError naming file and line of what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{path} is not valid TOML: {error}. Mend that line.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read: {error}. Make it with: kb eval gate --raise") from error
    tolerance = content.pop("tolerance", None)
    _check(tolerance, path, text, "", "tolerance", ("tolerance",))
    for split, values in content.items():
        if split not in SPLITS or not isinstance(values, dict):
            place = f"{path}, line {_line(text, split)}"
            raise CaseError(f"{place}: {split!r} is no split; write [dev] or [test].")
        for name, value in values.items():
            _check(value, path, text, split, name, GATED)
    if not any(content.values()):
        raise CaseError(f"{path} holds no floor; make it with: kb eval gate --raise")
    return Floor(content, tolerance)


def missed(floor: Floor, values: Values) -> list[Missed]:
    """Return every measure that falls short of its floor by more than the tolerance.

    >>> floor = Floor({"dev": {"status": 0.8, "over-abstention": 0.1}}, 0.02)
    >>> [str(one) for one in missed(floor, {"dev": {"status": 0.79, "over-abstention": 0.2}})]
    ['dev over-abstention 0.2000 is above its ceiling 0.1000 by more than 0.02']
    """
    return [
        Missed(split, name, values.get(split, {}).get(name), least, floor.tolerance)
        for split, floors in floor.values.items()
        for name, least in floors.items()
        if not _reaches(name, values.get(split, {}).get(name), least, floor.tolerance)
    ]


def raised(floor: Floor, values: Values) -> Floor:
    """Return the floor moved to whatever is better now; what is worse now stays as it was.

    >>> raised(Floor({"dev": {"status": 0.8}}), {"dev": {"status": 0.7, "claim recall": 0.9}}).values
    {'dev': {'status': 0.8, 'claim recall': 0.9}}
    """
    splits: list[str] = [split for split in SPLITS if split in floor.values or split in values]
    best = {split: _best(floor.values.get(split, {}), values.get(split, {})) for split in splits}
    return Floor(best, floor.tolerance)


def write_floor(floor: Floor, path: Path) -> None:
    """Write a floor, one measure a line."""
    lines = [HEAD, f"tolerance = {floor.tolerance:g}\n"]
    for split, values in floor.values.items():
        lines += [f"\n[{split}]\n", *(f'"{name}" = {value:g}\n' for name, value in values.items())]
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as error:
        raise KBError(f"{path} cannot be written: {error}. Choose another --floor.") from error


def _best(floors: Mapping[str, float], values: Mapping[str, float]) -> dict[str, float]:
    best = {}
    for name in GATED:
        found = [v for v in (floors.get(name), values.get(name)) if v is not None]
        if found:
            best[name] = round(min(found) if is_lower_better(name) else max(found), DIGITS)
    return best


def _reaches(name: str, value: float | None, least: float, tolerance: float) -> bool:
    if value is None:
        return False
    short = value - least if is_lower_better(name) else least - value
    # Half a unit of the last digit that the file keeps.
    return short <= tolerance + 0.5 * 0.1**DIGITS


def _check(value: Any, path: Path, text: str, split: str, name: str, known: Iterable[str]) -> None:  # noqa: ANN401
    place = f"{path}, line {_line(text, name, split)}"
    if name not in known:
        raise CaseError(f"{place}: {name!r} is no measure with a floor; remove it.")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise CaseError(f"{place}: {name!r} must be a number from 0 to 1.")


def _line(text: str, key: str, section: str = "") -> int:
    """Return the line, from 1, where a section begins or where its key stands; 1 if nowhere."""
    here = ""
    for number, line in enumerate(text.splitlines(), 1):
        opened = re.fullmatch(r"\s*\[\s*([^\]]+?)\s*\]\s*(#.*)?", line)
        here = opened[1].strip("\"'") if opened else here
        named = here if opened else line.partition("=")[0].strip().strip("\"'")
        if named == key and (opened or here == section):
            return number
    return 1
