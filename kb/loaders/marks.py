"""The marks that plain lines carry: bullets, numbers, captions, emphasis."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

BULLET = re.compile(r"(?:[-*+•·‣▪◦●○■□➢➤✓✔–—→⇒\uf0b7\uf0a7\uf0d8]|o|->|=>|\\rightarrow)\s+(?=\S)")
ENUMERATOR = re.compile(
    r"(?P<open>\()?(?P<label>\d{1,3}(?:\.\d{1,3})*|[ivxlc]{1,6}|[IVXLC]{1,6}|[A-Za-z])"
    r"(?P<close>\.\)|[.)]|-(?=\s))?\s+(?=\S)"
)
PLAIN = re.compile(r"[A-Z]?[^\W\d_]{7}|[^\W\d_]{2,}[\s,'’]")  # lines that begin with a word have no mark
CAPTION = re.compile(
    r"(?:Figure|Fig\.|Table(?:au)?|Chart|Graph(?:ique)?|Box|Map|Exhibit|Diagram|Carte|Encadré|Schéma)\s+[A-Z]?\d[\w.-]*\s*[:.–—|-]\s*\S",
    re.I,
)
FOOTNOTE = re.compile(r"[¹²³⁰⁴-⁹]+\s?\S|\[\d+:\s")
ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}

_ESCAPED = re.compile(r"\\([*_#\[\]()~`>|+-])")
# What begins ends at the next mark of its kind or not at all: no line is looked through once for each mark.
_EMPHASIS = (
    re.compile(r"\*\*(?=\S)((?:[^*\n]|\*(?!\*))+)(?<=\S)\*\*"),
    re.compile(r"__(?=\S)((?:[^_\n]|_(?!_))+)(?<=\S)__"),
    re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])"),
)
_STARRED = re.compile(r"^\*(\*[^*]+)\*$")  # a note in italics that begins with an asterisk
MARKUP = re.compile(r"[*_<\[\\]")
_TAG = re.compile(r"</?(?:u|b|i|em|strong|sup|sub|br|span|p)\s*/?>", re.I)
_LINK = re.compile(r"!?\[([^\[\]]*)\]\((?:#[^()\s]*|([^()\s]+))\)")
_PLACEHOLDER = re.compile(r"\[image:\s*\]|\[footnoteRef:\d+\]")


@dataclass(frozen=True, slots=True)
class Mark:
    """What stands before the text of a line: `style` is "-", or the first number of its kind ("1.", "(a)").

    `number` is the place in the count, `depth` the number of levels ("2.1" has two).
    """

    style: str = ""
    number: int = 0
    depth: int = 0

    def follows(self, other: Mark) -> bool:
        """Tell whether this is the next number of the same count."""
        return bool(self.number) and self.style == other.style and self.number == other.number + 1

    def as_letter(self) -> Mark | None:
        """Return the other reading of a Roman numeral of one letter: "v." is 5, or the letter after "u."."""
        letter = {value: name for name, value in ROMAN.items()}.get(self.number)
        if self.depth != 1 or letter is None or "i" not in self.style.lower():
            return None
        style = self.style.replace("i", "a").replace("I", "A")
        return Mark(style, ord(letter) - ord("a") + 1, 1)


NO_MARK = Mark()


@lru_cache(maxsize=4096)  # a line is asked about several times while its neighbours are read
def read_mark(line: str) -> tuple[Mark, str]:
    r"""Split a line into its mark and its text; a number stays part of the text, a bullet does not.

    >>> read_mark("- → Policy")
    (Mark(style='-', number=0, depth=0), 'Policy')
    >>> read_mark("(iv) to decide")
    (Mark(style='(i)', number=4, depth=1), '(iv) to decide')
    """
    text, bullet, start = line.strip(), "", 0
    if PLAIN.match(text):
        return NO_MARK, text
    while found := BULLET.match(text, start):
        start, bullet = found.end(), "-"
    text = text[start:]
    found = ENUMERATOR.match(strip_markup(text))
    if found and (found["close"] or "." in found["label"]) and (not found["open"] or found["close"] == ")"):
        return _enumerated(found), text
    return Mark(bullet), text


def _enumerated(found: re.Match[str]) -> Mark:
    label, close = found["label"], found["close"] or ""
    open_ = found["open"] or ""
    if label[0].isdigit():
        numbers = label.split(".")
        return Mark(f"{open_}1{close or '.'}", int(numbers[-1]), len(numbers))
    first = "i" if label.lower() in ROMAN or len(label) > 1 else "a"
    number = roman(label) if first == "i" else ord(label.lower()) - ord("a") + 1
    return Mark(f"{open_}{first if label.islower() else first.upper()}{close}", number, 1)


def roman(label: str) -> int:
    """Return the value of a Roman numeral.

    >>> roman("XIV")
    14
    """
    values = [ROMAN[letter] for letter in label.lower()]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def strip_markup(text: str) -> str:
    r"""Remove the marks of bold, italics, underline and links; the words stay.

    >>> strip_markup("**Goal:** a <u>new</u> *set* of [rules](#) for \\*all\\*")
    'Goal: a new set of rules for *all*'
    """
    if not MARKUP.search(text):
        return text
    text = _ESCAPED.sub(lambda m: chr(0xE000 + ord(m[1])), text)
    text = _PLACEHOLDER.sub("", _TAG.sub(lambda m: " " if "br" in m[0].lower() else "", text))
    text = _LINK.sub(lambda m: f"{m[1]} ({m[2]})" if m[2] and m[2] != m[1] else m[1], text)
    for pattern in (*_EMPHASIS, _STARRED):
        text = pattern.sub(r"\1", text)
    return re.sub("[\ue000-\ue07f]", lambda m: chr(ord(m[0]) - 0xE000), text)


def emphasis(text: str) -> str:
    """Return "bold" or "underline" if the whole line is, else "".

    >>> emphasis("<u>C1</u>"), emphasis("**Note:** see below")
    ('underline', '')
    """
    text = text.strip()
    if re.fullmatch(r"\*\*[^*]+(?:\\\*[^*]*)?\*\*|__[^_]+__|<(b|strong)>[^<]+</\1>", text):
        return "bold"
    return "underline" if re.fullmatch(r"<u>[^<]+</u>", text) else ""
