"""The downloaded table holds nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest

from kb.egdi import INDICES, Row
from kb.ui.figures import csv_text


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+1+cmd", "-2+3", "@SUM(A1)", "\t=1"])
def test_a_formula_becomes_text(name: str) -> None:
    text = csv_text([Row(name, "PER", 2022, 59, dict.fromkeys(INDICES, -0.5))])
    _, row = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert row[0] == f"'{name}"
    assert row[4] == "-0.5000"
