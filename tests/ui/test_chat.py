"""How a conversation grows."""

from __future__ import annotations

import pytest

from kb.errors import QuestionError
from kb.types import Answer, Turn
from kb.ui.chat import Conversation, Exchange, converse, history, render_conversation, render_panel, spoken
from kb.ui.examples import EXAMPLES

from .sample import DOCUMENTS, PLACE, ROOM, Desk, Page, venue_answer


def refuse(question: str) -> Answer:
    raise QuestionError(f"The question has {len(question)} characters; shorten it.")


def ask(
    desk: Desk, question: str, before: Conversation = (), documents: tuple[str, ...] = ()
) -> list[Conversation]:
    return list(converse(desk, question, before, documents, pause=0))


def test_the_question_stands_first_then_the_answer_grows_claim_by_claim() -> None:
    grown = ask(Desk(lambda _: venue_answer()), "Where?")

    texts = [Page(render_conversation(state, DOCUMENTS)).text for state in grown]
    assert [ROOM in text for text in texts] == [False, False, True]
    assert [PLACE in text for text in texts] == [False, True, True]
    assert all(text.startswith("Where?") for text in texts)
    assert grown[-1] == (Exchange("Where?", venue_answer()),)


def test_earlier_turns_reach_the_assistant_as_plain_text() -> None:
    desk = Desk(lambda _: venue_answer())

    [*_, first] = ask(desk, "Where?")
    ask(desk, "And when?", first)

    assert desk.asked[1][1] == [Turn("user", "Where?"), Turn("assistant", f"{PLACE} [1]\n{ROOM} [2][1]")]


def test_the_chosen_documents_are_searched_and_all_if_none_is_chosen() -> None:
    desk = Desk(lambda _: venue_answer())

    ask(desk, "Where?", documents=("note", "book"))
    ask(desk, "Where?")

    assert [documents for *_, documents in desk.asked] == [{"note", "book"}, None]


def test_an_error_is_one_sentence_and_the_next_question_clears_it() -> None:
    [*_, failed] = ask(Desk(refuse), "Why?")
    shown = Page(render_conversation(failed, DOCUMENTS))

    assert shown.text == "Why?The question has 4 characters; shorten it."
    assert shown.all("div", "problem")[0]["role"] == "alert"
    assert history(failed) == []

    [*_, mended] = ask(Desk(lambda _: venue_answer()), "Where?", failed)
    assert [exchange.question for exchange in mended] == ["Where?"]


def test_a_question_that_was_broken_off_is_not_part_of_the_history() -> None:
    desk = Desk(lambda _: venue_answer())

    [*_, after] = ask(desk, "Where?", (Exchange("Broken off"),))

    assert desk.asked[0][1] == []
    assert len(after) == 1


def test_a_very_long_question_is_shown_shortened_but_asked_whole() -> None:
    desk = Desk(lambda _: venue_answer())

    [*_, long] = ask(desk, "w" * 5000)

    assert "w" * 401 not in render_conversation(long, DOCUMENTS)
    assert desk.asked[0][0] == "w" * 5000


def test_the_panel_shows_the_evidence_of_the_last_answer_and_keeps_the_others() -> None:
    conversation = (Exchange("One?", venue_answer()), Exchange("Two?", venue_answer()), Exchange("Three?"))

    turns = Page(render_panel(conversation, DOCUMENTS)).all("section", "turn")

    assert [(turn["data-turn"], "hidden" in turn) for turn in turns] == [("1", True), ("2", False)]


def test_anchors_of_two_answers_differ() -> None:
    conversation = (Exchange("One?", venue_answer()), Exchange("Two?", venue_answer()))

    left = Page(render_conversation(conversation, DOCUMENTS))
    right = Page(render_panel(conversation, DOCUMENTS))

    targets = {link["href"].removeprefix("#") for link in left.all("a", "marker")}
    anchors = [given["id"] for _, given in right.elements if "id" in given]
    assert targets == set(anchors)
    assert len(anchors) == len(set(anchors)) == 4


def test_an_empty_conversation_offers_the_examples_of_every_group() -> None:
    page = Page(render_conversation((), DOCUMENTS))

    offered = [button["data-question"] for button in page.all("button")]
    assert offered == [question for questions in EXAMPLES.values() for question in questions]
    assert len(EXAMPLES) == 3
    assert all(group in page.text for group in EXAMPLES)


@pytest.mark.parametrize(
    ("exchange", "sentence"),
    [
        (Exchange("Where?"), ""),
        (Exchange("Where?", venue_answer(), shown=1), ""),
        (Exchange("Where?", venue_answer()), "The answer is there, with 2 cited passages."),
    ],
)
def test_a_screen_reader_hears_of_the_answer_once_it_is_whole(exchange: Exchange, sentence: str) -> None:
    assert spoken((exchange,)) == sentence
