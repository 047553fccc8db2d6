"""The formula gives the published value of every row, but for two that are known."""

from __future__ import annotations

import pytest

from kb.egdi import Figures
from kb.egdi.formula import EARLIER, work
from kb.errors import KBError

# The two exceptions that `corpus/sources/egdi-methodology.md` names.
EXCEPTIONS = {("CMR", 2008), ("KHM", 2008)}


def test_every_row_with_values_follows_the_formula(figures: Figures) -> None:
    whole = [row for row in figures.rows.values() if all(row[name] is not None for name in ("egdi", "hci"))]
    assert len(whole) == 193 * 12 - 74
    assert {(row.iso3, row.edition) for row in whole if not work(row).agrees} == EXCEPTIONS


def test_the_worked_numbers_of_rwanda(figures: Figures) -> None:
    worked = work(figures.rows["RWA", 2022])
    assert worked.parts == {"osi": 0.7935, "tii": 0.3209, "hci": 0.5322}
    assert (round(worked.total, 4), round(worked.result, 4), worked.published) == (1.6466, 0.5489, 0.5489)
    assert worked.equal


def test_2008_and_2010_have_other_weights(figures: Figures) -> None:
    for edition in (2008, 2010):
        worked = work(figures.rows["RWA", edition])
        assert worked.weights == EARLIER
        assert not worked.equal
        assert worked.agrees


@pytest.mark.parametrize(("code", "edition", "lacking"), [("LBY", 2012, "EGDI"), ("FSM", 2003, "HCI")])
def test_a_row_that_lacks_a_number_cannot_be_worked(
    figures: Figures, code: str, edition: int, lacking: str
) -> None:
    with pytest.raises(KBError, match=rf"no {lacking} of .* in {edition}; choose another edition"):
        work(figures.rows[code, edition])
