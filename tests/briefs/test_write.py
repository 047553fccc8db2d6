"""What a brief says: quotes, each once, what disagrees, what is missing; with a model, checked words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.answering.llm import open_writer
from kb.assistant import Assistant
from kb.briefs import Brief, Outline, Section, brief_object, write, write_brief
from kb.errors import BriefError, KBError
from kb.text import normalise
from tests.answering.desk import desk
from tests.scripted_llm import ScriptedServer, config, saying, scripted, sending

TOPICS = ["duties of the chief digital officer", "data governance pillars", "EGDI methodology", "open data"]


@pytest.fixture(scope="module")
def briefs(assistant: Assistant) -> dict[str, Brief]:
    return {topic: write_brief(assistant, topic) for topic in TOPICS}


@pytest.mark.parametrize("topic", TOPICS)
def test_every_sentence_is_a_slice_of_the_passage_it_cites(
    assistant: Assistant, briefs: dict[str, Brief], topic: str
) -> None:
    brief = briefs[topic]
    claims = list(brief.claims)
    assert len(claims) >= 8
    for claim in claims:
        assert claim.support == "quoted"
        [citation] = claim.citations
        [passage] = assistant.index.fetch([citation.passage.id])
        assert claim.text == citation.quote == passage.text[citation.start : citation.end]
    lines = {paragraph.line for part in brief.parts for paragraph in part.paragraphs}
    titles = {document.title for document in brief.documents.values()}
    assert lines - {""} <= {f"From “{title}”:" for title in titles}


@pytest.mark.parametrize("topic", TOPICS)
def test_a_brief_says_nothing_twice_and_fits_three_pages(briefs: dict[str, Brief], topic: str) -> None:
    said = [normalise(claim.text) for claim in briefs[topic].claims if claim.layout != "lead"]
    assert len(said) == len(set(said))
    assert 150 <= briefs[topic].words <= 1000
    assert len({*leads(briefs[topic])}) == len(leads(briefs[topic]))


def leads(brief: Brief) -> list[str]:
    return [claim.text for claim in brief.claims if claim.layout == "lead" and "\t" not in claim.text]


def test_a_document_is_named_where_it_changes_and_not_over_each_section(briefs: dict[str, Brief]) -> None:
    for brief in briefs.values():
        paragraphs = [paragraph for part in brief.parts for paragraph in part.paragraphs]
        own = [paragraph.claims[0].citations[0].passage.document_id for paragraph in paragraphs]
        changes = [at == 0 or own[at] != own[at - 1] for at in range(len(own))] if len({*own}) > 1 else []
        assert [bool(paragraph.line) for paragraph in paragraphs if len({*own}) > 1] == changes


def test_a_numbered_list_is_quoted_whole(assistant: Assistant) -> None:
    brief = write_brief(assistant, "digital skills")
    items = [c.text for c in brief.claims if c.layout == "item" and c.text[0].isdigit()]
    assert [item.partition(".")[0] for item in items] == [str(number) for number in range(1, 9)]


def test_the_words_of_a_topic_that_no_passage_has_are_told(assistant: Assistant) -> None:
    brief = write_brief(assistant, "duties of the CDO in the first 100 days")
    assert brief.gaps[0] == "What about “first 100 days”?"
    assert "The eleven functions of a Chief Digital Officer" in [part.heading for part in brief.parts]


def test_the_duties_are_the_eleven_functions_first(briefs: dict[str, Brief]) -> None:
    first = briefs[TOPICS[0]].parts[0]
    assert first.heading == "The eleven functions of a Chief Digital Officer"
    items = [c.text for paragraph in first.paragraphs for c in paragraph.claims if c.layout == "item"]
    assert items[0] == "1. Strategic Leadership"
    assert items[-1] == "11. Procurement and Vendor Management"
    assert len(items) == 11


def test_what_nothing_answers_is_a_gap_and_not_a_sentence(assistant: Assistant) -> None:
    outline = Outline(
        "EGDI methodology",
        (
            Section("How is the EGDI calculated?"),
            Section("Which nuclear reactors are planned in Rwanda?"),
            Section("Costs", ("Who pays for the survey?",)),
        ),
    )
    brief = write(assistant, outline)
    assert [part.heading for part in brief.parts] == ["How is the EGDI calculated?"]
    assert "The EGDI is the average of three normalised indices" in next(brief.claims).text
    assert brief.gaps == ("Which nuclear reactors are planned in Rwanda?", "Who pays for the survey?")


def test_sources_that_disagree_are_both_quoted(assistant: Assistant) -> None:
    brief = write_brief(assistant, "Kigali workshop")
    [years] = [c for c in brief.conflicts if c.summary.startswith("22 March is given as 2022 and 2023")]
    assert {"22-23 March 2022", "22-23 March 2023"} <= {
        part for citation in years.citations for part in citation.quote.split("\t")
    }
    assert {c.passage.document_id for c in years.citations} <= brief.documents.keys()


def test_figures_that_disagree_in_two_places_are_both_told_and_each_once(tmp_path: Path) -> None:
    text = (
        "# {0}\n\n## Services\n\nThe ministry of trade offered {1} online services to all its citizens."
        "\n\n## Letters\n\nThe tax authority answered {2} letters by companies within one week.\n"
    )
    asked = (
        Section("How many online services did the ministry of trade offer?"),
        Section("How many services did the ministry of trade offer to citizens?"),
        Section("How many letters did the tax authority answer?"),
    )
    texts = {"report": text.format("Report", 98, 500), "press": text.format("Press note", 89, 600)}
    brief = write(desk(tmp_path, **texts), Outline("services and letters", asked))
    told = [[c.quote.split()[5 if "offered" in c.quote else 4] for c in x.citations] for x in brief.conflicts]
    assert [sorted(pair) for pair in told] == [["89", "98"], ["500", "600"]]
    assert {conflict.summary for conflict in brief.conflicts} == {"Two sources give different figures."}


def test_headings_order_and_passages_of_an_edited_outline_are_kept(assistant: Assistant) -> None:
    [function] = [
        hit.passage
        for hit in assistant.search("the eleven functions of a Chief Digital Officer", 5)
        if hit.passage.heading_path[-1].startswith("The eleven functions")
    ]
    sections = (Section("Who validates the action plan?"), Section("My own heading", (), (function.id,)))
    brief = write(assistant, Outline("duties of the chief digital officer", sections))
    assert [part.heading for part in brief.parts] == ["Who validates the action plan?", "My own heading"]
    quoted = {c.passage.id for p in brief.parts[1].paragraphs for claim in p.claims for c in claim.citations}
    assert quoted == {function.id}
    assert any("RISA" in claim.text for claim in brief.parts[0].paragraphs[0].claims)


def test_a_passage_that_the_index_lost_is_named(assistant: Assistant) -> None:
    gone = Outline("open data", (Section("Index", (), ("0123456789abcdef",)),))
    with pytest.raises(KBError, match="no passage '0123456789abcdef'"):
        write(assistant, gone)


def test_a_list_that_was_quoted_is_not_quoted_again(assistant: Assistant) -> None:
    listed = Section("Functions", ("What are the eleven functions of a Chief Digital Officer?",))
    whole = write(assistant, Outline("duties of the chief digital officer", (listed,)))
    passages = tuple(dict.fromkeys(citation.passage.id for citation in whole.citations))
    plan = Outline(
        "duties of the chief digital officer", (Section("One", (), passages), Section("Two", (), passages))
    )
    brief = write(assistant, plan)
    said = [claim.text for claim in brief.claims]
    assert len(said) == len(set(said))


def test_an_outline_of_which_nothing_is_answered_is_refused(assistant: Assistant) -> None:
    plan = Outline("open data", (Section("Which nuclear reactors are planned in Rwanda?"),))
    with pytest.raises(
        BriefError, match=r"^No brief on “Open data”: the documents answer nothing of its outline"
    ):
        write(assistant, plan)


def test_an_empty_topic_is_refused(assistant: Assistant) -> None:
    with pytest.raises(BriefError, match="topic is empty"):
        write_brief(assistant, " ")


def test_the_json_numbers_citations_in_reading_order(briefs: dict[str, Brief]) -> None:
    brief = briefs["open data"]
    found = brief_object(brief)
    claims = [c for s in found["sections"] for p in s["paragraphs"] for c in p["claims"]]
    assert [c["text"] for c in claims] == [claim.text for claim in brief.claims]
    assert claims[0]["citations"] == [1]
    cited = {entry["n"]: entry["quote"] for entry in found["citations"]}
    assert all(cited[n] == claim["text"] for claim in claims for n in claim["citations"])


# With a language model

POLICY = """# Data policy

## Stewards

The Data Office appoints a data steward in each ministry.
Stewards report to the Data Office every month.

## Sharing

Ministries must share their data sets through the national portal.
"""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted(saying("")) as running:
        yield running


@pytest.fixture
def outline(tmp_path: Path) -> tuple[Assistant, Outline]:
    plain = desk(tmp_path, policy=POLICY)
    passages = {
        hit.passage.heading_path[-1]: hit.passage.id for hit in plain.search("data policy stewards", 9)
    }
    sections = (
        Section("Stewards", (), (passages["Stewards"],)),
        Section("Sharing", (), (passages["Sharing"],)),
    )
    return plain, Outline("data stewards and data sharing", sections)


def key(server: ScriptedServer, words: str) -> str:
    return str(next((e["key"] for e in server.shown()["passages"] if words in e["text"]), 99))


def test_a_model_words_each_section_and_what_no_passage_confirms_is_left_out(
    outline: tuple[Assistant, Outline], server: ScriptedServer
) -> None:
    plain, plan = outline

    def prose(script: ScriptedServer) -> str:
        if "Stewards" in script.shown()["question"]:
            steward = key(script, "appoints")
            invented = "They are paid 500 francs."
            return f"Each ministry has a data steward appointed by the Data Office [{steward}]. {invented}"
        return f"Ministries have to share data sets through the national portal [{key(script, 'portal')}]."

    server.reply = saying(prose)
    writing = replace(plain, writer=open_writer(config(server, unsupported="mark")))
    brief = write(writing, plan)
    assert [(claim.text, claim.support) for claim in brief.claims] == [
        ("Each ministry has a data steward appointed by the Data Office.", "supported"),
        ("Ministries have to share data sets through the national portal.", "supported"),
    ]
    assert [claim.citations[0].quote for claim in brief.claims] == [
        "The Data Office appoints a data steward in each ministry.",
        "Ministries must share their data sets through the national portal.",
    ]
    assert any(note.startswith("Worded by the language model scripted;") for note in brief.notes)
    assert [request["model"] for request in server.requests] == ["scripted", "scripted"]


def test_a_model_that_fails_is_waited_for_once_and_the_quotes_stand(
    outline: tuple[Assistant, Outline], server: ScriptedServer
) -> None:
    plain, plan = outline
    server.reply = sending(b"no", status=500)
    brief = write(replace(plain, writer=open_writer(config(server))), plan)
    assert [*brief.claims] == [*write(plain, plan).claims]
    assert {claim.support for claim in brief.claims} == {"quoted"}
    assert any("quotes the documents instead" in note for note in brief.notes)
    assert len({request["messages"][-1]["content"] for request in server.requests}) == 1
