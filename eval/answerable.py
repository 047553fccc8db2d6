"""Questions with the passage that answers them, or does not, in the form of CLAP NQ.

Rosenthal et al. 2024, "CLAPnq: Cohesive Long-form Answers from Passages in Natural Questions for RAG
systems", arXiv:2404.02103. Files are told apart by their names: `*_answerable.jsonl`, `*_unanswerable.jsonl`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from eval.jsonl import read_objects
from eval.metrics import Score, roc_auc
from kb.answering.abstention import confidence
from kb.answering.evidence import Evidence
from kb.answering.extractive import compose
from kb.errors import CaseError
from kb.library import Source
from kb.types import Block, Document


class Gatherer(Protocol):
    """What is evaluated: `kb.assistant.Assistant`, or anything that finds evidence like it."""

    def evidence(self, complete: str, documents: Sequence[str]) -> Evidence: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Given(Source):
    """A passage that is given with a question, as a document of its own; `name` is the question's id."""

    title: str = ""
    text: str = ""

    def read(self) -> Document:
        """Return the passage as a document of one paragraph."""
        key = hashlib.sha256(self.name.encode()).hexdigest()[:16]
        return Document(key, self.name, self.title, blocks=(Block("paragraph", self.text),))


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, the passages given with it, and whether they answer it."""

    question: str
    given: tuple[Given, ...]
    answerable: bool


def read_pairs(folder: Path) -> list[Pair]:
    """Read the pairs of a folder; CaseError naming what is missing, or file and line of a bad one."""
    pairs = []
    for kind in (True, False):
        name = f"*_{'' if kind else 'un'}answerable.jsonl"
        files = sorted(folder.glob(name))
        if not files:
            raise CaseError(f"{folder} has no {name}; give a folder in the form of CLAP NQ.")
        pairs += [_pair(value, path, kind) for path in files for value in read_objects(path, "id", "input")]
    return pairs


def score_pairs(
    pairs: Sequence[Pair],
    assistant: Gatherer,
    documents: dict[str, str],
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> dict[str, Score]:
    """Return how well the confidence tells answerable pairs; `documents` maps names to document ids."""
    sure = []
    for done, pair in enumerate(pairs):
        progress("Asking", done, len(pairs))
        evidence = assistant.evidence(pair.question, [documents[given.name] for given in pair.given])
        sure.append(confidence(evidence, compose(evidence)))
    return {"ROC AUC": roc_auc([pair.answerable for pair in pairs], sure)}


def _pair(value: dict[str, object], path: Path, answerable: bool) -> Pair:
    passages = value.get("passages")
    if not isinstance(passages, list) or not passages or not all(isinstance(p, dict) for p in passages):
        raise CaseError(f"{path}: the question {value['id']!r} has no list of passages; give it one.")
    given = tuple(
        Given(path, f"{value['id']}-{n}", {}, str(p.get("title", "")), str(p.get("text", "")))
        for n, p in enumerate(passages)
    )
    return Pair(str(value["input"]), given, answerable)
