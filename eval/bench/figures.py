"""A figure of the benchmark: what we reach, what others reach, and what could or should be reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["ours", "peer", "limit", "target"]


@dataclass(frozen=True, slots=True)
class Row:
    """One value with what it is called; a `limit` cannot be passed, a `target` was set."""

    label: str
    value: float
    kind: Kind = "ours"


@dataclass(frozen=True, slots=True)
class Figure:
    """Values of one unit that belong side by side; `less` says that small is good."""

    title: str
    unit: str
    rows: tuple[Row, ...]
    less: bool = False
    note: str = ""

    def verdict(self) -> str:
        """Say whether all values of ours reach the target, and which do not; nothing without a target.

        >>> Figure("p95", "ms", (Row("32 users", 800), Row("target", 1000, "target")), True).verdict()
        'target met'
        """
        goal = next((row for row in self.rows if row.kind == "target"), None)
        if goal is None:
            return ""
        short = [
            row.label
            for row in self.ours
            if (row.value > goal.value if self.less else row.value < goal.value)
        ]
        return f"{goal.label} missed: {', '.join(short)}" if short else f"{goal.label} met"

    @property
    def ours(self) -> list[Row]:
        """The values of this program."""
        return [row for row in self.rows if row.kind == "ours"]


def peers(found: dict[str, Any], key: str, ours: str) -> tuple[Row, ...]:
    """Return a row for each contender of a part, ours first as it stands."""
    return tuple(Row(name, one[key], "ours" if name == ours else "peer") for name, one in found.items())
