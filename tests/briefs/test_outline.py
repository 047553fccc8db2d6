"""Outlines: found in the documents, written as Markdown, edited, read back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb.assistant import Assistant
from kb.briefs import Outline, Section, open_outline, outline_text, propose, read_outline
from kb.errors import BriefError


@pytest.fixture(scope="module")
def duties(assistant: Assistant) -> Outline:
    return propose(assistant, "duties of the chief digital officer")


def text_of(assistant: Assistant, outline: Outline) -> str:
    documents = {document.id: document for document in assistant.index.documents()}
    return outline_text(outline, assistant.index.fetch, documents)


def test_the_sections_are_those_of_the_document_and_the_standard_questions(duties: Outline) -> None:
    headings = [section.heading for section in duties.sections]
    assert headings[0] == "The eleven functions of a Chief Digital Officer"
    assert {"Cybersecurity duties of the CDO", "Use of the budget after approval"} <= {*headings}
    assert headings[-4:] == ["Who is responsible", "What is required", "Figures", "Dates and intervals"]
    assert all(section.passages for section in duties.sections if not section.questions)


def test_an_outline_reads_back_as_it_was_written(assistant: Assistant, duties: Outline) -> None:
    text = text_of(assistant, duties)
    assert read_outline(text) == duties
    titles = {document.source: document.title for document in assistant.index.documents()}
    assert f"{titles['cdo-handbook.pdf']}, section “" in text
    assert re.search(r", page \d+ \(printed \d+\) \[", text)


def test_sections_that_only_stand_beside_the_topic_are_left_out(assistant: Assistant) -> None:
    headings = [section.heading for section in propose(assistant, "data governance pillars").sections]
    assert headings[:2] == ["The four pillars", "Four pillars of National Data Governance"]
    assert not {"The three principles", "Overview", "What the CDO handbook asks: ten steps"} & {*headings}


def test_each_side_of_a_topic_has_a_section_and_its_frame_none(assistant: Assistant) -> None:
    headings = [
        s.heading for s in propose(assistant, "preparing a note on cyber security and budgeting").sections
    ]
    assert {"Cybersecurity duties of the CDO", "Budgeting responsibilities"} <= {*headings}


def test_a_topic_without_a_document_is_refused_and_the_nearest_named(assistant: Assistant) -> None:
    with pytest.raises(BriefError, match=r"^No brief on “nuclear energy”: .* the nearest is .+, page \d+"):
        propose(assistant, "nuclear energy")
    with pytest.raises(BriefError, match=r"^No brief on “reform of teacher pensions”: .* hold nothing on it"):
        propose(assistant, "reform of teacher pensions")


def test_an_edited_outline_is_taken_as_it_is() -> None:
    edited = """\ufeff# open data

> a remark

## Renamed
- from: Any words, page 3 [0a1b2c]
## Who pays?
## Both
- ask: What is it?
- What does it cost?
"""
    assert read_outline(edited) == Outline(
        "open data",
        (
            Section("Renamed", (), ("0a1b2c",)),
            Section("Who pays?"),
            Section("Both", ("What is it?", "What does it cost?")),
        ),
    )
    assert [section.asked for section in read_outline(edited).sections] == [
        (),
        ("Who pays?",),
        ("What is it?", "What does it cost?"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks a topic"),
        ("# open data\n", "lacks a section"),
        ("## Index\n- ask: What?\n", "lacks a topic"),
        ("# open data\n\n## Index\nprose\n", "line 4, is no heading"),
        ("# open data\n- ask: What?\n", "line 2, is no heading"),
        ("# open data\n## Index\n- from: page 3\n", "line 3, should be"),
        ("# open data\n## Index\n-\n", "line 3, should be"),
        ("# open data\n" + "## More\n" * 31, "has 31 sections; keep at most 30"),
    ],
)
def test_what_is_no_outline_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "outline.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BriefError, match=message) as raised:
        open_outline(path)
    assert str(raised.value).startswith(str(path))


def test_an_outline_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(b"# \xff\xfe")
    with pytest.raises(BriefError, match=r"binary\.md cannot be read: it is not UTF-8 text"):
        open_outline(tmp_path / "binary.md")
    with pytest.raises(BriefError, match=r"none\.md cannot be read: No such file"):
        open_outline(tmp_path / "none.md")
