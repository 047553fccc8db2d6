"""Whether what an answer says rests on what it cites, claim by claim, as ALCE measures it.

Gao et al. 2023, "Enabling Large Language Models to Generate Text with
Citations", arXiv:2305.14627, section 3.3. Their entailment model is replaced
by the deterministic check of `kb.answering.grounding`; all else is theirs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from kb.answering.grounding import check
from kb.text import normalise

# What passages put before the items of a list, which the items themselves do not hold.
_BULLET = re.compile(r"^\s*[-•]\s+", re.M)

# The score that the program itself asks of a sentence before it is shown as supported.
SUPPORTED = 0.6


@dataclass(frozen=True, slots=True)
class Stated:
    """A claim as the reader sees it: its words, and the words under each of its citations.

    A citation whose quote does not stand in its file has no words: it supports nothing.
    """

    text: str
    cited: tuple[str, ...]


def supports(claim: str, cited: Sequence[str]) -> bool:
    """Tell whether the cited words together carry the claim; no words carry nothing.

    >>> supports("The workshop is in Kigali.", ["The Kigali workshop", "It is in Kigali."])
    True
    >>> supports("The workshop is in Huye.", ["The workshop is in Kigali."])
    False
    """
    words = [text for text in cited if text.strip()]
    return bool(words) and check(claim, words).score >= SUPPORTED


def claim_recall(claims: Sequence[Stated]) -> float:
    """Return the share of claims that their citations together support; 0 for an answer without claims.

    >>> claim_recall([Stated("It is in Kigali.", ("It is in Kigali.",)), Stated("Lunch is free.", ())])
    0.5
    """
    return _share([supports(claim.text, claim.cited) for claim in claims])


def claim_precision(claims: Sequence[Stated]) -> float:
    """Return the share of citations that their claim needs or can rest on; 0 for an answer without any.

    A citation counts if the citations of its claim together support the claim
    and it is not irrelevant: irrelevant is one that does not support the claim
    alone while the others do without it.

    >>> room, lunch = "It is in Room 5.", "Lunch is at noon."
    >>> claim_precision([Stated("It is in Room 5.", (room, lunch))])
    0.5
    """
    return _share([_precise(claim, n) for claim in claims for n in range(len(claim.cited))])


def stands_in(quote: str, text: str) -> bool:
    r"""Tell whether a quote stands word for word in a text; white space, ligatures and bullets may differ.

    >>> stands_in("in  Room\nMH4", "It is in Room MH4."), stands_in("in Room MH5", "It is in Room MH4.")
    (True, False)
    """
    return bool(quote.strip()) and _normalised(quote) in _normalised(text)


def _precise(claim: Stated, place: int) -> bool:
    rest = claim.cited[:place] + claim.cited[place + 1 :]
    if not supports(claim.text, claim.cited):
        return False
    return supports(claim.text, claim.cited[place : place + 1]) or not supports(claim.text, rest)


@lru_cache(maxsize=1024)
def _normalised(text: str) -> str:
    return normalise(_BULLET.sub("", text))


def _share(right: Sequence[bool]) -> float:
    return sum(right) / len(right) if right else 0.0
