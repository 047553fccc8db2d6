"""What trains the reader, run small on the real models."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from eval.cases import check_evidence, file_texts, read_cases
from eval.train import library, pools, reader
from kb.models.reader import WEIGHTS
from tests.conftest import MODELS


@pytest.fixture(autouse=True)
def models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_EMBEDDING__MODELS_FOLDER", str(MODELS))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Cases on the three short documents, both answerable and not; the last is none to look at."""
    gold = {"file": "note.txt", "quote": "The Kigali workshop takes place on 22 March 2023."}
    asked = [
        ("when is the kigali workshop", [gold], "dev"),
        ("who is the mayor of vientiane", [], "dev"),
        ("what is the date of the workshop", [gold], "test"),
    ]
    lines = [
        {
            "id": f"c-{n}",
            "group": "participant",
            "type": "date" if evidence else "unanswerable",
            "split": split,
            "question": question,
            "history": [],
            "notes": "",
            "answer": "22 March 2023",
            "evidence": evidence,
            "unanswerable": not evidence,
        }
        for n, (question, evidence, split) in enumerate(asked)
    ]
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


@pytest.mark.slow
def test_pools_of_cases_train_the_reader(tmp_path: Path, built_index: Path, cases: Path) -> None:
    (tmp_path / "train" / "pools").mkdir(parents=True)
    out = tmp_path / "train" / "pools" / "own.jsonl.gz"
    pools.main([str(built_index), str(cases), str(out)])
    made = [json.loads(line) for line in gzip.decompress(out.read_bytes()).decode().splitlines()]
    assert [record["answerable"] for record in made] == [True, False]
    [[passage, block]] = [map(int, key.split(".")) for key in made[0]["labels"]]
    assert "22 March 2023" in made[0]["passages"][passage]["blocks"][block]

    weights = tmp_path / "reader.safetensors"
    reader.main(
        [str(tmp_path / "train"), str(weights), "--init", str(WEIGHTS), "--public", "0", "--passes", "2"]
    )
    before, after = load_file(WEIGHTS), load_file(weights)
    assert before.keys() == after.keys()
    assert any((before[name] != after[name]).any() for name in before)


# The folders written last have more questions, and more of them are answered.
LAST = frozenset(
    "acts annual-plans charters contradictions dense-reports duty-handbooks forum-papers french-acts"
    " french-notes index-annexes logistics-notes parallel-events performance-reports staff-guides"
    " unit-manuals yearly-reports".split()
)


@pytest.mark.parametrize("file", sorted(library.LIBRARY.glob("*.jsonl")), ids=lambda file: file.stem)
def test_what_is_trained_on_stands_in_its_documents(file: Path) -> None:
    cases, documents = read_cases(file), file.with_suffix("")
    check_evidence(cases, documents, file_texts(documents))
    last = file.stem in LAST
    assert len(cases) in (range(170, 205) if last else range(160, 167))
    assert len([*documents.iterdir()]) == 10
    assert sum(case.unanswerable for case in cases) in (range(36, 51) if last else range(50, 81))
    measured = file.stem in ("ministry", "french", "strategies")
    assert {case.split for case in cases} == {"test" if measured else "dev"}


@pytest.mark.slow
def test_a_library_is_indexed_and_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cases: Path) -> None:
    (tmp_path / "library" / "notes").mkdir(parents=True)
    note = "# Workshop\n\nThe Kigali workshop takes place on 22 March 2023.\n"
    (tmp_path / "library" / "notes" / "note.txt").write_text(note, encoding="utf-8")
    cases.rename(tmp_path / "library" / "notes.jsonl")
    monkeypatch.setattr(library, "LIBRARY", tmp_path / "library")
    library.main([str(tmp_path / "out")])
    made = gzip.decompress((tmp_path / "out" / "pools" / "notes.jsonl.gz").read_bytes()).decode().splitlines()
    assert [json.loads(line)["answerable"] for line in made] == [True, False, True]
