"""A question read by the words of the corpus: its spelling, its acronyms, and its embedding."""

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
        self.embedder, self.calls = embedder, list[tuple[list[str], str]]()
        self.digest, self.dimension = embedder.digest, embedder.dimension

    def knows(self, word: str) -> bool:
        return self.embedder.knows(word)

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        self.calls.append(([*texts], role))
        return self.embedder.encode(texts, role)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return learn(TEXTS)


def test_a_question_goes_to_the_encoder_once_as_mended_and_as_a_question(
    lexicon: Lexicon, embedder: Embedder
) -> None:
    counting = Counting(embedder)
    found = expand("which suplier signs the contract?", lexicon, counting)

    assert found.text == "which supplier signs the contract?"
    assert counting.calls == [([found.text], "query")]
    np.testing.assert_allclose(found.vector, embedder.encode([found.text], "query")[0], atol=1e-5)


def test_a_word_that_the_encoder_has_whole_is_no_misspelling(lexicon: Lexicon, embedder: Embedder) -> None:
    assert lexicon.correct("contrast") == "contract"
    assert expand("what is the contrast?", lexicon, embedder).text == "what is the contrast?"


def test_an_acronym_brings_all_its_expansions_and_an_expansion_its_acronym(
    lexicon: Lexicon, embedder: Embedder
) -> None:
    short = expand("what does OSI measure?", lexicon, embedder)
    assert short.added == ("Online Service Index", "Open Source Initiative")

    written_out = expand("parts of the online service index", lexicon, embedder)
    assert written_out.added == ("OSI",)
    assert all(["osi"] in [[*s] for s in written_out.synonyms[term]] for term in ("onlin", "servic"))

    other = expand("the online portal", lexicon, embedder)
    assert (other.added, other.synonyms) == ((), {})
