"""The numbers that Word writes before paragraphs by itself (ECMA-376, part 1, 17.9)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.loaders.pandoc.packed import Element
from kb.loaders.pandoc.tree import counted

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS = {"w": W}
PLACE = re.compile(r"%([1-9])")
LEVELS = frozenset("012345678")
FORMS = {
    "lowerLetter": "LowerAlpha",
    "upperLetter": "UpperAlpha",
    "lowerRoman": "LowerRoman",
    "upperRoman": "UpperRoman",
}


class Numbering:
    """Counts the numbered paragraphs of one file in reading order."""

    def __init__(self, root: Element | None) -> None:
        self._root = root
        abstract = (
            {} if root is None else {_get(a, "abstractNumId"): a for a in root.findall("w:abstractNum", NS)}
        )
        linked = {_val(a, "w:styleLink"): a for a in abstract.values() if _val(a, "w:styleLink")}
        self._levels: dict[str, dict[str, Element]] = {}
        self._lists: dict[str, str] = {}  # the list that a number counts in
        self._anew: dict[str, dict[str, int]] = {}  # the levels at which a number begins anew, and with what
        self._counts: dict[str, dict[str, int]] = {}
        for number in () if root is None else root.findall("w:num", NS):
            key, base = _get(number, "numId"), _val(number, "w:abstractNumId")
            if base not in abstract:
                continue
            own = linked.get(_val(abstract[base], "w:numStyleLink"), abstract[base])
            self._lists[key] = _get(own, "abstractNumId")
            overrides = number.findall("w:lvlOverride", NS)
            changed = [level for override in overrides for level in override.findall("w:lvl", NS)]
            levels = {_get(level, "ilvl"): level for level in (*own.findall("w:lvl", NS), *changed)}
            self._levels[key] = {level: levels[level] for level in sorted(LEVELS & levels.keys())}
            begins = {_get(override, "ilvl"): _val(override, "w:startOverride") for override in overrides}
            self._anew[key] = {level: _number(start, 1) for level, start in begins.items() if start}

    def level_of(self, number: str, styles: Sequence[str]) -> str | None:
        """Return the level of a list that is tied to one of these styles."""
        levels = self._levels.get(number, {})
        tied = {_val(level, "w:pStyle"): key for key, level in levels.items()}
        return next((tied[style] for style in styles if style in tied), None)

    def label(self, number: str, level: str) -> str:
        """Count a paragraph, and return what is printed before it, with the space that follows."""
        levels = self._levels.get(number, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(self._lists[number], {})
        anew = self._anew[number].pop(level, None)
        if anew is not None or level not in counts:
            counts[level] = _start(levels[level]) if anew is None else anew
        else:
            counts[level] += 1
        for deeper in [key for key in counts if key > level and _restarts(levels.get(key), level)]:
            del counts[deeper]
        if _val(levels[level], "w:numFmt") == "bullet":
            return ""
        legal = levels[level].find("w:isLgl", NS) is not None
        text = PLACE.sub(
            lambda m: _written(levels, counts, str(int(m[1]) - 1), legal), _val(levels[level], "w:lvlText")
        )
        space = "" if _val(levels[level], "w:suff") == "nothing" else " "
        return text.strip() + space if text.strip() else ""

    def make_bullets(self) -> None:
        """Make bullets of all marks, for the numbers are written as text: a list stays a list."""
        for form in () if self._root is None else self._root.iter(f"{{{W}}}numFmt"):
            form.set(f"{{{W}}}val", "bullet")


def _written(levels: dict[str, Element], counts: dict[str, int], level: str, legal: bool) -> str:
    """Return the number at a level as its format says; `legal` ones are all decimal."""
    if level not in levels:
        return ""
    number = counts.get(level, _start(levels[level]))
    form = _val(levels[level], "w:numFmt")
    if form == "none":
        return ""
    if form == "decimalZero":
        return f"{number:02}"
    if form == "ordinal":
        return f"{number}{ordinal_ending(number)}"
    return counted(number, "" if legal else FORMS.get(form, ""))


def ordinal_ending(number: int) -> str:
    """Return the letters after an ordinal number.

    >>> [ordinal_ending(n) for n in (1, 12, 22, 113)]
    ['st', 'th', 'nd', 'th']
    """
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _restarts(level: Element | None, above: str) -> bool:
    """Tell whether a level begins anew after a paragraph of a level above it."""
    after = "" if level is None else _val(level, "w:lvlRestart")
    return int(above) < _number(after, 9)


def _start(level: Element) -> int:
    return _number(_val(level, "w:start"), 1)


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else default


def _get(element: Element, name: str) -> str:
    return element.get(f"{{{W}}}{name}") or ""


def _val(element: Element, path: str) -> str:
    found = element.find(path, NS)
    return "" if found is None else _get(found, "val")
