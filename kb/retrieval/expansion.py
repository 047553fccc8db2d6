"""A question with its misspelt words mended, and with what means the same as its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kb.lexicon import Lexicon
from kb.text import content_words, stem, terms, words
from kb.types import Embedder

if TYPE_CHECKING:
    from numpy.typing import NDArray

# What a quote with all words of an acronym's expansion, or with the acronym, is worth.
SAME_THING = 1.0
# Unknown words of a question that are looked up as misspellings; each costs a pass over the lexicon.
MOST_TYPOS = 12


@dataclass(frozen=True, slots=True)
class Synonym:
    """Terms that together stand for another, and how well from 0 to 1."""

    terms: frozenset[str]
    worth: float


@dataclass(frozen=True, slots=True)
class Expanded:
    """`text` is the question as mended, `vector` its embedding, `added` what to search for beside it."""

    text: str
    added: tuple[str, ...]
    synonyms: Mapping[str, tuple[Synonym, ...]]
    vector: NDArray[np.float32] = field(compare=False, repr=False)


def expand(question: str, lexicon: Lexicon, embedder: Embedder) -> Expanded:
    """Mend misspelt words, and find what means the same: expansions of acronyms, words of like meaning."""
    text = _mended(question, lexicon, embedder)
    asked = [word for word in dict.fromkeys(content_words(text)) if word.isalpha() and len(word) > 2]
    vectors = lexicon.vectors_of(asked)
    # Only words that the corpus lacks need the encoder: they go with the question, which a call
    # of their own would take nearly twice as long for.
    unknown = [word for word in asked if word not in vectors] if lexicon.vocabulary else []
    vector, *others = embedder.encode([text, *unknown], "query")
    vectors |= dict(zip(unknown, others, strict=True))
    added, synonyms = _acronyms(text, lexicon)
    for term, alike in _like(text, lexicon, vectors).items():
        synonyms.setdefault(term, []).extend(alike)
    alike_by_term = {term: tuple(alike) for term, alike in synonyms.items()}
    return Expanded(text, tuple(dict.fromkeys(added)), alike_by_term, vector)


def _mended(question: str, lexicon: Lexicon, embedder: Embedder) -> str:
    """Replace misspelt words by the corpus's own; words that the encoder has whole are no misspellings."""
    unknown = dict.fromkeys(w for w in re.findall(r"\w+", question) if not lexicon.knows(w.lower()))
    mended = {word: lexicon.correct(word) for word in [*unknown][:MOST_TYPOS] if not embedder.knows(word)}
    return re.sub(r"\w+", lambda match: mended.get(match.group()) or match.group(), question)


def _acronyms(text: str, lexicon: Lexicon) -> tuple[list[str], dict[str, list[Synonym]]]:
    """Find the acronyms of the question and the expansions that it writes out, both ways."""
    present = set(words(text))
    added: list[str] = []
    synonyms: dict[str, list[Synonym]] = {}
    for meaning in lexicon.meanings(present):
        short = stem(meaning.acronym.lower())
        if meaning.acronym.lower() in present:
            synonyms.setdefault(short, []).append(Synonym(frozenset(terms(meaning.text)), SAME_THING))
            added += [] if meaning.words <= present else [meaning.text]
        else:
            added.append(meaning.acronym)
            for term in terms(meaning.text):
                synonyms.setdefault(term, []).append(Synonym(frozenset([short]), SAME_THING))
    return added, synonyms


def _like(
    text: str, lexicon: Lexicon, vectors: Mapping[str, NDArray[np.float32]]
) -> dict[str, list[Synonym]]:
    """Find words of like meaning for those that have a vector."""
    if not vectors:
        return {}
    found: dict[str, list[Synonym]] = {}
    for word, alike in zip(vectors, lexicon.near(np.array(list(vectors.values()))), strict=True):
        near = [(other, worth) for other, worth in alike if _interchangeable(word, other, text, lexicon)]
        found[stem(word)] = [Synonym(frozenset([stem(other)]), worth) for other, worth in near]
    return found


def _interchangeable(word: str, other: str, text: str, lexicon: Lexicon) -> bool:
    """Tell whether a word of like meaning may stand for another: Rwandan for Rwanda, but not Ethiopia.

    Names of one kind (countries, months, bodies) lie close together and are
    not the same thing; a name is told by its capital, in the corpus or in the
    question.
    """
    if stem(word) == stem(other):
        return False
    named = word in lexicon.names or (not lexicon.knows(word) and word not in text)
    return not named or other not in lexicon.names or word[:4] == other[:4]
