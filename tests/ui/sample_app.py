"""Serves the page over the made-up corpus, in a process of its own: python -m tests.ui.sample_app PORT.

Gradio leaves event loops and sockets to the end of its process, which the
test run, where warnings are errors, would report.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from kb.config import ServerConfig
from kb.errors import KBError, QuestionError
from kb.types import Answer, Claim, Option
from kb.ui.page import build
from kb.ui.server import launch
from kb.ui.startup import import_gradio

from .sample import PLACE, ROOM, VENUE, Desk, passage, quote, venue_answer

HOSTILE = (
    "<img src=x onerror=\"document.title='owned'\"> ${document.title='owned'} "
    "{{constructor}} [a](javascript:b) ![](http://evil.example/x.png)"
)


def reply(question: str) -> Answer:
    """Answer, ask back, refuse, fail or quote hostile words, as the question says."""
    if not question.strip():
        raise QuestionError("The question is empty; type what you want to know.")
    if "fail" in question:
        raise RuntimeError("as the question wished")
    if "hostile" in question:
        source = passage("hostile", "note", (HOSTILE,), [("paragraph", f"{HOSTILE} End.")])
        return Answer(question, question, "answered", (Claim(HOSTILE, (quote(source, HOSTILE),)),))
    if "ambiguous" in question:
        options = (
            Option("The place", "Where is the workshop?", (quote(VENUE, PLACE),)),
            Option("The room", "Which room is it?", (quote(VENUE, ROOM),)),
        )
        return Answer(question, question, "clarify", options=options)
    return replace(venue_answer(), question=question, standalone_question=question)


def main() -> None:
    import_gradio()
    blocks = build(Desk(reply))
    try:
        launch(blocks, ServerConfig(port=int(sys.argv[1])))
    except KBError as error:
        sys.exit(str(error))
    blocks.block_thread()


if __name__ == "__main__":
    main()
