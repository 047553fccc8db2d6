from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.pages import FILE, Found, PageQuestion, pages_of, read_questions, score_pages, search_all
from kb.errors import CaseError
from kb.types import Hit, Passage, Span

ROW = {
    "question": "What was the revenue?",
    "doc_name": "ACME_2022",
    "evidence": [{"evidence_text": "Revenue was 5.", "evidence_page_num": 4}, {"evidence_page_num": 7}],
}


def write(folder: Path, *rows: object) -> Path:
    (folder / FILE).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def test_pages_are_counted_from_one_here(tmp_path: Path) -> None:
    assert read_questions(write(tmp_path, ROW)) == [
        PageQuestion("What was the revenue?", "ACME_2022.pdf", frozenset({5, 8}))
    ]


@pytest.mark.parametrize(
    "change", [{"evidence": []}, {"evidence": [{}]}, {"evidence": None}, {"doc_name": 3}]
)
def test_a_question_without_its_pages_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    with pytest.raises(CaseError, match=FILE):
        read_questions(write(tmp_path, {**ROW, **change}))


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="no questions"):
        read_questions(write(tmp_path))


def spread(document: str, *pages: int) -> Passage:
    spans = tuple(Span(n, n + 1, "paragraph", page) for n, page in enumerate(pages))
    return Passage(document, document, 0, "x" * len(pages), (), pages[0], None, 0, 1, spans)


def test_a_passage_shows_every_page_it_stands_on() -> None:
    assert pages_of(spread("a", 3, 4)) == {3, 4}
    assert pages_of(Passage("a", "a", 0, "x", (), None, None, 0, 1)) == frozenset()


class Fixed:
    def search(self, question: str, k: int) -> list[Hit]:
        return [Hit(spread("a", 5), 0.9, "fake"), Hit(spread("b", 1), 0.8, "fake")][:k]


def test_hits_become_files_and_pages() -> None:
    question = PageQuestion("?", "A.pdf", frozenset({5}))
    found = search_all([question], Fixed(), {"a": "A.pdf", "b": "B.pdf"})
    assert found == [[Found("A.pdf", frozenset({5})), Found("B.pdf", frozenset({1}))]]


def test_recall_needs_the_right_page_of_the_right_file_within_k() -> None:
    questions = [PageQuestion("?", "A.pdf", frozenset({5, 8})), PageQuestion("?", "B.pdf", frozenset({2}))]
    first = [
        Found("B.pdf", frozenset({5, 8})),
        Found("A.pdf", frozenset({5})),
        Found("A.pdf", frozenset({8})),
    ]
    scores = score_pages(questions, [first, []])
    values = {name: score.value for name, score in scores.items()}
    assert values["document recall@1"] == values["page recall@1"] == 0
    assert values["document recall@3"] == 0.5
    assert values["page recall@3"] == 0.5
    assert scores["page recall@3"].n == 2
