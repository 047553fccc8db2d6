"""The cases that went most wrong, by what went wrong: what was found, and what should have been."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from eval.cases import Evidence
from eval.ranking import first_place
from eval.runner import Record
from eval.summary import Scored

# Of each kind so many are shown, and so much of a passage.
EACH, MOST_CHARS = 4, 700

Fault = Callable[[Record, dict[str, float]], bool]

FAULTS: dict[str, Fault] = {
    "Answered what the documents do not say": lambda r, _: r.case.unanswerable and r.status == "answered",
    "Declined what the documents answer": lambda r, _: not r.case.unanswerable and r.abstained,
    "Answered without asking what was meant": lambda r, _: (
        r.case.expected == {"clarify"} and r.status == "answered"
    ),
    "Asked back without need": lambda r, _: r.status == "clarify" and "clarify" not in r.case.expected,
    "Did not show that documents disagree": lambda r, v: v.get("conflict shown") == 0,
    "Found none of the passages that answer": lambda r, v: v.get("coverage@10") == 0,
    "Found the passage but quoted another": lambda r, v: (
        r.status == "answered" and v.get("coverage@10", 0) > 0 and v.get("citation recall") == 0
    ),
}


def worst_cases(found: Sequence[Scored]) -> list[dict[str, Any]]:
    """Return for each kind of fault its count and the cases that the assistant was surest of.

    Give it development cases only: whoever reads the failures of test cases tunes on them.
    A case is listed under the first kind that fits.
    """
    kinds: dict[str, list[Record]] = {name: [] for name in FAULTS}
    for one in found:
        values = dict(one.values)
        kind = next((name for name, fault in FAULTS.items() if fault(one.record, values)), None)
        if kind:
            kinds[kind].append(one.record)
    return [
        {"fault": name, "count": len(records), "cases": [_shown(record) for record in _surest(records)]}
        for name, records in kinds.items()
        if records
    ]


def _surest(records: Sequence[Record]) -> list[Record]:
    return sorted(records, key=lambda record: (-record.confidence, record.case.id))[:EACH]


def _shown(record: Record) -> dict[str, Any]:
    case = record.case
    return {
        "id": case.id,
        "group": case.group,
        "type": case.type,
        "history": [f"{turn.role}: {turn.content}" for turn in case.history],
        "question": case.question,
        "reference": case.answer,
        "expected": sorted(case.expected),
        "status": record.status,
        "confidence": record.confidence,
        "text": _cut(record.text),
        "found": _passage(record.hits[0]) if record.hits else None,
        "gold": [_gold(gold, record.hits) for gold in case.evidence],
        "unanswerable": case.unanswerable,
    }


def _gold(gold: Evidence, hits: Sequence[Evidence]) -> dict[str, Any]:
    return {**_passage(gold), "place": first_place(gold, hits)}


def _passage(evidence: Evidence) -> dict[str, Any]:
    return {"file": evidence.file, "text": _cut(evidence.quote)}


def _cut(text: str) -> str:
    return text if len(text) <= MOST_CHARS else f"{text[:MOST_CHARS].rsplit(' ', 1)[0]} …"
