"""The JSON that other programs rely on: every field of the contract, and marks that lead to quotes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kb.assistant import Assistant
from kb.contract import answer_object, document_object, search_object
from kb.types import Answer, Citation, Claim, Conflict, Document, Hit, Option, Passage, Pointer, Span, Turn

# The contract's lists. Fields may be added there and here; none may be renamed or go.
ANSWER = """id question standalone_question status text claims citations conflicts options pointers
timings_ms config_digest index_generation""".split()
CLAIM = "text support citations".split()
CITATION = """n passage_id document_id title source heading_path page page_label quote""".split()
CONFLICT = "summary citations".split()
OPTION = "label question citations".split()
POINTER = "note citations".split()
TIMINGS = "retrieve answer total".split()
HIT = """passage_id document_id title source heading_path page page_label text score via""".split()
DOCUMENT = "id title source pages passages edition date".split()

TEXT = "Room MH4 is reserved. It opens on 22 March."
PASSAGE = Passage(
    *("p1", "d1", 0, TEXT, ("4. Practical", "Venue"), 11, "9", 0, len(TEXT)),
    spans=(Span(0, 21, "paragraph", 11, "9"), Span(22, len(TEXT), "paragraph", 12, "10")),
)
NOTE = Document("d1", "note.pdf", "Workshop note", edition="2nd", date="2023-03-22", pages=14)
ROOM, DATE = Citation(PASSAGE, 0, 21), Citation(PASSAGE, 22, len(TEXT))
FULL = Answer(
    question="And which room?",
    standalone_question="Which room is reserved?",
    status="answered",
    claims=(Claim("Room MH4 is reserved.", (ROOM,)), Claim("It opens on 22 March.", (DATE, ROOM))),
    conflicts=(Conflict("Two rooms are named.", (ROOM, DATE)),),
    options=(Option("Kigali", "Which room in Kigali?", (DATE,)),),
    pointers=(Pointer("See the note.", (DATE,)),),
    config_digest="abc",
    index_generation="000001-1a2b3c4d",
    timings_ms={"retrieve": 1.0, "answer": 2.0, "total": 3.0},
)


def has(fields: list[str], *objects: dict[str, Any]) -> bool:
    return bool(objects) and all(set(fields) <= set(found) for found in objects)


def check_answer(found: dict[str, Any]) -> None:
    """Assert what holds for every answer: its fields, and marks that lead to citations."""
    assert has(ANSWER, found)
    assert found["status"] in ("answered", "clarify", "not_in_corpus", "greeting")
    groups = {"claims": CLAIM, "conflicts": CONFLICT, "options": OPTION, "pointers": POINTER}
    numbers = list(range(1, len(found["citations"]) + 1))
    for name, fields in groups.items():
        for entry in found[name]:
            assert has(fields, entry)
            assert entry["citations"], f"{name} without a citation: {entry}"
            assert set(entry["citations"]) <= set(numbers)
    assert all(claim["support"] in ("quoted", "supported", "unsupported") for claim in found["claims"])
    assert [citation["n"] for citation in found["citations"]] == numbers
    assert all(has(CITATION, citation) and citation["quote"].strip() for citation in found["citations"])
    assert {int(n) for n in re.findall(r"\[(\d+)\]", found["text"])} >= set(numbers)
    assert set(TIMINGS) <= set(found["timings_ms"])
    json.dumps(found)


def test_an_answer_has_every_field_of_the_contract() -> None:
    found = answer_object(FULL, {"d1": NOTE}, "q-7")
    check_answer(found)
    assert (found["id"], found["question"]) == ("q-7", "And which room?")
    assert found["standalone_question"] == "Which room is reserved?"
    assert (found["config_digest"], found["index_generation"]) == ("abc", "000001-1a2b3c4d")


def test_citations_are_numbered_as_they_are_met() -> None:
    found = answer_object(FULL, {"d1": NOTE})
    assert [claim["citations"] for claim in found["claims"]] == [[1], [2, 1]]
    assert found["conflicts"][0]["citations"] == [1, 2]
    assert found["options"][0]["citations"] == found["pointers"][0]["citations"] == [2]
    assert "Room MH4 is reserved. [1]" in found["text"]
    assert "It opens on 22 March. [2][1]" in found["text"]


def test_a_citation_names_file_section_and_its_own_page() -> None:
    first, second = answer_object(FULL, {"d1": NOTE})["citations"]
    assert first == {
        "n": 1,
        "passage_id": "p1",
        "document_id": "d1",
        "title": "Workshop note",
        "source": "note.pdf",
        "heading_path": ["4. Practical", "Venue"],
        "page": 11,
        "page_label": "9",
        "place": None,
        "recognised": None,
        "quote": "Room MH4 is reserved.",
    }
    assert (second["page"], second["page_label"], second["quote"]) == (12, "10", "It opens on 22 March.")


def test_an_answer_of_nothing_has_every_field_too() -> None:
    found = answer_object(Answer("Q?", "Q?", "not_in_corpus"), {})
    assert has(ANSWER, found)
    assert found["id"] is None
    for name in ("claims", "citations", "conflicts", "options", "pointers"):
        assert found[name] == []
    assert found["text"]


def test_hits_have_every_field_of_the_contract() -> None:
    found = search_object("room", [Hit(PASSAGE, 0.7123456789, "dense+lexical")], {"d1": NOTE})
    assert found["query"] == "room"
    [hit] = found["hits"]
    assert has(HIT, hit)
    assert (hit["source"], hit["page"], hit["score"], hit["text"]) == ("note.pdf", 11, 0.712346, TEXT)
    assert hit["via"] == "dense+lexical"
    json.dumps(found)


def test_documents_have_every_field_of_the_contract() -> None:
    found = document_object(NOTE, 12)
    assert has(DOCUMENT, found)
    assert (found["pages"], found["passages"], found["edition"], found["date"]) == (
        14,
        12,
        "2nd",
        "2023-03-22",
    )
    json.dumps(found)


QUESTIONS = [
    "Where does the Kigali workshop take place?",
    "What are the pillars of the data governance framework?",
    "When is the workshop?",
    "Which company won the football tender of Atlantis?",
    "Quels sont les quatre piliers de la gouvernance des données ?",
    "数据治理的四大支柱是什么？",
    "What is OSI?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_real_answers_keep_the_contract(assistant: Assistant, question: str) -> None:
    documents = {document.id: document for document in assistant.index.documents()}
    answer = assistant.ask(question)
    found = answer_object(answer, documents)
    check_answer(found)
    passages = {p.id: p for p in assistant.index.fetch([c["passage_id"] for c in found["citations"]])}
    for citation in found["citations"]:
        passage = passages[citation["passage_id"]]
        assert citation["quote"] in passage.text
        assert citation["source"] == documents[passage.document_id].source
    if answer.status == "answered":
        assert found["claims"]


def test_a_follow_up_is_completed(assistant: Assistant) -> None:
    turns = [Turn("user", "Where does the Kigali workshop take place?"), Turn("assistant", "In Kigali.")]
    answer = assistant.ask("and when?", turns)
    assert answer.question == "and when?"
    assert "kigali" in answer.standalone_question.lower()


def test_hits_come_best_first_from_the_documents_asked_for(assistant: Assistant) -> None:
    documents = assistant.index.documents()
    note = next(document for document in documents if document.source == "kigali-concept-note.docx")
    hits = assistant.search("Where does the workshop take place?", 5, [note.id])
    assert len(hits) == 5
    assert {hit.passage.document_id for hit in hits} == {note.id}
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.passage.id for hit in hits}) == 5
