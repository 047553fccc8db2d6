"""Which of several quotes is told: the larger, the denied, the numbered, the dated, the new one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.answering import choice
from kb.answering.conflicts import conflicts
from kb.answering.evidence import Unit
from kb.answering.question import Question
from kb.answering.subjects import other_subject
from kb.assistant import Assistant
from kb.retrieval.series import series
from kb.retrieval.shelf import Shelf
from kb.types import Citation, Document, Passage
from tests.answering.desk import desk

LAKE = """# Lake District angling rules

A day ticket of 18 crowns is bought for each rod on the bank.

The warden checks the rods.
"""
RIVER = LAKE.replace("Lake", "River").replace("18", "25")
CODE = """# Quarry code

## Start

The code takes effect on 1 October 2026.

Owners register their quarries within 60 days after the code takes effect.

## Blasting by day

The foreman takes these steps:

1. sound the horn
2. clear the pit
3. fire the charge

## Blasting by night

At night the foreman takes these steps:

1. light the lamps
2. ring the mayor
3. fire the small charge

## Output

Table 2: Stone by quarry (thousand tonnes)

| Quarry | 2024 | 2025 |
|---|---|---|
| Grey Hill | 41 | 52 |
| Black Fell | 17 | 12 |
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return desk(tmp_path_factory.mktemp("library"), lake=LAKE, river=RIVER, code=CODE)


def test_the_larger_of_two_is_told_first_and_is_no_disagreement(library: Assistant) -> None:
    answer = library.ask("Which district sells the dearer day ticket, that is, the higher price?")
    assert ["25" in answer.claims[0].text, "18" in answer.claims[1].text] == [True, True]
    assert answer.claims[0].about.startswith("River District")
    assert answer.conflicts == ()
    [first, *_] = library.ask("Which district sells the lower priced day ticket?").claims
    assert "18" in first.text


def test_a_period_is_told_with_the_date_of_its_event(library: Assistant) -> None:
    said = " ".join(c.text for c in library.ask("By what date must owners register their quarries?").claims)
    assert "within 60 days" in said
    assert "1 October 2026" in said


def test_a_numbered_step_is_that_of_the_section_that_is_named(library: Assistant) -> None:
    night = library.ask("What is step 2 of blasting by night?")
    assert [claim.text for claim in night.claims][1:] == ["2. ring the mayor"]
    day = library.ask("What is the second step of blasting by day?")
    assert [claim.text for claim in day.claims][1:] == ["2. clear the pit"]


def quotes_of(*texts: str) -> list[Unit]:
    """Return a quote for each text, the first the likeliest."""
    passage = Passage("p", "d", 0, "\n".join(texts), (), 1, "1", 0, 9)
    starts = [passage.text.index(text) for text in texts]
    return [
        Unit(Citation(passage, at, at + len(text)), "paragraph", "", "", "", score=0.9 - n / 10, read=2.0)
        for n, (at, text) in enumerate(zip(starts, texts, strict=True))
    ]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("When is no licence needed?", "A licence is not needed for hand tools."),
        ("Who does not need a licence?", "A licence is not needed for hand tools."),
        ("When is a licence needed?", "A licence is needed for machines."),
        ("Is a licence needed or not?", "A licence is needed for machines."),
    ],
)
def test_who_asks_for_what_is_denied_gets_it(question: str, first: str) -> None:
    units = quotes_of("A licence is needed for machines.", "A licence is not needed for hand tools.")
    assert choice.denied_first(units, Question(question, "other", ()))[0].text == first


def test_what_holds_is_not_told_beside_what_is_denied() -> None:
    denied, other = quotes_of("A licence is not needed for hand tools.", "A licence is needed for machines.")
    ranked = choice.denied_first([denied, other], Question("When is no licence needed?", "other", ()))
    assert ranked[0] == denied
    assert ranked[1].odds < other.odds


def test_what_is_far_less_likely_is_not_told_for_its_denial() -> None:
    best, other = quotes_of("A licence is needed for machines.", "Dogs are not fed.")
    units = [best, replace(other, read=-9.0)]
    assert choice.denied_first(units, Question("When is no licence needed?", "other", ()))[0] == best


def test_the_same_is_not_told_twice_if_there_is_something_else() -> None:
    units = quotes_of("The pit is open on Mondays.", "It is shut at noon.")
    assert choice.new_first(units, "The pit is open on Mondays. [1]")[0] == units[1]
    assert choice.new_first(units, "The pit is wet. [1]")[0] == units[0]
    sure = [replace(units[0], read=5.0), units[1]]
    assert choice.new_first(sure, "The pit is open on Mondays. [1]") == sure


def test_a_caption_with_the_unit_comes_with_its_row(library: Assistant) -> None:
    told = [claim.text for claim in library.ask("How much stone came from Grey Hill in 2025?").claims]
    assert "Table 2: Stone by quarry (thousand tonnes)" in told
    assert "Grey Hill\t41\t52" in told


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("Market rules of the North", "Market rules of the West", {"north"}),
        ("Hospital fees", "School fees", {"hospit"}),
        ("Procurement handbook", "Procurement guideline", set()),
        ("Annual plan 2023", "Annual plan 2024", set()),
        ("On bees", "A charter for schools", set()),
    ],
)
def test_titles_tell_subjects_apart(one: str, other: str, apart: set[str]) -> None:
    shelf = Shelf([Document("1", "a.md", one), Document("2", "b.md", other)])
    left, right = (Passage(key, key, 0, "", (), None, None, 0, 0) for key in ("1", "2"))
    assert other_subject(left, right, shelf) == apart


def test_documents_on_two_subjects_do_not_disagree(library: Assistant) -> None:
    evidence = library.evidence("What does a day ticket cost for each rod?")
    claims = library.ask("What does a day ticket cost for each rod?").claims
    assert conflicts(evidence, claims) == []


@pytest.mark.parametrize(
    ("title", "several"),
    [("Burial Rules", True), ("Spectrum Fees", True), ("Annual Report", False), ("Notice", False)],
)
def test_two_words_make_a_series_unless_they_are_anybodys(title: str, several: bool) -> None:
    documents = [Document(year, f"file-{n}.md", f"{title} {year}") for n, year in enumerate(("2018", "2022"))]
    assert bool(series(documents)) is several
