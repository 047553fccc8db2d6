"""The grounding check against responses that people labelled, in three forms told apart by their fields.

Responses with their contexts and grades from 1 to 4; summaries of a document
labelled 1 or 0, as SummEdits has them (Laban et al. 2023, arXiv:2305.14540);
claims against evidence, as CLIMATE-FEVER has them (Diggelmann et al. 2020,
arXiv:2012.00614), whose undecided claims are left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from time import perf_counter
from typing import Any

from eval.jsonl import read_text
from eval.metrics import Score, mean, roc_auc
from kb.answering.grounding import check
from kb.errors import CaseError

# A response whose mean grade is below this is unfaithful.
FAITHFUL_GRADE = 3
DECIDED = {"SUPPORTS": True, "REFUTES": False}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A response, the texts it should rest on, and whether people found that it does."""

    response: str
    contexts: tuple[str, ...]
    faithful: bool


def read_labelled(path: Path) -> list[Labelled]:
    """Read the responses of a JSONL file or a JSON list; CaseError naming file and line of a bad one.

    Both labels must be there, for telling them apart is what is scored.
    """
    read = (_labelled(value, place) for value, place in _values(path))
    found = [labelled for labelled in read if labelled is not None]
    if len({labelled.faithful for labelled in found}) < 2:
        raise CaseError(f"{path} needs faithful and unfaithful responses, at least one of each.")
    return found


def score_grounding(
    labelled: Sequence[Labelled], progress: Callable[[str, int, int], None] = lambda *_: None
) -> dict[str, Score]:
    """Return how well the check's score tells faithful responses from others, and its time per response."""
    scores, times = [], []
    for done, one in enumerate(labelled):
        progress("Checking", done, len(labelled))
        start = perf_counter()
        scores.append(check(one.response, one.contexts).score)
        times.append(1000 * (perf_counter() - start))
    return {"ROC AUC": roc_auc([one.faithful for one in labelled], scores), "milliseconds": mean(times)}


def _values(path: Path) -> Iterator[tuple[Any, str]]:
    """Yield the values of a JSON list or of JSON lines, each with its place for messages."""
    text = read_text(path)
    if text.lstrip().startswith("["):
        yield from ((value, f"{path}, entry {n}") for n, value in enumerate(_json(text, path), 1))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield _json(line, path, number), f"{path}, line {number}"


def _json(text: str, path: Path, line: int = 1) -> Any:  # noqa: ANN401
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise CaseError(f"{path}, line {line + error.lineno - 1} is not JSON: {error.msg}.") from error


def _labelled(value: Any, place: str) -> Labelled | None:  # noqa: ANN401
    """Return what one line says, None for an undecided claim; CaseError."""
    forms = {"response": _response, "summary": _summary, "claim": _claim}
    try:
        return next(form(value) for field, form in forms.items() if field in value)
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        wanted = (
            "response, contexts, faithfulness_1to4; doc, summary, label; or claim, claim_label, evidences"
        )
        raise CaseError(f"{place}: expected an object with {wanted}.") from error


def _response(value: Mapping[str, Any]) -> Labelled:
    contexts = value["contexts"]
    if not isinstance(contexts, list):
        raise TypeError(contexts)
    faithful = fmean(value["faithfulness_1to4"]) >= FAITHFUL_GRADE
    return Labelled(_text(value["response"]), tuple(map(_text, contexts)), faithful)


def _summary(value: Mapping[str, Any]) -> Labelled:
    if value["label"] not in (0, 1):
        raise ValueError(value["label"])
    return Labelled(_text(value["summary"]), (_text(value["doc"]),), value["label"] == 1)


def _claim(value: Mapping[str, Any]) -> Labelled | None:
    evidence = tuple(_text(one["evidence"]) for one in value["evidences"])
    faithful = DECIDED.get(value["claim_label"])
    return None if faithful is None else Labelled(_text(value["claim"]), evidence, faithful)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
