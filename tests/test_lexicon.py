"""The words of a corpus: counted, corrected, and their acronyms."""

from __future__ import annotations

import pytest

from kb.lexicon import Lexicon, count, definitions, learn

TEXTS = [
    "The Online Service Index (OSI) has five parts. OSI is one of three indices.",
    "Governance of data: the ministry governs, governing bodies report. Kigali, 22 March 2023.",
    "The online services of the ministry are measured by the OSI.",
]


@pytest.fixture
def lexicon() -> Lexicon:
    return learn(TEXTS)


def expansions(text: str) -> list[tuple[str, str]]:
    return [(acronym, text[start:end]) for acronym, start, end in definitions(text)]


def test_words_count_passages_and_not_occurrences(lexicon: Lexicon) -> None:
    assert (lexicon.words["osi"], lexicon.words["ministry"], lexicon.words["the"]) == (2, 2, 3)


def test_frequencies_add_up_inflections(lexicon: Lexicon) -> None:
    assert lexicon.frequencies["servic"] == 2
    assert lexicon.frequencies["5"] == 1
    assert "five" not in lexicon.frequencies


def test_words_are_known_in_any_inflection(lexicon: Lexicon) -> None:
    assert lexicon.knows("ministries")
    assert not lexicon.knows("hospital")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("servise", "service"),
        ("goverance", "governance"),
        ("minsitry", "ministry"),
        ("ministries", None),
        ("hospital", None),
        ("Servise", None),
        ("osii", None),
        ("2032march", None),
        ("OSIX", None),
    ],
)
def test_only_likely_misspellings_are_corrected(lexicon: Lexicon, typed: str, meant: str | None) -> None:
    assert lexicon.correct(typed) == meant


def test_of_two_words_as_near_the_frequent_one_is_meant() -> None:
    assert learn(["trusted", "trusted", "trusten"]).correct("trustek") == "trusted"


def test_an_empty_corpus_corrects_nothing() -> None:
    assert learn([]).correct("anything") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Online Service Index (OSI) has", [("OSI", "Online Service Index")]),
        ("Chief Digital Officers (CDOs) meet", [("CDO", "Chief Digital Officers")]),
        (
            "the Ministry of Technology and Communications (MTC)",
            [("MTC", "Ministry of Technology and Communications")],
        ),
        ("The E-Government Development Index (EGDI)", [("EGDI", "E-Government Development Index")]),
        ("a workshop in Kigali (Rwanda)", []),
        ("the National Plan (OSI)", []),
        ("Plan (A)", []),
        ("Data Bank (DB) and Open Data (OD)", [("DB", "Data Bank"), ("OD", "Open Data")]),
    ],
)
def test_definitions(text: str, expected: list[tuple[str, str]]) -> None:
    assert expansions(text) == expected


def test_the_usual_expansion_of_an_acronym_comes_first() -> None:
    texts = ["Open Data (OD)", "Official Document (OD)", "Official Document (OD)"]
    assert learn(texts).acronyms == {"OD": ("Official Document", "Open Data")}


def test_a_lexicon_does_not_depend_on_the_order_of_passages() -> None:
    texts = ["Open Data (OD)", "Official Document (OD), by Kigali desks", *TEXTS]
    assert learn(texts) == learn(texts[::-1])
    assert list(learn(texts).words) == list(learn(texts[::-1]).words)


def test_what_is_taken_away_was_never_there() -> None:
    more = ["Kigali hosts it, in Kigali.", "the kigali desk", "Open Service Interface (OSI)"]
    assert (count(TEXTS + more) - count(more)).lexicon() == learn(TEXTS)
    assert (count(TEXTS) + count(more)).lexicon() == learn(more + TEXTS)
    assert "kigali" in learn([*TEXTS, more[0]]).names
    assert "kigali" not in learn(TEXTS + more).names
