"""Marks of what is not in force are told, and sentences about a repeal are no marks."""

import pytest

from kb.answering.in_force import in_force_notes, mark_of
from kb.types import Citation, Document, Passage, Span

HARBOUR = Document("d", "harbour.pdf", "Harbour rules")


def quoted(text: str, *headings: str) -> Citation:
    passage = Passage(
        "p", "d", 0, text, headings, 1, None, 0, len(text), (Span(0, len(text), "paragraph", 1),)
    )
    return Citation(passage, 0, len(text))


@pytest.mark.parametrize(
    ("text", "headings", "said"),
    [
        ("Boats moor at the north quay. [Repealed by Order 7 of 2021]", (), "repealed"),
        ("Repealed. Boats moor at the north quay.", (), "repealed"),
        ("Boats moor at the north quay.", ("Part 2", "Article 9 (superseded)"), "superseded"),
        ("Les bateaux accostent au nord. (abrogé)", (), "repealed"),
        ("Boats moor at the north quay.", ("Draft",), "a draft"),
        ("Boats moor at the north quay.", ("Part 2",), ""),
        ("Order 7 was repealed by the council in 2021.", (), ""),
        ("The draft plan is sent to the harbour master.", (), ""),
        ("Draft rules are published for comment.", (), ""),
        ("Withdrawn boats pay half the fee.", (), ""),
    ],
)
def test_a_mark_is_told_from_a_sentence(text: str, headings: tuple[str, ...], said: str) -> None:
    assert mark_of(quoted(text, *headings), HARBOUR) == said


@pytest.mark.parametrize(
    ("title", "expected"),
    [("Harbour rules (draft)", True), ("DRAFT harbour rules", True), ("Drafting rules", False)],
)
def test_a_document_whose_title_says_draft_is_one(title: str, expected: bool) -> None:
    document = Document("d", "harbour.pdf", title)
    assert bool(mark_of(quoted("Boats moor at the north quay."), document)) is expected


def test_each_document_is_named_once() -> None:
    quotes = [quoted("Boats moor here. [repealed]"), quoted("Boats pay. [repealed]"), quoted("Boats leave.")]
    assert in_force_notes(quotes, {"d": HARBOUR}) == (
        "What is quoted from Harbour rules is marked there as repealed.",
    )
