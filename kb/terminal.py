"""What the command line shows: lines, tables, JSON and progress."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kb.errors import QuestionError

if TYPE_CHECKING:
    from kb.config import Config
    from kb.index.ingest import Report
    from kb.library import Source


def say(text: str, *, err: bool = True) -> None:
    """Print a line: to standard error, so that data keeps standard output to itself."""
    typer.echo(text, err=err)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def print_table(names: list[str], rows: list[dict[str, Any]]) -> None:
    """Print rows as a table with these columns."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*names, box=None, header_style="bold")
    for row in rows:
        table.add_row(*("" if row[name] is None else escape(str(row[name])) for name in names))
    Console().print(table)


def place(entry: dict[str, Any]) -> str:
    """Return where a hit or citation stands: title, page as counted and as printed, section."""
    page = f", page {entry['page']}" if entry["page"] else ""
    label = entry["page_label"]
    printed = f" (printed {label})" if label and label != str(entry["page"]) else ""
    section = " > ".join(entry["heading_path"])
    return f"{entry['title']}{page}{printed}: {section}" if section else f"{entry['title']}{page}{printed}"


def print_batch(lines: Iterable[dict[str, Any]], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print one object a line; a question that cannot be answered gets an object with an error."""
    for line in lines:
        try:
            found = answer(line)
        except QuestionError as error:
            found = {"question": line["question"], "error": str(error)}
        typer.echo(json.dumps({**found, "id": line.get("id")}, ensure_ascii=False))


def report(done: Report, folder: Path) -> None:
    """Say what an ingest did, and what it left out and why."""
    say(
        f"{folder}: {len(done.added)} document(s) added or replaced, {len(done.unchanged)} unchanged, "
        f"{len(done.removed)} removed; {done.passages} passages, {done.encoded} of them newly encoded."
    )
    for name, twin in done.same.items():
        say(f"Same content as {twin}, kept once: {name}")
    for reason in done.left_out.values():
        say(f"Left out: {reason}")


def ingest(config: Config, sources: list[Source], *, keep: bool) -> Report:
    """Bring sources into the index of the settings, with a progress bar where a person looks on."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from kb.embedding import load_embedder
    from kb.index.ingest import build as build_index

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("Preparing the model", total=None)
        embedder = load_embedder(config.embedding)

        def show(stage: str, done: int, total: int) -> None:
            if total != bars.tasks[0].total:
                # Files, passages and words take their own time: what is left is reckoned anew.
                bars.reset(task, total=total, completed=done)
            bars.update(task, description=escape(stage), completed=done)

        return build_index(config.index, sources, embedder, config.chunking, show, keep=keep)


def put(data: bytes, path: Path | None, found: dict[str, Any] | None) -> None:
    """Write data to a file, or to standard output unless there is an object to print as JSON there."""
    from kb.briefs import save

    if path is not None:
        save(data, path)
        say(f"Written: {path}")
    if found is not None:
        print_json(found)
    elif path is None:
        say(data.decode().rstrip("\n"), err=False)
