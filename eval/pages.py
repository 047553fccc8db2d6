"""Page retrieval in the form of FinanceBench: questions whose evidence is pages of PDF files.

Islam et al. 2023, "FinanceBench: A New Benchmark for Financial Question
Answering", arXiv:2311.11944. All PDF files share one index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.beir import Searcher
from eval.jsonl import read_objects
from eval.metrics import Score, mean
from kb.errors import CaseError
from kb.types import Hit, Passage

FILE = "financebench_open_source.jsonl"
FOLDER = "pdfs"
DEPTHS = (1, 3, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question, the PDF file that answers it, and the pages that do, counted from 1."""

    question: str
    file: str
    pages: frozenset[int]


@dataclass(frozen=True, slots=True)
class Found:
    """What a hit shows: a file and the pages its passage stands on."""

    file: str
    pages: frozenset[int]


def read_questions(folder: Path) -> list[PageQuestion]:
    """Read the questions of a folder; CaseError naming file and line of a bad one.

    The benchmark counts pages from 0, everything here from 1.
    """
    path = folder / FILE
    questions = [
        PageQuestion(value["question"], f"{value['doc_name']}.pdf", _pages(path, value))
        for value in read_objects(path, "question", "doc_name")
    ]
    if not questions:
        raise CaseError(f"{path} holds no questions; write one JSON object a line.")
    return questions


def search_all(
    questions: Sequence[PageQuestion],
    assistant: Searcher,
    sources: Mapping[str, str],
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> list[list[Found]]:
    """Return for each question what its hits show, best first."""
    found = []
    for done, question in enumerate(questions):
        progress("Searching", done, len(questions))
        hits: list[Hit] = assistant.search(question.question, max(DEPTHS))
        found.append([Found(sources[h.passage.document_id], pages_of(h.passage)) for h in hits])
    progress("Searching", len(questions), len(questions))
    return found


def pages_of(passage: Passage) -> frozenset[int]:
    """Return the pages a passage stands on, counted from 1."""
    spanned = {span.page for span in passage.spans} | {passage.page}
    return frozenset(page for page in spanned if page is not None)


def score_pages(questions: Sequence[PageQuestion], found: Sequence[Sequence[Found]]) -> dict[str, Score]:
    """Return document recall@k and page recall@k over all questions, asked of at least one.

    A document is found where one of the first k hits is of the right file;
    page recall is the share of a question's pages that they show.

    >>> question = PageQuestion("Revenue?", "A.pdf", frozenset({3, 9}))
    >>> hits = [Found("B.pdf", frozenset({3})), Found("A.pdf", frozenset({8, 9}))]
    >>> scores = score_pages([question], [hits])
    >>> [scores[name].value for name in ("document recall@1", "document recall@3", "page recall@3")]
    [0.0, 1.0, 0.5]
    """
    scores = {}
    for k in DEPTHS:
        pairs = [(q, _shown(q, hits[:k])) for q, hits in zip(questions, found, strict=True)]
        right = [
            any(hit.file == q.file for hit in hits[:k]) for q, hits in zip(questions, found, strict=True)
        ]
        scores[f"document recall@{k}"] = mean([float(one) for one in right])
        scores[f"page recall@{k}"] = mean([len(q.pages & shown) / len(q.pages) for q, shown in pairs])
    return scores


def _shown(question: PageQuestion, hits: Iterable[Found]) -> frozenset[int]:
    return frozenset().union(*(hit.pages for hit in hits if hit.file == question.file))


def _pages(path: Path, value: Mapping[str, Any]) -> frozenset[int]:
    try:
        pages = frozenset(int(evidence["evidence_page_num"]) + 1 for evidence in value["evidence"])
    except (KeyError, TypeError, ValueError) as error:
        raise CaseError(f"{path}: the evidence of {value['question']!r} lacks its page number.") from error
    if not pages:
        raise CaseError(f"{path}: {value['question']!r} has no evidence; name its pages.")
    return pages
