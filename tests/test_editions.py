"""Answers from editions of a report: the newest, the one of a named year, or each of those compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.assistant import Assistant, open_assistant
from kb.config import load_config
from kb.index.ingest import build
from kb.library import find_sources
from kb.types import Answer, Embedder, Turn
from tests.conftest import MODELS

SERVICES = {"2018": 89, "2020": 94, "2022": 98}
ONLY_IN_2018 = "\n\n## Call centre\n\nThe call centre of the portal is run by Kigali Telecom.\n"
OTHERS = {
    "staff-rules.md": "# Staff rules\n\n## Leave\n\nStaff take 30 days of leave a year.\n",
    "procurement.md": "# Procurement manual\n\n## Tenders\n\nTenders are opened before the bidders.\n",
    "network.md": "# Network guide\n\n## Passwords\n\nPasswords are changed every ninety days.\n",
}


def report(year: str) -> str:
    named = "" if year == "2020" else f" {year}"
    return (
        f"# Digital Services Annual Report{named}\n\n## Online services\n\n"
        f"The government portal offers {SERVICES[year]} online services to citizens.\n\n"
        "## Pensions\n\nPension claims are decided within sixty days of the application."
        + (ONLY_IN_2018 if year == "2018" else "\n")
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    """An assistant on three editions of a report, of which two name their year, and on other documents."""
    folder = tmp_path_factory.mktemp("editions")
    texts = {f"digital-services-annual-report-{year}.md": report(year) for year in SERVICES}
    for name, text in {**texts, **OTHERS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    config = load_config(index=folder / "index")
    embedding = config.embedding.model_copy(update={"models_folder": MODELS})
    build(config.index, find_sources(sorted(folder.glob("*.md"))), embedder, config.chunking)
    return open_assistant(config.model_copy(update={"embedding": embedding}))


def cited(desk: Assistant, answer: Answer) -> list[str]:
    names = {document.id: document.source for document in desk.index.documents()}
    found = [names[c.passage.document_id] for claim in answer.claims for c in claim.citations]
    return [name.removeprefix("digital-services-annual-report-").removesuffix(".md") for name in found]


def test_the_newest_edition_answers(desk: Assistant) -> None:
    answer = desk.ask("How many online services does the government portal offer?")
    assert (answer.status, cited(desk, answer), answer.notes) == ("answered", ["2022"], ())
    assert "98" in answer.claims[0].text
    assert answer.conflicts == ()


@pytest.mark.parametrize(
    "question",
    [
        "How many online services did the government portal offer in 2018?",
        "How many online services does the portal offer according to the 2018 edition?",
    ],
)
def test_a_named_year_goes_back_to_its_edition(desk: Assistant, question: str) -> None:
    answer = desk.ask(question)
    assert (answer.status, cited(desk, answer), answer.notes) == ("answered", ["2018"], ())
    assert "89" in answer.claims[0].text


def test_the_year_of_a_file_name_counts(desk: Assistant) -> None:
    answer = desk.ask("How many online services did the government portal offer in 2020?")
    assert (answer.status, cited(desk, answer), answer.notes) == ("answered", ["2020"], ())
    [label] = [d.label for d in desk.index.documents() if d.source.endswith("2020.md")]
    assert label == "Digital Services Annual Report (2020)"


def test_a_year_without_an_edition_is_declined_with_the_newest(desk: Assistant) -> None:
    answer = desk.ask("How many online services will the portal offer in 2030?")
    assert (answer.status, answer.notes) == ("not_in_corpus", ())
    nearest = answer.pointers[0].citations[0]
    assert str(SERVICES["2022"]) in nearest.quote


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("How did the number of online services change since 2018?", ["2018", "2022"]),
        ("Compare the online services of the portal in 2018 and 2020", ["2018", "2020"]),
        ("online services of the government portal from 2020 to 2022", ["2020", "2022"]),
    ],
)
def test_each_year_compared_is_quoted_oldest_first(desk: Assistant, question: str, years: list[str]) -> None:
    answer = desk.ask(question)
    assert (answer.status, cited(desk, answer)) == ("answered", years)
    assert [str(SERVICES[year]) in c.text for year, c in zip(years, answer.claims, strict=True)] == [True] * 2
    assert answer.notes == (f"The editions are quoted in this order: {', '.join(years)}.",)
    assert answer.conflicts == ()


def test_what_only_an_older_edition_says_is_answered_with_a_note(desk: Assistant) -> None:
    answer = desk.ask("Which company runs the call centre?")
    assert (answer.status, cited(desk, answer)) == ("answered", ["2018"])
    assert answer.notes == ("From the 2018 edition; the newest here is 2022.",)


def test_what_no_edition_says_is_declined(desk: Assistant) -> None:
    answer = desk.ask("What does a fishing licence for Lake Kivu cost?")
    assert (answer.status, answer.claims, answer.notes) == ("not_in_corpus", (), ())


def test_documents_that_are_no_editions_answer_as_before(desk: Assistant) -> None:
    answer = desk.ask("How many days of leave do staff take a year?")
    assert (answer.status, cited(desk, answer), answer.notes) == ("answered", ["staff-rules"], ())


def test_documents_that_are_chosen_win_over_editions(desk: Assistant) -> None:
    [old] = [d.id for d in desk.index.documents() if d.edition == "2018"]
    answer = desk.ask("How many online services does the government portal offer?", documents=[old])
    assert (answer.status, cited(desk, answer), answer.notes) == ("answered", ["2018"], ())
    asked_of_another = desk.ask("online services of the government portal in 2020", documents=[old])
    assert set(cited(desk, asked_of_another)) <= {"2018"}


def test_a_follow_up_names_another_edition(desk: Assistant) -> None:
    turns = [Turn("user", "How many online services did the government portal offer in 2018?")]
    assert cited(desk, desk.ask("and in 2020?", turns)) == ["2020"]


def test_a_search_finds_every_edition(desk: Assistant) -> None:
    hits = desk.search("online services of the government portal", k=3)
    assert len({hit.passage.document_id for hit in hits}) == 3


def test_an_edition_that_comes_later_supersedes(tmp_path: Path, embedder: Embedder) -> None:
    config = load_config(index=tmp_path / "index")
    embedding = config.embedding.model_copy(update={"models_folder": MODELS})
    question, desks = "How many online services does the government portal offer?", list[str]()
    for year in SERVICES:
        (tmp_path / f"digital-services-annual-report-{year}.md").write_text(report(year), encoding="utf-8")
        build(config.index, find_sources(sorted(tmp_path.glob("*.md"))), embedder, config.chunking)
        opened = open_assistant(config.model_copy(update={"embedding": embedding}))
        desks += cited(opened, opened.ask(question))
    assert desks == list(SERVICES)
