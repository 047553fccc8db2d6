"""What the documents of the project name is there: files that they link to, commands, targets of make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

from eval.commands import app as evaluation
from kb.cli import app
from tests.conftest import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("[!.]*/README.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")
FENCED, INLINE = re.compile(r"^```\w*\n(.*?)^```", re.M | re.S), re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def called(document: Path, program: str) -> set[str]:
    """Return the first words after a program's name, at the start of a line of code."""
    text = document.read_text(encoding="utf-8")
    lines = [line for code in FENCED.findall(text) for line in code.splitlines()] + INLINE.findall(text)
    found = (re.match(rf"\s*(?:\.venv/bin/)?{program} ([a-z]+)\b", line) for line in lines)
    return {match[1] for match in found if match}


def commands(program: typer.Typer) -> set[str]:
    """Return the names of a program's commands."""
    return {*typer.main.get_group(program).commands}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert called(document, "make") <= {*targets}
    assert called(document, "kb") <= {*commands(app), "eval"}
    assert called(document, "kb eval") <= commands(evaluation)


def test_ci_runs_make_check_and_nothing_beside_it() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if re.match(r"\s*(?:make|\.venv)\b", line)] == ["make check"]
