"""Formulas written in TeX, made readable as plain text."""

from __future__ import annotations

import re

SYMBOLS = {
    "times": "×", "cdot": "·", "div": "÷", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥",
    "neq": "≠", "ne": "≠", "approx": "≈", "sum": "∑", "prod": "∏", "infty": "∞", "to": "→", "rightarrow": "→",
    "leftarrow": "←", "in": "∈", "dots": "…", "ldots": "…", "cdots": "…", "alpha": "α", "beta": "β",
    "gamma": "γ", "delta": "δ", "epsilon": "ε", "lambda": "λ", "mu": "μ", "pi": "π", "sigma": "σ",
    "Sigma": "Σ", "Delta": "Δ", "theta": "θ", "quad": " ", "qquad": " ", "left": "", "right": "",
}  # fmt: skip
FONT = re.compile(
    r"\\(?:text|mathrm|mathit|mathbf|mathsf|operatorname|textbf|textit|bar|overline)\s*\{([^{}]*)\}"
)
FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
ROOT = re.compile(r"\\sqrt\s*\{([^{}]*)\}")
MAX_NESTED = 12  # fractions, roots and fonts within one another; each takes a pass over the formula
SCRIPT = re.compile(r"([_^])\{([^{}]*)\}")


def readable(tex: str) -> str:
    r"""Return a formula with fractions, scripts and common symbols written out.

    >>> readable(r"\mathrm{EGDI} = \frac{1}{3}\left(OSI + TII + HCI\right)")
    'EGDI = 1/3 (OSI + TII + HCI)'
    """
    for _ in range(MAX_NESTED):
        tex = FONT.sub(r"\1", tex)
        tex = FRACTION.sub(lambda m: f"{_group(m[1])}/{_group(m[2])} ", tex)
        tex = ROOT.sub(r"√(\1)", tex)
        tex = SCRIPT.sub(lambda m: m[1] + _group(m[2]), tex)
    tex = re.sub(r"\\([A-Za-z]+) ?", lambda m: SYMBOLS.get(m[1], m[0]), tex)
    tex = re.sub(r"\\[,;:! ]|~", " ", tex).replace("\\%", "%").replace("\\_", "_").replace("\\\\", " ")
    return " ".join(tex.split()).replace(" )", ")")


def _group(text: str) -> str:
    text = text.strip()
    return text if re.fullmatch(r"[\w.,√\\]+", text) else f"({text})"
