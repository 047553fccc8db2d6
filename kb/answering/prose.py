"""Answer -> text with numbered citations, for every surface that shows it.

Prose is derived from the claims at the moment it is shown, so that the two
can never drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from kb.types import Answer, Citation, Claim, Pointer

NOT_IN_CORPUS = "The documents do not say this."
GREETING = (
    "Hello. Ask what you want to know: the answer comes in the documents’ own words, each with its page."
)
CLARIFY = "The question can mean more than one thing. Which do you mean?"


def number_citations(answer: Answer) -> list[Citation]:
    """Return every citation once, in the order a reader meets it; [1] is the first."""
    groups = (
        *(claim.citations for claim in answer.claims),
        *(conflict.citations for conflict in answer.conflicts),
        *(option.citations for option in answer.options),
        *(pointer.citations for pointer in answer.pointers),
    )
    return list(dict.fromkeys(citation for group in groups for citation in group))


def answer_text(answer: Answer) -> str:
    """Return the answer as a person reads it, with [n] markers; the exact value first.

    Lists have one line an item, table rows one line a row; what the corpus
    lacks, disagreements and readings of the question follow in words.
    """
    number = {citation: n for n, citation in enumerate(number_citations(answer), 1)}
    paragraphs = [*_opening(answer, number), *_claims(answer.claims, number)]
    paragraphs += [f"Sources disagree: {c.summary} {_marks(c.citations, number)}" for c in answer.conflicts]
    paragraphs += [f"- {o.label}: {o.question} {_marks(o.citations, number)}" for o in answer.options]
    paragraphs += _pointers(answer.pointers, number)
    paragraphs += [f"Note: {note}" for note in answer.notes]
    return "\n".join(line.rstrip() for line in paragraphs)


def _opening(answer: Answer, number: dict[Citation, int]) -> list[str]:
    if answer.exact:
        return [f"{answer.exact} {_marks(answer.claims[0].citations, number)}"]
    sentence = {
        "not_in_corpus": NOT_IN_CORPUS,
        "clarify": CLARIFY,
        "greeting": GREETING,
    }.get(answer.status)
    return [sentence] if sentence else []


def _claims(claims: Iterable[Claim], number: dict[Citation, int]) -> list[str]:
    lines: list[str] = []
    about = ""
    for claim in claims:
        if claim.about and claim.about != about:
            about = claim.about
            lines.append(f"{about}:")
        bullet = "- " if claim.layout == "item" else ""
        text = claim.text.replace("\t", " | ")
        doubt = " (not confirmed by the passage)" if claim.support == "unsupported" else ""
        lines.append(f"{bullet}{text}{doubt} {_marks(claim.citations, number)}")
    return lines


def _pointers(pointers: Iterable[Pointer], number: dict[Citation, int]) -> list[str]:
    """Return a line for each pointer; a note that several share stands once, above what they quote."""
    lines: list[str] = []
    for note, run in groupby(pointers, key=lambda pointer: pointer.note):
        quotes = [_quoted(pointer.citations, number) for pointer in run]
        lines += [f"{note} {quotes[0]}"] if len(quotes) == 1 else [note, *(f"- {quote}" for quote in quotes)]
    return lines


def _quoted(citations: Iterable[Citation], number: dict[Citation, int]) -> str:
    return " ".join(f"“{citation.quote}” [{number[citation]}]" for citation in citations)


def _marks(citations: Iterable[Citation], number: dict[Citation, int]) -> str:
    return "".join(f"[{number[citation]}]" for citation in citations)
