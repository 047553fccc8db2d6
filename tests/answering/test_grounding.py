"""What the grounding check catches, each against the faithful text that it was made from."""

from __future__ import annotations

import pytest

from kb.answering.grounding import check

PASSAGES = [
    "The Data Governance Board meets in Kigali every quarter. It has seven members, chaired by the Ministry "
    "of ICT. Personal data must not be exported without written approval from NCSA.",
    "Agencies publish an inventory of their data sets by 30 June 2024. At least 85 percent of the data sets "
    "carry a licence. The inventory costs 1,200 dollars a year.",
]
FAITHFUL = (
    "The board meets every quarter in Kigali and has 7 members. "
    "Agencies publish an inventory of data sets by 30 June 2024, and 85% of the data sets carry a licence. "
    "Personal data must not be exported without approval from NCSA."
)


def test_faithful_text_is_supported_in_other_forms_of_words_and_numbers() -> None:
    found = check(FAITHFUL, PASSAGES)
    assert found.score > 0.95
    assert found.unsupported == ()
    assert check("The inventory costs 1200 dollars.", PASSAGES).score == pytest.approx(1)


@pytest.mark.parametrize(
    ("said", "changed", "unsupported"),
    [
        ("7 members", "9 members", ("9",)),
        ("June 2024", "June 2025", ("2025",)),
        ("30 June", "30 July", ("July",)),
        ("85%", "58%", ("58%",)),
        ("in Kigali", "in Huye", ("Huye",)),
        ("from NCSA", "from RISA", ("RISA",)),
        ("must not be exported", "must be exported", ("exported",)),
        ("Agencies publish", "Agencies don't publish", ("publish",)),
    ],
)
def test_one_changed_fact_costs_half_of_the_score(
    said: str, changed: str, unsupported: tuple[str, ...]
) -> None:
    assert FAITHFUL.count(said) == 1
    found = check(FAITHFUL.replace(said, changed), PASSAGES)
    assert found.score < 0.62 * check(FAITHFUL, PASSAGES).score
    assert set(unsupported) <= set(found.unsupported)


def test_an_invented_sentence_decides_the_score() -> None:
    found = check(f"{FAITHFUL} Late inventories lead to heavy fines for managers.", PASSAGES)
    assert found.score < 0.6
    assert found.unsupported == ("Late", "lead", "heavy", "fines", "managers")


def test_another_word_costs_less_than_another_number() -> None:
    reworded = check(FAITHFUL.replace("meets", "gathers"), PASSAGES)
    renumbered = check(FAITHFUL.replace("7", "9"), PASSAGES)
    assert renumbered.score < 0.7 * reworded.score
    assert reworded.unsupported == ("gathers",)


def test_a_number_from_elsewhere_is_doubted_but_not_unsupported() -> None:
    meets = [f"The Governance Board meets in Kigali about {topic}." for topic in ("roads", "water", "health")]
    claim = "The Governance Board meets in Kigali with 85 guests."
    near = check(claim, ["The Governance Board meets in Kigali. There were 85 guests.", *meets])
    elsewhere = check(claim, [*meets, "There were 85 guests."])
    absent = check(claim, meets)
    assert absent.score < elsewhere.score < near.score
    assert near.score == pytest.approx(1)
    assert (elsewhere.unsupported, absent.unsupported) == ((), ("85", "guests"))


def test_marks_list_numbers_and_lead_ins_state_nothing() -> None:
    claim = "Here is what they do:\n1. Agencies publish an inventory [3, 4].\n2. The board meets [12]."
    assert check(claim, PASSAGES).unsupported == ()
    assert check(claim, PASSAGES).score > 0.95


def test_acronyms_that_look_like_stop_words_are_checked() -> None:
    assert check("The board is chaired by WHO.", PASSAGES).unsupported == ("WHO",)


def test_nothing_said_and_nothing_to_go_by() -> None:
    assert check("", PASSAGES).score == check("It is.", []).score == 1
    found = check("The board meets.", [])
    assert (found.score, found.unsupported) == (0, ("board", "meets"))
    assert check("The board meets.", ["", "\n"]).score == 0
