"""Hits -> what can be quoted: sentences, list items, rows and whole lists, scored against the question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from kb.answering import choice, parts
from kb.answering.answer_types import fits
from kb.answering.conversation import leans
from kb.answering.question import Question
from kb.models.page import Page
from kb.retrieval.relevance import Relevance, term_set
from kb.retrieval.shelf import Shelf, shelf
from kb.text import sentences
from kb.types import BlockKind, Citation, Document, Embedder, Hit, Passage, PassageIndex, Span

if TYPE_CHECKING:
    from kb.models.reader import Reader

# Hits that the reader reads.
READ = 5
# Items of a list that stand for it.
TOP_ITEMS = 3
# Probabilities are held away from 0 and 1 by so much.
CERTAIN = 1e-6
LISTED = ("list_item", "table_row")
# "The eight kinds are:" does not say what of: characters.
SHORT_LEAD = 40
# Hits whose sections are searched for lists that run over passages, and those whose headings may be a list.
LISTED_HITS, OUTLINED_HITS = 6, 3
# "(EUR million)", "in thousands", "% of": a caption with the unit of what stands under it.
_MEASURES = re.compile(
    r"\([^()]+\)|\b(?:in|en) (?:\w+ )?(?:thousands?|millions?|billions?|milliers|milliards|per ?cent\w*"
    r"|[A-Z]{3}\b)|[%$€£]"
)
# So many headings under one are a list; they are looked for among so many passages before and after a hit.
FEWEST_HEADINGS, MOST_HEADINGS, AROUND = 3, 20, 40


@dataclass(frozen=True, slots=True)
class Unit:
    """One quotable sentence, item, row or caption, with the words that stand over it.

    `lead` is the lead-in or header line, `over` all that the unit depends on
    (lead-in, caption), `context` the title and headings. `read` is what the
    reader says, in log-odds that it answers, -inf where it does not read;
    `score` the probability that it answers, by all signs (see `choice`).
    """

    citation: Citation
    kind: BlockKind
    lead: str
    over: str
    context: str
    retrieval: float = 0.0
    coverage: float = 0.0
    typed: bool = False
    score: float = 0.0
    read: float = -math.inf

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.citation.quote

    @property
    def columns(self) -> str:
        """What stands over the numbers of a row, and nothing over other quotes."""
        return self.over if self.kind == "table_row" else ""

    @property
    def odds(self) -> float:
        """The score in log-odds, held away from certainty."""
        likely = min(1 - CERTAIN, max(CERTAIN, self.score))
        return math.log(likely / (1 - likely))


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list or table: its lead-in or header, and its items in order, over all passages.

    `about` is what stands just over it, `context` all that does. One that `outlines` is of headings.
    `caption` is that of a table, where it says what its figures measure.
    """

    lead: Citation | None
    items: tuple[Citation, ...]
    kind: BlockKind
    context: str
    about: str
    outlines: bool = False
    caption: Citation | None = None

    @property
    def label(self) -> str:
        """What the list is a list of, as far as its lead-in says."""
        return self.lead.quote if self.lead else ""

    @property
    def quotes(self) -> tuple[Citation, ...]:
        """The lead-in and the items, those of one passage and page in one quote."""
        parts = [self.lead, *self.items] if self.lead else self.items
        runs = (list(run) for _, run in groupby(parts, key=lambda part: (part.passage.id, part.page)))
        return tuple(Citation(run[0].passage, run[0].start, run[-1].end) for run in runs)

    @property
    def counted_label(self) -> str:
        """The label and the number of items: so "the four pillars" meet a list that says no number."""
        return f"{self.label} {len(self.items)}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the answerer may use for one question: nobody reaches back for more."""

    question: Question
    hits: tuple[Hit, ...]
    units: tuple[Unit, ...]
    lists: tuple[Listing, ...]
    relevance: Relevance
    documents: Shelf
    # Headings are read and weighed, but never quoted by themselves.
    headings: tuple[Unit, ...] = ()
    # What answers for each side of a comparison by itself, under its name.
    sides: tuple[tuple[str, Evidence], ...] = ()

    def likelihood(self, listing: Listing) -> float:
        """Return how likely a list answers, from 0 to 1: by its lead-in, or by its best items."""
        weighed = reversed((*self.units, *self.headings))
        found = {(u.citation.passage.id, u.citation.start): u.score for u in weighed}
        lead = found.get((listing.lead.passage.id, listing.lead.start), 0.0) if listing.lead else 0.0
        items = [found.get((item.passage.id, item.start), 0.0) for item in listing.items]
        best = sorted(items, reverse=True)[:TOP_ITEMS]
        return max(lead, sum(best) / len(best))

    def covered(self, text: str, context: str = "") -> float:
        """Return how much of the question a text covers, as far as the documents hold its words at all."""
        return self.relevance.known * self.relevance.coverage(text, context)

    @property
    def likely(self) -> float:
        """How likely the best quote answers, from 0 to 1."""
        return self.units[0].score if self.units else 0.0

    @property
    def coverage(self) -> float:
        """How much of the question the best quote covers, from 0 to 1."""
        return self.units[0].coverage if self.units else 0.0


def gather(
    question: Question,
    relevance: Relevance,
    hits: Sequence[Hit],
    index: PassageIndex,
    reader: Reader | None = None,
    embedder: Embedder | None = None,
) -> Evidence:
    """Collect and score all that the hits hold for the question."""
    documents = shelf(index)
    hits = parts.found_first(hits, question.text, index)
    named = _names(question, hits)
    found = [
        unit
        for hit in hits
        for unit in units(hit, documents[hit.passage.document_id], named.get(hit.passage.document_id, ""))
    ]
    said = _read(question.text, hits[:READ], documents, reader) if reader else {}
    weighed = [_weighed(unit, question, relevance, said) for unit in found]
    ranked = choice.rank(weighed, question, relevance)
    lists = tuple(_lists(question, hits, index, documents))
    if any(entry.outlines for entry in lists):
        titles = [
            unit for hit in hits[:READ] for unit in headings_of(hit, documents[hit.passage.document_id])
        ]
        weighed += [_weighed(unit, question, relevance, said) for unit in titles]
        ranked += [u for u in choice.rank(weighed, question, relevance) if u.kind == "heading"]
    if embedder is not None and reader is not None:
        ranked = choice.settle(ranked, question, embedder)
    ranked = parts.named_first(choice.denied_first(ranked, question), question, documents)
    quotes = tuple(unit for unit in ranked if unit.kind != "heading")
    headings = tuple(unit for unit in ranked if unit.kind == "heading")
    return Evidence(question, tuple(hits), quotes, lists, relevance, documents, headings)


def _lists(
    question: Question, hits: Sequence[Hit], index: PassageIndex, documents: Shelf
) -> Iterator[Listing]:
    """Yield the lists and tables in the sections of the first hits; where one is asked for, headings too."""
    sections = {(h.passage.document_id, h.passage.heading_path): h.passage for h in hits[:LISTED_HITS]}
    for passage in sections.values():
        yield from listings(index.section(passage), documents[passage.document_id])
    if not (question.wants_list or question.known_count or question.counted):
        return
    # By document and the heading over them; the first hit under each says which passages are looked at.
    paths = dict[tuple[str, tuple[str, ...]], Passage]()
    for passage in (hit.passage for hit in hits[:OUTLINED_HITS]):
        for path in (passage.heading_path, passage.heading_path[:-1]):
            paths.setdefault((passage.document_id, path), passage)
    for (document_id, path), passage in paths.items():
        around = index.passages(document_id, max(0, passage.ordinal - AROUND), 2 * AROUND + 1)
        if entry := outline(around, path, documents[document_id]):
            yield entry


def outline(passages: Sequence[Passage], path: tuple[str, ...], document: Document) -> Listing | None:
    """Return the headings that stand next below one, as a list: functions, pillars or plays often are.

    `passages` are of one document, in reading order. Chapters and their sections are no list, nor is
    one of which only a part lies among the passages.
    """
    own, below = None, list[Citation]()
    for passage in passages:
        spans = [span for span in passage.spans if span.kind == "heading"]
        # Headings without a text of their own stand before the one that has it, those above it or others.
        upper = len(passage.heading_path) - len(spans)
        told = tuple(passage.text[span.start : span.end].strip() for span in spans)
        if told != tuple(name.strip() for name in passage.heading_path[max(0, upper) :]):
            continue
        for place, span in enumerate(spans, 1):
            under, here = passage.heading_path[: upper + place], Citation(passage, span.start, span.end)
            own = here if under == path else own
            below += [here] if under[:-1] == path else []
    cut_off = len(passages) > 2 * AROUND and passages[-1].heading_path[: len(path)] == path
    if own is None or len(path) < 2 or cut_off or not FEWEST_HEADINGS <= len(below) <= MOST_HEADINGS:
        return None
    context = f"{document.label} {' '.join(path[:-1])}"
    return Listing(own, tuple(below), "list_item", context, own.quote, outlines=True)


def _read(
    question: str, hits: Sequence[Hit], documents: Shelf, reader: Reader
) -> dict[tuple[str, int], float]:
    """Return what the reader says of each block: by its passage's id and where it begins there."""
    pages = [page_of(hit.passage, documents[hit.passage.document_id]) for hit in hits]
    scores = reader.read(question, [page for page, _ in pages])
    return {
        (hit.passage.id, start): float(score)
        for hit, (_, starts), values in zip(hits, pages, scores, strict=True)
        for start, score in zip(starts, values, strict=True)
    }


def _weighed(
    unit: Unit, question: Question, relevance: Relevance, said: Mapping[tuple[str, int], float]
) -> Unit:
    """Return a unit with how much of the question it covers, whether it fits, and what the reader says."""
    passage, text = unit.citation.passage, unit.text
    return replace(
        unit,
        coverage=relevance.coverage(text, unit.context, passage.text, lead=unit.over),
        typed=fits(question, text, unit.columns),
        read=said.get((passage.id, unit.citation.start), -math.inf),
    )


def page_of(passage: Passage, document: Document) -> tuple[Page, list[int]]:
    """Return what the reader reads of a passage, and where each block begins in it (-1: nowhere)."""
    blocks, starts = list[str](), list[int]()
    for span, gap in _with_gaps(passage):
        if gap:
            blocks.append(gap)
            starts.append(-1)
        for start, end in _slices(passage, span):
            mark = "- " if span.kind == "list_item" else ""
            blocks.append(mark + passage.text[start:end])
            starts.append(start)
    context = " > ".join((document.label, *passage.heading_path))
    return Page(context, tuple(blocks)), starts


def units(hit: Hit, document: Document, named: str = "") -> Iterator[Unit]:
    """Cut a hit into what can be quoted, in reading order; `named` counts as standing over it all.

    Headings are not quoted, nor is the caption of a table: its rows are.
    """
    passage = hit.passage
    path = " ".join((document.label, *passage.heading_path, *([named] if named else ())))
    tabular = any(span.kind == "table_row" for span in passage.spans)
    caption = " ".join(
        passage.text[s.start : s.end] for s in passage.spans if tabular and s.kind == "caption"
    )
    lead = intro = ""
    for span, gap in _with_gaps(passage):
        lead = gap or (lead if span.kind in LISTED else "")
        if span.kind == "heading" or (tabular and span.kind == "caption"):
            continue
        listed = span.kind in LISTED
        over = f"{intro} {lead} {caption}" if listed else ""
        for start, end in _slices(passage, span):
            yield Unit(Citation(passage, start, end), span.kind, lead, over, path, hit.score)
        if span.kind == "paragraph":
            lead = intro = passage.text[span.start : span.end]


def headings_of(hit: Hit, document: Document) -> Iterator[Unit]:
    """Yield the headings of a hit, with the title over them."""
    for span in hit.passage.spans:
        if span.kind == "heading":
            citation = Citation(hit.passage, span.start, span.end)
            yield Unit(citation, span.kind, "", "", document.label, hit.score)


def _names(question: Question, hits: Sequence[Hit]) -> dict[str, str]:
    """Return for each document id the question's terms that, of all hits, only that document has.

    Such a term ("Kigali") says which document is meant, and so counts as
    standing over everything in it.
    """
    holders: dict[str, set[str]] = {term: set() for term in question.terms}
    for hit in hits:
        for term in term_set(hit.passage.text) & holders.keys():
            holders[term].add(hit.passage.document_id)
    names: dict[str, str] = {}
    for term, documents in holders.items():
        if len(documents) == 1:
            [only] = documents
            names[only] = f"{names.get(only, '')} {term}"
    return names


def listings(section: Sequence[Passage], document: Document) -> list[Listing]:
    """Return the lists and tables of a section, joined where they run over passages."""
    path = " ".join((document.label, *section[0].heading_path))
    found: list[Listing] = []
    lead: Citation | None = None
    intro, run = "", list[Citation]()
    caption: Citation | None = None
    for passage in section:
        for span, gap in _with_gaps(passage):
            if run and (span.kind not in LISTED or (gap and lead and not lead.quote.endswith(gap))):
                found.append(_listing(lead, run, path, intro, caption))
                lead, run, caption = None, [], None
            if gap and not run and (lead is None or span.kind == "table_row"):
                at = passage.text.rindex(gap, 0, span.start)
                lead = Citation(passage, at, at + len(gap))
            here = Citation(passage, span.start, span.end)
            if span.kind == "list_item" and here.quote.endswith(":"):
                # An item that announces a list of its own: what follows belongs to it.
                found += [_listing(lead, run, path, intro, caption)] if run else []
                lead, run = here, []
            elif span.kind in LISTED:
                run.append(here)
            elif span.kind == "paragraph":
                lead = _lead_in(passage, span)
            if span.kind in ("paragraph", "caption"):
                intro = passage.text[span.start : span.end]
                caption = Citation(passage, span.start, span.end) if span.kind == "caption" else None
    return [*found, _listing(lead, run, path, intro, caption)] if run else found


def _lead_in(passage: Passage, span: Span) -> Citation:
    """Quote the sentence that ends a paragraph, with those before it that it refers back to."""
    said = [Citation(passage, *part) for part in _slices(passage, span)]
    first = len(said) - 1
    while first and (len(said[first].quote) < SHORT_LEAD or leans(said[first].quote)):
        first -= 1
    return replace(said[-1], start=said[first].start)


def caption_of(passage: Passage, start: int) -> Citation | None:
    """Return the caption over a row that begins at `start`, where it says what the figures measure."""
    before = [span for span in passage.spans if span.end <= start and span.kind not in LISTED]
    found = Citation(passage, before[-1].start, before[-1].end) if before else None
    return found if found and before[-1].kind == "caption" and _MEASURES.search(found.quote) else None


def _listing(
    lead: Citation | None, items: Sequence[Citation], path: str, intro: str, caption: Citation | None
) -> Listing:
    kind = next(s.kind for s in items[0].passage.spans if s.start == items[0].start)
    heading = " ".join(items[0].passage.heading_path[-1:])
    about = f"{lead.quote if lead else ''} {intro} {heading}"
    measures = caption if kind == "table_row" and caption and _MEASURES.search(caption.quote) else None
    return Listing(lead, tuple(items), kind, f"{path} {intro}", about, caption=measures)


def _with_gaps(passage: Passage) -> Iterator[tuple[Span, str]]:
    """Yield each span with the unspanned line before it: a repeated lead-in or a table's header."""
    end = 0
    for span in passage.spans:
        yield span, passage.text[end : span.start].strip().removesuffix("\n-").strip("- \n")
        end = span.end


def _slices(passage: Passage, span: Span) -> list[tuple[int, int]]:
    """Paragraphs are quoted by the sentence; items, rows and captions whole."""
    if span.kind != "paragraph":
        return [(span.start, span.end)]
    return [(span.start + a, span.start + b) for a, b in sentences(passage.text[span.start : span.end])]
