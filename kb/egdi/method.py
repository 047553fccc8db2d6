"""What the documents say on the method of the EGDI: found in an index by its words, and quoted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from kb.egdi.figures import figures_in
from kb.text import sentences, terms
from kb.types import Citation, Passage, PassageIndex

# Passages that are looked at for each sentence.
CANDIDATES = 20
# A sentence says what is looked for, or a heading announces it, if it holds this share of the terms.
SAYS = 0.8

FORMULA = "EGDI is the average of three normalised indices OSI TII HCI"
WEIGHTS = "EGDI = 0.34 OSI + 0.33 TII + 0.33 HCI"
NORMALISATION = (
    "each component goes through the Z-score procedure so that all show comparable variance",
    "the composite is rescaled to run from 0 to 1",
)
CAUTION = "method is improved for every edition, scores of different editions compared only in part"
CHANGES = "what changed by edition"


@dataclass(frozen=True, slots=True)
class Method:
    """The method as one index tells it; `documents` limits it to these ids."""

    index: PassageIndex
    documents: Collection[str] | None = None

    def formula(self, *, weighted: bool = False) -> list[Citation]:
        """Return what says how the three indices make the EGDI, or with which other weights they did."""
        return self._said(WEIGHTS if weighted else FORMULA)

    def normalisation(self) -> list[Citation]:
        """Return what says how indices are made comparable before they are averaged."""
        return [quote for words in NORMALISATION for quote in self._said(words)]

    def caution(self) -> list[Citation]:
        """Return what says that editions are only partly comparable."""
        return self._said(CAUTION)

    def changes(self, first: int, last: int) -> list[Citation]:
        """Return the table rows on what changed after one edition and up to another, in order."""
        rows = [row for passage in self._passages(CHANGES) for row in _rows_under(passage, CHANGES)]
        years = {row: year for row in rows if (year := row.quote.split("\t")[0]).isdigit()}
        kept = [row for row, year in years.items() if first < int(year) <= last]
        return sorted(kept, key=lambda row: row.quote)

    def _said(self, words: str) -> list[Citation]:
        """Return the sentence that says this, none if there is none."""
        wanted = set(terms(words))
        quotes = [quote for passage in self._passages(words) for quote in _sentences(passage)]
        best = max(quotes, key=lambda quote: _share(quote.quote, wanted), default=None)
        return [best] if best and _share(best.quote, wanted) >= SAYS else []

    def _passages(self, words: str) -> list[Passage]:
        found = self.index.search_words(words, CANDIDATES, self.documents)
        passages = self.index.fetch([key for key, _ in found])
        # The table of figures holds the names of all indices in every passage, and says nothing about them.
        figures = figures_in(self.index).document
        return [passage for passage in passages if passage.document_id != figures]


def _sentences(passage: Passage) -> Iterator[Citation]:
    for span in passage.spans:
        if span.kind == "paragraph":
            for start, end in sentences(passage.text[span.start : span.end]):
                yield Citation(passage, span.start + start, span.start + end)


def _rows_under(passage: Passage, heading: str) -> Iterator[Citation]:
    if _share(" ".join(passage.heading_path[-1:]), set(terms(heading))) >= SAYS:
        rows = (span for span in passage.spans if span.kind == "table_row")
        yield from (Citation(passage, row.start, row.end) for row in rows)


def _share(text: str, wanted: set[str]) -> float:
    return len(wanted & {*terms(text)}) / len(wanted)
