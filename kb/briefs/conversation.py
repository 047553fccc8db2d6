"""Questions and their answers as pandoc's tree, each answer with its quotes and their places."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from kb.answering.prose import CLARIFY, GREETING, NOT_IN_CORPUS, number_citations
from kb.briefs.layout import (
    citer,
    claim_blocks,
    conflict_blocks,
    day,
    in_line,
    note_text,
    reference_blocks,
)
from kb.briefs.places import cited_documents
from kb.briefs.quoting import by_itself
from kb.briefs.tree import (
    Node,
    Notes,
    Target,
    bullets,
    connecting,
    document,
    heading,
    paragraph,
    quotation,
    remark,
    words,
)
from kb.types import Answer, Citation, Document, Status

TITLE = "Questions and answers"
DISAGREE = "Sources disagree:"
UNSURE = "Not confirmed by the passage:"
_OPENINGS: dict[Status, str] = {
    "not_in_corpus": NOT_IN_CORPUS,
    "clarify": CLARIFY,
    "greeting": GREETING,
}


def conversation_tree(
    answers: Sequence[Answer], documents: Mapping[str, Document], made: str, target: Target
) -> Node:
    """Return a conversation as a tree; `documents` maps ids to documents, `made` is the day.

    Raises BriefError if a document that is cited is not among them.
    """
    notes = Notes(target)
    citations = [citation for answer in answers for citation in number_citations(answer)]
    cited = cited_documents(citations, documents)
    generations = "; ".join(dict.fromkeys(answer.index_generation for answer in answers))
    about = f"Conversation of {day(made)} (index generation {generations})."
    blocks = [heading(1, TITLE), *remark([paragraph(words(about))], target)]
    for answer in answers:
        blocks += [heading(2, answer.question), *_answer_blocks(answer, notes, cited, target)]
    blocks += reference_blocks(citations, cited)
    return document(blocks, date=made, lang="en-GB")


def _answer_blocks(
    answer: Answer, notes: Notes, documents: Mapping[str, Document], target: Target
) -> list[Node]:
    cite = citer(notes, documents)
    blocks: list[Node] = []
    if answer.exact:
        blocks.append(paragraph([{"t": "Strong", "c": words(answer.exact)}, *cite(answer.claims[0])]))
    elif answer.status in _OPENINGS:
        blocks.append(paragraph(words(_OPENINGS[answer.status])))
    confirmed = [claim for claim in answer.claims if claim.support != "unsupported"]
    unsure = [claim for claim in answer.claims if claim.support == "unsupported"]
    for about, run in groupby(confirmed, key=lambda claim: claim.about):
        blocks += connecting(f"{about}:", target) if about else []
        blocks += claim_blocks(map(by_itself, run), cite)
    if unsure:
        blocks += [paragraph(words(UNSURE)), bullets([*words(c.text), *cite(c)] for c in unsure)]
    if answer.conflicts:
        blocks += [paragraph(words(DISAGREE)), *conflict_blocks(answer.conflicts, notes, documents)]
    for option in answer.options:
        blocks += [paragraph(words(f"{option.label}:")), *_quotes(option.citations, notes, documents)]
    for pointer in answer.pointers:
        blocks += [paragraph(words(pointer.note)), *_quotes(pointer.citations, notes, documents)]
    return [*blocks, *remark([paragraph(words(f"Note: {note}")) for note in answer.notes], target)]


def _quotes(citations: Iterable[Citation], notes: Notes, documents: Mapping[str, Document]) -> list[Node]:
    return [
        quotation(
            [
                paragraph(
                    [
                        *words(in_line(c.quote)),
                        *notes.mark([note_text(c, documents[c.passage.document_id], quote=False)]),
                    ]
                )
            ]
        )
        for c in citations
    ]
