"""What a question compares: documents that it names, or two things that it joins by "and" or "or"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from kb.answering.answer_types import defines
from kb.answering.evidence import Evidence, Unit
from kb.answering.question import Question
from kb.retrieval.shelf import Shelf
from kb.text import content_words, stem, terms

# A quote speaks of a side if it covers this share of the side's terms.
MET = 0.6
# What its score for the whole question counts, what it is worth that it says what the side is,
# and what a quote loses that speaks of the other side.
OF_ALL, DEFINES, CONTRARY = 0.5, 0.3, 1.0
# Words in the titles of more documents than this name a kind of document; each side costs a search.
MOST_NAMED = 12

# What stands between the two things compared, and what only says that they are compared.
_BETWEEN = re.compile(r"\s(?:and|same as|vs?\.?|versus|or|with|to|from)\s|\s?/\s?", re.I)
_COMPARING = re.compile(r"\b(compar\w*|dif+e?r\w*|between|same|similar\w*|versus|vs|both)\b", re.I)

# What only says that years are compared: the years, and that something changed.
_OF_YEARS = re.compile(
    r"\b(?:(?:19|20)\d\d|fy|fiscal|years?|editions?|since|than|chang\w*|evolv\w*|trend\w*|now|today)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared: what it is called, the words to search for, their terms, its documents."""

    label: str
    text: str
    terms: frozenset[str]
    documents: tuple[str, ...] = ()

    @property
    def question(self) -> str:
        """What a reader is to look for, to find what is said of this side alone."""
        return f"{self.text} {self.label}" if self.documents else f"What is {self.label}?"


def sides(question: Question, documents: Shelf, among: Collection[str] | None = None) -> list[Side]:
    """Return the sides that a comparison names, empty if it names fewer than two.

    Only documents `among` those given (ids of the index; all if None) are sides.

    >>> asked = Question("security in the Rwanda and the Lao note", "comparison", ("secur", "rwanda", "lao"))
    >>> from kb.types import Document
    >>> notes = [Document("1", "a.pdf", "Note on Rwanda"), Document("2", "b.pdf", "Note on Lao PDR")]
    >>> [(side.label, side.text, side.documents) for side in sides(asked, Shelf(notes))]
    [('Note on Rwanda', 'security', ('1',)), ('Note on Lao PDR', 'security', ('2',))]
    """
    known = documents.keys() if among is None else frozenset(among)
    return (
        _editions(question, documents, known)
        or _documents(question, documents, known)
        or _things(question.text)
    )


def best_of_each(evidence: Evidence) -> list[tuple[str, Unit]]:
    """Return (label, best quote) for each side that has a quote of its own; empty if only one has."""
    compared = sides(evidence.question, evidence.documents)
    chosen: dict[Unit, str] = {}
    for side in compared:
        unit = _best(side, [other for other in compared if other is not side], evidence)
        if unit is not None:
            chosen.setdefault(unit, side.label)
    return [(label, unit) for unit, label in chosen.items()] if len(chosen) > 1 else []


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


def _editions(question: Question, documents: Shelf, known: Set[str]) -> list[Side]:
    """Return one side for each year whose editions the question compares."""
    sets = [kept for keys in question.editions if (kept := tuple(key for key in keys if key in known))]
    plain = _OF_YEARS.sub(" ", _COMPARING.sub(" ", question.text))
    words = [word for word in content_words(plain) if stem(word) in question.terms]
    if len(sets) < 2 or not words:
        return []
    names = [", ".join(documents[key].edition or documents[key].title for key in keys) for keys in sets]
    return [Side(name, " ".join(words), _terms(words), keys) for name, keys in zip(names, sets, strict=True)]


def _documents(question: Question, documents: Shelf, known: Set[str]) -> list[Side]:
    """Return one side for each document whose title the question names, by the words that fewest share."""
    titled = [[key for key in documents.titled(term) if key in known] for term in question.terms]
    few = max(2, len(known) // 3)
    counts = sorted({len(keys) for keys in titled if len(keys) <= few})
    sets = ({key for keys in titled if len(keys) <= most for key in keys} for most in counts)
    named = documents.ordered(next((found for found in sets if len(found) > 1), ()))
    if len(named) > MOST_NAMED or not _tell_apart(question, documents, named):
        return []
    topic = frozenset(question.terms) - frozenset().union(*(_terms([documents[key].label]) for key in named))
    words = [word for word in content_words(_COMPARING.sub(" ", question.text)) if stem(word) in topic]
    labels = [documents[key].label for key in named]
    names = labels if len(set(labels)) == len(labels) else [documents[key].source for key in named]
    return [
        Side(name, " ".join(words), _terms(words), (key,))
        for name, key in zip(names, named, strict=True)
        if words
    ]


def _tell_apart(question: Question, documents: Shelf, named: Sequence[str]) -> bool:
    """Tell whether the two things that a question joins, if it does, are in titles of different documents.

    "Data hygiene and data fidelity" compares no documents, for all that many are titled "data".
    """
    halves = [side.terms for side in _things(question.text)]
    if len(halves) != 2:
        return True
    one, other = (
        {key for term in here - there for key in documents.titled(term) if key in named}
        for here, there in (halves, halves[::-1])
    )
    return bool(one) and bool(other) and one != other


def _things(text: str) -> list[Side]:
    """Return the two things that a question joins.

    >>> [(side.label, side.text) for side in _things("difference between SLA and KPI?")]
    [('SLA', 'sla'), ('KPI', 'kpi')]
    """
    halves = [_COMPARING.sub(" ", part) for part in _BETWEEN.split(text, maxsplit=1)]
    parts = [content_words(half) for half in halves]
    if len(parts) != 2 or not all(parts):
        return []
    labels = [" ".join(w for w in re.findall(r"[\w'-]+", half) if content_words(w)) for half in halves]
    return [Side(name, " ".join(p), _terms(p)) for name, p in zip(labels, parts, strict=True)]


def _terms(words: Collection[str]) -> frozenset[str]:
    return frozenset(terms(" ".join(words)))
