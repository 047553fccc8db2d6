"""Evidence -> claims in the documents' own words.

A question for a list gets the whole list with its lead-in; any other question
gets the sentences, items or rows that most likely answer it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import replace

from kb.answering import parts, tables
from kb.answering.answer_types import gives_date, has_type
from kb.answering.ellipsis import ORDINALS
from kb.answering.evidence import LISTED, Evidence, Listing, Unit, caption_of
from kb.answering.numerals import in_figures
from kb.answering.quantities import quantities
from kb.answering.subjects import differ_in_number, other_subject
from kb.retrieval.relevance import term_set
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
# What answers for a side of a comparison is so likely to, and covers so much of its words. Where no sides are
# named, the log-odds of the best quote of another document or section lie at most so far below the best's.
LIKELY_SIDE, OF_SIDE = 0.08, 0.5
NEAR_SIDE = 1.5
MOST_SIDES = 3
SMALL_LIST = 10
# "Six months after the act enters into force": the words after it name the event, in so many terms at least.
_FROM_EVENT = re.compile(
    r"\b\d+\s(?:\w+\s)?(?:days?|weeks?|months?|years?|jours?|semaines?|mois|ans?)(?:\s\w+)?"
    r"\s(?:after|before|from|following|of|since|après|avant|suivant|à compter d)\b([^,;.]+)",
    re.I,
)
FEWEST_OF_EVENT = 2
# "Step 3", "the third step".
_STEP = re.compile(
    rf"\b(?:step|stage|point|item|étape)\s(?:no\.?\s|number\s)?(\d{{1,2}})\b"
    rf"|\b({'|'.join(ORDINALS)})\s(?:step|stage|point|item)\b",
    re.I,
)
# How a sentence ends that announces a list.
ANNOUNCES = (":", "：")
# Nobody reads more of a list than this in an answer; the evidence says where the rest stands.
MOST_ITEMS = 60


def compose(evidence: Evidence) -> list[Claim]:
    """Return the claims that answer, best first; empty if there is no evidence."""
    if not evidence.units:
        return []
    if claims := tables.reckoned(evidence):
        return claims
    if (
        told := _numbered(evidence)
        or parts.whole(evidence)
        or parts.asked_part(evidence)
        or _by_size(evidence)
    ):
        return told
    if evidence.question.kind == "comparison" and (told := _side_by_side(evidence)):
        return told
    listing = best_listing(evidence)
    if listing is not None:
        return listed(listing)
    chosen = select(parts.of_named(evidence.units, evidence.question.text), evidence.question.names)
    chosen = [
        unit
        for unit in chosen
        if not _of_another(unit, chosen[0], evidence) and not _another_row(unit, chosen[0], evidence)
    ]
    whole = _small_list(chosen, evidence)
    if whole is not None:
        return listed(whole)
    return list(dict.fromkeys(claim for unit in chosen for claim in _with_next(unit, evidence)))


def _side_by_side(evidence: Evidence) -> list[Claim]:
    """Return what answers for each side of a comparison, under its name; empty if fewer than two differ.

    Where no sides are named ("both workshops"), they are the documents or sections of the best quotes.
    """
    if evidence.sides:
        told = [(label, claims) for label, side in evidence.sides if (claims := _of_side(side))]
    else:
        told = [(label, _told(unit, evidence)) for label, unit in _compared(evidence)]
    several = [replace(claim, about=label) for label, claims in told for claim in claims]
    return several if len({claims[0] for _, claims in told}) > 1 else []


def _numbered(evidence: Evidence) -> list[Claim]:
    """Return the step that a question asks for by its number, of the list that it names, with its lead-in."""
    found = _STEP.search(in_figures(evidence.question.text).text)
    if found is None:
        return []
    said = next(filter(None, found.groups())).lower()
    place = int(said) if said.isdigit() else ORDINALS.index(said) + 1
    lists = [e for e in evidence.lists if e.kind == "list_item" and not e.outlines and len(e.items) >= place]
    rest = evidence.relevance.of({*evidence.question.terms} - term_set(found.group()))
    covers = [rest.coverage(f"{entry.label} {entry.about}", entry.context) for entry in lists]
    # Of two lists that are named as well, neither is certain.
    if not covers or covers.count(max(covers)) > 1 or max(covers) < OF_SIDE:
        return []
    whole = lists[covers.index(max(covers))]
    return listed(replace(whole, items=whole.items[place - 1 : place]))


def _by_size(evidence: Evidence) -> list[Claim]:
    """Return what documents or sections say alike but for a figure, the one that is asked for first."""
    most = tables.asks_for(evidence.question.text)
    told = _compared(evidence) if most and evidence.units[0].kind == "paragraph" else []
    if len(told) < 2 or not all(differ_in_number(told[0][1].text, unit.text) for _, unit in told[1:]):
        return []
    ordered = sorted(told, key=lambda side: most * -max(q.value for q in quantities(side[1].text)))
    return [replace(claim, about=name) for name, unit in ordered for claim in quoted(unit)]


def _of_side(side: Evidence) -> list[Claim]:
    """Return what answers for one side, in short, or its list, if it speaks of that side at all."""
    if side.likely < LIKELY_SIDE or side.coverage < OF_SIDE * side.relevance.known:
        return []
    listing = best_listing(side)
    return listed(listing) if listing else _with_next(side.units[0], side)


def select(ranked: Sequence[Unit], names: Set[str] = frozenset()) -> list[Unit]:
    """Return the best quotes, and what another document answers as well: the two may disagree.

    Of the `names` that the question names, the other document speaks of those that the best quote's does:
    what holds in Kigali says nothing of Vientiane.
    """
    best = ranked[0]
    near = {" ".join(unit.text.split()): unit for unit in ranked[::-1] if unit.odds >= best.odds - NEAR_BEST}
    chosen = [*near.values()][::-1][:MOST_QUOTES]
    documents = {unit.citation.passage.document_id for unit in chosen}
    elsewhere = (u for u in ranked[:MOST_ELSEWHERE] if u.citation.passage.document_id not in documents)
    meant = names & _over(best)
    other = next((u for u in elsewhere if meant <= _over(u) and _answers_as_well(u, best)), None)
    return [*chosen[: MOST_QUOTES - 1], other] if other else chosen


def _of_another(unit: Unit, best: Unit, evidence: Evidence) -> bool:
    """Tell whether a quote is of another subject than the best one, which the question names."""
    one, other = best.citation.passage, unit.citation.passage
    return bool({*evidence.question.terms} & other_subject(one, other, evidence.documents))


def _another_row(unit: Unit, best: Unit, evidence: Evidence) -> bool:
    """Tell whether a quote is a row of the same table as the best one, and only that is named."""
    rows = unit.kind == best.kind == "table_row" and unit.lead == best.lead
    name, other = (term_set(row.text.partition("\t")[0]) for row in (best, unit))
    asked = {*evidence.question.terms}
    return rows and bool(name) and name <= asked and not other <= asked


def _over(unit: Unit) -> frozenset[str]:
    """Return the terms of a quote's passage, headings and title."""
    return term_set(f"{unit.context} {unit.citation.passage.text}")


def _answers_as_well(unit: Unit, best: Unit) -> bool:
    """Tell whether the reader says of a quote that it answers, nearly as surely as of the best one."""
    sure = unit.read >= max(ANSWERS, best.read - AS_SURE)
    return sure and unit.odds >= best.odds - AS_LIKELY


def _small_list(chosen: Sequence[Unit], evidence: Evidence) -> Listing | None:
    """Return the small list or table that two or more of what is chosen come from: it reads better whole.

    Where a figure, date or name is asked for, the rows or items that give it are enough.
    """
    parts = {unit.citation for unit in chosen if unit.kind in LISTED}
    small = [entry for entry in evidence.lists if len(entry.items) <= SMALL_LIST]
    if has_type(evidence.question.kind) or evidence.question.kind in ("who", "place"):
        small = []
    return next((entry for entry in small if len(parts & {*entry.items}) > 1), None)


def _with_next(unit: Unit, evidence: Evidence) -> list[Claim]:
    """Return a unit as claims; one that only announces what comes next is told with that."""
    if not unit.text.endswith(ANNOUNCES):
        return [*quoted(unit), *_dated(unit, evidence)]
    passage = unit.citation.passage
    after = [
        other
        for other in evidence.units
        if other.citation.passage.id == passage.id and other.citation.start >= unit.citation.end
    ]
    following = min(after, key=lambda other: other.citation.start, default=None)
    return [*quoted(unit), *(quoted(following) if following else [])]


def _dated(unit: Unit, evidence: Evidence) -> list[Claim]:
    """Return the sentence with the date of the event that a period runs from, where a date is asked for.

    "Within 90 days after the act enters into force" says no date by itself.
    """
    event = _FROM_EVENT.search(in_figures(unit.text).text) if evidence.question.kind == "date" else None
    named = term_set(event.group(1)) if event and not gives_date(unit.text) else frozenset()
    document = unit.citation.passage.document_id
    dated = (
        other
        for other in evidence.units
        if named <= term_set(other.text)
        and other.citation.passage.document_id == document
        and gives_date(other.text)
    )
    found = next(dated, None) if len(named) >= FEWEST_OF_EVENT else None
    return quoted(found) if found else []


def best_listing(evidence: Evidence) -> Listing | None:
    """Return the list that the best quote leads in, or else the one that the question asks for."""
    question, best = evidence.question, evidence.units[0]
    if (led := _led_in(best, evidence)) is not None:
        return led
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


def _led_in(unit: Unit, evidence: Evidence) -> Listing | None:
    """Return the list that a quote announces, if it does more than stand before one."""
    quote = unit.citation
    led = (entry for entry in evidence.lists if entry.lead and quote.overlaps(entry.lead))
    announced = (e for e in led if e.lead and quote.end >= e.lead.end and e.label.endswith(ANNOUNCES))
    return next(announced, None)


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
    told = [
        Claim(part.quote, (next(quote for quote in whole if quote.holds(part)),), "quoted", kind)
        for part, kind in parts
    ]
    return [*_captioned(listing.caption), *told]


def _captioned(caption: Citation | None) -> list[Claim]:
    return [_claim(caption, "lead")] if caption else []


def quoted(unit: Unit) -> list[Claim]:
    """Return one unit as a claim; a row brings its header along, and a caption with the unit of figures."""
    if unit.kind != "table_row":
        return [_claim(unit.citation, "sentence")]
    passage = unit.citation.passage
    over = _captioned(caption_of(passage, unit.citation.start))
    if not unit.lead:
        return [*over, _claim(unit.citation, "row" if over else "sentence")]
    at = passage.text.rfind(unit.lead, 0, unit.citation.start)
    header = [_claim(Citation(passage, at, at + len(unit.lead)), "lead")] if at >= 0 else []
    return [*over, *header, _claim(unit.citation, "row")]


def _told(unit: Unit, evidence: Evidence) -> list[Claim]:
    """Return one unit as claims; what only leads in a list is told with the list."""
    whole = _led_in(unit, evidence)
    return listed(whole) if whole else quoted(unit)


def _compared(evidence: Evidence) -> list[tuple[str, Unit]]:
    """Return (name, best quote) for each document, or else for each section."""
    near = [unit for unit in evidence.units if unit.odds >= evidence.units[0].odds - NEAR_SIDE]
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
