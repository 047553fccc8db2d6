"""Evidence -> claims in the documents' own words.

A question for a list gets the whole list with its lead-in; any other question
gets the sentences, items or rows that most likely answer it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kb.answering.comparison import best_of_each
from kb.answering.evidence import LISTED, Evidence, Listing, Unit
from kb.types import Citation, Claim, Layout, Passage

# The log-odds that a further quote answers lie at most so far below the first's; quotes at most.
NEAR_BEST = 1.0
MOST_QUOTES = 3
# A quote of another document is told beside them if it is among so many of the best, the reader gives it
# these log-odds at least, and it lies at most so far below the best by the reader and by all signs.
MOST_ELSEWHERE, ANSWERS, AS_SURE, AS_LIKELY = 12, 1.5, 3.0, 4.0
# A list is told whole if it answers this share as likely as the best quote does, both with their label;
# what the label and headings cover of the question counts so much.
NEAR_LIST = 0.4
LABEL_WEIGHT = 0.5
# A quote for another side of a comparison may be further off.
NEAR_SIDE = 0.8
MOST_SIDES = 3
SMALL_LIST = 10
# Nobody reads more of a list than this in an answer; the evidence says where the rest stands.
MOST_ITEMS = 60


def compose(evidence: Evidence) -> list[Claim]:
    """Return the claims that answer, best first; empty if there is no evidence."""
    if not evidence.units:
        return []
    compared = evidence.question.kind == "comparison"
    sides = best_of_each(evidence) or _of_editions(evidence) or _compared(evidence) if compared else []
    if len(sides) > 1:
        return [replace(claim, about=label) for label, unit in sides for claim in _told(unit, evidence)]
    listing = best_listing(evidence)
    if listing is not None:
        return listed(listing)
    chosen = select(evidence.units)
    whole = _small_list(chosen, evidence.lists)
    if whole is not None:
        return listed(whole)
    return list(dict.fromkeys(claim for unit in chosen for claim in _with_next(unit, evidence)))


def select(ranked: Sequence[Unit]) -> list[Unit]:
    """Return the best quotes, and what another document answers as well: the two may disagree."""
    best = ranked[0]
    near = {" ".join(unit.text.split()): unit for unit in ranked[::-1] if unit.odds >= best.odds - NEAR_BEST}
    chosen = [*near.values()][::-1][:MOST_QUOTES]
    documents = {unit.citation.passage.document_id for unit in chosen}
    elsewhere = (u for u in ranked[:MOST_ELSEWHERE] if u.citation.passage.document_id not in documents)
    other = next((unit for unit in elsewhere if _answers_as_well(unit, best)), None)
    return [*chosen[: MOST_QUOTES - 1], other] if other else chosen


def _answers_as_well(unit: Unit, best: Unit) -> bool:
    """Tell whether the reader says of a quote that it answers, nearly as surely as of the best one."""
    sure = unit.read >= max(ANSWERS, best.read - AS_SURE)
    return sure and unit.odds >= best.odds - AS_LIKELY


def _small_list(chosen: Sequence[Unit], lists: Sequence[Listing]) -> Listing | None:
    """Return the small list or table that two or more of what is chosen come from: it reads better whole."""
    parts = {unit.citation for unit in chosen if unit.kind in LISTED}
    small = (entry for entry in lists if len(entry.items) <= SMALL_LIST)
    return next((entry for entry in small if len(parts & {*entry.items}) > 1), None)


def _with_next(unit: Unit, evidence: Evidence) -> list[Claim]:
    """Return a unit as claims; one that only announces what comes next is told with that."""
    if not unit.text.endswith(":"):
        return quoted(unit)
    passage = unit.citation.passage
    after = [
        other
        for other in evidence.units
        if other.citation.passage.id == passage.id and other.citation.start >= unit.citation.end
    ]
    following = min(after, key=lambda other: other.citation.start, default=None)
    return [*quoted(unit), *(quoted(following) if following else [])]


def best_listing(evidence: Evidence) -> Listing | None:
    """Return the list that the best quote leads in, or else the one that the question asks for."""
    question, best = evidence.question, evidence.units[0]
    led = (entry for entry in evidence.lists if entry.lead and _leads(best.citation, entry.lead))
    if (first := next(led, None)) is not None:
        return first
    if not (question.wants_list or question.known_count or (question.counted and not best.typed)):
        return None
    # A procedure is told in steps, not in the rows of a table.
    lists = [e for e in evidence.lists if question.kind != "procedure" or e.kind == "list_item"]
    if question.known_count and not question.wants_list:
        lists = [entry for entry in lists if len(entry.items) == question.known_count]
    scored = [evidence.likelihood(entry) + _labelled(evidence, entry) for entry in lists]
    top = max(scored, default=0.0)
    over = LABEL_WEIGHT * evidence.covered(f"{best.text} {best.over}", best.context)
    return lists[scored.index(top)] if top >= NEAR_LIST * (best.score + over) and top > 0 else None


def _leads(quote: Citation, lead: Citation) -> bool:
    """Tell whether a quote is what leads a list in, and not what stands before that."""
    return quote.overlaps(lead) and quote.end >= lead.end


def _labelled(evidence: Evidence, listing: Listing) -> float:
    """Return what it is worth that a list is called what the question asks for."""
    return LABEL_WEIGHT * evidence.covered(f"{listing.counted_label} {listing.about}", listing.context)


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


def _told(unit: Unit, evidence: Evidence) -> list[Claim]:
    """Return one unit as claims; what only leads in a list is told with the list."""
    led = (entry for entry in evidence.lists if entry.lead and entry.lead.overlaps(unit.citation))
    whole = next(led, None)
    return listed(whole) if whole else quoted(unit)


def _of_editions(evidence: Evidence) -> list[tuple[str, Unit]]:
    """Return (name, best quote) for each edition that is compared, in their order."""
    told = (
        next((u for u in evidence.units if u.citation.passage.document_id in keys), None)
        for keys in evidence.question.editions
    )
    return [(_named(evidence, u.citation.passage, section=False), u) for u in told if u]


def _compared(evidence: Evidence) -> list[tuple[str, Unit]]:
    """Return (name, best quote) for each document, or else for each section."""
    near = [unit for unit in evidence.units if unit.score >= NEAR_SIDE * evidence.units[0].score]
    by_document, by_section = dict[str, Unit](), dict[tuple[str, ...], Unit]()
    for unit in near:
        passage = unit.citation.passage
        by_document.setdefault(passage.document_id, unit)
        by_section.setdefault((passage.document_id, *passage.heading_path), unit)
    several = len(by_document) > 1
    chosen = [*(by_document if several else by_section).values()][:MOST_SIDES]
    return [(_named(evidence, unit.citation.passage, section=not several), unit) for unit in chosen]


def _named(evidence: Evidence, passage: Passage, *, section: bool) -> str:
    label = evidence.documents[passage.document_id].label
    return " › ".join((label, *passage.heading_path[-1:])) if section else label


def _claim(citation: Citation, layout: Layout) -> Claim:
    return Claim(citation.quote, (citation,), "quoted", layout)
