"""Words, stems and sentences."""

from __future__ import annotations

import pytest

from kb.text import content_words, normalise, sentences, stem, stems, terms, words


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_compatibility_characters_and_white_space_are_folded() -> None:
    assert normalise("ﬁve\u00a0  pillars\n\tof\u2003data") == "five pillars of data"
    assert normalise(" \n ") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rwanda's EGDI: 0.5489", ["rwanda", "s", "egdi", "0.5489"]),
        ("1,234,567 people.", ["1,234,567", "people"]),
        ("e-Government", ["e", "government"]),
        ("Année 2024, États", ["année", "2024", "états"]),
        ("H2O ＡＤ１０", ["h2o", "ad10"]),
        ("?!", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    "forms", [["policy", "policies", "Policies"], ["govern", "governs", "governing"], ["data"]]
)
def test_inflections_share_a_stem(forms: list[str]) -> None:
    assert len({stem(form) for form in forms}) == 1


def test_numbers_are_terms_as_they_stand() -> None:
    assert stems("0.5489 of 1,234") == ["0.5489", "of", "1,234"]
    assert terms("EGDI of 0.5489") == ["egdi", "0.5489"]


def test_what_is_no_word_has_no_stem() -> None:
    assert stem("") == ""
    assert stems("_ - _") == []


def test_content_words_carry_the_subject() -> None:
    assert content_words("What are the 4 pillars of it, please?") == ["4", "pillars"]
    assert content_words("who is it") == []


def test_number_words_and_digits_are_one_term() -> None:
    assert terms("four pillars") == terms("4 pillars") == ["4", "pillar"]
    assert terms("twenty years")[0] == "20"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("It has 3.5 points. Done.", ["It has 3.5 points.", "Done."]),
        ("See e.g. Rwanda and p. 12. Then go.", ["See e.g. Rwanda and p. 12.", "Then go."]),
        ("He said “Go.” Then he went.", ["He said “Go.”", "Then he went."]),
        ("(See there.) Next one.", ["(See there.)", "Next one."]),
        ("Title\nA line without end\n\nAnother", ["Title", "A line without end", "Another"]),
        ("laws, rules, etc.\nThe next line", ["laws, rules, etc.", "The next line"]),
        ("the version 2. is lower case", ["the version 2. is lower case"]),
        ("Ends with space.  ", ["Ends with space."]),
        ("Led by K. T. Obiang. He left.", ["Led by K. T. Obiang.", "He left."]),
        ("Ask P. Q. Amari first. Then go.", ["Ask P. Q. Amari first.", "Then go."]),
        ("Call Prof. Lindqvist, ext. 77, or Form No. 5.", ["Call Prof. Lindqvist, ext. 77, or Form No. 5."]),
        ("The answer is no. 12 more came.", ["The answer is no. 12 more came."]),
        ("The answer is no. Others came.", ["The answer is no.", "Others came."]),
        ("See Annex B. Payments follow.", ["See Annex B.", "Payments follow."]),
        ("He chose plan C. The rest left.", ["He chose plan C.", "The rest left."]),
        ("Il dort. École fermée.", ["Il dort.", "École fermée."]),
        ("Voir art. 12. Mme. Dubois signe.", ["Voir art. 12.", "Mme. Dubois signe."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\n", "no end", "A. B. C."])
def test_sentences_cover_every_word_in_order(text: str) -> None:
    assert " ".join(split(text)).split() == text.split()
    assert all(start < end for start, end in sentences(text))
