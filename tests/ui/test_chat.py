"""How a conversation grows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.errors import QuestionError
from kb.retrieval.filters import Filter
from kb.types import Answer, Status, Turn
from kb.ui.asking import Scope
from kb.ui.chat import (
    Conversation,
    Exchange,
    converse,
    history,
    render_conversation,
    render_documents,
    render_panel,
    spoken,
)
from kb.ui.roles import ANYONE, ROLES, STARTERS, render_welcome
from kb.ui.strings import Words

from .sample import DOCUMENTS, PLACE, ROOM, VIEW, Oracle, Page, venue_answer


def refuse(question: str) -> Answer:
    raise QuestionError(f"The question has {len(question)} characters; shorten it.")


def ask(oracle: Oracle, question: str, before: Conversation = (), role: str = "") -> list[Conversation]:
    return list(converse(oracle, question, before, Scope.of(Filter(), role, DOCUMENTS)))


def test_the_question_stands_first_then_the_answer_grows_claim_by_claim() -> None:
    first, _ = venue_answer().claims
    grown = ask(Oracle(lambda _: venue_answer(), told=(first,)), "Where?")

    texts = [Page(render_conversation(state, VIEW)).text for state in grown]
    assert [ROOM in text for text in texts] == [False, False, True]
    assert [PLACE in text for text in texts] == [False, True, True]
    assert all(text.startswith("Where?") for text in texts)
    assert grown[-1] == (Exchange("Where?", venue_answer()),)


def test_earlier_turns_reach_the_assistant_as_plain_text() -> None:
    oracle = Oracle(lambda _: venue_answer())

    [*_, first] = ask(oracle, "Where?")
    ask(oracle, "And when?", first)

    assert oracle.asked[1].history == [
        Turn("user", "Where?"),
        Turn("assistant", f"{PLACE} [1]\n{ROOM} [2][1]"),
    ]


@pytest.mark.parametrize(
    ("own", "all_told", "given"),
    [
        (("answered", 0.8), ("answered", 0.85), "own"),
        (("answered", 0.6), ("answered", 1.0), "all"),
        (("answered", 0.6), ("clarify", 1.0), "own"),
        (("answered", 0.6), ("not_in_corpus", 0.4), "own"),
        (("not_in_corpus", 0.4), ("answered", 0.6), "all"),
        (("clarify", 1.0), ("answered", 0.6), "all"),
        (("not_in_corpus", 0.4), ("not_in_corpus", 0.2), "all"),
    ],
)
def test_the_documents_of_a_role_answer_unless_all_documents_do_so_more_surely(
    own: tuple[Status, float], all_told: tuple[Status, float], given: str
) -> None:
    answers = {
        ("participant",): replace(venue_answer(), status=own[0], confidence=own[1], exact="own"),
        (): replace(venue_answer(), status=all_told[0], confidence=all_told[1], exact="all"),
    }
    oracle = Oracle(lambda _: answers[oracle.asked[-1].where.audiences])

    [*_, conversation] = ask(oracle, "Where?", role="participant")

    assert conversation[-1].answer is not None
    assert conversation[-1].answer.exact == given
    assert [asked.where.audiences for asked in oracle.asked] == [("participant",), ()]


def test_a_role_without_documents_of_its_own_searches_all() -> None:
    oracle = Oracle(lambda _: venue_answer())

    ask(oracle, "Where?", role="cdo")
    ask(oracle, "Where?")

    assert [asked.where for asked in oracle.asked] == [Filter(), Filter()]


def test_a_filter_holds_for_both_searches_and_may_leave_a_role_nothing() -> None:
    declined = replace(venue_answer(), status="not_in_corpus", claims=())
    oracle = Oracle(lambda _: declined)
    note, book = Filter(documents=("note",)), Filter(documents=("book",))

    list(converse(oracle, "Where?", (), Scope.of(note, "participant", DOCUMENTS)))
    list(converse(oracle, "Where?", (), Scope.of(book, "participant", DOCUMENTS)))

    assert [asked.where for asked in oracle.asked] == [replace(note, audiences=("participant",)), note, book]


def test_an_error_is_one_sentence_and_the_next_question_clears_it() -> None:
    [*_, failed] = ask(Oracle(refuse), "Why?")
    shown = Page(render_conversation(failed, VIEW))

    assert shown.text == "Why?The question has 4 characters; shorten it."
    assert shown.all("div", "problem")[0]["role"] == "alert"
    assert history(failed) == []

    [*_, mended] = ask(Oracle(lambda _: venue_answer()), "Where?", failed)
    assert [exchange.question for exchange in mended] == ["Where?"]


def test_a_question_that_was_broken_off_is_not_part_of_the_history() -> None:
    oracle = Oracle(lambda _: venue_answer())

    [*_, after] = ask(oracle, "Where?", (Exchange("Broken off"),))

    assert oracle.asked[0].history == []
    assert len(after) == 1


def test_a_very_long_question_is_shown_shortened_but_asked_whole() -> None:
    oracle = Oracle(lambda _: venue_answer())

    [*_, long] = ask(oracle, "w" * 5000)

    assert "w" * 401 not in render_conversation(long, VIEW)
    assert oracle.asked[0].question == "w" * 5000


def test_the_panel_shows_the_evidence_of_the_last_answer_and_keeps_the_others() -> None:
    conversation = (Exchange("One?", venue_answer()), Exchange("Two?", venue_answer()), Exchange("Three?"))

    turns = Page(render_panel(conversation, VIEW)).all("section", "turn")

    assert [(turn["data-turn"], "hidden" in turn) for turn in turns] == [("1", True), ("2", False)]


def test_anchors_of_two_answers_differ() -> None:
    conversation = (Exchange("One?", venue_answer()), Exchange("Two?", venue_answer()))

    left = Page(render_conversation(conversation, VIEW))
    right = Page(render_panel(conversation, VIEW))

    targets = {link["href"].removeprefix("#") for link in left.all("a", "marker")}
    anchors = [given["id"] for _, given in right.elements if "id" in given]
    assert targets == set(anchors)
    assert len(anchors) == len(set(anchors)) == 4


def test_an_empty_conversation_offers_questions_of_every_role() -> None:
    page = Page(render_conversation((), VIEW))

    offered = [button["data-question"] for button in page.all("button")]
    assert offered == [question for questions in STARTERS.values() for question in questions[:2]]


def test_on_a_french_page_the_questions_to_start_from_are_said_in_french_and_asked_in_english() -> None:
    shown = render_welcome(ANYONE, Words("fr"))

    assert [button["data-question"] for button in Page(shown).all("button")] == [
        question for questions in STARTERS.values() for question in questions[:2]
    ]
    assert (
        'Comment l&#x27;EGDI est-il calculé ? <small lang="en">How is the EGDI calculated?</small>' in shown
    )


@pytest.mark.parametrize("role", [role for role in ROLES if role in STARTERS])
def test_a_role_is_offered_its_own_questions(role: str) -> None:
    page = Page(render_conversation((), VIEW, role))

    assert [button["data-question"] for button in page.all("button")] == list(STARTERS[role])
    assert Words()(f"who.{role}") in page.text


def test_until_there_is_an_answer_the_documents_are_listed() -> None:
    assert render_panel((Exchange("Where?"),), VIEW) == ""
    text = Page(render_documents(VIEW)).text
    assert all(document.title in text for document in DOCUMENTS.values())


@pytest.mark.parametrize(
    ("exchange", "sentence"),
    [
        (Exchange("Where?"), ""),
        (Exchange("Where?", venue_answer(), whole=False), ""),
        (Exchange("Where?", venue_answer()), "The answer is there, with 2 cited passages."),
        (
            Exchange("Why?", Answer("Why?", "Why?", "not_in_corpus")),
            "No answer: The documents do not say this.",
        ),
    ],
)
def test_a_screen_reader_hears_what_came_of_a_question(exchange: Exchange, sentence: str) -> None:
    assert spoken((exchange,), VIEW) == sentence


def test_the_interface_is_french_and_the_answer_as_the_documents_word_it() -> None:
    view = replace(VIEW, words=Words("fr"))

    text = Page(render_conversation((Exchange("Où ?", venue_answer()),), view)).text

    assert "Réponse tirée de 1 document" in text
    assert PLACE in text


def test_a_sentence_of_the_program_is_announced_as_english_on_the_french_page() -> None:
    view = replace(VIEW, words=Words("fr"))

    page = Page(render_conversation((Exchange("Où ?", problem="The index is damaged."),), view))
    failed = Page(render_conversation((Exchange("Où ?", failed=True),), view))

    assert "Message du programme, en anglais : The index is damaged." in page.text
    assert page.all("span") == [{"lang": "en"}]
    assert Words("fr")("ask.failure") in failed.text
    assert failed.all("span") == []
    assert Page(render_conversation((Exchange("Where?", problem="Damaged."),), VIEW)).text == "Where?Damaged."
