"""Fractions in formulas: what stands above and below a short rule becomes "a/b" on one line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.loaders.pdf.page import Fragment
from kb.loaders.pdf.rules import Rule

MAX_BAR = 200.0  # points
OVERHANG = 5.0  # points by which a bar is longer than what it parts; a table's rules are longer


def fold_fractions(fragments: list[Fragment], rules: Sequence[Rule]) -> list[Fragment]:
    """Return the fragments with each fraction written on the line of its bar."""
    walls = {round(rule.x0) for rule in rules if not rule.flat}  # a bar meets no upright rule
    bars = [
        rule
        for rule in rules
        if rule.flat and 3 < rule.x1 - rule.x0 < MAX_BAR and not {round(rule.x0), round(rule.x1)} & walls
    ]
    for bar in bars if len(bars) < 60 else ():
        above = _beside(fragments, bar, upwards=True)
        below = _beside(fragments, bar, upwards=False)
        if not above or not below or not _fits(bar, [*above, *below]):
            continue
        text = f"{_group(above)}/{_group(below)}"
        size = above[0].height
        middle = (bar.top + bar.bottom) / 2
        folded = above[0]._replace(
            text=text, x0=bar.x0, x1=bar.x1, top=middle - size / 2, bottom=middle + size / 2, bold=False
        )
        gone = {id(f) for f in (*above, *below)}
        fragments = [folded if f is above[0] else f for f in fragments if id(f) not in gone or f is above[0]]
    return fragments


def _beside(fragments: list[Fragment], bar: Rule, upwards: bool) -> list[Fragment]:
    """Return the fragments right above or below a bar, no wider than the bar, from left to right."""
    found = []
    for f in fragments:
        distance = bar.top - (f.top + f.bottom) / 2 if upwards else (f.top + f.bottom) / 2 - bar.bottom
        if 0 < distance < 1.1 * f.height and f.x0 > bar.x0 - 2 and f.x1 < bar.x1 + 2:
            found.append(f)
    return sorted(found, key=lambda f: f.x0)


def _fits(bar: Rule, parts: list[Fragment]) -> bool:
    reach = max(f.x1 for f in parts) - min(f.x0 for f in parts)
    return bar.x1 - bar.x0 - reach < OVERHANG


def _group(parts: list[Fragment]) -> str:
    text = " ".join(" ".join(f.text for f in parts).split())
    return text if re.fullmatch(r"[\w.,%]+", text) else f"({text})"
