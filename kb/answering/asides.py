"""What a response says of its passages, of itself or to its reader, told from what it says of its subject.

"Based on the provided context", "The documents do not mention it" and "Let me know if" need no support.
"""

from __future__ import annotations

import re

from kb.text import sentences

_SOURCE = r"(?:passage|context|document|doc|text|source|excerpt|article|snippet|paragraph|reference)"
# "The text of the law" is what a response may well be about.
_GIVEN = (
    r"(?:(?:the|this|these|those|your|provided|given|retrieved)(?: \w+){0,2} "
    rf"(?:{_SOURCE}s?|information|materials?)|{_SOURCE} \d+)\b(?: (?:provided|given|above|below))?(?! of\b)"
)
_NOT = r"(?: not|n['’]t)"
_SAYS = r"(?:states?|says?|explains?|mentions?|indicates?|notes?|describes?|lists?|suggests?|discuss(?:es)?)"
_SAID = r"(?:specified|mentioned|stated|provided|addressed|discussed|covered|given|described|listed|included)"
_TELL = (
    r"(?:mention|contain|specif|provid|address|includ|cover|say|state|discuss|give|explain|describ|indicat"
    r"|answer|detail|list|refer|offer|enough|sufficient|information|available|found|clear)"
)
_KNOW = (
    r"(?:know|find|answer|determine|have|see|provide|say|locate|confirm|tell|information|mention|give|any)"
)

# Marks of citations and numbers of list items state nothing; a lead-in goes with what it introduces.
_MARKS = re.compile(
    rf"\[(?:{_SOURCE}\s*)?\d+(?:\s*[,;–-]\s*\d+)*\]|\({_SOURCE}\s*\d+\)|^[ \t]*\d+[.)]\s", re.M | re.I
)
_LEAD_IN = re.compile(r":\s*\n\s*")

_ASIDE = re.compile(
    "|".join(
        (
            rf"^\s*(?:in|from) {_GIVEN}[\s,:]*",
            rf"^\s*{_GIVEN}(?: \w+)? {_SAYS}\b(?: that)?",
            rf",? ?\b(?:based (?:up)?on|according to|as per|as \w+ (?:in|by)) {_GIVEN}[\s,:]*",
            r"^\s*(?:yes|no|sure|certainly|(?:i['’]m )?sorry|i apologi[sz]e|unfortunately|but)\b[\s,:.!]*"
            r"(?:but )?",
            r"^\s*(?:in summary|in conclusion|in short|to summari[sz]e|overall|finally)\b[\s,:]*",
        )
    ),
    re.I,
)
_REFUSAL = re.compile(
    "|".join(
        (
            # The context does not mention, the documents are about roads and do not say, neither text says
            rf"\b{_GIVEN}(?: \w+){{0,5}}? (?:(?:do|does|did|is|are|has|have){_NOT}|lacks?|cannot)\b"
            rf"[^.;]{{0,60}}?\b{_TELL}",
            rf"\b(?:none of|neither|no) (?:{_GIVEN}|{_SOURCE}s?)\b[^.;]{{0,20}}?\b{_TELL}",
            # I am not sure, I don't have any information
            r"\bI(?:['’]m| am| was)? (?:\w+ )?(?:not (?:sure|able|aware|certain)|unable)\b",
            rf"\bI (?:\w+ )?(?:cannot|can['’]t|can not|(?:do|did|could){_NOT}|(?:have|found|find|see) no)\b"
            rf"(?: \w+){{0,3}}? ?\b{_KNOW}\b",
            rf"\bwe (?:do{_NOT} have|have no) (?:\w+ )?information\b",
            # There is no mention, it contains no details
            r"\b(?:there(?: is|['’]s| are)|contains?|provides?|gives?|makes?|has|have|found|find|with|^)\s*"
            r"(?:no|not any|not enough|insufficient|nothing) (?:\w+ ){0,2}"
            r"(?:information|mention|indication|details?|context)\b",
            # It is not specified in the text, it is unclear who, not mentioned
            rf"(?:\bnot|n['’]t|\bnever|\bunclear|\bno \w+|\bany \w+)\b[^.;]{{0,40}}?"
            rf" (?:in|by|within|from|based on) {_GIVEN}",
            rf"{_GIVEN}\W+it (?:is|was) (?:unclear|not (?:clear|possible))\b",
            r"^\s*it is not possible to (?:answer|determine|tell|say|know)\b",
            rf"^\s*it (?:does|did){_NOT} (?:mention|specify|say|state)\b",
            rf"(?:\bnot|n['’]t) {_SAID}\W*$",
            r"\bunanswerable\b|\b(?:cannot|can not|can['’]t) be (?:answered|determined)\b",
            r"^\W*(?:n/?a|none|no answer)\W*$",
            # What is said to the reader, or asked of them
            r"\b(?:let me know|feel free to|hope (?:this|that) helps|as an ai)\b",
            r"^\s*please (?:provide|share|clarify|specify)\b|\byou\b[^?]{0,80}\?[^\w?]*$",
        )
    ),
    re.I,
)


# "I do not know it, but ..", "While the text does not say it, ..": what else is said is checked.
_CLAUSE = re.compile(r"(?<=[,;]) +(?=(?:but|however|yet|though|although|nevertheless)\b)|(?<=;) +", re.I)
_CONCEDING = re.compile(r"^\s*(?:even )?(?:although|though|while)\b[^,]*,\s*", re.I)


def stated(response: str) -> str:
    """Return what a response says of its subject, a sentence a line: no asides, no marks, no refusals.

    >>> stated("Based on the provided context, it costs 5 dollars [2]. I could not find who pays.")
    'it costs 5 dollars .'
    >>> stated("The agency does not give refunds.")
    'The agency does not give refunds.'
    """
    text = _LEAD_IN.sub(": ", _MARKS.sub("", response))
    said = (clause for a, b in sentences(text) for clause in _clauses(text[a:b]))
    return "\n".join(_ASIDE.sub("", clause) for clause in said if not _REFUSAL.search(clause))


def _clauses(sentence: str) -> list[str]:
    """Return the sentence whole, or the clauses of one that holds a refusal."""
    if not _REFUSAL.search(sentence):
        return [sentence]
    conceded = _CONCEDING.match(sentence)
    start = conceded.end() if conceded else 0
    return [clause for clause in (sentence[:start], *_CLAUSE.split(sentence[start:])) if clause]
