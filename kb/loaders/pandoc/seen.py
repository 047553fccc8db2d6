"""What a file of a word processor shows beside its text, and what it does not show."""

from __future__ import annotations

import re
from typing import NamedTuple

from kb.loaders.structure import squeeze

HIDDEN, STRUCK = "hidden text", "struck-out text"
NOT_SHOWN = re.compile(r"\b(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.I)  # in a style
PAGE = "\ufffc"  # stands for a page number that a field writes
# A page number with the words around it: "Page 3 of 9", "Seite 3/9", "page 2-14", "- 3 -".
WORD = r"\b(?:p(?:ages?|g|p)?|p[áa]g(?:ina)?s?|seiten?|s|sid[ae]|str(?:an[ay]|ona)?|blatt)\b\.?"
PAGES = re.compile(
    rf"(?:{WORD})?\s*[-–—|/(\[]*\s*(?:\b\w{{1,3}}[-–.])?{PAGE}"
    rf"(?:\s*(?:\w{{1,4}}|[/|])?\s*{PAGE})?\s*[-–—|)\]]*",
    re.I,
)


class Seen(NamedTuple):
    """The texts in a file's margins (headers, footers, watermarks), and names of what it does not show."""

    margins: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def without_pages(text: str) -> str:
    r"""Return a text of a margin without page numbers, for which `PAGE` stands, and without their words.

    >>> without_pages(f"Rules of 2 May | page {PAGE} of {PAGE}"), without_pages(f"- {PAGE} -")
    ('Rules of 2 May', '')
    """
    text = squeeze(PAGES.sub(" ", text)).strip("|–—- ") if PAGE in text else squeeze(text)
    return text if re.search(r"[^\W_]", text) else ""
