"""Fits the weights of `kb.answering.choice`, and with them those of `kb.answering.abstention`.

    python -m eval.train.choice --library INDEX CASES... [--library INDEX CASES...]

The first are fitted listwise: of all quotes found for a question one that answers comes first, and none is
likely where nothing answers.
Only `dev` cases that stand by themselves and have one meaning are looked at. Prints both, to be copied.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from eval.cases import Case, read_cases
from eval.quotes import overlaps
from kb.answering import abstention, choice
from kb.answering.evidence import Evidence, Unit
from kb.answering.extractive import compose
from kb.assistant import open_assistant
from kb.config import load_config

# The best quotes that the weights are fitted to; and how much they are held small.
MOST_UNITS, PENALTY = 120, 0.003


@dataclass(frozen=True, slots=True)
class Asked:
    """A case with what was found for it and, for each unit, whether it answers."""

    case: Case
    evidence: Evidence
    gold: NDArray[np.bool_]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit both and print them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--library", nargs="+", action="append", required=True, metavar="PATH")
    asked = [one for index, *cases in parser.parse_args(arguments).library for one in ask(index, cases)]
    bias, weights = fit_choice(asked)
    show(bias, weights)
    choice.BIAS, choice.WEIGHTS = bias, weights
    show(*fit_confidence(asked))


def ask(index: str, files: Sequence[str]) -> Iterator[Asked]:
    """Yield what is found for the cases of a library."""
    assistant = open_assistant(load_config(index=Path(index)))
    editions = assistant.editions()
    sources = {document.id: document.source for document in assistant.index.documents()}
    for case in (case for path in files for case in read_cases(Path(path))):
        if case.split == "dev" and not case.history and case.type != "ambiguous":
            evidence = assistant.evidence(case.question, editions.searched(case.question))
            evidence = replace(evidence, units=evidence.units[:MOST_UNITS])
            if evidence.units:
                yield Asked(case, evidence, np.array([answers(case, u, sources) for u in evidence.units]))


def answers(case: Case, unit: Unit, sources: dict[str, str]) -> bool:
    """Tell whether a unit shows gold words."""
    source = sources[unit.citation.passage.document_id]
    places = [place for e in case.evidence for place in e.places] if not case.unanswerable else []
    return any(place.file == source and overlaps(place.quote, unit.text) for place in places)


def fit_choice(asked: Sequence[Asked]) -> tuple[float, dict[str, float]]:
    """Return the bias and the weights of the signs of a quote."""
    weights, bias = (
        torch.zeros(n, dtype=torch.float64, requires_grad=True) for n in (len(choice.WEIGHTS), 1)
    )
    rows = [
        (torch.from_numpy(choice.signs(e.units, e.question, e.relevance)), torch.from_numpy(one.gold))
        for one in asked
        for e in (one.evidence,)
        # What answers was not found at all: that says nothing of which quote is best.
        if one.case.unanswerable or one.gold.any()
    ]
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        total = torch.zeros((), dtype=torch.float64)
        for signs, gold in rows:
            odds = signs @ weights + bias
            shares = torch.log_softmax(torch.cat([odds, torch.zeros(1)]), 0)
            if gold.any():
                total = total - torch.log_softmax(odds, 0)[gold].logsumexp(0) - shares[:-1].logsumexp(0)
            else:
                total = total - shares[-1]
        total = total / len(rows) + PENALTY * (weights**2).sum()
        total.backward()
        return total

    optimizer.step(loss)
    return bias.item(), dict(zip(choice.WEIGHTS, weights.tolist(), strict=True))


def fit_confidence(asked: Sequence[Asked]) -> tuple[float, dict[str, float]]:
    """Return the bias and the weights of the signs that the documents answer."""
    from sklearn.linear_model import LogisticRegression

    rows = []
    for one in asked:
        e = one.evidence
        ranked = replace(e, units=tuple(choice.rank(e.units, e.question, e.relevance)))
        rows.append([*abstention.signs(ranked, compose(ranked)).values()])
    model = LogisticRegression(max_iter=1000).fit(rows, [not one.case.unanswerable for one in asked])
    return float(model.intercept_[0]), dict(zip(abstention.WEIGHTS, map(float, model.coef_[0]), strict=True))


def show(bias: float, weights: dict[str, float]) -> None:
    """Print a bias and weights as they stand in the code."""
    lines = [f"BIAS = {bias:.2f}", "WEIGHTS = {", *(f'    "{n}": {w:.2f},' for n, w in weights.items()), "}"]
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main()
