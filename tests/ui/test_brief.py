"""The Brief tab's outline, preview and files."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO

import pytest

from kb.assistant import Assistant
from kb.briefs import Brief, Paragraph, Part, brief_bytes, propose, read_outline, write_brief
from kb.errors import BriefError
from kb.types import Claim, Conflict, Passage
from kb.ui.brief import FORMS, brief_file, outline_for
from kb.ui.preview import render_preview
from kb.ui.sources import View
from kb.ui.strings import Words

from .sample import DOCUMENTS, STEPS, TABLE, VENUE, Page, passage, quote

HOSTILE = "<img src=x onerror=alert(1)> [a](javascript:b) </blockquote><script>alert(2)</script> \u202eend"


@pytest.fixture(scope="module")
def kigali(assistant: Assistant) -> Brief:
    return write_brief(assistant, "Kigali workshop")


def brief(*claims: Claim, **given: object) -> Brief:
    """Return a brief of one part."""
    part = Part("How it is", (Paragraph("From the note:", claims),))
    return replace(Brief("the topic", (part,), made="2026-11-21", documents=DOCUMENTS), **given)  # type: ignore[arg-type]


def said(source: Passage, words: str, **given: object) -> Claim:
    return replace(Claim(words, (quote(source, words),)), **given)  # type: ignore[arg-type]


def preview(shown: Brief, language: str = "en") -> Page:
    view = View(shown.documents, Words(language), lambda document: document == "note")
    return Page(render_preview(shown, view))


def test_an_outline_to_edit_is_the_proposed_one_without_help_that_the_tab_gives(assistant: Assistant) -> None:
    text = outline_for(assistant, "open data")
    assert read_outline(text) == propose(assistant, "open data")
    assert text.startswith("# open data\n\n## ")
    assert "\n>" not in text


def test_a_topic_that_the_documents_lack_is_refused_in_a_sentence(assistant: Assistant) -> None:
    with pytest.raises(
        BriefError, match=r"^No brief on “reactors on Mars”: the documents hold nothing on it"
    ):
        outline_for(assistant, "reactors on Mars")


def test_every_sentence_has_a_marker_whose_footnote_holds_its_passage(kigali: Brief) -> None:
    page = preview(kigali)
    targets = [given["href"] for given in page.all("a", "marker")]
    notes = [given["id"] for given in page.all("li") if "id" in given]
    assert len(targets) >= sum(1 for _ in kigali.claims)
    assert {target.removeprefix("#") for target in targets} == set(notes)
    backs = [given["href"].removeprefix("#") for given in page.all("a", "back")]
    marks = [given["id"] for given in page.all("a", "marker") if "id" in given]
    assert backs == marks
    assert len(notes) == len(backs)
    marked = "".join("".join(page.marked).split())  # A quote inside another cuts its mark in two.
    for claim in kigali.claims:
        for cell in claim.text.split("\t"):
            assert " ".join(cell.split()) in page.text
            assert "".join(cell.split()) in marked


def test_no_two_elements_share_an_id(kigali: Brief) -> None:
    ids = [given["id"] for _, given in preview(kigali).elements if "id" in given]
    assert len(ids) == len(set(ids)) > 20


def test_the_preview_reads_as_the_markdown_file_does(kigali: Brief) -> None:
    written = brief_bytes(kigali, "markdown").decode()
    headings = [line.lstrip("# ") for line in written.splitlines() if line.startswith("#")]
    assert headings[-3:] == ["Where the sources disagree", "What the documents do not say", "Documents cited"]
    page, place = preview(kigali), 0
    for heading in headings:
        place = page.text.index(heading, place)
    assert written.count("\n[^") == sum("id" in given for given in page.all("li"))


def test_lists_tables_and_a_place_cited_twice() -> None:
    items = [said(STEPS, words, layout="item") for words in ("win the leaders", "train everybody")]
    header, row = (
        said(TABLE, "Country\tEGDI", layout="lead"),
        said(TABLE, "Land 10\t0.10", layout="row"),
    )
    page = preview(brief(*items, header, row))
    assert [given["href"][-1] for given in page.all("a", "marker")] == ["1", "1", "2"]
    assert page.tags().count("th") == 4  # two of them in the passage
    assert "Land 100.10[2]" in page.text
    assert "Officer handbook, section “Culture”." in page.text


def test_a_page_that_can_be_pictured_is_offered_and_others_are_not() -> None:
    shown = preview(brief(said(VENUE, "It meets in room MH4."), said(STEPS, "win the leaders")))
    [image] = shown.all("img")
    assert image["src"].startswith("picture/note/12?q=venue:")
    assert image["loading"] == "lazy"
    assert image["alt"] == "Workshop note, p. 12, printed as 8 as printed, with the quoted words marked"
    assert "As printed: p. 12, printed as 8" in shown.text


def test_conflicts_and_gaps_are_listed() -> None:
    conflict = Conflict("The room differs.", (quote(VENUE, "room MH4"), quote(STEPS, "win the leaders")))
    text = preview(brief(said(VENUE, "room MH4"), conflicts=(conflict,), gaps=("Who pays <b>?",))).text
    assert "Where the sources disagreeThe room differs.[1][2]“room MH4”[1]“win the leaders”[2]" in text
    assert "What the documents do not say" in text
    assert "Who pays <b>?" in text


def test_hostile_words_are_only_words() -> None:
    source = passage("bad", "note", (HOSTILE,), [("paragraph", HOSTILE)])
    bad = {"note": replace(DOCUMENTS["note"], title=HOSTILE)}
    part = Part(HOSTILE, (Paragraph(HOSTILE, (said(source, HOSTILE),)),))
    conflict = Conflict(HOSTILE, (quote(source, HOSTILE),))
    page = preview(Brief(HOSTILE, (part,), (conflict,), (HOSTILE,), (HOSTILE,), bad, made="2026-11-21"))
    assert {"script", "img"} & {*page.tags()} == set()
    assert not [name for _, given in page.elements for name in given if name.startswith("on")]
    assert {given["href"][:7] for given in page.all("a")} == {"#brief-"}
    assert page.text.count("<script>alert(2)</script>") >= 8
    assert "\u202e" not in page.text


def test_the_words_around_a_brief_are_in_the_language_of_the_page() -> None:
    page = preview(brief(said(VENUE, "room MH4")), "fr")
    assert "Notes de bas de page" in page.text
    assert page.all("article")[0]["lang"] == "en"


def test_files_are_named_after_topic_and_day(kigali: Brief) -> None:
    files = dict(brief_file(kigali, form) for form in FORMS)
    assert [name.split("-2")[0] for name in files] == ["brief-kigali-workshop"] * 3
    docx, md, html = files.values()
    assert "word/footnotes.xml" in zipfile.ZipFile(BytesIO(docx)).namelist()
    assert md.startswith(b"# Kigali workshop")
    assert b"<html" in html


def test_the_name_of_a_file_holds_no_sign_of_a_path() -> None:
    name, _ = brief_file(brief(said(VENUE, "room MH4"), topic='../..\\a "b"? ' + "x" * 99), "md")
    assert name == f"brief-a-b-{'x' * 56}-2026-11-21.md"
