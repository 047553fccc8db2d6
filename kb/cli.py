"""The command line: each command a few lines that call kb.

With --json, data goes to stdout and everything else to stderr. The exit
status is 0 for a result (abstaining is one), 1 for a KBError, 2 for wrong use.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb.errors import KBError, QuestionError

if TYPE_CHECKING:
    from kb.assistant import Assistant
    from kb.config import Config
    from kb.index.ingest import Report
    from kb.library import Source
    from kb.types import Document

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ask your own documents: answers with the passage and page, offline.",
)

IndexOption = Annotated[Path | None, typer.Option("--index", help="Folder of the index.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
CountOption = Annotated[int | None, typer.Option("-k", min=1, max=1000, help="How many passages.")]
BatchOption = Annotated[Path | None, typer.Option("--batch", help="JSONL file of questions.")]


@app.command()
def build(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; default: the corpus.")
    ] = None,
    index: IndexOption = None,
) -> None:
    """Build or update an index so that it holds these files and folders, and nothing else."""
    from kb.library import find_sources

    config = _config(index)
    _report(_ingest(config, find_sources(paths or [config.corpus]), keep=False), config.index)


@app.command()
def add(
    documents: Annotated[list[str], typer.Argument(help="Files, folders or web addresses.")],
    index: IndexOption = None,
) -> None:
    """Add documents to an index, or replace those of the same name."""
    from kb.library import find_sources
    from kb.loaders.web import fetch, is_address

    config = _config(index)
    with tempfile.TemporaryDirectory() as folder:
        # A folder for each, as two addresses may end in the same file name.
        paths = [
            fetch(name, Path(folder, str(n))) if is_address(name) else Path(name)
            for n, name in enumerate(documents, 1)
        ]
        _report(_ingest(config, find_sources(paths), keep=True), config.index)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Ids, file names or titles, as `kb list` shows.")],
    index: IndexOption = None,
) -> None:
    """Remove documents from an index."""
    from kb.index import open_index
    from kb.types import Changes

    opened = open_index(_config(index).index)
    known = opened.documents()
    chosen = [_named(name, known) for name in documents]
    opened.apply(Changes(remove=tuple(document.id for document in chosen)))
    _say(f"Removed {', '.join(document.source for document in chosen)}.")


@app.command(name="list")
def list_documents(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """List the documents of an index."""
    from kb.contract import document_object
    from kb.index import open_index

    opened = open_index(_config(index).index)
    counts = opened.passages_by_document()
    rows = [document_object(d, counts.get(d.id, 0)) for d in opened.documents()]
    if as_json:
        _print_json(rows)
        return
    _table(["id", "title", "source", "pages", "passages", "edition", "date"], rows)


@app.command()
def search(
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: CountOption = None,
    batch: BatchOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the passages that fit a question, best first."""
    from kb.contract import search_object

    lines = _questions(question, batch)
    assistant = _assistant(index)
    documents = _by_id(assistant)

    def found_for(line: dict[str, Any]) -> dict[str, Any]:
        return search_object(line["question"], assistant.search(line["question"], k), documents)

    if batch is not None:
        _print_batch(lines, found_for)
        return
    found = found_for(lines[0])
    if as_json:
        _print_json(found)
    else:
        for n, hit in enumerate(found["hits"], 1):
            _say(f"{n}. {_where(hit)}  ({hit['score']:.3f})\n{hit['text']}\n", err=False)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    history: Annotated[Path | None, typer.Option(help="JSON file of earlier turns.")] = None,
    batch: BatchOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with cited passages, or say that the documents don't."""
    from kb.contract import answer_object
    from kb.questions import read_history

    lines = _questions(question, batch)
    earlier = read_history(history) if history else []
    assistant = _assistant(index)
    documents = _by_id(assistant)

    def answer_to(line: dict[str, Any]) -> dict[str, Any]:
        answer = assistant.ask(line["question"], line.get("history") or earlier)
        return answer_object(answer, documents, line.get("id"))

    if batch is not None:
        _print_batch(lines, answer_to)
        return
    found = answer_to(lines[0])
    if as_json:
        _print_json(found)
        return
    _say(found["text"], err=False)
    for cited in found["citations"]:
        _say(f"\n[{cited['n']}] {_where(cited)}\n    “{cited['quote']}”", err=False)


@app.command()
def serve(
    index: IndexOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port; default 7860.")] = None,
) -> None:
    """Serve the web app on this computer."""
    from kb.ui import serve as serve_app

    config = _config(index)
    server = config.server.model_copy(
        update={k: v for k, v in {"host": host, "port": port}.items() if v is not None}
    )
    serve_app(config.model_copy(update={"server": server}))


def main() -> None:
    """Run the command line; a KBError becomes one line and status 1."""
    for stream in (sys.stdout, sys.stderr):
        # What other programs read is UTF-8, whatever this computer's language settings are.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    _add_commands()
    try:
        app()
    except KBError as error:
        _say(f"kb: {' '.join(str(error).split())}")
        sys.exit(1)


def _add_commands() -> None:
    """Let installed packages bring commands of their own, as the evaluation does."""
    from importlib.metadata import entry_points

    for entry in entry_points(group="kb.commands"):
        if entry.name in sys.argv[1:2] or sys.argv[1:2] in ([], ["--help"]):
            app.add_typer(entry.load(), name=entry.name)


def _config(index: Path | None) -> Config:
    from kb.config import load_config

    config = load_config()
    return config.model_copy(update={"index": index}) if index else config


def _assistant(index: Path | None) -> Assistant:
    from kb.assistant import open_assistant

    return open_assistant(_config(index))


def _by_id(assistant: Assistant) -> dict[str, Document]:
    return {document.id: document for document in assistant.index.documents()}


def _ingest(config: Config, sources: list[Source], *, keep: bool) -> Report:
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
            bars.update(task, description=escape(stage), completed=done, total=total)

        return build_index(config.index, sources, embedder, config.chunking, show, keep=keep)


def _report(report: Report, folder: Path) -> None:
    _say(
        f"{folder}: {len(report.added)} document(s) added or replaced, {len(report.unchanged)} unchanged, "
        f"{len(report.removed)} removed; {report.passages} passages, {report.encoded} of them newly encoded."
    )
    for name, twin in report.same.items():
        _say(f"Same content as {twin}, kept once: {name}")
    for reason in report.left_out.values():
        _say(f"Left out: {reason}")


def _named(name: str, documents: Iterable[Document]) -> Document:
    found = [d for d in documents if name in (d.id, d.source, d.title)]
    if len(found) != 1:
        what = "No document" if not found else f"{len(found)} documents"
        raise KBError(f"{what} named {name!r} in the index; give an id that `kb list` shows.")
    return found[0]


def _questions(question: str | None, batch: Path | None) -> list[dict[str, Any]]:
    """Return the one question or the batch's, checked before a model is loaded."""
    from kb.questions import read_batch

    if (question is None) == (batch is None):
        raise typer.BadParameter("give a question, or --batch FILE")
    return read_batch(batch) if batch else [{"question": question}]


def _print_batch(lines: Iterable[dict[str, Any]], answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Print one object a line; a question that cannot be answered gets an object with an error."""
    for line in lines:
        try:
            found = answer(line)
        except QuestionError as error:
            found = {"question": line["question"], "error": str(error)}
        typer.echo(json.dumps({**found, "id": line.get("id")}, ensure_ascii=False))


def _where(entry: dict[str, Any]) -> str:
    page = f", page {entry['page']}" if entry["page"] else ""
    label = entry["page_label"]
    printed = f" (printed {label})" if label and label != str(entry["page"]) else ""
    section = " > ".join(entry["heading_path"])
    return f"{entry['title']}{page}{printed}: {section}" if section else f"{entry['title']}{page}{printed}"


def _table(names: list[str], rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(*names, box=None, header_style="bold")
    for row in rows:
        table.add_row(*("" if row[name] is None else escape(str(row[name])) for name in names))
    Console().print(table)


def _say(text: str, *, err: bool = True) -> None:
    typer.echo(text, err=err)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    main()
