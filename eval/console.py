"""Progress, tables and JSON of the commands: data goes to stdout, everything else to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import KBError

if TYPE_CHECKING:
    from rich.table import Table

# Called with what is being done, how much of it is done, and how much there is.
Progress = Callable[[str, int, int], None]


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show a bar on stderr while the work goes on."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("Preparing", total=None)
        yield lambda stage, done, total: bars.update(task, description=stage, completed=done, total=total)


def show(report: Mapping[str, object], tables: Sequence[Table], as_json: bool, output: Path | None) -> None:
    """Print the tables, or the report as JSON, and write it to `output` if given; KBError."""
    from rich.console import Console

    text = json.dumps(report, ensure_ascii=False, indent=1, default=_plain) + "\n"
    if as_json:
        sys.stdout.write(text)
    else:
        for table in tables:
            Console().print(table)
    if output is not None:
        _write(text, output)


def _write(text: str, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KBError(f"The report {path} cannot be written: {error}. Choose another --output.") from error


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"{type(value).__name__} does not go into a report")
