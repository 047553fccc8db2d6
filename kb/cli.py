"""The command line: each command a few lines that call kb.

With --json, data goes to stdout and everything else to stderr. The exit
status is 0 for a result (abstaining is one), 1 for a KBError, 2 for wrong use.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kb import terminal
from kb.errors import DocumentError, IndexMissing, KBError
from kb.options import (
    AudienceOption,
    BatchOption,
    CountOption,
    DocumentOption,
    EditionOption,
    IndexOption,
    JsonOption,
    KindOption,
    OutputOption,
    SinceOption,
    UntilOption,
    matching,
)

if TYPE_CHECKING:
    from kb.assistant import Assistant
    from kb.config import Config
    from kb.library import Source
    from kb.types import Document

# The exit status after Ctrl+C, as Typer has it: 128 and the number of the signal.
INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Ask your own documents: answers with the passage and page, offline.",
)


@app.command()
def build(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files and folders; default: the corpus.")
    ] = None,
    index: IndexOption = None,
) -> None:
    """Build or update an index so that it holds these files and folders, and nothing else.

    One that is damaged is built anew: without files and folders, from the copies of the documents it held.
    """
    from kb.library import find_sources

    config = _writing(index)
    sources = find_sources(paths) if paths else _kept(config.index) or find_sources([config.corpus])
    terminal.report(terminal.ingest(config, sources, keep=False), config.index)


@app.command()
def add(
    documents: Annotated[list[str], typer.Argument(help="Files, folders or web addresses.")],
    index: IndexOption = None,
) -> None:
    """Add documents to an index, or replace those of the same name."""
    from kb.library import find_sources
    from kb.loaders.web import fetch, is_address

    config = _writing(index)
    with tempfile.TemporaryDirectory() as folder:
        for name in documents:
            if "://" in name and not is_address(name):
                raise DocumentError(f"{name} cannot be fetched; give a path, or an address with https://.")
        # A folder for each, as two addresses may end in the same file name.
        paths = [
            fetch(name, Path(folder, str(n))) if is_address(name) else Path(name)
            for n, name in enumerate(documents, 1)
        ]
        terminal.report(terminal.ingest(config, find_sources(paths), keep=True), config.index)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Ids, file names or titles, as `kb list` shows.")],
    index: IndexOption = None,
) -> None:
    """Remove documents from an index.

    The index as it was before, and its files, stay on the disk until the next change.
    """
    from kb.index import ingest, open_index
    from kb.text import printable

    folder = _writing(index).index
    known = open_index(folder).documents()
    chosen = [_named(name, known) for name in documents]
    ingest.remove(folder, [document.id for document in chosen])
    terminal.say(printable(f"Removed {', '.join(document.source for document in chosen)}."))


@app.command(name="list")
def list_documents(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """List the documents of an index."""
    from kb.contract import document_object
    from kb.index import open_index

    opened = open_index(_config(index).index)
    counts = opened.passages_by_document()
    documents = opened.documents()
    rows = [document_object(d, counts.get(d.id, 0)) for d in documents]
    if as_json:
        terminal.print_json(rows)
        return
    terminal.print_table(["id", "title", "source", "pages", "passages", "edition", "date"], rows)
    terminal.remark(documents)


@app.command()
def check(index: IndexOption = None) -> None:
    """Compare every file of an index with its digest, and say what is wrong."""
    from kb.index.checking import check as check_index

    folder = _config(index).index
    found = check_index(folder)
    for problem in (*found.index, *found.copies):
        terminal.say(problem, err=False)
    if found.index:
        raise KBError(f"The index {folder} is damaged; rebuild it with: kb build --index {folder}")
    if found.copies:
        raise KBError(
            f"The index {folder} answers, but {len(found.copies)} copies of its documents are damaged;"
            " add those files again."
        )
    terminal.say(f"The index {folder} is sound: {found.seen}.", err=False)


@app.command()
def search(
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: CountOption = None,
    batch: BatchOption = None,
    document: DocumentOption = None,
    kind: KindOption = None,
    edition: EditionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    audience: AudienceOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the passages that fit a question, best first."""
    from kb.contract import search_object

    lines = _questions(question, batch)
    assistant = _assistant(index)
    documents = _by_id(assistant)

    where = matching(document, kind, edition, since, until, audience)

    def found_for(line: dict[str, Any]) -> dict[str, Any]:
        hits = assistant.search(line["question"], k, where=where)
        return search_object(line["question"], hits, documents)

    if batch is not None:
        terminal.print_batch(lines, found_for)
        return
    found = found_for(lines[0])
    if as_json:
        terminal.print_json(found)
    else:
        for n, hit in enumerate(found["hits"], 1):
            terminal.say(f"{n}. {terminal.place(hit)}  ({hit['score']:.3f})\n{hit['text']}\n", err=False)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    history: Annotated[Path | None, typer.Option(help="JSON file of earlier turns.")] = None,
    batch: BatchOption = None,
    output: OutputOption = None,
    checklist: Annotated[
        bool, typer.Option("--checklist", help="Write the answer's list as a checklist (.xlsx always is).")
    ] = False,
    document: DocumentOption = None,
    kind: KindOption = None,
    edition: EditionOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    audience: AudienceOption = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question with cited passages, or say that the documents don't.

    With -o the conversation goes to a .docx, .md or .html file, or a list to a .xlsx checklist.
    """
    from kb.contract import answer_object
    from kb.questions import read_history

    lines = _questions(question, batch)
    earlier = read_history(history) if history else []
    where = matching(document, kind, edition, since, until, audience)
    if output is not None:
        from kb import briefs

        if batch is not None:
            raise typer.BadParameter("--output goes with one question, not with --batch")
        briefs.check(output, workbook=True)
        briefs.export_answer(
            _assistant(index), lines[0]["question"], earlier, output, checklist=checklist, where=where
        )
        terminal.say(f"Written: {output}")
        return
    assistant = _assistant(index)
    documents = _by_id(assistant)

    def answer_to(line: dict[str, Any]) -> dict[str, Any]:
        answer = assistant.ask(line["question"], line.get("history") or earlier, where=where)
        return answer_object(answer, documents, line.get("id"))

    if batch is not None:
        terminal.print_batch(lines, answer_to)
        return
    found = answer_to(lines[0])
    if as_json:
        terminal.print_json(found)
        return
    terminal.say(found["text"], err=False)
    for cited in found["citations"]:
        terminal.say(f"\n[{cited['n']}] {terminal.place(cited)}\n    “{cited['quote']}”", err=False)


@app.command()
def egdi(
    countries: Annotated[list[str], typer.Argument(help="Names or ISO codes of countries.")],
    edition: Annotated[
        list[int] | None, typer.Option(help="Year of an edition; give it again for another. Default: all.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the EGDI rank and indices of countries, by edition of the UN E-Government Survey."""
    from kb.egdi.figures import COLUMNS, load_figures

    figures = load_figures(_config(None))
    codes = [figures.countries.named(name).iso3 for name in countries]
    years = [figures.year(year) for year in edition or figures.editions]
    rows = figures.select(dict.fromkeys(codes), years)
    for code, year in itertools.product(dict.fromkeys(codes), dict.fromkeys(years)):
        if (code, year) not in figures.rows:
            name = figures.countries.by_code[code].english
            terminal.say(f"The table has no row of {name} in {year}.")
    if as_json:
        terminal.print_json([row.object for row in rows])
        return
    short = {code: country.english for code, country in figures.countries.by_code.items()}
    cells = [(short[row.iso3], *row.cells[1:]) for row in rows]
    terminal.print_table(list(COLUMNS), [dict(zip(COLUMNS, line, strict=True)) for line in cells])
    if len(set(years)) > 1:
        terminal.say("Editions are only partly comparable: the method is improved for each of them.")


@app.command()
def brief(
    topic: Annotated[str | None, typer.Argument(help="What the brief is about.")] = None,
    output: OutputOption = None,
    outline: Annotated[
        bool, typer.Option("--outline", help="Only the outline, as Markdown to edit.")
    ] = False,
    from_outline: Annotated[
        Path | None, typer.Option("--from-outline", help="Write the brief of an edited outline.")
    ] = None,
    index: IndexOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a cited brief on a topic: .docx, .md or .html; without -o, Markdown on the screen."""
    from kb import briefs

    if (topic is None) == (from_outline is None):
        raise typer.BadParameter("give a topic, or --from-outline FILE")
    if output is not None:
        briefs.check(output, outline=outline)
    edited = briefs.open_outline(from_outline) if from_outline else None
    assistant = _assistant(index)
    if outline:
        plan = edited or briefs.propose(assistant, topic or "")
        text = briefs.outline_text(plan, assistant.index.fetch, _by_id(assistant))
        terminal.put(text.encode(), output, briefs.outline_object(plan) if as_json else None)
        return
    written = briefs.write(assistant, edited) if edited else briefs.write_brief(assistant, topic or "")
    data = briefs.brief_bytes(written, briefs.target_of(output or Path("brief.md")) or "markdown")
    terminal.put(data, output, briefs.brief_object(written) if as_json else None)


@app.command()
def serve(
    index: IndexOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port; default 7860.")] = None,
) -> None:
    """Serve the web app on this computer."""
    from kb.ui.server import serve as serve_app

    config = _config(index)
    server = config.server.model_copy(
        update={k: v for k, v in {"host": host, "port": port}.items() if v is not None}
    )
    serve_app(config.model_copy(update={"server": server}))


@app.command()
def password(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    librarian: Annotated[bool, typer.Option("--librarian", help="May change the documents too.")] = False,
) -> None:
    """Ask for a password and print the line that lets somebody sign in to the web app."""
    from kb.ui.access import user_line

    if sys.stdin.isatty():
        typed = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        typed = sys.stdin.readline().rstrip("\r\n")
    terminal.say(user_line(name, "librarian" if librarian else "reader", typed), err=False)


@app.command()
def feedback(
    index: IndexOption = None,
    full: Annotated[bool, typer.Option("--full", help="All that is stored, instead of cases.")] = False,
) -> None:
    """Print what people said of answers in the web app as evaluation cases, one a line, to be reviewed."""
    from dataclasses import asdict

    from kb.ui.feedback import cases, read

    folder = _config(index).index
    if not folder.is_dir():
        raise IndexMissing(f"No index at {folder}; name the folder of the one that was asked.")
    said = read(folder)
    for line in map(asdict, said) if full else cases(said):
        terminal.say(json.dumps(line, ensure_ascii=False), err=False)


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
        terminal.say(f"kb: {' '.join(str(error).split())}")
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            terminal.say("kb: Stopped. An index that was to be changed is as it was before.")
        raise


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


def _writing(index: Path | None) -> Config:
    """Return the settings for a command that changes an index, whose files are its owner's alone."""
    from kb.ui.startup import keep_private

    keep_private()
    return _config(index)


def _kept(index: Path) -> list[Source]:
    """Return the copies of the documents of an index that is damaged, none of one that is not."""
    from kb.index.rescue import kept_files

    files, without = kept_files(index)
    if files:
        terminal.say(
            f"{index}: damaged; {len(files)} document(s) are read again from the copies kept of them."
        )
    for name in without:
        terminal.say(f"Lost: {name}, of which no whole copy is kept; add its file again.")
    return [*files]


def _assistant(index: Path | None) -> Assistant:
    from kb.assistant import open_assistant

    return open_assistant(_config(index))


def _by_id(assistant: Assistant) -> Mapping[str, Document]:
    from kb.retrieval.shelf import shelf

    return shelf(assistant.index)


def _named(name: str, documents: Iterable[Document]) -> Document:
    found = [d for d in documents if name in (d.id, d.source, d.title)]
    if len(found) != 1:
        what = "No document" if not found else f"{len(found)} documents"
        raise KBError(f"{what} named {name!r} in the index; `kb list` shows ids, file names and titles.")
    return found[0]


def _questions(question: str | None, batch: Path | None) -> list[dict[str, Any]]:
    """Return the one question or the batch's, checked before a model is loaded."""
    from kb.questions import read_batch

    if (question is None) == (batch is None):
        raise typer.BadParameter("give a question, or --batch FILE")
    return read_batch(batch) if batch else [{"question": question}]


if __name__ == "__main__":
    main()
