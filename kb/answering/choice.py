"""Which quote answers: what the reader says of each, with the words, kinds and places that it cannot weigh.

A logistic over a few signs, fitted so that of all that was found for a question the quotes that answer come
first, and that none is likely where none answers (`python -m eval.train.choice` makes the weights again).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from kb.answering.answer_types import fits, has_type
from kb.text import terms, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.answering.evidence import Unit
    from kb.answering.question import Question
    from kb.retrieval.relevance import Relevance
    from kb.types import Embedder

# What each sign adds to the log-odds that a quote answers.
BIAS = -1.38
WEIGHTS = {
    "read": 0.48,
    "read, to the best": -0.06,
    "read, in other words": 0.11,
    "not read": -0.13,
    "found": 1.65,
    "found, to the best": 1.69,
    "covers": 0.65,
    "covers, to the best": 1.11,
    "covers itself": 0.78,
    "covers itself, to the best": 1.28,
    "of the kind asked for": 0.6,
    "not of the kind asked for": -0.72,
    "row": 0.14,
    "item": 0.59,
    "caption": -0.06,
    "few words": -0.13,
    "many words": 0.66,
    "front matter": -0.35,
}
# What the reader's log-odds are held between, and what those passages get that it does not read, at most.
LEAST, MOST, UNREAD = -8.0, 6.0, -4.0
# So many of the best are put in order by their cosine with the question as well: what lies 0.1 below
# the nearest loses 4 of its log-odds, and none more than 6.
SETTLED, FARTHER, MOST_FARTHER = 6, 40.0, 6.0
# What is wanted is at most so far below what is not, by all signs and by the reader.
AS_LIKELY = 4.0
# What was told before is asked for again if the reader gives it these log-odds.
SURE = 3.0
_ASKS_DENIED = re.compile(
    r"(?<!\bwhy )(?<!\bor )\b(?:not(?! only)|never|no|without|exempt\w*|ne|aucune?|sans)\b|\w+n['’]t\b", re.I
)
_DENIAL = re.compile(
    r"\b(?:not?|never|none|without|except\w*|exempt\w*|unless|neither|nor|cannot|nobody|ne|pas|sans|aucune?|sauf)\b"
    r"|\w+n['’]t\b|\bn['’]",
    re.I,
)
# Quotes of fewer words seldom state anything, of more they say much.
FEW, MANY = 5, 60
# Sections that speak of the document itself.
_FRONT_MATTER = re.compile(
    r"^\W*(about this (document|report|publication)|how to (use|read) this (chapter|document|report)"
    r"|(table of )?contents|foreword|preface|acknowledge?ments"
    r"|references|bibliography|copyright|disclaimer)\b",
    re.I,
)


def rank(units: Sequence[Unit], question: Question, relevance: Relevance) -> list[Unit]:
    """Return the units with their probability of answering as the score, best first."""
    if not units:
        return []
    weights = np.array(list(WEIGHTS.values()))
    odds = signs(units, question, relevance) @ weights + BIAS
    scores = 1 / (1 + np.exp(-odds))
    order = np.argsort(-scores, kind="stable")
    return [replace(units[n], score=float(scores[n])) for n in order]


def settle(ranked: Sequence[Unit], question: Question, embedder: Embedder) -> list[Unit]:
    """Return ranked units, the first few by how near each is to the question in meaning as well.

    The reader and the words leave several as likely; of these the cosine knows best. Each is encoded
    under its title and headings. The others, and headings, lose as much as the first few do on average.
    """
    first = [unit for unit in ranked if unit.kind != "heading"][:SETTLED]
    rest = [unit for unit in ranked if unit not in first]
    if question.vector is None or len(first) < 2:
        return [*ranked]
    told = [f"{unit.context}: {unit.text}" for unit in first]
    cosines = embedder.encode(told, "passage") @ question.vector
    less = np.minimum(MOST_FARTHER, FARTHER * (cosines.max() - cosines))
    found = [_less(unit, float(by)) for unit, by in zip(first, less, strict=True)]
    return sorted([*found, *(_less(u, float(less.mean())) for u in rest)], key=lambda unit: -unit.score)


def denied_first(ranked: Sequence[Unit], question: Question) -> list[Unit]:
    """Return ranked units with what denies before what states, where a question asks for what is denied.

    "When is no permit needed?" is not answered by when one is, if a quote that denies is nearly as likely;
    nor is that told beside it.
    """
    if not ranked or not _ASKS_DENIED.search(question.text):
        return [*ranked]
    if _denies(ranked[0]):
        less = (unit if _denies(unit) else _less(unit, AS_LIKELY) for unit in ranked)
        return sorted(less, key=lambda unit: -unit.score)
    return _first(ranked, _denies)


def new_first(ranked: Sequence[Unit], said: str) -> list[Unit]:
    """Return ranked units with what was not told in the turn before first, unless the reader is sure."""
    told = terms(said)
    if not ranked or ranked[0].read >= SURE:
        return [*ranked]
    return _first(ranked, lambda unit: not _stands_in(terms(unit.text), told))


def _stands_in(part: Sequence[str], whole: Sequence[str]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


def _first(ranked: Sequence[Unit], wanted: Callable[[Unit], bool]) -> list[Unit]:
    """Return ranked units, those wanted before the others if one of them is nearly as likely as the best."""
    fit = [unit for unit in ranked if wanted(unit)]
    best = ranked[0] if ranked else None
    if best is None or best in fit:
        return [*ranked]
    if not any(min(unit.odds - best.odds, unit.read - best.read) >= -AS_LIKELY for unit in fit):
        return [*ranked]
    by = best.odds - fit[0].odds + AS_LIKELY
    return sorted((u if u in fit else _less(u, by) for u in ranked), key=lambda unit: -unit.score)


def _denies(unit: Unit) -> bool:
    return bool(_DENIAL.search(f"{unit.lead} {unit.text}"))


def _less(unit: Unit, by: float) -> Unit:
    """Return a unit whose log-odds are so much lower."""
    return replace(unit, score=1 / (1 + math.exp(by - unit.odds)))


def signs(units: Sequence[Unit], question: Question, relevance: Relevance) -> NDArray[np.float64]:
    """Return the signs of `WEIGHTS` for n units, of (n, signs).

    They are log-odds, shares from 0 to 1, how far these lie below the best of all, and 0 or 1 for what holds
    or does not. Words count as far as the documents hold the question's at all: a question in another
    language, or in other words, is left to the reader.
    """
    read = np.array([unit.read for unit in units])
    unread = np.isneginf(read)
    held = read[~unread]
    read[unread] = min(UNREAD, held.min(initial=UNREAD))
    read = read.clip(LEAST, MOST)
    found = np.array([unit.retrieval for unit in units])
    covers = relevance.known * np.array([unit.coverage for unit in units])
    itself = relevance.known * np.array([relevance.coverage(unit.text) for unit in units])
    typed = has_type(question.kind)
    fit = np.array([typed and fits(question, unit.text, unit.columns) for unit in units])
    length = np.array([len(words(unit.text)) for unit in units])
    kinds = np.array([unit.kind for unit in units])
    columns = {
        "read": read,
        "read, to the best": read - read.max(),
        "read, in other words": read * (1 - relevance.known),
        "not read": unread,
        "found": found,
        "found, to the best": found - found.max(),
        "covers": covers,
        "covers, to the best": covers - covers.max(),
        "covers itself": itself,
        "covers itself, to the best": itself - itself.max(),
        "of the kind asked for": fit,
        "not of the kind asked for": typed & ~fit,
        "row": kinds == "table_row",
        "item": kinds == "list_item",
        "caption": kinds == "caption",
        "few words": length < FEW,
        "many words": length > MANY,
        "front matter": [is_front_matter(*unit.citation.passage.heading_path[-1:]) for unit in units],
    }
    return np.stack([columns[name] for name in WEIGHTS], axis=1).astype(np.float64)


@lru_cache(maxsize=4096)
def is_front_matter(heading: str = "") -> bool:
    """Tell whether a section speaks of the document itself, by its heading."""
    return bool(_FRONT_MATTER.search(heading))
