"""`kb brief` and `kb ask -o` as people and programs use them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tests.conftest import Command

TOPIC = "pillars of data governance"


def test_a_brief_goes_to_the_screen_and_to_files(kb: Command, small_index: Path, tmp_path: Path) -> None:
    shown = kb("brief", TOPIC, "--index", small_index)
    assert shown.status == 0
    assert shown.out.startswith("# Pillars of data governance\n")
    assert "The pillars of data governance are:[^1]" in shown.out
    assert "\n- institutions[^1]\n" in shown.out
    written = kb("brief", TOPIC, "-o", tmp_path / "b.docx", "--index", small_index)
    assert (written.status, written.out, written.err) == (0, "", f"Written: {tmp_path}/b.docx\n")
    assert b"institutions" in zipfile.ZipFile(tmp_path / "b.docx").read("word/document.xml")
    both = kb("brief", TOPIC, "-o", tmp_path / "b.html", "--json", "--index", small_index)
    assert "<blockquote>" in (tmp_path / "b.html").read_text(encoding="utf-8")
    assert both.json["topic"] == TOPIC
    assert {"sections", "conflicts", "gaps", "citations", "index_generation", "words"} <= both.json.keys()


def test_an_outline_is_printed_edited_and_written(kb: Command, small_index: Path, tmp_path: Path) -> None:
    outline = kb("brief", TOPIC, "--outline", "--index", small_index).out
    assert outline.startswith(f"# {TOPIC}\n")
    assert "\n## Pillars\n- from: Survey guide, section “" in outline
    edited = tmp_path / "edited.md"
    edited.write_text(outline.replace("## Pillars", "## The four of them"), encoding="utf-8")
    shown = kb("brief", "--from-outline", edited, "--index", small_index)
    assert "\n## The four of them\n" in shown.out
    saved = kb("brief", TOPIC, "--outline", "-o", tmp_path / "o.md", "--json", "--index", small_index)
    assert (tmp_path / "o.md").read_text(encoding="utf-8") == outline
    assert "Pillars" in [section["heading"] for section in saved.json["sections"]]


def test_a_brief_that_cannot_be_written_is_one_line(kb: Command, small_index: Path, tmp_path: Path) -> None:
    absent = kb("brief", "nuclear energy", "--index", small_index)
    assert (absent.status, absent.out) == (1, "")
    assert absent.err.startswith("kb: No brief on “nuclear energy”: the documents hold nothing on it;")
    assert absent.err.count("\n") == 1
    for name in ("b.pdf", "b.xlsx", "none/b.md"):
        refused = kb("brief", TOPIC, "-o", tmp_path / name, "--index", tmp_path / "no index is opened")
        assert (refused.status, refused.err.count("\n")) == (1, 1)
        assert refused.err.startswith(f"kb: {tmp_path / name}: ")
    assert kb("brief", "--outline", TOPIC, "-o", tmp_path / "o.docx").err.endswith("end the name with .md.\n")
    assert kb("brief").status == 2
    assert kb("brief", TOPIC, "--from-outline", tmp_path / "o.md").status == 2


def test_answers_go_to_files(kb: Command, small_index: Path, tmp_path: Path) -> None:
    question = "What are the pillars of data governance?"
    history = tmp_path / "history.json"
    history.write_text(
        json.dumps([{"role": "user", "content": "Where is the Kigali workshop?"}]), encoding="utf-8"
    )
    ran = kb("ask", question, "--history", history, "-o", tmp_path / "talk.md", "--index", small_index)
    assert (ran.status, ran.out, ran.err) == (0, "", f"Written: {tmp_path}/talk.md\n")
    text = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert "## Where is the Kigali workshop?" in text
    assert f"## {question}" in text
    assert kb("ask", question, "-o", tmp_path / "list.xlsx", "--index", small_index).status == 0
    assert b"institutions" in zipfile.ZipFile(tmp_path / "list.xlsx").read("xl/sharedStrings.xml")
    assert kb("ask", question, "--checklist", "-o", tmp_path / "list.md", "--index", small_index).status == 0
    assert "| No. | Item" in (tmp_path / "list.md").read_text(encoding="utf-8")
    filtered = kb("ask", question, "--document", "note.txt", "-o", tmp_path / "no.md", "--index", small_index)
    assert (filtered.status, filtered.out) == (0, "")
    assert "The documents do not say this." in (tmp_path / "no.md").read_text(encoding="utf-8")
    none = kb("ask", "Where is the Kigali workshop?", "-o", tmp_path / "none.xlsx", "--index", small_index)
    assert (none.status, (tmp_path / "none.xlsx").exists()) == (1, False)
    assert "is no list of which a checklist could be made" in none.err
