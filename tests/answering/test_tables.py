"""Questions over the rows of a table: what is reckoned, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kb.answering import tables
from kb.assistant import Assistant
from tests.answering.desk import desk

HARBOURS = """# Harbour report

## Harbours

| Harbour | Coast | Ships 2021 | Ships 2022 | Opened |
|---|---|---|---|---|
| Lysvik | West | 1,240 | 1,105 | 1998 |
| Sandnes Bay | East | 310 | 420 | 2004 |
| Old Quay | West | 95 | 95 | 1998 |
| Kolvik | South | 2,870 | 3,015 | 2011 |
| Total | | 4,515 | 4,635 | |

## Dues

| Vessel | Due (USD) |
|---|---|
| Ferry | 120 |
| Trawler | 75 |
| Barge | 60 |
"""


BUDGET = """# Budget of the ferries

## Spending

| Item | 2022 | 2023 |
|---|---|---|
| Northern line | | |
| Fuel | 410 | 455 |
| Repairs | 120 | 90 |
| Subtotal | 530 | 545 |
| Island line | | |
| Fuel | 230 | 260 |
| Repairs | 310 | 150 |
| Subtotal | 540 | 410 |
| Total | 1,070 | 955 |
"""


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return desk(tmp_path_factory.mktemp("harbour"), harbours=HARBOURS)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Which harbour had the most ships in 2022?", "Kolvik: 3,015"),
        ("Which harbour had the fewest ships in 2021?", "Old Quay: 95"),
        ("What are the two harbours with the most ships in 2021?", "Kolvik: 2,870; Lysvik: 1,240"),
        ("Which harbour on the west coast had the most ships in 2021?", "Lysvik: 1,240"),
        (
            "Which harbours had fewer ships in 2022 than in 2021?",
            "Lysvik: 1,240 (Ships 2021), 1,105 (Ships 2022)",
        ),
        ("How many harbours opened in 1998?", "2: Lysvik, Old Quay"),
        ("How many harbours are there?", "4: Lysvik, Sandnes Bay, Old Quay, Kolvik"),
        ("How many harbours had more than 1,000 ships in 2022?", "2: Lysvik, Kolvik"),
        (
            "How many ships had Lysvik and Old Quay together in 2021?",
            "1,335 = 1,240 (Lysvik) + 95 (Old Quay)",
        ),
        ("How many more ships had Kolvik than Lysvik in 2022?", "1,910 = 3,015 (Kolvik) - 1,105 (Lysvik)"),
        ("How many ships had Lysvik in 2022?", "Lysvik: 1,105"),
        ("Which vessel pays the highest due?", "Ferry: 120"),
        ("What do a ferry and a barge pay in dues in total?", "180 = 120 (Ferry) + 60 (Barge)"),
    ],
)
def test_rows_are_reckoned_with(harbour: Assistant, question: str, said: str) -> None:
    answer = harbour.ask(question)
    assert answer.status == "answered"
    assert answer.claims[0].text == said
    assert answer.claims[0].support == "supported"
    # Every row that it names is cited and quoted under the header.
    rows = [claim.text for claim in answer.claims if claim.layout == "row"]
    assert rows
    assert {row.split("\t")[0] for row in rows} == {n for n in NAMES if n in said}
    assert "Total" not in said
    assert {*rows} <= {citation.quote for citation in answer.claims[0].citations}


NAMES = ("Lysvik", "Sandnes Bay", "Old Quay", "Kolvik", "Ferry", "Trawler", "Barge")


@pytest.mark.parametrize(
    "question",
    [
        "Which harbour had the most ships in 2023?",
        "Which harbour had the most accidents in 2022?",
        "Which harbour in Ghana had the most ships in 2022?",
        "How many ships were there in total in 2022?",
        "Which harbour has the most ships?",
        "How many harbours have closed?",
    ],
)
def test_what_is_not_certain_is_left_alone(harbour: Assistant, question: str) -> None:
    assert tables.reckoned(harbour.evidence(question)) == []


def test_a_cell_is_where_the_row_and_the_column_meet_that_are_named(harbour: Assistant) -> None:
    evidence = harbour.evidence("On which coast is Kolvik?")
    assert tables.reckoned(evidence)[0].text == "Kolvik: South"
    # A sentence that is sure to answer goes before it.
    first, *rest = evidence.units
    said = replace(first, kind="paragraph", score=0.9)
    assert tables.reckoned(replace(evidence, units=(said, *rest))) == []


def test_a_row_that_is_named_is_told_without_the_others(harbour: Assistant) -> None:
    answer = harbour.ask("What is known of Sandnes Bay?")
    assert [claim.text.split("\t")[0] for claim in answer.claims] == ["Harbour", "Sandnes Bay"]


def test_a_condition_picks_the_rows(harbour: Assistant) -> None:
    answer = harbour.ask("Which harbours are on the west coast?")
    assert [c.text.split("\t")[0] for c in answer.claims] == ["Harbour", "Lysvik", "Old Quay"]


def test_a_year_picks_dates_of_it(tmp_path: Path) -> None:
    rows = "| North | 3 May 2019 |\n| Hill | 8 June 2019 |\n| Sea | 2 May 2020 |\n"
    text = f"# Wells\n\n| Well | Dug |\n|---|---|\n{rows}"
    evidence = desk(tmp_path, wells=text).evidence("How many wells were dug in 2019?")
    assert tables.reckoned(evidence)[0].text == "2: North, Hill"


def test_rows_that_do_not_fit_their_header_are_not_reckoned_with(tmp_path: Path) -> None:
    text = "# Wells\n\n| Well | Depth |\n|---|---|\n| North | 40 |\n| North | 55 |\n| South | 20 |\n"
    evidence = desk(tmp_path, wells=text).evidence("Which well has the greatest depth?")
    assert tables.reckoned(evidence) == []


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How many hectares were planted in Holm?", "Holm: 31"),
        ("How much does the planting in Holm cost?", "Holm: EUR 90"),
        ("How many visitors did Holm attract?", "Holm: 640"),
        ("How many hectares were cleared in Holm?", None),
        ("How many foresters planted Holm?", None),
    ],
)
def test_a_unit_a_price_or_a_verb_need_not_stand_in_the_table(
    tmp_path: Path, question: str, said: str | None
) -> None:
    head = "| Wood | Planted (ha) | Planting cost | Visitors |\n|---|---|---|---|\n"
    text = f"# Woods\n\n{head}| Holm | 31 | EUR 90 | 640 |\n| Elm | 12 | EUR 40 | 210 |\n"
    sure = desk(tmp_path, woods=text).evidence(question)
    unsure = replace(sure, units=tuple(replace(unit, score=0.3) for unit in sure.units))
    # Of what no column is called the row is quoted, and nothing reckoned.
    claims = tables.reckoned(unsure)
    assert (claims[0].text, tables.is_reckoned(claims)) == (
        said or head.split("\n")[0][2:-2].replace(" | ", "\t"),
        bool(said),
    )


@pytest.fixture(scope="module")
def ferries(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return desk(tmp_path_factory.mktemp("ferries"), budget=BUDGET)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("How much was spent on fuel for the island line in 2023?", "260"),
        ("How much was spent on repairs for the northern line in 2022?", "120"),
        ("Which line spent the most on repairs in 2022?", "Island line, Repairs: 310"),
        ("Which item of the island line was the largest in 2022?", "Island line, Repairs: 310"),
    ],
)
def test_a_row_belongs_to_the_group_above_it(ferries: Assistant, question: str, said: str) -> None:
    answer = ferries.ask(question)
    assert answer.status == "answered"
    assert said in answer.claims[0].text
    quoted = [claim.text.split("\t")[0] for claim in answer.claims if claim.layout == "row"]
    assert len(quoted) == 2
    assert quoted[0] in ("Island line", "Northern line")


CREWS = """# Stations

## Boats

| Station | Tugs | Dredgers |
|---|---|---|
| Anholt | 3 | 1 |
| Birk | 2 | 0 |
| Cray | 1 | 2 |

## Crews

| Station | Sailors | Cooks |
|---|---|---|
| Anholt | 14 | 1 |
| Lunde | 11 | 2 |

The crew of Lunde rests in winter.
"""


def test_a_figure_of_something_that_no_row_names_is_not_told(tmp_path: Path) -> None:
    stations = desk(tmp_path, stations=CREWS)
    assert stations.ask("How many tugs does the Birk station have?").claims[0].text == "Birk: 2"
    refused = stations.ask("How many tugs does the Lunde station have?")
    assert refused.status == "not_in_corpus"
    assert refused.confidence < 0.1
