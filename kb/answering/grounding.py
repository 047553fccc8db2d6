"""Whether passages carry a claim, judged by its words alone: deterministic, without a model.

A sentence is held against the windows of the passages that share most of its words, each weighted by its
rarity. A paraphrase changes ordinary words but keeps numbers, names and denials, so one that is not there
costs far more; neighbouring words that are neighbours nowhere cost a little. An antonym goes unseen.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from kb.answering.asides import stated
from kb.text import NUMBER_WORDS, STOPWORDS, sentences, stem

# The sentences of one window, the windows that carry a sentence of the claim, and the worth of a term
# that stands in other windows only.
WINDOW, WINDOWS, ELSEWHERE = 2, 3, 0.5
# What each fact that stands elsewhere or nowhere leaves of a sentence's score, and what
# denying the windows, or stating what they deny, leaves of it.
DISPLACED, MISSING, DENIED = 0.8, 0.35, 0.5
# The longest acronym, in letters.
ACRONYM = 5
# The share of a sentence's score that goes to its neighbouring words being neighbours in a passage: copied
# text is right, and a number or name put in place of another gets new neighbours.
ORDER = 0.1
# The share of the worst sentence in a claim's score; the rest is the mean.
WORST = 0.8
# The key of a negation, and how many words after it are taken as denied.
NOT, SCOPE = "¬", 3

# Words that join or soften what is said, and so need no support; questions keep them.
_JOINING = frozenset(
    """additionally although apart because besides finally furthermore hence however instead moreover
    nevertheless nonetheless overall partly rather several since still therefore though thus typically
    various whereas""".split()
)
_WORD = re.compile(r"\d+(?:[.,]\d+)*(?:\s?%|\s?per\s?cent\b)?|\w+n['’]t\b|\w+", re.I)
_NEGATION = re.compile(r"(?:not?|never|none|nor|neither|without|cannot|nobody|nothing|\w+n['’]t)")
_PERCENT = re.compile(r"\s?(?:%|per\s?cent)$")
_FORM = re.compile(r",(?=\d{3})|(?<=\d)(?:st|nd|rd|th)$")
# The keys of a few sentences, each with whether it is denied there.
Window: TypeAlias = frozenset[tuple[str, bool]]
Pairs: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Grounding:
    """How well passages carry a claim, from 0 to 1, and the words that they don't, in the claim's order.

    They stand in no passage, or one side denies them and the other states them.
    """

    score: float
    unsupported: tuple[str, ...] = ()


class Term(NamedTuple):
    """A word, its key to find it by, whether its sentence starts with it, and whether it is denied."""

    word: str
    key: str
    first: bool
    denied: bool

    @property
    def is_fact(self) -> bool:
        """Tell numbers, names and acronyms; a capital at a sentence's start tells nothing."""
        inner = self.word[1:] if self.first else self.word
        return self.key[0].isdigit() or any(c.isupper() or c.isdigit() for c in inner)


def check(claim: str, passages: Sequence[str]) -> Grounding:
    """Return how well the passages carry the claim, and which of its words they do not.

    A claim that `stated` leaves without a word to check scores 1.

    >>> passages = ["The workshop is held in Kigali on 22 March 2023. Lunch is not served."]
    >>> check("The workshop in Kigali is on 22 March.", passages)
    Grounding(score=0.9666666666666668, unsupported=())
    >>> check("The given text does not say who may come.", passages)
    Grounding(score=1.0, unsupported=())
    >>> changed = check("The workshop in Huye is on 23 March.", passages)
    >>> changed.score < 0.2, changed.unsupported
    (True, ('Huye', '23'))
    >>> check("Lunch is served.", passages)
    Grounding(score=0.5, unsupported=('served',))
    """
    said = [terms for terms in _read(stated(claim)) if terms]
    if not said:
        return Grounding(1.0)
    windows = [window for passage in passages for window in _windows(passage)]
    count = Counter(key for window in windows for key in {key for key, _ in window})
    rarity = {t.key: math.log(1 + (len(windows) + 1) / (count[t.key] + 0.5)) for s in said for t in s}
    beside = frozenset[tuple[str, str]]().union(*map(_neighbours, passages))
    judged = [_judge(terms, windows, count, rarity, beside) for terms in said]
    scores = [score for score, _ in judged]
    score = WORST * min(scores) + (1 - WORST) * sum(scores) / len(scores)
    return Grounding(score, tuple(word for _, words in judged for word in words))


def _judge(
    said: Sequence[Term],
    windows: Sequence[Window],
    known: Container[str],
    rarity: Mapping[str, float],
    beside: Pairs,
) -> tuple[float, list[str]]:
    """Return the score of one sentence, and its words that are not supported."""
    keys = {term.key for term in said}
    best = sorted(windows, key=lambda window: -sum(rarity[k] for k, _ in window if k in keys))
    near = frozenset().union(*best[:WINDOWS])
    here = {key for key, _ in near}
    worth = {t: 1.0 if t.key in here else ELSEWHERE if t.key in known else 0.0 for t in said}
    score = sum(rarity[t.key] * value for t, value in worth.items()) / sum(rarity[t.key] for t in worth)
    for value in (value for term, value in worth.items() if term.is_fact and value < 1):
        score *= DISPLACED if value else MISSING
    turned = {t for t in worth if t.key in here and (t.key, t.denied) not in near}
    score *= (DENIED if turned else 1) * _order(said, beside)
    return score, [t.word for t, v in worth.items() if not v or t in turned]


def _order(said: Sequence[Term], beside: Pairs) -> float:
    """Return 1 where all neighbours in a sentence are so in a passage, and 1 - ORDER where none are."""
    pairs = _pairs(said)
    return 1 - ORDER * (len(pairs - beside) / len(pairs) if pairs else 0)


@lru_cache(maxsize=4096)
def _windows(passage: str) -> tuple[Window, ...]:
    """Return every run of neighbouring sentences; remembered, as one passage carries many claims."""
    read = [frozenset((t.key, t.denied) for t in [*terms, *_acronyms(terms)]) for terms in _read(passage)]
    return tuple(frozenset().union(*read[n : n + WINDOW]) for n in range(max(1, len(read) - WINDOW + 1)))


@lru_cache(maxsize=4096)
def _neighbours(passage: str) -> Pairs:
    return frozenset().union(*map(_pairs, _read(passage)))


def _pairs(terms: Sequence[Term]) -> Pairs:
    """Return the keys of words that follow each other in a sentence, stop words left out."""
    return frozenset((a.key, b.key) for a, b in pairwise(terms))


def _acronyms(terms: Sequence[Term]) -> list[Term]:
    """Return the initials of neighbouring names, by which a claim may call them.

    >>> [term.word for term in _acronyms(_terms("teams of Major League Soccer play"))]
    ['ML', 'LS', 'MLS']
    """
    found = []
    for length in range(2, ACRONYM + 1):
        for run in zip(*(terms[n:] for n in range(length)), strict=False):
            if all(term.word[0].isupper() for term in run):
                initials = "".join(term.word[0] for term in run)
                found.append(Term(initials, _key(initials), first=False, denied=run[0].denied))
    return found


def _read(text: str) -> list[list[Term]]:
    return [_terms(text[a:b]) for a, b in sentences(text)]


def _terms(sentence: str) -> list[Term]:
    """Return the words of a sentence that can be checked: no stop words, no negations."""
    found, denied = [], 0
    for place, word in enumerate(_WORD.findall(unicodedata.normalize("NFKC", sentence))):
        if (key := _key(word)) == NOT:
            denied = SCOPE
        elif key:
            found.append(Term(word, key, place == 0, denied > 0))
            denied -= 1
    return found


@lru_cache(maxsize=65536)
def _key(word: str) -> str:
    """Return what a word is found by: its stem, the digits of a number, NOT, nothing for a stop word.

    >>> [_key(word) for word in ("Policies", "1,200", "5 per cent", "22nd", "three", "who", "WHO", "isn't")]
    ['polici', '1200', '5%', '22', '3', '', 'WHO', '¬']
    """
    lower = word.lower()
    if _NEGATION.fullmatch(lower):
        return NOT
    if lower[0].isdigit():
        return _FORM.sub("", _PERCENT.sub("%", lower))
    if lower in STOPWORDS or lower in _JOINING:
        return word if word.isupper() and len(word) > 1 else ""
    return NUMBER_WORDS.get(lower) or (stem(word) if len(word) > 1 else "")
