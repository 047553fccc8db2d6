"""A list, procedure or table that answers a question -> rows to work through, each with its citation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.answering.evidence import units
from kb.assistant import Assistant
from kb.briefs.layout import day, in_line, note_text, reference_blocks
from kb.briefs.places import cited_documents
from kb.briefs.quoting import by_itself
from kb.briefs.tree import Node, Notes, Target, document, heading, paragraph, remark, table, words
from kb.errors import BriefError
from kb.types import Answer, Citation, Claim, Document, Hit

WORKING = ("Owner", "Due date", "State", "Note")
STATES = ("Open", "In progress", "Done", "Not applicable")
NUMBER, ITEM = "No.", "Item"
# Shares of the line that the number and the working columns take in a Word table.
_NUMBER_SHARE, _WORKING_SHARES = 0.05, (0.11, 0.09, 0.1, 0.15)


@dataclass(frozen=True, slots=True)
class Row:
    """What is to be done or checked: its cells, and the claim that they come from."""

    cells: tuple[str, ...]
    claim: Claim

    @property
    def citation(self) -> Citation:
        """Where the row stands in the documents."""
        return self.claim.citations[0]

    @property
    def quote(self) -> str:
        """The words of the documents that the row rests on."""
        return " … ".join(in_line(citation.quote) for citation in self.claim.citations)


@dataclass(frozen=True, slots=True)
class Checklist:
    """A question, what its list is of, the list's own columns and rows, and where they come from."""

    title: str
    lead: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    documents: Mapping[str, Document]
    made: str
    index_generation: str

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation, row by row."""
        return tuple(citation for row in self.rows for citation in row.claim.citations)


def is_listed(answer: Answer) -> bool:
    """Tell whether an answer is a list or table, of which a checklist can be made at once."""
    return len(_listed(answer.claims)) > 1


def make_checklist(assistant: Assistant, answer: Answer, made: str) -> Checklist:
    """Return an answer as a checklist; `made` is the day.

    A procedure that is told in sentences gets one row a sentence of its
    passage. Raises BriefError for an answer that is no list, or cites a document that the index has no more.
    """
    known = {document.id: document for document in assistant.index.documents()}
    documents = cited_documents((c for claim in answer.claims for c in claim.citations), known)
    claims = _listed(answer.claims) or _told(assistant, answer, documents)
    if len(claims) < 2:
        raise BriefError(
            f"The answer to “{answer.question}” is no list of which a checklist could be made; "
            "ask for a list, steps or a table."
        )
    leads = [claim.text for claim in answer.claims if claim.layout == "lead"]
    columns, rows = _rows(claims, [lead for lead in leads if "\t" in lead])
    cited = cited_documents((c for claim in claims for c in claim.citations), documents)
    return Checklist(
        answer.question.strip(),
        " ".join(lead for lead in leads if "\t" not in lead),
        columns,
        rows,
        cited,
        made,
        assistant.index.generation,
    )


def _listed(claims: Sequence[Claim]) -> list[Claim]:
    return [by_itself(claim) for claim in claims if claim.layout in ("item", "row") and claim.citations]


def _told(assistant: Assistant, answer: Answer, documents: Mapping[str, Document]) -> list[Claim]:
    """Return the sentences of the passage that answers a question for a procedure."""
    if answer.status != "answered" or not answer.claims:
        return []
    if assistant.evidence(answer.standalone_question).question.kind != "procedure":
        return []
    passage = answer.claims[0].citations[0].passage
    told = units(Hit(passage, 0.0, ""), documents[passage.document_id])
    return [Claim(unit.text, (unit.citation,), "quoted", "item") for unit in told]


def _rows(claims: Sequence[Claim], headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[Row, ...]]:
    """Return the columns and rows; a list without numbers of its own gets some."""
    cells = [tuple(cell.strip() for cell in claim.text.split("\t")) for claim in claims]
    width = max(map(len, cells))
    columns = tuple(headers[0].split("\t")) if headers else (ITEM,) * (width == 1)
    columns += ("",) * (width - len(columns))
    if columns[0].strip().lower().rstrip(".") not in ("no", "nr", "n", "#", "number", "step"):
        columns = (NUMBER, *columns)
        cells = [(str(number), *row) for number, row in enumerate(cells, 1)]
    filled = [row + ("",) * (len(columns) - len(row)) for row in cells]
    return columns, tuple(Row(row, claim) for row, claim in zip(filled, claims, strict=True))


def checklist_tree(checklist: Checklist, target: Target) -> Node:
    """Return a checklist as a tree: one table, a footnote a row, the documents below."""
    notes = Notes(target)
    about = f"Checklist of {day(checklist.made)} (index generation {checklist.index_generation})."
    blocks = [heading(1, checklist.title), *remark([paragraph(words(about))], target)]
    blocks += [paragraph(words(checklist.lead))] if checklist.lead else []
    header = [words(name) for name in (*checklist.columns, *WORKING)]
    body = []
    for row in checklist.rows:
        own = [words(cell) for cell in row.cells]
        own[-1] = [*own[-1], *notes.mark(_note(c, row, checklist.documents) for c in row.claim.citations)]
        body.append([*own, [], [], words(STATES[0]), []])
    blocks.append(table(header, body, _shares(checklist)))
    blocks += reference_blocks(checklist.citations, checklist.documents)
    return document(blocks, date=checklist.made, lang="en-GB")


def _note(citation: Citation, row: Row, documents: Mapping[str, Document]) -> str:
    worded = row.claim.support != "quoted" or len(row.claim.citations) > 1
    return note_text(citation, documents[citation.passage.document_id], quote=worded)


def _shares(checklist: Checklist) -> list[float]:
    """Return the width of each column; longer cells get more of what the working columns leave."""
    columns = zip(*(row.cells[1:] for row in checklist.rows), strict=True)
    lengths = [max(map(len, column)) ** 0.5 for column in columns]
    left = 0.98 - _NUMBER_SHARE - sum(_WORKING_SHARES)
    return [_NUMBER_SHARE, *(left * length / (sum(lengths) or 1) for length in lengths), *_WORKING_SHARES]
