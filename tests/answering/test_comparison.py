"""What is compared is quoted side by side: named documents, two things, both of what two documents have."""

from __future__ import annotations

import pytest

from kb.assistant import Assistant
from kb.types import Embedder
from tests.answering.desk import quotes
from tests.answering.test_ambiguity import KIGALI, VIENTIANE, library

RWANDA = """# Rwanda data policy

## Security

Agencies encrypt all personal records at rest.

## Sharing

Agencies share records through one portal.
"""
LAO = """# Lao data strategy

## Security

Ministries protect personal records with passwords.

## Sharing

Ministries share records by letter.
"""
KENYA = "# Kenya open data plan\n\n## Security\n\nCounties keep personal records in locked rooms.\n"
GLOSSARY = """# Glossary

## Terms

Every policy and strategy is published. A policy is a statement of intent that guides decisions.
A strategy is a plan of action towards a long-term aim. The strategy unit reports on each policy.

## Contracts

Suppliers sign the framework contract first. Offices review the service level agreement yearly.
A service level agreement is a promise on quality. A framework contract is a deal on prices for years.
"""
POLICY = "A policy is a statement of intent that guides decisions."
STRATEGY = "A strategy is a plan of action towards a long-term aim."


@pytest.fixture(scope="module")
def countries(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("three"), embedder, rwanda=RWANDA, lao=LAO, kenya=KENYA)


@pytest.fixture(scope="module")
def glossary(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("one"), embedder, glossary=GLOSSARY)


@pytest.fixture(scope="module")
def workshops(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Assistant:
    return library(tmp_path_factory.mktemp("two"), embedder, kigali=KIGALI, vientiane=VIENTIANE)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("compare security in the Rwanda and the Lao policy", {"encrypt", "passwords"}),
        ("what is the difference between Rwanda and Lao on sharing?", {"portal", "letter"}),
        ("how does Rwanda's sharing of records differ from Lao's?", {"portal", "letter"}),
        ("Rwanda vs Kenya security", {"encrypt", "locked"}),
        ("compare security in Rwanda, Lao and Kenya", {"encrypt", "passwords", "locked"}),
    ],
)
def test_each_named_document_is_quoted_and_no_other(
    countries: Assistant, question: str, quoted: set[str]
) -> None:
    answer = countries.ask(question)
    assert answer.status == "answered"
    words = ("encrypt", "passwords", "locked", "portal", "letter")
    assert {word for quote in quotes(answer) for word in words if word in quote} == quoted
    assert len(quotes(answer)) == len(quoted)


@pytest.mark.parametrize(
    "question",
    [
        "what is the difference between a policy and a strategy?",
        "difference between strategy and policy",
        "policy vs strategy",
        "policy versus strategy",
        "how does a policy differ from a strategy?",
        "is a policy the same as a strategy?",
        "compare policy with strategy",
        "is a policy the same thing as a strategy?",
        "What's the difference between a policy and a strategy, in short?",
    ],
)
def test_each_thing_is_quoted_where_it_is_defined(glossary: Assistant, question: str) -> None:
    answer = glossary.ask(question)
    assert answer.status == "answered"
    assert sorted(quotes(answer)) == [POLICY, STRATEGY]


def test_things_of_several_words_are_defined_too(glossary: Assistant) -> None:
    for joined in ("versus", "and", "compared to"):
        answer = glossary.ask(f"difference framework contract {joined} service level agreement")
        assert sorted(quotes(answer)) == [
            "A framework contract is a deal on prices for years.",
            "A service level agreement is a promise on quality.",
        ]


def test_a_thing_that_no_document_speaks_of_is_not_made_up(glossary: Assistant) -> None:
    answer = glossary.ask("what is the difference between a policy and a referendum?")
    assert STRATEGY not in quotes(answer)
    assert all("policy" in quote.lower() for quote in quotes(answer))


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("how many participants do both workshops have?", "Participants"),
        ("both workshops: who takes part?", "Participants"),
        ("when are both workshops?", "Date and Venue"),
    ],
)
def test_both_means_one_quote_of_each(workshops: Assistant, question: str, section: str) -> None:
    answer = workshops.ask(question)
    assert answer.status == "answered"
    cited = [citation.passage for claim in answer.claims for citation in claim.citations]
    assert [passage.heading_path[-1] for passage in cited] == [section, section]
    assert len({passage.document_id for passage in cited}) == 2


def test_a_comparison_cites_what_it_quotes(countries: Assistant) -> None:
    for citation in (
        c for claim in countries.ask("compare Rwanda and Lao sharing").claims for c in claim.citations
    ):
        assert citation.passage.text[citation.start : citation.end] == citation.quote
        assert citation.passage.heading_path[-1] == "Sharing"
