"""Questions for figures get the row's own numbers, and the row as their citation."""

from __future__ import annotations

import pytest

from kb.answering.grounding import check
from kb.answering.prose import answer_text
from kb.config import load_config
from kb.egdi import answer as answer_of
from kb.index import FolderIndex, open_index
from kb.index.ingest import build
from kb.library import find_sources
from kb.types import Answer
from tests.fakes import HashedEmbedder


def answered(index: FolderIndex, question: str) -> Answer:
    answer = answer_of(question, index)
    assert answer is not None
    return answer


def cited(answer: Answer) -> list[str]:
    """Return country code and edition of each row that is cited, in order."""
    quotes = [c.quote.split("\t") for claim in answer.claims for c in claim.citations]
    return list(dict.fromkeys(f"{q[1]} {q[2]}" for q in quotes if len(q) == 9 and q[0] != "country"))


@pytest.mark.parametrize(
    ("question", "exact", "said", "rows"),
    [
        ("What is Rwanda's EGDI rank in 2024?", "118", "rank 118 in the 2024 edition", ["RWA 2024"]),
        ("What was the OSI of Rwanda in 2022?", "0.7935", "an OSI of 0.7935", ["RWA 2022"]),
        ("egdi rank lao 2020", "167", "rank 167 in the 2020 edition", ["LAO 2020"]),
        ("Ghana EGDI 2024", "0.6317", "an EGDI of 0.6317 (rank 108)", ["GHA 2024"]),
        ("What is the current EGDI of Rwanda?", "0.5799", "0.5799", ["RWA 2024"]),
        ("which country was no. 1 in egov in 2024", "Denmark", "0.9847 (rank 1)", ["DNK 2024"]),
        ("which country ranks 50th in egdi 2022", "Oman", "rank 50", ["OMN 2022"]),
        ("lowest TII 2024", "Central African Republic", "0.0000", ["CAF 2024"]),
        ("when was Rwanda's EGDI highest", "2024", "highest EGDI in the 2024 edition", ["RWA 2024"]),
        ("what was Lao PDR's best EGDI rank?", "144", "best rank in the 2004 edition", ["LAO 2004"]),
        ("Compare Rwanda and Lao PDR EGDI 2024", "", "Rwanda is ahead of Lao", ["RWA 2024", "LAO 2024"]),
        ("kenya and uganda 2024 who is better in online services", "", "Kenya", ["KEN 2024", "UGA 2024"]),
        (
            "compare EGDI of Iceland and Sweden 2022",
            "",
            "have the same EGDI: 0.9410",
            ["ISL 2022", "SWE 2022"],
        ),
    ],
)
def test_a_figure_is_told_and_cited_by_its_row(
    index: FolderIndex, question: str, exact: str, said: str, rows: list[str]
) -> None:
    answer = answered(index, question)
    assert answer.status == "answered"
    assert answer.exact == exact
    assert said in answer.claims[0].text
    assert cited(answer) == rows
    first = answer.claims[0]
    assert check(first.text, [citation.quote for citation in first.citations]).score >= 0.6


def test_the_highest_are_listed_in_order(index: FolderIndex) -> None:
    ten = answered(index, "Which countries have the highest EGDI in 2024?")
    assert cited(ten) == [f"{code} 2024" for code in "DNK EST SGP KOR ISL SAU GBR AUS FIN NLD".split()]
    three = answered(index, "top 3 countries by HCI 2024")
    assert cited(three) == ["AUS 2024", "ISL 2024", "FIN 2024"]


def test_a_change_shows_every_edition_between_and_a_caution(index: FolderIndex) -> None:
    answer = answered(index, "How did Rwanda's EGDI change from 2018 to 2024?")
    assert answer.claims[0].text == (
        "Rwanda's EGDI went up from 0.4590 (rank 120) in 2018 to 0.5799 (rank 118) in 2024."
    )
    assert cited(answer) == ["RWA 2018", "RWA 2020", "RWA 2022", "RWA 2024"]
    caution = answer.claims[-1]
    assert "compared only in part" in caution.text
    assert caution.citations[0].page == 4
    assert answer.notes == ("Computed from the rows: Rwanda +0.1209.",)


def test_without_the_method_the_caution_is_a_remark(index: FolderIndex) -> None:
    table = {document.id for document in index.documents() if document.source.endswith(".csv")}
    answer = answer_of("EGDI of Rwanda since 2020", index, table)
    assert answer is not None
    assert "only partly comparable" in answer.notes[-1]


@pytest.mark.parametrize("question", ["what is rwanda's rank", "which country came 3rd"])
def test_without_an_edition_it_asks_which(index: FolderIndex, question: str) -> None:
    answer = answered(index, question)
    assert answer.status == "clarify"
    assert [option.label for option in answer.options] == ["2024", "2022", "2020"]
    for option in answer.options:
        chosen = answered(index, option.question)
        assert chosen.status == "answered"
        assert cited(chosen)[0].endswith(option.label)


@pytest.mark.parametrize(
    ("question", "note"),
    [
        ("EGDI of Rwanda in 2023", "no edition of 2023; nearest to it: 2022, 2024"),
        ("what will Rwanda's EGDI be in 2030", "no edition of 2030; nearest to it: 2024"),
        ("EGDI of Libya in 2012", "The table has no EGDI of Libya in 2012."),
        ("Compare Libya and Rwanda EGDI 2012", "The table has no EGDI of Libya in 2012."),
        ("OSI and TII of Libya in 2012", "The table has no OSI and no TII of Libya in 2012."),
    ],
)
def test_what_the_table_lacks_is_declined_with_the_nearest(
    index: FolderIndex, question: str, note: str
) -> None:
    answer = answered(index, question)
    assert answer.status == "not_in_corpus"
    assert note in answer.pointers[0].note
    assert answer.pointers[0].citations
    assert answer_text(answer).startswith("The documents do not say this.")


LACKING = """country,iso3,edition,rank,egdi,osi,tii,hci,epi
Kenya,KEN,2018,122,0.4541,0.6250,0.1901,0.5472,0.6461
Kenya,KEN,2020,116,0.5326,0.6765,0.3402,0.5812,0.5833
Kenya,KEN,2022,,0.5589,0.6821,0.4305,0.5641,0.5227
Peru,PER,2020,71,0.7083,0.7529,0.5780,0.7940,0.7500
Peru,PER,2022,59,0.7524,0.8099,0.6267,0.8207,
Rwanda,RWA,2018,120,0.4590,0.7222,0.1733,0.4815,0.7584
Rwanda,RWA,2020,130,0.4789,0.6176,0.2931,0.5261,0.6667
"""


@pytest.fixture(scope="module")
def lacking(tmp_path_factory: pytest.TempPathFactory) -> FolderIndex:
    """A table without a row for Rwanda in 2022, a rank for Kenya and an EPI for Peru there."""
    folder = tmp_path_factory.mktemp("lacking")
    (folder / "egdi-2018-2022.csv").write_text(LACKING, encoding="utf-8")
    sources = find_sources([folder / "egdi-2018-2022.csv"])
    build(folder / "index", sources, HashedEmbedder(64), load_config().chunking)
    return open_index(folder / "index")


@pytest.mark.parametrize(
    ("question", "note", "row"),
    [
        ("What was the EGDI of Rwanda in 2022?", "The table has no row of Rwanda in 2022.", "RWA 2020"),
        ("What was Rwanda's OSI and HCI in 2022?", "The table has no row of Rwanda in 2022.", "RWA 2020"),
        ("Compare Peru and Rwanda EGDI 2022", "The table has no row of Rwanda in 2022.", "PER 2022"),
        ("What is Kenya's EGDI rank in 2022?", "The table has no rank of Kenya in 2022.", "KEN 2022"),
        ("EPI and OSI of Peru in 2022", "The table has no EPI of Peru in 2022.", "PER 2022"),
        ("lowest EPI 2022", "", "KEN 2022"),
        ("How did Rwanda's EGDI change from 2020 to 2022?", "no row of Rwanda in 2022.", "RWA 2020"),
    ],
)
def test_a_row_or_a_figure_that_is_missing_is_said_to_be(
    lacking: FolderIndex, question: str, note: str, row: str
) -> None:
    answer = answered(lacking, question)
    assert (answer.status == "not_in_corpus") == bool(note)
    if note:
        assert note in answer.pointers[0].note
        assert "\t".join(row.split()) in answer.pointers[0].citations[0].quote
    else:
        assert cited(answer) == [row]


def test_a_course_without_an_end_that_was_asked_for_says_so(lacking: FolderIndex) -> None:
    answer = answered(lacking, "How did Rwanda's EGDI change from 2018 to 2022?")
    assert "from 0.4590 (rank 120) in 2018 to 0.4789 (rank 130) in 2020" in answer.claims[0].text
    assert answer.notes[0] == "The table has no row of Rwanda in 2022."


def test_a_country_without_a_rank_is_not_the_first(lacking: FolderIndex) -> None:
    assert answered(lacking, "Which country has the highest EGDI in 2022?").exact == "Peru"


def test_ranks_are_those_of_the_egdi(index: FolderIndex) -> None:
    answer = answered(index, "What was Rwanda's OSI rank in 2022?")
    assert answer.exact == "0.7935"
    assert answer.notes == ("The table ranks countries by their EGDI, not by its parts.",)


def test_no_table_no_answer(index: FolderIndex) -> None:
    assert answer_of("What is Rwanda's EGDI rank in 2024?", index, ()) is None
    assert answer_of("Rwanda 2024", index) is None
