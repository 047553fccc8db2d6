"""A line chart as one SVG: drawn here, so that it needs no script, follows the page's colours and prints.

Lines are told apart by their marks and by the names at their ends, not by
colour alone. The figures themselves stand in a table beside the chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from kb.ui.markup import safe, tag

# The drawing in its own units; names stand right of the plot.
WIDTH, HEIGHT = 860, 340
LEFT, RIGHT, TOP, BOTTOM = 52, 190, 14, 34
# Names at the ends of lines are at least so far apart, and this long.
LINE, NAME_CHARS = 17, 24
# Marks by their outlines around (0, 0).
MARKS = (
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
    "M-4-4h8v8h-8z",
    "M0-5l5 9h-10z",
    "M0-5.5l5.5 5.5l-5.5 5.5l-5.5-5.5z",
    "M0 5l5-9h-10z",
    "M-5-1.5h3.5v-3.5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5z",
    "M-5-3h10v6h-10z",
    "M-3-5h6v10h-6z",
)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: a name, and for each point its year, its value if there is one, and that in words."""

    name: str
    points: Sequence[tuple[int, float | None, str]]


@dataclass(frozen=True, slots=True)
class Scale:
    """What stands at the foot and at the head of the chart, and the marks between, with their words.

    A rank has its best value, the lowest number, at the head.
    """

    foot: float
    head: float
    ticks: Sequence[tuple[float, str]]

    def y(self, value: float) -> float:
        """Return the height of a value in the drawing, downward."""
        share = (value - self.foot) / (self.head - self.foot)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def line_chart(series: Sequence[Series], scale: Scale, title: str, text: str) -> str:
    """Return the chart; `title` says what it shows and `text` where to read the figures."""
    years = sorted({year for one in series for year, _, _ in one.points})
    about = tag("title", safe(title)) + tag("desc", safe(text))
    lines = (_line(one, place, years, scale) for place, one in enumerate(series))
    drawn = _grid(years, scale) + "".join(lines) + _names(series, years, scale)
    return tag("svg", about + drawn, "chart", viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=title)


def _x(year: int, years: Sequence[int]) -> float:
    span = years[-1] - years[0]
    share = (year - years[0]) / span if span else 0.5
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _grid(years: Sequence[int], scale: Scale) -> str:
    rules = "".join(_rule(scale.y(value), words) for value, words in scale.ticks)
    feet = "".join(_text(_x(year, years), HEIGHT - 12, str(year), "year") for year in years)
    return tag("g", rules + feet, "grid", aria_hidden="true")


def _rule(y: float, words: str) -> str:
    line = tag("path", "", d=f"M{LEFT} {y}H{WIDTH - RIGHT}")
    return line + _text(LEFT - 8, y + 4, words, "tick")


def _line(one: Series, place: int, years: Sequence[int], scale: Scale) -> str:
    dots = [(_x(year, years), scale.y(value), words) for year, value, words in _known(one)]
    paths = "".join(tag("path", "", "line", d=run) for run in _runs(one, years, scale))
    mark = MARKS[place % len(MARKS)]
    marks = (
        tag("path", tag("title", safe(words)), "mark", d=mark, transform=f"translate({x} {y})")
        for x, y, words in dots
    )
    return tag("g", paths + "".join(marks), f"series series-{place % len(MARKS) + 1}")


def _runs(one: Series, years: Sequence[int], scale: Scale) -> Iterator[str]:
    """Yield a path for each run of points that have a value: a line over a gap would claim one."""
    for known, run in groupby(one.points, key=lambda point: point[1] is not None):
        if known:
            yield "M" + "L".join(f"{_x(year, years)} {scale.y(value or 0.0)}" for year, value, _ in run)


def _known(one: Series) -> list[tuple[int, float, str]]:
    return [(year, value, words) for year, value, words in one.points if value is not None]


def _names(series: Sequence[Series], years: Sequence[int], scale: Scale) -> str:
    """Return the names at the ends of the lines, moved apart where lines end close together."""
    ends = [(scale.y(_known(one)[-1][1]), place) for place, one in enumerate(series) if _known(one)]
    x, y, drawn = WIDTH - RIGHT + 14, float("-inf"), []
    low = HEIGHT - BOTTOM - LINE * (len(ends) - 1)
    for n, (end, place) in enumerate(sorted(ends)):
        y = max(min(end, low + LINE * n), y + LINE)
        mark = tag("path", "", "mark", d=MARKS[place % len(MARKS)], transform=f"translate({x} {y})")
        name = series[place].name
        short = name if len(name) <= NAME_CHARS else name[: NAME_CHARS - 1].rstrip() + "…"
        words = _text(x + 10, y + 4.5, short, "name")
        drawn.append(tag("g", mark + words, f"series series-{place % len(MARKS) + 1}"))
    return "".join(drawn)


def _text(x: float, y: float, words: str, class_: str) -> str:
    return tag("text", safe(words), class_, x=str(x), y=str(round(y, 1)))
