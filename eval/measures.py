"""Which measure applies to which case: what a record scores, and what the mean is taken over.

A score is a sum over the cases asked that a measure applies to, divided by
their number. Which cases those are is settled by the cases alone, never by
what was answered: an answer without citations or claims scores 0 for them and
stays in the count, so declining gains nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.citations import claim_precision, claim_recall
from eval.facts import fact_recall, says
from eval.metrics import citation_precision, citation_recall, evidence_coverage
from eval.ranking import OWN, quote_rankings
from eval.runner import Record

# The share of an answer's quotes that belong in a readable one, and of a reference that a right answer says.
MOST_BELONG, MOST_SAID = 0.75, 0.8

# The cases asked that a measure is divided by.
Over = Literal[
    "all",
    "evidence",
    "answer",
    "reference",
    "clarify",
    "clear",
    "conflict",
    "agreeing",
    "answerable",
    "absent",
    "nearest",
]

OVER: dict[Over, str] = {
    "all": "all cases asked",
    "evidence": "cases asked that the documents answer, with gold evidence",
    "answer": "cases asked whose one right outcome is an answer",
    "reference": "cases asked whose one right outcome is an answer, with a reference answer",
    "clarify": "cases asked whose one right outcome is a question back",
    "clear": "cases asked that call for no question back",
    "conflict": "cases asked where documents disagree",
    "agreeing": "cases asked where no documents disagree",
    "answerable": "cases asked that the documents answer",
    "absent": "cases asked that the documents do not answer",
    "nearest": "cases asked that the documents do not answer, with the nearest quote",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """What a record scores, from 0 to 1, on the cases of `over`; `lower` where less is better."""

    meaning: str
    over: Over
    score: Callable[[Record], float]
    lower: bool = False

    def __call__(self, record: Record) -> float | None:
        """Return the record's score, or None where the measure does not apply to its case."""
        return self.score(record) if applies(self.over, record) else None


def applies(over: Over, record: Record) -> bool:
    """Tell whether a record's case is among those that a measure is divided by."""
    case = record.case
    conflicting = case.type == "conflicting" and not case.unanswerable
    return {
        "all": True,
        "evidence": bool(case.evidence) and not case.unanswerable,
        "answer": case.expected == {"answered"},
        "reference": case.expected == {"answered"} and bool(case.answer.strip()),
        "clarify": case.expected == {"clarify"},
        "clear": "clarify" not in case.expected,
        "conflict": conflicting,
        "agreeing": not conflicting,
        "answerable": not case.unanswerable,
        "absent": case.unanswerable,
        "nearest": case.unanswerable and bool(case.evidence),
    }[over]


def values_of(records: Sequence[Record]) -> list[dict[str, float]]:
    """Return what each record scores, by measure; a measure that does not apply is left out."""
    rankings = quote_rankings(
        {str(n): (r.case.evidence, r.hits) for n, r in enumerate(records) if applies("evidence", r)}
    )
    found = []
    for n, record in enumerate(records):
        own = {name: value for name, measure in MEASURES.items() if (value := measure(record)) is not None}
        ranked = {name: values[str(n)] for name, values in rankings.items() if str(n) in values}
        if record.faithful is None:
            own.pop("quote fidelity", None)
        found.append({**own, **ranked})
    return found


def is_lower_better(name: str) -> bool:
    """Tell whether a lower score is the better one."""
    return name in MEASURES and MEASURES[name].lower


def described(name: str) -> tuple[str, str]:
    """Return what a measure means, and what it is divided by."""
    if name in RANKINGS:
        return RANKINGS[name], OVER["evidence"]
    if name in SHARES:
        return SHARES[name]
    return MEASURES[name].meaning, OVER[MEASURES[name].over]


def is_right(record: Record) -> bool:
    """Tell whether the decision is right and, where that is to answer, every key fact is said."""
    case = record.case
    if record.status not in case.expected or record.status != "answered":
        return record.status in case.expected
    quoted = citation_recall(case.evidence, record.cited) if case.evidence else 0.0
    if case.type == "conflicting" and quoted < 1:
        return False
    if case.facts:
        return says(case.facts, record.text)
    return quoted == 1 or fact_recall(case.answer, case.question, record.said) >= MOST_SAID


def _coverage(k: int) -> Measure:
    meaning = f"share of the gold quotes that one of the first {k} passages found holds (recall@{k})"
    return Measure(meaning, "evidence", lambda r: evidence_coverage(r.case.evidence, r.hits, k))


MEASURES: dict[str, Measure] = {
    "status": Measure(
        "the right decision: answered, asked back or declined as the case calls for",
        "all",
        lambda r: float(r.status in r.case.expected),
    ),
    "right": Measure(
        "the right decision and, where that is to answer, every key fact said: those that the case lists, "
        "else all gold quotes or four fifths of what the reference answer says",
        "all",
        lambda r: float(is_right(r)),
    ),
    "readable": Measure(
        "1 where at most one quote in four does not belong",
        "answer",
        lambda r: float(citation_precision(r.case.evidence, r.cited) >= MOST_BELONG),
    ),
    **{f"coverage@{k}": _coverage(k) for k in (1, 5, 10)},
    "citation precision": Measure(
        "share of the cited quotes that overlap a gold quote; 0 where nothing is cited; a lower bound, "
        "as gold quotes are what suffices, not all that is fit to be cited",
        "evidence",
        lambda r: citation_precision(r.case.evidence, r.cited),
    ),
    "citation recall": Measure(
        "share of the gold quotes that one cited quote holds",
        "evidence",
        lambda r: citation_recall(r.case.evidence, r.cited),
    ),
    "claim precision": Measure(
        "share of the citations that their claim needs or can rest on (ALCE); 0 where nothing is cited",
        "answer",
        lambda r: claim_precision(r.stated),
    ),
    "claim recall": Measure(
        "share of the claims that their citations together support (ALCE); 0 where nothing is claimed",
        "answer",
        lambda r: claim_recall(r.stated),
    ),
    "fact recall": Measure(
        "share of the reference answer's key facts (numbers, dates, names, content words) "
        "that the answer says",
        "reference",
        lambda r: fact_recall(r.case.answer, r.case.question, r.said),
    ),
    "quote fidelity": Measure(
        "1 where every quote shown stands word for word in the file it is said to stand in",
        "all",
        lambda r: float(bool(r.faithful)),
    ),
    "clarification": Measure(
        "1 where the question back came", "clarify", lambda r: float(r.status == "clarify")
    ),
    "needless clarification": Measure(
        "1 where a question back came all the same", "clear", lambda r: float(r.status == "clarify"), True
    ),
    "conflict shown": Measure(
        "1 where the answer shows the disagreement",
        "conflict",
        lambda r: float(r.status == "answered" and r.conflicts > 0),
    ),
    "needless conflict": Measure(
        "1 where the answer shows a disagreement all the same",
        "agreeing",
        lambda r: float(r.conflicts > 0),
        True,
    ),
    "over-abstention": Measure(
        "1 where the answer was declined", "answerable", lambda r: float(r.abstained), True
    ),
    "abstention recall": Measure("1 where the answer was declined", "absent", lambda r: float(r.abstained)),
    "pointer recall": Measure(
        "share of the nearest quotes that an honest refusal points to",
        "nearest",
        lambda r: citation_recall(r.case.evidence, r.pointed),
    ),
}

RANKINGS = dict(
    zip(
        OWN,
        (
            "ranking of the gold quotes among the first 10 passages, early places counting more",
            "mean precision at the places of the gold quotes among the first 10 passages",
            "1 / place of the first passage that holds a gold quote, 0 beyond the first 10",
        ),
        strict=True,
    )
)

# By definition these two divide by more than cases; they are shown, but no floor and no headline rests on
# them. Both follow from abstention recall and over-abstention, which divide by cases asked.
SHARES = {
    "abstention precision": (
        "share of the declined cases that the documents do not answer",
        "cases declined (the one exception, by definition)",
    ),
    "abstention f1": (
        "harmonic mean of abstention precision and recall",
        "the mean of cases declined and cases that the documents do not answer (by definition)",
    ),
}
