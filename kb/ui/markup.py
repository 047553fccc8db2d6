"""What every piece of the page needs to put text into HTML safely."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from html import escape
from itertools import groupby

# Control characters, and those that reorder the text around them: a document
# could use them to make a quotation read otherwise than it stands in the file.
_UNWANTED = dict.fromkeys(
    [c for c in range(0x20) if chr(c) not in "\t\n"]
    + list(range(0x7F, 0xA0))
    + [0x200B, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)

_OWN_NUMBER = re.compile(r"\s*\(?(\d+|[A-Za-z]|[ivxIVX]+)[.)]\s")


def safe(text: str) -> str:
    """Return the text with nothing left in it that a browser would act upon.

    >>> safe("<b onclick='x'>A & B</b>")
    '&lt;b onclick=&#x27;x&#x27;&gt;A &amp; B&lt;/b&gt;'
    """
    return escape(text.translate(_UNWANTED), quote=True)


def tag(name: str, inner: str, /, class_: str = "", **attributes: str) -> str:
    """Return one element; `inner` is HTML already, attribute values are escaped here.

    An underscore in an attribute's name stands for a hyphen, an empty value
    for an attribute without one.

    >>> tag("p", "Yes.", "note", data_turn="2", hidden="")
    '<p class="note" data-turn="2" hidden>Yes.</p>'
    """
    given = {"class": class_} if class_ else {}
    given |= {key.replace("_", "-"): value for key, value in attributes.items()}
    written = "".join(f' {key}="{safe(value)}"' if value else f" {key}" for key, value in given.items())
    return f"<{name}{written}>{inner}</{name}>"


def prose(text: str) -> str:
    r"""Return text as one run of escaped words; tabs between cells become a middle dot.

    >>> prose("Rwanda\t0.58\n<2022>")
    'Rwanda · 0.58 &lt;2022&gt;'
    """
    cells = (" ".join(cell.split()) for cell in text.split("\t"))
    return safe(" · ".join(cell for cell in cells if cell))


def bulleted(texts: Sequence[str], items: Sequence[str]) -> str:
    """Return a list of items, HTML already; without bullets where the texts bring their own numbers.

    >>> bulleted(["1. Plan", "2. Do"], ["1. Plan", "2. Do"])
    '<ul class="own"><li>1. Plan</li><li>2. Do</li></ul>'
    """
    own = "own" if all(_OWN_NUMBER.match(text) for text in texts) else ""
    return tag("ul", "".join(tag("li", item) for item in items), own)


def ranges(numbers: Sequence[int]) -> str:
    """Return rising numbers in words, neighbours drawn together.

    >>> ranges([1, 2, 3, 5, 7, 8])
    '1–3, 5, 7–8'
    """
    runs = (list(run) for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]))
    ends = ((run[0][1], run[-1][1]) for run in runs)
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in ends)


def unique(values: Collection[str]) -> list[str]:
    """Return the values that are not empty, each once, in the order they came."""
    return list(dict.fromkeys(value for value in values if value))
