"""How well the reader tells the block that answers, and whether any does.

A record holds one passage ("sentences", "relevant") or a pool of retrieved ones ("passages", "labels"), as
`eval/train/reader.py` reads them to train on. Of those marked "train" only the others are scored.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.jsonl import read_objects
from eval.metrics import Score, mean, roc_auc
from kb.errors import CaseError
from kb.models.page import Page

if TYPE_CHECKING:
    from kb.models.reader import Reader

# The label of a block that answers, in a pool.
ANSWERS = 2
IN_FIRST = 3


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with pages; `right` are the (page, block) that answer, None where they are not labelled."""

    question: str
    pages: tuple[Page, ...]
    right: frozenset[tuple[int, int]] | None
    answerable: bool


def read_labelled(path: Path) -> list[Labelled]:
    """Read a file of records, plain or gzip'd; CaseError naming what is wrong with it."""
    found = [record for record in _records(path) if record.get("split") != "train"]
    try:
        labelled = [_pool(record) if "passages" in record else _single(record) for record in found]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CaseError(f"{path}: a record is not of the form of labelled questions ({error!r}).") from error
    if not labelled:
        raise CaseError(f"{path} holds no record to score, but such to train on; name another file.")
    return labelled


def score_reader(
    records: Sequence[Labelled], reader: Reader, progress: Callable[[str, int, int], None] = lambda *_: None
) -> dict[str, Score]:
    """Return how often a block that answers is scored first, or among three, and the AUC of answered or not.

    What the records do not tell is left out: AUC needs both kinds, the others labelled blocks.
    """
    first, in_three, best = list[float](), list[float](), list[float]()
    for done, record in enumerate(records):
        progress("Reading", done, len(records))
        scores = reader.read(record.question, record.pages)
        blocks = ((page, block, score) for page, row in enumerate(scores) for block, score in enumerate(row))
        ranked = sorted((-float(score), page, block) for page, block, score in blocks)
        best.append(-ranked[0][0] if ranked else float("-inf"))
        if record.right:
            found = [(page, block) in record.right for _, page, block in ranked[:IN_FIRST]]
            first.append(float(found[0]))
            in_three.append(float(any(found)))
    answerable = [record.answerable for record in records]
    told = {"answers first": mean(first), f"answers in {IN_FIRST}": mean(in_three)} if first else {}
    return told | ({"ROC AUC": roc_auc(answerable, best)} if len(set(answerable)) > 1 else {})


def _records(path: Path) -> list[dict[str, Any]]:
    if path.suffix != ".gz":
        return list(read_objects(path, "question"))
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError, ValueError, zlib.error) as error:
        raise CaseError(f"{path} cannot be read: {error}. Check the path.") from error


def _pool(record: dict[str, Any]) -> Labelled:
    pages = [Page(" > ".join((p["title"], *p["heading"])), tuple(p["blocks"])) for p in record["passages"]]
    places = (key.split(".") for key, label in record["labels"].items() if label == ANSWERS)
    right = frozenset((int(page), int(block)) for page, block in places)
    return Labelled(record["question"], tuple(pages), right, bool(record["answerable"]))


def _single(record: dict[str, Any]) -> Labelled:
    page, relevant = Page(record["title"] or "", tuple(record["sentences"])), record["relevant"]
    right = None if relevant is None else frozenset((0, int(block)) for block in relevant)
    return Labelled(record["question"], (page,), right, bool(record["answerable"]))
