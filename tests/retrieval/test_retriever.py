"""What the retriever finds, and by which of a question's words."""

from __future__ import annotations

from kb.config import RetrievalConfig
from kb.retrieval.relevance import Relevance
from kb.retrieval.retriever import Retriever
from kb.text import terms
from kb.types import Hit
from tests.fakes import MemoryIndex
from tests.index.library import EMBEDDER, adding, document, passage

BUDGET = passage("note", 0, "RISA approves the budgets of public bodies.")
PARTY = passage("note", 1, "The Rwanda Information Society Authority holds a yearly party.")
ROOM = passage("note", 2, "Room MH4 is reserved on the second day.")

QUESTION = "who approves budgets at RISA"
EXPANSION = ("Rwanda Information Society Authority",)


def search(dense_weight: float, added: tuple[str, ...] = ()) -> list[Hit]:
    index = MemoryIndex(adding((document("note"), [BUDGET, PARTY, ROOM])))
    retriever = Retriever(index, EMBEDDER, RetrievalConfig(dense_weight=dense_weight))
    relevance = Relevance(terms(QUESTION), {}, index.lexicon(), index.size)
    return retriever.search(QUESTION, relevance, added=added)


def test_added_words_leave_the_vector_search_as_it_is() -> None:
    alone, expanded = search(1.0), search(1.0, EXPANSION)
    assert [(hit.passage.id, hit.score) for hit in expanded] == [(hit.passage.id, hit.score) for hit in alone]
    assert expanded[0].passage == BUDGET


def test_added_words_find_what_only_the_expansion_names() -> None:
    alone, expanded = ({hit.passage.id: hit for hit in search(0.0, added)} for added in ((), EXPANSION))
    assert "lexical" not in alone[PARTY.id].via
    assert alone[PARTY.id].score == 0
    assert "lexical" in expanded[PARTY.id].via
    assert expanded[PARTY.id].score > expanded[ROOM.id].score
