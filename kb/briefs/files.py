"""Briefs, checklists and conversations as files: the suffix says which kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from kb.assistant import Assistant
from kb.briefs.brief import Brief
from kb.briefs.checklist import Checklist, checklist_tree, make_checklist
from kb.briefs.conversation import conversation_tree
from kb.briefs.export import render, save, target_of
from kb.briefs.layout import brief_tree
from kb.briefs.sheet import workbook_bytes
from kb.briefs.tree import Target
from kb.errors import BriefError
from kb.retrieval.filters import ANY, Filter
from kb.types import Answer, Document, Turn

WORKBOOK = ".xlsx"


def check(path: Path, *, workbook: bool = False, outline: bool = False) -> None:
    """Raise BriefError for a file that could not be written: unknown suffix, missing folder."""
    target = target_of(path, {WORKBOOK} if workbook else ())
    if outline and target != "markdown":
        raise BriefError(f"{path}: an outline is Markdown to edit; end the name with .md.")


def save_brief(brief: Brief, path: Path) -> None:
    """Write a brief as DOCX, Markdown or HTML; a file of the name is replaced whole."""
    check(path)
    save(brief_bytes(brief, target_of(path) or "markdown"), path)


def brief_bytes(brief: Brief, target: Target) -> bytes:
    """Return a brief as the bytes of a file."""
    return render(brief_tree(brief, target), target)


def save_checklist(checklist: Checklist, path: Path) -> None:
    """Write a checklist as XLSX, DOCX, Markdown or HTML."""
    target = target_of(path, {WORKBOOK})
    save(workbook_bytes(checklist) if target is None else checklist_bytes(checklist, target), path)


def checklist_bytes(checklist: Checklist, target: Target) -> bytes:
    """Return a checklist as the bytes of a file; in Word, on a page laid on its side."""
    return render(checklist_tree(checklist, target), target, wide=True)


def save_conversation(answers: Sequence[Answer], documents: Mapping[str, Document], path: Path) -> None:
    """Write questions and answers as DOCX, Markdown or HTML; `documents` maps ids to documents."""
    target = target_of(path) or "markdown"
    save(render(conversation_tree(answers, documents, today(), target), target), path)


def export_answer(
    assistant: Assistant,
    question: str,
    earlier: Sequence[Turn],
    path: Path,
    *,
    checklist: bool = False,
    where: Filter = ANY,
) -> None:
    """Ask a question and write the conversation, or with `checklist` or as .xlsx the answer's list.

    Of earlier turns the questions are asked again, as their answers come without citations. A filter holds
    for every question.
    """
    if checklist or path.suffix.lower() == WORKBOOK:
        answer = assistant.ask(question, earlier, where=where)
        save_checklist(make_checklist(assistant, answer, today()), path)
        return
    asked = [at for at, turn in enumerate(earlier) if turn.role == "user"]
    answers = [assistant.ask(earlier[at].content, earlier[:at], where=where) for at in asked]
    answers.append(assistant.ask(question, earlier, where=where))
    documents = {document.id: document for document in assistant.index.documents()}
    save_conversation(answers, documents, path)


def today() -> str:
    """Return the day, as exports carry it."""
    return date.today().isoformat()
