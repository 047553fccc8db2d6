"""What kind of thing a text holds: numbers in words, ranges, money, dates, and what names a thing."""

from __future__ import annotations

import pytest

from kb.answering.answer_types import exact, fits
from kb.answering.numerals import in_figures
from kb.answering.question import Kind, Question
from kb.text import stem


def counting(thing: str) -> Question:
    """Return a question for how many there are of a thing."""
    return Question(
        f"How many {thing} are there?", "number", (stem(thing),), counted=frozenset([stem(thing)])
    )


def asking(kind: Kind, text: str = "") -> Question:
    return Question(text or f"a {kind}?", kind, ())


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("forty-two clerks", "42 clerks"),
        ("three hundred thousand francs", "300000 francs"),
        ("quatre-vingt-dix-sept agents", "97 agents"),
        ("soixante et onze communes", "71 communes"),
        ("deux mille neuf cents lits", "2900 lits"),
        ("two and three", "2 and 3"),
        ("one of them may seize goods", "one of them may seize goods"),
        ("5 per cent of 3 million", "5 per cent of 3 million"),
    ],
)
def test_number_words_become_figures(text: str, figures: str) -> None:
    told = in_figures(text)
    assert told.text == figures
    assert told.there(0, len(figures)) == text


@pytest.mark.parametrize(
    ("thing", "text", "value"),
    [
        ("judges", "The court has thirty-three judges.", "thirty-three"),
        ("wells", "Some two hundred and five wells were dug.", "two hundred and five"),
        ("juges", "La cour compte vingt et un juges.", "vingt et un"),
        ("drivers", "Between 8 and 12 drivers are on duty.", "8 and 12"),
        ("pupils", "Classes of 20‑25 pupils", "20‑25"),
        ("lits", "Le centre compte de 40 à 60 lits.", "40 à 60"),
        ("beds", "The wards have 1 250 beds.", "1 250"),
        ("duties", "Form 12 lists the duties of clerks.", ""),
        ("duties", "Section 4 of the code names 9 duties.", "9"),
    ],
)
def test_the_exact_count_is_one_whole_value(thing: str, text: str, value: str) -> None:
    assert exact(counting(thing), text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It lasts 6-8 weeks.", "6-8 weeks"),
        ("Reply in twenty-four hours.", "twenty-four hours"),
        ("Le délai est de quinze jours.", "quinze jours"),
        ("within ten working days", "ten working days"),
    ],
)
def test_a_duration_is_whole(text: str, value: str) -> None:
    assert exact(asking("duration"), text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A visa costs £35.", "£35"),
        ("The fee is NGN 4,500 a year.", "NGN 4,500"),
        ("Il faut payer 75 000 F CFA.", "75 000 F CFA"),
        ("a fine of ₹900", "₹900"),
        ("He pays 60 Danish crowns.", "60 Danish crowns"),
        ("They hold an ISO 9001 mark and 98 ICT courses.", ""),
        ("Rule 7 applies.", ""),
    ],
)
def test_money_is_known_in_any_currency(text: str, value: str) -> None:
    assert exact(asking("money"), text) == value
    assert fits(asking("money"), text) is bool(value)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("The clerk may close the file.", False),
        ("May guests smoke?", False),
        ("They march to the square.", False),
        ("It opens on 3 May.", True),
        ("It was signed in May.", True),
        ("Filed by March 2024", True),
        ("Il ferme le 1er mai.", True),
        ("Le décret est du 14 août 2020.", True),
    ],
)
def test_a_verb_is_no_month(text: str, holds: bool) -> None:
    assert fits(asking("date", "On which day?"), text) is holds


def test_when_asks_for_a_condition_too() -> None:
    told = "A lift is closed if the brake fails."
    assert fits(asking("date", "When is a lift closed?"), told)
    assert not fits(asking("date", "On which date is a lift closed?"), told)


@pytest.mark.parametrize(
    ("row", "over", "holds"),
    [
        ("North\t120\t14", "Region\tPupils\tNurses", True),
        ("North\tclosed", "Region\tNurses", False),
        ("North\t120", "Region\tPupils", False),
        ("North\t2021", "Region\tNurses since", False),
    ],
)
def test_the_header_says_what_a_row_counts(row: str, over: str, holds: bool) -> None:
    assert fits(counting("nurses"), row, over) is holds
