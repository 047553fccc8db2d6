"""How sure the assistant says it is, and what it does with that: real index, real model."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answering.abstention import REFUSED, WEIGHTS
from kb.assistant import Assistant
from kb.config import load_config
from kb.contract import answer_object
from kb.errors import ConfigError
from kb.types import Answer, Embedder
from tests.answering.desk import quotes
from tests.answering.test_ambiguity import KIGALI, VIENTIANE, library
from tests.test_contract import check_answer

HANDBOOK = """# Officer handbook

## Leave

Staff have 18 days of annual leave. Leave is approved by the head of unit.

## Registry

The registry keeps the contracts of the office. The registry is open to the public. Whoever loses a
contract pays a fine of 640 francs, and copies are kept by the registry.

## Press desk

The press desk opened on 4 May 2021.

## Training

Each officer attends a course on data protection. For more details, refer to the Training plan.

## Standards

The office follows ISO 9001 on quality.

## Course

The course has five parts:

- law
- risk
- tools
- cases
- a test
"""
DESK = "# Press desk\n\n## Contact\n\nThe phone number of the press desk is +250 788 123 456.\n"
ANSWERED = [
    "how many days of leave do staff have?",
    "who approves leave?",
    "is the registry open to the public?",
    "when was the press desk opened?",
    "what is the phone number of the press desk?",
    "list the parts of the course",
    "which ISO standard on quality does the office follow, ISO 9001?",
    "how many desks has the press office?",
]
DECLINED = [
    "who is the president of France?",
    "what is the capital of Norway",
    "how many contracts does the registry keep?",
    "what is the phone number of the registry?",
    "what is the e-mail address of the press desk?",
    "which ISO standard on quality does the office follow, ISO 27001?",
    "how much does the course on data protection cost?",
    "at what time is the registry open to the public?",
]


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    texts = {"handbook": HANDBOOK, "desk": DESK, "kigali": KIGALI, "vientiane": VIENTIANE}
    return library(tmp_path_factory.mktemp("books"), embedder, **texts)


def at(assistant: Assistant, least: float) -> Assistant:
    """Return the same assistant with another setting of answering.min_confidence."""
    config = load_config(index=assistant.config.index, answering={"min_confidence": least})
    return replace(assistant, config=config)


def as_object(assistant: Assistant, answer: Answer) -> dict[str, object]:
    return answer_object(answer, {document.id: document for document in assistant.index.documents()})


@pytest.mark.parametrize("question", ANSWERED)
def test_what_the_documents_say_is_answered(handbook: Assistant, question: str) -> None:
    answer = handbook.ask(question)
    assert answer.status == "answered"
    assert 0.5 <= answer.confidence < 1


@pytest.mark.parametrize("question", DECLINED)
def test_what_they_do_not_say_is_declined_with_the_nearest(handbook: Assistant, question: str) -> None:
    answer = handbook.ask(question)
    assert (answer.status, answer.claims, answer.conflicts, answer.exact) == ("not_in_corpus", (), (), "")
    assert 0 <= answer.confidence < 0.5
    assert 1 <= len(answer.pointers) <= 2


def test_asking_back_is_certain(handbook: Assistant) -> None:
    for least in (0, 0.5, 1):
        answer = at(handbook, least).ask("when is the workshop?")
        assert (answer.status, answer.confidence) == ("clarify", 1)


@pytest.mark.parametrize("question", ANSWERED + DECLINED)
def test_the_setting_alone_decides(handbook: Assistant, question: str) -> None:
    sure = handbook.ask(question).confidence
    assert at(handbook, 0).ask(question).status == "answered"
    assert at(handbook, 1).ask(question).status == "not_in_corpus"
    # At the confidence itself it is answered, a little above no longer.
    assert at(handbook, sure).ask(question).status == "answered"
    assert at(handbook, sure + 0.0001).ask(question).status == "not_in_corpus"
    assert {at(handbook, least).ask(question).confidence for least in (0, 0.5, 1)} == {sure}


@pytest.mark.parametrize(
    ("there", "absent"),
    [
        ("how many days of leave do staff have?", "how many contracts does the registry keep?"),
        ("is the registry open to the public?", "at what time is the registry open to the public?"),
        ("which course does each officer attend?", "how much does the course of each officer cost?"),
    ],
)
def test_a_number_a_date_a_phone_that_is_absent_lowers_it(
    handbook: Assistant, there: str, absent: str
) -> None:
    assert handbook.ask(absent).confidence < 0.5 < handbook.ask(there).confidence


@pytest.mark.parametrize(
    ("there", "absent"),
    [
        ("was the press desk opened in 2021?", "was the press desk opened in 2019?"),
        ("does the office follow ISO 9001?", "does the office follow ISO 27001?"),
        ("which course does each officer attend?", "which university does each officer attend?"),
    ],
)
def test_another_year_code_or_kind_of_thing_lowers_it(handbook: Assistant, there: str, absent: str) -> None:
    assert handbook.ask(absent).confidence < handbook.ask(there).confidence - 0.1


def test_a_quote_that_only_refers_elsewhere_is_no_answer(handbook: Assistant) -> None:
    answer = handbook.ask("please share the Training plan")
    assert answer.status == "not_in_corpus"
    assert answer.confidence < REFUSED
    assert answer.pointers[0].note == "The documents refer elsewhere:"


def test_a_quote_with_what_is_asked_for_refers_nowhere(handbook: Assistant) -> None:
    assert "640 francs" in handbook.ask("How much is the fine for whoever loses a contract?").claims[0].text


def test_the_signs_weigh_the_way_they_should() -> None:
    good = {"best", "read", "in other words"}
    assert {name for name, weight in WEIGHTS.items() if weight > 0} == good


def test_no_documents_give_no_confidence(handbook: Assistant) -> None:
    answer = handbook.ask("who approves leave?", documents=[])
    assert (answer.status, answer.confidence, answer.pointers) == ("not_in_corpus", 0, ())


@pytest.mark.parametrize("least", [-0.1, 1.1, "much"])
def test_a_setting_that_is_no_probability_is_refused(least: object) -> None:
    with pytest.raises(ConfigError, match=r"answering\.min_confidence"):
        load_config(answering={"min_confidence": least})


@pytest.mark.parametrize("question", ["who approves leave?", "who is the president of France?"])
def test_the_json_keeps_the_contract_with_a_confidence(handbook: Assistant, question: str) -> None:
    found = as_object(handbook, handbook.ask(question))
    check_answer(found)
    assert isinstance(found["confidence"], float)
    assert 0 <= found["confidence"] <= 1


def test_a_lower_setting_changes_nothing_of_what_was_answered(handbook: Assistant) -> None:
    question, own = "how many days of leave do staff have?", ("timings_ms", "config_digest")
    here, there = (as_object(a, a.ask(question)) for a in (handbook, at(handbook, 0.1)))
    assert here["config_digest"] != there["config_digest"]
    assert {k: v for k, v in here.items() if k not in own} == {k: v for k, v in there.items() if k not in own}
    assert quotes(handbook.ask(question)) == ["Staff have 18 days of annual leave."]
