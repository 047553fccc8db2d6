"""The EGDI tab's chart, table, caution and formula as HTML."""

from __future__ import annotations

import csv
import io
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from kb.config import load_config
from kb.egdi import Figures, load_figures
from kb.egdi.formula import work
from kb.egdi.method import Method
from kb.index import FolderIndex, open_index
from kb.ui.chart import HEIGHT, Scale, Series, line_chart
from kb.ui.figures import RANK, Sheet
from kb.ui.sources import View
from kb.ui.strings import Words
from tests.conftest import ROOT
from tests.egdi.sample import indexed

from .sample import Page

SVG = "{http://www.w3.org/2000/svg}"
UNIT = Scale(0, 1, [(0, "0"), (1, "1")])


@pytest.fixture(scope="module")
def figures() -> Figures:
    return load_figures(load_config(corpus=ROOT / "corpus"))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> FolderIndex:
    return indexed(tmp_path_factory.mktemp("egdi") / "index")


def sheet(figures: Figures, codes: list[str], editions: list[int], language: str = "en") -> Sheet:
    return Sheet(figures, figures.select(codes, editions), View(words=Words(language)))


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def cells(html: str) -> list[str]:
    return [line.strip() for line in Page(html.replace("</", "\n</")).text.splitlines() if line.strip()]


def test_a_chart_has_a_line_for_each_country_with_its_name_and_figures(figures: Figures) -> None:
    svg = drawn(sheet(figures, ["RWA", "LAO"], [2022, 2024]).chart("egdi"))
    assert svg.get("aria-label") == "EGDI by edition: Rwanda, Lao PDR"
    assert [text.text for text in svg.iter("text") if text.get("class") == "name"] == ["Rwanda", "Lao PDR"]
    titles = [title.text for path in svg.iter("path") for title in path.iter("title")]
    assert titles == [
        "Rwanda, 2022: 0.5489",
        "Rwanda, 2024: 0.5799",
        "Lao PDR, 2022: 0.3764",
        "Lao PDR, 2024: 0.4404",
    ]


def test_a_better_rank_stands_higher(figures: Figures) -> None:
    svg = drawn(sheet(figures, ["DNK", "RWA"], [2024]).chart(RANK))
    names = {text.text: float(text.get("y", 0)) for text in svg.iter("text") if text.get("class") == "name"}
    assert names["Denmark"] < names["Rwanda"]


def test_a_line_is_broken_where_there_is_no_value() -> None:
    points = [(2003, 0.2, "a"), (2004, None, "b"), (2005, 0.3, "c"), (2008, 0.4, "d")]
    svg = drawn(line_chart([Series("Peru", points)], UNIT, "title", "text"))
    runs = [path.get("d") for path in svg.iter("path") if path.get("class") == "line"]
    assert [run.count("L") for run in runs if run] == [0, 1]


def test_names_of_lines_that_end_together_stand_apart_and_inside() -> None:
    series = [Series(f"Country {n}", [(2022, 0.0, ""), (2024, 0.001 * n, "")]) for n in range(8)]
    svg = drawn(line_chart(series, UNIT, "title", "text"))
    heights = sorted(float(t.get("y", 0)) for t in svg.iter("text") if t.get("class") == "name")
    assert min(b - a for a, b in pairwise(heights)) >= 16
    assert heights[-1] < HEIGHT


def test_a_hostile_name_is_only_shown() -> None:
    svg = line_chart([Series("<b>x</b>", [(2022, 0.5, "<i>")])], UNIT, "<t>", "text")
    assert [text.text for text in drawn(svg).iter("text") if text.get("class") == "name"] == ["<b>x</b>"]


def test_the_table_holds_the_rows_and_sorts_by_buttons(figures: Figures) -> None:
    html = sheet(figures, ["RWA"], [2022, 2024]).table()
    page = Page(html)
    assert page.tags().count("button") == 8
    shown = cells(html)
    assert shown[1:9] == "Country Edition Rank EGDI OSI TII HCI EPI".split()
    assert shown[9:17] == "Rwanda 2022 119 0.5489 0.7935 0.3209 0.5322 0.6364".split()
    assert "not in the index" in shown[-1]


def test_the_download_is_the_table_as_csv(figures: Figures) -> None:
    html = sheet(figures, ["CIV", "LBY"], [2012]).table()
    [link] = Page(html).all("a", "download")
    assert link["download"] == "egdi.csv"
    kind, _, text = unquote(link["href"]).partition(",")
    assert kind == "data:text/csv;charset=utf-8"
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert header == "country iso3 edition rank egdi osi tii hci epi".split()
    assert rows[0][:5] == ["Côte d'Ivoire", "CIV", "2012", "166", "0.2580"]
    assert rows[1][3:] == [""] * 6


def test_french_names_and_decimals(figures: Figures) -> None:
    html = sheet(figures, ["GBR"], [2024], "fr").table()
    assert "Royaume-Uni" in cells(html)
    assert "0,9577" in cells(html)


def test_several_editions_get_a_caution_and_what_changed(figures: Figures, index: FolderIndex) -> None:
    shown = Page(sheet(figures, ["RWA"], [2020, 2024]).caution(Method(index)))
    assert "only partly comparable" in shown.text
    assert "five subindices" in shown.text
    assert "limit of 120" not in shown.text  # a change of 2020, the first edition shown
    assert "page 4" in shown.text or "p. 4, printed as 1" in shown.text


def test_one_edition_needs_no_caution(figures: Figures, index: FolderIndex) -> None:
    assert sheet(figures, ["RWA", "LAO"], [2024]).caution(Method(index)) == ""


def test_the_formula_is_worked_and_compared_with_the_published_value(
    figures: Figures, index: FolderIndex
) -> None:
    chosen = sheet(figures, ["RWA"], [2022])
    text = Page(chosen.formula(work(chosen.rows[0]), Method(index))).text
    assert "(0.7935 + 0.3209 + 0.5322) / 3 = 1.6466 / 3" in text
    assert "Published: 0.5489. Difference: 0.0000" in text
    assert "average of three normalised indices" in text
    assert "p. 6, printed as 3" in text


def test_other_weights_and_a_difference_are_said(figures: Figures, index: FolderIndex) -> None:
    chosen = sheet(figures, ["CMR"], [2008])
    text = Page(chosen.formula(work(chosen.rows[0]), Method(index))).text
    assert "0.34 ×" in text
    assert "Difference: -0.0121, more than rounding makes" in text


def test_an_index_without_the_method_is_said(figures: Figures, small_index: Path) -> None:
    chosen = sheet(figures, ["RWA"], [2022, 2024])
    method = Method(open_index(small_index))
    assert "holds no document" in chosen.formula(work(chosen.rows[0]), method)
    assert "only partly comparable" in chosen.caution(method)
