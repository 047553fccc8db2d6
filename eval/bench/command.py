"""`kb eval bench`: speed beside its limits and beside others, as JSON and as a page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.bench.options import FILES, KEPT, Options
from eval.console import shown_progress
from kb.errors import KBError

OUT = Path("eval/reports/bench")
DEFAULT = Options()


def bench(
    parts: Annotated[
        list[str] | None,
        typer.Argument(help="embedding, reading, ingest, asking, serving, desk; default: all."),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for results.json and bench.html.")] = OUT,
    repeats: Annotated[int, typer.Option(min=1, help="Turns; a figure is their median.")] = DEFAULT.repeats,
    files: Annotated[Path, typer.Option("--files", help="Folder of PDF files to read and index.")] = FILES,
    pages: Annotated[
        int, typer.Option(min=1, help="Only so many of their pages, in whole files.")
    ] = DEFAULT.pages,
    sizes: Annotated[
        str, typer.Option("--sizes", help="Passages of the made-up libraries, as in 1000,100000.")
    ] = ",".join(map(str, DEFAULT.sizes)),
    users: Annotated[str, typer.Option("--users", help="How many ask at once, as in 1,8,32.")] = ",".join(
        map(str, DEFAULT.users)
    ),
    each: Annotated[int, typer.Option(min=1, help="Questions of every user.")] = DEFAULT.each,
    pause: Annotated[
        float, typer.Option(min=0, help="Seconds that users read before they ask again.")
    ] = DEFAULT.pause,
    questions: Annotated[
        int, typer.Option(min=1, help="Questions to each made-up library.")
    ] = DEFAULT.questions,
    kept: Annotated[Path, typer.Option("--kept", help="Where the built libraries stay.")] = KEPT,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Run other pipelines too.")] = True,
) -> None:
    """Measure speed and memory beside limits, targets and peers; writes results.json and bench.html."""
    from eval.bench.suite import PAGE, failed, run_parts, write

    options = Options(
        repeats=repeats,
        files=files,
        pages=pages,
        sizes=_numbers("--sizes", sizes),
        questions=questions,
        users=_numbers("--users", users),
        each=each,
        pause=pause,
        kept=kept,
        peers=peers,
    )
    with shown_progress() as progress:
        for result in run_parts(parts or [], options, progress):
            write(result, out)
    typer.echo(f"The figures are in {out / PAGE}", err=True)
    if wrong := failed(result):
        raise KBError("; ".join(wrong))


def _numbers(option: str, given: str) -> tuple[int, ...]:
    """Return the numbers of a list such as "1,8,32"; KBError for anything else."""
    parts = [part.strip().replace("_", "") for part in given.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in parts):
        raise KBError(f"{option} {given!r} is no list of numbers; write it as in {option} 1,8,32.")
    return tuple(sorted({int(part) for part in parts}))
