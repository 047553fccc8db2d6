"""What the grounding check catches, each against the faithful text that it was made from."""

from __future__ import annotations

import pytest

from kb.answering.asides import stated
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
    assert near.score > 0.95
    assert (elsewhere.unsupported, absent.unsupported) == ((), ("85", "guests"))


def test_copied_words_outscore_the_same_words_in_another_order() -> None:
    copied = check("The inventory costs 1,200 dollars a year.", PASSAGES)
    moved = check("Dollars a year, 1,200, the inventory costs.", PASSAGES)
    assert 0.85 < moved.score < copied.score == 1
    assert moved.unsupported == ()


def test_names_may_be_called_by_their_initials() -> None:
    assert check("The DGB meets in Kigali.", PASSAGES).unsupported == ()
    assert check("The DBG meets in Kigali.", PASSAGES).unsupported == ("DBG",)


@pytest.mark.parametrize(
    "refusal",
    [
        "I'm sorry, but the provided documents do not contain information about fees.",
        "The context does not say who pays.",
        "The text is about the board and doesn't mention fees.",
        "None of the passages mention a fee.",
        "I don't have enough information to answer the question.",
        "I couldn't find any mention of fees.",
        "There is no specific information about fees.",
        "The answer is not found in the passage.",
        "Based on the passage, it is unclear who pays.",
        "The fee is not specified.",
        "Please provide more context.",
        "Which fee do you mean?",
        "Unanswerable.",
        "N/A.",
    ],
)
def test_a_refusal_states_nothing_but_what_follows_it_is_checked(refusal: str) -> None:
    assert check(refusal, PASSAGES).score == 1
    assert check(f"{refusal} However, the usual fee is 40 dollars.", PASSAGES).score < 0.4
    assert check(f"{refusal} It has seven members.", PASSAGES).score == 1


@pytest.mark.parametrize(
    "claim",
    [
        "Although the passage does not say so, the usual fee is 40 dollars.",
        "I do not have information about this, but the usual fee is 40 dollars.",
        "The usual fee is 40 dollars; the documents do not mention it.",
    ],
)
def test_what_a_sentence_adds_to_its_refusal_is_checked(claim: str) -> None:
    assert "40" in check(claim, PASSAGES).unsupported
    assert check(claim, PASSAGES).score < 0.4


@pytest.mark.parametrize(
    "claim",
    [
        "The policy does not cover contractors.",
        "Agencies do not have any information officers.",
        "The text of the law is not available in French.",
        "We do not share your information with advertisers.",
        "There is no answer to the demand for reform.",
        "The fee must not be given to third parties.",
    ],
)
def test_a_denial_about_the_subject_is_no_refusal(claim: str) -> None:
    assert stated(claim) == claim
    assert check(claim, PASSAGES).score < 0.4


@pytest.mark.parametrize(
    "aside",
    [
        "Based on the provided context, ",
        "According to passage 2, ",
        "The passage states that ",
        "In the given documents, ",
        "Yes, ",
        "In summary, ",
    ],
)
def test_asides_need_no_support(aside: str) -> None:
    assert stated(f"{aside}the board meets in Kigali.").strip() == "the board meets in Kigali."
    assert check(f"{aside}the board meets in Huye.", PASSAGES).unsupported == ("Huye",)


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


def test_a_flood_of_line_breaks_is_read_in_passing() -> None:
    assert check("\n" * 50_000 + "The board meets in Huye.", PASSAGES).unsupported == ("Huye",)
