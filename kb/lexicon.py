"""What a corpus teaches about its own words: how common they are, and what its acronyms stand for."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kb.text import NUMBER_WORDS, STOPWORDS, stem, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

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
# Cosine from which two words are taken to mean much the same: "supplier" and "vendor" have
# 0.74, "duties" and "responsibilities" 0.85, "salary" and "budget" less than 0.5.
MIN_LIKENESS = 0.65
# Words that get a vector: the most frequent ones of a corpus.
MAX_VOCABULARY = 100_000


@dataclass(frozen=True)
class Lexicon:
    """Words with the number of passages they stand in, and acronyms with their expansions.

    `vectors[i]` is the unit vector of `vocabulary[i]`, by the encoder of the
    passages: words of like meaning lie close together. `names` are words that
    are written with a capital within a sentence, and never without: like meaning does not make one name
    stand for another.

    >>> lexicon = learn(["The Online Service Index (OSI) has five parts.", "OSI scores"])
    >>> lexicon.acronyms["OSI"], lexicon.words["osi"]
    (('Online Service Index',), 2)
    >>> lexicon.correct("servise")
    'service'
    """

    words: Mapping[str, int]
    acronyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    vocabulary: tuple[str, ...] = ()
    vectors: Vectors | None = None
    names: frozenset[str] = frozenset()

    @classmethod
    def read(cls, words: Path, vectors: Path) -> Lexicon:
        """Read what `write` wrote; OSError, ValueError, KeyError or TypeError for anything else."""
        values = json.loads(words.read_text(encoding="utf-8"))
        acronyms = {acronym: tuple(found) for acronym, found in values["acronyms"].items()}
        known = np.load(vectors, mmap_mode="r", allow_pickle=False)
        if len(known) != len(values["vocabulary"]):
            raise ValueError(f"{len(known)} word vectors for {len(values['vocabulary'])} words")
        vocabulary, names = tuple(values["vocabulary"]), frozenset(values["names"])
        return cls(values["words"], acronyms, vocabulary, known, names)

    def write(self, words: Path, vectors: Path) -> None:
        """Write words and acronyms as JSON, vectors as a NumPy array of half precision."""
        values = {
            "words": self.words,
            "acronyms": self.acronyms,
            "vocabulary": self.vocabulary,
            "names": sorted(self.names),
        }
        words.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
        known = np.zeros((0, 1), np.float16) if self.vectors is None else self.vectors.astype(np.float16)
        np.save(vectors, known, allow_pickle=False)

    def with_vectors(self, vectors: Mapping[str, NDArray[np.float32]]) -> Lexicon:
        """Return this lexicon with the vectors of those of its words that have one here."""
        vocabulary = tuple(word for word in self.words if word in vectors)
        known = np.array([vectors[word] for word in vocabulary], np.float32) if vocabulary else None
        return replace(self, vocabulary=vocabulary, vectors=known)

    def vectors_by_word(self) -> dict[str, NDArray[np.float32]]:
        """Return the vector of every word that has one."""
        known = () if self.vectors is None else self.vectors.astype(np.float32)
        return dict(zip(self.vocabulary, known, strict=True))

    def vectors_of(self, asked: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """Return the vectors of those of some words that have one."""
        return {word: self._matrix[self._rows[word]] for word in asked if word in self._rows}

    def near(self, vectors: Vectors) -> list[list[tuple[str, float]]]:
        """Return for each of n vectors the words of like meaning with their cosine, closest first."""
        if self.vectors is None:
            return [[] for _ in vectors]
        found = []
        for cosines in vectors @ self._matrix.T:
            close = np.flatnonzero(cosines >= MIN_LIKENESS)
            ordered = close[np.argsort(-cosines[close])]
            found.append([(self.vocabulary[i], float(cosines[i])) for i in ordered])
        return found

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.vocabulary)}

    @cached_property
    def _matrix(self) -> Vectors:
        return np.asarray(self.vectors, np.float32)

    @cached_property
    def frequencies(self) -> dict[str, int]:
        """Passages for each term as `kb.text.terms` gives them: inflections added up."""
        found: Counter[str] = Counter()
        for word, passages in self.words.items():
            found[NUMBER_WORDS.get(word) or stem(word)] += passages
        return found

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

        near = [w for w in self.words if abs(len(w) - len(word)) <= 2 and w[0] == word[0] and w.isalpha()]
        found = process.extract(
            word, near, scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=MIN_SIMILARITY / 100
        )
        return max(found, key=lambda hit: (hit[1], self.words[hit[0]]))[0] if found else None


def learn(texts: Iterable[str]) -> Lexicon:
    """Read the words and acronyms of passages."""
    counts: Counter[str] = Counter()
    plain, capital = set[str](), set[str]()
    acronyms: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        counts.update(set(words(text)))
        plain.update(_LOWER.findall(text))
        capital.update(word.lower() for word in _CAPITAL.findall(text))
        for acronym, start, end in definitions(text):
            acronyms[acronym][" ".join(text[start:end].split())] += 1
    meanings = {a: tuple(e for e, _ in found.most_common()) for a, found in acronyms.items()}
    names = frozenset(word for word in capital - plain if word.isalpha())
    return Lexicon(dict(counts), meanings, names=names)


def meaningful(texts: Iterable[str]) -> list[str]:
    """Return the words of some texts that can have a meaning of their own, most frequent first.

    >>> meaningful(["The EGDI of 2022 and the data", "data"])
    ['data', 'egdi']
    """
    counts = Counter(word for text in texts for word in set(words(text)))
    able = [w for w, _ in counts.most_common() if w.isalpha() and len(w) > 2 and w not in STOPWORDS]
    return able[:MAX_VOCABULARY]


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
