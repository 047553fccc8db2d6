"""Passages -> the few quotes that make a section: a list cut short, and sentences that stand alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from kb.answering.evidence import LISTED, Evidence, Listing, Unit
from kb.answering.extractive import quoted
from kb.retrieval.relevance import Relevance, term_set
from kb.text import sentences, words
from kb.types import Citation, Claim, Layout

SECTION_WORDS = 170
MOST_SENTENCES = 4
# A quote covers this share of the topic, as a list with what stands over it does.
COVERS, LIST_COVERS = 0.5, 0.6
# What answers a standard question covers so much with its headings, and so much without;
# an item that is quoted alone covers that much by itself.
ON_TOPIC, ITSELF, ITEM_ITSELF = 0.75, 0.4, 0.8
FEWEST_ITEMS, MOST_ITEMS, MOST_ROWS = 3, 15, 8
# A list of more words than this is quoted by the first sentence of each item, or by what it calls each.
LIST_WORDS, LABEL_WORDS = 110, 12
# A sentence with this share of its words in one said before says nothing new.
SAID = 0.75
FEWEST_WORDS = 5
# "The eight kinds are:" does not say what of.
SHORT_LEAD = 40
# The sentence that opens a section says what it is about, whatever its words.
OPENING = 0.3
# What leans on a sentence before it cannot be quoted alone.
_LEANS = re.compile(
    r"^\W*(?:(?:it|they|its|their|this|these|those|that|he|she|both|such|there|here|then|thus|however|also|but|and"
    r"|or|so|for example|in addition|moreover|furthermore|therefore|in this|for this|elsewhere"
    r"|another|other|others|one|some|the (?:former|latter|same|second|third|other|following|source|guidelines"
    r"|note|sheet|figure|table|footnote))\b)"
    r"|^\W*(?:\w+\W+){1,7}(?:these|those|they|this|however|that (?:is|was))\b|\bof them\b",
    re.I,
)
# Rows that say on which page something stands, and nothing of it.
_OF_PAGES = re.compile(r"\bpages?\b", re.I)
# What a document says of itself is not what it says of the topic.
_OF_ITSELF = re.compile(
    r"\b(?:the|this) (?:source|restatement)\b|\bthis (?:document|chapter|report|text)\b", re.I
)


@dataclass(slots=True)
class Said:
    """What a brief has said so far: nothing is said twice."""

    texts: list[frozenset[str]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def is_new(self, text: str) -> bool:
        """Tell whether a text says what no earlier one did."""
        own = term_set(text)
        return not any(len(own & other) >= SAID * max(1, min(len(own), len(other))) for other in self.texts)

    def unsaid(self, listed: list[Claim]) -> list[Claim]:
        """Return a list without the items said before; what is left of it needs no lead-in that counts."""
        texts = {claim.text for claim in self.claims}
        new = [claim for claim in listed if claim.layout == "lead" or claim.text not in texts]
        return new if len(new) == len(listed) else [claim for claim in new if claim.layout != "lead"]

    def add(self, claims: Iterable[Claim]) -> None:
        """Remember what is said."""
        for claim in claims:
            self.claims.append(claim)
            if claim.layout != "lead" and len(term_set(claim.text)) > 2:
                self.texts.append(term_set(claim.text))


def quotes(
    evidence: Evidence, said: Said, fits: Callable[[str], object] | None = None, among: int = MOST_SENTENCES
) -> list[list[Claim]]:
    """Return what to quote of the evidence's passages: groups of claims, each of one document, in its order.

    With `fits`, only sentences, items and rows that fit, and no whole list.
    """
    groups: list[list[Claim]] = []
    budget = SECTION_WORDS
    listing = None if fits else _best_list(evidence, said)
    if listing is not None and (unsaid := said.unsaid(shortened(listing))):
        groups.append(unsaid)
        said.add(unsaid)
        budget -= _count(unsaid)
    chosen: list[Unit] = []
    for unit in _ranked(evidence, fits):
        length = len(unit.text.split())
        if (
            len(chosen) < among
            and length <= max(budget, 0)
            and _quotable(unit, said, evidence.relevance, fits)
        ):
            chosen.append(unit)
            said.add(alone(unit))
            budget -= length
    chosen.sort(key=lambda unit: evidence_order(unit, evidence))
    return [*_by_document([alone(unit) for unit in chosen]), *groups]


def _ranked(evidence: Evidence, fits: Callable[[str], object] | None) -> list[Unit]:
    """Return the units that cover enough of the topic or open their section, best first."""
    first: dict[str, int] = {}
    for unit in evidence.units:
        key, at = unit.citation.passage.id, unit.citation.start
        first[key] = min(first.get(key, at), at)
    ranked = []
    for unit in evidence.units:
        opens = (
            not fits and unit.kind == "paragraph" and unit.citation.start == first[unit.citation.passage.id]
        )
        if opens or unit.coverage >= COVERS:
            ranked.append((unit.score + OPENING * opens, unit))
    return [unit for _, unit in sorted(ranked, key=lambda pair: -pair[0])]


def on_topic(unit: Unit, relevance: Relevance) -> bool:
    """Tell whether a unit speaks of the topic itself, and not only its headings or neighbours do."""
    cover = relevance.coverage
    itself = cover(unit.text, lead=unit.lead) >= ITSELF
    return itself and cover(unit.text, unit.context, lead=unit.lead) >= ON_TOPIC


def evidence_order(unit: Unit, evidence: Evidence) -> tuple[int, int, int]:
    """Return where a unit stands: documents as they were found, then reading order."""
    found = [hit.passage.document_id for hit in evidence.hits]
    passage = unit.citation.passage
    return found.index(passage.document_id), passage.ordinal, unit.citation.start


def shortened(listing: Listing) -> list[Claim]:
    """Return a list as claims, its items cut to whole first sentences or to their labels if it is long."""
    layout: Layout = "item" if listing.kind == "list_item" else "row"
    claims = [Claim(item.quote, (item,), "quoted", layout) for item in listing.items]
    if listing.lead:
        lead = Claim(listing.lead.quote, (listing.lead,), "quoted", "lead")
        claims.insert(0, _last_sentence(lead))
    for cut in (_first_sentence, _label):
        if _count(claims) > LIST_WORDS and listing.kind == "list_item":
            claims = [cut(claim) if claim.layout == "item" else claim for claim in claims]
    return claims


def _best_list(evidence: Evidence, said: Said) -> Listing | None:
    """Return the list that covers most of the topic, if one is short enough, and new."""
    cover = evidence.relevance.coverage
    scored = [
        (cover(entry.counted_label, entry.context), entry)
        for entry in evidence.lists
        if _showable(entry, said)
    ]
    score, entry = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return entry if score >= LIST_COVERS else None


def _showable(entry: Listing, said: Said) -> bool:
    most = MOST_ITEMS if entry.kind == "list_item" else MOST_ROWS
    if not FEWEST_ITEMS <= len(entry.items) <= most or entry.lead is None:
        return False
    new = [said.is_new(item.quote) for item in entry.items]
    return sum(new) * 2 > len(new) and _count(shortened(entry)) <= SECTION_WORDS


def _quotable(unit: Unit, said: Said, relevance: Relevance, fits: Callable[[str], object] | None) -> bool:
    text = unit.text.strip()
    if unit.kind == "table_row" and _OF_PAGES.search(unit.lead):
        return False
    if unit.kind in ("heading", "caption") or not stands_alone(text) or not said.is_new(text):
        return False
    if fits is not None:
        return bool(fits(text)) and on_topic(unit, relevance)
    return unit.kind not in LISTED or relevance.coverage(text) >= ITEM_ITSELF


def stands_alone(text: str) -> bool:
    """Tell whether a sentence can be read without those before it, and is not about its own document.

    >>> stands_alone("RISA validates the action plan."), stands_alone("It is then sent to RISA.")
    (True, False)
    """
    whole = len(words(text)) >= FEWEST_WORDS and not text.endswith(":")
    return whole and not _LEANS.search(text) and not _OF_ITSELF.search(text)


def alone(unit: Unit) -> list[Claim]:
    """Return one unit as claims; a row brings its header, and an item without a label its lead-in."""
    passage, at = unit.citation.passage, unit.citation.passage.text.rfind(unit.lead, 0, unit.citation.start)
    labelled = ":" in " ".join(unit.text.split()[:LABEL_WORDS])
    if unit.kind != "list_item" or labelled or not unit.lead.endswith(":") or at < 0:
        return quoted(unit)
    lead = Citation(passage, at, at + len(unit.lead))
    item = Claim(unit.text, (unit.citation,), "quoted", "item")
    return [_last_sentence(Claim(lead.quote, (lead,), "quoted", "lead")), item]


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


def _first_sentence(claim: Claim) -> Claim:
    [(_, end), *_] = sentences(claim.text)
    numbered = re.match(r"\W*\w{1,2}[.)]\s", claim.text)
    if numbered and end <= numbered.end():
        end = sentences(claim.text)[1][1] if len(sentences(claim.text)) > 1 else end
    return _cut(claim, end)


def _last_sentence(claim: Claim) -> Claim:
    """Cut a lead-in to the sentence that leads in, and the one before where that says too little."""
    *before, (start, end) = sentences(claim.text)
    if before and end - start < SHORT_LEAD and not _OF_ITSELF.search(claim.text[slice(*before[-1])]):
        start = before[-1][0]
    return claim if "\t" in claim.text else _cut(claim, end, start)


def _label(claim: Claim) -> Claim:
    """Cut an item to what stands before its colon, if that is short."""
    at = claim.text.find(":")
    return _cut(claim, at) if at > 0 and len(claim.text[:at].split()) <= LABEL_WORDS else claim


def _cut(claim: Claim, end: int, start: int = 0) -> Claim:
    """Return the claim that quotes only these characters of it."""
    [citation] = claim.citations
    kept = Citation(citation.passage, citation.start + start, citation.start + end)
    return Claim(kept.quote, (kept,), claim.support, claim.layout)


def _count(claims: Iterable[Claim]) -> int:
    return sum(len(claim.text.split()) for claim in claims)
