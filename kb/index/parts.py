"""Parts: the rows of an index in runs, so that a commit writes only the last of them anew.

A part holds the passages of some documents and is never changed: removing a
document only notes that it is gone. A commit keeps the first parts as they are
and writes what follows, without what is gone, together with what is new. Each
part is several times larger than what comes after it, so there are few parts
(their number grows with the logarithm of the passages) and a passage is
rewritten few times (O'Neil et al. 1996, The Log-Structured Merge-Tree).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A part stays while it has this many times the rows of all that comes after it.
FACTOR = 4
# Fewer rows than these cost next to nothing to write again.
SMALL = 256
# SQLite reads at most ten files at once.
MOST = 9
# A part of which more than this share is gone is written anew.
STALE = 0.25


@dataclass(frozen=True, slots=True)
class Part:
    """Rows `first` to `first + rows`; `gone` names its removed documents, which had `gone_rows`."""

    first: int
    rows: int
    gone: tuple[str, ...] = ()
    gone_rows: int = 0

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Part:
        """Return the part that a manifest describes; ValueError, TypeError or KeyError where it is none.

        >>> Part.of({"first": 0, "rows": 9, "gone": [], "gone_rows": "two"})
        Traceback (most recent call last):
        ValueError: a part has the gone_rows 'two'
        """
        part = cls(**{**values, "gone": tuple(values["gone"])})
        for name in ("first", "rows", "gone_rows"):
            if type(number := getattr(part, name)) is not int or number < 0:
                raise ValueError(f"a part has the {name} {number!r}")
        if not isinstance(values["gone"], list) or not all(isinstance(name, str) for name in part.gone):
            raise ValueError(f"a part has the gone {values['gone']!r}")
        if part.gone_rows > part.rows:
            raise ValueError(f"a part of {part.rows} rows has the gone_rows {part.gone_rows}")
        return part

    @property
    def name(self) -> str:
        """The part's folder.

        >>> Part(first=20, rows=5).name
        'parts/000000020'
        """
        return f"parts/{self.first:09d}"

    @property
    def end(self) -> int:
        """The row after its last one."""
        return self.first + self.rows

    @property
    def live(self) -> int:
        """The number of rows that are not gone."""
        return self.rows - self.gone_rows


def kept(parts: Sequence[Part], new: int) -> int:
    """Return how many of the first parts stay when `new` rows are added.

    >>> kept([Part(0, 100_000), Part(100_000, 900)], new=10)
    1
    >>> kept([Part(0, 100_000, ("a",), 30_000)], new=10)
    0
    """
    stale = (n for n, part in enumerate(parts) if part.gone_rows > STALE * part.rows)
    count = min(min(stale, default=len(parts)), MOST - 1)
    rows = new + sum(part.live for part in parts[count:])
    while count and parts[count - 1].rows < FACTOR * max(rows, SMALL):
        count -= 1
        rows += parts[count].live
    return count


def link(source: Path, target: Path) -> None:
    """Give a finished file, or all files of a folder, a second name; copied where that cannot be."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for path in source.iterdir():
            link(path, target / path.name)
        return
    try:
        os.link(source, target)
    except OSError:
        # Other file systems, or too many names for one file; a full disk is told by the copy.
        shutil.copyfile(source, target)
