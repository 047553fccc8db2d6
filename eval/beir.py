"""Retrieval benchmarks in the BEIR layout: corpus.jsonl, queries.jsonl and qrels/*.tsv.

Thakur et al. 2021, "BEIR: A Heterogeneous Benchmark for Zero-shot Evaluation of
Information Retrieval Models", arXiv:2104.08663.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.jsonl import read_objects, read_text
from eval.metrics import Score, mean
from eval.ranking import per_query
from kb.errors import CaseError
from kb.library import Source
from kb.types import Block, Document, Hit

# Passages fetched for a query, for the deepest measure.
DEPTH = 100
SEED = 0

Qrels = dict[str, dict[str, int]]
Ranking = dict[str, float]


class Searcher(Protocol):
    """What is evaluated: `kb.assistant.Assistant`, or anything that searches like it."""

    def search(self, question: str, k: int) -> list[Hit]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Line(Source):
    """A line of corpus.jsonl, which becomes a document of its own; `name` is its id."""

    title: str = ""
    text: str = ""

    def read(self) -> Document:
        """Return the line as a document of one paragraph."""
        key = hashlib.sha256(self.name.encode()).hexdigest()[:16]
        return Document(key, self.name, self.title, blocks=(Block("paragraph", self.text),))


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Documents, queries by id, and for each qrels file the relevance of documents to queries."""

    documents: tuple[Line, ...]
    queries: dict[str, str]
    qrels: dict[str, Qrels]


def read_benchmark(folder: Path, limit: int | None = None) -> Benchmark:
    """Read a benchmark with up to `limit` judged queries, drawn with a fixed seed; CaseError.

    Documents without text are left out: nothing could find them.
    """
    qrels = {path.stem: _qrels(path) for path in sorted((folder / "qrels").glob("*.tsv"))}
    if not qrels:
        raise CaseError(f"{folder} has no qrels/*.tsv; give a folder in the BEIR layout.")
    texts = {value["_id"]: value["text"] for value in read_objects(folder / "queries.jsonl", "_id", "text")}
    judged = [key for key in texts if any(key in values for values in qrels.values())]
    if limit is not None and limit < len(judged):
        judged = random.Random(SEED).sample(judged, limit)
    return Benchmark(
        _documents(folder / "corpus.jsonl"),
        {key: texts[key] for key in judged},
        {name: {key: values[key] for key in judged if key in values} for name, values in qrels.items()},
    )


def rank(
    queries: Mapping[str, str],
    assistant: Searcher,
    sources: Mapping[str, str],
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Ranking]:
    """Return for each query the documents found; the earlier its best passage, the higher the score."""
    run: dict[str, Ranking] = {}
    for done, (key, text) in enumerate(queries.items()):
        progress("Searching", done, len(queries))
        found = [sources[hit.passage.document_id] for hit in assistant.search(text, DEPTH)]
        run[key] = {name: -float(n) for n, name in enumerate(dict.fromkeys(found))}
    progress("Searching", len(queries), len(queries))
    return run


def score(qrels: Qrels, run: Mapping[str, Ranking]) -> dict[str, Score]:
    """Return nDCG@10, recall@5, @10 and @100, MAP@10 and MRR@10 as trec_eval computes them.

    Every query of `qrels` counts; one for which nothing was found scores 0.

    >>> found = score({"q": {"a": 1, "b": 1}}, {"q": {"x": 0.0, "a": -1.0}})
    >>> found["R@5"].value, found["MRR@10"].value
    (0.5, 0.5)
    """
    return {name: mean(list(found.values())) for name, found in per_query(qrels, run).items() if found}


def _documents(path: Path) -> tuple[Line, ...]:
    return tuple(
        Line(path, value["_id"], {}, value.get("title") or "", value["text"])
        for value in read_objects(path, "_id", "text")
        if value["text"].strip()
    )


def _qrels(path: Path) -> Qrels:
    qrels: Qrels = {}
    for number, line in enumerate(read_text(path).splitlines(), 1):
        try:
            query, document, relevance = line.split("\t")
            if (number, relevance) != (1, "score"):
                qrels.setdefault(query, {})[document] = int(relevance)
        except ValueError as error:
            raise CaseError(f"{path}, line {number}: expected query, document and score.") from error
    return qrels
