"""Questions that ask several things: each is answered, and what is not is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.answering.compound import parts
from tests.answering.desk import desk, quotes

NOTE = """# Card office

## Fees

A residence card costs forty crowns. A lost card is replaced for twenty crowns.

## Opening

The card office opens at nine in the morning. It is in Harbour Street.
"""


@pytest.mark.parametrize(
    "question",
    [
        "Who pays for the card?",
        "Bhutan or Rwanda, who was ahead in 2022?",
        "What are the pillars and what does each of them mean?",
        "What is research and development?",
        "how and why",
        "",
    ],
)
def test_one_question_stays_one(question: str) -> None:
    assert parts(question) == (question,)


def test_words_that_ask_of_the_same_thing_share_it() -> None:
    assert parts("when and where is it held?") == ("when is it held?", "where is it held?")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "When and where is it held and how many may come?",
            ("When is it held", "where is it held", "how many may come?"),
        ),
        (
            "What does the index cover, and is voting part of it?",
            ("What does the index cover", "is voting part of it?"),
        ),
        ("Which agencies were asked and were present?", ("Which agencies were asked and were present?",)),
        (
            "Pourquoi faut-il que le plan soit signé et que le budget soit voté ?",
            ("Pourquoi faut-il que le plan soit signé et que le budget soit voté ?",),
        ),
        ("Who keeps and is responsible for data?", ("Who keeps and is responsible for data?",)),
        (
            "When is the fair and where and who may come?",
            ("When is the fair", "where is the fair", "who may come?"),
        ),
        ("What are they and what is the weight of each?", ("What are they and what is the weight of each?",)),
        ("Where    is the\nfair and who may come?", ("Where is the fair", "who may come?")),
        (
            "Qui signe le contrat et que se passe-t-il ensuite ?",
            ("Qui signe le contrat", "que se passe-t-il ensuite ?"),
        ),
    ],
)
def test_what_is_asked_of_other_things_is_a_part_of_its_own(question: str, asked: tuple[str, ...]) -> None:
    assert parts(question) == asked


def test_each_part_is_answered_in_turn_under_its_own_words(tmp_path: Path) -> None:
    asked = "how much does a residence card cost and when does the card office open?"
    answer = desk(tmp_path, card=NOTE).ask(asked)
    assert answer.status == "answered"
    assert quotes(answer)[0] == "A residence card costs forty crowns."
    assert "The card office opens at nine in the morning." in quotes(answer)
    assert [claim.about for claim in answer.claims][:1] == ["How much does a residence card cost"]
    assert answer.claims[-1].about == "When does the card office open"
    assert answer.question == asked


def test_a_part_that_no_document_answers_is_named(tmp_path: Path) -> None:
    answer = desk(tmp_path, card=NOTE).ask(
        "how much does a residence card cost and who is the mayor of Harbour Street?"
    )
    assert answer.status == "answered"
    assert quotes(answer) == ["A residence card costs forty crowns."]
    assert "No passage was found that answers: who is the mayor of Harbour Street?" in answer.notes


def test_the_second_part_leans_on_the_first(tmp_path: Path) -> None:
    answer = desk(tmp_path, card=NOTE).ask("When does the card office open, and where is it located?")
    assert any("Harbour Street" in quote for quote in quotes(answer))


def test_a_question_of_which_nothing_is_answered_is_declined_whole(tmp_path: Path) -> None:
    asked = "who won the football cup and who is the king of Spain?"
    assert desk(tmp_path, card=NOTE).ask(asked).status == "not_in_corpus"


def test_a_part_that_can_mean_two_things_is_left_to_be_asked_by_itself(tmp_path: Path) -> None:
    other = "# Port office\n\n## Opening\n\nThe port office opens at ten in the morning.\n"
    rules = "# Rules\n\n## Accounts\n\nThe accounts are audited by the court of auditors.\n"
    assistant = desk(tmp_path, card=NOTE, port=other, rules=rules)
    assert assistant.ask("when does the office open?").status == "clarify"
    answer = assistant.ask("who audits the accounts and when does the office open?")
    assert answer.status == "answered"
    assert quotes(answer)[0] == "The accounts are audited by the court of auditors."
    assert (
        "Ask this by itself, for it can mean more than one thing: when does the office open?" in answer.notes
    )


def test_a_later_part_is_asked_of_what_the_first_one_names(tmp_path: Path) -> None:
    fair = "# Spring fair\n\n## Places\n\nThe fair is in Hall 3.\n\nUp to 40 guests may come.\n"
    course = "# Winter course\n\n## Places\n\nThe course is in Room 9.\n\nUp to 12 guests may come.\n"
    answer = desk(tmp_path, fair=fair, course=course).ask("where is the spring fair and how many may come?")
    assert quotes(answer) == ["The fair is in Hall 3.", "Up to 40 guests may come."]
