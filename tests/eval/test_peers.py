"""The protocol with real processes, and the scores of what they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Case, Evidence
from eval.peers import side_by_side
from eval.peers.scoring import BUDGET, first, quality, report_of, tables_of
from eval.peers.side_by_side import (
    OURS,
    PEERS,
    PYTHON,
    Measured,
    chosen_peers,
    copied,
    questions_of,
    run_all,
)
from kb.errors import KBError
from kb.types import Turn
from tests.conftest import MODELS, Command

VENUE = "The Kigali workshop takes place in the Convention Center."


def case(key: str, *evidence: Evidence, history: tuple[Turn, ...] = ()) -> Case:
    question = "Where does the Kigali workshop take place?"
    return Case(key, "participant", "factoid", question, history, "", evidence, False, "")


CASES = [case("A", Evidence("note.txt", VENUE)), case("B")]
JUDGED = CASES[:1]


def measured(name: str, *texts: str, milliseconds: float = 10.0) -> Measured:
    hits = [{"file": "note.txt", "text": text} for text in texts]
    answers = [{"id": one.id, "ms": milliseconds, "hits": hits} for one in CASES]
    memory = {"peak_mb": 100.0, "child_peak_mb": 20.0, "processor_seconds": 1.0}
    ingest: dict[str, Any] = {"versions": {}, "chunks": 2, "seconds": 3.0, "process_seconds": 4.0, **memory}
    slower = [{**one, "ms": 3 * milliseconds} for one in answers]
    asked = [{"answers": answers, **memory}, {"answers": slower, **memory}]
    return Measured(name, ingest, asked, [5.0, 7.0])


def test_quality_is_that_of_the_gold_quotes() -> None:
    found = quality(JUDGED, {"A": [Evidence("x.txt", VENUE), Evidence("note.txt", VENUE)]})
    assert found["coverage@5"] == {"A": 1.0}
    assert found["MRR@10"] == {"A": 0.5}


def test_long_chunks_are_cut_at_the_budget() -> None:
    long = Evidence("note.txt", "filler " * BUDGET)
    assert sum(len(hit.quote) for hit in first([long, long], BUDGET)) == BUDGET
    found = quality(JUDGED, {"A": [long, Evidence("note.txt", VENUE)]})
    assert found["coverage@5"] == {"A": 1.0}
    assert found[f"coverage in {BUDGET}"] == {"A": 0.0}


def test_the_report_sets_all_beside_ours() -> None:
    both = [measured(OURS, VENUE), measured("langchain", "Nothing of the kind.")]
    report = report_of(both, CASES, scored=True)
    ours, other = (report["peers"][name] for name in (OURS, "langchain"))
    assert list(ours["quality"]) == ["dev", "all"]
    assert ours["quality"]["all"]["coverage@5"]["value"] == 1.0
    assert other["quality"]["all"]["coverage@5"]["difference"]["difference"] == -1.0
    assert ours["same_each_turn"]
    assert ours["cost"]["query_ms_p50"] == 20.0
    assert ours["cost"]["query_processor_ms"] == 500.0
    assert (ours["cost"]["cold_seconds"], ours["cost"]["search_peak_mb"]) == (6.0, 120.0)
    assert len(tables_of(report)) == 3
    assert len(tables_of(report_of(both, CASES, scored=False))) == 1


def test_follow_ups_are_not_asked(tmp_path: Path) -> None:
    lines = [
        {
            **{"id": key, "group": "cdo", "type": "factoid", "question": "q", "answer": "", "notes": ""},
            **{"history": history, "evidence": [], "unanswerable": False},
        }
        for key, history in (("A", []), ("B", [{"role": "user", "content": "before"}]))
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert [one.id for one in questions_of([path])] == ["A"]
    path.write_text(json.dumps(lines[1]) + "\n", encoding="utf-8")
    with pytest.raises(KBError, match="follow-ups"):
        questions_of([path])


def test_a_missing_environment_and_a_wrong_name_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kb: Command
) -> None:
    monkeypatch.setattr(side_by_side, "PYTHON", tmp_path / "none")
    ran = kb("eval", "peers")
    assert ran.status == 1
    assert "make -C eval/peers" in ran.err
    assert chosen_peers([OURS]) == [OURS]
    with pytest.raises(KBError, match="'nobody'"):
        chosen_peers(["nobody"])


def test_documents_are_copied_without_their_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    (folder / "below").mkdir(parents=True)
    (folder / "catalogue.toml").write_text('ignore = ["README.md"]\n')
    for name in ("README.md", "LICENSE", "a.md", "below/b.md"):
        (folder / name).write_text(name)
    assert copied(folder, tmp_path / "copy") == 2
    assert (tmp_path / "copy" / "below" / "b.md").read_text() == "below/b.md"
    assert not (tmp_path / "copy" / "catalogue.toml").exists()
    with pytest.raises(KBError, match="--documents"):
        copied(folder / "a.md", tmp_path / "copy")


@pytest.mark.slow
# The peers have an environment of their own: make -C eval/peers.
@pytest.mark.parametrize("name", PEERS if PYTHON.exists() else [OURS])
def test_a_pipeline_answers_from_what_it_stored(
    name: str, tmp_path: Path, small_documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_EMBEDDING__MODELS_FOLDER", str(MODELS))
    assert copied(small_documents, tmp_path / "documents") == 3
    [found] = run_all([name], tmp_path, CASES[:1], 1, lambda *_: None)
    assert found.ingest["chunks"] >= 3
    hits = found.asked[0]["answers"][0]["hits"]
    assert hits[0]["file"] == "note.txt"
    assert VENUE in hits[0]["text"]
    assert found.cold_seconds[0] > 0
    assert found.ingest["peak_mb"] > 50


@pytest.mark.slow
def test_a_failing_pipeline_is_named(tmp_path: Path) -> None:
    with pytest.raises(KBError, match=r"'ours' failed at 'ingest'"):
        run_all([OURS], tmp_path, CASES[:1], 1, lambda *_: None)
