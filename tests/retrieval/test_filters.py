"""Filters: which documents match, what is said when none does, and that no others are searched."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.assistant import Assistant
from kb.errors import QuestionError
from kb.retrieval.filters import Filter
from kb.retrieval.shelf import shelf
from kb.types import Document
from tests.answering.desk import desk, quotes
from tests.conftest import Command

REPORT = "Annual Report of the Digital Agency"
SHELF = (
    Document("a1", "reports/annual-2018.pdf", f"{REPORT} 2018", "report", date="2018-12", edition="2018"),
    Document("b2", "reports/annual-2022.pdf", f"{REPORT} 2022", "report", date="2022-12-31", edition="2022"),
    Document("c3", "note.docx", "Concept note", "concept-note", date="2023", audience=("policy", "cdo")),
    Document("d4", "rules.md", "Staff rules", "handbook", audience=("cdo",)),
)


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        (Filter(), "a1 b2 c3 d4"),
        (Filter(documents=("d4",)), "d4"),
        (Filter(documents=("annual-2022.pdf", "STAFF RULES")), "b2 d4"),
        (Filter(documents=("reports/annual-2018.pdf",)), "a1"),
        (Filter(kinds=("report", "handbook")), "a1 b2 d4"),
        (Filter(editions=("2018",)), "a1"),
        (Filter(audiences=("cdo",)), "c3 d4"),
        (Filter(audiences=("cdo",), kinds=("handbook",)), "d4"),
        (Filter(since="2022"), "b2 c3"),
        (Filter(since="2022-12-31"), "b2 c3"),
        (Filter(since="2023-05"), "c3"),
        (Filter(until="2022-12"), "a1 b2"),
        (Filter(until="2022-12-30"), "a1"),
        (Filter(since="2018-12", until="2018-12"), "a1"),
    ],
)
def test_a_document_matches_every_field_that_is_set(where: Filter, ids: str) -> None:
    assert sorted(where.select(SHELF)) == ids.split()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (
            Filter(kinds=("report", "memo")),
            "No document is of the kind 'memo'; there are concept-note",
        ),
        (Filter(documents=("x.pdf",)), "No document is named 'x.pdf'; there are Annual Report"),
        (Filter(editions=("2019",)), "No document is of the edition '2019'; there are 2018, 2022"),
        (Filter(audiences=("public",)), "No document is for the audience 'public'; there are cdo"),
        (Filter(since="2024"), "No document is dated since '2024'; there are 2018-12, 2022-12-31, 2023"),
        (Filter(until="last year"), "'last year' is no date; write it as 2024, 2024-05 or 2024-05-31."),
        (Filter(since="2024-13"), "'2024-13' is no date"),
        (Filter(kinds=("report",), audiences=("cdo",)), "none matches them all; take one away"),
    ],
)
def test_a_filter_that_matches_nothing_says_what_would(where: Filter, words: str) -> None:
    with pytest.raises(QuestionError) as error:
        where.select(SHELF)
    assert words in str(error.value)


@pytest.fixture
def workshops(tmp_path: Path) -> Assistant:
    return desk(
        tmp_path,
        kigali="# Kigali workshop\n\n## Date and venue\n\nThe workshop takes place on 22 March 2023.\n",
        vientiane="# Vientiane workshop\n\n## Date and venue\n\nThe workshop is held on 11 May 2023.\n",
    )


def test_a_filter_says_which_reading_of_a_question_is_meant(workshops: Assistant) -> None:
    question = "When is the workshop?"
    assert workshops.ask(question).status == "clarify"
    answer = workshops.ask(question, where=Filter(documents=("vientiane.md",)))
    assert answer.status == "answered"
    assert quotes(answer) == ["The workshop is held on 11 May 2023."]


def test_only_documents_that_match_are_searched(workshops: Assistant) -> None:
    hits = workshops.search("workshop", where=Filter(documents=("Kigali workshop",)))
    sources = {shelf(workshops.index)[hit.passage.document_id].source for hit in hits}
    assert sources == {"kigali.md"}


def test_a_filter_narrows_the_documents_given_by_id(workshops: Assistant) -> None:
    kigali, vientiane = (Filter(documents=(f"{name}.md",)) for name in ("kigali", "vientiane"))
    ids = shelf(workshops.index).selected(kigali)
    assert {hit.passage.document_id for hit in workshops.search("workshop", None, ids, kigali)} == ids
    with pytest.raises(QuestionError, match="none of the chosen documents"):
        workshops.ask("When is the workshop?", documents=ids, where=vientiane)


def test_editions_stay_those_that_are_meant_unless_the_filter_chooses_one(tmp_path: Path) -> None:
    reports = {
        f"digital-services-report-{year}": f"# Digital services report {year}\n\n## Portal\n\n"
        f"The portal offers {services} services to citizens.\n"
        for year, services in ((2018, 89), (2022, 98))
    }
    opened = desk(tmp_path, **reports)
    question = "How many services does the portal offer?"
    by_kind = opened.ask(question, where=Filter(kinds=("document",)))
    assert quotes(by_kind) == ["The portal offers 98 services to citizens."]
    older = opened.ask(question, where=Filter(editions=("2018",)))
    assert quotes(older) == ["The portal offers 89 services to citizens."]


def test_the_command_line_filters(kb: Command, small_index: Path) -> None:
    question = "Where does the Kigali workshop take place?"
    listed = kb("search", question, "--document", "guide.md", "--json", "--index", small_index)
    assert listed.status == 0, listed.err
    assert {hit["source"] for hit in listed.json["hits"]} == {"guide.md"}
    none = kb("ask", question, "--kind", "poem", "--index", small_index)
    assert none.status == 1
    assert "No document is of the kind 'poem'; there are" in none.err
