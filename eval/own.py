"""`kb eval report`, `table` and `gate`: own cases on the shipped corpus, as a page and as a bar to clear."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.console import shown_progress
from kb.errors import KBError

if TYPE_CHECKING:
    from eval.suite import Result

CASES, REPORTS, FLOOR = Path("eval/cases"), Path("eval/reports"), Path("eval/floor.toml")
LIBRARIES = Path("eval/libraries")
LATEST, RECORDED = REPORTS / "latest", REPORTS / "recorded.jsonl"

CasesOption = Annotated[Path, typer.Option("--cases", help="Folder whose *.jsonl files hold the cases.")]
CorpusOption = Annotated[
    Path | None, typer.Option("--corpus", help="Folder of the documents; default: the settings' corpus.")
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="Use this index as it is; default: one kept up to date.")
]
RecordedOption = Annotated[Path, typer.Option("--recorded", help="File of the recorded runs.")]


def report(
    cases: CasesOption = CASES,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the report.")] = LATEST,
    recorded: RecordedOption = RECORDED,
    record: Annotated[
        bool, typer.Option("--record", help="Keep this run to compare later ones with it.")
    ] = False,
) -> None:
    """Ask all own cases and write report.json and report.html, compared with the last recorded run."""
    from eval import recorded as runs
    from eval.overview import line_of, overview
    from eval.page import markdown, render
    from eval.suite import require_whole

    earlier = runs.read_recorded(recorded)
    result = _result(cases, corpus, index)
    found = overview(result, earlier)
    _write(output / "report.json", json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    _write(output / "report.html", render(found))
    sys.stdout.write(markdown(found))
    sys.stderr.write(f"The report is in {output / 'report.html'}\n")
    require_whole(result.run)
    if record:
        runs.record(line_of(result), recorded)


def table(
    file: Annotated[Path, typer.Argument(help="JSON of a report.")] = LATEST / "report.json",
) -> None:
    """Print the quality table of a report as Markdown, as the README shows it."""
    from eval.page import markdown, read_report

    sys.stdout.write(markdown(read_report(file)))


def gate(
    cases: CasesOption = CASES,
    corpus: CorpusOption = None,
    index: IndexOption = None,
    floor: Annotated[Path, typer.Option("--floor", help="File of the recorded floor.")] = FLOOR,
    move: Annotated[
        bool, typer.Option("--raise", help="Move the floor up to what is better now, never down.")
    ] = False,
) -> None:
    """Fail if a measure on own cases is below its recorded floor by more than the tolerance.

    Only cases of the splits that the floor holds are asked.
    """
    from eval.floor import Floor, missed, raised, read_floor, write_floor
    from eval.suite import require_whole

    held = Floor() if move and not floor.exists() else read_floor(floor)
    result = _result(cases, corpus, index, *held.values)
    require_whole(result.run)
    short = missed(held, result.values)
    if move:
        write_floor(raised(held, result.values), floor)
    if short:
        raise KBError(f"{floor}: " + "; ".join(map(str, short)) + ". Mend what made it worse.")
    count = sum(len(values) for values in held.values.values())
    done = f"{floor} is written; " if move else ""
    sys.stderr.write(f"{done}{count} floors held on {len(result.scored)} cases, within {held.tolerance:g}.\n")


def register(app: typer.Typer) -> None:
    """Add the commands to `kb eval`."""
    for command in (report, table, gate):
        app.command()(command)


def _result(cases: Path, corpus: Path | None, index: Path | None, *splits: str) -> Result:
    from eval.cases import SPLITS
    from eval.suite import run_suite
    from kb.config import load_config

    with shown_progress() as progress:
        # Other cases, or another index, are asked by themselves.
        libraries = LIBRARIES if cases == CASES and index is None and LIBRARIES.is_dir() else None
        return run_suite(cases, corpus or load_config().corpus, index, progress, libraries, splits or SPLITS)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise KBError(f"{path} cannot be written: {error}. Choose another --output.") from error
