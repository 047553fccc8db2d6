"""Search over vectors: exact while they are few, nearly so when they are many, and always true cosines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from kb.errors import IndexMismatch
from kb.index.dense import COARSE, DenseIndex, write_vectors
from kb.index.parts import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kb.types import Vectors

DIMENSION = 64
NONE = np.empty(0, np.int64)


def like_text(rows: int, seed: int = 0) -> Vectors:
    """Unit vectors in clusters of many sizes, as those of passages are."""
    chance = np.random.default_rng(seed)
    topics = np.random.default_rng(5).standard_normal((200, DIMENSION))
    chosen = (200 * chance.random(rows) ** 2).astype(int)
    found = topics[chosen] + 0.8 * chance.standard_normal((rows, DIMENSION))
    unit: Vectors = (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)
    return unit


def index(folder: Path, parts: Sequence[Vectors], gone: NDArray[np.int64] = NONE) -> DenseIndex:
    made, first = list[Part](), 0
    for vectors in parts:
        lost = int(np.count_nonzero((gone >= first) & (gone < first + len(vectors))))
        made.append(Part(first, len(vectors), (), lost))
        (folder / made[-1].name).mkdir(parents=True)
        write_vectors(folder / made[-1].name, [vectors], len(vectors), DIMENSION)
        first += len(vectors)
    return DenseIndex(folder, made, DIMENSION, gone)


def exact(vectors: Vectors, query: Vectors, k: int, rows: NDArray[np.int64]) -> list[int]:
    cosines = vectors[rows] @ query
    return [int(row) for row in rows[np.argsort(-cosines, kind="stable")][:k]]


@pytest.fixture(scope="module")
def many() -> Vectors:
    return like_text(20_000)


@pytest.fixture
def coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a part of more than 1,000 rows for a large one."""
    monkeypatch.setattr("kb.index.dense.EXACT", 1000)
    monkeypatch.setattr("kb.index.coarse.PROBES", 16)


def recall(searched: DenseIndex, vectors: Vectors, rows: NDArray[np.int64], given: bool) -> float:
    found = 0
    for query in like_text(100, seed=1):
        hits = searched.search(query, 10, rows if given else None)
        assert [score for _, score in hits] == pytest.approx(
            [vectors[row] @ query for row, _ in hits], abs=1e-6
        )
        assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)
        found += len({row for row, _ in hits} & set(exact(vectors, query, 10, rows)))
    return found / 1000


@pytest.mark.usefixtures("coarse")
def test_of_many_vectors_nearly_all_of_the_closest_are_found(tmp_path: Path, many: Vectors) -> None:
    searched = index(tmp_path, [many[:19_500], many[19_500:]])
    assert (tmp_path / "parts/000000000" / COARSE).exists()
    assert not (tmp_path / "parts/000019500" / COARSE).exists()
    assert recall(searched, many, np.arange(20_000), given=False) >= 0.98


@pytest.mark.usefixtures("coarse")
def test_a_filter_holds_whatever_the_size(tmp_path: Path, many: Vectors) -> None:
    searched = index(tmp_path, [many])
    some = np.arange(0, 20_000, 25)
    assert recall(searched, many, some, given=True) == 1
    more = np.flatnonzero(many[:, 0] > np.quantile(many[:, 0], 0.8))
    assert len(more) == 4000
    assert recall(searched, many, more, given=True) >= 0.98


@pytest.mark.usefixtures("coarse")
def test_what_is_gone_is_not_found(tmp_path: Path, many: Vectors) -> None:
    gone = np.arange(0, 20_000, 7)
    searched = index(tmp_path, [many], gone)
    assert recall(searched, many, np.setdiff1d(np.arange(20_000), gone), given=False) >= 0.98
    [query] = many[:1]
    assert 0 not in [row for row, _ in searched.search(query, 10)]
    assert searched.size == 20_000 - len(gone)


def test_few_vectors_are_compared_one_by_one(tmp_path: Path, many: Vectors) -> None:
    gone = np.arange(0, 20_000, 7)
    searched = index(tmp_path, [many[:15_000], many[15_000:15_003], many[15_003:]], gone)
    assert recall(searched, many, np.setdiff1d(np.arange(20_000), gone), given=False) == 1


def test_equal_vectors_come_in_the_order_of_rows(tmp_path: Path) -> None:
    same = np.tile(like_text(1), (500, 1))
    searched = index(tmp_path, [same[:300], same[300:]], np.array([2]))
    assert [row for row, _ in searched.search(same[0], 5)] == [0, 1, 3, 4, 5]
    assert len(searched.search(same[0], 1000)) == 499


def test_the_last_part_may_be_empty(tmp_path: Path) -> None:
    searched = index(tmp_path, [like_text(2), like_text(0)])
    assert len(searched.search(like_text(1)[0], 5)) == 2
    assert searched.search(like_text(1)[0], 0) == []
    assert searched.vectors(NONE).shape == (0, DIMENSION)
    with pytest.raises(IndexMismatch, match="3 dimensions"):
        searched.search(np.ones(3, np.float32), 5)


def test_vectors_are_read_back_from_any_part(tmp_path: Path, many: Vectors) -> None:
    searched = index(tmp_path, [many[:100], many[100:300]])
    np.testing.assert_array_equal(searched.vectors(np.array([250, 3, 100])), many[[250, 3, 100]])
