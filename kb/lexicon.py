"""What a corpus teaches about its own words: how common they are, and what its acronyms stand for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kb.text import NUMBER_WORDS, stem, words

_LOWER = re.compile(r"\b[^\W\d_A-Z]\w+")
# A capital within a sentence, or a word that fills the cell of a table.
_CAPITAL = re.compile(r"(?:(?<=[a-z,] )|(?<=[\n\t]))([A-Z]\w+)(?=[ .,;:)’']|\t)")
# "Online Service Index (OSI)": capitalised words, small words between them, then the acronym.
_DEFINED = re.compile(
    r"((?:[A-Z][\w’'-]*+ (?:(?:of|for|and|the|on|in|to) ){0,2}){1,8})\(([A-Z][A-Za-z]{1,7}?)s?\b"
)
# Words shorter than this, or unlike every known word by more than this, are left as typed.
MIN_TYPO_LENGTH = 5
MAX_TYPO_LENGTH = 30
MIN_SIMILARITY = 82.0


@dataclass(frozen=True, slots=True)
class Meaning:
    """An acronym and one of its expansions, the words of that, and its place among all."""

    place: int
    acronym: str
    text: str
    words: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    """Words with the number of passages they stand in, and acronyms with their expansions.

    `names` are words that are written with a capital within a sentence, and
    never without. `terms` are the `frequencies`, where they have been added up
    before: that takes longer than an answer.

    >>> lexicon = learn(["The Online Service Index (OSI) has five parts.", "OSI scores"])
    >>> lexicon.acronyms["OSI"], lexicon.words["osi"]
    (('Online Service Index',), 2)
    >>> lexicon.correct("servise")
    'service'
    """

    words: Mapping[str, int]
    acronyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    terms: Mapping[str, int] | None = None

    @cached_property
    def short_forms(self) -> frozenset[str]:
        """The acronyms in small letters."""
        return frozenset(acronym.lower() for acronym in self.acronyms)

    @cached_property
    def frequencies(self) -> Mapping[str, int]:
        """Passages for each term as `kb.text.terms` gives them: inflections added up.

        A word without a letter or digit has no stem, and so is no term.

        >>> learn(["Name: ____ (x_y)", "Names"]).frequencies
        {'name': 2, 'x_y': 1}
        """
        if self.terms is not None:
            return self.terms
        found: dict[str, int] = {}
        for word, passages in self.words.items():
            if term := NUMBER_WORDS.get(word) or stem(word):
                found[term] = found.get(term, 0) + passages
        return found

    @cached_property
    def _by_start(self) -> dict[tuple[str, int], list[str]]:
        """The words without digits, by first letter and length."""
        found: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in filter(str.isalpha, self.words):
            found[word[0], len(word)].append(word)
        return found

    @cached_property
    def _meanings(self) -> dict[str, list[Meaning]]:
        """Acronyms with their expansions, by the acronym and by the rarest word of the expansion."""
        found: dict[str, list[Meaning]] = defaultdict(list)
        pairs = ((acronym, text) for acronym, texts in self.acronyms.items() for text in texts)
        for place, (acronym, text) in enumerate(pairs):
            meaning = Meaning(place, acronym, text, frozenset(words(text)))
            rarest = min(meaning.words, key=lambda word: (self.words.get(word, 0), word), default="")
            for key in {acronym.lower(), rarest}:
                found[key].append(meaning)
        return found

    def meanings(self, asked: Set[str]) -> list[Meaning]:
        """Return the acronyms that are among some words, or whose expansions are, in a fixed order."""
        near = {meaning for word in asked for meaning in self._meanings.get(word, ())}
        met = (m for m in near if m.acronym.lower() in asked or m.words <= asked)
        return sorted(met, key=lambda meaning: meaning.place)

    def knows(self, word: str) -> bool:
        """Tell whether the corpus has the word in any inflection."""
        return word in self.words or stem(word) in self.frequencies

    def correct(self, word: str) -> str | None:
        """Return the known word that an unknown one most likely stands for, if one is near.

        Codes, numbers, names and acronyms (anything with a digit or a capital)
        and short words are never touched.
        """
        if not MIN_TYPO_LENGTH <= len(word) <= MAX_TYPO_LENGTH or not word.isalpha() or not word.islower():
            return None
        if self.knows(word):
            return None
        from rapidfuzz import process
        from rapidfuzz.distance import DamerauLevenshtein

        lengths = range(len(word) - 2, len(word) + 3)
        near = [other for length in lengths for other in self._by_start.get((word[0], length), ())]
        found = process.extract(
            word, near, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=MIN_SIMILARITY / 100
        )
        return max(found, key=lambda hit: (hit[1], self.words[hit[0]]))[0] if found else None


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted in passages to make a lexicon; tallies add up and subtract.

    `words` counts passages; `plain` and `capital` count occurrences without
    and with a capital within a sentence; `meanings` counts (acronym, expansion).

    >>> both, one = count(["Open Data (OD)", "data"]), count(["data"])
    >>> both - one == count(["Open Data (OD)"]), count(["Open Data (OD)"]) + one == both
    (True, True)
    """

    words: Counter[str] = field(default_factory=Counter)
    plain: Counter[str] = field(default_factory=Counter)
    capital: Counter[str] = field(default_factory=Counter)
    meanings: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        """Return the counts of the passages of both."""
        return Tally(*(_sum(a, b, 1) for a, b in self._pairs(other)))

    def __sub__(self, other: Tally) -> Tally:
        """Return the counts without those of some of the passages."""
        return Tally(*(_sum(a, b, -1) for a, b in self._pairs(other)))

    def lexicon(self) -> Lexicon:
        """Return what these counts say, in an order that does not depend on the passages' order."""
        acronyms: dict[str, list[str]] = defaultdict(list)
        for (acronym, meaning), _ in sorted(self.meanings.items(), key=lambda item: (-item[1], item[0])):
            acronyms[acronym].append(meaning)
        names = frozenset(word for word in self.capital if word.isalpha() and word not in self.plain)
        meanings = {acronym: tuple(acronyms[acronym]) for acronym in sorted(acronyms)}
        return Lexicon(dict(sorted(self.words.items())), meanings, names=names)

    def _pairs(self, other: Tally) -> Iterator[tuple[Counter[Any], Counter[Any]]]:
        for name in ("words", "plain", "capital", "meanings"):
            yield getattr(self, name), getattr(other, name)


def _sum(counts: Counter[Any], more: Counter[Any], sign: int) -> Counter[Any]:
    """Return `counts` with `more` added or taken away; what comes to nothing is left out."""
    found = counts.copy()
    for word, number in more.items():
        found[word] += sign * number
        if not found[word]:
            del found[word]
    return found


def count(texts: Iterable[str]) -> Tally:
    """Count the words and acronyms of passages."""
    tally = Tally()
    for text in texts:
        tally.words.update(set(words(text)))
        tally.plain.update(_LOWER.findall(text))
        tally.capital.update(word.lower() for word in _CAPITAL.findall(text))
        for acronym, start, end in definitions(text):
            tally.meanings[acronym, " ".join(text[start:end].split())] += 1
    return tally


def learn(texts: Iterable[str]) -> Lexicon:
    """Read the words and acronyms of passages."""
    return count(texts).lexicon()


def definitions(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield (acronym, start, end) of every expansion that a text puts before its acronym.

    >>> text = "led by the Division for Public Institutions and Digital Government (DPIDG)"
    >>> [(acronym, text[start:end]) for acronym, start, end in definitions(text)]
    [('DPIDG', 'Division for Public Institutions and Digital Government')]
    """
    for match in _DEFINED.finditer(text):
        words_before, acronym = match.groups()
        starts = [m.start() for m in re.finditer(r"\b[A-Z]", words_before)]
        initials = "".join(words_before[at] for at in starts)
        if len(acronym) > 1 and initials.endswith(acronym.upper()):
            start = starts[len(initials) - len(acronym)]
            yield acronym, match.start() + start, match.start() + len(words_before.rstrip())
