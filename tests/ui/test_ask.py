"""The Ask tab's handlers: whatever the page sends and whatever became of the index, a sentence says it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from kb.config import Config
from kb.errors import BriefError, IndexDamaged, KBError
from kb.types import Answer
from kb.ui.ask import answering, rated, turn_of
from kb.ui.chat import Exchange
from kb.ui.desk import Desk
from kb.ui.exporting import exported
from kb.ui.feedback import read

from .sample import Oracle, Page, desk, passage, quote, venue_answer

if TYPE_CHECKING:
    import gradio as gr

    from kb.assistant import Assistant

DAMAGED = "The index is damaged; rebuild it with: kb build"
ASKED = (Exchange("Where?", venue_answer()),)


def event(**sent: object) -> gr.EventData:
    return cast("gr.EventData", SimpleNamespace(reason="", more="", **sent))


def damaged() -> Assistant:
    raise IndexDamaged(DAMAGED)


def gone(layout: str = "item") -> Answer:
    """An answer that cites a document which the index has no more."""
    source = passage("p", "0ff1ce", ("Steps",), [("list_item", "plan it"), ("list_item", "do it")])
    claims = [
        replace(venue_answer().claims[0], text=t, citations=(quote(source, t),)) for t in ("plan it", "do it")
    ]
    return replace(venue_answer(), claims=tuple(replace(c, layout=layout) for c in claims))  # type: ignore[arg-type]


def test_an_index_that_cannot_be_opened_is_said_above_what_was_said_before() -> None:
    shown = list(answering(Desk(Config(), damaged), "And when?", ASKED, "", [[], [], [], "", ""]))

    [(conversation, box, transcript, panel, _)] = shown
    assert (conversation[-1].problem, box) == (DAMAGED, "And when?")
    assert DAMAGED in Page(transcript).text
    assert "MH4" in Page(panel).text


@pytest.mark.parametrize("turn", ["0", "-1", "2", "9" * 5000, "1.0", "", None])
def test_only_answers_of_the_conversation_are_rated(turn: object, tmp_path: Path) -> None:
    here = desk(Oracle(lambda _: venue_answer()), Config(index=tmp_path))

    with pytest.raises(KBError, match="no such answer"):
        rated(here, ASKED, "", event(turn=turn, rating="up"))

    assert read(tmp_path) == []


def test_an_answer_is_rated_once(tmp_path: Path) -> None:
    here = desk(Oracle(lambda _: venue_answer()), Config(index=tmp_path))

    once = rated(here, ASKED, "cdo", event(turn="1", rating="down"))
    again = rated(here, once, "cdo", event(turn="1", rating="up"))

    assert [exchange.rating for exchange in again] == ["down"]
    assert [said.verdict for said in read(tmp_path)] == ["down"]


def test_a_rating_that_cannot_be_stored_is_no_rating(tmp_path: Path) -> None:
    (tmp_path / "index").touch()

    with pytest.raises(KBError, match="cannot be written"):
        rated(
            desk(Oracle(lambda _: venue_answer()), Config(index=tmp_path / "index")),
            ASKED,
            "",
            event(turn="1", rating="up"),
        )


def test_an_export_is_of_an_answer_or_of_all_of_them() -> None:
    assert [turn_of(event(turn=turn), ASKED, first=0) for turn in ("0", "1", 1)] == [0, 1, 1]
    with pytest.raises(KBError, match="no such answer"):
        turn_of(event(turn="-1"), ASKED, first=0)


@pytest.mark.parametrize(
    ("layout", "turn", "form"), [("sentence", 0, "md"), ("item", 1, "xlsx"), ("sentence", 1, "md")]
)
def test_what_cites_a_document_that_was_removed_is_not_exported_and_says_so(
    layout: str, turn: int, form: str
) -> None:
    here = desk(Oracle(lambda _: venue_answer()))

    with pytest.raises(BriefError, match=r"document 0ff1ce .* no longer in the index; add it again"):
        exported(here.assistant, (Exchange("How?", gone(layout)),), turn, form)
