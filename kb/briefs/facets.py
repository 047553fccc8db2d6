"""What a brief asks of every topic (who, what is required, figures, when), told from the words of a quote."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from kb.retrieval.relevance import Relevance
from kb.text import terms

_MONTHS = r"January|February|March|April|May|June|July|August|September|October|November|December"
_DIGIT = re.compile(r"\d")
# Numbers that count or measure nothing: of an item, a section, a page, a year, a law, a list of the text.
_NO_FIGURE = re.compile(
    r"^\W*\w{1,3}[.)]\s|(?i:\b(?:sections?|pages?|pp?\.|figures?|tables?|annex|chapters?|ISO|SDGs?|goals?|parts?"
    r"|agenda|days?|versions?|steps?)\s?[\d.,–-]+(?:\s(?:and|to)\s\d+)?)|\b(?:19|20)\d\d(?:[-/–]\d+)?\b"
    rf"|\b[A-Z]+\d+\b|\b(?:\d+[-–])?\d+ (?={_MONTHS})|\(\d+\)|\[\d+\]",
)


@dataclass(frozen=True, slots=True)
class Facet:
    """One standard question: its heading, its words, what asks it, and what a quote that answers it holds."""

    heading: str
    question: str
    asks: re.Pattern[str]
    holds: Callable[[str, Relevance], object]


def _facet(heading: str, question: str, asks: str, holds: str) -> Facet:
    pattern = re.compile(holds)
    return Facet(heading, question, re.compile(asks, re.I), lambda text, _: pattern.search(text))


# A definition names what it defines first, and little more before its verb, nothing more before a colon.
_SAYS_WHAT = re.compile(
    r"\s(?P<verb>(?:is|are) (?:an?|the|one|any)\b|means?\b|denotes?\b|refers? to|stands? for|comprises?\b)"
    r"|:\s"
)
SUBJECT_COVERS, EXTRA_TERMS = 0.75, 2


def _says_what_it_is(text: str, relevance: Relevance) -> bool:
    """Tell whether a text begins by saying what the topic is."""
    found = _SAYS_WHAT.search(text)
    subject = text[: found.start()] if found else ""
    named = terms(subject)
    own = [at for at, term in enumerate(named) if relevance.coverage(term)]
    most = EXTRA_TERMS if found and found["verb"] else 0
    # "Digital divide and skills" is not what "digital skills" are: other words stand between.
    together = bool(own) and own == [*range(len(own))] and len(named) - len(own) <= most
    return together and relevance.coverage(subject) >= SUBJECT_COVERS


def _has_figure(text: str, _: Relevance) -> bool:
    return bool(_DIGIT.search(text)) and bool(_DIGIT.search(_NO_FIGURE.sub(" ", text)))


FACETS = (
    Facet(
        "What it is",
        "What is it?",
        re.compile(r"^\W*what (?:is|are) (?:it|they|this|that|meant)\b|\bdefinition\b", re.I),
        _says_what_it_is,
    ),
    _facet(
        "Who is responsible",
        "Who is responsible?",
        r"^\W*who\b.*\b(?:responsib\w+|in charge|accountable|leads?|decides?|approves?)\b"
        r"|\bresponsibilit(?:y|ies)\b",
        r"(?i:\b(?:is|are|be|being) (?:also )?(?:responsible|accountable|in charge)\b"
        r"|\bresponsib(?:le|ility) for\b|\bappoints?\b|\breports to\b|\bapprov(?:es|ed by|al of)\b"
        r"|\bled by\b|\boversees?\b|\b(?:duty|task|role) of the\b|\bcoordinat(?:es|ed by)\b"
        r"|\bvalidat(?:es|ed by|ion)\b)",
    ),
    _facet(
        "What is required",
        "What is required?",
        r"\b(?:required|requirements?|mandatory|obligations?|obliged)\b",
        r"(?i:\b(?:must|shall|ha(?:s|ve) to|needs? to|should|(?:is|are) required|requires?|mandatory"
        r"|obliged)\b)",
    ),
    Facet(
        "Figures",
        "Which figures are given?",
        re.compile(r"\bfigures\b|^\W*numbers\b", re.I),
        _has_figure,
    ),
    _facet(
        "Dates and intervals",
        "When, and how often?",
        r"\bwhen\b|\bhow often\b|\bdeadlines?\b|\bdates\b",
        rf"\b(?:{_MONTHS})\s\d{{4}}|\b\d+ (?:{_MONTHS})\b|(?i:\b(?:week|month|quarter|year)ly\b|\bannually\b"
        r"|\bevery (?:day|week|month|quarter|year|two|three|four|five|six)\b|\bdeadline|\bper year\b"
        r"|\b(?:once|twice) a\b|\bwithin \w+ (?:days?|weeks?|months?|years?)\b)"
        r"|\b(?:since|until|by|in) (?:19|20)\d\d\b",
    ),
)


def facet_of(question: str) -> Facet | None:
    """Return the standard question that a question is, if it is one.

    >>> facet_of("When, and how often?").heading
    'Dates and intervals'
    >>> facet_of("Who may come?") is None
    True
    """
    return next((facet for facet in FACETS if facet.asks.search(question)), None)
