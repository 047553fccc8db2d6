"""Which of the quotes that were found answers: by the reader, by exact signs, and by nearness in meaning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kb.answering import choice, extractive
from kb.answering.evidence import Unit
from kb.answering.question import Question
from kb.lexicon import learn
from kb.retrieval.relevance import Relevance
from kb.types import Citation, Embedder, Passage

SENTENCES = (
    "Applications are decided within thirty days.",
    "The director signs every contract above one million francs.",
    "The canteen is open at noon.",
)


def unit(number: int, **known: object) -> Unit:
    text = SENTENCES[number]
    passage = Passage(f"p{number}", "d", number, text, ("Rules",), None, None, 0, len(text))
    plain = Unit(Citation(passage, 0, len(text)), "paragraph", "", "", "Rules", retrieval=0.5, read=-4.0)
    return replace(plain, **known)  # type: ignore[arg-type]


def question(text: str = "who signs contracts?", **known: object) -> tuple[Question, Relevance]:
    asked = Question(text, "other", ("sign", "contract"), **known)  # type: ignore[arg-type]
    return asked, Relevance(asked.terms, {}, learn(SENTENCES), 3)


def test_what_the_reader_is_surer_of_comes_first() -> None:
    ranked = choice.rank([unit(0), unit(2, read=4.0)], *question("when do they eat?"))
    assert [found.text for found in ranked] == [SENTENCES[2], SENTENCES[0]]
    assert ranked[0].score > ranked[1].score


def test_words_in_common_decide_where_the_reader_is_as_sure() -> None:
    covers = unit(1, coverage=1.0)
    assert choice.rank([unit(0), covers, unit(2)], *question())[0].text == SENTENCES[1]


def test_the_kind_of_thing_asked_for_counts() -> None:
    asked, relevance = question("how long do applications take?")
    ranked = choice.rank([unit(2), unit(0)], replace(asked, kind="duration"), relevance)
    assert ranked[0].text == SENTENCES[0]


def test_a_section_that_speaks_of_the_document_itself_is_last() -> None:
    [plain] = choice.rank([unit(0)], *question())
    preface = replace(unit(0).citation.passage, heading_path=("Preface",))
    fronted = replace(unit(0), citation=Citation(preface, 0, len(preface.text)))
    [last] = choice.rank([fronted], *question())
    assert last.score < plain.score


def test_nothing_found_is_nothing() -> None:
    assert choice.rank([], *question()) == []


@pytest.mark.parametrize(("asked", "nearest"), [("who approves big purchases?", 1), ("lunch hours", 2)])
def test_of_equally_likely_quotes_the_nearest_in_meaning_is_first(
    embedder: Embedder, asked: str, nearest: int
) -> None:
    [vector] = embedder.encode([asked], "query")
    likely = [unit(number, score=0.7) for number in range(3)]
    settled = choice.settle(likely, question(asked, vector=vector)[0], embedder)
    assert settled[0].text == SENTENCES[nearest]
    assert settled[0].score == pytest.approx(0.7)
    assert settled[-1].score < 0.7


def test_quotes_beyond_the_first_few_keep_their_order(embedder: Embedder) -> None:
    scores = np.linspace(0.9, 0.1, choice.SETTLED + 4)
    likely = [unit(n % 3, score=float(score)) for n, score in enumerate(scores)]
    [vector] = embedder.encode(["who signs?"], "query")
    settled = choice.settle(likely, question(vector=vector)[0], embedder)
    assert len(settled) == len(likely)
    assert [u.score for u in settled] == sorted((u.score for u in settled), reverse=True)


def test_without_a_vector_the_order_stays(embedder: Embedder) -> None:
    likely = [unit(0, score=0.9), unit(1, score=0.8)]
    assert choice.settle(likely, question()[0], embedder) == likely


def test_what_another_document_answers_as_well_is_told_beside_the_best() -> None:
    best = unit(0, score=0.95, read=4.0)
    elsewhere = replace(unit(1).citation.passage, document_id="other")
    other = replace(unit(1, score=0.6), citation=Citation(elsewhere, 0, len(elsewhere.text)))
    assert extractive.select([best, replace(other, read=2.0)]) == [best, replace(other, read=2.0)]
    assert extractive.select([best, replace(other, read=0.5)]) == [best]
    assert extractive.select([best, unit(1, score=0.6, read=2.0)]) == [best]
