"""Numbers with their units: "2 hours" and "120 minutes" are one quantity, "5 days" and "5 weeks" two."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kb.answering.numerals import in_figures

if TYPE_CHECKING:
    from pint import UnitRegistry

_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
# The units that policies use. Others that the library knows are other words here: a point, a quarter.
_UNITS = (
    "second minute hour day week month year decade metre meter kilometre kilometer hectare gram kilogram"
    " tonne litre byte kilobyte megabyte gigabyte terabyte watt kilowatt megawatt km kg ha kb mb gb tb"
).split()
_SPELT = {"kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte", "ha": "hectare"}
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_QUANTITY = re.compile(
    rf"(?<![\w.,])({_NUMBER})\b(?:\s({'|'.join(_SCALES)})\b)?"
    rf"(?:[\s-]?(%|per\s?cent\b|(?:{'|'.join(_UNITS)})(?=s?\b)))?",
    re.I,
)
# Values that differ by less are the same, told with fewer digits or converted.
TOLERANCE = 1e-6


class Quantity(NamedTuple):
    """A value in base units and the dimension it has: "[time]", "%", or "" for a plain number."""

    value: float
    dimension: str

    def equals(self, other: Quantity) -> bool:
        """Tell whether both are the same amount of the same thing."""
        near = abs(self.value - other.value) <= TOLERANCE * max(abs(self.value), abs(other.value))
        return self.dimension == other.dimension and near


def quantities(text: str) -> list[Quantity]:
    """Return the numbers of a text in order, each in the base unit of what it measures.

    >>> [(round(q.value), q.dimension) for q in quantities("Two hours, 45 per cent and 98 services")]
    [(7200, '[time]'), (45, '%'), (98, '')]
    """
    return [_quantity(*match.groups(default="")) for match in _QUANTITY.finditer(in_figures(text).text)]


def units_named(text: str) -> frozenset[str]:
    """Return the names of the units whose signs stand in brackets, as over a column.

    >>> sorted(units_named("Area (ha), length [km]"))
    ['hectare', 'kilometer']
    """
    signs = (sign.lower() for sign in re.findall(r"[(\[]\s*(\w{1,2})\s*[)\]]", text))
    return frozenset(_registry().get_name(_SPELT.get(sign, sign)) for sign in signs if sign in _UNITS)


def _quantity(number: str, scale: str, unit: str) -> Quantity:
    value = float(number.replace(",", "")) * _SCALES.get(scale.lower(), 1.0)
    unit = unit.lower()
    if unit and unit in _UNITS:
        base = _registry().Quantity(value, _SPELT.get(unit, unit)).to_base_units()
        return Quantity(float(base.magnitude), str(base.dimensionality))
    return Quantity(value, "%" if unit else "")


@cache
def _registry() -> UnitRegistry[float]:
    from pint import UnitRegistry

    return UnitRegistry()
