"""Citation precision and recall on the situations that ALCE's paper tells apart."""

from __future__ import annotations

import pytest

from eval.citations import Stated, claim_precision, claim_recall, stands_in, supports
from eval.facts import fact_recall, key_facts

ROOM, DAY = "The first session is in Room AD 10.", "The first session is on 12 May."
LUNCH = "Lunch is served at noon."
BOTH = "The first session is in Room AD 10 on 12 May."


def test_a_claim_needs_all_of_its_facts_in_what_it_cites() -> None:
    assert supports(BOTH, [ROOM, DAY])
    assert not supports(BOTH, [ROOM])
    assert not supports(BOTH, [LUNCH])
    assert not supports(BOTH, [])
    assert not supports(BOTH, ["", " "])


def test_recall_is_over_claims() -> None:
    claims = [Stated(ROOM, (ROOM,)), Stated(LUNCH, (DAY,)), Stated(DAY, ()), Stated(BOTH, (ROOM, DAY))]
    assert claim_recall(claims) == 0.5


def test_a_citation_that_supports_alone_or_is_needed_is_precise() -> None:
    assert claim_precision([Stated(BOTH, (ROOM, DAY))]) == 1
    assert claim_precision([Stated(ROOM, (ROOM, BOTH))]) == 1


def test_a_citation_without_which_the_others_do_is_irrelevant() -> None:
    assert claim_precision([Stated(BOTH, (ROOM, DAY, LUNCH))]) == pytest.approx(2 / 3)
    assert claim_precision([Stated(ROOM, (ROOM, ""))]) == 0.5


def test_no_citation_of_an_unsupported_claim_is_precise() -> None:
    assert claim_precision([Stated(BOTH, (ROOM, LUNCH))]) == 0


def test_claiming_nothing_or_citing_nothing_scores_nothing() -> None:
    assert claim_recall([]) == claim_precision([]) == claim_precision([Stated(ROOM, ())]) == 0


def test_a_quote_stands_in_its_file_word_for_word() -> None:
    text = "The ﬁrst session\nis in Room\tAD 10."
    assert stands_in("first session is in Room AD 10", text)
    assert not stands_in("first session in Room AD 10", text)
    assert not stands_in(" ", text)


def test_key_facts_are_what_the_question_does_not_hold() -> None:
    question = "when is the Kigali workshop?"
    assert key_facts("The Kigali workshop is on 22 and 23 March 2023.", question) == {
        "22",
        "23",
        "march",
        "2023",
    }
    assert key_facts("The Kigali workshop", question) == {"kigali", "workshop"}


def test_facts_are_found_in_other_forms() -> None:
    reference = "Three policies, 1,200 dollars"
    assert fact_recall(reference, "", "A policy; the 3 cost 1200 dollars.") == 1
    assert fact_recall(reference, "", "A policy") == 0.25
    assert fact_recall(reference, "", "") == fact_recall("", "", "A policy") == 0
