"""Which documents are editions of one series, and which of them a question is put to."""

from __future__ import annotations

import pytest

from kb.library import find_sources
from kb.retrieval.editions import Editions
from kb.retrieval.series import series
from kb.types import Document
from tests.conftest import ROOT

YEARS = ("2013", "2018", "2022")
REPORTS = [Document(year, f"{year}.pdf", f"Annual Performance Report of RISA {year}") for year in YEARS]
LAW = Document("law", "law.pdf", "Law on personal data protection")
EDITIONS = Editions.of([*REPORTS, LAW])


def names(*documents: Document) -> list[list[str]]:
    return [[edition.name for edition in one] for one in series(documents)]


def titled(*titles: str) -> list[list[str]]:
    return names(*(Document(str(n), f"{n}.pdf", title) for n, title in enumerate(titles)))


def searched(question: str, documents: list[Document]) -> set[str] | None:
    found = Editions.of(documents).searched(question)
    return None if found is None else set(found)


@pytest.mark.parametrize(
    "titles",
    [
        ("Open Data Policy of Rwanda 2018", "Open Data Policy of Rwanda 2022"),
        ("Open data policy of Rwanda, 2nd edition, 2018", "OPEN DATA POLICY OF RWANDA (third edition) 2022"),
        ("Open Data Policy of Rwanda v1.2 (2018)", "Revised Open Data Policy of Rwanda, version 2 (2022)"),
        ("UN E-Government Survey 2018: Gearing up", "UN E-Government Survey 2022: The future"),
        ("FY 2018 OPM Data Report", "OPM Data Report - Fiscal Year 2022"),
    ],
)
def test_the_same_title_of_another_year_is_another_edition(titles: tuple[str, str]) -> None:
    assert titled(*titles) == [["2018", "2022"]]


@pytest.mark.parametrize(
    "titles",
    [
        ("Report 2018", "Report 2022"),
        ("Annual Performance Report 2018", "Annual Performance Report 2022"),
        ("Open Data Policy of Rwanda 2022", "Open Data Policy of Rwanda 2022"),
        ("Open Data Policy of Rwanda", "Open Data Policy of Rwanda"),
        ("Open Data Policy of Rwanda 2018", "Open Data Policy of Kenya 2022"),
        ("Digital Government Handbook chapter 3, 2018", "Digital Government Handbook chapter 4, 2022"),
        ("Minutes of the data governance board 2018", "Minutes of the data governance board 2022"),
        ("Data governance bulletin, 3 March 2018", "Data governance bulletin, 4 May 2022"),
        ("Capacity Workshop on Digital Government 2018", "Capacity Workshop on Digital Government 2022"),
    ],
)
def test_other_documents_are_no_editions(titles: tuple[str, str]) -> None:
    assert titled(*titles) == []


def test_a_title_that_anybody_may_use_needs_files_named_alike() -> None:
    old = Document("a", "2018-annual-performance-report.pdf", "Annual Performance Report 2018")
    new = Document("b", "2022-annual-performance-report.pdf", "OPM Annual Performance Report 2022")
    other = Document("c", "2020-annual-performance-report.pdf", "EPA Annual Performance Report 2020")
    assert names(old, new) == [["2018", "2022"]]
    assert names(new, other) == []


def test_what_is_known_of_documents_parts_or_joins_them() -> None:
    title = "Annual digital report"
    one = Document("a", "a.pdf", title, publisher="RISA", date="2018-03-01")
    assert names(one, Document("b", "b.pdf", title, publisher="RISA", edition="2022")) == [["2018", "2022"]]
    assert names(one, Document("b", "b.pdf", title, publisher="MINICT", edition="2022")) == []
    # The date of a file that nobody described is that of a copy.
    copies = [Document(f"copy{n}", f"copy{n}.pdf", title, date=f"201{n}") for n in (1, 2)]
    assert names(*copies) == []
    french = Document("b", "b.pdf", f"{title} 2018", language="fr")
    assert names(french, Document("c", "c.pdf", f"{title} 2022", language="en")) == []
    assert names(french, Document("c", "c.pdf", f"{title} 2022", language="fr")) == [["2018", "2022"]]


def test_editions_are_in_order_and_cover_their_years() -> None:
    years = ("2022-2026", "2018-2022", "2016/17", "2012")
    assert titled(*(f"Digital Rwanda master plan {y}" for y in years)) == [
        ["2012", "2016-2017", "2018-2022", "2022-2026"]
    ]


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("How many services are online?", {"2022"}),
        ("How many services will be online in 2030?", {"2022"}),
        ("Which law came into force in 2021?", {"2022"}),
        ("How many services were online in 2013?", {"2013"}),
        ("What does the 2018 edition say of services?", {"2018"}),
        ("services in fiscal year 2018", {"2018"}),
        ("services in FY18", {"2018"}),
        ("Compare the services of 2013 and 2018", {"2013", "2018"}),
        ("How did the number of services change since 2018?", {"2018", "2022"}),
        ("services from 2013 to 2022", {"2013", "2022"}),
        ("and in 2013? (services 2022)", {"2013"}),
        ("and who uses them? (services 2013)", {"2013"}),
        ("What does ISO 27001 say on room 2013a?", {"2022"}),
    ],
)
def test_a_question_is_put_to_the_newest_or_to_the_years_it_names(question: str, years: set[str]) -> None:
    assert searched(question, [*REPORTS, LAW]) == {*years, "law"}
    compared = EDITIONS.compared(question)
    assert {document for group in compared for document in group} == (years if len(years) > 1 else set())


def test_without_a_series_everything_is_searched() -> None:
    assert searched("services in 2013", [LAW, REPORTS[0]]) is None


def test_a_year_within_an_edition_names_it() -> None:
    plans = [Document(y, f"{y}.pdf", f"Digital Rwanda master plan {y}") for y in ("2012-2016", "2017-2021")]
    assert searched("goals for 2014", plans) == {"2012-2016"}
    assert searched("goals of the plan 2012-2016", plans) == {"2012-2016"}
    assert searched("goals of the plan 2012-2016, and of the plan 2017-2021?", plans) is None
    assert searched("goals", plans) == {"2017-2021"}


def test_two_documents_of_the_newest_year_are_both_searched() -> None:
    twin = Document("twin", "report-of-2022.docx", "Annual Performance Report of RISA 2022")
    assert searched("services", [*REPORTS, twin]) == {"2022", "twin"}


def test_notes_say_what_the_question_does_not() -> None:
    assert EDITIONS.notes("services", ["2022", "law"]) == ()
    assert EDITIONS.notes("services in 2013", ["2013"]) == ()
    assert EDITIONS.notes("services", ["2013"]) == ("From the 2013 edition; the newest here is 2022.",)
    assert EDITIONS.notes("services in 2013", ["2022"]) == (
        "From the 2022 edition; that of 2013 does not say it.",
    )
    assert EDITIONS.notes("services since 2018", ["2018"]) == (
        "Nothing on this was found in the 2022 edition.",
    )
    assert EDITIONS.notes("services since 2018", ["2018", "2022"]) == (
        "The editions are quoted in this order: 2018, 2022.",
    )
    assert EDITIONS.notes("services since 2018", []) == ()


def test_the_documents_that_ship_are_no_series() -> None:
    assert series(source.read() for source in find_sources([ROOT / "corpus"])) == ()


def test_nine_annual_reports_are_one_series_and_ten_plans_of_other_agencies_none() -> None:
    years = [str(year) for year in (2013, 2014, 2015, 2016, 2017, 2018, 2019, 2020, 2022)]
    # As people name them: some titles hold the year as a fiscal year, some files lack a title of their own.
    kinds = (
        "{} Annual Performance Report",
        "Annual Performance Report {}",
        "FY {} Annual Performance Report",
    )
    reports = [
        Document(f"report-{year}", f"{year}-annual-performance-report.pdf", kinds[at % 3].format(year))
        for at, year in enumerate(years)
    ]
    agencies = "Ports Mines Parks Roads Courts Water Health Schools Forests Taxes".split()
    plans = [
        Document(
            agency,
            f"{agency.lower()}-open-government-plan.pdf",
            f"{agency} Agency Open Government Plan {year}",
        )
        for agency, year in zip(agencies, [2014, 2016] * 5, strict=True)
    ]
    assert names(*reports, *plans) == [years]
