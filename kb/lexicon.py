"""What a corpus teaches about its own words: how common they are, and what its acronyms stand for."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kb.text import NUMBER_WORDS, stem, words

# "Online Service Index (OSI)": capitalised words, small words between them, then the acronym.
_DEFINED = re.compile(
    r"((?:[A-Z][\w’'-]*[ -](?:(?:of|for|and|the|on|in|to)[ -]){0,2}){1,8})\(([A-Z][A-Za-z]{1,7}?)s?\b"
)
# Words shorter than this, or unlike every known word by more than this, are left as typed.
MIN_TYPO_LENGTH = 5
MIN_SIMILARITY = 82.0


@dataclass(frozen=True)
class Lexicon:
    """Words with the number of passages they stand in, and acronyms with their expansions.

    >>> lexicon = learn(["The Online Service Index (OSI) has five parts.", "OSI scores"])
    >>> lexicon.acronyms["OSI"], lexicon.words["osi"]
    (('Online Service Index',), 2)
    >>> lexicon.correct("servise")
    'service'
    """

    words: Mapping[str, int]
    acronyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """Read what `write` wrote; OSError, ValueError, KeyError or TypeError for anything else."""
        values = json.loads(path.read_text(encoding="utf-8"))
        return cls(values["words"], {acronym: tuple(found) for acronym, found in values["acronyms"].items()})

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        values = {"words": self.words, "acronyms": self.acronyms}
        path.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")

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
        if len(word) < MIN_TYPO_LENGTH or not (word.isalpha() and word.islower()) or self.knows(word):
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
    acronyms: dict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        counts.update(set(words(text)))
        for acronym, start, end in definitions(text):
            acronyms[acronym][" ".join(text[start:end].split())] += 1
    return Lexicon(
        dict(counts), {a: tuple(e for e, _ in found.most_common()) for a, found in acronyms.items()}
    )


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
