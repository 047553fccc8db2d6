"""Parts of a document by their numbers: "what does clause 2.2 say?", "which article is about the quorum?"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kb.retrieval.relevance import term_set
from kb.types import Citation, Claim, Hit

if TYPE_CHECKING:
    from kb.answering.evidence import Evidence, Unit
    from kb.answering.question import Question
    from kb.types import Document, PassageIndex

# Quotes of a part that is told whole, at most.
MOST_QUOTES = 12
# Passages of a document among which a part is looked for, and those of the part that are read, at most.
MOST_LOOKED_AT, MOST_PASSAGES = 2000, 3
_PART = (
    "article|section|clause|paragraph|chapter|annexe?|appendix|schedule|part|rule"
    "|chapitre|paragraphe|partie|règle"
)
_NAMED = re.compile(rf"\b(?:{_PART})s?\s(?:no\.?\s)?(\d{{1,4}}(?:\.\d{{1,4}}){{0,5}})(?!\.?\d)", re.I)
_ASKED = re.compile(rf"\b(?:which|what|quel(?:le)?)\s({_PART})\b", re.I)


def found_first(hits: Sequence[Hit], question: str, index: PassageIndex) -> list[Hit]:
    """Return hits, those of the part that a question names by its number first: no search looks for numbers.

    The part is that of the document that was found best, though none of its passages were found.
    """
    asked = _NAMED.search(question)
    if asked is None or not hits:
        return [*hits]
    best = hits[0].passage.document_id
    named = [p for p in index.passages(best, 0, MOST_LOOKED_AT) if _is_under(p.heading_path, asked[1])]
    first = [Hit(passage, hits[0].score, "part") for passage in named[:MOST_PASSAGES]]
    known = {hit.passage.id for hit in first}
    return [*first, *(hit for hit in hits if hit.passage.id not in known)]


def named_first(ranked: Sequence[Unit], question: Question, documents: Mapping[str, Document]) -> list[Unit]:
    """Return ranked units, those of the part that a question names by its number first.

    Parts of that number in several documents are left where they are, unless it names one of these.
    """
    first = _of_meant(ranked, question, documents)
    if len({unit.citation.passage.document_id for unit in first}) != 1:
        return [*ranked]
    return [*first, *(unit for unit in ranked if unit not in first)]


def _of_meant(ranked: Sequence[Unit], question: Question, documents: Mapping[str, Document]) -> list[Unit]:
    """Return the units of the part that a question names, of the documents that it names if it does."""
    asked = _NAMED.search(question.text)
    of_part = [unit for unit in ranked if asked and _stands_in(unit, asked[1])]
    about = {*question.terms} - term_set(asked[0] if asked else "")
    labels = {(name := unit.citation.passage.document_id): documents[name].label for unit in of_part}
    meant = {name for name, label in labels.items() if about & term_set(label)} or {*labels}
    return [unit for unit in of_part if unit.citation.passage.document_id in meant]


def is_named(unit: Unit, question: str) -> bool:
    """Tell whether a quote stands in the part that a question names by its number."""
    asked = _NAMED.search(question)
    return asked is not None and _stands_in(unit, asked[1])


def of_named(ranked: Sequence[Unit], question: str) -> list[Unit]:
    """Return ranked units, of the named part only where it comes first."""
    return [unit for unit in ranked if is_named(unit, question) or not is_named(ranked[0], question)]


def asks_whole(evidence: Evidence) -> bool:
    """Tell whether a question names a part by its number, and its document, and asks no more."""
    question, passage = evidence.question, evidence.units[0].citation.passage
    asked = _NAMED.search(question.text)
    known = question.aside | term_set(evidence.documents[passage.document_id].label)
    return asked is not None and {*question.terms} <= term_set(asked[0]) | known


def is_absent(evidence: Evidence) -> bool:
    """Tell whether a question asks for a part by its number of which the best quote knows nothing."""
    asked, best = _NAMED.search(evidence.question.text), evidence.units[0]
    if asked is None or not asks_whole(evidence):
        return False
    return not is_named(best, asked[0]) and asked[0].lower() not in best.text.lower()


def whole(evidence: Evidence) -> list[Claim]:
    """Return what a part says, in its order, where a question names it by its number and asks no more."""
    if not asks_whole(evidence) or not is_named(evidence.units[0], evidence.question.text):
        return []
    told = _of_meant(evidence.units, evidence.question, evidence.documents)
    told.sort(key=lambda unit: (unit.citation.passage.ordinal, unit.citation.start))
    return [_quoted(unit.citation) for unit in told[:MOST_QUOTES]]


def asked_part(evidence: Evidence) -> list[Claim]:
    """Return the heading of the part that a question asks for, and the best quote under it.

    Empty where no heading with such a number says what the question is about.
    """
    asked = _ASKED.search(evidence.question.text)
    if asked is None:
        return []
    about = {*evidence.question.terms} - term_set(asked[1])
    for unit in evidence.units:
        heading = _heading(unit)
        if heading and _bears(heading.quote, asked[1], r"\d+") and about <= term_set(heading.quote):
            return [_quoted(heading), _quoted(unit.citation)]
    return []


def _quoted(citation: Citation) -> Claim:
    return Claim(citation.quote, (citation,), "quoted", "sentence")


def _heading(unit: Unit) -> Citation | None:
    """Return the last heading before a quote in its passage."""
    passage = unit.citation.passage
    over = [s for s in passage.spans if s.kind == "heading" and s.end <= unit.citation.start]
    return Citation(passage, over[-1].start, over[-1].end) if over else None


def _stands_in(unit: Unit, number: str) -> bool:
    """Tell whether a quote begins with a number, or stands under a heading or item that does."""
    if _is_under([*unit.citation.passage.heading_path, unit.lead], number):
        return True
    return unit.kind == "list_item" and _bears(unit.text, _PART, re.escape(number))


def _is_under(over: Sequence[str], number: str) -> bool:
    return any(_bears(text, _PART, re.escape(number)) for text in over)


def _bears(text: str, part: str, number: str) -> bool:
    return bool(re.match(rf"\W*(?:(?:{part})\s)?{number}(?:\.\d+)*(?!\w)", text, re.I))
