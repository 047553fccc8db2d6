"""The text that a language model writes, piece by piece -> sentences with the keys they cite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from kb.text import normalise, sentences
from kb.types import Layout

# A key or more in square brackets: [1], [1, 2], [1-3], [^4].
_MARK = re.compile(r"\[\^?\d+(?:\s*[,;–-]\s*\^?\d+)*\]")
_MARK_AFTER_STOP = re.compile(rf"([.!?])((?:\s*{_MARK.pattern})+)")
# A cited sentence ends there even if the next begins with a small letter.
_CITED_STOP = re.compile(r"(?<=\][.!?])[ \t]+(?=[^\s\[])")
_RANGE = re.compile(r"(\d+)(?:\s*[–-]\s*(\d+))?")
# No passage has more keys than this, so that "[1-999999999]" costs nothing.
MOST_KEYS = 100

# Control characters act on a terminal; those without width or against the reading direction hide words.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_THINKING = re.compile(r"<think>.*?</think>", re.S)
_UNENDED = re.compile(r"<think>.*", re.S)
_ENUMERATED = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[*•–])[ \t]+", re.M)
_EMPHASIS = re.compile(r"\*\*|__|`+|(?<=\S)\*|\*(?=\S)")
_LINK = re.compile(r"!?\[([^\[\]\n]*)\]\(([^()\s]*+)[^()\n]*+\)")
_TAG = re.compile(r"</?[A-Za-z!][^<>\n]*>")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One written sentence or list item, without marks and markup; `raw` is as it was written."""

    text: str
    keys: tuple[int, ...]
    layout: Layout
    raw: str


def sentences_of(pieces: Iterable[str]) -> Iterator[Sentence]:
    r"""Yield each sentence once it is cited or its line ends, and the next one has begun.

    >>> [(s.text, s.keys) for s in sentences_of(["It is in Ki", "gali. [1] It has **two** days [2, 3]."])]
    [('It is in Kigali.', (1,)), ('It has two days.', (2, 3))]
    >>> [(s.text, s.layout) for s in sentences_of(["1. Policy [1]\n2. People [1]"])]
    [('Policy', 'item'), ('People', 'item')]
    """
    held, waiting = "", list[Sentence]()
    for piece in chain(pieces, [None]):
        held = _evened(held + piece) if piece is not None else _UNENDED.sub("", held)
        spans = sentences(held)
        rest = held[spans[-1][0] :] if spans else ""
        if piece is not None and ("<think>" in held or _maybe_mark(rest)):
            continue
        complete = spans if piece is None else spans[:-1]
        for (start, end), following in zip(complete, [*(at for at, _ in spans[1:]), len(held)], strict=False):
            waiting.append(_sentence(held[start:end]))
            if waiting[-1].keys or "\n" in held[end:following]:
                yield from _sharing(waiting)
                waiting = []
        held = rest
    yield from _sharing(waiting)


def _sharing(line: Sequence[Sentence]) -> Iterator[Sentence]:
    """Give sentences without keys those of the sentence after them in the line: it is cited at its end."""
    for sentence in line:
        if re.search(r"\w", sentence.text):
            yield replace(sentence, keys=line[-1].keys)


def _evened(text: str) -> str:
    """Take thoughts and emphasis out, give all list items one form, and put keys before the full stop."""
    text = _EMPHASIS.sub("", _THINKING.sub("", _UNSEEN.sub("", text)))
    text = _ENUMERATED.sub("- ", text)
    text = _MARK_AFTER_STOP.sub(lambda found: f" {' '.join(found[2].split())}{found[1]}", text)
    return _CITED_STOP.sub("\n", text)


def _maybe_mark(rest: str) -> bool:
    """Tell whether what begins now may be a key of the sentence before it."""
    return rest.startswith("[") and "]" not in rest


def _sentence(raw: str) -> Sentence:
    """Read one sentence; a heading has no text, as it states nothing."""
    line = raw.strip()
    plain = "" if line.startswith("#") else _TAG.sub(" ", _LINK.sub(r"\1 (\2)", _MARK.sub("", line)))
    text = re.sub(r"\s+([.,;:!?])", r"\1", normalise(plain.removeprefix("- ")))
    return Sentence(text, _keys(line), "item" if line.startswith("- ") else "sentence", raw)


def _keys(text: str) -> tuple[int, ...]:
    """Return the keys in the order of the text, each once.

    >>> _keys("so [3][1-2] and [2]")
    (3, 1, 2)
    """
    found: dict[int, None] = {}
    for mark in _MARK.findall(text):
        for first, last in _RANGE.findall(mark):
            low, high = int(first[:9]), int((last or first)[:9])
            found |= dict.fromkeys(range(low, min(high, low + MOST_KEYS) + 1))
    return tuple(found)
