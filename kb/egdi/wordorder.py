"""The order of a question's words, where it changes what is asked: "best services" is no "best country".

A question is looked at as its words, with a letter for each piece that is
understood: C country, Y year, N number, I index, W what an index measures,
P place or position, S highest or lowest, Z largest or smallest, X change, A
ahead, behind, better or than.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

LETTERS: Mapping[str, str] = {
    "index": "I",
    "subject": "W",
    "highest": "S",
    "lowest": "S",
    "change": "X",
    "ahead": "A",
    "better": "A",
    "size": "Z",
    "place": "P",
}
_RANK = "rank|ranks|ranked|ranking|rankings"
_MEASURE = f"(?:index|indices|score|scores|value|values|{_RANK})"
# "online services score", "score in online services"; "value of human capital" may be its worth.
_BESIDE = re.compile(
    rf"\bW {_MEASURE}\b"
    rf"|\b(?:index|score|scores|scored|{_RANK})(?: of C)?(?: (?:in )?Y)? (?:in|for|on|by) (?:the )?W\b"
)
_OTHER = re.compile(
    # The services, reports or data themselves, a stance, the size of a country, an index as a cause.
    rf"\b(?:which|N) (?:[SZ] )?W\b|\bwhat (?:[SZ] )?W\b(?! {_MEASURE})"
    r"|\b(?:which|what) (?:index|indices|rankings?|report|reports|surveys?|data|results?)\b"
    r"|\b(?:report|survey|data|results?|list|P) on\b|\b(?:survey|report) of C\b|\bP of (?:the )?[IW]\b"
    r"|\bZ (?:N )?(?:country|countries|nations?|member states?)\b"
    rf"|\bwhich I\b(?! {_MEASURE})|\bP for\b|\bC and (?:the )?I\b|\bI and C\b|\bhow .*\bI X C\b"
    r"|\bdo (?:for|with|on|to|in)\b|\bdo$"
)
_NAMED = r"C(?:(?: and| or)? C)*"
_HOW = re.compile(
    rf"\bhow (?:did|does|do|has|have) (?:the )?{_NAMED}"
    rf" (?:{_RANK}|P|perform|performed|score|scored|compare|compared|compares)\b"
    rf"|\bhow (?:did|does|has|have) .*(?:\bI\b|\b(?:{_RANK}|P)\b).*\bX\b"
    r"|\bhow (?:did|does|do) .*\b(?:I|rank|ranks)\b.* compare\b"
)
# A place or a position may be one in anything.
_RANKED = re.compile(rf"\b(?:I|W|surveys?|{_RANK})\b")
# "the change in", "its EGDI changed", but not "did Rwanda change its EGDI".
_CHANGED = re.compile(rf"(?:\bI\b|\b(?:{_RANK}|P)\b).*\bX\b|\bX (?:of|in)\b")
_AHEAD_OF = re.compile(r"\bA (?:(?:of|than|the|a|an|I|value|score|rank|that) )*C\b")


def for_figures(shape: str, codes: Collection[str], slots: Collection[str]) -> bool:
    """Tell whether words in this order ask for figures, and not for something beside them.

    >>> for_figures("how did C s I X since Y", ["RWA"], {"how", "change", "span"})
    True
    >>> for_figures("how did C X its I since Y", ["RWA"], {"how", "change", "span"})
    False
    """
    return (
        not _OTHER.search(shape)
        and ("how" not in slots or bool(_HOW.search(shape)))
        and ("P" not in shape.split() or bool(_RANKED.search(shape)))
        and ("where" not in slots or "rank" in slots)
        and ("change" not in slots or bool(_CHANGED.search(shape)))
        and not _others_sought(shape)
        and ("W" not in shape.split() or _measured(shape, codes, slots))
    )


def _measured(shape: str, codes: Collection[str], slots: Collection[str]) -> bool:
    """Tell whether what an index measures stands for the index."""
    best = bool({"highest", "lowest"} & {*slots} and {"country", "countries"} & {*slots} and not codes)
    return best or (len(codes) > 1 and bool({"ahead", "better"} & {*slots})) or bool(_BESIDE.search(shape))


def _others_sought(shape: str) -> bool:
    """Tell whether countries are sought by where they stand to those named, as in "ahead of Kenya"."""
    match = _AHEAD_OF.search(shape)
    return bool(match and "C" not in shape[: match.start()].split())
