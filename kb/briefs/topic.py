"""The words of a topic: what it is about, its sides, and the phrases that each is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from kb.lexicon import Lexicon
from kb.text import STOPWORDS, stem, terms

# "Preparing a", "briefing note on", "an overview of": what somebody is to write, and not what about.
_FRAME = re.compile(
    r"^\W*(?:(?:please|help|us|me|we|need|to|write|draft|prepare|preparing|preparation|for|of|an?|the|my|our|short"
    r"|brief|briefing|note|notes|memo|paper|speech|talking points|overview|summary|background|introduction"
    r")\s+)*(?:(?:on|about|of|for|to|an?|the)\s+)+",
    re.I,
)
_SIDES = re.compile(r"\s*[,;/&]\s*|\s+(?:and|or|versus|vs\.?|as well as)\s+", re.I)
_ASKING = re.compile(r"\W*(?:what|how|who|whom|whose|when|where|which|why)\b", re.I)
_SETTINGS = frozenset(
    stem(word)
    for word in """administration agency authority country department institution ministry national office
    organisation organization public sector state today work""".split()
)
# "e-participation": a mark before a word that by itself means something else.
_MARKED = re.compile(r"\b([a-z])-([a-z]{3,})", re.I)
_WORD = re.compile(r"[^\s()\[\]{}“”\"]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a topic that stand together, and their terms."""

    text: str
    terms: tuple[str, ...]

    @property
    def is_setting(self) -> bool:
        """Tell whether it only says where something takes place, as most documents of an office do."""
        return all(term in _SETTINGS for term in self.terms)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things that a topic joins by "and". What only asks leans on the first one."""

    text: str
    phrases: tuple[Phrase, ...]
    leans: bool = False


def subject_of(topic: str) -> str:
    """Return a topic without the words that say what is to be written.

    >>> subject_of("Preparing a brief on the budget of schools"), subject_of("notes for supplier management")
    ('budget of schools', 'supplier management')
    >>> subject_of("overview"), subject_of("open data")
    ('overview', 'open data')
    """
    plain = " ".join(topic.split())
    rest = _FRAME.sub("", plain, count=1)
    return rest if terms(rest) else plain


def sides_of(topic: str) -> list[Side]:
    """Return the sides of a topic, each with its phrases.

    >>> [[phrase.text for phrase in side.phrases] for side in sides_of("duties of the CDO and Rwanda's rank")]
    [['duties', 'CDO'], ["Rwanda's rank"]]
    >>> [side.leans for side in sides_of("the Kigali workshop and what to bring")]
    [False, True]
    """
    found: list[Side] = []
    for text in _SIDES.split(topic):
        if phrases := _phrases(text):
            found.append(Side(text.strip(), phrases, bool(found) and bool(_ASKING.match(text))))
    return found


def _phrases(text: str) -> tuple[Phrase, ...]:
    runs: list[list[str]] = [[]]
    for word in _WORD.findall(text):
        plain = word.strip("?!.,:'’")
        if plain.lower() in STOPWORDS or not terms(plain):
            runs.append([])
        else:
            runs[-1].append(plain)
    return tuple(Phrase(" ".join(run), tuple(dict.fromkeys(terms(" ".join(run))))) for run in runs if run)


def written_as_one(topic: str, lexicon: Lexicon) -> dict[str, tuple[str, str]]:
    """Return neighbouring words of a topic that the documents write as one: that word -> the two terms."""
    plain = [word.strip("?!.,:'’").lower() for word in topic.split()]
    return {
        one + other: (stem(one), stem(other))
        for one, other in pairwise(plain)
        if one.isalpha() and other.isalpha() and lexicon.frequencies.get(stem(one + other))
    }


def marked_words(topic: str) -> dict[str, re.Pattern[str]]:
    """Return the terms of words like "e-participation", each with what a text must match to be about it.

    >>> found = marked_words("e-participation")
    >>> [*found], bool(found["particip"].search("to eParticipate")), found["particip"].search("participants")
    (['particip'], True, None)
    """
    found = {}
    for mark, word in _MARKED.findall(topic):
        start = re.escape(stem(word.lower())[:-1])
        also = r"|\b(?:digital|electronic|online) " if mark.lower() == "e" else ""
        found[stem(word.lower())] = re.compile(rf"(?:\b{mark}-?{also}){start}", re.I)
    return found
