"""A conversation, or a list that answers a question, as a file to take along."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kb.briefs import make_checklist, save_checklist, save_conversation, today
from kb.errors import BriefError
from kb.retrieval.shelf import shelf
from kb.ui.chat import Conversation
from kb.ui.tools import FORMS

if TYPE_CHECKING:
    from kb.assistant import Assistant


def exported(assistant: Assistant, conversation: Conversation, turn: int, form: str) -> tuple[str, bytes]:
    """Return name and bytes: of the checklist of an answer (`turn` from 1), of the conversation for turn 0.

    Raises BriefError for a form that there is not, or an answer that is no list.
    """
    what = "checklist" if turn else "conversation"
    if form not in FORMS[what]:
        raise BriefError(f"There is no export of a {what} as {form!r}.")
    answers = [exchange.answer for exchange in conversation if exchange.answer and exchange.whole]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{what}-{today()}.{form}")
        if turn:
            answer = conversation[turn - 1].answer
            if answer is None:
                raise BriefError("There is no answer to make a checklist of.")
            save_checklist(make_checklist(assistant, answer, today()), path)
        else:
            save_conversation(answers, shelf(assistant.index), path)
        return path.name, path.read_bytes()
