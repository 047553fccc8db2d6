"""Follow-ups: what a question stands for after the turns before it, and what the assistant makes of it."""

from __future__ import annotations

import pytest

from kb.answering.conversation import leans, standalone
from kb.answering.prose import answer_text
from kb.assistant import Assistant
from kb.lexicon import learn
from kb.types import Answer, Embedder, Turn
from tests.answering.desk import quotes
from tests.answering.test_ambiguity import KIGALI, VIENTIANE, library

KNOWN = learn(
    ["They met in Kigali, in Vientiane and in Kenya.", "The Quality Management System (QMS) and the EGDI"]
)
PLAN = (
    "# Staff rules\n\n## Leave\n\nAll staff have 18 days of leave.\n\n## Pay\n\nPay comes on the last day.\n"
)


def asked(*questions: str) -> list[Turn]:
    return [turn for question in questions for turn in (Turn("user", question), Turn("assistant", "Yes."))]


@pytest.mark.parametrize(
    ("before", "question", "complete"),
    [
        (["When is the Vientiane workshop?"], "And in Kigali?", "When is the Kigali workshop?"),
        (
            ["When is the Vientiane workshop?", "what is a QMS?"],
            "And Kigali?",
            "When is the Kigali workshop?",
        ),
        (["what was the EGDI of Kenya in 2022"], "and in 2020?", "what was the EGDI of Kenya in 2020"),
        (
            ["what was the EGDI of Kenya in 2022"],
            "and in 2018 and 2020?",
            "what was the EGDI of Kenya in 2018 and 2020",
        ),
        (["Is Kigali in the EGDI?"], "and Vientiane and Kenya?", "Is Vientiane and Kenya in the EGDI?"),
        (
            ["When is the Kigali workshop?"],
            "And is there a fee for it?",
            "And is there a fee for the Kigali workshop?",
        ),
        (["what is step 3 of it?"], "and step 4?", "what is step 4 of it?"),
        (["What are the benefits of audits?"], "And of training?", "What are the benefits of training?"),
        (["What are the steps of an audit?"], "the QMS ones", "What are the steps of QMS?"),
        (["What are the pillars?"], "the maturity one", "What are the pillars maturity?"),
        (["What are the aims of the Kigali workshop?"], "When is it?", "When is the Kigali workshop?"),
        (["What is a QMS?"], "Why does it matter?", "Why does QMS matter?"),
        (["What is the budget of the QMS?"], "who sets it?", "who sets the budget of the QMS?"),
        (["how are audits planned?"], "who does them?", "who does them? (audits planned)"),
        (["When is the Kigali workshop?"], "which room?", "which room? (Kigali workshop)"),
        (["When is the Kigali workshop?", "which room?"], "is it big?", "is the Kigali workshop big?"),
    ],
)
def test_a_follow_up_is_completed(before: list[str], question: str, complete: str) -> None:
    assert standalone(question, asked(*before), KNOWN)[0] == complete


@pytest.mark.parametrize(
    "question",
    [
        "What is a QMS?",
        "what are the duties of senior officers in public procurement?",
        "when is the Vientiane workshop?",
        "Kenya EGDI 2022",
        "Is it possible to compare two editions?",
    ],
)
def test_another_subject_takes_nothing_along(question: str) -> None:
    assert standalone(question, asked("When is the Kigali workshop?"), KNOWN) == (question,)


@pytest.mark.parametrize(
    ("question", "refers"),
    [
        ("what does the IT budget hold?", False),
        ("is there a tool that helps?", False),
        ("is it possible to compare two editions?", False),
        ("Is it possible to compare two editions?", False),
        ("who will be there?", True),
        ("who paid for that?", True),
        ("which one came first?", True),
        ("and the rooms?", True),
    ],
)
def test_what_refers_to_something_said(question: str, refers: bool) -> None:
    assert leans(question) is refers


@pytest.mark.parametrize(
    ("before", "question"),
    [
        ("in" + " " * 1900 + "?a", "and in Kigali?"),
        ("in ." * 200 + "." * 1000 + "?a", "and in Kigali?"),
        ("of . " * 200 + "." * 1000 + "?a", "the audit ones"),
        ("what is" + " " * 1900 + "1", "why?"),
    ],
)
def test_an_earlier_turn_made_to_keep_the_program_busy_does_not(before: str, question: str) -> None:
    # Minutes to hours each, where an expression goes back over what it has read.
    assert standalone(question, asked(before), KNOWN)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    folder = tmp_path_factory.mktemp("office")
    return library(folder, embedder, kigali=KIGALI, vientiane=VIENTIANE, rules=PLAN)


def talked(assistant: Assistant, *questions: str) -> Answer:
    """Ask questions in turn, each with the answers before it, and return the last answer."""
    history: list[Turn] = []
    for question in questions:
        answer = assistant.ask(question, history)
        history += [Turn("user", question), Turn("assistant", answer_text(answer))]
    return answer


@pytest.mark.parametrize(
    ("questions", "said"),
    [
        (["When is the Vientiane workshop?", "And in Kigali?"], "22 and 23 March 2023"),
        (["When is the Vientiane workshop?", "how much leave do staff have?", "And in Kigali?"], "22 and 23"),
        (["Who takes part in the Kigali workshop?", "When is it?"], "22 and 23 March 2023"),
        (["When is the workshop?", "Vientiane"], "11 May 2023"),
        (["When is the workshop?", "the one in Kigali"], "22 and 23 March 2023"),
        (["When is the Kigali workshop?", "how many days of leave do staff have?"], "18 days"),
    ],
)
def test_a_conversation_is_followed(office: Assistant, questions: list[str], said: str) -> None:
    answer = talked(office, *questions)
    assert answer.status == "answered"
    assert said in quotes(answer)[0]


def test_earlier_turns_of_any_length_are_read_in_part(office: Assistant) -> None:
    history = [Turn("user", "What is " + "a fee " * 100_000), Turn("assistant", "No. " * 500_000)]
    assert office.ask("When is the Kigali workshop?", history).status == "answered"


@pytest.mark.parametrize(("reply", "place"), [("the first", 0), ("the second one", 1), ("2", 1)])
def test_an_option_is_chosen_by_its_place(office: Assistant, reply: str, place: int) -> None:
    asked_back = office.ask("when is the workshop?")
    assert asked_back.status == "clarify"
    answer = talked(office, "when is the workshop?", reply)
    assert quotes(answer)[0] == asked_back.options[place].citations[0].quote


def test_a_short_question_on_another_subject_is_answered_without_the_topic(office: Assistant) -> None:
    answer = talked(office, "When is the Kigali workshop?", "how much leave do staff have?")
    assert answer.standalone_question == "how much leave do staff have?"
    assert quotes(answer)[0] == "All staff have 18 days of leave."
