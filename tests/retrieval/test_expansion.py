"""A question read by the words of the corpus: acronyms, words of like meaning, and its embedding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kb.lexicon import Lexicon, learn
from kb.retrieval.expansion import expand
from kb.types import Embedder

if TYPE_CHECKING:
    from kb.types import Role, Vectors

TEXTS = [
    "The Online Service Index (OSI) has five parts. The supplier signs the contract.",
    "The Open Source Initiative (OSI) keeps a list of licences.",
    "Technical Assistance (TA) is given to the ministry; the online portal has an index.",
]


class Counting:
    """An embedder that keeps what it was asked to encode."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder, self.calls = embedder, list[list[str]]()
        self.digest, self.dimension = embedder.digest, embedder.dimension
        self.prompted = embedder.prompted

    def knows(self, word: str) -> bool:
        return self.embedder.knows(word)

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        self.calls.append([*texts])
        return self.embedder.encode(texts, role)


@pytest.fixture(scope="module")
def lexicon(embedder: Embedder) -> Lexicon:
    plain = learn(TEXTS)
    words = [word for word in plain.words if word.isalpha()]
    return plain.with_vectors(dict(zip(words, embedder.encode(words), strict=True)))


def test_a_question_goes_to_the_encoder_once_with_the_words_that_the_corpus_lacks(
    lexicon: Lexicon, embedder: Embedder
) -> None:
    counting = Counting(embedder)
    found = expand("which vendor signs the contract?", lexicon, counting)

    assert counting.calls == [["which vendor signs the contract?", "vendor"]]
    [alone] = embedder.encode([found.text])
    assert float(alone @ found.vector) == pytest.approx(1, abs=1e-5)
    assert {term for synonym in found.synonyms["vendor"] for term in synonym.terms} == {"supplier"}


def test_an_acronym_brings_all_its_expansions_and_an_expansion_its_acronym(
    lexicon: Lexicon, embedder: Embedder
) -> None:
    short = expand("what does OSI measure?", lexicon, embedder)
    assert short.added == ("Online Service Index", "Open Source Initiative")

    written_out = expand("parts of the online service index", lexicon, embedder)
    assert written_out.added == ("OSI",)
    assert all(["osi"] in [[*s.terms] for s in written_out.synonyms[term]] for term in ("onlin", "servic"))

    assert expand("the online portal", lexicon, embedder).added == ()


def test_without_vectors_nothing_but_the_question_is_encoded(embedder: Embedder) -> None:
    counting = Counting(embedder)
    found = expand("which vendor signs?", learn(TEXTS), counting)
    assert counting.calls == [["which vendor signs?"]]
    assert np.isfinite(found.vector).all()
