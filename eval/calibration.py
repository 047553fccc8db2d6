"""The weights of the signs by which the assistant judges whether the documents answer, fitted to cases.

Logistic regression: the log-odds that a case is answerable are a weighted sum of the signs. Each case is
predicted by weights fitted to the other nine tenths of the cases as well, which shows what they are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from eval.cases import Case
from eval.metrics import Score, roc_auc
from kb.answering.abstention import WEIGHTS, signs
from kb.answering.extractive import compose
from kb.assistant import Assistant
from kb.errors import CaseError

FOLDS = 10


@dataclass(frozen=True, slots=True)
class Fit:
    """The fitted bias and weights, and the area under the ROC curve on cases left out of the fit."""

    bias: float
    weights: dict[str, float]
    auc: Score


def calibrate(
    cases: Sequence[Case],
    assistant: Assistant,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Fit:
    """Fit the weights to cases that have one meaning; CaseError without both kinds of case."""
    rows, answerable = [], []
    asked = [case for case in cases if case.type != "ambiguous"]
    for done, case in enumerate(asked):
        progress(done, len(asked))
        evidence = assistant.evidence(assistant.ask(case.question, case.history).standalone_question)
        if evidence.units:
            rows.append([signs(evidence, compose(evidence))[name] for name in WEIGHTS])
            answerable.append(not case.unanswerable)
    return _fit(np.array(rows, np.float64), answerable)


def _fit(rows: np.typing.NDArray[np.float64], answerable: Sequence[bool]) -> Fit:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict

    if min(sum(answerable), len(answerable) - sum(answerable)) < FOLDS:
        raise CaseError(f"The cases need {FOLDS} answerable and {FOLDS} unanswerable ones or more to fit to.")
    model = LogisticRegression(max_iter=1000)
    left_out = cross_val_predict(model, rows, answerable, cv=FOLDS, method="predict_proba")[:, 1]
    model.fit(rows, answerable)
    weights = dict(zip(WEIGHTS, map(float, model.coef_[0]), strict=True))
    return Fit(float(model.intercept_[0]), weights, roc_auc(answerable, left_out))
