"""Numbers with units: what is the same amount, and what is not."""

from __future__ import annotations

import pytest

from kb.answering.quantities import Quantity, quantities


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("within 2 hours", "within 120 minutes", True),
        ("within two weeks", "within 14 days", True),
        ("5 days", "5 weeks", False),
        ("45 %", "45 per cent", True),
        ("45 %", "45 offices", False),
        ("1.5 million people", "1,500,000 people", True),
        ("98 services", "89 services", False),
        ("a road of 12 km", "a road of 12,000 metres", True),
        ("2 GB", "2000 MB", True),
        ("twenty-five days", "25 days", True),
        ("twenty-five days", "twenty-four days", False),
    ],
)
def test_amounts_are_compared_by_unit(one: str, other: str, same: bool) -> None:
    [left], [right] = quantities(one), quantities(other)
    assert left.equals(right) is same


def test_numbers_keep_their_order_and_words_that_are_no_units_measure_nothing() -> None:
    found = quantities("In the first quarter 3 points were raised by 2 chains, in 2 quarters")
    assert found == [Quantity(3, ""), Quantity(2, ""), Quantity(2, "")]


def test_codes_and_versions_are_no_quantities() -> None:
    assert quantities("Room MH4, version v2, part B12") == []
