"""Whether the question can mean more than one thing: decided from the evidence alone.

A short question whose every term is met equally well in different sections,
by quotes that say different things, has that many readings. So has one about
"Figure 12" where there are two of them (`kb.answering.labels`), and one that two
documents answer under the same heading, as notes on two workshops do. A name in
the question says which of them is meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from kb.answering.answer_types import has_type, same_date, values
from kb.answering.choice import is_front_matter
from kb.answering.conversation import leans
from kb.answering.evidence import Evidence, Unit
from kb.answering.labels import (
    FULL,
    ONE_MEANING,
    SAME,
    distinct,
    item_names,
    of_one_item,
    of_one_label,
    of_one_number,
    same_words,
)
from kb.answering.question import BARE, Question
from kb.retrieval.relevance import term_set
from kb.types import Citation, Document, Hit, Option

# Where the best quote is less likely to answer, no reading does.
LIKELY = 0.5
# More terms than this pin a question down.
MOST_TERMS = 3
# Every reading scores this share of the best one's score,
NEAR_BEST = 0.7
# and covers this share of what the best one covers.
AS_GOOD = 0.95
# Headings that share this many of their words are one heading.
SAME_HEADING = 0.6
# A section of so many characters is shown whole.
SHORT_SECTION = 500
MOST_OPTIONS = 4
# Passages that share this many of their words say the same of two things.
SAME_SECTION = 0.85
# "(i) policy, (ii) platform": a list within a sentence.
_ENUMERATES = re.compile(r"\((?:i|1|a)\).+\((?:ii|2|b)\)", re.S)
# Reasons add up, they are no readings.
_REASON = re.compile(r"\b(?:why|pourquoi)\b", re.I)
# "what is the agenda?" asks for the agenda of some event, "what is an agenda?" for the word.
_ITS_OWN = re.compile(r"\b(?:the|our|your|this|these)\b", re.I)


def readings(evidence: Evidence) -> list[Option]:
    """Return the readings of an ambiguous question, best first; empty if it has one meaning."""
    question = evidence.question
    if question.aside or not evidence.units:
        return []
    found = of_one_label(evidence)
    if not found and evidence.likely < LIKELY:
        return []
    found = found or of_one_number(evidence)
    pinned = _named(evidence)
    if not found and not _of_a_term(evidence):
        found = (not pinned and _parallel(evidence)) or of_one_item(evidence)
    several = question.kind not in ONE_MEANING and not _REASON.search(question.text)
    if not found and several and len(question.terms) <= MOST_TERMS:
        found = _equal(evidence)
        if pinned and not all(question.names <= _about(citation) for citation in found):
            found = []
    return [_option(evidence, citation) for citation in found[:MOST_OPTIONS]]


def _named(evidence: Evidence) -> bool:
    """Tell whether the question names a thing, by more than the words of the heading that answers it."""
    return not evidence.question.names <= _heading(evidence.hits[0])


def _about(citation: Citation) -> frozenset[str]:
    """Return the terms of a passage and its headings: a name that all readings have tells none apart."""
    return term_set(" ".join((citation.passage.text, *citation.passage.heading_path)))


def _of_a_term(evidence: Evidence) -> bool:
    """Tell whether it asks what a term means, or compares, and not for what each document has its own of."""
    question = evidence.question
    if question.kind not in ("definition", "expansion"):
        return question.kind == "comparison"
    best, bare = evidence.units[0], len(question.text.split()) <= BARE
    its_own = _ITS_OWN.match(best.text) if bare else _ITS_OWN.search(question.text)
    return (best.typed or not bare) and not its_own


def _parallel(evidence: Evidence) -> list[Citation]:
    """Return the best quote of each document that answers under the same heading as the best hit does."""
    question, best = evidence.question, evidence.hits[0]
    own = _heading(best)
    if not own or is_front_matter(best.passage.heading_path[-1]):
        return []
    near = [hit for hit in evidence.hits if hit.score >= NEAR_BEST * best.score]
    alike = [hit for hit in near if _alike(own, _heading(hit))]
    one_each = list({hit.passage.document_id: hit for hit in reversed(alike)}.values())[::-1]
    if len(one_each) < 2 or _distinguishes(question, one_each, evidence.documents):
        return []
    if len(question.terms) > MOST_TERMS and evidence.coverage < FULL:
        return []
    found = [quote for hit in one_each if (quote := _best_of(hit, evidence.units))]
    different = distinct(found, lambda one, other: _same_section(evidence, one, other))
    return different if len(different) > 1 else []


def _same_section(evidence: Evidence, one: Citation, other: Citation) -> bool:
    """Tell whether sections of two documents say the same; under one heading they may be much alike."""
    if term_set(one.passage.heading_path[-1]) == term_set(other.passage.heading_path[-1]):
        return _alike(_said(one), _said(other), SAME_SECTION)
    lists = [
        [e for e in evidence.lists if e.items[0].passage.id == quote.passage.id] for quote in (one, other)
    ]
    listed = any(_alike(item_names(a), item_names(b), SAME) for a in lists[0] for b in lists[1])
    return listed or _alike(_said(one), _said(other))


def _heading(hit: Hit) -> frozenset[str]:
    """Return the terms of the heading over a passage; a document's title is no heading."""
    return term_set(hit.passage.heading_path[-1]) if hit.passage.heading_path else frozenset()


def _alike(one: Collection[str], other: Collection[str], share: float = SAME_HEADING) -> bool:
    """Tell whether two sets of terms are nearly the same set."""
    return len({*one} & {*other}) >= share * len({*one} | {*other}) > 0


def _distinguishes(question: Question, near: Sequence[Hit], documents: Mapping[str, Document]) -> bool:
    """Tell whether a term of the question stands in some of the passages, or their titles, only."""
    texts = [term_set(f"{documents[hit.passage.document_id].label}\n{hit.passage.text}") for hit in near]
    return any(0 < sum(term in text for text in texts) < len(texts) for term in question.terms)


def _said(citation: Citation) -> frozenset[str]:
    passage = citation.passage
    spans = (span for span in passage.spans if span.kind != "heading")
    return term_set(" ".join(passage.text[span.start : span.end] for span in spans))


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
    units = evidence.units if vague else _near(evidence)
    candidates = _lists(evidence) if question.wants_list else _units(units)
    best = max((coverage for coverage, _ in candidates), default=0.0)
    near = [citation for coverage, citation in candidates if vague or coverage >= AS_GOOD * best]
    different = distinct(near, lambda one, other: _same(evidence, one, other))
    return different if len(different) > 1 and (best >= FULL or vague) else []


def _near(evidence: Evidence) -> list[Unit]:
    """Return the quotes of the years asked for; of a thing that is named, those found nearly as surely."""
    question, units = evidence.question, evidence.units
    years = {term for term in question.terms if re.fullmatch(r"\d{4}", term)}
    least = NEAR_BEST * units[0].retrieval if question.names else 0.0
    near = (unit for unit in units if unit.retrieval >= least)
    return [unit for unit in near if years <= term_set(f"{unit.text} {unit.over} {unit.context}")]


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


def _same(evidence: Evidence, one: Citation, other: Citation) -> bool:
    """Tell whether two quotes give the same answer.

    So do lists of one section or with the same items, other quotes of one
    document that count nothing, and quotes with the same dates or numbers or
    mostly the same words.
    """
    question, here, there = evidence.question, one.passage, other.passage
    listed = [e for quote in (one, other) for e in evidence.lists if (e.lead or e.items[0]).holds(quote)][:2]
    apart = here.document_id != there.document_id or here.heading_path != there.heading_path
    if not apart or (here.document_id == there.document_id and not question.wants_list):
        # "The four questions are:" in one section, "The seven questions are:" in another.
        lists = apart and question.counted and all(quote.quote.endswith(":") for quote in (one, other))
        return not (lists and _counts_differ(question, one, other))
    if (
        question.wants_list
        and len(listed) == 2
        and _alike(item_names(listed[0]), item_names(listed[1]), SAME)
    ):
        return True
    if question.kind == "date":
        return same_date(one.quote, other.quote)
    if has_type(question.kind):
        return not _counts_differ(question, one, other)
    return same_words(one.quote, other.quote)


def _counts_differ(question: Question, one: Citation, other: Citation) -> bool:
    return values(question.kind, one.quote).isdisjoint(values(question.kind, other.quote))


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
