"""Where sources disagree, and where they only seem to: real index, real model, questions as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.assistant import Assistant
from kb.types import Answer, Conflict, Embedder
from tests.answering.test_ambiguity import DATA, KIGALI, VIENTIANE, library

DIRECTOR = "The director approves travel requests within ten days."
SECRETARY = "The permanent secretary approves travel requests of officers."
BOTH = "The director or the permanent secretary approves travel requests."
WHO = "Who approves travel requests, the director or the permanent secretary?"
TWO_YEARS = """# Training note

## Date

The training begins on {0}22 March 2022. The agenda says that it begins on {1}22 March 2023.
Tea is served in the garden. The report is due in June.
"""
SERVICES = "The ministry offers {} services online to citizens."


def note(title: str, section: str, text: str) -> str:
    return f"# {title}\n\n## {section}\n\n{text}\n"


def only(answer: Answer) -> Conflict:
    assert answer.status == "answered"
    assert answer.exact == ""
    [conflict] = answer.conflicts
    return conflict


def said(conflict: Conflict) -> set[str]:
    return {citation.quote for citation in conflict.citations}


def test_two_offered_answers_are_shown_where_each_has_its_own_quote(
    tmp_path: Path, embedder: Embedder
) -> None:
    texts = {
        "rules": note("Travel rules", "Approval", DIRECTOR),
        "circular": note("Circular", "Approval", SECRETARY),
    }
    conflict = only(library(tmp_path, embedder, **texts).ask(WHO))
    assert conflict.summary == "The documents speak of both; read each in its place."
    assert [citation.quote for citation in conflict.citations] == [DIRECTOR, SECRETARY]


def test_one_sentence_that_holds_both_is_no_disagreement(tmp_path: Path, embedder: Embedder) -> None:
    answer = library(tmp_path, embedder, rules=note("Travel rules", "Approval", BOTH)).ask(WHO)
    assert (answer.status, answer.conflicts) == ("answered", ())


def test_only_one_offered_answer_in_the_documents_is_no_disagreement(
    tmp_path: Path, embedder: Embedder
) -> None:
    texts = {"rules": note("Travel rules", "Approval", DIRECTOR)}
    answer = library(tmp_path, embedder, **texts).ask(
        "who approves travel requests, the director or the mayor?"
    )
    assert answer.conflicts == ()


def test_expansions_of_an_acronym_that_differ(tmp_path: Path, embedder: Embedder) -> None:
    texts = {
        "survey": note("Survey", "Indices", "The Open Government Data Index (OGDI) is one of three."),
        "agenda": note("Agenda", "Themes", "The Open Government Development Index (OGDI) comes first."),
        "report": note("Report", "Methods", "We use the Open Government Data Index (OGDI) as well."),
    }
    assistant = library(tmp_path, embedder, **texts)
    for question in ("what does OGDI stand for?", "OGDI", "is the OGDI one of three?"):
        [conflict] = assistant.ask(question).conflicts
        assert "“Open Government Data Index”" in conflict.summary
        assert "“Open Government Development Index”" in conflict.summary
        assert len(conflict.citations) == 3


def test_two_short_forms_of_one_name(tmp_path: Path, embedder: Embedder) -> None:
    texts = {
        "law": note("Law", "Terms", "The Office of Public Records (OPR) keeps the archive."),
        "plan": note("Plan", "Tasks", "The Office Of Public Records (OOPR) prints the plan."),
    }
    assistant = library(tmp_path, embedder, **texts)
    conflict = only(assistant.ask("what does the OPR keep?"))
    assert set(conflict.summary.removeprefix("One name is shortened to ").strip(".").split(" and ")) == {
        "OPR",
        "OOPR",
    }
    assert len(said(conflict)) == 2
    assert assistant.ask("who keeps the archive?").conflicts == ()


@pytest.mark.parametrize(
    ("stated", "items", "expected"),
    [
        ("The objectives of the meeting are three-fold", 4, "three-fold, but 4 items follow"),
        ("The five objectives of the meeting are", 4, "five objectives, but 4 items follow"),
        ("The meeting has three (3) objectives", 4, "three (3), but 4 items follow"),
        ("The four objectives of the meeting are", 4, ""),
        ("In 2023 the objectives of the meeting are", 4, ""),
    ],
)
def test_a_stated_count_is_held_against_its_list(
    tmp_path: Path, embedder: Embedder, stated: str, items: int, expected: str
) -> None:
    listed = "\n".join(f"- to {verb}" for verb in ("listen", "plan", "decide", "write")[:items])
    text = note("Note", "Objectives", f"{stated}:\n\n{listed}")
    answer = library(tmp_path, embedder, note=text).ask("what are the objectives of the meeting?")
    assert answer.status == "answered"
    assert [c.summary for c in answer.conflicts] == ([f"The lead-in says {expected}."] if expected else [])


@pytest.mark.parametrize(
    ("days", "likelier"),
    [
        (("", "Wednesday, "), " 2023 is likelier: 22 March 2023 was a Wednesday, as one of the quotes says."),
        (("Tuesday, ", ""), " 2022 is likelier: 22 March 2022 was a Tuesday, as one of the quotes says."),
        (("", "Sunday, "), ""),
        (("", ""), ""),
    ],
)
def test_one_day_in_two_years(
    tmp_path: Path, embedder: Embedder, days: tuple[str, str], likelier: str
) -> None:
    conflict = only(
        library(tmp_path, embedder, note=TWO_YEARS.format(*days)).ask("when does the training begin?")
    )
    assert conflict.summary == f"22 March is given as 2022 and 2023.{likelier}"
    assert {quote.rstrip(".").split()[-1] for quote in said(conflict)} == {"2022", "2023"}


def test_the_years_matter_only_where_the_answer_touches_the_date(tmp_path: Path, embedder: Embedder) -> None:
    assistant = library(tmp_path, embedder, note=TWO_YEARS.format("", ""))
    for question in ("where is tea served?", "when is the report due?"):
        answer = assistant.ask(question)
        assert (answer.status, answer.conflicts) == ("answered", ())


def test_the_same_sentence_with_another_number(tmp_path: Path, embedder: Embedder) -> None:
    texts = {
        "report": note("Annual report", "Services", SERVICES.format(98)),
        "press": note("Press note", "Portal", SERVICES.format(89)),
    }
    conflict = only(
        library(tmp_path, embedder, **texts).ask("how many services does the ministry offer online?")
    )
    assert conflict.summary == "Two sources give different figures."
    assert said(conflict) == {SERVICES.format(98), SERVICES.format(89)}


def test_figures_of_different_years_do_not_disagree(tmp_path: Path, embedder: Embedder) -> None:
    texts = {
        f"n{year}": note(title, section, f"In {year} the ministry offered {n} services online to citizens.")
        for year, n, title, section in (
            (2020, 98, "Old report", "Services"),
            (2022, 120, "New report", "Portal"),
        )
    }
    assistant = library(tmp_path, embedder, **texts)
    answer = assistant.ask("how many services did the ministry offer online in 2022?")
    assert (answer.exact, answer.conflicts) == ("120", ())
    assert assistant.ask("how many services did the ministry offer online?").conflicts == ()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(
        tmp_path_factory.mktemp("ordinary"), embedder, kigali=KIGALI, vientiane=VIENTIANE, data=DATA
    )


@pytest.mark.parametrize(
    "question",
    [
        "when is the workshop in Kigali?",
        "where is the Vientiane workshop?",
        "who takes part in Kigali, and when?",
        "what are the four pillars?",
        "what is data governance?",
        "compare the participants of the Kigali and Vientiane workshops",
        "What does the workshop in Vientiane discuss?",
    ],
)
def test_ordinary_questions_show_no_disagreement(desk: Assistant, question: str) -> None:
    answer = desk.ask(question)
    assert answer.status == "answered"
    assert answer.conflicts == ()


def test_the_same_figures_in_another_order_are_no_disagreement(tmp_path: Path, embedder: Embedder) -> None:
    texts = {
        "rules": "# Board rules\n\n## Board\n\nThe board has 3 members and meets 4 times a year by policy.\n",
        "guide": "# Board guide\n\n## Board\n\nBy policy the board meets 4 times a year and has 3 members.\n",
    }
    answer = library(tmp_path, embedder, **texts).ask("how many members does the board have?")
    assert answer.status == "answered"
    assert answer.conflicts == ()
