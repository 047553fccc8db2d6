"""Passages -> the few quotes that make a section: a list cut short, and sentences that stand alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from kb.answering.evidence import Evidence, Listing, Unit
from kb.answering.extractive import quoted
from kb.briefs.lists import OF_ITSELF, lead_of, number_of, rejoined, shortened, words_of
from kb.briefs.survey import Survey
from kb.briefs.theme import Theme
from kb.retrieval.relevance import term_set
from kb.text import words
from kb.types import Citation, Claim

Fits = Callable[[Unit], object]

SECTION_WORDS = 170
MOST_SENTENCES = 4
# In a section on the topic a quote covers this share of it, as a list with what stands over it does.
COVERS, LIST_COVERS = 0.5, 0.6
# In any other it covers so much by itself, as an item that is quoted alone does everywhere.
SPEAKS, ITEM_ITSELF = 0.75, 0.8
# What answers a standard question covers so much with its headings, and so much without.
ON_TOPIC, ITSELF = 0.75, 0.4
FEWEST_ITEMS, MOST_ITEMS, MOST_ROWS = 3, 15, 8
# A sentence with this share of its words in one said before says nothing new.
SAID = 0.75
# Of a list that is quoted, that share is new: it is quoted whole or not at all.
MOSTLY_NEW = 0.6
FEWEST_WORDS = 5
# The sentence that opens a section says what it is about, whatever its words.
OPENING = 0.3
# What leans on a sentence before it cannot be quoted alone.
_LEANS = re.compile(
    r"^\W*(?:(?:it|they|its|their|this|these|those|that|he|she|both|such|there|here|then|thus|however|also|but|and"
    r"|or|so|for example|in addition|moreover|furthermore|therefore|in this|for this|elsewhere"
    r"|another|other|others|one|some|the (?:former|latter|same|second|third|other|following|source|guidelines"
    r"|note|sheet|figure|table|footnote))\b)"
    r"|^\W*(?:\w+\W+){1,12}(?:these|those|they|this|however|that (?:is|was))\b|\bof them\b",
    re.I,
)
# Rows that say on which page something stands, and nothing of it.
_OF_PAGES = re.compile(r"\bpages?\b", re.I)
# What ends without a full stop may be a line of a page's head or foot.
_SENTENCE = re.compile(r"[.!;](?:(?![.!;])[\W\d])*+$")
_LEADS_ON = re.compile(
    r"\W*(?!it (?:is|was) \w+ (?:that|to)\b)(?:its?|they|their|these|those|this|he|she)\b", re.I
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_FRAGMENT = re.compile(r"^\W*(?:\w{1,3}[.)]\s*)?[a-z]")


@dataclass(slots=True)
class Said:
    """What a brief has said so far: nothing is said twice."""

    texts: list[frozenset[str]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def is_new(self, text: str) -> bool:
        """Tell whether a text says what no earlier one did."""
        own = term_set(text)
        return not any(len(own & other) >= SAID * max(1, min(len(own), len(other))) for other in self.texts)

    def add(self, claims: Iterable[Claim]) -> None:
        """Remember what is said."""
        for claim in claims:
            self.claims.append(claim)
            if len(term_set(claim.text)) > 2:
                self.texts.append(term_set(claim.text))


def quotes(
    evidence: Evidence, found: Survey, said: Said, fits: Fits | None = None, among: int = MOST_SENTENCES
) -> list[list[Claim]]:
    """Return what to quote of the evidence's passages: groups of claims, each of one document, in its order.

    With `fits`, only sentences, items and rows that fit, and no whole list.
    """
    groups: list[list[Claim]] = []
    budget = SECTION_WORDS
    listing = None if fits else _best_list(evidence, found, said)
    if listing is not None:
        groups.append(shortened(listing))
        said.add(groups[0])
        budget -= words_of(groups[0])
    # Of a table that was quoted elsewhere nothing more is.
    tables = {claim.text for claim in said.claims if claim.layout == "lead"}
    chosen: list[Unit] = []
    for unit in _ranked(evidence, found, fits):
        length = len(unit.text.split())
        if unit.kind == "table_row" and unit.lead in tables:
            continue
        if len(chosen) < among and length <= max(budget, 0) and said.is_new(unit.text):
            chosen.append(unit)
            said.add(quoted(unit))
            budget -= length
    chosen.sort(key=lambda unit: evidence_order(unit, evidence))
    return [*_by_document([quoted(unit) for unit in chosen]), *groups]


def _ranked(evidence: Evidence, found: Survey, fits: Fits | None) -> list[Unit]:
    """Return the units that speak of the topic or open a section on it, best first."""
    first: dict[str, int] = {}
    for unit in evidence.units:
        key, at = unit.citation.passage.id, unit.citation.start
        first[key] = min(first.get(key, at), at)
    ranked = []
    for unit in evidence.units:
        opens = unit.kind == "paragraph" and unit.citation.start == first[unit.citation.passage.id]
        if (fits(unit) if fits else _belongs(unit, found, opens=opens)) and quotable(unit):
            ranked.append((round(unit.score + OPENING * (opens and not fits), 2), unit))
    return [unit for _, unit in sorted(ranked, key=lambda pair: (-pair[0], -_latest(pair[1])))]


def _latest(unit: Unit) -> int:
    """Return the last year that a row is about: of rows as good, the newest comes first."""
    years = _YEAR.findall(unit.text) if unit.kind == "table_row" else []
    return max(map(int, years), default=0)


def _belongs(unit: Unit, found: Survey, *, opens: bool) -> bool:
    """Tell whether a unit belongs into a section on the topic: by its own words, or by its place."""
    if unit.kind == "list_item":
        return found.theme.speaks(unit.text) >= ITEM_ITSELF
    if unit.kind == "table_row":
        return speaks(unit, found)
    if not _SENTENCE.search(unit.text):
        return speaks(unit, found)
    on = found.is_on(unit.citation.passage) and (opens or unit.coverage >= COVERS)
    return on or speaks(unit, found)


def speaks(unit: Unit, found: Survey) -> bool:
    """Tell whether a unit speaks of the topic by its own words and those of its lead-in.

    A row is about what its first cell names.
    """
    if unit.kind == "table_row":
        return found.theme.speaks(unit.text.partition("\t")[0], unit.lead) >= SPEAKS
    return found.theme.speaks(unit.text, unit.over) >= SPEAKS


def answers_facet(unit: Unit, found: Survey) -> bool:
    """Tell whether a unit speaks of the topic itself, and not only its headings or neighbours do."""
    if not found.is_on(unit.citation.passage):
        return speaks(unit, found)
    cover = found.theme.coverage
    itself = cover(unit.text, lead=unit.lead) >= ITSELF
    return itself and cover(unit.text, unit.context, lead=unit.lead) >= ON_TOPIC


def quotable(unit: Unit) -> bool:
    """Tell whether a unit can stand in a brief by itself, whatever it is about."""
    if unit.kind in ("heading", "caption") or (unit.kind == "table_row" and _OF_PAGES.search(unit.lead)):
        return False
    # What begins small, or is one of a list without saying so, is a part of a sentence.
    if unit.kind == "list_item" and _FRAGMENT.match(unit.text):
        return False
    return stands_alone(unit.text.strip())


def evidence_order(unit: Unit, evidence: Evidence) -> tuple[int, int, int]:
    """Return where a unit stands: documents as they were found, then reading order."""
    found = [hit.passage.document_id for hit in evidence.hits]
    passage = unit.citation.passage
    return found.index(passage.document_id), passage.ordinal, unit.citation.start


def _best_list(evidence: Evidence, found: Survey, said: Said) -> Listing | None:
    """Return the list that covers most of the topic, if one is on it, short enough, and new."""
    scored = [
        (_covered(entry, found.theme), entry)
        for entry in rejoined(evidence.lists)
        if _showable(entry, said) and _listed_on(entry, found)
    ]
    score, entry = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return entry if score >= LIST_COVERS else None


def _covered(entry: Listing, theme: Theme) -> float:
    """Return how much of the topic a list covers with what stands over it, even in other words."""
    covered = theme.coverage(entry.counted_label, entry.context)
    heading = " ".join(entry.items[0].passage.heading_path[-1:])
    return max(covered, theme.headed_by(heading))


def _listed_on(entry: Listing, found: Survey) -> bool:
    """Tell whether what leads a list in, or the section that it stands in, is on the topic."""
    heading = " ".join(entry.items[0].passage.heading_path[-1:])
    on = found.is_on(entry.items[0].passage)
    return on or found.theme.coverage(f"{lead_of(entry)} {heading} {len(entry.items)}") >= LIST_COVERS


def _showable(entry: Listing, said: Said) -> bool:
    """Tell whether a list can be quoted whole: short enough, most of it new, and led in by a sentence."""
    most = MOST_ITEMS if entry.kind == "list_item" else MOST_ROWS
    if not FEWEST_ITEMS <= len(entry.items) <= most or entry.lead is None or not said.is_new(entry.label):
        return False
    if entry.kind == "table_row" and _OF_PAGES.search(entry.label):
        return False
    if entry.kind == "list_item" and (number_of(entry.items[0]) > 1 or _LEADS_ON.match(lead_of(entry))):
        return False
    new = [said.is_new(item.quote) for item in entry.items]
    return sum(new) >= MOSTLY_NEW * len(new) and words_of(shortened(entry)) <= SECTION_WORDS


def stands_alone(text: str) -> bool:
    """Tell whether a sentence can be read without those before it, and is not about its own document.

    >>> stands_alone("RISA validates the action plan."), stands_alone("It is then sent to RISA.")
    (True, False)
    """
    whole = (
        len(words(text)) >= FEWEST_WORDS and not text.endswith(":") and "?" not in text and "://" not in text
    )
    return whole and not _LEANS.search(text) and not OF_ITSELF.search(text)


def _by_document(singles: Sequence[list[Claim]]) -> list[list[Claim]]:
    """Put neighbouring quotes of one document in one group; rows keep their own."""
    groups: list[list[Claim]] = []
    for claims in singles:
        last = groups[-1] if groups else []
        plain = all(claim.layout == "sentence" for claim in (*last, *claims))
        if last and plain and document_of(last) == document_of(claims):
            last.extend(claims)
        elif last and not plain and last[0] == claims[0]:
            last.extend(claims[1:])
        else:
            groups.append(list(claims))
    return groups


def by_itself(claim: Claim) -> Claim:
    """Return a claim that quotes its own words only, where its citation is of a whole list.

    >>> from kb.types import Passage
    >>> passage = Passage("p", "d", 0, "Duties: plan; report", (), None, None, 0, 20)
    >>> by_itself(Claim("report", (Citation(passage, 0, 20),))).citations[0].quote
    'report'
    """
    if claim.support != "quoted" or len(claim.citations) != 1:
        return claim
    [citation] = claim.citations
    at = citation.quote.find(claim.text)
    if at < 0 or claim.text == citation.quote:
        return claim
    start = citation.start + at
    return replace(claim, citations=(Citation(citation.passage, start, start + len(claim.text)),))


def document_of(claims: Sequence[Claim]) -> str:
    """Return the id of the document that the first of some claims cites."""
    return claims[0].citations[0].passage.document_id
