"""Claims and briefs as pandoc's tree: quotes set off, one footnote a place, a list of the documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby

from kb.briefs.brief import Brief, title_of
from kb.briefs.places import place, reference
from kb.briefs.tree import (
    Node,
    Notes,
    Target,
    bullets,
    connecting,
    document,
    emphasised,
    heading,
    numbered,
    paragraph,
    quotation,
    remark,
    table,
    words,
)
from kb.types import Citation, Claim, Conflict, Document

DISAGREE = "Where the sources disagree"
GAPS = "What the documents do not say"
NO_PASSAGE = "No passage on the topic was found that answers:"
REFERENCES = "Documents cited"
_NUMBERED = re.compile(r"^\s*(\d{1,3})\.\s+(?=\S)")
_SPACE: Node = {"t": "Space"}

Cite = Callable[[Claim], list[Node]]


def brief_tree(brief: Brief, target: Target) -> Node:
    """Return a brief as a tree: its parts, disagreements, gaps and documents."""
    notes = Notes(target)
    cite = citer(notes, brief.documents)
    blocks = [heading(1, title_of(brief.topic)), *remark([paragraph(words(_about(brief)))], target)]
    for part in brief.parts:
        blocks.append(heading(2, part.heading))
        for written in part.paragraphs:
            blocks += connecting(written.line, target) if written.line else []
            blocks += claim_blocks(written.claims, cite)
    if brief.conflicts:
        blocks += [heading(2, DISAGREE), *conflict_blocks(brief.conflicts, notes, brief.documents)]
    if brief.gaps:
        gaps = bullets(words(gap) for gap in brief.gaps)
        blocks += [heading(2, GAPS), paragraph(words(NO_PASSAGE)), gaps]
    blocks += reference_blocks(brief.citations, brief.documents)
    blocks += remark([paragraph(words(note)) for note in brief.notes], target)
    return document(blocks, date=brief.made, lang="en-GB")


def _about(brief: Brief) -> str:
    return (
        f"Brief of {day(brief.made)}, drawn from {len(brief.documents)} of the "
        f"{_count(brief.searched, 'document')} in the index (generation {brief.index_generation})."
    )


def day(iso: str) -> str:
    """Return a date as people write it.

    >>> day("2026-11-05")
    '5 November 2026'
    """
    read = date.fromisoformat(iso)
    return f"{read.day} {read:%B} {read.year}"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def citer(notes: Notes, documents: Mapping[str, Document]) -> Cite:
    """Return what marks a claim with the footnotes of its citations.

    A quote needs only its place; a sentence in other words, the quote as well.
    """

    def cite(claim: Claim) -> list[Node]:
        verbatim = claim.support == "quoted" and len(claim.citations) == 1
        return notes.mark(
            note_text(citation, documents[citation.passage.document_id], quote=not verbatim)
            for citation in claim.citations
        )

    return cite


def note_text(citation: Citation, document: Document, *, quote: bool) -> str:
    """Return the text of a footnote: the place, and the quoted words where they are not in the text above."""
    where = place(citation, document)
    return f"{where}: “{in_line(citation.quote)}”" if quote else f"{where}."


def in_line(text: str) -> str:
    r"""Return a row of a table as one line.

    >>> in_line("Rwanda\t0.5489")
    'Rwanda · 0.5489'
    """
    return text.replace("\t", " · ")


def claim_blocks(claims: Iterable[Claim], cite: Cite) -> list[Node]:
    """Return claims as blocks: sentences set off where they are quotes, lists and tables as such."""
    blocks: list[Node] = []
    pending: list[Claim] = []
    for layout, run in groupby(claims, key=lambda claim: claim.layout):
        group = list(run)
        if layout == "row":
            headers = [claim for claim in pending if "\t" in claim.text]
            blocks += _sentences([claim for claim in pending if claim not in headers], cite)
            blocks.append(_table(headers[-1:], group, cite))
            pending = []
        elif layout == "item":
            blocks += _sentences(pending, cite)
            blocks.append(_list(group, cite))
            pending = []
        else:
            blocks += _sentences(pending, cite)
            pending = group
    return [*blocks, *_sentences(pending, cite)]


def _list(items: Sequence[Claim], cite: Cite) -> Node:
    """Return items as a list; where they carry numbers in order, these are the list's own."""
    found = [_NUMBERED.match(item.text) for item in items]
    numbers = [int(match.group(1)) for match in found if match]
    if len(numbers) != len(items) or numbers != [*range(numbers[0], numbers[0] + len(items))]:
        return bullets(_cited(item, cite) for item in items)
    texts = [_NUMBERED.sub("", item.text) for item in items]
    return numbered(
        ([*words(in_line(text)), *cite(item)] for text, item in zip(texts, items, strict=True)), numbers[0]
    )


def _sentences(claims: Sequence[Claim], cite: Cite) -> list[Node]:
    """Return sentences as one paragraph, set off where they are quotes."""
    if not claims:
        return []
    inlines: list[Node] = []
    for claim in claims:
        inlines += [*([_SPACE] if inlines else []), *_cited(claim, cite)]
    verbatim = all(claim.support == "quoted" for claim in claims)
    return [quotation([paragraph(inlines)])] if verbatim else [paragraph(inlines)]


def _cited(claim: Claim, cite: Cite) -> list[Node]:
    return [*words(in_line(claim.text)), *cite(claim)]


def _table(headers: Sequence[Claim], rows: Sequence[Claim], cite: Cite) -> Node:
    """Return rows under their header; the marks stand in the last cell."""
    cells = [row.text.split("\t") for row in rows]
    width = max(len(row) for row in cells)
    top = headers[0].text.split("\t") if headers else []
    header = [words(cell) for cell in _filled(top, width)]
    body = [
        [*(words(cell) for cell in row[:-1]), [*words(row[-1]), *cite(claim)]]
        for row, claim in zip((_filled(row, width) for row in cells), rows, strict=True)
    ]
    return table(header, body, [round(0.98 / width, 3)] * width)


def _filled(cells: Sequence[str], width: int) -> list[str]:
    """Return as many cells as a table has columns; what is too much goes to the last."""
    kept = [*cells[: width - 1], " ".join(cells[width - 1 :])]
    return [*kept, *[""] * (width - len(kept))]


def conflict_blocks(
    conflicts: Iterable[Conflict], notes: Notes, documents: Mapping[str, Document]
) -> list[Node]:
    """Return each disagreement with the quotes of both sides."""
    blocks: list[Node] = []
    for conflict in conflicts:
        marks = [note_text(c, documents[c.passage.document_id], quote=False) for c in conflict.citations]
        quotes = [
            [*words(f"“{in_line(c.quote)}”"), *notes.mark([mark])]
            for c, mark in zip(conflict.citations, marks, strict=True)
        ]
        blocks += [paragraph([*words(conflict.summary), *notes.mark(marks)]), bullets(quotes)]
    return blocks


def reference_blocks(citations: Sequence[Citation], documents: Mapping[str, Document]) -> list[Node]:
    """Return the list of the documents cited, each with its pages."""
    entries = []
    for key, found in documents.items():
        own = [citation for citation in citations if citation.passage.document_id == key]
        rest = ". ".join(reference(found, own))
        entries.append([emphasised(found.title), {"t": "Str", "c": "."}, _SPACE, *words(f"{rest}.")])
    return [heading(2, REFERENCES), numbered(entries)] if entries else []
