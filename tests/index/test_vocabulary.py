"""The lexicon on disk: read back as written, adjusted, its vectors kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kb.index.vocabulary import StoredLexicon, read_tally, write_lexicon
from kb.lexicon import Lexicon, Tally, count, meaningful
from tests.index.library import EMBEDDER

TEXTS = ["The Online Service Index (OSI) has five parts.", "Online services of the ministry in Kigali, too."]


def write(folder: Path, base: Path | None, tally: Tally, words: Sequence[str]) -> Path:
    folder.mkdir()
    vectors = dict(zip(words, EMBEDDER.encode(words), strict=True)) if words else {}
    write_lexicon(folder, base, tally, vectors)
    return folder


def read(folder: Path) -> Lexicon:
    return StoredLexicon(folder).read()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write(tmp_path / "one", None, count(TEXTS), meaningful(TEXTS))


def test_what_was_written_is_read_back(written: Path) -> None:
    found, expected = read(written), count(TEXTS).lexicon()
    assert (found.words, found.acronyms, found.names) == (
        expected.words,
        expected.acronyms,
        expected.names,
    )
    assert found.terms == expected.frequencies
    assert set(found.vocabulary) == set(meaningful(TEXTS))
    assert read_tally(written) == count(TEXTS)
    for word, vector in found.vectors_of(found.vocabulary).items():
        np.testing.assert_allclose(vector, EMBEDDER.encode([word])[0], atol=1e-3)


def test_a_lexicon_without_vectors_is_read_back(tmp_path: Path) -> None:
    found = read(write(tmp_path / "one", None, count(TEXTS), []))
    assert found.words == count(TEXTS).lexicon().words
    assert found.vectors_of(["service"]) == {}


def test_words_come_and_go_with_their_vectors(
    tmp_path: Path, written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.index.parts.SMALL", 1)
    both = count([*TEXTS, "A budget"])
    more = write(tmp_path / "two", written, both, ["budget", "unheard"])
    assert {path.name for path in (more / "lexicon").iterdir()} == {"000000000.npy", "000000009.npy"}
    assert (more / "lexicon/000000000.npy").samefile(written / "lexicon/000000000.npy")
    assert set(read(more).vocabulary) == {*meaningful(TEXTS), "budget"}

    fewer = read(write(tmp_path / "three", more, both - count(TEXTS[1:]), []))
    assert set(fewer.vocabulary) == {*meaningful(TEXTS[:1]), "budget"}
    for word, vector in fewer.vectors_of(fewer.vocabulary).items():
        np.testing.assert_allclose(vector, EMBEDDER.encode([word])[0], atol=1e-3)


def test_nothing_is_left_of_a_lexicon_without_passages(tmp_path: Path, written: Path) -> None:
    found = read(write(tmp_path / "two", written, count(TEXTS) - count(TEXTS), []))
    assert (dict(found.words), found.acronyms, found.vocabulary) == ({}, {}, ())


@pytest.mark.parametrize(
    "damage", ["{", "[]", '{"words": ["a", []]}', '{"acronyms": {}, "vocabulary": ["a"]}']
)
def test_a_damaged_file_is_refused(written: Path, damage: str) -> None:
    (written / "lexicon.json").write_text(damage, encoding="utf-8")
    with pytest.raises((OSError, ValueError, KeyError, TypeError)):
        read(written)


def test_vectors_that_do_not_fit_are_refused(written: Path) -> None:
    np.save(written / "lexicon/000000000.npy", np.zeros((1, 4), np.float16))
    with pytest.raises(ValueError, match="1 word vectors for 9 words"):
        read(written)
