"""What every PassageIndex does, asserted over each implementation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.errors import KBError
from kb.index import IndexSettings, create_index
from kb.types import Changes, PassageIndex
from tests.fakes import MemoryIndex
from tests.index.library import EMBEDDER, GUIDE, NOTE, adding, document, passage

Make = Callable[[Changes], PassageIndex]


@pytest.fixture(params=["folder", "memory"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    if request.param == "memory":
        return MemoryIndex
    settings = IndexSettings(EMBEDDER.digest, "chunking", EMBEDDER.dimension)
    return lambda changes: create_index(tmp_path / "index", settings, changes)


@pytest.fixture
def index(make: Make) -> PassageIndex:
    return make(adding(NOTE, GUIDE))


def by_vector(index: PassageIndex, text: str, k: int = 10, within: list[str] | None = None) -> list[str]:
    [vector] = EMBEDDER.encode([text])
    return [passage_id for passage_id, _ in index.search_vector(vector, k, within)]


def by_words(index: PassageIndex, text: str, k: int = 10, within: list[str] | None = None) -> list[str]:
    return [passage_id for passage_id, _ in index.search_words(text, k, within)]


def test_what_was_added_is_read_back_unchanged(index: PassageIndex) -> None:
    assert index.documents() == [GUIDE[0], NOTE[0]]
    assert index.size == 6
    ids = ["guide/1", "note/2", "note/0", "note/2"]
    assert index.fetch(ids) == [GUIDE[1][1], NOTE[1][2], NOTE[1][0], NOTE[1][2]]
    assert index.fetch([]) == []


def test_the_passage_that_shares_most_words_ranks_first(index: PassageIndex) -> None:
    assert by_vector(index, "room reserved on the second day")[0] == "note/1"
    assert by_words(index, "Which room is reserved?") == ["note/1"]
    assert by_words(index, "five subindices of the survey")[0] == "guide/0"


def test_word_search_stems(index: PassageIndex) -> None:
    assert set(by_words(index, "governs")) == {"guide/1", "note/0", "note/2"}
    assert by_words(index, "pillar") == ["note/2"]


def test_the_score_of_an_equal_text_is_one_and_scores_fall(index: PassageIndex) -> None:
    [vector] = EMBEDDER.encode([NOTE[1][2].text])
    hits = index.search_vector(vector, 6)
    assert hits[0][0] == "note/2"
    assert hits[0][1] == pytest.approx(1, abs=1e-5)
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(-1 <= score <= 1 + 1e-5 for score in scores)
    words = [score for _, score in index.search_words("data governance pillars", 6)]
    assert words == sorted(words, reverse=True)
    assert words[-1] > 0


def test_k_is_a_limit_and_may_exceed_the_index(index: PassageIndex) -> None:
    assert len(by_vector(index, "data", 2)) == 2
    assert len(by_vector(index, "data", 500)) == 6
    assert set(by_words(index, "data", 500)) == {"note/0", "note/2", "guide/1"}
    assert by_vector(index, "data", 0) == by_words(index, "data", 0) == []


def test_documents_filter_before_ranking(index: PassageIndex) -> None:
    assert by_words(index, "data governance", 1, ["guide"]) == ["guide/1"]
    assert by_vector(index, "workshop on data governance in Kigali", 5, ["guide"]) == ["guide/1", "guide/0"]
    assert len(by_vector(index, "data", 5, ["guide", "note"])) == 5
    assert by_words(index, "data", 5, []) == by_vector(index, "data", 5, []) == []
    assert by_words(index, "data", 5, ["other"]) == by_vector(index, "data", 5, ["other"]) == []


@pytest.mark.parametrize("query", ["", "  ", "?!", "what is the", "AND", "a OR the"])
def test_a_query_without_a_subject_finds_no_words(index: PassageIndex, query: str) -> None:
    assert index.search_words(query, 5) == []


@pytest.mark.parametrize(
    "query",
    [
        '"pillars',
        "pillars) AND (NOT",
        "body:pillars",
        "pillars^9 ~2 *",
        "[pillars TO z}",
        "pillars OR",
        "+pillars -x \\",
        "NOT pillars",
        "'pillars' && || !",
        "/pillars/",
        "\x00 pillars \U0001f642",
    ],
)
def test_a_query_is_words_and_never_syntax(index: PassageIndex, query: str) -> None:
    assert by_words(index, query) == ["note/2"]


def test_a_document_with_a_known_source_replaces_it(index: PassageIndex) -> None:
    before = index.generation
    newer = [passage("note-2", 0, "The workshop moves to Vientiane.", "1. Venue")]
    index.apply(adding((document("note-2", "note.docx"), newer)))
    assert [d.id for d in index.documents()] == ["guide", "note-2"]
    assert by_words(index, "workshop") == by_vector(index, "workshop vientiane", 1) == ["note-2/0"]
    assert by_words(index, "Kigali pillars") == []
    assert index.size == 3
    assert index.generation != before


def test_the_same_bytes_twice_are_one_document(index: PassageIndex) -> None:
    index.apply(adding(NOTE))
    assert (len(index.documents()), index.size) == (2, 6)
    renamed = replace(NOTE[0], source="renamed.docx")
    index.apply(adding((NOTE[0], NOTE[1]), (renamed, NOTE[1])))
    assert [d.source for d in index.documents()] == ["guide.pdf", "renamed.docx"]
    assert index.size == 6


def test_the_same_passage_twice_in_a_document_is_one(make: Make) -> None:
    text = passage("a", 0, "Confidential when completed.")
    index = make(adding((document("a"), [text, text])))
    assert index.size == 1
    assert by_words(index, "confidential") == ["a/0"]


def test_the_later_of_two_documents_with_one_source_wins(make: Make) -> None:
    first = (document("a", "x.pdf"), [passage("a", 0, "Kigali")])
    second = (document("b", "x.pdf"), [passage("b", 0, "Vientiane")])
    index = make(adding(first, second))
    assert [d.id for d in index.documents()] == ["b"]
    assert by_words(index, "Kigali Vientiane") == ["b/0"]


def test_a_removed_document_is_gone_everywhere(index: PassageIndex) -> None:
    index.apply(Changes(remove=("note",)))
    assert index.documents() == [GUIDE[0]]
    assert by_vector(index, "workshop in Kigali") in (["guide/0", "guide/1"], ["guide/1", "guide/0"])
    assert by_words(index, "workshop Kigali pillars") == []
    assert index.section(NOTE[1][0]) == []
    with pytest.raises(KBError, match="note/0"):
        index.fetch(["guide/0", "note/0"])


def test_kept_passages_keep_their_vectors(index: PassageIndex) -> None:
    index.apply(Changes(remove=("note",)))
    index.apply(adding((document("x"), [passage("x", 0, "Something else.")])))
    for kept in GUIDE[1]:
        [vector] = EMBEDDER.encode([kept.text])
        [(found, score)] = index.search_vector(vector, 1)
        assert found == kept.id
        assert score == pytest.approx(1, abs=1e-5)


def test_removing_and_adding_in_one_commit(index: PassageIndex) -> None:
    index.apply(adding((document("new"), [passage("new", 0, "Fresh policy")]), remove=["note", "guide"]))
    assert [d.id for d in index.documents()] == ["new"]
    assert by_words(index, "policies") == ["new/0"]


def test_an_unknown_document_changes_nothing(index: PassageIndex) -> None:
    with pytest.raises(KBError, match="nowhere"):
        index.apply(adding((document("new"), [passage("new", 0, "Fresh policy")]), remove=["nowhere"]))
    assert index.documents() == [GUIDE[0], NOTE[0]]
    assert by_words(index, "fresh") == []


def test_a_vector_short_changes_nothing(index: PassageIndex) -> None:
    changes = adding((document("new"), [passage("new", 0, "Fresh policy")]))
    with pytest.raises(ValueError):  # noqa: PT011 - the two word it differently
        index.apply(replace(changes, vectors=np.empty((0, EMBEDDER.dimension), np.float32), keys=()))
    assert index.size == 6


def test_a_section_is_in_reading_order(index: PassageIndex) -> None:
    assert [p.id for p in index.section(NOTE[1][3])] == ["note/0", "note/1", "note/3"]
    assert index.section(GUIDE[1][0]) == [GUIDE[1][0]]


def test_the_lexicon_counts_passages(index: PassageIndex) -> None:
    lexicon = index.lexicon()
    assert [lexicon.words.get(word, 0) for word in ("data", "pillars", "absent")] == [3, 1, 0]
    index.apply(Changes(remove=("note",)))
    assert index.lexicon().words["data"] == 1
    assert "pillars" not in index.lexicon().words


def test_any_script_and_length_survives(make: Make) -> None:
    long = "Administration électronique. " + "données ouvertes 数据治理 ການປົກຄອງ \U0001f642 " * 300
    assert len(long) > 10_000
    texts = [passage("u", 0, long, "État", '§ 1 "x"'), passage("u", 1, "'; DROP TABLE passages; --")]
    index = make(adding((document("u", "naïve – résumé.pdf", "Ünïcode"), texts)))
    assert index.fetch(["u/1", "u/0"]) == [texts[1], texts[0]]
    assert by_words(index, "électronique") == ["u/0"]
    assert by_words(index, "数据治理") == ["u/0"]
    assert index.section(texts[0]) == [texts[0]]


def test_an_empty_index_answers_nothing(make: Make) -> None:
    index = make(Changes())
    assert by_words(index, "data") == by_vector(index, "data") == []
    assert (index.size, index.documents()) == (0, [])
    index.apply(adding(NOTE))
    assert by_words(index, "pillars") == ["note/2"]


def test_a_document_may_have_no_passages(index: PassageIndex) -> None:
    index.apply(Changes(add=(document("blank"),)))
    assert [d.id for d in index.documents()] == ["blank", "guide", "note"]
    assert index.size == 6
