"""Serves the app over the made-up corpus, in a process of its own: python -m tests.ui.sample_app PORT INDEX.

Gradio leaves event loops and sockets to the end of its process, which the
test run, where warnings are errors, would report.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from kb.config import Config, ServerConfig
from kb.errors import KBError, QuestionError
from kb.types import Answer, Claim, Conflict, Option, Pointer
from kb.ui.app import build_app
from kb.ui.server import launch, routes
from kb.ui.startup import import_gradio

from .sample import PLACE, ROOM, STEPS, VENUE, Oracle, desk, passage, quote, venue_answer

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
    if "differ" in question:
        sources = (quote(VENUE, "room MH4"), quote(STEPS, "win the leaders"))
        conflict = Conflict("the room differs.", sources)
        return replace(venue_answer(), question=question, conflicts=(conflict,))
    if "nowhere" in question:
        pointer = Pointer("The handbook has a chapter on it.", (quote(STEPS, "The steps are:"),))
        return Answer(question, question, "not_in_corpus", pointers=(pointer,))
    if "removed" in question:
        source = passage("removed", "0ff1ce", (), [("paragraph", PLACE)])
        return Answer(question, question, "answered", (Claim(PLACE, (quote(source, PLACE),)),))
    if "procedure" in question:
        listed = [Claim(t, (quote(STEPS, t),), layout="item") for t in ("win the leaders", "train everybody")]
        return Answer(question, question, "answered", tuple(listed))
    return replace(venue_answer(), question=question, standalone_question=question)


def main() -> None:
    import_gradio()
    port, index, *prefix = sys.argv[1:]
    config = Config(index=Path(index), server=ServerConfig(port=int(port), prefix="".join(prefix)))
    served = desk(Oracle(reply), config)
    blocks = build_app(served)
    try:
        launch(blocks, config.server, routes(served))
    except KBError as error:
        sys.exit(str(error))
    blocks.block_thread()


if __name__ == "__main__":
    main()
