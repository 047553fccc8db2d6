"""An outline -> a brief: every sentence a quote, or worded by a language model and checked by its quotes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from kb.answering.conflicts import conflicts
from kb.answering.conversation import leans
from kb.answering.evidence import Evidence
from kb.assistant import Assistant
from kb.briefs.brief import Brief, Paragraph, Part, title_of
from kb.briefs.facets import Facet, facet_of
from kb.briefs.outline import Outline, Section
from kb.briefs.places import cited_documents
from kb.briefs.propose import outline_of
from kb.briefs.quoting import Fits, Said, answers_facet, by_itself, document_of, quotes, stands_alone
from kb.briefs.survey import Survey, survey
from kb.errors import BriefError
from kb.retrieval.relevance import Relevance
from kb.text import WORD
from kb.types import Answer, Citation, Claim, Conflict

# No section is begun once a brief has so many words, or what takes their room: three pages.
MOST_WORDS, A_HEADING, A_LINE = 950, 12, {"item": 6, "row": 14}
# What answers a question of the outline covers this share of the topic, headings and title counted.
ON_TOPIC = 0.5
# A question of so many terms says by itself what it is about, and may be answered beside the topic.
WHOLE_QUESTION = 2
QUOTED = "Every sentence is quoted word for word; the lines between the quotes only say where they stand."
NOTHING_NEW = "Left out, as they say nothing more on the topic that can be read by itself:"
LACKING = "What about “{}”?"
LEFT_OUT = "Left out, to keep to three pages:"


@dataclass(slots=True)
class _Desk:
    """What is at hand while a brief is written, and what has come of it."""

    found: Survey
    assistant: Assistant
    said: Said = field(default_factory=Said)
    conflicts: dict[tuple[str, frozenset[Citation]], Conflict] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    writes: bool = False
    parts: int = 0

    @property
    def length(self) -> int:
        """How many words would take as much room as what is said, with its headings and lines of lists."""
        claims = self.said.claims
        lines = sum(A_LINE.get(claim.layout, 0) for claim in claims)
        return sum(len(claim.text.split()) for claim in claims) + lines + A_HEADING * self.parts

    def title(self, document_id: str) -> str:
        return self.found.evidence.documents[document_id].title


def write(assistant: Assistant, outline: Outline) -> Brief:
    """Write the brief of an outline.

    Raises BriefError for a topic on which the documents hold nothing, and
    KBError for a passage that the index no longer holds.
    """
    started = time.perf_counter()
    return write_on(survey(assistant, outline.topic), outline, assistant, started)


def write_brief(assistant: Assistant, topic: str) -> Brief:
    """Write the brief of a topic by its own outline; BriefError if the documents hold nothing on it."""
    started = time.perf_counter()
    found = survey(assistant, topic)
    return write_on(found, outline_of(found), assistant, started)


def write_on(found: Survey, outline: Outline, assistant: Assistant, started: float) -> Brief:
    """Write the brief of an outline on a topic that was surveyed, `started` by `time.perf_counter`."""
    desk = _Desk(found, assistant, writes=assistant.writer is not None)
    parts = _parts(outline.sections, desk)
    if not parts:
        raise BriefError(
            f"No brief on “{title_of(outline.topic)}”: the documents answer nothing of its outline; "
            "take other words, or other headings."
        )
    documents = {document.id: document for document in assistant.index.documents()}
    brief = Brief(
        outline.topic,
        _signed(parts, desk),
        tuple(desk.conflicts.values()),
        (*(LACKING.format(words) for words in found.lost), *desk.gaps),
        tuple(desk.notes) if assistant.writer else (QUOTED, *desk.notes),
        searched=len(documents),
        made=date.today().isoformat(),
        config_digest=assistant.config.digest,
        index_generation=assistant.index.generation,
        seconds=round(time.perf_counter() - started, 2),
    )
    return replace(brief, documents=cited_documents(brief.citations, documents))


def _signed(parts: Sequence[Part], desk: _Desk) -> tuple[Part, ...]:
    """Return the parts with a line wherever the document changes; if there is one only, a note names it."""
    claims = [claim for part in parts for paragraph in part.paragraphs for claim in paragraph.claims]
    cited = {citation.passage.document_id for claim in claims for citation in claim.citations}
    if len(cited) == 1:
        desk.notes[f"All of it is from “{desk.title(*cited)}”."] = None
        return tuple(parts)
    before, signed = "", []
    for part in parts:
        paragraphs = []
        for paragraph in part.paragraphs:
            own = document_of(paragraph.claims)
            verbatim = all(claim.support == "quoted" for claim in paragraph.claims)
            named = verbatim and own != before
            paragraphs.append(replace(paragraph, line=f"From “{desk.title(own)}”:" if named else ""))
            before = own
        signed.append(replace(part, paragraphs=tuple(paragraphs)))
    return tuple(signed)


def _parts(sections: Sequence[Section], desk: _Desk) -> list[Part]:
    """Write the sections, those with a question last: others may quote whole lists that answer it."""
    written: dict[int, Part] = {}
    left_out, nothing = [], []
    for at, section in sorted(enumerate(sections), key=lambda pair: bool(pair[1].questions)):
        if desk.length >= MOST_WORDS:
            left_out.append(section.heading)
        elif part := _part(section, desk):
            written[at] = part
            desk.parts += 1
        elif section.passages and not any(_is_said(facet_of(asked), desk) for asked in section.questions):
            nothing.append(section.heading)
    for remark, headings in ((LEFT_OUT, left_out), (NOTHING_NEW, nothing)):
        if headings:
            desk.notes[f"{remark} {'; '.join(headings)}."] = None
    return [written[at] for at in sorted(written)]


def _part(section: Section, desk: _Desk) -> Part | None:
    """Write one section, or note what nothing answers; None if it has nothing new to say."""
    groups = [group for source in _sources(section, desk) for group in source]
    paragraphs = tuple(Paragraph("", tuple(group)) for group in groups)
    return Part(section.heading, paragraphs) if paragraphs else None


def _sources(section: Section, desk: _Desk) -> Iterator[list[list[Claim]]]:
    if section.passages:
        evidence = desk.found.among(desk.assistant.index.fetch(section.passages))
        facets = [facet for question in section.questions if (facet := facet_of(question))]
        yield _quoted(section.heading, evidence, facets, desk)
    for question in section.asked:
        yield _asked(question, desk)


def _quoted(heading: str, evidence: Evidence, facets: Sequence[Facet], desk: _Desk) -> list[list[Claim]]:
    found = desk.found
    groups = quotes(evidence, found, desk.said, _fitting(facets, found) if facets else None)
    for group in groups:
        _note_conflicts(conflicts(evidence, _whole(group, evidence)), desk)
    return _worded(heading, groups, evidence, desk)


def _fitting(facets: Sequence[Facet], found: Survey) -> Fits:
    """Return what tells whether a quote answers one of some standard questions on the topic."""
    return lambda unit: any(f.holds(unit.text, found.theme) for f in facets) and answers_facet(unit, found)


def _whole(group: Sequence[Claim], evidence: Evidence) -> list[Claim]:
    """Return the claims to compare: without the lead-in of a list of which only some items are quoted."""
    items = sum(claim.layout == "item" for claim in group)
    lengths = [
        len(entry.items)
        for entry in evidence.lists
        if entry.lead and entry.lead.overlaps(group[0].citations[0])
    ]
    return [claim for claim in group if claim.layout != "lead" or items in lengths]


def _is_said(facet: Facet | None, desk: _Desk) -> bool:
    """Tell whether something quoted already answers a standard question."""
    theme = desk.found.theme
    return facet is not None and any(facet.holds(claim.text, theme) for claim in desk.said.claims)


def _asked(question: str, desk: _Desk) -> list[list[Claim]]:
    """Ask a question of all documents; one that nothing answers is a gap."""
    facet = facet_of(question)
    if facet is None or facet.question != question:
        return _answered(question, desk)
    # What was found on the topic holds the answer, if the documents do.
    groups = _quoted(facet.heading, desk.found.evidence, [facet], desk)
    if not groups and not _is_said(facet, desk):
        desk.gaps.append(question)
    return groups


def _answered(question: str, desk: _Desk) -> list[list[Claim]]:
    plain = desk.found.assistant
    for asked, own in _attempts(question, desk):
        answer = plain.ask(asked)
        told = map(by_itself, answer.claims)
        claims = [claim for claim in told if _fits(claim, question, own, desk)]
        if answer.status == "answered" and _says(claims):
            break
    else:
        desk.gaps.append(question)
        return []
    _note_conflicts(answer.conflicts, desk)
    new = [claim for claim in claims if claim.layout == "lead" or desk.said.is_new(claim.text)]
    if not _says(new):
        return []
    desk.said.add(new)
    return _worded(question, [new], plain.evidence(answer.standalone_question), desk)


def _attempts(question: str, desk: _Desk) -> Iterator[tuple[str, Relevance | None]]:
    """Yield the question as it is, if it can stand alone, and then with the topic in brackets.

    One of several words, or with an acronym, says itself what it is about.

    With a measure, a claim must be on the topic, and cover the question's own words.
    """
    own = desk.found.assistant.evidence(question).relevance
    if facet_of(question) is None and not leans(question):
        named = any(word.isupper() and len(word) > 1 for word in WORD.findall(question))
        yield question, None if named or len(own.weights) >= WHOLE_QUESTION else own
    yield f"{question.rstrip('? ')}? ({desk.found.question})", own


def _says(claims: Iterable[Claim]) -> bool:
    return any(claim.layout != "lead" for claim in claims)


def _fits(claim: Claim, question: str, own: Relevance | None, desk: _Desk) -> bool:
    """Tell whether a claim is about what was asked, and holds it if that is a standard question."""
    relevance, facet = desk.found.evidence.relevance, facet_of(question)
    if claim.layout == "sentence" and not stands_alone(claim.text):
        return False
    if facet:
        return bool(facet.holds(claim.text, relevance)) and relevance.coverage(claim.text) >= ON_TOPIC
    return own is None or all(_covers(measure, claim.citations[0], desk) for measure in (relevance, own))


def _covers(relevance: Relevance, citation: Citation, desk: _Desk) -> bool:
    """Tell whether a quote is about the terms of a measure, title, headings and neighbours counted."""
    passage = citation.passage
    context = " ".join((desk.title(passage.document_id), *passage.heading_path))
    return relevance.coverage(citation.quote, context, passage.text) >= ON_TOPIC


def _note_conflicts(found: Iterable[Conflict], desk: _Desk) -> None:
    """Note each disagreement once, from whichever side it is met; many have the same summary."""
    for conflict in found:
        desk.conflicts.setdefault((conflict.summary, frozenset(conflict.citations)), conflict)


def _worded(heading: str, groups: list[list[Claim]], evidence: Evidence, desk: _Desk) -> list[list[Claim]]:
    """Let the language model word a section; what its passages do not confirm is left out."""
    writer, quoted = desk.assistant.writer, tuple(claim for group in groups for claim in group)
    if writer is None or not desk.writes or not quoted:
        return groups
    asked = f"{heading.rstrip('? ')} ({desk.found.question})"
    written = writer.write(Answer(asked, asked, "answered", quoted), evidence)
    desk.notes |= dict.fromkeys(written.notes)
    kept = [claim for claim in written.claims if claim.support != "unsupported" and claim.citations]
    if written.claims == quoted or not kept:
        # One failure is enough waiting: the other sections are quoted at once.
        desk.writes = written.claims != quoted
        return groups
    return [kept]
