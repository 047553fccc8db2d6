"""Each part of the benchmark, run small: counts and shares are asserted, times never."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.bench import asking, embedding, ingest, reading, serving
from eval.bench.figures import Figure
from eval.bench.kept import kept_index
from eval.bench.options import Options
from eval.bench.suite import figures_of
from eval.bench.web import Button, place_of
from kb.embedding.source import as_folder, checked
from kb.errors import KBError
from tests.conftest import MODELS, ROOT
from tests.loaders.pdf.drawing import draw, page


@pytest.fixture(autouse=True)
def _prepared_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_EMBEDDING__MODELS_FOLDER", str(MODELS))


@pytest.fixture
def options(tmp_path: Path, small_documents: Path) -> Options:
    """As little as there is: one turn, two users, three short documents."""
    return Options(
        repeats=1,
        corpus=small_documents,
        cases=ROOT / "eval" / "cases",
        kept=tmp_path / "kept",
        sizes=(120,),
        questions=3,
        users=(2,),
        each=1,
        pause=0.1,
        peers=False,
    )


@pytest.fixture
def one_pdf(tmp_path: Path) -> Path:
    """A folder with one PDF file of four pages."""
    folder = tmp_path / "pdf"
    folder.mkdir()
    said = [
        [f"Clause {n} of part {part} binds every office of the town." for n in range(20)] for part in "ABCD"
    ]
    pages = [page(*((50, 100 + 14 * at, line) for at, line in enumerate(lines))) for lines in said]
    draw(folder / "clauses.pdf", *pages)
    return folder


def quiet(*_: object) -> None:
    """Show no progress."""


def figures(part: str, found: dict[str, Any]) -> dict[str, Figure]:
    return {figure.title: figure for figure in figures_of({"parts": {part: found}})[part]}


@pytest.mark.slow
def test_both_encoders_read_the_same_passages(tmp_path: Path, small_documents: Path) -> None:
    texts = embedding.passages_of(small_documents)
    file = tmp_path / "texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    with as_folder(checked("e5")) as model:
        for name in (embedding.OURS, embedding.PEER):
            assert embedding.CONTENDERS[name](str(file), str(model))() == {"passages": len(texts)}, name


def test_the_work_of_passages_is_that_of_their_tokens() -> None:
    found = (embedding.work_of([text], checked("minilm")) for text in ("Data.", "data " * 1000))
    [(few, little), (many, much)] = found
    # "[CLS] data . [SEP]", and a long text is cut where the model stops reading.
    assert (few, many) == (4, 256)
    assert 64 < much / little < 100


def test_speeds_are_those_of_the_median_turn() -> None:
    turns = [{"seconds": s, "processor_seconds": 2 * s, "peak_mb": 10 * s} for s in (2.0, 9.0, 4.0)]
    limits = [{"gflops": {"torch float32": 80.0}}, {"gflops": {"torch float32": 100.0}}]
    assert embedding._fastest(limits) == {"torch float32": 100.0}
    speeds = embedding._speeds(turns, passages=40, tokens=400, gflop=200.0, limit=100.0)
    assert (speeds["passages_per_second"], speeds["tokens_per_second"]) == (10.0, 100.0)
    assert (speeds["gflops"], speeds["share_of_limit"], speeds["peak_mb"]) == (50.0, 0.5, 90.0)
    both = {embedding.OURS: speeds, embedding.PEER: speeds}
    found = {"passages": 40, "tokens": 400, "limits": {"torch float32": 100.0}, "limit": 100.0}
    drawn = figures("embedding", {**found, "contenders": both})
    assert [row.kind for row in drawn["Embedding: arithmetic"].rows] == ["ours", "peer", "limit"]
    assert "50 %" in drawn["Embedding: arithmetic"].note


def test_every_reader_reads_the_file(options: Options, one_pdf: Path) -> None:
    [path] = one_pdf.iterdir()
    found = {name: load(str(path))() for name, load in reading.CONTENDERS.items()}
    assert {one["left_out"] for one in found.values()} == {0}
    lengths = [one["characters"] for one in found.values()]
    assert min(lengths) > 1000
    assert max(lengths) < 1.3 * min(lengths)
    turns = {
        name: [{**one, "seconds": 2, "processor_seconds": 1, "peak_mb": 1}] for name, one in found.items()
    }
    speeds = {name: reading._speeds(turn, pages=4) for name, turn in turns.items()}
    about = {"pages": 4, "pages_of_folder": 4, "files": [path.name]}
    [drawn] = figures("reading", {**about, "contenders": speeds}).values()
    assert [(row.value, row.kind) for row in drawn.rows] == [
        *[(2.0, "ours")] * 2,
        (2.0, "peer"),
        (2.0, "limit"),
    ]


@pytest.mark.slow
def test_a_folder_is_indexed_in_a_process_of_its_own(options: Options, one_pdf: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    found = ingest.measure(replace(options, files=one_pdf), tmp_path / "work", quiet)
    assert (found["pages"], found["whole_folder"]) == (4, True)
    assert found["contenders"].keys() == {"ours"}
    assert found["contenders"]["ours"]["chunks"] >= 4
    assert found["contenders"]["ours"]["peak_mb"] > 50
    assert "langchain" in found["missing"]
    assert len(figures("ingest", found)) == 3


@pytest.mark.slow
def test_exact_search_has_a_recall_of_one(options: Options, tmp_path: Path) -> None:
    found = asking.measure(options, tmp_path, quiet)
    [(name, one)] = found["sizes"].items()
    assert name == "120"
    assert one["recall"] == 1.0
    assert sum(one["statuses"].values()) == 3
    assert one["p50_ms"] <= one["p95_ms"]
    assert one["disk_mb"] > 0.1
    assert len(found["turns"][name][0]["search_ms"]) == asking.PROBES
    drawn = figures("asking", found)["Vector search, recall@10"]
    assert [row.kind for row in drawn.rows] == ["ours", "limit"]
    # The second time, the library is there.
    said: list[str] = []
    assert kept_index(120, options.kept, lambda stage, *_: said.append(stage))["index"] == one["index"]
    assert said == []


@pytest.mark.slow
def test_people_at_the_web_app_get_answers(options: Options, tmp_path: Path) -> None:
    found = serving.measure(options, tmp_path, quiet)
    for way in (serving.WEB, serving.READING, serving.ALONE):
        one = found["ways"][way]["2"]
        assert (one["asked"], one["errors"]) == (2, []), way
        assert 0 < one["p50_ms"] <= one["p95_ms"]
    web = found["ways"][serving.WEB]["2"]
    assert 0 < web["begun_p50_ms"] <= web["p50_ms"]
    assert f"Waiting for an answer: {serving.WEB}" in figures("serving", found)


def test_users_are_dealt_different_questions(options: Options) -> None:
    lists = serving.lists_of(options, 8, 5)
    assert [len(one) for one in lists] == [5] * 8
    assert len({question for one in lists for question in one}) == 40
    assert lists == serving.lists_of(options, 8, 5)


def test_a_page_that_has_changed_is_told() -> None:
    parts = [
        {"id": 1, "props": {"elem_id": "question", "value": None}},
        {"id": 2, "props": {"elem_id": "send"}},
    ]
    handler = {"id": 7, "targets": [[1, "submit"], [2, "click"]], "inputs": [1, 3]}
    known = {"components": [*parts, {"id": 3, "props": {"value": []}}], "dependencies": [handler]}
    button = Button.of(known, "send")
    assert button.pressed("s", **{str(place_of(known, "question")): "Who?"}) == {
        "data": ["Who?", []],
        "fn_index": 7,
        "trigger_id": 2,
        "session_hash": "s",
    }
    with pytest.raises(KBError, match=r"eval/bench/web\.py"):
        place_of({**known, "components": parts[1:]}, "question")
    with pytest.raises(KBError, match=r"eval/bench/web\.py"):
        Button.of({**known, "dependencies": []}, "send")
