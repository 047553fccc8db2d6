"""Files: Word with footnotes that resolve, Markdown and HTML; whatever a document says stays text."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypandoc
import pytest

from kb.assistant import Assistant
from kb.briefs import Brief, Outline, Paragraph, Part, Section, brief_bytes, save, save_brief, write
from kb.briefs.places import place
from kb.briefs.tree import Target
from kb.errors import BriefError
from kb.types import Citation, Claim, Conflict, Document, Passage

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = [
    "<script>alert(1)</script> and <img src=x onerror=alert(2)>",
    "![picture](https://evil.example/p.png) and [link](javascript:alert(3))",
    r"\input{/etc/passwd} $x$ `<b>code</b>`{=html} [^9] [^1]: note",
    "# no heading",
    '=HYPERLINK("https://evil.example") \x00\x0b\u202e control </w:t><w:br/>',
    "| a | b |",
    "::: {.remark} \\newpage --- title: x ---",
]


def ast(data: bytes, reader: str) -> dict[str, Any]:
    """Return a file as pandoc reads it."""
    command = [pypandoc.get_pandoc_path(), "--sandbox", "--from", reader, "--to", "json"]
    tree: dict[str, Any] = json.loads(
        subprocess.run(command, input=data, capture_output=True, check=True).stdout
    )
    return tree


def nodes(value: object, kind: str) -> Iterator[Any]:
    """Yield the contents of all nodes of a kind, in order."""
    if isinstance(value, dict):
        if value.get("t") == kind:
            yield value.get("c")
        for part in value.values():
            yield from nodes(part, kind)
    elif isinstance(value, list):
        for part in value:
            yield from nodes(part, kind)


def plain(value: object) -> str:
    """Return the words of a tree."""
    if isinstance(value, dict):
        if value.get("t") in ("Space", "SoftBreak"):
            return " "
        return value["c"] if value.get("t") == "Str" else plain(value.get("c"))
    return "".join(map(plain, value)) if isinstance(value, list) else ""


@pytest.fixture(scope="module")
def brief(assistant: Assistant) -> Brief:
    sections = (
        Section("Steps", ("What are the steps to establish a QMS?",)),
        Section("Functions", ("What are the functions of a Chief Digital Officer?",)),
        Section("Dates of the Kigali workshop", ("Which date and venue has the Kigali workshop?",)),
        Section("Which nuclear reactors are planned in Rwanda?"),
    )
    return write(assistant, Outline("duties of the chief digital officer", sections))


@pytest.fixture(scope="module")
def word(brief: Brief) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(brief_bytes(brief, "docx")))


def hostile() -> Brief:
    """A brief of which every text tries to be something else."""
    document = Document("d", "<b>file</b>.md", "Title *one* <i>two</i> [three](https://evil.example)")
    claims = []
    for n, text in enumerate(HOSTILE):
        passage = Passage(f"p{n}", "d", n, text, ("<u>Section</u> **bold**",), n + 1, "![x](y)", 0, len(text))
        layout = ("sentence", "item", "row")[n % 3]
        claims.append(Claim(text, (Citation(passage, 0, len(text)),), "quoted", layout))  # type: ignore[arg-type]
    parts = tuple(
        Part(text, (Paragraph(text, (claim,)),)) for text, claim in zip(HOSTILE, claims, strict=True)
    )
    conflicts = (Conflict(HOSTILE[0], claims[0].citations),)
    return Brief(
        HOSTILE[0], parts, conflicts, tuple(HOSTILE), tuple(HOSTILE), {"d": document}, 1, "2026-11-21"
    )


# Word


def test_every_footnote_of_the_word_file_is_a_place_that_the_brief_cites(
    brief: Brief, word: zipfile.ZipFile
) -> None:
    footnotes = ElementTree.fromstring(word.read("word/footnotes.xml"))
    texts = {
        note.get(f"{W}id"): "".join(note.itertext()).strip()
        for note in footnotes.iter(f"{W}footnote")
        if note.get(f"{W}type") is None
    }
    body = ElementTree.fromstring(word.read("word/document.xml"))
    marks = [mark.get(f"{W}id") for mark in body.iter(f"{W}footnoteReference")]
    assert len(marks) == len(set(marks)) == len(texts) >= 4
    places = dict.fromkeys(f"{place(c, brief.documents[c.passage.document_id])}." for c in brief.citations)
    assert [" ".join(texts[mark].split()) for mark in marks] == [*places]
    assert any(re.search(r", section “.+”, page \d+ \(printed \d+\)\.$", text) for text in texts.values())


def test_further_marks_of_a_footnote_refer_to_a_bookmark_around_it(
    brief: Brief, word: zipfile.ZipFile
) -> None:
    xml = word.read("word/document.xml").decode()
    referred = re.findall(r"NOTEREF (note\d+) ", xml)
    bookmarks = set(re.findall(r'<w:bookmarkStart [^>]*w:name="(note\d+)"', xml))
    assert set(referred) <= bookmarks
    marked = len(referred) + xml.count("<w:footnoteReference ")
    assert marked >= sum(1 for _ in brief.claims) + sum(len(c.citations) for c in brief.conflicts)


def test_every_sentence_of_the_word_file_carries_a_mark(brief: Brief, word: zipfile.ZipFile) -> None:
    body = ElementTree.fromstring(word.read("word/document.xml"))
    shown = [("".join(t.text or "" for t in p.iter(f"{W}t")), p) for p in body.iter(f"{W}p")]
    for claim in brief.claims:
        if claim.layout == "lead" and "\t" in claim.text:
            continue
        last = " ".join(claim.text.split("\t")[-1].split())
        tail = re.sub(r"^\d+\. ", "", last)
        holders = [p for text, p in shown if tail in text]
        assert holders, tail
        assert any("FootnoteReference" in ElementTree.tostring(p).decode() for p in holders), tail


def test_pandoc_reads_the_word_file_back_with_its_notes_and_parts(brief: Brief) -> None:
    tree = ast(brief_bytes(brief, "docx"), "docx")
    notes = [" ".join(plain(note).split()) for note in nodes(tree["blocks"], "Note")]
    places = dict.fromkeys(f"{place(c, brief.documents[c.passage.document_id])}." for c in brief.citations)
    assert [note.replace("“", '"') for note in notes] == [note.replace("“", '"') for note in places] or len(
        notes
    ) == len(places)
    headings = [plain(content[2]) for content in nodes(tree["blocks"], "Header")]
    assert headings[-2:] == ["What the documents do not say", "Documents cited"]
    assert plain(tree["meta"]["title"]["c"]) == "Duties of the chief digital officer"


def test_the_word_file_has_numbered_pages_of_a4(word: zipfile.ZipFile) -> None:
    assert b" PAGE " in b"".join(word.read(n) for n in word.namelist() if n.startswith("word/footer"))
    body = ElementTree.fromstring(word.read("word/document.xml"))
    assert [(size.get(f"{W}w"), size.get(f"{W}h")) for size in body.iter(f"{W}pgSz")] == [("11906", "16838")]


# Markdown and HTML


def test_markdown_is_read_back_with_every_mark(brief: Brief) -> None:
    data = brief_bytes(brief, "markdown")
    text = data.decode()
    assert text.startswith("# Duties of the chief digital officer\n\nBrief of ")
    assert len(re.findall(r"^\[\^\d+\]: ", text, re.M)) == len({re.sub(r"\D", "", m) for m in marks_of(text)})
    assert len(list(nodes(ast(data, "markdown"), "Note"))) == len(marks_of(text))


def marks_of(text: str) -> list[str]:
    return re.findall(r"\[\^\d+\](?!:)", text)


def test_the_page_loads_nothing(brief: Brief) -> None:
    page = brief_bytes(brief, "html").decode()
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img|iframe|object)\b|\bsrc=|@import|url\(", page)
    assert {
        address for address in re.findall(r'href="([^"]*)"', page) if not address.startswith("#")
    } == set()
    assert set(re.findall(r'href="#(fn\d+)"', page)) == set(re.findall(r'<li id="(fn\d+)"', page))


# Hostile text


@pytest.mark.parametrize(("target", "reader"), [("docx", "docx"), ("html", "html"), ("markdown", "markdown")])
def test_what_documents_say_is_never_markup(target: Target, reader: str) -> None:
    data = brief_bytes(hostile(), target)
    tree = ast(data, reader)
    assert not [
        *nodes(tree, "Image"),
        *nodes(tree, "RawInline"),
        *nodes(tree, "RawBlock"),
        *nodes(tree, "Math"),
    ]
    links = [content[2][0] for content in nodes(tree, "Link")]
    assert [link for link in links if not link.startswith("#")] == []
    words = " ".join(plain(tree["blocks"]).split())
    for text in HOSTILE:
        kept = re.sub("[\x00\x0b\u202e]", "", text).replace('"', "").replace("---", "")
        for word in (w for w in kept.split() if w.isalnum()):
            assert word in words
    if target == "html":
        page = data.decode()
        assert not re.search(
            r"<script|<img|onerror=[^&]*>.*</p>\s*<script|href=\"(?:https?|javascript)", page
        )
        assert page.count("&lt;script&gt;") >= len([*hostile().claims]) > 0


# Writing


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(brief: Brief, tmp_path: Path) -> None:
    path = tmp_path / "brief.md"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    save_brief(brief, path)
    assert path.read_bytes() == brief_bytes(brief, "markdown")
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["brief.md"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("brief.pdf", r"brief\.pdf: no file of this kind can be written; end its name with one of \.docx"),
        ("brief", r"brief: no file of this kind"),
        ("none/brief.md", r"the folder .*none does not exist"),
        ("folder.md", r"folder\.md is a folder; name a file"),
    ],
)
def test_a_file_that_cannot_be_written_is_named(
    brief: Brief, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(BriefError, match=message):
        save_brief(brief, tmp_path / name)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.md"]


def test_a_disk_that_is_full_leaves_nothing_behind(tmp_path: Path) -> None:
    import resource

    (tmp_path / "brief.md").write_text("old", encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(BriefError, match=r"brief\.md cannot be written: File too large"):
            save(b"new" * 4096, tmp_path / "brief.md")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"brief.md": "old"}


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").write_text("kept", encoding="utf-8")
    with pytest.raises(BriefError, match="cannot be written"):
        save(b"new", tmp_path / "taken")
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken"]
