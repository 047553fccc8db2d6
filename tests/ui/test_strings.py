"""The words of the interface."""

from __future__ import annotations

import re

from kb.ui.strings import LANGUAGES, Words, keys
from tests.conftest import ROOT

SOURCES = [path.read_text(encoding="utf-8") for path in (ROOT / "kb" / "ui").glob("*.py")]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_every_text_is_there_in_every_language_with_the_same_places_to_fill() -> None:
    for language in LANGUAGES:
        assert keys(language) == keys("en"), keys(language) ^ keys("en")
        for key in keys("en"):
            assert placeholders(Words(language)(key)) == placeholders(Words()(key)), (language, key)


def test_every_text_that_the_code_names_is_there() -> None:
    named = {key for source in SOURCES for key in re.findall(r'words\("([a-z_]+\.[a-z_]+)"', source)}
    assert len(named) > 50
    assert named - keys("en") == set()


def test_numbers_and_months_are_written_as_in_the_language() -> None:
    assert Words("fr").number(1234567) == "1\u202f234\u202f567"
    assert Words("fr").count("app.document", 0) == "0 document"
    assert len({Words("fr").date(f"2023-{month:02d}-01") for month in range(1, 13)}) == 12
