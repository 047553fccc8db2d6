"""Words, stems and sentences: the one copy that every module uses."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

WORD = re.compile(r"\w+(?:[.,]\d+)*", re.UNICODE)

# Words that say nothing about the subject of a question: articles, pronouns,
# auxiliaries, prepositions and the courtesies people type around a question.
STOPWORDS = frozenset(
    """a about above according acc after again all also am an and another any are aren as ask asked asks at be
    been before being below between both but by called can could d describe did didn do does doesn doing don
    during each either else etc exactly explain few for from further get give given gives go got had has have
    having he hello help her here hers hi him his how i if in into is isn it its itself just kindly know let
    like list ll m many may me mean meaning means meant mention mentioned mentions might more most much must
    my need needs no nor not now of off ok okay on once one only or other our ours out over own per please pls
    re refer refers regarding s said same say saying says shall share she should show so some stand stands
    such t tell than thank thanks that the their theirs them then there these they this those through to too
    under until up upon us use used ve very via want was we were what whats when where whether which while
    who whom whose why will with would yes you your yours""".split()
)

_NUMBERS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen twenty"""
NUMBER_WORDS = {word: str(value) for value, word in enumerate(_NUMBERS.split())}

# What a terminal takes as a command, to set its title or fill the clipboard, say; ended or not.
_COMMAND = re.compile(
    r"(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\n\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]{0,64}[ -/]{0,8}[@-~]?"
)
# Control characters but tabs and line ends, surrogates, and marks that turn the reading direction.
UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

# What a number names: Article 6, page 4, Form 34. English and French, in the singular.
NAMED_BY_NUMBER = (
    "article|art|annexe?|appendix|section|sec|chapter|chapitre|ch|part|partie|page|p|pp|paragraph|paragraphe|para|clause"
    "|form|formulaire|rule|règle|regulation|order|act|law|loi|decree|décret|resolution|directive|schedule|table|tableau"
    "|figure|fig|box|item|point|line|row|note|step|étape|phase|level|grade|class|category|version|volume|vol|room|salle"
    "|gate|floor|extension|ext|tel|number"
)
# Currencies as people shorten them before an amount, with or without a full stop.
SHORT_CURRENCIES = "rs|nu|tk|rp|kr|kč|sh|ksh|tsh|ush|fr|frw|br|kz|sfr|dkr|nkr|skr"
# A full stop after one of these does not end a sentence: always, before a number, before a name.
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|approx|incl|p\.ex)\.$", re.I)
_BEFORE_NUMBER = re.compile(rf"\b(?:{NAMED_BY_NUMBER}|nos?|nr|tél|ca)\.$|\b(?:{SHORT_CURRENCIES})\.$", re.I)
_BEFORE_NAME = re.compile(r"\b(?:mr|mrs|ms|mme|mlle|mm|dr|prof|gen|col|capt|hon|rev|st|ste|jr)\.$", re.I)
# "A. B. Ndahiro", "U.N. office": letters that stand for names; "in Annex B. The" ends with one.
_INITIAL = re.compile(r"(?:^|[\s(.“\"‘'-])[A-ZÀ-Þ]\.$")
_LABELLED = re.compile(rf"\b(?:{NAMED_BY_NUMBER}|option|type|team|group|zone|vitamin|plan)s?\s[A-Z]\.$", re.I)
_LONGEST_ABBREVIATION = 24
_BOUNDARY = re.compile(r"[.!?][\"'”’)\]»]*\s+(?=[\"'“‘«(\[]?[A-ZÀ-Þ0-9])|\n+")


def normalise(text: str) -> str:
    r"""Fold compatibility characters and runs of white space.

    >>> normalise("ﬁve\u00a0pillars\n\n of  it")
    'five pillars of it'
    """
    return " ".join(unicodedata.normalize("NFKC", text).split())


def printable(text: str) -> str:
    r"""Return a text on one line without what a terminal obeys and what turns the reading direction.

    >>> printable("a\x1b]0;pwned\x07b \u202egnp.exe\n[31m")
    'a b gnp.exe [31m'
    """
    return " ".join(harmless(text).split())


def harmless(text: str) -> str:
    """Return a text without what a terminal obeys and what turns the reading direction; its lines stay."""
    return UNSHOWN.sub(" ", _COMMAND.sub(" ", text))


def words(text: str) -> list[str]:
    """Split into lower-case words; numbers keep their decimal or thousands mark.

    >>> words("Rwanda's EGDI: 0.5489")
    ['rwanda', 's', 'egdi', '0.5489']
    """
    return WORD.findall(unicodedata.normalize("NFKC", text).lower())


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return the English (Snowball) stem of one word, as the lexical index stores it.

    A number with a decimal or thousands mark stays whole.

    >>> stem("Policies"), stem("0.5489")
    ('polici', '0.5489')
    """
    tokens = _stemmer().analyze(word)
    return word.lower() if len(tokens) > 1 else "".join(tokens)


def stems(text: str) -> list[str]:
    """Stem every word of a text.

    >>> stems("Sharing of data sets")
    ['share', 'of', 'data', 'set']
    """
    return [stemmed for word in words(text) if (stemmed := stem(word))]


def content_words(text: str) -> list[str]:
    """Return the words that carry the subject: no stop words, no single letters but digits.

    >>> content_words("What are the four pillars of it?")
    ['four', 'pillars']
    """
    return [word for word in words(text) if _has_content(word)]


def terms(text: str) -> list[str]:
    """Return the stems by which a question and a quote are compared; number words are digits.

    >>> terms("What are the four pillars?")
    ['4', 'pillar']
    """
    return [*chain.from_iterable(map(_terms, text.split()))]


@lru_cache(maxsize=65536)
def _terms(token: str) -> tuple[str, ...]:
    """Return the terms of what stands between two spaces: remembering them saves most of the time."""
    found = (NUMBER_WORDS.get(word) or stem(word) for word in words(token) if _has_content(word))
    return tuple(filter(None, found))


def _has_content(word: str) -> bool:
    return word not in STOPWORDS and (len(word) > 1 or word.isdigit())


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of every sentence; line breaks end sentences too.

    >>> text = "See p. 12 first. Then ask RISA."
    >>> [text[a:b] for a, b in sentences(text)]
    ['See p. 12 first.', 'Then ask RISA.']
    """
    found, start = [], 0
    for match in _BOUNDARY.finditer(text):
        end = match.start() + len(match.group().rstrip())
        if "\n" not in match.group() and _is_shortened(
            text[max(start, end - _LONGEST_ABBREVIATION) : end], text, match.end()
        ):
            continue
        found.append((start, end))
        start = match.end()
    found.append((start, len(text.rstrip())))
    return [(a, b) for a, b in found if text[a:b].strip()]


def _is_shortened(said: str, text: str, after: int) -> bool:
    """Tell whether what ends in a full stop is a shortened word, by what follows at `after`."""
    if _ABBREVIATION.search(said):
        return True
    if text[after].isdigit():
        return bool(_BEFORE_NUMBER.search(said))
    if _BEFORE_NAME.search(said):
        return True
    following = WORD.match(text, after)
    # A name follows an initial, and a sentence begins with a small word more often than not.
    name = following is not None and (len(following[0]) == 1 or following[0].lower() not in STOPWORDS)
    return name and bool(_INITIAL.search(said)) and not _LABELLED.search(said)


@cache
def _stemmer() -> TextAnalyzer:
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    return builder.filter(Filter.lowercase()).filter(Filter.stemmer("english")).build()
