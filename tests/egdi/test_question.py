"""Which questions are for the table's figures, and what they ask of it."""

from __future__ import annotations

import pytest

from kb.egdi import Figures
from kb.egdi.question import read


@pytest.mark.parametrize(
    ("question", "countries", "years", "index", "slots"),
    [
        ("What is Rwanda's EGDI rank in 2024?", ["RWA"], [2024], "egdi", {"rank"}),
        ("egdi rank lao 2020", ["LAO"], [2020], "egdi", {"rank"}),
        ("What was the OSI of Rwanda in 2022?", ["RWA"], [2022], "osi", set()),
        ("Compare Rwanda and Lao PDR EGDI 2024", ["RWA", "LAO"], [2024], "egdi", {"versus"}),
        (
            "How did Rwanda's EGDI change from 2018 to 2024?",
            ["RWA"],
            [2018, 2024],
            "egdi",
            {"how", "change", "span"},
        ),
        ("Which countries have the highest EGDI in 2024?", [], [2024], "egdi", {"highest", "countries"}),
        ("latest e-participation index of the UK", ["GBR"], [], "epi", {"newest"}),
        ("and in 2016? (Rwanda EGDI 2018)", ["RWA"], [2016], "egdi", set()),
        ("what about Lao PDR (TII rwanda 2024)", ["LAO"], [2024], "tii", set()),
        ("human capital index Côte d'Ivoire 2022", ["CIV"], [2022], "hci", set()),
        ("EGDI of Guinea-Bissau and Guinea", ["GNB", "GIN"], [], "egdi", set()),
    ],
)
def test_what_is_asked(
    figures: Figures, question: str, countries: list[str], years: list[int], index: str, slots: set[str]
) -> None:
    asked = read(question, figures)
    assert asked is not None
    assert [*asked.countries] == countries
    assert [*asked.years] == years
    assert asked.index == index
    assert asked.slots == slots


@pytest.mark.parametrize(
    ("question", "count", "place"),
    [
        ("top 5 countries by EGDI 2024", 5, None),
        ("the three best countries in EGDI 2024", 3, None),
        ("which country ranks 50th in 2022", None, 50),
        ("who has rank 12 in EGDI 2022", None, 12),
    ],
)
def test_numbers_that_are_no_years(
    figures: Figures, question: str, count: int | None, place: int | None
) -> None:
    asked = read(question, figures)
    assert asked is not None
    assert (asked.count, asked.place) == (count, place)


@pytest.mark.parametrize(
    "question",
    [
        "Why did Rwanda's EGDI rank fall in 2020?",
        "How is the EGDI calculated?",
        "how is the EGDI calculated for a country, show me with rwanda 2022",
        "What does EGDI mean?",
        "highest EGDI in Africa 2024",
        "which LDC has the best EGDI in 2024",
        "world average of EGDI 2022",
        "how many countries had very high egdi in 2020",
        "EGDI of Atlantis 2024",
        "EGDI of Kosovo in 2022",
        "weights of the 5 OSI subindices in 2024?",
        "what is the OGDI value of Rwanda",
        "LOSI score of Kigali city 2022",
        "Is the EGDI of Rwanda not in 2024?",
        "where and when is the Kigali workshop?",
        "and in 2022? (how is the EGDI calculated for Rwanda)",
    ],
)
def test_other_questions_are_left_alone(figures: Figures, question: str) -> None:
    assert read(question, figures) is None
