"""How sure it is that the evidence answers the question and, if it does not, where the corpus says to look.

The decision rests on how likely the best quote answers, on what the reader
says at best, and on what it cannot weigh: whether the kind of thing asked for
(a number, a date, an address), or a year or code that is named, stands in the
quotes at all. Logistic regression weighs these signs; the weights lie between
two fits (`eval/README.md`, "Confidence"; `kb eval calibrate` fits them to cases),
and the evaluation report shows how well they are calibrated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from kb.answering.answer_types import fits, has_figure, has_type
from kb.answering.evidence import Evidence, Unit
from kb.answering.parts import asked_part, is_absent, is_named
from kb.answering.question import Question
from kb.answering.tables import is_reckoned
from kb.retrieval.relevance import term_set
from kb.retrieval.series import edition_of
from kb.text import terms
from kb.types import Claim, Document, Pointer

# What each sign adds to the log-odds that the documents answer the question.
BIAS = 1.7
WEIGHTS = {
    "best": 0.13,
    "read": 0.28,
    "in other words": 1.05,
    "few terms, one unmet": -0.47,
    "lacks the kind asked for": -1.12,
    "lacks a year, code or kind named": -0.06,
}
# Of a question of which no word is in the documents and the reader says less than this, they say nothing.
STRANGE = -4.0
# What the reader says at best is held between these; where it read nothing that says nothing either way.
LEAST, MOST = -8.0, 6.0
# Who chooses one of the readings that were offered is answered as surely as this at least, and so is who asks
# what a table gives for certain, for a part of a document by its number, or for a figure that a quote gives
# in all the question's words.
CHOSEN = 0.6
# What is left of the confidence where a figure is asked for and the quotes have none, the best one refers to
# another document, the figure asked for is an image, the article named is not there, or a year or code is
# another: as good as certain.
REFUSED = 0.1
# A quote with its headings covers this share of the words for it to name whose phone number it gives.
ABOUT = 0.5
# A plan for so many years speaks of each; a longer span is a collection's.
MOST_YEARS = 6
# What stands for the kind of thing asked for must be this close to it in meaning.
FOCUS_MET = 0.5
# So much of a question's words is all of them.
ALL = 0.99
# Of so few terms none can be spared: "the capital of France" is neither in a sentence on
# human capital nor in a row on France.
FEW_TERMS = 2
MET = 0.5

_DEFERRAL = re.compile(
    r"\brefer (back )?to\b"
    r"|\b(is|are) (available|kept|published|presented|given|contained) (at|by|in|with|on)\b"
    r"|\b(is|are) held by\b|\bplease,? (see|refer|consult)\b|\bfor (more|further) (details?|information)\b",
    re.I,
)
# The text says itself that it lacks something.
_ABSENCE = re.compile(
    r"\b(does|do|did) not (give|say|state|name|contain|include|list|explain|tell|report|mention|show)\b"
    r"|\b(is|are|was|were) not (given|stated|named|known|confirmed|verified|included|explained|listed|said)\b"
    r"|\bno \w+( \w+)? (is|are) (given|named|stated|included)\b|\b(is|are) (unknown|missing|absent)\b"
    r"|\bnot part of\b|\bonly (its|the) caption\b",
    re.I,
)
_LOOKS_FOR_SOURCE = re.compile(
    r"\bwhere\b|\bwho\b|\bwhich (document|guideline|report|tool|law)|\brefer", re.I
)
_IN_FIGURES = ("number", "money", "duration", "share", "time")
# Years and the numbers of standards or laws; smaller numbers are too often told in other words.
_CODE = re.compile(r"\d{4,}")
# The phone number of the desk is not that of the registry: these words do not say whose it is.
_OF_CONTACT = frozenset(
    terms("phone telephone number e-mail email mail address contact details website link")
)
_FIGURE = re.compile(r"\bfigure\s+\d+", re.I)


def confidence(evidence: Evidence, claims: Sequence[Claim]) -> float:
    """Return how sure it is, from 0 to 1, that the claims drawn from the evidence answer the question.

    A comparison is answered as surely as the side of it that is least sure, if not by itself.
    """
    told = {name: [claim for claim in claims if claim.about == name] for name, _ in evidence.sides}
    by_side = [_sure(side, told[name]) for name, side in evidence.sides if told[name]]
    return max(_sure(evidence, claims), min(by_side, default=0.0) if len(by_side) > 1 else 0.0)


def _sure(evidence: Evidence, claims: Sequence[Claim]) -> float:
    # "?" asks nothing, though the reader has an opinion on that too.
    if not evidence.units or not claims or not evidence.question.terms:
        return 0.0
    found = signs(evidence, claims)
    sure = 1 / (1 + math.exp(-BIAS - sum(WEIGHTS[name] * value for name, value in found.items())))
    certain = (
        _names_its_place(evidence) or is_reckoned(claims) or asked_part(evidence) or _says_it_all(evidence)
    )
    sure = max(sure, CHOSEN) if certain else sure
    lost = _asks_for_lost_figure(evidence.question, evidence.units)
    strange = not evidence.relevance.known and found["read"] < STRANGE
    other = (
        lost
        or strange
        or is_absent(evidence)
        or _lacks_figures(evidence, claims)
        or not _meets_code(evidence, claims)
        or _rows_of_others(evidence, claims)
    )
    return sure * REFUSED if other or _only_deferred(evidence, claims) else sure


def signs(evidence: Evidence, claims: Sequence[Claim]) -> dict[str, float]:
    """Return the signs of `WEIGHTS`: log-odds, a share, and 0 or 1 for what holds or does not."""
    question, best = evidence.question, evidence.units[0]
    own = [term for term in question.terms if term not in question.aside]
    unmet = evidence.relevance.least(f"{best.text} {best.over} {best.context}") < MET
    typed = not has_type(question.kind) or _holds_type(evidence, claims)
    read = [unit.read for unit in evidence.units if not math.isinf(unit.read)]
    return {
        "best": best.odds,
        "read": min(MOST, max(LEAST, max(read, default=0.0))),
        "in other words": 1 - evidence.relevance.known,
        "few terms, one unmet": evidence.relevance.known * (len(own) <= FEW_TERMS and unmet),
        "lacks the kind asked for": float(not typed),
        "lacks a year, code or kind named": float(
            not (_meets_code(evidence, claims) and _meets_focus(evidence, claims))
        ),
    }


def _names_its_place(evidence: Evidence) -> bool:
    """Tell whether a question names the section that answers: by its number, or in brackets as options do."""
    passage, asked = evidence.units[0].citation.passage, evidence.question
    if is_named(evidence.units[0], asked.text):
        return True
    place = f"{' '.join(passage.heading_path[-1:])} {evidence.documents[passage.document_id].title}"
    return bool(asked.aside) and term_set(place) <= {*asked.terms}


def _says_it_all(evidence: Evidence) -> bool:
    """Tell whether the best quote and what stands over it have all words of a question for a figure, and one.

    The reader doubts questions for a number by their form, however plainly a short text answers.
    """
    best, asked = evidence.units[0], evidence.question
    told = asked.kind in _IN_FIGURES and best.typed and evidence.relevance.known >= ALL
    return told and evidence.relevance.coverage(f"{best.text} {best.over} {best.context}") >= ALL


def pointers(evidence: Evidence) -> list[Pointer]:
    """Return where the corpus says to look, or else the nearest that it says; at most two."""
    ranked = evidence.units
    near = [unit for unit in ranked[:8] if unit.score >= 0.6 * ranked[0].score]
    found = [Pointer("The documents refer elsewhere:", (u.citation,)) for u in near if _is_deferral(u.text)]
    if found:
        return found[:2]
    return [Pointer("The nearest that they say:", (unit.citation,)) for unit in near[:2]]


def _holds_type(evidence: Evidence, claims: Sequence[Claim]) -> bool:
    """Tell whether a claim holds the kind of thing asked for: a phone number, of whom the question names."""
    question = evidence.question
    if question.kind == "number" and question.counted and _is_list(claims):
        return True
    cited = {citation for claim in claims for citation in claim.citations}
    said = [unit for unit in evidence.units if any(quote.holds(unit.citation) for quote in cited)]
    whose = [term for term in question.terms if term not in _OF_CONTACT]
    if question.kind == "contact" and whose:
        cover = evidence.relevance.of(whose).coverage
        said = [unit for unit in said if cover(unit.text, unit.context, lead=unit.over) >= ABOUT]
    return any(fits(question, unit.text, unit.columns) for unit in said)


def _lacks_figures(evidence: Evidence, claims: Sequence[Claim]) -> bool:
    """Tell whether a question for a figure or an address is answered by words alone.

    Not one for a date: "when" is often answered by an occasion.
    """
    kind = evidence.question.kind
    if kind == "contact":
        return not _holds_type(evidence, claims)
    # "At noon" is a time without a figure.
    said = [claim.text for claim in claims]
    return kind in _IN_FIGURES and not any(has_figure(t) or fits(evidence.question, t) for t in said)


def _meets_code(evidence: Evidence, claims: Sequence[Claim]) -> bool:
    """Tell whether the one year or code of the question is in the claims or over them.

    A figure for 2022 does not answer for 2023, nor ISO 9001 for ISO 27001.
    """
    codes = [term for term in evidence.question.terms if _CODE.fullmatch(term)]
    return len(codes) != 1 or _met(codes, evidence, claims) > 0


def _meets_focus(evidence: Evidence, claims: Sequence[Claim]) -> bool:
    """Tell whether the kind of thing that a "which" asks for is in the claims or over them."""
    focus = evidence.question.focus
    return focus is None or _met([focus], evidence, claims) >= FOCUS_MET


def _rows_of_others(evidence: Evidence, claims: Sequence[Claim]) -> bool:
    """Tell whether a figure is asked of something by its name, and rows that do not have the name answer."""
    asked = evidence.question
    if asked.kind not in _IN_FIGURES or any(claim.layout not in ("row", "lead") for claim in claims):
        return False
    return any(_met([name], evidence, claims) < MET for name in asked.names & asked.capitals)


def _met(some: Sequence[str], evidence: Evidence, claims: Sequence[Claim]) -> float:
    """Return how much of these terms the claims and the titles and headings over them cover."""
    cited = {citation.passage for claim in claims for citation in claim.citations}
    said = " ".join(claim.text for claim in claims)
    over = " ".join(" ".join((_name(evidence.documents[p.document_id]), *p.heading_path)) for p in cited)
    return evidence.relevance.of(some).coverage(said, over)


def _name(document: Document) -> str:
    """Return the title and the years that the document is for, unless they are too many to tell one."""
    edition = edition_of(document)
    years = range(edition.first, edition.last + 1) if edition else range(0)
    return " ".join((document.title, *map(str, years if len(years) <= MOST_YEARS else ())))


def _only_deferred(evidence: Evidence, claims: Sequence[Claim]) -> bool:
    """Tell whether what meets the question best only says where else to look, and holds nothing asked for."""
    if _LOOKS_FOR_SOURCE.search(evidence.question.text) or _is_list(claims):
        return False
    if has_type(evidence.question.kind) and _holds_type(evidence, claims):
        return False
    return bool(_DEFERRAL.search(evidence.units[0].text))


def _is_list(claims: Sequence[Claim]) -> bool:
    return sum(claim.layout in ("item", "row") for claim in claims) > 1


def _is_deferral(text: str) -> bool:
    return bool(_DEFERRAL.search(text) or _ABSENCE.search(text))


def _asks_for_lost_figure(question: Question, ranked: Sequence[Unit]) -> bool:
    """Tell whether the question is about a figure of which only the caption is in the text."""
    asked = _FIGURE.search(question.text)
    if asked is None:
        return False
    figure = re.compile(rf"{asked.group()}\b", re.I)
    return any(u.kind == "caption" and figure.search(u.text) for u in ranked)
