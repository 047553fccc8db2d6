"""Language model servers that fail, and questions that never reach one: the quoted answer stays."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from kb.answering.llm import open_writer
from kb.assistant import Assistant
from kb.config import LanguageModelConfig
from tests.answering.desk import desk
from tests.scripted_llm import (
    END,
    INSTEAD,
    KEY,
    NOTE,
    QUESTION,
    Reply,
    ScriptedServer,
    asked,
    event,
    said,
    saying,
    scripted,
    sending,
    trickling,
)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted(saying("")) as running:
        yield running


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The desk without a model, which the answers fall back to."""
    return desk(tmp_path_factory.mktemp("desk"), note=NOTE)


REFUSED = "The language model's server refused with HTTP status"
NO_ANSWER = "The language model sent something that is no answer."
NOTHING = "The language model wrote nothing that the passages confirm."
BROKEN = "The language model stopped in the middle of its answer."


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (sending(f"wrong key {KEY}".encode(), 500), f"{REFUSED} 500."),
        (sending(f'{{"error": {{"message": "wrong key {KEY}"}}}}'.encode(), 401), f"{REFUSED} 401."),
        (sending(b"", 307, Location="http://127.0.0.1:9/v1/chat/completions"), f"{REFUSED} 307."),
        (sending(b""), BROKEN),
        (sending(b'{"choices": [{"message": {"content": "It is in Kigali [1]."}}]}'), BROKEN),
        (sending(event("The workshop is in the Convention Center [1]. It")), BROKEN),
        (sending(bytes(range(128, 256)) * 40), NO_ANSWER),
        (sending(b"data: \xff\xfe\n\n"), NO_ANSWER),
        (sending(b"data: not JSON\n\n"), NO_ANSWER),
        (sending(b"data: 7\n\n"), NO_ANSWER),
        (sending(b'data: {"choices": 7}\n\n'), NO_ANSWER),
        (sending(b'data: {"choices": [{"delta": null}]}\n\n'), NO_ANSWER),
        (sending(event(["a"])), NO_ANSWER),
        (sending(b'data: {"error": {"message": "overloaded"}}\n\n'), NO_ANSWER),
        (sending(b"", Content_Length="100"), "The language model could not be reached, or broke off."),
        (
            sending(event("x"), Content_Encoding="gzip"),
            "The language model could not be reached, or broke off.",
        ),
        (sending(END), NOTHING),
        (saying("I could not find that. NONE"), NOTHING),
        (saying("lorem ipsum dolor [1] " * 40), NOTHING),
    ],
)
def test_a_server_that_fails_leaves_the_quoted_answer_with_a_note(
    plain: Assistant, server: ScriptedServer, reply: Reply, note: str
) -> None:
    answer, expected = asked(plain, server, reply), plain.ask(QUESTION)
    assert answer.claims == expected.claims
    assert answer.notes == (f"{note} {INSTEAD}",)
    assert KEY not in repr(answer)


def test_a_server_that_is_down(plain: Assistant) -> None:
    with scripted(saying("")) as server:
        pass
    answer = asked(plain, server, saying(""))
    assert answer.claims == plain.ask(QUESTION).claims
    assert answer.notes == (f"The language model could not be reached, or broke off. {INSTEAD}",)


@pytest.mark.parametrize(
    "reply",
    [
        trickling(b": keep waiting\n\n"),
        trickling(event("The workshop takes place ")),
        trickling(b"X-Slow: yes\r\n", headers=False),
        trickling(event("Slow. "), pause=0),
        trickling(b"x", pause=60),
    ],
    ids=["comments", "bytes", "headers", "endless", "silence"],
)
def test_no_server_stretches_the_set_time(plain: Assistant, server: ScriptedServer, reply: Reply) -> None:
    before = set(threading.enumerate())
    start = time.monotonic()
    answer = asked(plain, server, reply, timeout_s=0.7)
    assert time.monotonic() - start < 10  # the server itself never ends
    assert answer.claims == plain.ask(QUESTION).claims
    assert len(answer.notes) == 1
    assert answer.notes[0].endswith(INSTEAD)
    # The thread that reads the network ends too: its connection was closed.
    until = time.monotonic() + 3
    while receiving(before) and time.monotonic() < until:
        time.sleep(0.05)
    assert receiving(before) == set()


def receiving(before: set[threading.Thread]) -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if "_receive" in thread.name} - before


# When it is not asked


@pytest.mark.parametrize(
    "question", ["What is the salary of the minister?", "How many astronauts went to Mars?"]
)
def test_a_refusal_is_never_overridden(plain: Assistant, server: ScriptedServer, question: str) -> None:
    answer = asked(plain, server, said("The workshop is in the Convention Center [1]."), question)
    assert answer.status == "not_in_corpus"
    assert (answer.claims, server.requests) == ((), [])


def test_without_settings_there_is_no_writer() -> None:
    assert open_writer(LanguageModelConfig()) is None
