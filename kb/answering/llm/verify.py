"""A written sentence against the passages it cites: deterministic, and in doubt against the sentence.

What counts is only what can be quoted for it. Numbers, dates and months must
stand in the quotes themselves, names there or in the headings shown with them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kb.answering import grounding
from kb.answering.asides import stated
from kb.answering.evidence import LISTED, Unit, units
from kb.answering.llm.draft import Sentence
from kb.text import NUMBER_WORDS, STOPWORDS, normalise, stem, terms, words
from kb.types import Claim, Document, Hit, Passage

# The grounding score that a sentence needs against its quotes.
ENOUGH = 0.6
# The only words of a sentence that need not stand in its quotes, as stems: they report what is said, and say
# nothing themselves. A synonym is no evidence: "nourishes" looks no more like "feeds" than "starves" does.
REPORTING = frozenset(
    map(
        stem,
        """according consist contain cover define describe document explain following include indicate list
        namely note outline passage present refer respective section specify state text""".split(),
    )
)
# A passage that speaks to the program that answers, rather than to its readers: it answers no question.
_TO_THE_PROGRAM = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b"
    r"[^.!?]{0,30}\b(?:all|any|above|earlier|other|preceding|previous|prior|these|your)\b"
    r"[^.!?]{0,30}\b(?:instructions?|prompts?|messages?|context)\b"
    r"|\b(?:system|hidden|secret) (?:prompt|message|instructions?)\b"
    r"|\b(?:you are|act as|pretend to be) (?:now )?(?:an? )?(?:helpful )?"
    r"(?:ai|assistant|chat ?bot|language model|llm)\b"
    r"|\b(?:say|output|print|repeat|(?:reply|respond|answer) with)\b "
    r"(?:(?:only|just|exactly|the words?) ){0,3}(?:[:\"“'‘]|(?-i:[A-Z]{4,}))"
    r"|\b(?:reply|respond|answer) (?:only|just|exactly|nothing but)\b",
    re.I,
)
# A quote is added to the others if it brings that many new terms; facts count for so many.
WORTH_ADDING, FACT_WORTH = 2, 2
MOST_QUOTES = 12
# How many content words after a negation are denied by it.
SCOPE = 3

_MONTHS = frozenset(
    "January February March April May June July August September October November December".split()
)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*(?:\s?(?:%|per\s?cent\b))?", re.I)
_GROUPED = re.compile(r",(?=\d{3}\b)|\s")
_NEGATION = re.compile(r"not?|never|none|nor|neither|without|cannot|nobody|nothing|\w+n['’]t")
_WORD = re.compile(r"\w+n['’]t\b|\w+")
_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{0,30}://[^\s<>\"“”'()\[\]]+|\b(?:javascript|data|mailto|tel|file|vbscript):[^\s<>\"']+"
    r"|\b\d{1,3}(?:\.\d{1,3}){3}\b(?:[/:][^\s<>\"“”'()\[\]]*)?"
    r"|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}|\b(?:[\w-]{1,63}\.){1,8}[a-z]{2,63}\b(?:[/:?#][^\s<>\"“”'()\[\]]*)?",
    re.I,
)
_ABBREVIATIONS = frozenset(("e.g", "i.e", "a.m", "p.m"))
# Where a sentence has one of two and its quotes only the other, it says the contrary.
_CONTRARY = tuple(
    tuple(pair.split("/"))
    for pair in """before/after least/most more/less more/fewer minimum/maximum above/below over/under
    increase/decrease increased/decreased higher/lower rises/falls mandatory/optional mandatory/voluntary
    required/optional allowed/forbidden include/exclude includes/excludes internal/external first/last
    must/may shall/may monthly/quarterly monthly/annually quarterly/annually approve/reject""".split()
)


def foreign_addresses(text: str, passages: Iterable[Passage]) -> set[str]:
    """Return the web and e-mail addresses in a text that stand in no passage.

    >>> passage = Passage("p", "d", 0, "Write to help@risa.gov.rw.", (), None, None, 0, 26)
    >>> sorted(foreign_addresses("See help@risa.gov.rw, i.e. www.evil.example/x", [passage]))
    ['www.evil.example/x']
    """
    held = {address for passage in passages for address in _addresses(passage.text)}
    return _addresses(text) - held


def verify(sentence: Sentence, sources: Sequence[Passage], documents: Mapping[str, Document]) -> Claim:
    """Return the sentence as a claim with its quotes, and whether they support it.

    `sources[n]` has the key n + 1; keys of no source are passed over.
    """
    cited = [sources[key - 1] for key in sentence.keys if 0 < key <= len(sources)]
    quotes = _quotes(sentence.text, cited, documents)
    citations = tuple(unit.citation for unit in quotes)
    if not _carried(sentence.text, quotes):
        return Claim(sentence.text, citations, "unsupported", sentence.layout)
    verbatim = any(normalise(sentence.text).rstrip(".") in normalise(unit.text) for unit in quotes)
    return Claim(sentence.text, citations, "quoted" if verbatim else "supported", sentence.layout)


def _quotes(text: str, cited: Sequence[Passage], documents: Mapping[str, Document]) -> list[Unit]:
    """Choose from the cited passages what together meets the sentence best, in the order of the text."""
    hits = [Hit(passage, 0.0, "") for passage in dict.fromkeys(cited)]
    every = [
        unit
        for hit in hits
        for unit in units(hit, documents[hit.passage.document_id])
        if not _TO_THE_PROGRAM.search(unit.text)
    ]
    wanted = dict.fromkeys(terms(text), 1) | dict.fromkeys(exact(text), FACT_WORTH)
    chosen: list[Unit] = []
    while wanted and len(chosen) < MOST_QUOTES:
        best = max(every, key=lambda unit: _gain(unit, wanted), default=None)
        if best is None or _gain(best, wanted) < (WORTH_ADDING if chosen else 1):
            break
        chosen.append(best)
        met = {*terms(best.text), *exact(best.text)}
        wanted = {term: worth for term, worth in wanted.items() if term not in met}
    return [unit for unit in every if unit in chosen]


def _gain(unit: Unit, wanted: Mapping[str, int]) -> int:
    """Return what a quote brings; items and rows are short, and one term of theirs is as good as two."""
    met = {*terms(unit.text), *exact(unit.text)}
    return sum(wanted[term] for term in met if term in wanted) * (2 if unit.kind in LISTED else 1)


def _carried(text: str, quotes: Sequence[Unit]) -> bool:
    """Tell whether the quotes carry the sentence; one that says nothing is carried by none."""
    quoted = " ".join(unit.text for unit in quotes)
    over = " ".join(dict.fromkeys(f"{unit.over} {unit.context}" for unit in quotes))
    if not quotes or not terms(stated(text)) or not exact(text) <= _exact_near(text, quotes):
        return False
    if not _names(text) <= {stem(word) for word in words(f"{quoted} {over}")}:
        return False
    if _denial_differs(text, quoted) or _contrary(text, quoted):
        return False
    found = grounding.check(text, [f"{over}\n{quoted}", over])
    return found.score >= ENOUGH and REPORTING.issuperset(map(stem, map(str.lower, found.unsupported)))


def exact(text: str) -> set[str]:
    """Return the numbers and months of a text, in one form.

    >>> sorted(exact("On 22nd March, seven of 1,200 (58 per cent)"))
    ['1200', '22', '58%', '7', 'March']
    """
    numbers = {
        _GROUPED.sub("", found.group().lower()).replace("percent", "%") for found in _NUMBER.finditer(text)
    }
    spelt = {NUMBER_WORDS[word] for word in words(text) if word in NUMBER_WORDS and word not in STOPWORDS}
    return numbers | spelt | {word for word in _WORD.findall(text) if word in _MONTHS}


def _exact_near(text: str, quotes: Sequence[Unit]) -> set[str]:
    """Return the numbers and months of those quotes that speak of what the sentence speaks of."""
    said = {term for term in terms(text) if term.isalpha()}
    return {found for unit in quotes if _is_about(unit, said) for found in exact(unit.text)}


def _is_about(unit: Unit, said: set[str]) -> bool:
    """Tell whether the sentence names what a row or item begins with, or most of it; else any word.

    Rows and items of one list share most words, and one's number is not another's.
    """
    if unit.kind not in LISTED:
        return bool(said & set(terms(f"{unit.text} {unit.context}")))
    own = [term for term in terms(unit.text) if term.isalpha()]
    return not own or own[0] in said or len(said & set(own)) > len(set(own)) / 2


def _names(text: str) -> set[str]:
    """Return the stems of words that capitals mark as names, and of the first word, which may be one."""
    found = [word for word in _WORD.findall(text) if word not in _MONTHS]
    named = {word for word in found[1:] if any(char.isupper() for char in word)}
    named |= {word for word in found[:1] if word.lower() not in STOPWORDS | NUMBER_WORDS.keys()}
    return {stem(word.lower()) for word in named}


def _denial_differs(said: str, quoted: str) -> bool:
    """Tell whether a word is denied on one side and only stated on the other."""
    (denies, states), (quote_denies, quote_states) = _denials(said), _denials(quoted)
    turned = (denies - states) & (quote_states - quote_denies)
    turned |= (states - denies) & (quote_denies - quote_states)
    return bool(turned) or (bool(denies) and not quote_denies)


def _denials(text: str) -> tuple[set[str], set[str]]:
    """Return the stems that negations deny, and the others."""
    denied, stated, reach = set[str](), set[str](), 0
    for part in re.split(r"(?<=[.;!?])\s|\n", text.lower()):
        reach = 0
        for word in _WORD.findall(part):
            if _NEGATION.fullmatch(word):
                reach = SCOPE
            elif word not in STOPWORDS and len(word) > 1:
                (denied if reach > 0 else stated).add(stem(word))
                reach -= 1
    return denied, stated


def _contrary(said: str, quoted: str) -> bool:
    here, there = set(words(said)), set(words(quoted))
    return any(
        (a in here and a not in there and b in there and b not in here)
        or (b in here and b not in there and a in there and a not in here)
        for a, b in _CONTRARY
    )


def _addresses(text: str) -> set[str]:
    found = {match.group().rstrip(".,;:!?/").casefold() for match in _ADDRESS.finditer(text)}
    return found - _ABBREVIATIONS
