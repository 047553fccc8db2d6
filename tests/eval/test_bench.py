"""What the benchmark's parts share: made-up libraries, costs of processes, figures, the page."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.bench.figures import Figure, Row
from eval.bench.files import chosen_files
from eval.bench.kept import build
from eval.bench.options import Options, Skipped
from eval.bench.plots import bars
from eval.bench.processes import Watch, family, memory_mb, run
from eval.bench.suite import figures_of, render, run_parts, write
from eval.bench.synthetic import PER_DOCUMENT, SMALL, Library
from eval.bench.worker import Worker, in_turns
from kb.errors import KBError
from kb.index import IndexSettings
from kb.text import words
from tests.conftest import Command
from tests.loaders.pdf.drawing import draw

LIBRARY = Library(450, 32)


def test_a_library_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    [first], [second] = LIBRARY.changes(), Library(450, 32).changes()
    assert first.passages == second.passages
    assert first.vectors is not None
    assert second.vectors is not None
    assert np.array_equal(first.vectors, second.vectors)
    [other] = Library(450, 32, seed=21).changes()
    assert other.passages != first.passages


def test_a_library_has_its_size_and_documents_of_two_hundred() -> None:
    [made] = LIBRARY.changes()
    assert len({passage.id for passage in made.passages}) == 450
    counts = [sum(p.document_id == d.id for p in made.passages) for d in made.add]
    assert counts == [PER_DOCUMENT, PER_DOCUMENT, 50]
    assert len({document.title for document in made.add}) == 3
    assert all(passage.text[passage.spans[0].end :] == "" for passage in made.passages)


def test_words_follow_zipf_and_the_text_brings_rare_ones() -> None:
    [made] = LIBRARY.changes()
    counts: dict[str, int] = {}
    for word in (word for passage in made.passages for word in words(passage.text)):
        counts[word] = counts.get(word, 0) + 1
    ranked = sorted(counts.values(), reverse=True)
    assert max(counts, key=counts.__getitem__) == SMALL[0]
    # The tenth of Zipf's words comes about a quarter as often as the first, the hundredth a thirtieth.
    assert 2 < ranked[0] / ranked[9] < 8
    assert 15 < ranked[0] / ranked[99] < 60
    assert ranked.count(1) > len(ranked) / 4


def test_vectors_lie_in_clusters() -> None:
    [made] = LIBRARY.changes()
    assert made.vectors is not None
    assert np.allclose(np.linalg.norm(made.vectors, axis=1), 1, atol=1e-5)
    cosines = np.sort(LIBRARY.probes(20) @ made.vectors.T, axis=1)
    assert np.median(cosines[:, -1]) > 0.6
    assert np.median(cosines[:, 0]) < 0.2


def test_exact_search_is_that_of_all_vectors_at_once() -> None:
    [made] = LIBRARY.changes()
    assert made.vectors is not None
    probes = LIBRARY.probes(5)
    order = np.argsort(-(probes @ made.vectors.T), axis=1)[:, :10]
    assert LIBRARY.nearest(probes, 10) == [[made.passages[row].id for row in rows] for rows in order]


def test_a_library_committed_in_batches_is_found_whole(tmp_path: Path) -> None:
    library = Library(450, 32, batch=1)
    index = build(library, tmp_path / "index", IndexSettings("made up", "by hand", 32))
    assert (index.size, len(index.documents())) == (450, 3)
    probes = library.probes(5)
    found = [[key for key, _ in index.search_vector(probe, 10)] for probe in probes]
    assert found == LIBRARY.nearest(probes, 10)


def test_questions_name_words_of_the_library() -> None:
    [made] = LIBRARY.changes()
    known = {word for passage in made.passages for word in words(passage.text)}
    asked = LIBRARY.questions(8)
    assert len(asked) == 8
    assert all(words(question)[-1] in known or words(question)[-2] in known for question in asked)
    assert asked == Library(450, 32).questions(8)


CHILD = (
    "import subprocess, sys; subprocess.run([sys.executable, '-c', 'held = bytearray(60_000_000); input()'])"
)


def test_memory_counts_the_processes_that_a_process_started() -> None:
    with subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE) as parent:
        with Watch(parent.pid) as watch:
            while memory_mb(parent.pid) < 60:
                assert parent.poll() is None
            members = family(parent.pid)
        parent.communicate(b"\n")
    assert len(members) == 2
    assert watch.peak_mb > 60
    assert os.getpid() not in members


def test_a_run_tells_its_cost_and_a_failed_one_its_last_words() -> None:
    out, cost = run([sys.executable, "-c", "print(sum(range(3_000_000)))"])
    assert out.strip() == "4499998500000"
    assert 0 < cost.processor_seconds < 10
    assert cost.seconds > 0
    assert cost.peak_mb > 1
    with pytest.raises(KBError, match="no such thing"):
        run([sys.executable, "-c", "raise SystemExit('no such thing')"])


def test_a_worker_that_fails_says_why() -> None:
    with pytest.raises(KBError, match="KeyError: 'nobody'"), Worker("reading", "nobody", "x"):
        pass


def test_workers_take_turns() -> None:
    said: list[str] = []
    files = [str(Path(__file__))]
    workers = {name: Worker("reading", "pdfium, text only", *files) for name in ("a", "b")}
    with pytest.raises(KBError, match="PdfiumError"):
        in_turns(workers, 2, lambda stage, *_: said.append(stage), "reading")
    assert said == ["reading: loading a"]


def figure(value: float) -> Figure:
    rows = (Row("<32> users p95", value), Row("other", 2.0, "peer"), Row("target", 1000, "target"))
    return Figure("p95", "ms", rows, less=True)


def test_a_figure_says_whether_a_target_is_met() -> None:
    assert figure(1000).verdict() == "target met"
    assert figure(1001).verdict() == "target missed: <32> users p95"
    assert Figure("p95", "ms", figure(1).rows[:2]).verdict() == ""


def test_a_plot_shows_every_value_and_escapes_labels() -> None:
    drawn = bars(figure(1234.5))
    assert drawn.count("<rect") == 2
    assert "1,234 ms" in drawn
    assert 'class="mark target"' in drawn
    assert "&lt;32&gt;" in drawn
    assert "<32>" not in drawn


def test_files_are_whole_and_within_the_pages_asked_for(tmp_path: Path) -> None:
    for pages in (3, 5, 8, 13):
        draw(tmp_path / f"report-{pages}.pdf", *[""] * pages)
    chosen = chosen_files(Options(files=tmp_path, pages=10))
    assert 0 < chosen.count <= 10
    assert chosen.about()["pages_of_folder"] == 29
    assert not chosen.about()["whole_folder"]
    assert chosen_files(Options(files=tmp_path, pages=29)).about()["whole_folder"]
    assert chosen_files(Options(files=tmp_path, pages=1)).count == 3


def test_what_cannot_be_measured_is_skipped_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Skipped, match="--files"):
        chosen_files(Options(files=tmp_path / "none"))
    with pytest.raises(Skipped, match="no PDF file"):
        chosen_files(Options(files=tmp_path))
    [result] = run_parts(["reading"], Options(files=tmp_path), lambda *_: None)
    assert "no PDF file" in result["parts"]["reading"]["skipped"]
    assert figures_of(result) == {}
    assert "no PDF file" in render(result)


def test_a_result_says_what_it_was_run_on(tmp_path: Path) -> None:
    first, last = run_parts(["reading", "ingest"], Options(files=tmp_path / "none"), lambda *_: None)
    assert "PARTIAL: the run was ended before ingest" in render(first)
    write(last, tmp_path / "out")
    found: dict[str, Any] = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert found["machine"]["processors"] >= 1
    assert found["versions"]["policy-kb"]
    assert found["options"]["files"].endswith("none")
    assert {"commit", "command", "made"} <= found.keys()
    page = (tmp_path / "out" / "bench.html").read_text(encoding="utf-8")
    assert found["commit"] in page
    assert "http" not in page
    assert "PARTIAL" not in page


def test_an_unknown_part_or_list_is_refused(kb: Command, tmp_path: Path) -> None:
    for arguments, words_of_it in ((["speed"], "no part 'speed'"), (["--sizes", "many"], "--sizes 1,8,32")):
        ran = kb("eval", "bench", *arguments, "--out", tmp_path)
        assert ran.status == 1
        assert words_of_it in ran.err
