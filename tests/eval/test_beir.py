from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from eval.beir import DEPTH, rank, read_benchmark, score
from kb.errors import CaseError
from kb.types import Hit
from tests.eval.fakes import passage

DOCUMENTS = {
    "d1": "Each authorised person must keep records for six years.",
    "d2": "The office is open from nine to five on working days.",
    "d3": "Penalties apply where reports are late by more than ten days.",
    "d4": "",
}
QUERIES = {"q1": "How long are records kept?", "q2": "What if a report is late?", "q3": "unjudged"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    corpus = [{"_id": key, "title": "", "text": text} for key, text in DOCUMENTS.items()]
    queries = [{"_id": key, "text": text} for key, text in QUERIES.items()]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(line) + "\n" for line in corpus))
    (tmp_path / "queries.jsonl").write_text("".join(json.dumps(line) + "\n" for line in queries))
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td3\t1\n")
    return tmp_path


def test_a_benchmark_is_read_without_blank_documents_and_unjudged_queries(folder: Path) -> None:
    found = read_benchmark(folder)
    assert [line.name for line in found.documents] == ["d1", "d2", "d3"]
    assert found.queries == {key: QUERIES[key] for key in ("q1", "q2")}
    assert found.qrels == {"dev": {"q1": {"d1": 1}, "q2": {"d3": 1}}}


def test_a_line_becomes_a_document_of_its_own(folder: Path) -> None:
    documents = [line.read() for line in read_benchmark(folder).documents]
    assert [document.source for document in documents] == ["d1", "d2", "d3"]
    assert len({document.id for document in documents}) == 3
    assert documents[0].blocks[0].text == DOCUMENTS["d1"]


def test_a_limit_draws_the_same_queries_each_time(folder: Path) -> None:
    one, again = read_benchmark(folder, 1), read_benchmark(folder, 1)
    assert len(one.queries) == 1
    assert one.queries == again.queries
    assert one.qrels["dev"].keys() == one.queries.keys()


@pytest.mark.parametrize("row", ["q1 d1 1", "q1\td1\tyes", "q1\td1"])
def test_a_bad_judgement_is_named(folder: Path, row: str) -> None:
    (folder / "qrels" / "dev.tsv").write_text(f"query-id\tcorpus-id\tscore\n{row}\n")
    with pytest.raises(CaseError, match=r"dev\.tsv, line 2"):
        read_benchmark(folder)


def test_missing_files_and_bad_lines_are_named(folder: Path) -> None:
    (folder / "corpus.jsonl").write_text('{"_id": "d1", "text": "x"}\n{"_id": 7}\n')
    with pytest.raises(CaseError, match=r"corpus\.jsonl, line 2"):
        read_benchmark(folder)
    (folder / "queries.jsonl").unlink()
    with pytest.raises(CaseError, match=r"queries\.jsonl"):
        read_benchmark(folder)
    with pytest.raises(CaseError, match="BEIR"):
        read_benchmark(folder / "qrels")


class Listing:
    """Finds the same passages for every query."""

    def __init__(self, *found: str) -> None:
        self.found = found

    def search(self, question: str, k: int) -> list[Hit]:
        return [Hit(passage(name, f"{n}"), 0.5, "fake") for n, name in enumerate(self.found)][:k]


def test_documents_are_ranked_by_their_best_passage() -> None:
    names = {name: name.upper() for name in "abc"}
    run = rank({"q": "?"}, Listing("b", "a", "b", "c"), names)
    assert sorted(run["q"], key=lambda name: -run["q"][name]) == ["B", "A", "C"]


def test_scores_are_those_of_the_textbooks() -> None:
    qrels = {"q1": {"a": 1, "b": 1, "c": 1}, "q2": {"z": 1}}
    run = {"q1": {"x": 0.0, "a": -1.0, "y": -2.0, "b": -3.0}, "q2": {"x": 0.0}}
    scores = score(qrels, run)
    gain = (1 / math.log2(3) + 1 / math.log2(5)) / (1 + 1 / math.log2(3) + 1 / math.log2(4))
    assert scores["nDCG@10"].value == pytest.approx(gain / 2)
    assert scores["R@5"].value == pytest.approx((2 / 3) / 2)
    assert scores["MAP@10"].value == pytest.approx(((1 / 2 + 2 / 4) / 3) / 2)
    assert scores["MRR@10"].value == pytest.approx(0.5 / 2)
    assert scores["nDCG@10"].n == 2


def test_recall_is_cut_at_its_depth_and_a_missing_query_counts() -> None:
    run = {"q1": {f"x{n}": -float(n) for n in range(9)} | {"a": -9.0}}
    scores = score({"q1": {"a": 1}, "q2": {"a": 1}}, run)
    assert (scores["R@5"].value, scores["R@10"].value, scores["R@100"].value) == (0, 0.5, 0.5)
    assert DEPTH >= 100
