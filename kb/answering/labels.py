"""Items that share a name: "Figure 12", "step 5" or "training and awareness" of two lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from kb.answering.answer_types import has_type
from kb.answering.evidence import Evidence, Listing, Unit
from kb.answering.question import Question
from kb.retrieval.relevance import term_set
from kb.text import NUMBER_WORDS, terms
from kb.types import Citation, Document

# A comparison names its sides, and documents that define one term agree on what is meant.
ONE_MEANING = ("comparison", "definition", "expansion")
# An item's label covers this share of the question.
FULL = 0.9
# Quotes that share more of their words than this say the same.
SAME = 0.5
# A question for an item by its number says little else.
NUMBERED_TERMS = 2
# Words of an item without a label that tell what it is.
FIRST_WORDS = 4
_LABELLED = re.compile(r"\b(figure|fig\.|table|annex|box|chapter)\s+(\d+)\b", re.I)
# "step 5", "principle two"; and "2. Step 2, Training and awareness: ..." before the colon.
_NUMBERED = re.compile(rf"\b([a-z]{{3,}})\s+(\d{{1,2}}|{'|'.join(NUMBER_WORDS)})\b", re.I)
_LABEL = re.compile(r"\W*(?:\d+[.)]\s*)?(?:[a-z]+ \d+[,:]\s*)?([^:\n]{3,70}):\s", re.I)


def of_one_label(evidence: Evidence) -> list[Citation]:
    """Return the captions of different figures or tables that bear the label asked for."""
    asked = _LABELLED.search(evidence.question.text)
    if asked is None:
        return []
    name = r"fig(?:ure|\.)" if asked.group(1).lower().startswith("fig") else asked.group(1)
    label = re.compile(rf"^\W*{name}\s+{asked.group(2)}\b", re.I)
    captions = [unit.citation for unit in evidence.units if label.search(unit.text)]
    different = distinct(captions, lambda one, other: set(terms(one.quote)) == set(terms(other.quote)))
    named = [c for c in different if _more_than_label(evidence.question, c, evidence.documents)]
    return different if len(different) > 1 and not named else []


def _more_than_label(question: Question, citation: Citation, documents: Mapping[str, Document]) -> bool:
    """Tell whether the question names what a figure shows, or the document that it is in."""
    label = set(terms(" ".join(_LABELLED.search(question.text).groups())))  # type: ignore[union-attr]
    title = documents[citation.passage.document_id].title
    return bool((set(question.terms) - label) & {*terms(citation.quote), *terms(title)})


def of_one_number(evidence: Evidence) -> list[Citation]:
    """Return the items of different lists that bear the number asked for: "step 5" of this, and of that."""
    question = evidence.question
    asked = _NUMBERED.search(question.text)
    if asked is None or not terms(asked.group(1)) or len(question.terms) > NUMBERED_TERMS:
        return []
    noun, number = asked.groups()
    number = NUMBER_WORDS.get(number.lower(), number)
    bears = re.compile(rf"^\W*(?:{noun}\W+)?{number}(?:[.):,]|\s+[-–])", re.I)
    # The list must be one of steps: a list under "Session 3" is none of sessions.
    several = re.compile(rf"\b{noun}s\b", re.I)
    items = [unit for unit in evidence.units if unit.kind == "list_item" and bears.search(unit.text)]
    return _one_a_section(unit for unit in items if several.search(f"{unit.over} {unit.context}"))


def of_one_item(evidence: Evidence) -> list[Citation]:
    """Return the items of different lists whose label, what stands before a colon, is what is asked about."""
    question, cover = evidence.question, evidence.relevance.coverage
    if has_type(question.kind) or question.kind in ONE_MEANING:
        return []
    labelled = [(unit, _LABEL.match(unit.text)) for unit in evidence.units if unit.kind == "list_item"]
    asked = [
        unit
        for unit, label in labelled
        if label and _asks_for(question, label.group(1)) and cover(label.group(1), lead=unit.over) >= FULL
    ]
    return _one_a_section(asked) if asked[:1] == list(evidence.units[:1]) else []


def _asks_for(question: Question, label: str) -> bool:
    """Tell whether half of a label's terms or more are asked for."""
    named = term_set(label)
    return bool(named) and len(named & {*question.terms}) >= len(named) / 2


def _one_a_section(units: Iterable[Unit]) -> list[Citation]:
    """Return the best quote of each section, without restated items; empty where one is left."""
    sections: dict[tuple[str, ...], Citation] = {}
    for unit in units:
        passage = unit.citation.passage
        sections.setdefault((passage.document_id, *passage.heading_path), unit.citation)
    different = distinct(sections.values(), _restated)
    return different if len(different) > 1 else []


def _restated(one: Citation, other: Citation) -> bool:
    """Tell whether an item of one document stands in the other as well."""
    apart = one.passage.document_id != other.passage.document_id
    return apart and (_title(one) == _title(other) or same_words(one.quote, other.quote))


def _title(citation: Citation) -> tuple[str, frozenset[str]]:
    """Return the number and the terms of an item's label."""
    label = _LABEL.match(citation.quote)
    number = re.match(r"\W*(\d+)", citation.quote)
    return number.group(1) if number else "", term_set(label.group(1) if label else citation.quote)


def item_names(entry: Listing) -> frozenset[str]:
    """Return the terms of what the items of a list are called: their labels, or their first words."""
    named = ((_LABEL.match(item.quote), item.quote.split()) for item in entry.items)
    called = (label.group(1) if label else " ".join(words[:FIRST_WORDS]) for label, words in named)
    return term_set(" ".join(called))


def distinct(citations: Iterable[Citation], same: Callable[[Citation, Citation], bool]) -> list[Citation]:
    """Return the quotes that are the same as none before them."""
    different: list[Citation] = []
    for citation in citations:
        if not any(same(citation, seen) for seen in different):
            different.append(citation)
    return different


def same_words(one: str, other: str) -> bool:
    """Tell whether two texts share most of the terms of the shorter one.

    >>> same_words("Train the staff", "Staff are to train others"), same_words("Train staff", "Pay staff")
    (True, False)
    """
    a, b = set(terms(one)), set(terms(other))
    return len(a & b) > SAME * min(len(a), len(b))
