"""How much of a reference answer an answer says, by its key facts.

A key fact is a number, a part of a date, a name or another content word of the
reference answer that the question does not hold already: repeating the question
tells nothing. Words are compared by their stems, numbers by their digits. This
is the "string" form of ALCE's correctness (Gao et al. 2023, arXiv:2305.14627),
with the facts read from the reference and not listed by hand. All count alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kb.text import normalise, terms

_MARKS = str.maketrans("’‘“”–", "''\"\"-")
_MARKUP = re.compile(r"[*_`|\t]+")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")


def key_facts(reference: str, question: str = "") -> frozenset[str]:
    """Return the key facts of a reference answer; all of its terms if the question holds every one.

    >>> sorted(key_facts("It opens on 22 March in Kigali.", "When does it open?"))
    ['22', 'kigali', 'march']
    """
    said = _terms(reference)
    return said - _terms(question) or said


def fact_recall(reference: str, question: str, answer: str) -> float:
    """Return the share of the reference's key facts that an answer says; 0 for a reference without any.

    >>> fact_recall("1,200 dollars in four parts", "What does it cost?", "It costs 1200 dollars.")
    0.5
    """
    facts = key_facts(reference, question)
    return len(facts & _terms(answer)) / len(facts) if facts else 0.0


def says(facts: Iterable[str], answer: str) -> bool:
    """Tell whether an answer says every one of some facts, each in one of the ways that "|" parts.

    >>> says(["22 March|22 to 24 March", "Kigali"], "In Kigali, 22 March 2023.")
    True
    """
    said = _plain(answer)
    return all(any(_plain(way) in said for way in fact.split("|")) for fact in facts)


def _plain(text: str) -> str:
    """Return a text in small letters, without markup, and with one form of dash, quotation mark and space."""
    folded = normalise(text).lower().translate(_MARKS)
    return " ".join(_MARKUP.sub(" ", folded).split())


def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(_GROUPED.sub("", text)))
