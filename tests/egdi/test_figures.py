"""The table: read from its file and from the index alike, countries found by any name."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import load_config
from kb.egdi import Figures, load_figures, read_figures
from kb.egdi.figures import figures_in
from kb.errors import DamagedDocument, KBError
from kb.index import FolderIndex, open_index

HEADER = "country,iso3,edition,rank,egdi,osi,tii,hci,epi\n"


def test_the_shipped_table_is_whole(figures: Figures) -> None:
    assert len(figures.rows) == 193 * 12
    assert figures.editions == (2003, 2004, 2005, 2008, 2010, 2012, 2014, 2016, 2018, 2020, 2022, 2024)
    rwanda = figures.rows["RWA", 2022]
    assert (rwanda.rank, rwanda["egdi"], rwanda["osi"], rwanda["epi"]) == (119, 0.5489, 0.7935, 0.6364)
    assert rwanda.cells == ("Rwanda", "RWA", "2022", "119", "0.5489", "0.7935", "0.3209", "0.5322", "0.6364")


def test_an_empty_cell_is_no_value(figures: Figures) -> None:
    libya = figures.rows["LBY", 2012]
    assert libya.rank is None
    assert set(libya.values.values()) == {None}
    assert figures.rows["FSM", 2003]["hci"] is None


def test_the_index_holds_the_same_rows_and_each_cites_itself(figures: Figures, index: FolderIndex) -> None:
    cited = figures_in(index)
    assert cited.rows == figures.rows
    for row in cited.rows.values():
        assert row.citation is not None
        assert row.header is not None
        assert row.citation.quote.rstrip("\t") == "\t".join(row.cells).rstrip("\t")
        assert row.header.quote.startswith("country\tiso3\tedition")


def test_an_index_without_the_table_has_no_rows(small_index: Path) -> None:
    assert figures_in(open_index(small_index)).rows == {}


def test_rows_come_by_country_as_chosen_and_by_edition(figures: Figures) -> None:
    rows = figures.select(["RWA", "LAO"], [2024, 2022])
    assert [(row.iso3, row.edition) for row in rows] == [
        ("RWA", 2022),
        ("RWA", 2024),
        ("LAO", 2022),
        ("LAO", 2024),
    ]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("rwanda", "RWA"),
        ("Laos", "LAO"),
        ("LAO", "LAO"),
        ("Lao People's Democratic Republic", "LAO"),
        ("Côte d'Ivoire", "CIV"),
        ("cote d ivoire", "CIV"),
        ("Royaume-Uni", "GBR"),
        ("UK", "GBR"),
        ("South Korea", "KOR"),
        ("Turkey", "TUR"),
        ("Guinea", "GIN"),
        ("Guinea-Bissau", "GNB"),
        ("Congo", "COG"),
        ("DRC", "COD"),
    ],
)
def test_countries_are_found_by_their_names(figures: Figures, name: str, code: str) -> None:
    assert figures.countries.named(name).iso3 == code


def test_no_name_stands_for_two_countries(figures: Figures) -> None:
    for country in figures.listed():
        for name in country.names:
            assert figures.countries.named(name) is country, name


@pytest.mark.parametrize(("wrong", "near"), [("Rwnda", "Rwanda"), ("Korea", "Republic of Korea")])
def test_an_unknown_country_gets_the_nearest_names(figures: Figures, wrong: str, near: str) -> None:
    with pytest.raises(KBError, match=f"no country '{wrong}'; the nearest names: .*{near}"):
        figures.countries.named(wrong)


def test_an_unknown_edition_gets_those_there_are(figures: Figures) -> None:
    with pytest.raises(KBError, match=r"no edition 2023; it has 2003, .*, 2024\."):
        figures.year(2023)


def test_a_folder_without_a_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(KBError, match=r"no EGDI table \(egdi-\*\.csv\) in .*; set KB_CORPUS"):
        load_figures(load_config(corpus=tmp_path))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("country,rank\nPeru,1\n", "no column 'iso3'"),
        (HEADER + "Peru,PER,2022,x,0.5,0.5,0.5,0.5,0.5\n", "row 2"),
        (HEADER + "Peru,PER,2022,1,0.5,0.5,0.5,0.5,0.5,9\n", "row 2|longer"),
        ("", "no column 'country'"),
    ],
)
def test_a_file_that_is_no_table_is_told(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "egdi-1.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DamagedDocument, match=what):
        read_figures(path)
