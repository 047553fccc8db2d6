"""Questions for parts of a document: by their number, or by what they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.assistant import Assistant
from tests.answering.desk import desk, quotes

CODE = """# Weights code

## Article 1 Scales

Every shop keeps a scale. Scales are tested in spring.

## Article 2 Inspectors

An inspector carries a badge.

## Article 12 Appeals

The mayor hears appeals.

## Article 13 Seals

- 13.1 The seal is made of lead.
- 13.2 A broken seal is reported the same day.
"""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return desk(tmp_path_factory.mktemp("code"), code=CODE)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("What does article 1 say?", ["Every shop keeps a scale.", "Scales are tested in spring."]),
        ("What is in article 12?", ["The mayor hears appeals."]),
        ("What does section 13.2 say?", ["13.2 A broken seal is reported the same day."]),
        ("Which article is about appeals?", ["Article 12 Appeals", "The mayor hears appeals."]),
    ],
)
def test_a_part_is_told_by_its_number_or_subject(code: Assistant, question: str, told: list[str]) -> None:
    answer = code.ask(question)
    assert (answer.status, quotes(answer)) == ("answered", told)


def test_of_a_part_what_is_asked_comes_first_and_nothing_of_others(code: Assistant) -> None:
    told = quotes(code.ask("When are scales tested, by article 1?"))
    assert told[0] == "Scales are tested in spring."
    assert not {"An inspector carries a badge.", "The mayor hears appeals."} & {*told}


def test_a_part_that_is_not_there_is_not_told(code: Assistant) -> None:
    assert code.ask("What does article 7 say?").status != "answered"


def test_of_a_part_of_two_documents_neither_is_preferred(tmp_path: Path) -> None:
    texts = ("# Code\n\n## Article 2\n\nDogs are led.", "# Law\n\n## Article 2\n\nCats are fed.")
    two = desk(tmp_path, one=texts[0], other=texts[1])
    assert len({*quotes(two.ask("What does article 2 say?"))}) != 1


STATUTES = """# Statutes of the Rowers' Union

## Article 1 Name

The union is called Rowers' Union of Holm, by these statutes.

## Article 2 Boats

Boats are kept dry.

## Article 3 Dissolution

The rowers' union is dissolved by a vote. What it owns goes to the school of rowers.

## Article 4 Statutes

The statutes of the union are changed by a vote.

## Article 7 Honours

An oar of silver is given to whoever saves a life.
"""
NOTE = """# Note on a meeting

## 7. Date and place

The meeting is in May.
"""


def test_a_part_is_that_of_the_document_that_is_named(tmp_path: Path) -> None:
    assistant = desk(tmp_path, rowers=STATUTES, note=NOTE, code=CODE)
    answer = assistant.ask("What does Article 7 of the statutes of the rowers say?")
    assert answer.status == "answered"
    assert quotes(answer) == ["An oar of silver is given to whoever saves a life."]
