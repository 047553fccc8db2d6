"""An Answer as HTML: pure functions, in which every word of a document is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from kb.types import Answer, Citation, Claim, Conflict, Layout
from kb.ui.columns import render_columns
from kb.ui.foreign import ENGLISH, marked, spoken_in
from kb.ui.markup import bulleted, prose, safe, tag
from kb.ui.onward import render_options, render_pointers
from kb.ui.sources import Sources
from kb.ui.strings import Words


def render_answer(answer: Answer, sources: Sources) -> str:
    """Return the answer as one block: status in words, then all that it states.

    `sources` may have been numbered from a longer answer, of which this one is
    the beginning: so an answer can appear piece by piece and keep its numbers.
    """
    parts = (
        _understood(answer, sources),
        _status(answer, sources),
        tag("p", tag("strong", _said(answer.exact, sources)), "exact") if answer.exact else "",
        _compared(answer.claims, sources) or _claims(answer.claims, sources),
        _conflicts(answer.conflicts, sources),
        render_options(answer.options, sources),
        render_pointers(answer.pointers, sources),
        _notes(answer.notes, sources.view.words),
    )
    return tag("div", "".join(parts), f"answer {answer.status}")


def _notes(notes: Sequence[str], words: Words) -> str:
    """Return the program's remarks on the answer, which are English."""
    return "".join(tag("p", prose(note), "note", **spoken_in(ENGLISH, words)) for note in notes)


def _understood(answer: Answer, sources: Sources) -> str:
    if " ".join(answer.standalone_question.split()) in ("", " ".join(answer.question.split())):
        return ""
    said = sources.view.words("answer.understood", question=answer.standalone_question)
    return tag("p", prose(said), "understood")


def _status(answer: Answer, sources: Sources) -> str:
    words = sources.view.words
    documents = len({citation.passage.document_id for citation in sources.numbers})
    if answer.status == "answered" and documents:
        said = words("answer.answered_from", documents=words.count("app.document", documents))
    else:
        said = words(f"answer.{answer.status}")
    return tag("p", safe(said), "status")


def _compared(claims: Sequence[Claim], sources: Sources) -> str:
    """Return the sides of a comparison as columns, nothing if the claims are for no sides."""
    sides = [(name, list(said)) for name, said in groupby(claims, key=lambda claim: claim.about) if name]
    columns = (tag("h3", prose(name)) + _claims(said, sources) for name, said in sides)
    cells = "".join(tag("div", column, "side") for column in columns)
    return tag("div", cells, "compared") if sides else ""


def _claims(claims: Sequence[Claim], sources: Sources) -> str:
    """Return the claims in order; runs of items become lists, runs of rows tables.

    A lead stands before its list as a sentence, but inside its table as the header.
    """
    kept = _marked_once(_without_repeated_headers(claims))
    runs = [(layout, list(run)) for layout, run in groupby(kept, key=lambda claim: claim.layout)]
    parts: list[str] = []
    for place, (layout, run) in enumerate(runs):
        following = runs[place + 1][0] if place + 1 < len(runs) else None
        before = runs[place - 1] if place else None
        if layout == "lead" and following == "row" and "\t" in run[-1].text:
            parts.append(_run("sentence", run[:-1], sources))
        elif layout == "row":
            header = before[1][-1] if before and before[0] == "lead" and "\t" in before[1][-1].text else None
            parts.append(_table(header, run, sources))
        else:
            parts.append(_run(layout, run, sources))
    return "".join(parts)


def _without_repeated_headers(claims: Sequence[Claim]) -> Iterator[Claim]:
    """Yield the claims but for a header that stands already above the rows before it."""
    header = None
    for claim in claims:
        if claim == header:
            continue
        if claim.layout != "row":
            header = claim if claim.layout == "lead" and "\t" in claim.text else None
        yield claim


def _marked_once(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Yield the claims, of those of a list that share a quote all but one without it: so it is marked once.

    The quote that a list begins with is marked there, a later one where it ends.
    """
    before: Layout = "sentence"
    for (_, shared), run in groupby(claims, key=_shared):
        group = list(run)
        begins = before == "sentence" or group[0].layout == "lead"
        marked = 0 if begins else len(group) - 1
        for place, claim in enumerate(group):
            yield claim if place == marked or not shared else replace(claim, citations=())
        before = group[-1].layout


def _shared(claim: Claim) -> tuple[tuple[Citation, ...], bool]:
    """Return what a claim cites, and whether its neighbours in a list may share the marker."""
    return claim.citations, claim.layout != "sentence" and claim.support == "quoted"


def _run(layout: Layout, claims: Sequence[Claim], sources: Sources) -> str:
    if layout == "item":
        return bulleted([claim.text for claim in claims], [_statement(claim, sources) for claim in claims])
    return "".join(tag("p", _statement(claim, sources), layout) for claim in claims)


def _statement(claim: Claim, sources: Sources) -> str:
    return _said(claim.text, sources) + _doubt(claim, sources) + sources.markers(claim.citations)


def _said(text: str, sources: Sources) -> str:
    """Return words of the documents, which are in the documents' language."""
    return marked(prose(text), sources.language, sources.view.words)


def _doubt(claim: Claim, sources: Sources) -> str:
    if claim.support != "unsupported":
        return ""
    return " " + tag("em", safe(sources.view.words("answer.doubt")), "doubt")


def _table(header: Claim | None, rows: Sequence[Claim], sources: Sources) -> str:
    lines = [*([header] if header else []), *rows]
    width = max(len(line.text.split("\t")) for line in lines)
    head = tag("thead", _row(header, "th", width, sources)) if header else ""
    body = tag("tbody", "".join(_row(row, "td", width, sources) for row in rows))
    named = render_columns(header.text, sources.view.words) if header else ""
    return tag("div", tag("table", head + body), "table") + named


def _row(claim: Claim, cell: str, width: int, sources: Sources) -> str:
    texts = claim.text.split("\t")
    cells = [_said(text, sources) for text in texts] + [""] * (width - len(texts))
    cells[-1] += _doubt(claim, sources) + sources.markers(claim.citations)
    attributes = {"scope": "col"} if cell == "th" else {}
    return tag("tr", "".join(tag(cell, text, **attributes) for text in cells))


def _conflicts(conflicts: Sequence[Conflict], sources: Sources) -> str:
    return "".join(_conflict(conflict, sources) for conflict in conflicts)


def _conflict(conflict: Conflict, sources: Sources) -> str:
    words = sources.view.words
    summary = marked(prose(conflict.summary), ENGLISH, words)
    heading = tag("p", tag("strong", safe(words("answer.conflict"))) + " " + summary)
    quotes = (
        tag("q", prose(citation.quote))
        + " "
        + tag("cite", safe(sources.place(citation)))
        + sources.markers([citation])
        for citation in conflict.citations
    )
    listed = tag("ul", "".join(tag("li", quote) for quote in quotes))
    return tag("section", heading + listed, "conflict", aria_label=words("answer.conflict_label"))
