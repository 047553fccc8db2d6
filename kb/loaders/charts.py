"""Charts and diagrams of Office files, read as the data that they draw."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING

from kb.loaders.structure import Part, squeeze

if TYPE_CHECKING:
    from lxml.etree import _Element

DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
# The part of a number format that stands for the number, what is quoted in it, and how a currency is written.
DIGITS = re.compile(r"[#0?][#0?,.]*")
QUOTED = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|_.|\*.')
MAX_DECIMALS = 15  # a number in such a file is exact to as many digits


def chart_parts(chart: _Element) -> list[Part]:
    """Return a chart's titles as captions, and a row for each category, led by the names of the series.

    The title of the value axis comes second: it tells the unit.
    """
    axes = [axis for name in ("catAx", "dateAx", "valAx") for axis in chart.iter(CHART + name)]
    series = list(chart.iter(f"{CHART}ser"))
    shared: dict[int, str] = {}  # by those series that name no categories
    rows: dict[tuple[int, str], list[str]] = {}
    for column, one in enumerate(series):
        names = _points(one, "cat", "xVal")
        shared = shared or names
        for at, value in _points(one, "val", "yVal").items():
            row = rows.setdefault((at, (names or shared).get(at, "")), [""] * len(series))
            row[column] = value
    header = "\t".join(
        [*map(_title, axes[:1] or [chart]), *(" ".join(_points(s, "tx").values()) for s in series)]
    )
    titles = dict.fromkeys(map(_title, [*chart.iter(f"{CHART}chart"), *axes[1:][-1:]]))
    captions = [Part("caption", title) for title in titles if title]
    lead = header if header.strip() else None
    return captions + [Part("table_row", "\t".join([k[1], *rows[k]]), lead=lead) for k in sorted(rows)]


def _title(owner: _Element) -> str:
    title = owner.find(f"{CHART}title")
    return "" if title is None else squeeze("".join(t.text or "" for t in title.iter(f"{DRAWING}t")))


def _points(series: _Element, *kinds: str) -> dict[int, str]:
    """Return what a series keeps under one of the names, as it is shown, by place.

    Of categories in levels, each begins with the names of those that it belongs to.
    """
    found = next((held for kind in kinds if (held := series.find(CHART + kind)) is not None), None)
    if found is None:
        return {}
    inner, *outer = [_level(level) for level in found.iter(f"{CHART}lvl")] or [_level(found)]
    for level in outer:  # named once for all that it holds
        above = ""
        for at in sorted(inner):
            above = level.get(at, above)
            inner[at] = f"{above} {inner[at]}".strip()
    return inner


def _level(holder: _Element) -> dict[int, str]:
    form = next((code.text or "" for code in holder.iter(f"{CHART}formatCode")), "")
    points = list(holder.iter(f"{CHART}pt"))
    found = {int(p.get("idx", "0")): shown(_value(p), p.get("formatCode") or form) for p in points}
    return found or {0: _value(holder)}


def _value(holder: _Element) -> str:
    return squeeze(next((value.text or "" for value in holder.iter(f"{CHART}v")), ""))


def shown(value: str, form: str) -> str:
    """Return a number as its format shows it: a date, or decimals, thousands, per cent and the words around.

    >>> shown("1270", "General"), shown("0.455", "0.0%"), shown("-12400.5", '#,##0 "t";-#,##0 "t"')
    ('1270', '45.5%', '-12,400 t')
    >>> shown("0.30000000000000004", "General"), shown("45292", "d/m/yyyy"), shown("Web", "0%")
    ('0.3', '2024-01-01', 'Web')
    """
    from openpyxl.styles.numbers import is_date_format
    from openpyxl.utils.datetime import from_excel

    try:
        number = float(value)
        if is_date_format(form):
            return str(from_excel(number))[: 10 if "d" in form.lower() else 7 if "m" in form.lower() else 4]
    except (ValueError, OverflowError):
        return value
    form = QUOTED.sub(lambda m: m[1] or m[2] or m[3] or "", form.split(";")[0])
    digits = DIGITS.search(form)
    if not digits:
        return f"{number:.{MAX_DECIMALS}g}" if "e" not in f"{number:g}" else value
    decimals = min(len(digits[0].partition(".")[2].rstrip(",")), MAX_DECIMALS)
    number = number * 100 if "%" in form else number
    number /= 1000 ** (len(digits[0]) - len(digits[0].rstrip(",")))
    written = f"{abs(number):{',' if ',' in digits[0].rstrip(',') else ''}.{decimals}f}"
    sign = "-" if number < 0 and written.strip("0.,") else ""
    return sign + squeeze(form[: digits.start()] + written + form[digits.end() :])


def diagram_parts(data: _Element) -> list[Part]:
    """Return the texts of a diagram (SmartArt) as list items, each below the one that it belongs to."""
    points = {point.get("modelId"): point for point in data.iter(f"{DIAGRAM}pt")}
    below: dict[str | None, list[tuple[int, str | None]]] = {}
    for link in data.iter(f"{DIAGRAM}cxn"):
        if link.get("type", "parOf") == "parOf":
            below.setdefault(link.get("srcId"), []).append((int(link.get("srcOrd", "0")), link.get("destId")))
    parts: list[Part] = []
    waiting = [(name, -1) for name, point in points.items() if point.get("type") == "doc"]
    while waiting:
        name, depth = waiting.pop()
        point = points.pop(name, None)  # once, even if it belongs to itself
        text = "" if point is None else _said(point)
        if text:
            parts.append(Part("list_item", text, mark="-", indent=depth, gap=0))
        waiting += [(inner, depth + 1) for _, inner in sorted(below.pop(name, []), key=itemgetter(0))[::-1]]
    return parts


def _said(point: _Element) -> str:
    return squeeze(
        " ".join("".join(t.text or "" for t in p.iter(f"{DRAWING}t")) for p in point.iter(f"{DRAWING}p"))
    )
