"""Lines of the journal that are begun and ended by hand."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from kb.config import ServerConfig
from kb.errors import KBError
from kb.ui.intake import Outcome
from kb.ui.journal import JOURNAL, counted, noted


def fields(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, Any]]]:
    return [(record.getMessage(), record.__dict__["fields"]) for record in caplog.records]


@pytest.fixture
def journal(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(JOURNAL, "propagate", True)
    caplog.set_level(logging.INFO, JOURNAL.name)
    return caplog


def test_a_change_of_the_library_is_noted_with_who_made_it_and_of_which_documents(
    journal: pytest.LogCaptureFixture,
) -> None:
    outcome = Outcome(added=("plan.pdf",), left_out=(("a", "why"), ("b", "why")))

    with noted("add", "what was asked", ServerConfig(), {"user": "bo", "address": "192.0.2.1"}) as tell:
        tell("done", "000001-1a2b3c4d", **counted(outcome), documents=outcome.changed)

    [(event, said)] = fields(journal)
    assert event == "add"
    assert said.pop("ms") >= 0
    assert said == {
        "via": "page",
        "user": "bo",
        "address": "192.0.2.1",
        "status": "done",
        "generation": "000001-1a2b3c4d",
        "added": 1,
        "left_out": 2,
        "documents": ["plan.pdf"],
    }


def test_what_was_asked_is_noted_where_the_settings_want_it(journal: pytest.LogCaptureFixture) -> None:
    with noted("remove", "secret.pdf", ServerConfig(log_questions=True)) as tell:
        tell("done", "g")

    assert fields(journal)[0][1]["asked"] == "secret.pdf"


def test_what_did_not_end_well_is_noted_as_an_error_and_goes_on(journal: pytest.LogCaptureFixture) -> None:
    with pytest.raises(KBError), noted("remove", "secret.pdf", ServerConfig()):
        raise KBError("The library no longer holds secret.pdf.")

    [(event, said)] = fields(journal)
    assert (event, said["status"]) == ("remove", "error")
    assert "secret" not in str(said)
