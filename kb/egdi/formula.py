"""The EGDI formula with one country's numbers.

EGDI = 1/3 (OSI + TII + HCI), each index normalised: UN E-Government
Knowledgebase, Methodology. The editions of 2008 and 2010 weigh 0.34, 0.33 and
0.33 instead, as follows from their values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kb.egdi.figures import Row
from kb.errors import KBError

PARTS = ("osi", "tii", "hci")
THIRDS = dict.fromkeys(PARTS, 1 / 3)
EARLIER = {"osi": 0.34, "tii": 0.33, "hci": 0.33}
WEIGHTED_EDITIONS = (2008, 2010)
# Two values printed with four decimals agree if they differ by no more than their rounding:
# half a unit for the result, and as much for the weighted parts together.
ROUNDING = 0.0001


@dataclass(frozen=True, slots=True)
class Worked:
    """The formula worked through for one row: parts, weights, and both results, from 0 to 1."""

    row: Row
    parts: Mapping[str, float]
    weights: Mapping[str, float]
    published: float

    @property
    def equal(self) -> bool:
        """Whether the three weigh the same, so that their sum is divided by three."""
        return self.weights == THIRDS

    @property
    def total(self) -> float:
        """The sum of the three indices."""
        return sum(self.parts.values())

    @property
    def result(self) -> float:
        """The weighted mean of the three indices, not rounded."""
        return sum(self.weights[name] * value for name, value in self.parts.items())

    @property
    def difference(self) -> float:
        """Published minus worked value."""
        return self.published - self.result

    @property
    def agrees(self) -> bool:
        """Whether the difference is no more than the rounding of four decimals."""
        return round(abs(self.difference), 6) <= ROUNDING


def work(row: Row) -> Worked:
    """Work the formula through with a row's numbers; KBError where the table lacks one of them.

    >>> row = Row("Rwanda", "RWA", 2022, 119, {"egdi": 0.5489, "osi": 0.7935, "tii": 0.3209, "hci": 0.5322})
    >>> worked = work(row)
    >>> round(worked.total, 4), round(worked.result, 4), worked.agrees
    (1.6466, 0.5489, True)
    """
    known = {name: value for name in ("egdi", *PARTS) if (value := row[name]) is not None}
    if missing := [name.upper() for name in ("egdi", *PARTS) if name not in known]:
        raise KBError(
            f"The table has no {missing[0]} of {row.country} in {row.edition}; choose another edition."
        )
    weights = EARLIER if row.edition in WEIGHTED_EDITIONS else THIRDS
    return Worked(row, {name: known[name] for name in PARTS}, weights, known["egdi"])
