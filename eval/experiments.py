"""`kb eval ablations` and `kb eval peers`: what each part adds, and how others do on the same documents."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from eval.console import show, shown_progress

CORPUS = Path("corpus")
REPETITIONS = 3

CasesOption = Annotated[list[Path] | None, typer.Option("--cases", help="JSONL files; default: all own.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write the JSON report here.")]
KeepOption = Annotated[Path | None, typer.Option("--index", help="Keep what is indexed in this folder.")]


def ablations(
    cases: CasesOption = None,
    corpus: Annotated[Path, typer.Option("--corpus", help="The cases' documents.")] = CORPUS,
    beir: Annotated[Path | None, typer.Option("--beir", help="A benchmark in the BEIR layout too.")] = None,
    queries: Annotated[int, typer.Option(min=1, help="Queries of the benchmark, drawn at random.")] = 300,
    index: KeepOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Show what each part of retrieval adds, on development cases and a benchmark."""
    from eval.ablations import developed, on_benchmark, on_cases, report_of, table_of
    from eval.beir import read_benchmark
    from kb.config import load_config
    from kb.library import find_sources

    asked = developed(cases)
    benchmark = read_benchmark(beir, queries) if beir else None
    with shown_progress() as progress, _folder(index) as folder:
        found = {"development cases": on_cases(asked, find_sources([corpus]), folder, progress)}
        if benchmark is not None and beir is not None:
            found[beir.name] = on_benchmark(benchmark, folder, progress)
    reports = {name: report_of(values) for name, values in found.items()}
    tables = [table_of(name, report) for name, report in reports.items()]
    show({"config_digest": load_config().digest, **reports}, tables, as_json, output)


def peers(
    documents: Annotated[
        Path | None, typer.Option("--documents", help="Other documents than the corpus; found is not scored.")
    ] = None,
    cases: CasesOption = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Just these pipelines.")] = None,
    repetitions: Annotated[
        int, typer.Option(min=1, help="Times that all are asked, in turns.")
    ] = REPETITIONS,
    index: KeepOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Run the usual pipelines on the same documents, questions and encoder, side by side."""
    from eval.peers.scoring import report_of, tables_of
    from eval.peers.side_by_side import chosen_peers, copied, questions_of, run_all

    wanted, asked = chosen_peers(only), questions_of(cases)
    with shown_progress() as progress, _folder(index) as folder:
        files = copied(documents or CORPUS, folder / "documents")
        measured = run_all(wanted, folder, asked, repetitions, progress)
    report = report_of(measured, asked, scored=documents is None)
    about = {"documents": str(documents or CORPUS), "files": files, "repetitions": repetitions}
    show({**about, **report}, tables_of(report), as_json, output)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kb-eval-") as folder:
        yield keep or Path(folder)
