"""Questions for figures get the row's own numbers, and the row as their citation."""

from __future__ import annotations

import pytest

from kb.answering.grounding import check
from kb.answering.prose import answer_text
from kb.egdi import answer as answer_of
from kb.index import FolderIndex
from kb.types import Answer


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
        ("EGDI of Libya in 2012", "The EGDI of 2012 stands empty"),
        ("Compare Libya and Rwanda EGDI 2012", "The EGDI of 2012 stands empty"),
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


def test_ranks_are_those_of_the_egdi(index: FolderIndex) -> None:
    answer = answered(index, "What was Rwanda's OSI rank in 2022?")
    assert answer.exact == "0.7935"
    assert answer.notes == ("The table ranks countries by their EGDI, not by its parts.",)


def test_no_table_no_answer(index: FolderIndex) -> None:
    assert answer_of("What is Rwanda's EGDI rank in 2024?", index, ()) is None
    assert answer_of("Rwanda 2024", index) is None
