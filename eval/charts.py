"""Plots as inline SVG: nothing is fetched, every word in them is escaped, and they print.

Sizes are in SVG units; the page scales them. Colours are CSS classes of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from markupsafe import Markup

# Points of threshold, over-abstention and abstention recall.
Curve: TypeAlias = Sequence[Sequence[float]]

WIDTH, LEFT, BAR, GAP = 640, 150, 13, 12
# A square plot: its side, the room for its labels, and the room around dots at its rim.
SIDE, EDGE, RIM = 300, 44, 14


def bars(rows: Mapping[str, Mapping[str, float]], counts: Mapping[str, Mapping[str, int]]) -> Markup:
    """Draw shares from 0 to 1 as horizontal bars, one group a row and one bar a split.

    >>> "factoid" in bars({"factoid": {"dev": 0.5}}, {"factoid": {"dev": 4}})
    True
    """
    shapes, y = [_scale(0, 0)], 6.0
    for name, values in rows.items():
        middle = y + len(values) * BAR / 2 + 4
        shapes.append(_text(LEFT - 8, middle, name, "end"))
        for split, value in values.items():
            length = value * (WIDTH - LEFT - 90)
            shapes.append(_rect(LEFT, y, max(length, 1), BAR - 2, split))
            label = f"{value:.2f} (n = {counts[name][split]})"
            shapes.append(_text(LEFT + length + 6, y + BAR - 3, label, css="small"))
            y += BAR
        y += GAP
    shapes[0] = _scale(LEFT, y - GAP / 2)
    return _svg(WIDTH, y, shapes, f"Bars of {', '.join(rows)}")


def reliability(bins: Mapping[str, Sequence[Mapping[str, float]]]) -> Markup:
    """Draw the share of answerable questions over mean confidence; the area of a dot is its count."""
    shapes = [_frame("confidence of the answer", "share the documents answer"), _diagonal()]
    most = max((one["count"] for found in bins.values() for one in found), default=1) or 1
    for split, found in bins.items():
        for one in (one for one in found if one["count"]):
            x, y = _at(one["confidence"], one["answerable"])
            radius = 3 + 9 * (one["count"] / most) ** 0.5
            about = f"{split}: {one['count']:.0f} cases, {one['confidence']:.2f}, {one['answerable']:.2f}"
            shapes.append(_circle(x, y, radius, f"dot {split}", about))
    return _svg(EDGE + SIDE + RIM, RIM + SIDE + EDGE, shapes, "Reliability of the confidence")


def trade_off(curves: Mapping[str, Curve], now: Mapping[str, tuple[float, float]]) -> Markup:
    """Draw abstention recall over over-abstention by threshold, and where the program stands (`now`)."""
    shapes = [_frame("wrongly declined", "rightly declined"), _diagonal()]
    for split, points in curves.items():
        path = " ".join("{:.1f},{:.1f}".format(*_at(over, recall)) for _, over, recall in points)
        shapes.append(Markup('<polyline class="{}" points="{}"/>').format(f"curve {split}", path))
    for split, (over, recall) in now.items():
        x, y = _at(over, recall)
        shapes.append(_circle(x, y, 6, f"now {split}", f"{split} today: {over:.2f}, {recall:.2f}"))
    return _svg(EDGE + SIDE + RIM, RIM + SIDE + EDGE, shapes, "Rightly against wrongly declined")


def histogram(values: Sequence[float], marks: Mapping[str, float], unit: str) -> Markup:
    """Draw how values are spread over 30 bins up to the 99th percentile, with named vertical marks."""
    top = sorted(values)[min(len(values) - 1, int(0.99 * len(values)))] or 1.0
    top, bins, height = max([top, *marks.values()]) * 1.05, 30, 140
    counts = [0] * bins
    for value in values:
        counts[min(int(value / top * bins), bins - 1)] += 1
    step, shapes = (WIDTH - 40) / bins, []
    for n, count in enumerate(counts):
        tall = height * count / max(counts)
        shapes.append(_rect(20 + n * step, 20 + height - tall, step - 2, tall, "plain"))
    for row, (name, value) in enumerate(marks.items()):
        x = 20 + (WIDTH - 40) * value / top
        shapes.append(Markup('<path class="mark" d="M{:.1f} 12V{}"/>').format(x, 20 + height))
        shapes.append(_text(x + 5, 20 + 14 * row, f"{name}: {value:.0f} {unit}", css="small"))
    shapes.append(_text(20, height + 36, "0", css="small"))
    shapes.append(_text(WIDTH - 20, height + 36, f"{top:.0f} {unit}", "end", "small"))
    return _svg(WIDTH, height + 44, shapes, "Histogram of answer times")


def _at(x: float, y: float) -> tuple[float, float]:
    return EDGE + x * SIDE, RIM + (1 - y) * SIDE


def _frame(across: str, upward: str) -> Markup:
    """Draw the axes of a square plot, both from 0 to 1."""
    shapes = []
    for tenth in range(0, 11, 2):
        x, y = _at(tenth / 10, tenth / 10)
        cross = Markup('<path class="grid" d="M{:.1f} {}v{}M{} {:.1f}h{}"/>')
        shapes.append(cross.format(x, RIM, SIDE, EDGE, y, SIDE))
        shapes.append(_text(x, RIM + SIDE + 16, f"{tenth / 10:g}", "middle", "small"))
        shapes.append(_text(EDGE - 6, y + 4, f"{tenth / 10:g}", "end", "small"))
    shapes.append(_text(EDGE + SIDE / 2, RIM + SIDE + 34, across, "middle"))
    turned = Markup('<text class="label" text-anchor="middle" transform="{}">{}</text>')
    place = f"translate(12 {RIM + SIDE / 2}) rotate(-90)"
    return Markup("").join([*shapes, turned.format(place, upward)])


def _scale(left: float, height: float) -> Markup:
    step = (WIDTH - left - 90) / 4
    lines = [f"M{left + n * step:.1f} 0V{height:.1f}" for n in range(5)]
    return Markup('<path class="grid" d="{}"/>').format("".join(lines))


def _diagonal() -> Markup:
    (a, b), (c, d) = _at(0, 0), _at(1, 1)
    return Markup('<path class="ideal" d="M{:.1f} {:.1f}L{:.1f} {:.1f}"/>').format(a, b, c, d)


def _circle(x: float, y: float, radius: float, css: str, about: str) -> Markup:
    shape = Markup('<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>')
    return shape.format(css, x, y, radius, about)


def _rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    shape = Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"/>')
    return shape.format(f"bar {css}", x, y, width, height)


def _text(x: float, y: float, words: str, anchor: str = "start", css: str = "label") -> Markup:
    shape = Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    return shape.format(css, x, y, anchor, words)


def _svg(width: float, height: float, shapes: Sequence[Markup], about: str) -> Markup:
    head = Markup('<svg viewBox="0 0 {:.0f} {:.0f}" style="max-width:{:.0f}px" role="img" aria-label="{}">')
    return head.format(width, height, width, about) + Markup("").join(shapes) + Markup("</svg>")
