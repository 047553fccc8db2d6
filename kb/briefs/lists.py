"""A list of the documents -> the claims that quote it: whole, and cut short where it is long."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from kb.answering.evidence import Listing
from kb.text import sentences
from kb.types import Citation, Claim, Layout

# A list of more words than this is quoted by the first sentence of each item, or by what it calls each.
LIST_WORDS, LABEL_WORDS = 110, 12
# "The list says:" is better left away.
SAYS_LITTLE = 25
# What a document says of itself, or of another as a piece of paper, is not what it says of the topic.
OF_ITSELF = re.compile(
    r"\b(?:the|this) (?:source|restatement)\b|\bthis (?:document|chapter|report|text)\b|\bpage headers?\b"
    r"|\bthe (?:\w+ ){0,3}(?:address|chapter|form|guidelines|handbook|name|notes?|paragraph|sheet)\b"
    r"(?: (?:is|has|have)|[^.;:]{0,25} (?:asks?|calls?|called|gives?|lacks|links?|lists?|mentions?|names?"
    r"|occurs?|prints?|printed|says?|suggests?|writes?))\b"
    r"|\bsections? (?:without|\d)|\bnext \w+ sections?\b|\bheadings?\b|\bentered here\b|\bfootnotes?\b",
    re.I,
)


def shortened(listing: Listing) -> list[Claim]:
    """Return a list as claims, its items cut to whole first sentences or to their labels if it is long.

    What stands over a list without leading it in is left away.
    """
    layout: Layout = "item" if listing.kind == "list_item" else "row"
    claims = [Claim(item.quote, (item,), "quoted", layout) for item in listing.items]
    if listing.lead and (layout == "row" or listing.label.endswith(":")):
        lead = Claim(listing.lead.quote, (listing.lead,), "quoted", "lead")
        claims[:0] = [lead] if layout == "row" or len(lead.text) >= SAYS_LITTLE else []
    for cut in (_first_sentence, _label):
        if words_of(claims) > LIST_WORDS and listing.kind == "list_item":
            claims = [cut(claim) if claim.layout == "item" else claim for claim in claims]
    return claims


def lead_of(listing: Listing) -> str:
    """Return what leads a list in, if that is a sentence."""
    return listing.label if listing.label.endswith(":") else ""


def rejoined(lists: Iterable[Listing]) -> list[Listing]:
    """Return lists, those whose numbers begin above 1 with the items that others of their section hold."""
    numbered: dict[tuple[str, ...], dict[int, Citation]] = {}
    whole = []
    for entry in lists:
        passage = entry.items[0].passage
        own = numbered.setdefault((passage.document_id, *passage.heading_path), {})
        for part in (*([entry.lead] if entry.lead else []), *entry.items):
            own.setdefault(number_of(part), part)
        first = number_of(entry.items[0])
        before = [own[n] for n in range(1, first) if n in own]
        complete = first > 1 and len(before) == first - 1
        whole.append(replace(entry, items=(*before, *entry.items)) if complete else entry)
    return whole


def number_of(citation: Citation) -> int:
    """Return the number that an item carries, or 0."""
    found = re.match(r"(\d{1,2})[.)]\s", citation.quote)
    return int(found.group(1)) if found else 0


def _first_sentence(claim: Claim) -> Claim:
    [(_, end), *_] = sentences(claim.text)
    numbered = re.match(r"\W*\w{1,2}[.)]\s", claim.text)
    if numbered and end <= numbered.end():
        end = sentences(claim.text)[1][1] if len(sentences(claim.text)) > 1 else end
    return _cut(claim, end)


def _label(claim: Claim) -> Claim:
    """Cut an item to what stands before its colon, if that is short."""
    at = claim.text.find(":")
    return _cut(claim, at) if at > 0 and len(claim.text[:at].split()) <= LABEL_WORDS else claim


def _cut(claim: Claim, end: int, start: int = 0) -> Claim:
    """Return the claim that quotes only these characters of it."""
    [citation] = claim.citations
    kept = Citation(citation.passage, citation.start + start, citation.start + end)
    return Claim(kept.quote, (kept,), claim.support, claim.layout)


def words_of(claims: Iterable[Claim]) -> int:
    """Return how many words some claims have."""
    return sum(len(claim.text.split()) for claim in claims)
