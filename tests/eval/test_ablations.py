"""Each variant leaves out what it says, and the command compares all with the whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.ablations import developed, report_of
from eval.variants import VARIANTS, WHOLE, Variant, WithoutHeadings, fused, unexpanded
from kb.assistant import Assistant
from kb.config import load_config
from kb.errors import CaseError
from kb.types import Embedder
from tests.conftest import Command

NOTE = """# Spring workshop

## Venue

The spring workshop is held in the Blue Hall of the Lakeside Centre in Nyamata.

## Languages

English and French are the languages of the spring workshop.
"""
QUOTE = "The spring workshop is held in the Blue Hall of the Lakeside Centre in Nyamata."


def case(key: str, split: str, *, unanswerable: bool = False) -> dict[str, object]:
    return {
        "id": key,
        "group": "participant",
        "type": "unanswerable" if unanswerable else "factoid",
        "split": split,
        "question": "Where is the spring workshop held?",
        "history": [],
        "answer": "",
        "evidence": [{"file": "note.md", "quote": QUOTE}],
        "unanswerable": unanswerable,
        "notes": "",
    }


def written(path: Path, *lines: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_each_search_uses_its_part_only(assistant: Assistant) -> None:
    question = "Who leads the digital office?"
    via = {
        parts: {hit.via for hit in fused(*parts)(assistant, question, 10)}
        for parts in (("dense",), ("lexical",), ("dense", "lexical"))
    }
    assert via[("dense",)] == {"dense"}
    assert via[("lexical",)] == {"lexical"}
    assert "dense+lexical" in via[("dense", "lexical")]


def test_lexical_search_alone_finds_nothing_for_words_that_are_not_there(assistant: Assistant) -> None:
    assert fused("lexical")(assistant, "qqqzzz xxxyyy", 10) == []
    assert len(fused("dense")(assistant, "qqqzzz xxxyyy", 10)) == 10


def test_without_rerank_the_order_is_that_of_fusion(assistant: Assistant) -> None:
    question = "principle of least privilege?"
    hits = fused("dense", "lexical")(assistant, question, 10)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    covered = assistant.search(question, 10)
    assert max(hit.score for hit in covered) > max(hit.score for hit in hits)


def test_without_expansion_a_typo_stays(assistant: Assistant) -> None:
    """The word search finds nothing for a misspelt word alone; mended, it does."""
    mended = assistant.search("cybersecurty", 10)
    typed = unexpanded(assistant, "cybersecurty", 10)
    assert any("lexical" in hit.via for hit in mended)
    assert not any("lexical" in hit.via for hit in typed)


def test_headings_are_left_out_of_what_is_embedded_only(embedder: Embedder) -> None:
    bare = WithoutHeadings(embedder)
    [with_title, without] = bare.encode(["Note > Venue\nRoom MH4.", "Room MH4."])
    assert with_title @ without == pytest.approx(1.0, abs=1e-3)
    assert bare.digest != embedder.digest


def test_variants_have_names_and_lengths_of_their_own() -> None:
    assert VARIANTS[0] is WHOLE
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)
    config = Variant("short", chars=600).config(load_config())
    assert (config.chunking.max_chars, config.chunking.list_chars) == (600, 1200)
    assert WHOLE.config(load_config()) == load_config()


def test_only_answerable_development_cases_are_asked(tmp_path: Path) -> None:
    lines = [case("A1", "dev"), case("A2", "test"), case("A3", "dev", unanswerable=True)]
    assert [one.id for one in developed([written(tmp_path / "c.jsonl", *lines)])] == ["A1"]
    with pytest.raises(CaseError, match="split dev"):
        developed([written(tmp_path / "t.jsonl", case("A2", "test"))])


def test_differences_are_those_to_the_whole() -> None:
    found = {
        WHOLE.name: {"coverage@5": {"a": 1.0, "b": 1.0}},
        "less": {"coverage@5": {"a": 1.0, "b": 0.0}},
    }
    report = report_of(found)
    assert report["less"]["coverage@5"]["value"] == 0.5
    assert report["less"]["coverage@5"]["difference"]["difference"] == -0.5
    assert report[WHOLE.name]["coverage@5"]["difference"]["p"] == 1.0


def test_the_command_shows_every_variant(tmp_path: Path, kb: Command) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "note.md").write_text(NOTE, encoding="utf-8")
    cases = written(tmp_path / "cases.jsonl", case("A1", "dev"))
    beir = tmp_path / "set"
    written(beir / "corpus.jsonl", {"_id": "d1", "title": "", "text": QUOTE})
    written(beir / "queries.jsonl", {"_id": "q1", "text": "Where is the workshop?"})
    (beir / "qrels").mkdir()
    (beir / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\n", encoding="utf-8")
    ran = kb(
        *("eval", "ablations", "--cases", cases, "--corpus", tmp_path / "corpus"),
        *("--beir", beir, "--index", tmp_path / "kept", "--json"),
    )
    assert ran.status == 0, ran.err
    own, public = ran.json["development cases"], ran.json["set"]
    assert list(own) == [variant.name for variant in VARIANTS]
    assert {scores["coverage@5"]["value"] for scores in own.values()} == {1.0}
    assert "passages of 600" not in public
    assert public[WHOLE.name]["nDCG@10"]["value"] == 1.0
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {
        *("cases", "cases-text", "cases-600", "cases-2400", "beir"),
    }
