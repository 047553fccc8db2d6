"""Whether the question can mean more than one thing: decided from the evidence alone.

A short question whose every term is met equally well in different sections,
by quotes that say different things, has that many readings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kb.answering.answer_types import has_type, same_date, values
from kb.answering.conversation import leans
from kb.answering.evidence import Evidence, Unit
from kb.answering.question import Question
from kb.text import terms
from kb.types import Citation, Document, Option

# More terms than this pin a question down.
MOST_TERMS = 3
# The best reading covers this share of the question.
FULL = 0.9
# Every reading scores this share of the best one's score,
NEAR_BEST = 0.85
# and covers this share of what the best one covers.
AS_GOOD = 0.95
# Quotes that share more of their words than this say the same.
SAME = 0.5
MOST_OPTIONS = 4
# A comparison names its sides, and documents that define one term agree on what is meant.
ONE_MEANING = ("comparison", "definition", "expansion")


def readings(evidence: Evidence) -> list[Option]:
    """Return the readings of an ambiguous question, best first; empty if it has one meaning."""
    question = evidence.question
    if question.kind in ONE_MEANING or len(question.terms) > MOST_TERMS or question.aside:
        return []
    vague = leans(question.text) and not any(term.isalpha() for term in question.terms)
    if not evidence.units:
        return []
    candidates = _lists(evidence) if question.wants_list else _units(evidence.units)
    best = max((coverage for coverage, _ in candidates), default=0.0)
    distinct: list[Citation] = []
    for coverage, citation in candidates:
        if (vague or coverage >= AS_GOOD * best) and not any(
            _same(question, citation, seen) for seen in distinct
        ):
            distinct.append(citation)
    if len(distinct) < 2 or (best < FULL and not vague):
        return []
    return [_option(question, citation, evidence.documents) for citation in distinct[:MOST_OPTIONS]]


def _units(ranked: Sequence[Unit]) -> list[tuple[float, Citation]]:
    near = [unit for unit in ranked if unit.typed and unit.score >= NEAR_BEST * ranked[0].score]
    return [(unit.coverage, unit.citation) for unit in near]


def _lists(evidence: Evidence) -> list[tuple[float, Citation]]:
    cover = evidence.relevance.coverage
    found = [(cover(entry.label, entry.context), entry.lead or entry.items[0]) for entry in evidence.lists]
    return sorted(found, key=lambda pair: -pair[0])


def _same(question: Question, one: Citation, other: Citation) -> bool:
    """Tell whether two quotes give the same answer.

    So do lists of one section, other quotes of one document, and quotes with
    the same dates or numbers or mostly the same words.
    """
    here, there = one.passage, other.passage
    if here.document_id == there.document_id and (
        not question.wants_list or here.heading_path == there.heading_path
    ):
        return True
    if question.kind == "date":
        return same_date(one.quote, other.quote)
    if has_type(question.kind):
        return not values(question.kind, one.quote).isdisjoint(values(question.kind, other.quote))
    a, b = set(terms(one.quote)), set(terms(other.quote))
    return len(a & b) > SAME * min(len(a), len(b))


def _option(question: Question, citation: Citation, documents: Mapping[str, Document]) -> Option:
    title = documents[citation.passage.document_id].title
    section = citation.passage.heading_path[-1] if citation.passage.heading_path else ""
    label = f"{section}, in “{title}”" if section and section != title else title
    meant = re.sub(r"[()]", "", f"{section}, {title}" if section else title)
    return Option(label, f"{question.text.rstrip('? ')} ({meant})?", (citation,))
