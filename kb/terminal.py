"""What the command line shows: lines, tables, JSON and progress."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kb.errors import KBError, QuestionError
from kb.text import UNSHOWN, harmless, printable
from kb.types import Document, said_pages

if TYPE_CHECKING:
    from kb.config import Config
    from kb.index.ingest import Report
    from kb.library import Source

# Columns of up to so many letters, as those of ids and numbers, are never broken; wider ones are, to no
# less than FOLDED.
WHOLE, FOLDED = 16, 12


def say(text: str, *, err: bool = True) -> None:
    """Print a line: to standard error, so that data keeps standard output to itself.

    What a terminal would obey, in names of files and titles too, is left out.
    Raises KBError where standard output takes no more.
    """
    with _writable():
        typer.echo(harmless(text), err=err)


@contextmanager
def _writable() -> Iterator[None]:
    """Put into words that standard output takes no more, as on a full disk."""
    try:
        yield
    except BrokenPipeError:
        raise  # Whoever reads it has enough, as `head` does: Typer ends the program without a word.
    except OSError as error:
        raise KBError(
            f"The result cannot be written ({error.strerror}); see that there is room where it goes."
        ) from error


def print_json(value: object) -> None:
    """Print a value as JSON."""
    say(_json(value, indent=2), err=False)


def _json(value: object, indent: int | None = None) -> str:
    """Return a value as JSON, with what a terminal would obey written as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def print_table(names: list[str], rows: list[dict[str, Any]]) -> None:
    """Print rows as a table with these columns, or line by line where the window is too narrow for one.

    Nothing is cut; what goes to a file or another program is as wide as it is.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    cells = [["" if row[name] is None else printable(str(row[name])) for name in names] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    console = Console()
    if not (console.is_terminal or "COLUMNS" in os.environ):
        console = Console(width=sum(widths) + 2 * len(widths))
    if sum(min(width, FOLDED if width > WHOLE else width) + 2 for width in widths) > console.width:
        _print_records(names, cells)
        return
    table = Table(box=None, header_style="bold")
    for name, width in zip(names, widths, strict=True):
        table.add_column(name, overflow="fold", no_wrap=width <= WHOLE)
    for line in cells:
        table.add_row(*map(escape, line))
    with _writable():
        console.print(table)


def _print_records(names: list[str], rows: list[list[str]]) -> None:
    """Print each row as lines of name and value, without the values that it lacks."""
    width = max(map(len, names))
    for row in rows:
        lines = [f"{name:<{width}}  {cell}" for name, cell in zip(names, row, strict=True) if cell]
        say("\n".join(lines) + "\n", err=False)


def place(entry: dict[str, Any]) -> str:
    """Return where a hit or citation stands: title, page as counted and as printed, section."""
    page = f", page {entry['page']}" if entry["page"] else ""
    page += f", {entry['place']}" if entry.get("place") else ""
    page += ", read from a scan" if entry.get("recognised") is not None else ""
    label = entry["page_label"]
    printed = f" (printed {label})" if label and label != str(entry["page"]) else ""
    section = " > ".join(entry["heading_path"])
    return printable(f"{entry['title']}{page}{printed}" + (f": {section}" if section else ""))


def print_batch(lines: Iterable[dict[str, Any]], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print one object a line; a question that cannot be answered gets an object with an error."""
    for line in lines:
        try:
            found = answer(line)
        except QuestionError as error:
            found = {"question": line["question"], "error": str(error)}
        say(_json({**found, "id": line.get("id")}), err=False)


def remark(documents: Iterable[Document]) -> None:
    """Say of documents what was read from a scan, what the files hide, and which pages have no text."""
    for document in documents:
        told = {
            "Read from a scan": said_pages(document.recognised),
            "Hidden, so left out": "; ".join(document.hidden),
            "Without text": document.gaps,
        }
        for what, said in told.items():
            if said:
                say(printable(f"{what}: {document.source}, {said}."))


def report(done: Report, folder: Path) -> None:
    """Say what an ingest did, and what it left out and why."""
    say(
        f"{folder}: {len(done.added)} document(s) added or replaced, {len(done.unchanged)} unchanged, "
        f"{len(done.removed)} removed; {done.passages} passages, {done.encoded} of them newly encoded."
    )
    for name, twin in done.same.items():
        say(printable(f"Same content as {twin}, kept once: {name}"))
    remark(done.new)
    for reason in done.left_out.values():
        say(printable(f"Left out: {reason}"))


def ingest(config: Config, sources: list[Source], *, keep: bool) -> Report:
    """Bring sources into the index of the settings, with a progress bar where a person looks on."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from kb.embedding import load_embedder
    from kb.index.ingest import build as build_index
    from kb.index.reading import warm_up

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("Preparing the model", total=None)
        warm_up(config.ingest.ocr)
        embedder = load_embedder(config.embedding)

        def show(stage: str, done: int, total: int) -> None:
            if total != bars.tasks[0].total:
                # Files, passages and words take their own time: what is left is reckoned anew.
                bars.reset(task, total=total, completed=done)
            bars.update(task, description=escape(printable(stage)), completed=done)

        settings = (config.index, sources, embedder, config.chunking, show)
        return build_index(*settings, keep=keep, ocr=config.ingest.ocr, layout=config.ingest.layout)


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
