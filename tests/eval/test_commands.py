"""The commands end to end: real documents, real index, real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.commands import app
from kb.errors import CaseError, IndexMissing

NOTE = """# Spring workshop

## Venue

The spring workshop is held in the Blue Hall of the Lakeside Centre in Nyamata.

## Languages

English and French are the languages of the spring workshop.

## Fees

Taking part in the workshop is free of charge for public servants.
"""
QUOTE = "The spring workshop is held in the Blue Hall of the Lakeside Centre in Nyamata."


def case(key: str, question: str, quote: str, split: str) -> dict[str, Any]:
    return {
        "id": key,
        "group": "participant",
        "type": "factoid",
        "split": split,
        "question": question,
        "history": [],
        "answer": "",
        "evidence": [{"file": "note.md", "quote": quote}],
        "unanswerable": False,
        "notes": "",
    }


CASES = [
    case("A1", "Where is the spring workshop held?", QUOTE, "dev"),
    case("A2", "What are the languages of the workshop?", "English and French are the languages", "test"),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "note.md").write_text(NOTE, encoding="utf-8")
    return folder


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in CASES), encoding="utf-8")
    return path


def run(*arguments: object) -> str:
    found = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_answers_prints_json_and_writes_the_same_to_a_file(corpus: Path, cases: Path, tmp_path: Path) -> None:
    output = tmp_path / "reports" / "answers.json"
    report = json.loads(run("answers", cases, "--corpus", corpus, "--json", "--output", output))
    assert report == json.loads(output.read_text(encoding="utf-8"))
    assert (report["partial"], report["asked"], report["planned"]) == (False, 2, 2)
    assert report["overall"]["coverage@10"]["value"] == 1
    assert report["overall"]["status"]["n"] == 2
    assert {record["id"] for record in report["records"]} == {"A1", "A2"}
    assert report["records"][0]["hit_files"][0] == "note.md"
    assert report["index_generation"]


def test_answers_shows_a_table_for_the_chosen_split(corpus: Path, cases: Path) -> None:
    text = run("answers", cases, "--corpus", corpus, "--split", "test")
    assert "1 cases" in text
    assert "factoid" in text


def test_evidence_that_is_not_in_the_corpus_stops_before_asking(corpus: Path, cases: Path) -> None:
    (corpus / "note.md").write_text("# Nothing\n\nNothing is said here.\n", encoding="utf-8")
    with pytest.raises(CaseError, match=r"cases\.jsonl, line 1.*note\.md"):
        run("answers", cases, "--corpus", corpus)


def test_an_index_that_is_not_there_is_an_error(cases: Path, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing):
        run("answers", cases, "--index", tmp_path / "absent")


def test_a_split_that_is_not_one_is_wrong_usage(cases: Path) -> None:
    assert CliRunner().invoke(app, ["answers", str(cases), "--split", "train"]).exit_code == 2


def test_retrieval_ranks_the_judged_document_first(tmp_path: Path) -> None:
    texts = {"d1": QUOTE, "d2": "Fees are paid at the desk.", "d3": "Parking is behind the house."}
    (tmp_path / "qrels").mkdir()
    lines = [json.dumps({"_id": key, "text": text}) for key, text in texts.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(lines))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"_id": "q", "text": "Where is the spring workshop?"}))
    (tmp_path / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq\td1\t1\n")
    report = json.loads(run("retrieval", tmp_path, "--index", tmp_path / "kept", "--json"))
    assert (report["documents"], report["queries"]) == (3, 1)
    assert {score["value"] for score in report["scores"]["dev"].values()} == {1.0}
    assert (tmp_path / "kept" / "CURRENT").is_file()
    assert "nDCG@10" in run("retrieval", tmp_path, "--index", tmp_path / "kept")


def test_pages_finds_the_page_of_a_pdf(tmp_path: Path) -> None:
    import typst

    (tmp_path / "pdfs").mkdir()
    for name, text in {
        "ACME": "Revenue of Acme was five million francs in 2022.",
        "BETA": "Beta sold.",
    }.items():
        source = f"= Report of {name}\n\nNothing on this page.\n\n#pagebreak()\n== Results\n\n{text}\n"
        (tmp_path / "pdfs" / f"{name}.pdf").write_bytes(typst.compile(source.encode()))
    row = {
        "question": "What was the revenue of Acme?",
        "doc_name": "ACME",
        "evidence": [{"evidence_page_num": 1}],
    }
    (tmp_path / "financebench_open_source.jsonl").write_text(json.dumps(row))
    report = json.loads(run("pages", tmp_path, "--json"))
    assert report["scores"]["document recall@1"]["value"] == 1
    assert report["scores"]["page recall@1"]["value"] == 1
    assert report["left_out"] == {}
