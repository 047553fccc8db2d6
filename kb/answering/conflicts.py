"""Where sources disagree: expansions of an acronym, stated counts and their lists, years of one date."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from kb.answering.evidence import Evidence
from kb.lexicon import definitions
from kb.text import NUMBER_WORDS, normalise, sentences, terms
from kb.types import Citation, Claim, Conflict, Passage

_MONTHS = "January February March April May June July August September October November December"
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:\s*[-–]\s*\d{{1,2}})?\s+({_MONTHS.replace(' ', '|')})\s+((?:19|20)\d\d)\b"
)
# "three-fold", "four (4)", "six elements": a count of what follows, not of years or people.
_COUNT = re.compile(
    rf"\b({'|'.join(NUMBER_WORDS)}|\d{{1,2}})(?:[ -]?fold\b|\s*\(\d+\)"
    r"|\s+(?:[a-z-]+\s){0,2}(?:objectives|steps|elements|pillars|levels|functions|components|questions|categories"
    r"|areas|controls|principles|outcomes|items|points|kinds|types|parts|approaches|dimensions|prerequisites)\b)",
    re.I,
)


def conflicts(evidence: Evidence, claims: Sequence[Claim]) -> list[Conflict]:
    """Return the disagreements that touch the claims, or the acronyms the question names."""
    passages = [hit.passage for hit in evidence.hits]
    cited = dict.fromkeys(citation.passage for claim in claims for citation in claim.citations)
    return [*_expansions(evidence.question.text, passages), *_counts(claims), *_years(cited)]


def _expansions(question: str, passages: Sequence[Passage]) -> Iterator[Conflict]:
    """Find what an acronym of the question is written out as, where that differs."""
    asked = set(re.findall(r"\b[A-Z]{2,8}\b", question))
    found: dict[str, dict[str, dict[str, Citation]]] = defaultdict(lambda: defaultdict(dict))
    for passage in passages:
        for acronym, start, end in definitions(passage.text):
            if acronym in asked:
                quotes = found[acronym][normalise(passage.text[start:end])]
                quotes.setdefault(passage.document_id, _sentence_at(passage, start))
    for acronym, by_name in found.items():
        if len({tuple(terms(name)) for name in by_name}) > 1:
            names = " and ".join(f"“{name}”" for name in by_name)
            cited = tuple(quote for by_document in by_name.values() for quote in by_document.values())
            yield Conflict(f"{acronym} is written out as {names}.", cited)


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
        quotes = (*lead.citations, *items[-1].citations)
        yield Conflict(f"The lead-in says {stated.group()}, but {len(items)} items follow.", quotes)


def _years(passages: Iterable[Passage]) -> Iterator[Conflict]:
    """Find one day and month that a passage puts in different years."""
    for passage in passages:
        dated: dict[tuple[str, str], dict[str, Citation]] = defaultdict(dict)
        for match in _DATE.finditer(passage.text):
            day, month, year = match.groups()
            dated[day, month].setdefault(year, _sentence_at(passage, match.start()))
        for (day, month), found in dated.items():
            # Two years in one sentence are a range or a comparison, not a disagreement.
            if len(found) > 1 and len(set(found.values())) > 1:
                years = " and ".join(sorted(found))
                yield Conflict(f"{day} {month} is given as {years}.", tuple(found.values()))
