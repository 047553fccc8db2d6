"""Whether the question can mean more than one thing: decided from the evidence alone.

A short question whose every term is met equally well in different sections,
by quotes that say different things, has that many readings. So has one about
"Figure 12" where there are two of them, and one that two documents answer
under the same heading, as notes on two workshops do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from kb.answering.answer_types import has_type, same_date, values
from kb.answering.conversation import leans
from kb.answering.evidence import Evidence, Unit
from kb.answering.question import BARE, Question
from kb.retrieval.relevance import term_set
from kb.text import terms
from kb.types import Citation, Document, Hit, Option

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
# Headings that share this many of their words are one heading.
SAME_HEADING = 0.6
# A section of so many characters is shown whole.
SHORT_SECTION = 500
MOST_OPTIONS = 4
# A comparison names its sides, and documents that define one term agree on what is meant.
ONE_MEANING = ("comparison", "definition", "expansion")
# "(i) policy, (ii) platform": a list within a sentence.
_ENUMERATES = re.compile(r"\((?:i|1|a)\).+\((?:ii|2|b)\)", re.S)
# "what is the agenda?" asks for the agenda of some event, "what is an agenda?" for the word.
_ITS_OWN = re.compile(r"\b(?:the|our|your|this|these)\b", re.I)
_LABELLED = re.compile(r"\b(figure|fig\.|table|annex|box|chapter)\s+(\d+)\b", re.I)


def readings(evidence: Evidence) -> list[Option]:
    """Return the readings of an ambiguous question, best first; empty if it has one meaning."""
    question = evidence.question
    if question.aside or not evidence.units:
        return []
    found = _of_one_label(evidence)
    if not found and not _of_a_term(evidence) and len(question.terms) <= MOST_TERMS:
        found = _parallel(evidence)
    if not found and question.kind not in ONE_MEANING and len(question.terms) <= MOST_TERMS:
        found = _equal(evidence)
    return [_option(evidence, citation) for citation in found[:MOST_OPTIONS]]


def _of_one_label(evidence: Evidence) -> list[Citation]:
    """Return the captions of different figures or tables that bear the label asked for."""
    asked = _LABELLED.search(evidence.question.text)
    if asked is None:
        return []
    name = r"fig(?:ure|\.)" if asked.group(1).lower().startswith("fig") else asked.group(1)
    label = re.compile(rf"^\W*{name}\s+{asked.group(2)}\b", re.I)
    captions = [unit.citation for unit in evidence.units if label.search(unit.text)]
    distinct = _distinct(captions, lambda one, other: set(terms(one.quote)) == set(terms(other.quote)))
    named = [c for c in distinct if _more_than_label(evidence.question, c, evidence.documents)]
    return distinct if len(distinct) > 1 and not named else []


def _more_than_label(question: Question, citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Tell whether the question names what a figure shows, or the document that it is in."""
    label = set(terms(" ".join(_LABELLED.search(question.text).groups())))  # type: ignore[union-attr]
    title = documents[citation.passage.document_id].title
    return bool((set(question.terms) - label) & {*terms(citation.quote), *terms(title)})


def _of_a_term(evidence: Evidence) -> bool:
    """Tell whether it asks what a term means, or compares, and not for what each document has its own of."""
    question = evidence.question
    if question.kind not in ("definition", "expansion"):
        return question.kind == "comparison"
    best, bare = evidence.units[0], len(question.text.split()) <= BARE
    its_own = _ITS_OWN.match(best.text) if bare else _ITS_OWN.search(question.text)
    return best.typed and not its_own


def _parallel(evidence: Evidence) -> list[Citation]:
    """Return the best quote of each document that answers under the same heading as the best hit does."""
    question, best = evidence.question, evidence.hits[0]
    own = _heading(best)
    near = [hit for hit in evidence.hits if hit.score >= NEAR_BEST * best.score]
    alike = [hit for hit in near if _alike(own, _heading(hit))]
    one_each = list({hit.passage.document_id: hit for hit in reversed(alike)}.values())[::-1]
    if len(one_each) < 2 or not own or _distinguishes(question, one_each, evidence.documents):
        return []
    found = [quote for hit in one_each if (quote := _best_of(hit, evidence.units))]
    distinct = _distinct(found, lambda one, other: _alike(_said(one), _said(other)))
    return distinct if len(distinct) > 1 else []


def _heading(hit: Hit) -> frozenset[str]:
    """Return the terms of the heading over a passage; a document's title is no heading."""
    return term_set(hit.passage.heading_path[-1]) if hit.passage.heading_path else frozenset()


def _alike(one: Collection[str], other: Collection[str]) -> bool:
    """Tell whether two sets of terms are nearly the same set."""
    return len({*one} & {*other}) >= SAME_HEADING * len({*one} | {*other}) > 0


def _distinguishes(question: Question, hits: Sequence[Hit], documents: Mapping[str, Document]) -> bool:
    """Tell whether a term of the question stands in some of the passages, or their titles, only."""
    texts = [term_set(f"{documents[hit.passage.document_id].label}\n{hit.passage.text}") for hit in hits]
    return any(0 < sum(term in text for text in texts) < len(texts) for term in question.terms)


def _said(citation: Citation) -> frozenset[str]:
    return term_set(citation.passage.text)


def _best_of(hit: Hit, ranked: Sequence[Unit]) -> Citation | None:
    """Return what a passage says if it is short, or else the quote of it that answers best."""
    said = [span for span in hit.passage.spans if span.kind != "heading"]
    if said and said[-1].end - said[0].start <= SHORT_SECTION:
        return Citation(hit.passage, said[0].start, said[-1].end)
    own = [unit for unit in ranked if unit.citation.passage.id == hit.passage.id]
    best = max(own, key=lambda unit: (unit.typed, unit.score), default=None)
    return best.citation if best else None


def _equal(evidence: Evidence) -> list[Citation]:
    """Return quotes of different sections that meet the whole question equally well."""
    question = evidence.question
    vague = leans(question.text) and not any(term.isalpha() for term in question.terms)
    candidates = _lists(evidence) if question.wants_list else _units(evidence.units)
    best = max((coverage for coverage, _ in candidates), default=0.0)
    near = [citation for coverage, citation in candidates if vague or coverage >= AS_GOOD * best]
    distinct = _distinct(near, lambda one, other: _same(question, one, other))
    return distinct if len(distinct) > 1 and (best >= FULL or vague) else []


def _units(ranked: Sequence[Unit]) -> list[tuple[float, Citation]]:
    near = [unit for unit in ranked if unit.typed and unit.score >= NEAR_BEST * ranked[0].score]
    return [(unit.coverage, unit.citation) for unit in near]


def _lists(evidence: Evidence) -> list[tuple[float, Citation]]:
    cover = evidence.relevance.coverage
    found = [
        (cover(entry.counted_label, entry.context), entry.lead or entry.items[0]) for entry in evidence.lists
    ]
    inline = [u for u in evidence.units if u.kind == "paragraph" and _ENUMERATES.search(u.text)]
    found += [(cover(unit.text, unit.context), unit.citation) for unit in inline]
    return sorted(found, key=lambda pair: -pair[0])


def _distinct(citations: Iterable[Citation], same: Callable[[Citation, Citation], bool]) -> list[Citation]:
    distinct: list[Citation] = []
    for citation in citations:
        if not any(same(citation, seen) for seen in distinct):
            distinct.append(citation)
    return distinct


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
    return _same_words(one.quote, other.quote)


def _same_words(one: str, other: str) -> bool:
    a, b = set(terms(one)), set(terms(other))
    return len(a & b) > SAME * min(len(a), len(b))


def _option(evidence: Evidence, citation: Citation) -> Option:
    """Return a reading; one that a list answers is quoted with the whole list."""
    question = evidence.question
    whole = (entry.quotes for entry in evidence.lists if citation in (entry.lead, entry.items[0]))
    quotes = next(whole, (citation,))
    title = evidence.documents[citation.passage.document_id].title
    section = citation.passage.heading_path[-1] if citation.passage.heading_path else ""
    label = f"{section}, in “{title}”" if section and section != title else title
    meant = re.sub(r"[()]", "", f"{section}, {title}" if section else title)
    return Option(label, f"{question.text.rstrip('? ')} ({meant})?", quotes)
