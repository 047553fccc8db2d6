"""Briefs on a topic, checklists and conversations, as files to work with: every sentence keeps its citation.

    topic -> propose -> Outline -> (a person edits it) -> write -> Brief -> save_brief

`make_checklist` turns an answer that is a list into rows, `save_conversation`
writes questions with their answers.
"""

from kb.briefs.brief import Brief, Paragraph, Part
from kb.briefs.checklist import Checklist, is_listed, make_checklist
from kb.briefs.contract import brief_object, outline_object
from kb.briefs.export import save, target_of
from kb.briefs.files import (
    brief_bytes,
    check,
    checklist_bytes,
    export_answer,
    save_brief,
    save_checklist,
    save_conversation,
    today,
)
from kb.briefs.outline import Outline, Section, open_outline, outline_text, read_outline
from kb.briefs.propose import propose
from kb.briefs.sheet import workbook_bytes
from kb.briefs.write import write, write_brief

__all__ = [
    "Brief",
    "Checklist",
    "Outline",
    "Paragraph",
    "Part",
    "Section",
    "brief_bytes",
    "brief_object",
    "check",
    "checklist_bytes",
    "export_answer",
    "is_listed",
    "make_checklist",
    "open_outline",
    "outline_object",
    "outline_text",
    "propose",
    "read_outline",
    "save",
    "save_brief",
    "save_checklist",
    "save_conversation",
    "target_of",
    "today",
    "workbook_bytes",
    "write",
    "write_brief",
]
