"""What each part of retrieval adds: the same questions with one part left out or set otherwise.

Each variant is compared with the whole question by question, so a difference
that chance explains shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.beir import Benchmark, Qrels, rank
from eval.cases import Case, Evidence, read_cases, read_folder
from eval.compare import Difference, paired
from eval.console import Progress
from eval.metrics import evidence_coverage, mean
from eval.ranking import per_query, quote_rankings
from eval.variants import VARIANTS, WHOLE, Searcher, Variant, WithoutHeadings
from kb.assistant import Assistant
from kb.config import load_config
from kb.errors import CaseError
from kb.library import Source
from kb.retrieval.retriever import Retriever

if TYPE_CHECKING:
    from rich.table import Table

K = 10
OWN = Path("eval/cases")
# A variant's value of each question, by measure.
Values = dict[str, dict[str, float]]


def developed(files: Sequence[Path] | None) -> list[Case]:
    """Return the development cases that the documents answer, with evidence; CaseError if there is none."""
    read_all = [case for file in files for case in read_cases(file)] if files else read_folder(OWN)
    chosen = [case for case in read_all if case.split == "dev" and case.evidence and not case.unanswerable]
    if not chosen:
        raise CaseError("None of the cases is answerable and of split dev; name other --cases.")
    return chosen


def on_cases(
    cases: Sequence[Case], sources: Sequence[Source], folder: Path, progress: Progress
) -> dict[str, Values]:
    """Return coverage and reciprocal rank of the gold quotes for each variant, by case."""
    found, texts = {}, dict[str, str]()
    for variant, searcher in _searchers(VARIANTS, "cases", sources, folder, progress):
        # Completing a follow-up is not what is compared: all search for what the whole made of it.
        texts = texts or {case.id: _standalone(case, searcher.assistant) for case in cases}
        hits = {}
        for done, case in enumerate(cases):
            progress(f"Searching, {variant.name}", done, len(cases))
            hits[case.id] = _evidence(searcher, texts[case.id])
        found[variant.name] = _values(cases, hits)
    return found


def on_benchmark(benchmark: Benchmark, folder: Path, progress: Progress) -> dict[str, Values]:
    """Return nDCG@10 and recall@10 for each variant that makes a difference there, by query.

    Passage lengths make none, for each line is a passage; headings only where lines have titles.
    """
    titled = any(line.title for line in benchmark.documents)
    variants = [v for v in VARIANTS if v.chars is None and (v.headings or titled)]
    qrels: Qrels = {}
    for judged in benchmark.qrels.values():
        for query, relevance in judged.items():
            qrels.setdefault(query, {}).update(relevance)
    found = {}
    for variant, searcher in _searchers(variants, "beir", benchmark.documents, folder, progress):
        values = per_query(qrels, rank(benchmark.queries, searcher, searcher.sources, progress))
        found[variant.name] = {"nDCG@10": values["nDCG@10"], "R@10": values["R@10"]}
    return found


def report_of(found: Mapping[str, Values]) -> dict[str, Any]:
    """Return each variant's means, and how each differs from the whole."""
    return {
        name: {
            measure: asdict(mean(list(by.values())))
            | {"difference": asdict(_difference(found, name, measure))}
            for measure, by in values.items()
        }
        for name, values in found.items()
    }


def table_of(title: str, report: Mapping[str, Any]) -> Table:
    """Return a report as a table: means, and the difference to the whole with its 95 % interval."""
    from rich.table import Table

    measures = list(report[WHOLE.name])
    n = report[WHOLE.name][measures[0]]["n"]
    drawn = Table("variant", *measures, title=f"{title}, {n} questions: mean, difference to the whole")
    for name, scores in report.items():
        drawn.add_row(name, *(_cell(scores[measure], name) for measure in measures))
    return drawn


def _cell(score: Mapping[str, Any], name: str) -> str:
    if name == WHOLE.name:
        return f"{score['value']:.3f}"
    d = score["difference"]
    return f"{score['value']:.3f}  {d['difference']:+.3f} ({d['low']:+.3f} to {d['high']:+.3f})"


def _difference(found: Mapping[str, Values], name: str, measure: str) -> Difference:
    return paired(found[WHOLE.name][measure], found[name][measure])


def _values(cases: Sequence[Case], hits: Mapping[str, list[Evidence]]) -> Values:
    ranked = quote_rankings({case.id: (case.evidence, hits[case.id]) for case in cases})
    covered = {
        f"coverage@{k}": {case.id: evidence_coverage(case.evidence, hits[case.id], k) for case in cases}
        for k in (5, K)
    }
    return {**covered, "MRR@10": ranked["MRR@10"]}


def _evidence(searcher: Searcher, question: str) -> list[Evidence]:
    sources = searcher.sources
    hits = searcher.search(question, K)
    return [Evidence(sources[hit.passage.document_id], hit.passage.text) for hit in hits]


def _standalone(case: Case, assistant: Assistant) -> str:
    if not case.history:
        return case.question
    return assistant.ask(case.question, case.history).standalone_question or case.question


def _searchers(
    variants: Sequence[Variant], name: str, sources: Sequence[Source], folder: Path, progress: Progress
) -> Iterator[tuple[Variant, Searcher]]:
    """Yield each variant on its index; an index is made once, and what is kept is not computed again."""
    made: dict[tuple[str, ...], Assistant] = {}
    for variant in variants:
        if variant.index not in made:
            place = folder / "-".join((name, *variant.index))
            made[variant.index] = _assistant(variant, sources, place, progress)
        yield variant, variant.on(made[variant.index])


def _assistant(variant: Variant, sources: Sequence[Source], folder: Path, progress: Progress) -> Assistant:
    from kb.embedding import load_embedder
    from kb.index import open_index
    from kb.index.ingest import build

    config = variant.config(load_config()).model_copy(update={"index": folder})
    embedder = load_embedder(config.embedding)
    writer = embedder if variant.headings else WithoutHeadings(embedder)
    build(folder, sources, writer, config.chunking, progress)
    index = open_index(folder)
    return Assistant(index, Retriever(index, embedder, config.retrieval), config)
