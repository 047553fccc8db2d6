"""Evidence -> claims in the documents' own words.

A question for a list gets the whole list with its lead-in; any other question
gets the sentences, items or rows that together meet its terms best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.answering.answer_types import has_type
from kb.answering.comparison import best_of_each
from kb.answering.evidence import Evidence, Listing, Unit
from kb.types import Citation, Claim, Layout, Passage

# A further quote must add this share of the question's weight, and score
# nearly as well as the first, to be worth reading.
NEW_COVERAGE = 0.12
NEAR_BEST, NEAR_TYPED = 0.9, 0.8
# A quote for another side of a comparison may be further off.
NEAR_SIDE = 0.8
MOST_QUOTES = 3
EQUAL = 0.97
SMALL_TABLE = 10
# Nobody reads more of a list than this in an answer; the evidence says where the rest stands.
MOST_ITEMS = 60
# The words just over a list (lead-in, last paragraph, last heading) cover this share of the question.
ABOUT = 0.4
# A list may cover this share of what the best sentence does: "duties" that its heading calls functions.
LIST_NEAR = 0.85


def compose(evidence: Evidence) -> list[Claim]:
    """Return the claims that answer, best first; empty if there is no evidence."""
    if not evidence.units:
        return []
    compared = evidence.question.kind == "comparison"
    listing = None if compared else best_listing(evidence)
    if listing is not None:
        return listed(listing)
    sides = best_of_each(evidence) or _compared(evidence) if compared else []
    chosen = [unit for _, unit in sides] or _select(evidence)
    table = _small_table(chosen, evidence.lists)
    if table is not None:
        return listed(table)
    if len(sides) > 1:
        return [replace(claim, about=label) for label, unit in sides for claim in _told(unit, evidence)]
    return list(dict.fromkeys(claim for unit in chosen for claim in quoted(unit)))


def _small_table(chosen: Sequence[Unit], lists: Sequence[Listing]) -> Listing | None:
    """Return the small table that two or more chosen rows come from: it reads better whole."""
    rows = {unit.citation for unit in chosen if unit.kind == "table_row"}
    small = (entry for entry in lists if len(entry.items) <= SMALL_TABLE)
    return next((entry for entry in small if len(rows & {*entry.items}) > 1), None)


def best_listing(evidence: Evidence) -> Listing | None:
    """Return the list that the question asks for, if it asks for one and one fits."""
    best, cover = evidence.units[0], evidence.relevance.coverage
    question = evidence.question
    led = [e for e in evidence.lists if e.lead is not None and best.citation.overlaps(e.lead)]
    if led:
        # A list of as many items that does not say how many may be meant as well.
        as_long = [e for e in evidence.lists if len(e.items) == question.known_count]
        return max([led[0], *as_long], key=lambda e: cover(f"{e.counted_label} {e.context}"))
    counts = question.counted and not best.typed
    if not (question.wants_list or counts or question.known_count) or not evidence.lists:
        return None
    # A procedure is told in steps, not in the rows of a table.
    lists = [e for e in evidence.lists if question.kind != "procedure" or e.kind == "list_item"]
    scored = [cover(f"{entry.counted_label} {entry.context}") for entry in lists]
    top = max(scored, default=0.0)
    if not top:
        return None
    listing = lists[scored.index(top)]
    if question.known_count and not question.wants_list and len(listing.items) != question.known_count:
        return None
    about = cover(f"{listing.about} {len(listing.items)}")
    fits = top >= LIST_NEAR * cover(f"{best.text} {best.over} {best.context}") and about >= ABOUT
    return listing if fits else None


def listed(listing: Listing) -> list[Claim]:
    """Return the lead-in and every item of a list; those of one passage and page share one quote."""
    layout: Layout = "item" if listing.kind == "list_item" else "row"
    listing = replace(listing, items=listing.items[:MOST_ITEMS])
    parts: list[tuple[Citation, Layout]] = [(listing.lead, "lead")] if listing.lead else []
    parts += [(item, layout) for item in listing.items]
    whole = listing.quotes
    return [
        Claim(part.quote, (next(quote for quote in whole if quote.holds(part)),), "quoted", kind)
        for part, kind in parts
    ]


def quoted(unit: Unit) -> list[Claim]:
    """Return one unit as a claim; a row brings its header along."""
    if unit.kind != "table_row" or not unit.lead:
        return [_claim(unit.citation, "sentence")]
    passage = unit.citation.passage
    at = passage.text.rfind(unit.lead, 0, unit.citation.start)
    header = [_claim(Citation(passage, at, at + len(unit.lead)), "lead")] if at >= 0 else []
    return [*header, _claim(unit.citation, "row")]


def _select(evidence: Evidence) -> list[Unit]:
    ranked, cover = evidence.units, evidence.relevance.coverage
    chosen, best = [ranked[0]], ranked[0].score
    # A date, number or address that is asked for is worth a quote that is further off.
    lacking = has_type(evidence.question.kind) and not ranked[0].typed
    for unit in ranked[1:]:
        if len(chosen) == MOST_QUOTES or unit.score < (NEAR_TYPED if lacking else NEAR_BEST) * best:
            break
        so_far = " ".join(f"{u.text} {u.over}" for u in chosen)
        gain = cover(f"{so_far} {unit.text}") - cover(so_far)
        wanted = unit.score >= NEAR_BEST * best or (lacking and unit.typed)
        if (wanted and gain >= NEW_COVERAGE) or _siblings(unit, ranked[0]):
            chosen.append(unit)
            lacking = lacking and not unit.typed
    return chosen


def _siblings(unit: Unit, best: Unit) -> bool:
    """Items of one list that answer equally well are told together."""
    same_list = unit.kind == best.kind != "paragraph" and unit.lead == best.lead
    return (
        same_list
        and unit.citation.passage.id == best.citation.passage.id
        and unit.score >= EQUAL * best.score
    )


def _told(unit: Unit, evidence: Evidence) -> list[Claim]:
    """Return one unit as claims; what only leads in a list is told with the list."""
    led = (entry for entry in evidence.lists if entry.lead and entry.lead.overlaps(unit.citation))
    whole = next(led, None)
    return listed(whole) if whole else quoted(unit)


def _compared(evidence: Evidence) -> list[tuple[str, Unit]]:
    """Return (name, best quote) for each document, or else for each section."""
    near = [unit for unit in evidence.units if unit.score >= NEAR_SIDE * evidence.units[0].score]
    by_document, by_section = dict[str, Unit](), dict[tuple[str, ...], Unit]()
    for unit in near:
        passage = unit.citation.passage
        by_document.setdefault(passage.document_id, unit)
        by_section.setdefault((passage.document_id, *passage.heading_path), unit)
    several = len(by_document) > 1
    chosen = [*(by_document if several else by_section).values()][:MOST_QUOTES]
    return [(_named(evidence, unit.citation.passage, section=not several), unit) for unit in chosen]


def _named(evidence: Evidence, passage: Passage, *, section: bool) -> str:
    label = evidence.documents[passage.document_id].label
    return " › ".join((label, *passage.heading_path[-1:])) if section else label


def _claim(citation: Citation, layout: Layout) -> Claim:
    return Claim(citation.quote, (citation,), "quoted", layout)
