"""A question with its misspelt words mended, and with what means the same as its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from kb.lexicon import Lexicon
from kb.text import stem, terms, words
from kb.types import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Unknown words of a question that are looked up as misspellings; each costs a pass over the lexicon.
MOST_TYPOS = 12


# For a term the sets of terms that, each taken together, stand for it.
Synonyms: TypeAlias = Mapping[str, Sequence[frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Expanded:
    """`text` is the question as mended, `vector` its embedding, `added` what to search for beside it."""

    text: str
    added: tuple[str, ...]
    synonyms: Synonyms
    vector: NDArray[np.float32] = field(compare=False, repr=False)


def expand(question: str, lexicon: Lexicon, embedder: Embedder) -> Expanded:
    """Mend misspelt words, and find the acronyms and what they stand for."""
    text = _mended(question, lexicon, embedder)
    [vector] = embedder.encode([text], "query")
    added, synonyms = _acronyms(text, lexicon)
    return Expanded(text, tuple(dict.fromkeys(added)), synonyms, vector)


def _mended(question: str, lexicon: Lexicon, embedder: Embedder) -> str:
    """Replace misspelt words by the corpus's own; words that the encoder has whole are no misspellings."""
    unknown = dict.fromkeys(w for w in re.findall(r"\w+", question) if not lexicon.knows(w.lower()))
    mended = {word: lexicon.correct(word) for word in [*unknown][:MOST_TYPOS] if not embedder.knows(word)}
    return re.sub(r"\w+", lambda match: mended.get(match.group()) or match.group(), question)


def _acronyms(text: str, lexicon: Lexicon) -> tuple[list[str], dict[str, list[frozenset[str]]]]:
    """Find the acronyms of the question and the expansions that it writes out, both ways."""
    present = set(words(text))
    added: list[str] = []
    synonyms: dict[str, list[frozenset[str]]] = {}
    for meaning in lexicon.meanings(present):
        short = stem(meaning.acronym.lower())
        if meaning.acronym.lower() in present:
            synonyms.setdefault(short, []).append(frozenset(terms(meaning.text)))
            added += [] if meaning.words <= present else [meaning.text]
        else:
            added.append(meaning.acronym)
            for term in terms(meaning.text):
                synonyms.setdefault(term, []).append(frozenset([short]))
    return added, synonyms
