"""What a question compares: documents that it names, or two things that it joins by "and" or "or"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kb.answering.answer_types import defines
from kb.answering.evidence import Evidence, Unit
from kb.answering.question import Question
from kb.text import content_words, stem, terms
from kb.types import Document

# A quote speaks of a side if it covers this share of the side's terms.
MET = 0.6
# What its score for the whole question counts, what it is worth that it says what the side is,
# and what a quote loses that speaks of the other side.
OF_ALL, DEFINES, CONTRARY = 0.5, 0.3, 1.0

# What stands between the two things compared, and what only says that they are compared.
_BETWEEN = re.compile(r"\s(?:and|same as|vs\.?|versus|or|with|to|from)\s|\s?/\s?", re.I)
_COMPARING = re.compile(r"\b(compar\w*|dif+er\w*|between|same|similar\w*|versus|both)\b", re.I)

# What only says that years are compared: the years, and that something changed.
_OF_YEARS = re.compile(
    r"\b(?:(?:19|20)\d\d|fy|fiscal|years?|editions?|since|than|chang\w*|evolv\w*|trend\w*|now|today)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared: the words to search for, their terms, and the one document if it is one."""

    text: str
    terms: frozenset[str]
    documents: tuple[str, ...] = ()


def sides(question: Question, documents: Sequence[Document]) -> list[Side]:
    """Return the sides that a comparison names, empty if it names fewer than two.

    >>> asked = Question("security in the Rwanda and the Lao note", "comparison", ("secur", "rwanda", "lao"))
    >>> notes = [Document("1", "a.pdf", "Note on Rwanda"), Document("2", "b.pdf", "Note on Lao PDR")]
    >>> [(side.text, side.documents) for side in sides(asked, notes)]
    [('security', ('1',)), ('security', ('2',))]
    """
    return _editions(question, documents) or _documents(question, documents) or _things(question.text)


def best_of_each(evidence: Evidence) -> list[Unit]:
    """Return the best quote for each side that has one of its own, empty if only one has."""
    compared = sides(evidence.question, [*evidence.documents.values()])
    chosen = dict.fromkeys(
        unit
        for side in compared
        if (unit := _best(side, [other for other in compared if other is not side], evidence))
    )
    return list(chosen) if len(chosen) > 1 else []


def _best(side: Side, others: Sequence[Side], evidence: Evidence) -> Unit | None:
    wanted = evidence.relevance.of(side.terms)
    unwanted = evidence.relevance.of(frozenset().union(*(other.terms for other in others)) - side.terms)
    best, top = None, 0.0
    for unit in evidence.units:
        if side.documents and unit.citation.passage.document_id not in side.documents:
            continue
        section = " ".join(unit.citation.passage.heading_path)
        met = wanted.coverage(unit.text, section, lead=unit.over)
        score = met + OF_ALL * unit.score + DEFINES * defines(unit.text, side.terms)
        score -= CONTRARY * (unwanted.coverage(unit.text) if unwanted.weights else 0.0)
        if met >= MET and score > top:
            best, top = unit, score
    return best


def _editions(question: Question, documents: Sequence[Document]) -> list[Side]:
    """Return one side for each year whose editions the question compares."""
    known = {document.id for document in documents}
    sets = [kept for keys in question.editions if (kept := tuple(key for key in keys if key in known))]
    plain = _OF_YEARS.sub(" ", _COMPARING.sub(" ", question.text))
    words = [word for word in content_words(plain) if stem(word) in question.terms]
    return [Side(" ".join(words), _terms(words), keys) for keys in sets] if len(sets) > 1 and words else []


def _documents(question: Question, documents: Sequence[Document]) -> list[Side]:
    """Return one side for each document whose title the question names, by words that few titles share."""
    titles = {document.id: set(terms(document.label)) for document in documents}
    few = max(2, len(documents) // 3)
    telling = {t for t in question.terms if 0 < sum(t in title for title in titles.values()) <= few}
    named = [key for key, title in titles.items() if telling & title]
    topic = frozenset(question.terms) - frozenset().union(*(titles[key] for key in named))
    words = [word for word in content_words(_COMPARING.sub(" ", question.text)) if stem(word) in topic]
    return [Side(" ".join(words), _terms(words), (key,)) for key in named] if len(named) > 1 and words else []


def _things(text: str) -> list[Side]:
    """Return the two things that a question joins.

    >>> [side.text for side in _things("difference between SLA and KPI?")]
    ['sla', 'kpi']
    """
    parts = [content_words(_COMPARING.sub(" ", part)) for part in _BETWEEN.split(text, maxsplit=1)]
    return [Side(" ".join(part), _terms(part)) for part in parts] if len(parts) == 2 and all(parts) else []


def _terms(words: Collection[str]) -> frozenset[str]:
    return frozenset(terms(" ".join(words)))
