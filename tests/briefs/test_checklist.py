"""Checklists and conversations: rows with what is needed to work, each with its citation."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from kb.assistant import Assistant
from kb.briefs import (
    Checklist,
    checklist_bytes,
    is_listed,
    make_checklist,
    save_checklist,
    save_conversation,
    workbook_bytes,
)
from kb.briefs.checklist import Row
from kb.errors import BriefError
from kb.types import Citation, Claim, Document, Passage, Turn
from tests.briefs.test_export import W, ast, nodes, plain

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAY = "2026-11-21"
WORKING = ["Owner", "Due date", "State", "Note"]
SOURCE = ["Document", "Section", "Page", "Quote"]


def checklist(assistant: Assistant, question: str) -> Checklist:
    return make_checklist(assistant, assistant.ask(question), DAY)


def cells(data: bytes) -> list[list[str]]:
    """Return the cells of a workbook's first sheet as text."""
    book = zipfile.ZipFile(io.BytesIO(data))
    strings = [
        "".join(t.text or "" for t in entry.iter(f"{S}t"))
        for entry in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{S}si")
    ]
    rows = []
    for row in ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{S}row"):
        values = [cell.find(f"{S}v") for cell in row.iter(f"{S}c")]
        rows.append(["" if value is None else strings[int(value.text or "")] for value in values])
    return rows


def test_the_fifteen_audit_controls(assistant: Assistant) -> None:
    found = checklist(assistant, "What are the fifteen audit controls?")
    assert found.columns == ("No.", "Control", "Content")
    assert [row.cells[0] for row in found.rows] == list("ABCDEFGHIJKLMNO")
    header, *rows = cells(workbook_bytes(found))
    assert header == ["No.", "Control", "Content", *WORKING, *SOURCE]
    assert len(rows) == 15
    first = dict(zip(header, rows[0], strict=True))
    assert first["Control"] == "Access control policy and procedures"
    assert (first["Owner"], first["Due date"], first["State"], first["Note"]) == ("", "", "Open", "")
    assert first["Document"] == "Chief Digital Officer Handbook: Key Functions and Roles"
    assert first["Section"].endswith("Internal audit checklist: controls A to O")
    assert first["Page"] == "page 33 (printed 29)"
    assert first["Quote"].startswith("A · Access control policy and procedures · A policy on access control;")
    assert rows[-1][header.index("Page")] == "page 34 (printed 30)"


def test_the_supplier_kpis_and_the_steps_told_in_sentences(assistant: Assistant) -> None:
    kpis = checklist(assistant, "What are the supplier KPIs?")
    assert kpis.columns == ("No.", "Item")
    assert [row.cells[0] for row in kpis.rows] == [str(n) for n in range(1, len(kpis.rows) + 1)]
    assert kpis.rows[0].cells[1].startswith("Satisfaction Levels:")
    assert "Key Performance Indicators" in kpis.lead
    answer = assistant.ask("What should a CDO do next once the Digital Maturity Model has been completed?")
    assert not is_listed(answer)
    steps = make_checklist(assistant, answer, DAY)
    assert steps.rows[0].cells[1].startswith("Once the Digital Maturity Model has been completed")
    assert (
        steps.rows[-1].cells[1]
        == "Before it is implemented, the action plan should go to RISA for validation."
    )
    assert all(row.cells[1] == row.citation.quote for row in steps.rows)


def test_the_workbook_is_frozen_filtered_and_offers_the_states(assistant: Assistant) -> None:
    data = workbook_bytes(checklist(assistant, "What are the fifteen audit controls?"))
    sheet = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml"))
    pane = sheet.find(f".//{S}pane")
    assert pane is not None
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
    filtered = sheet.find(f"{S}autoFilter")
    assert filtered is not None
    assert filtered.get("ref") == "A1:K16"
    offered = {v.get("sqref"): v.findtext(f"{S}formula1") for v in sheet.iter(f"{S}dataValidation")}
    assert offered["F2:F16"] == '"Open,In progress,Done,Not applicable"'
    assert [*sheet.iter(f"{S}f")] == []


def test_a_quoted_table_with_columns_of_the_same_names_gets_no_states() -> None:
    text = "plan\tOpen\t2026"
    passage = Passage("p", "d", 0, text, (), 1, "1", 0, len(text))
    row = Row(("1", *text.split("\t")), Claim(text, (Citation(passage, 0, len(text)),), "quoted", "row"))
    columns = ("No.", "Step", "State", "Due date")
    found = Checklist("Steps?", "", columns, (row,), {"d": Document("d", "f", "F")}, DAY, "g")
    data = workbook_bytes(found)
    sheet = ElementTree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml"))
    offered = {v.get("sqref"): v.get("type") for v in sheet.iter(f"{S}dataValidation")}
    assert offered == {"G2": "list", "F2": "date"}
    styles = {cell.get("r"): cell.get("s") for cell in sheet.iter(f"{S}c")}
    assert styles["F2"] != styles["D2"] == styles["G2"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+CALL()", "-2+3", "@SUM(A1)", "\t=1+1", "https://evil.example", "007"]
)
def test_what_looks_like_a_formula_stays_text(text: str) -> None:
    passage = Passage("p", "d", 0, text, ("=section",), 1, "=1", 0, len(text))
    claim = Claim(text, (Citation(passage, 0, len(text)),), "quoted", "item")
    found = Checklist(
        text, "", ("No.", "Item"), (Row((text, text), claim),), {"d": Document("d", "f", text)}, DAY, "g"
    )
    data = workbook_bytes(found)
    [_, row] = cells(data)
    assert row[:2] == [text.strip()] * 2
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert set(re.findall(r'<c r="[AB]2"[^>]* t="(\w+)"', sheet)) == {"s"}


def test_the_word_checklist_is_a_wide_table_with_a_note_for_each_place(assistant: Assistant) -> None:
    found = checklist(assistant, "What are the fifteen audit controls?")
    data = checklist_bytes(found, "docx")
    xml = zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml")
    assert b'w:orient="landscape"' in xml
    body = ElementTree.fromstring(xml)
    rows = [*body.iter(f"{W}tr")]
    assert len(rows) == 16
    assert all("FootnoteReference" in ElementTree.tostring(row).decode() for row in rows[1:])
    tree: dict[str, Any] = ast(data, "docx")
    places = [" ".join(plain(note).split()) for note in nodes(tree["blocks"], "Note")]
    assert [re.sub(r".*, (page \d+).*", r"\1", text) for text in places] == ["page 33", "page 34"]


def test_an_answer_that_is_no_list_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    for question in ("Who validates the action plan?", "Which nuclear reactors are planned in Rwanda?"):
        with pytest.raises(BriefError, match=r"is no list of which a checklist could be made"):
            checklist(assistant, question)
    with pytest.raises(BriefError, match=r"list\.pdf: no file of this kind can be written; .*\.xlsx"):
        save_checklist(checklist(assistant, "What are the supplier KPIs?"), tmp_path / "list.pdf")


def test_a_conversation_keeps_its_questions_answers_and_refusals(
    assistant: Assistant, tmp_path: Path
) -> None:
    first = assistant.ask("When is the Kigali workshop?")
    turns = [Turn("user", first.question)]
    answers = [
        first,
        assistant.ask("and who organises it?", turns),
        assistant.ask("What is the price of gold?"),
    ]
    documents = {document.id: document for document in assistant.index.documents()}
    save_conversation(answers, documents, tmp_path / "talk.md")
    text = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.*)$", text, re.M) == [*(a.question for a in answers), "Documents cited"]
    assert "Sources disagree:" in text
    assert "The documents do not say this." in text
    assert "section “5. Date and Venue”" in text
    save_conversation(answers, documents, tmp_path / "talk.docx")
    notes = [*nodes(ast((tmp_path / "talk.docx").read_bytes(), "docx"), "Note")]
    assert len(notes) == len(set(re.findall(r"^\[\^(\d+)\]:", text, re.M)))
