"""Where sources disagree.

Compared are the expansions of an acronym and the acronyms of one name, a stated count and its list, the
years of one date, the figures of two sentences that say the same otherwise, and the two answers that a
question offers ("X or Y?") where each has a quote of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import combinations, product

from kb.answering.answer_types import same_date
from kb.answering.evidence import Evidence, Unit
from kb.answering.question import Question
from kb.answering.subjects import differ_in_number, other_subject
from kb.lexicon import definitions
from kb.retrieval.relevance import term_set
from kb.retrieval.shelf import Shelf
from kb.text import NUMBER_WORDS, normalise, sentences, terms
from kb.types import Citation, Claim, Conflict, Passage

_MONTHS = "January February March April May June July August September October November December"
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:\s*[-–]\s*\d{{1,2}})?\s+({_MONTHS.replace(' ', '|')})\s+((?:19|20)\d\d)\b"
)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.I)
# "TAC (Tender Approval Committee)": its initials are checked besides.
_EXPANDED = re.compile(r"\b([A-Z]{2,8}) \(([A-Z][\w’'-]*(?: [\w’'-]+){1,9})\)")
# The best quotes that are compared with the cited ones.
COMPARED = 30
# A quote with one of the answers that a question offers covers so much of the rest of the question.
ABOUT = 0.5
# "three-fold", "four (4)", "six elements": a count of what follows, not of years or people.
_COUNT = re.compile(
    rf"\b({'|'.join(NUMBER_WORDS)}|\d{{1,2}})(?:[ -]?fold\b|\s*\(\d+\)"
    r"|\s+(?:[a-z-]+\s){0,2}(?:objectives|steps|elements|pillars|levels|functions|components|questions|categories"
    r"|areas|controls|principles|outcomes|items|points|kinds|types|parts|approaches|dimensions|prerequisites)\b)",
    re.I,
)


def conflicts(evidence: Evidence, claims: Sequence[Claim]) -> list[Conflict]:
    """Return the disagreements that touch the claims, or what the question names."""
    passages = [hit.passage for hit in evidence.hits]
    cited = {citation for claim in claims for citation in claim.citations}
    found = [
        *_expansions(evidence.question.text, passages),
        *_short_forms(evidence.question.text, passages),
        *_counts(claims),
        *_years(evidence.question, cited, passages),
        *_figures(evidence.units, cited, evidence.documents),
    ]
    # Both offered answers are as a rule one of the above already.
    return found or list(_offered(evidence))


def _expansions(question: str, passages: Sequence[Passage]) -> Iterator[Conflict]:
    """Find what an acronym of the question is written out as, where that differs."""
    asked = set(re.findall(r"\b[A-Z]{2,8}\b", question))
    found: dict[str, dict[str, dict[str, Citation]]] = defaultdict(lambda: defaultdict(dict))
    for passage in passages:
        for acronym, start, end in _definitions(passage.text):
            if acronym in asked:
                quotes = found[acronym][normalise(passage.text[start:end])]
                quotes.setdefault(passage.document_id, _sentence_at(passage, start))
    for acronym, by_name in found.items():
        if len({tuple(terms(name)) for name in by_name}) > 1:
            names = " and ".join(f"“{name}”" for name in by_name)
            cited = tuple(quote for by_document in by_name.values() for quote in by_document.values())
            yield Conflict(f"{acronym} is written out as {names}.", cited)


@lru_cache(maxsize=4096)
def _definitions(text: str) -> tuple[tuple[str, int, int], ...]:
    """Return what `definitions` finds, and expansions in brackets; remembered, for a passage is read often.

    >>> [(a, text[i:j]) for text in ("TAC (Tender Approval Committee)",) for a, i, j in _definitions(text)]
    [('TAC', 'Tender Approval Committee')]
    """
    after = (m for m in _EXPANDED.finditer(text) if "".join(re.findall(r"\b[A-Z]", m[2])) == m[1])
    return (*definitions(text), *((m[1], *m.span(2)) for m in after)) if "(" in text else ()


def _sentence_at(passage: Passage, at: int) -> Citation:
    """Quote the sentence, heading, item or row of a passage that holds a place in its text."""
    span = next((s for s in passage.spans if s.start <= at < s.end), None)
    start, end = (span.start, span.end) if span else (0, len(passage.text))
    for a, b in sentences(passage.text[start:end]):
        if start + a <= at < start + b:
            return Citation(passage, start + a, start + b)
    return Citation(passage, start, end)


def _counts(claims: Sequence[Claim]) -> Iterator[Conflict]:
    """Compare the count that a lead-in states with the items that follow it."""
    lead, items = (
        next((c for c in claims if c.layout == "lead"), None),
        [c for c in claims if c.layout == "item"],
    )
    counts = list(_COUNT.finditer(lead.text)) if lead else []
    if lead is None or len(counts) != 1 or not items:
        return
    stated = counts[0]
    word = stated.group(1).lower()
    if int(NUMBER_WORDS.get(word, word)) not in (len(items), 0, 1):
        quotes = (_part(lead.citations[0], lead.text), _part(items[-1].citations[0], items[-1].text))
        yield Conflict(f"The lead-in says {stated.group()}, but {len(items)} items follow.", quotes)


def _part(citation: Citation, text: str) -> Citation:
    """Quote the last place of a text within a longer quote."""
    at = citation.passage.text.rindex(text, citation.start, citation.end)
    return Citation(citation.passage, at, at + len(text))


def _years(question: Question, cited: Iterable[Citation], found: Sequence[Passage]) -> Iterator[Conflict]:
    """Find one day and month that a passage puts in different years, where the answer touches on it.

    Passages that were found beside the cited ones count if the answer gives that day itself.
    """
    cited = list(cited)
    own = dict.fromkeys(citation.passage for citation in cited)
    documents = {passage.document_id for passage in own}
    days = {match.groups()[:2] for citation in cited for match in _DATE.finditer(citation.quote)}
    told = set[tuple[str, str]]()
    for passage in dict.fromkeys((*own, *(p for p in found if p.document_id in documents))):
        dated: dict[tuple[str, str], dict[str, Citation]] = defaultdict(dict)
        for match in _DATE.finditer(passage.text):
            day, month, year = match.groups()
            dated[day, month].setdefault(year, _sentence_at(passage, match.start()))
        for (day, month), by_year in dated.items():
            quotes = set(by_year.values())
            near = passage in own and any(_touches(question, q, c) for q in quotes for c in cited)
            # Two years in one sentence are a range or a comparison, not a disagreement.
            touched = (near or (day, month) in days) and (day, month) not in told
            if len(by_year) > 1 and len(quotes) > 1 and touched:
                told.add((day, month))
                years = " and ".join(sorted(by_year))
                summary = f"{day} {month} is given as {years}.{_likelier(day, month, by_year)}"
                yield Conflict(summary, tuple(by_year.values()))


def _touches(question: Question, dated: Citation, said: Citation) -> bool:
    """Tell whether an answer's quote rests on a dated one, or gives what may be the same date."""
    return dated.overlaps(said) or (question.kind == "date" and same_date(dated.quote, said.quote))


def _likelier(day: str, month: str, found: Mapping[str, Citation]) -> str:
    """Say which year is likelier, where a quote names the day of the week and the calendar bears it out."""
    number = _MONTHS.split().index(month) + 1
    for year, citation in found.items():
        said = _WEEKDAY.search(citation.quote)
        try:
            weekday = f"{date(int(year), number, int(day)):%A}"
        except ValueError:
            continue
        if said and said.group().title() == weekday:
            return f" {year} is likelier: {day} {month} {year} was a {weekday}, as one of the quotes says."
    return ""


def _figures(ranked: Sequence[Unit], cited: Collection[Citation], documents: Shelf) -> Iterator[Conflict]:
    """Find sentences that say the same as a cited one but for a number, of the same subject."""
    said, others = list[Unit](), list[Unit]()
    for place, unit in enumerate(ranked):
        if unit.kind == "paragraph":
            if any(quote.holds(unit.citation) for quote in cited):
                said.append(unit)
            elif place < COMPARED:
                others.append(unit)
    for one, other in (*product(said, others), *combinations(said, 2)):
        apart = other_subject(one.citation.passage, other.citation.passage, documents)
        if not apart and differ_in_number(one.text, other.text):
            yield Conflict("Two sources give different figures.", (one.citation, other.citation))
            return


def _short_forms(question: str, passages: Sequence[Passage]) -> Iterator[Conflict]:
    """Find the acronyms of one name, where the question asks for one of them."""
    asked = set(re.findall(r"\b[A-Z]{2,8}\b", question))
    found: dict[tuple[str, ...], dict[str, Citation]] = defaultdict(dict)
    for passage in passages:
        for acronym, start, end in _definitions(passage.text):
            name = tuple(terms(passage.text[start:end]))
            found[name].setdefault(acronym, _sentence_at(passage, start))
    for quotes in found.values():
        if len(quotes) > 1 and asked & {*quotes}:
            yield Conflict(f"One name is shortened to {' and '.join(quotes)}.", tuple(quotes.values()))


def _offered(evidence: Evidence) -> Iterator[Conflict]:
    """Find a quote for each of the two answers that a question offers, about what it asks."""
    choices = evidence.question.choices
    if not choices:
        return
    topic = evidence.relevance.of([term for term in evidence.question.terms if term not in choices])
    about = [
        unit
        for unit in evidence.units
        if topic.coverage(unit.text, unit.context, unit.citation.passage.text, lead=unit.over) >= ABOUT
    ]
    # A quote with both is no disagreement: it says itself how they go together.
    only = [[u for u in about if {*choices} & term_set(u.text) == {choice}] for choice in choices]
    if all(only):
        yield Conflict(
            "The documents speak of both; read each in its place.",
            tuple(units[0].citation for units in only),
        )
