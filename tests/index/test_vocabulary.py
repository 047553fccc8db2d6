"""The lexicon on disk: read back as written, and counted on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.index.vocabulary import StoredLexicon, read_tally, write_lexicon
from kb.lexicon import Lexicon, Tally, count

TEXTS = ["The Online Service Index (OSI) has five parts.", "Online services of the ministry in Kigali, too."]


def write(folder: Path, tally: Tally) -> Path:
    folder.mkdir()
    write_lexicon(folder, tally)
    return folder


def read(folder: Path) -> Lexicon:
    return StoredLexicon(folder).read()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write(tmp_path / "one", count(TEXTS))


def test_what_was_written_is_read_back(written: Path) -> None:
    found, expected = read(written), count(TEXTS).lexicon()
    assert (found.words, found.acronyms, found.names) == (
        expected.words,
        expected.acronyms,
        expected.names,
    )
    assert found.terms == expected.frequencies
    assert read_tally(written) == count(TEXTS)
    assert {path.name for path in written.iterdir()} == {"lexicon.json", "spelling.json"}


def test_words_come_and_go(tmp_path: Path, written: Path) -> None:
    more = write(tmp_path / "two", read_tally(written) + count(["A budget of the ministry"]))
    assert (read(more).words["budget"], read(more).words["ministry"]) == (1, 2)

    fewer = read(write(tmp_path / "three", read_tally(more) - count(TEXTS[1:])))
    assert fewer == read(write(tmp_path / "four", count([TEXTS[0], "A budget of the ministry"])))
    assert "kigali" not in fewer.words


def test_nothing_is_left_of_a_lexicon_without_passages(tmp_path: Path, written: Path) -> None:
    found = read(write(tmp_path / "two", read_tally(written) - count(TEXTS)))
    assert (dict(found.words), found.acronyms, found.names, found.terms) == ({}, {}, frozenset(), {})


@pytest.mark.parametrize("damage", ["{", "[]", '{"words": ["a", []]}', '{"acronyms": {}, "names": ["a"]}'])
def test_a_damaged_file_is_refused(written: Path, damage: str) -> None:
    (written / "lexicon.json").write_text(damage, encoding="utf-8")
    with pytest.raises((OSError, ValueError, KeyError, TypeError)):
        read(written)
