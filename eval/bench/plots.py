"""Figures as inline SVG: a bar a value, a dashed line for what cannot or should be passed.

Colours are CSS classes of the page; every word is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from eval.bench.figures import Figure, Row

WIDTH, LEFT, RIGHT, BAR, GAP = 640, 190, 90, 18, 6


def bars(figure: Figure) -> Markup:
    """Draw the rows of a figure from 0 on, on one scale.

    >>> from eval.bench.figures import Figure, Row
    >>> "1,000 ms" in bars(Figure("p95", "ms", (Row("32 users", 1000.0),)))
    True
    """
    drawn = [row for row in figure.rows if row.kind in ("ours", "peer")]
    lines = [row for row in figure.rows if row.kind in ("limit", "target")]
    top = max((row.value for row in figure.rows), default=0.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / top
    height = (BAR + GAP) * len(drawn)
    shapes: list[Markup] = []
    for n, row in enumerate(lines):
        shapes += _line(row, LEFT + row.value * scale, height, n, figure.unit)
    for n, row in enumerate(drawn):
        shapes += _bar(row, n, scale, figure.unit)
    return _svg(height + 16 * len(lines) + 4, shapes, _said(figure))


def number(value: float) -> str:
    """Write a value with as many digits as tell something.

    >>> number(12345.6), number(123.4), number(12.34), number(0.987)
    ('12,346', '123', '12.3', '0.99')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _bar(row: Row, n: int, scale: float, unit: str) -> tuple[Markup, ...]:
    y, length = n * (BAR + GAP), max(row.value * scale, 1.0)
    shape = Markup('<rect class="bar {}" x="{}" y="{}" width="{:.1f}" height="{}" rx="2"/>')
    return (
        _text(LEFT - 8, y + BAR - 5, row.label, "end"),
        shape.format(row.kind, LEFT, y, length, BAR),
        _text(LEFT + length + 6, y + BAR - 5, f"{number(row.value)} {unit}".strip(), css="small"),
    )


def _line(row: Row, x: float, height: float, n: int, unit: str) -> tuple[Markup, ...]:
    mark = Markup('<path class="mark {}" d="M{:.1f} 0V{:.1f}"/>').format(row.kind, x, height + 16 * n + 4)
    words = f"{row.label}: {number(row.value)} {unit}".strip()
    return mark, _text(x - 5, height + 16 * n + 12, words, "end", "small")


def _text(x: float, y: float, words: str, anchor: str = "start", css: str = "label") -> Markup:
    shape = Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>')
    return shape.format(css, x, y, anchor, words)


def _said(figure: Figure) -> str:
    return f"{figure.title}: " + "; ".join(f"{r.label} {number(r.value)} {figure.unit}" for r in figure.rows)


def _svg(height: float, shapes: Sequence[Markup], about: str) -> Markup:
    head = Markup('<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">').format(WIDTH, height, about)
    return head + Markup("").join(shapes) + Markup("</svg>")
