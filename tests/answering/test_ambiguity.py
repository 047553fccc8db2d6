"""When the assistant asks back: real index, real model, documents written here, questions as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.answering.prose import number_citations
from kb.assistant import Assistant, open_assistant
from kb.config import load_config
from kb.index.ingest import build
from kb.library import find_sources
from kb.types import Answer, Embedder
from tests.answering.desk import quotes

KIGALI = """# Kigali workshop

## Overview

The workshop trains officers in data sharing.

## Date and Venue

The workshop takes place on 22 and 23 March 2023 in the Convention Centre in Kigali.

## Participants

About 45 civil servants take part.
"""
VIENTIANE = """# Vientiane workshop

## Overview

The workshop discusses a survey of the ministries.

## Date and Venue

The workshop is held on 11 May 2023 at the Landmark Hotel in Vientiane.

## Participants

Some 60 people from the provinces take part.
"""
AUDITS = """# Audit handbook

## Findings

Figure 12: Findings of the internal audits by year

Auditors visit each office once a year.
"""
SPENDING = """# Budget handbook

## Money

Figure 12: Share of spending by ministry

Each ministry reports in June.
"""
LEADS = ["The four pillars of data governance are:", "Trust services rest on these pillars:"]
DATA = f"# Data governance\n\n## Pillars\n\n{LEADS[0]}\n\n- rules\n- bodies\n- people\n- process\n"
TRUST = f"# Trust services\n\n## Pillars\n\n{LEADS[1]}\n\n- identity\n- signature\n- stamps\n- archives\n"
TERM_1 = "# Data guide\n\n## Definitions\n\nMetadata is data that describes other data.\n"
TERM_2 = (
    "# Survey guide\n\n## Definitions\n\nMetadata means what an office notes on the origin of its tables.\n"
)
LEAVE = "\n\n## Leave\n\nStaff have 18 days of annual leave. It is taken before December.\n"


def library(folder: Path, embedder: Embedder, **texts: str) -> Assistant:
    """Return an assistant on an index of Markdown documents; the keyword is the file's stem."""
    notes, index = folder / "notes", folder / "index"
    notes.mkdir()
    for name, text in texts.items():
        (notes / f"{name}.md").write_text(text, encoding="utf-8")
    config = load_config(index=index)
    build(index, find_sources([notes]), embedder, config.chunking)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kb.embedding.load_embedder", lambda _: embedder)
        return open_assistant(config)


def offered(answer: Answer) -> list[str]:
    """Return the quotes of the options, in alphabetical order; each option has one."""
    assert answer.status == "clarify"
    assert all(len(option.citations) == 1 for option in answer.options)
    return sorted(option.citations[0].quote for option in answer.options)


@pytest.fixture(scope="module")
def workshops(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("two"), embedder, kigali=KIGALI, vientiane=VIENTIANE)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("two"), embedder, audits=AUDITS, spending=SPENDING)


@pytest.fixture(scope="module")
def pillars(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("two"), embedder, data=DATA, trust=TRUST)


def test_two_sections_of_one_name_are_offered_each_with_its_quote(workshops: Assistant) -> None:
    answer = workshops.ask("when is the workshop?")
    assert offered(answer) == [text.split("\n\n")[4] for text in (VIENTIANE, KIGALI)]
    assert sorted(option.label for option in answer.options) == [
        "Date and Venue, in “Kigali workshop”",
        "Date and Venue, in “Vientiane workshop”",
    ]
    assert answer.claims == ()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("When is the workshop in Vientiane?", "11 May 2023"),
        ("when is the vientiane workshop", "11 May 2023"),
        ("kigali workshop dates", "22 and 23 March 2023"),
        ("how many people take part in Kigali?", "45"),
    ],
)
def test_a_town_in_the_question_settles_it(workshops: Assistant, question: str, said: str) -> None:
    answer = workshops.ask(question)
    assert answer.status == "answered"
    assert said in quotes(answer)[0]


def test_each_option_leads_to_what_it_quotes(workshops: Assistant, pillars: Assistant) -> None:
    for assistant, question in (
        (workshops, "when is the workshop?"),
        (pillars, "what are the four pillars?"),
    ):
        for option in assistant.ask(question).options:
            chosen = assistant.ask(option.question)
            assert chosen.status == "answered"
            assert quotes(chosen)[0] == option.citations[0].quote


@pytest.mark.parametrize("question", ["what does Figure 12 show", "figure 12", "What is in fig. 12?"])
def test_two_figures_of_one_number_are_asked_about(figures: Assistant, question: str) -> None:
    assert offered(figures.ask(question)) == [
        "Figure 12: Findings of the internal audits by year",
        "Figure 12: Share of spending by ministry",
    ]


@pytest.mark.parametrize(
    ("question", "caption"),
    [("Figure 12 on audits", "Findings of the internal"), ("figure 12 of the budget handbook", "Share of")],
)
def test_a_figure_named_by_more_than_its_number_is_one(
    figures: Assistant, question: str, caption: str
) -> None:
    answer = figures.ask(question)
    assert answer.status == "not_in_corpus"
    assert answer.pointers[0].citations[0].quote.startswith(f"Figure 12: {caption}")


def test_a_list_of_four_that_does_not_say_four_is_meant_too(pillars: Assistant) -> None:
    for question in ("what are the four pillars?", "list the 4 pillars"):
        whole = offered(pillars.ask(question))
        assert [quote.splitlines()[0] for quote in whole] == LEADS
        assert ["- process" in whole[0], "- archives" in whole[1]] == [True, True]
    answer = pillars.ask("what are the pillars of trust services?")
    assert [claim.text for claim in answer.claims] == [
        LEADS[1],
        "identity",
        "signature",
        "stamps",
        "archives",
    ]
    assert len(number_citations(answer)) == 1


@pytest.mark.parametrize(
    "question",
    [
        "compare the date and venue of the workshops",
        "what is the difference between the two workshops",
        "do both workshops have as many participants?",
        "what is a workshop?",
    ],
)
def test_a_comparison_never_asks_back(workshops: Assistant, question: str) -> None:
    assert workshops.ask(question).status != "clarify"


@pytest.mark.parametrize("question", ["what is metadata?", "metadata", "define metadata", "metadata meaning"])
def test_a_definition_never_asks_back(tmp_path: Path, embedder: Embedder, question: str) -> None:
    answer = library(tmp_path, embedder, one=TERM_1, two=TERM_2).ask(question)
    assert answer.status == "answered"
    assert quotes(answer)[0].startswith("Metadata ")


def test_what_each_document_has_its_own_of_is_no_definition(tmp_path: Path, embedder: Embedder) -> None:
    aims = [f"The objective of the workshop is to {aim}." for aim in ("discuss a survey", "train officers")]
    texts = {f"n{n}": f"# Note {'AB'[n]}\n\n## Objective\n\n{aim}\n" for n, aim in enumerate(aims)}
    assert offered(library(tmp_path, embedder, **texts).ask("what is the objective of the workshop?")) == aims


def test_documents_that_say_the_same_words_are_one_reading(tmp_path: Path, embedder: Embedder) -> None:
    texts = {"rules": f"# Staff rules{LEAVE}", "copy": f"# Officers' handbook{LEAVE}"}
    assistant = library(tmp_path, embedder, **texts)
    for question in ("how many days of leave do staff have?", "when is leave taken?", "annual leave"):
        assert assistant.ask(question).status == "answered"


AIMS = "- train officers;\n- hear the ministries;\n- agree on next steps"
AUDIT_STEPS = (
    "# Audit guide\n\n## How to check\n\nThe steps are:\n\n1. Leadership: Name a head of audit.\n"
    "2. Training and awareness: Teach auditors to sample records.\n"
)
CLOUD_STEPS = (
    "# Cloud guide\n\n## Moving there\n\nThe steps are:\n\n1. Choice: Pick a provider.\n"
    "2. Copies: Keep two of each file.\n3. Training and awareness: Show staff what to store where.\n"
)


@pytest.fixture(scope="module")
def guides(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("two"), embedder, audit=AUDIT_STEPS, cloud=CLOUD_STEPS)


@pytest.mark.parametrize(
    ("questions", "items"),
    [
        (["what is step 2?", "step two"], ["2. Copies", "2. Training and awareness"]),
        (
            ["what must i do for training and awareness", "training and awareness, what to do"],
            ["2. Training and awareness", "3. Training and awareness"],
        ),
    ],
)
def test_items_of_one_number_or_name_are_asked_about(
    guides: Assistant, questions: list[str], items: list[str]
) -> None:
    for question in questions:
        assert [quote.partition(":")[0] for quote in offered(guides.ask(question))] == items


def test_an_item_named_with_its_list_is_one(guides: Assistant) -> None:
    answer = guides.ask("what is step 2 of the audit guide?")
    assert answer.status == "answered"
    assert "sample records" in quotes(answer)[0]


def test_two_workshops_with_mostly_the_same_aims_are_asked_about(tmp_path: Path, embedder: Embedder) -> None:
    four = (
        f"\n## Objectives\n\nThe workshop in Kigali has these objectives:\n\n{AIMS};\n- learn of indices.\n"
    )
    three = f"\n## Objectives\n\nThe workshop has these objectives:\n\n{AIMS}.\n"
    assistant = library(tmp_path, embedder, kigali=KIGALI + four, vientiane=VIENTIANE + three)
    assert len(assistant.ask("What are the objectives of the workshop?").options) == 2
    named = assistant.ask("What are the objectives of the Kigali workshop?")
    assert named.status == "answered"
    assert "learn of indices" in quotes(named)[0]


def test_a_name_that_every_reading_has_tells_none_apart(assistant: Assistant) -> None:
    answer = assistant.ask("What are the duties of a CDO?")
    assert answer.status == "clarify"
    assert len(answer.options) > 1
