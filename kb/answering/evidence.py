"""Hits -> what can be quoted: sentences, list items, rows and whole lists, scored against the question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from kb.answering.answer_types import fits
from kb.answering.question import Question
from kb.models.page import Page
from kb.retrieval.relevance import Relevance, term_set
from kb.retrieval.shelf import Shelf, shelf
from kb.text import sentences
from kb.types import BlockKind, Citation, Document, Hit, Passage, PassageIndex, Span

# How much the passage's retrieval score counts beside the terms.
RETRIEVAL_WEIGHT = 0.5
# What it is worth that a quote holds the kind of thing asked for: a date, a number, a definition.
TYPE_WEIGHT = 0.2
# Sections that speak of the document itself, and answer only when nothing else does.
FRONT_MATTER = re.compile(
    r"^\W*(about this (document|report|publication)|how to (use|read) this (chapter|document|report)"
    r"|(table of )?contents|foreword|preface|acknowledge?ments"
    r"|references|bibliography|copyright|disclaimer)\b",
    re.I,
)
FRONT_MATTER_WEIGHT = 0.8
# A line of a few words without a mark or figure is the title of what follows, and states nothing by itself.
TITLE = re.compile(r"[^\d\t.:;,!?()@]{1,60}")
TITLE_WEIGHT = 0.8
LISTED = ("list_item", "table_row")
# Hits whose sections are searched for lists that run over passages.
LISTED_HITS = 6


@dataclass(frozen=True, slots=True)
class Unit:
    """One quotable sentence, item, row or caption, with the words that stand over it.

    `lead` is the lead-in or header line, `over` all that the unit depends on
    (lead-in, caption), `context` the title and headings.
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

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.citation.quote


@dataclass(frozen=True, slots=True)
class Listing:
    """A whole list or table: its lead-in or header, and its items in order, over all passages.

    `about` is what stands just over it, `context` all that does.
    """

    lead: Citation | None
    items: tuple[Citation, ...]
    kind: BlockKind
    context: str
    about: str

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

    @property
    def coverage(self) -> float:
        """How much of the question the best quote covers, from 0 to 1."""
        return self.units[0].coverage if self.units else 0.0


def gather(question: Question, relevance: Relevance, hits: Sequence[Hit], index: PassageIndex) -> Evidence:
    """Collect and score all that the hits hold for the question."""
    documents = shelf(index)
    found = (unit for hit in hits for unit in units(hit, documents[hit.passage.document_id]))
    sections = {(h.passage.document_id, h.passage.heading_path): h.passage for h in hits[:LISTED_HITS]}
    lists = [
        entry for p in sections.values() for entry in listings(index.section(p), documents[p.document_id])
    ]
    ranked = rank(
        found, question, relevance, max((hit.score for hit in hits), default=1.0), _names(question, hits)
    )
    return Evidence(question, tuple(hits), tuple(ranked), tuple(lists), relevance, documents)


def units(hit: Hit, document: Document) -> Iterator[Unit]:
    """Cut a hit into what can be quoted, in reading order.

    Headings are not quoted, nor is the caption of a table: its rows are.
    """
    passage = hit.passage
    path = " ".join((document.label, *passage.heading_path))
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


def page_of(passage: Passage, document: Document) -> Page:
    """Return what the reader reads of a passage: title and headings, and every block, lead-ins among them."""
    blocks = list[str]()
    for span, gap in _with_gaps(passage):
        blocks += [gap] if gap else []
        mark = "- " if span.kind == "list_item" else ""
        blocks += [mark + passage.text[start:end] for start, end in _slices(passage, span)]
    return Page(" > ".join((document.title, *passage.heading_path)), tuple(blocks))


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


def rank(
    found: Iterable[Unit], question: Question, relevance: Relevance, best: float, names: Mapping[str, str]
) -> list[Unit]:
    """Score units by coverage, retrieval and type, best first; `best` is the best hit's score."""
    ranked = []
    for plain in found:
        passage, text = plain.citation.passage, plain.text
        named = names.get(passage.document_id, "")
        context = f"{plain.context} {named}" if named else plain.context
        covered = relevance.coverage(text, context, passage.text, lead=plain.over)
        typed = fits(question, text)
        score = covered + RETRIEVAL_WEIGHT * plain.retrieval / (best or 1.0) + TYPE_WEIGHT * typed * covered
        score *= FRONT_MATTER_WEIGHT if _is_front_matter(*passage.heading_path[-1:]) else 1.0
        score *= TITLE_WEIGHT if plain.kind == "paragraph" and TITLE.fullmatch(text) else 1.0
        # Not replace(), which takes as long as all of the above: there are hundreds of units.
        given = (plain.citation, plain.kind, plain.lead, plain.over, context, plain.retrieval)
        ranked.append(Unit(*given, covered, typed, score))
    return sorted(ranked, key=lambda unit: -unit.score)


@lru_cache(maxsize=4096)
def _is_front_matter(heading: str = "") -> bool:
    return bool(FRONT_MATTER.search(heading))


def listings(section: Sequence[Passage], document: Document) -> list[Listing]:
    """Return the lists and tables of a section, joined where they run over passages."""
    path = " ".join((document.label, *section[0].heading_path))
    found: list[Listing] = []
    lead: Citation | None = None
    intro, run = "", list[Citation]()
    for passage in section:
        for span, gap in _with_gaps(passage):
            if run and (span.kind not in LISTED or (gap and lead and not lead.quote.endswith(gap))):
                found.append(_listing(lead, run, path, intro))
                lead, run = None, []
            if gap and not run and (lead is None or span.kind == "table_row"):
                at = passage.text.rindex(gap, 0, span.start)
                lead = Citation(passage, at, at + len(gap))
            here = Citation(passage, span.start, span.end)
            if span.kind == "list_item" and here.quote.endswith(":"):
                # An item that announces a list of its own: what follows belongs to it.
                found += [_listing(lead, run, path, intro)] if run else []
                lead, run = here, []
            elif span.kind in LISTED:
                run.append(here)
            elif span.kind == "paragraph":
                lead = here
            if span.kind in ("paragraph", "caption"):
                intro = passage.text[span.start : span.end]
    return [*found, _listing(lead, run, path, intro)] if run else found


def _listing(lead: Citation | None, items: Sequence[Citation], path: str, intro: str) -> Listing:
    kind = next(s.kind for s in items[0].passage.spans if s.start == items[0].start)
    heading = " ".join(items[0].passage.heading_path[-1:])
    about = f"{lead.quote if lead else ''} {intro} {heading}"
    return Listing(lead, tuple(items), kind, f"{path} {intro}", about)


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
