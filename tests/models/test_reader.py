"""The reader: a score for every block, the same however pages are put together, and weights that are ours."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kb.embedding.prepared import preparing
from kb.embedding.source import file_digest
from kb.errors import ModelError
from kb.models import reader as module
from kb.models.page import Page
from kb.models.reader import BATCH, BLOCK, CONTEXT, QUESTION, WINDOW, Reader, load_reader, windows
from tests.conftest import MODELS

Scores = NDArray[np.float32]

WHERE = "Where is the workshop held?"
VENUE = Page(
    "Concept note > Venue and date",
    (
        "Venue and date",
        "The workshop is held in the Convention Center in Kigali.",
        "Lunch is served at noon.",
        "",
    ),
)
PENALTIES = Page(
    "Contract > Penalties",
    ("A supplier that delivers late pays one per cent a week.", "Ten per cent at most."),
)
LONG = Page(
    "Handbook",
    tuple(f"Clause {n}: every ministry names {n} data stewards and reports on them." for n in range(60)),
)
HUGE = Page("", ("governance of data " * 400, "The office opens at nine."))
PAGES = (
    VENUE,
    Page("Handbook", LONG.blocks[:30]),
    PENALTIES,
    HUGE,
    Page("Empty", ()),
    *(Page("Annex", (f"Room {n}.",)) for n in range(6)),
)


@pytest.fixture(scope="module")
def tokenizer(reader: Reader) -> Tokenizer:
    return reader._tokenizer


def alike(one: Sequence[Scores], other: Sequence[Scores]) -> None:
    for mine, yours in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, yours, atol=1e-4)


def test_the_block_that_answers_is_above_the_others(reader: Reader) -> None:
    scores = np.concatenate(reader.read(WHERE, [PENALTIES, VENUE]))
    assert int(np.argmax(scores)) == len(PENALTIES.blocks) + 1


def test_scores_do_not_depend_on_what_is_read_beside_them(reader: Reader) -> None:
    alone = [reader.read(WHERE, [page])[0] for page in PAGES]
    alike(reader.read(WHERE, PAGES), alone)
    alike(reader.read(WHERE, PAGES[::-1])[::-1], alone)


def test_every_block_of_long_passages_is_read_once_within_the_limits(
    reader: Reader, tokenizer: Tokenizer
) -> None:
    question = "who reports on the data stewards of every ministry " * 20
    found = [*windows(tokenizer, question, [LONG, HUGE])]
    assert len(found) > 5
    read = [(window.page, block) for window in found for block, _, _ in window.spans]
    assert read == [(0, n) for n in range(60)] + [(1, 0), (1, 1)]
    # A first block is read whatever the question and headings leave of a window.
    most = max(WINDOW, 3 + QUESTION + CONTEXT + BLOCK) + 1
    assert max(len(window.tokens) for window in found) <= most <= BATCH
    for window in found:
        assert all(0 < start < end < len(window.tokens) for _, start, end in window.spans)
    assert all(np.isfinite(scores).all() for scores in reader.read(question, [LONG, HUGE]))


def test_what_stands_late_in_a_long_passage_is_found(reader: Reader) -> None:
    page = Page("Concept note", (*LONG.blocks, VENUE.blocks[1]))
    [scores] = reader.read(WHERE, [page])
    assert int(np.argmax(scores)) == len(LONG.blocks)


@pytest.mark.parametrize("empty", ["", " ", "\n\t\u00a0"])
def test_an_empty_block_has_no_score_and_changes_none(reader: Reader, empty: str) -> None:
    page = Page("Room", (empty, "Room MH4 is reserved.", empty))
    [scores] = reader.read(WHERE, [page])
    assert np.isneginf(scores[[0, 2]]).all()
    alike([scores[1:2]], reader.read(WHERE, [Page("Room", page.blocks[1:2])]))


def test_nothing_to_read_has_no_scores(reader: Reader) -> None:
    assert reader.read(WHERE, []) == []
    assert [scores.shape for scores in reader.read(WHERE, [Page("", ()), Page("", ("",))])] == [(0,), (1,)]
    assert np.isfinite(reader.read("", [PENALTIES])[0]).all()


def test_threads_get_their_own_scores(reader: Reader) -> None:
    pages, found = [VENUE, PENALTIES, Page("Annex", ("Room 7.",))], dict[int, Scores]()
    expected = [reader.read(WHERE, [page])[0] for page in pages]

    def read(n: int) -> None:
        [found[n]] = reader.read(WHERE, [pages[n % 3]])

    threads = [threading.Thread(target=read, args=(n,)) for n in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alike([found[n] for n in range(9)], expected * 3)


def test_the_weights_are_those_that_are_pinned() -> None:
    assert file_digest(module.WEIGHTS) == module.SHA256


def test_weights_that_are_not_ours_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "reader.safetensors"
    changed.write_bytes(module.WEIGHTS.read_bytes()[:-1] + b"\x7f")
    monkeypatch.setattr(module, "WEIGHTS", changed)
    with pytest.raises(ModelError) as caught:
        load_reader(tmp_path / "models")
    assert str(caught.value) == f"{changed} is not the reader that was published; install the program again."
    assert not [*tmp_path.glob("models/reader-*")]


def test_who_waited_for_the_lock_takes_what_the_other_prepared(reader: Reader, tmp_path: Path) -> None:
    folder = tmp_path / f"reader-{reader.digest}"
    with preparing(tmp_path):
        waiting = threading.Thread(target=module._prepare, args=(folder, reader.digest))
        waiting.start()
        waiting.join(0.5)
        shutil.copytree(
            MODELS / folder.name, folder, ignore=shutil.ignore_patterns("cache"), copy_function=os.symlink
        )
        before = folder.stat().st_ino
    waiting.join()
    assert folder.stat().st_ino == before
