"""The language model as people set it up: settings, the command line and the web app, over real HTTP."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from kb.assistant import open_assistant
from kb.config import Config, LanguageModelConfig, load_config
from kb.errors import ConfigError
from kb.ui.chat import converse
from tests.conftest import MODELS, Command
from tests.scripted_llm import ScriptedServer, saying, scripted, sending

WHERE = "Where does the Kigali workshop take place?"
KEY = "sk-very-secret-key"
LOCAL = {"BASE_URL": "http://localhost:11434/v1", "MODEL": "llama"}


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    def reply(server: ScriptedServer) -> str:
        key = server.key("Convention Center")
        said = ("The Kigali workshop takes place in the Convention Center", "Entry costs 5 dollars")
        return " ".join(f"{sentence} [{key}]." for sentence in said)

    with scripted(saying(reply)) as running:
        yield running


@pytest.fixture
def configured(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> ScriptedServer:
    put(monkeypatch, BASE_URL=server.base_url, MODEL="scripted", API_KEY=KEY)
    return server


def put(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"KB_LLM__{name}", value)


def refused() -> str:
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert "\n" not in str(caught.value)
    assert KEY not in f"{caught.value} {caught.value.__cause__}"
    return str(caught.value)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"MODEL": "llama"}, "needs both base_url and model"),
        ({"BASE_URL": "http://localhost:1/v1"}, "needs both base_url and model"),
        ({"API_KEY": KEY}, "needs both base_url and model"),
        ({"BASE_URL": "http://models.example/v1", "MODEL": "m", "API_KEY": KEY}, "travel unencrypted"),
        ({"BASE_URL": "http://127.0.0.1.example/v1", "MODEL": "m", "API_KEY": KEY}, "travel unencrypted"),
        ({"BASE_URL": "ftp://localhost/v1", "MODEL": "m"}, "base_url is no address"),
        ({"BASE_URL": "localhost:11434", "MODEL": "m"}, "base_url is no address"),
        ({"BASE_URL": "http://localhost:99999", "MODEL": "m"}, "base_url is no address"),
        ({"BASE_URL": "http://[::1/v1", "MODEL": "m"}, "base_url is no address"),
        ({"BASE_URL": "https://me:secret@models.example/v1", "MODEL": "m"}, "without a password"),
        ({**LOCAL, "API_KEY": f"{KEY}\n"}, "a character that no key has"),
        ({**LOCAL, "API_KEY": KEY, "UNSUPPORTED": "hide"}, "llm.unsupported"),
        ({**LOCAL, "API_KEY": KEY, "TIMEOUT_S": "0"}, "llm.timeout_s"),
        ({**LOCAL, "APIKEY": KEY}, "llm.apikey"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    settings: dict[str, str], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, **settings)
    assert why in refused()


@pytest.mark.parametrize("host", ["localhost:11434", "127.0.0.1", "127.1.2.3:80", "[::1]:8000"])
def test_a_key_may_go_to_this_computer_without_encryption(host: str) -> None:
    config = LanguageModelConfig.model_validate(
        {"base_url": f"http://{host}/v1", "model": "m", "api_key": KEY}
    )
    assert config.is_local


def test_a_key_in_the_file_is_refused() -> None:
    Path("kb.toml").write_text(f'[llm]\nbase_url = "https://a.example"\nmodel = "m"\napi_key = "{KEY}"\n')
    assert refused() == "kb.toml holds llm.api_key; set it in the environment: KB_LLM__API_KEY=..."


def test_the_key_is_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, **LOCAL)
    without = load_config()
    put(monkeypatch, API_KEY=KEY)
    config = load_config()
    assert config.llm.api_key.get_secret_value() == KEY
    assert KEY not in f"{config!r} {config} {config.model_dump_json()} {config.llm!r}"
    assert config.digest == without.digest
    assert config.digest != Config().model_copy(update={"llm": LanguageModelConfig()}).digest
    with pytest.raises(ValidationError) as caught:
        LanguageModelConfig.model_validate({"api_key": KEY, "model": 5})
    assert KEY not in str(caught.value)


# The whole program


def test_the_command_line_answers_in_checked_words(
    kb: Command, small_index: Path, configured: ScriptedServer
) -> None:
    answer = kb("ask", WHERE, "--index", small_index, "--json").json
    assert [(c["text"], c["support"], c["citations"]) for c in answer["claims"]] == [
        ("The Kigali workshop takes place in the Convention Center.", "quoted", [1])
    ]
    assert answer["citations"][0]["quote"] == "The Kigali workshop takes place in the Convention Center."
    assert "dollars" not in answer["text"]
    assert configured.headers[0]["authorization"] == f"Bearer {KEY}"


def test_the_command_line_marks_if_told_to(
    kb: Command, small_index: Path, configured: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(monkeypatch, UNSUPPORTED="mark")
    out = kb("ask", WHERE, "--index", small_index).out
    assert "Entry costs 5 dollars. (not confirmed by the passage)" in out


def test_a_failing_server_shows_neither_key_nor_its_own_words(
    kb: Command, small_index: Path, configured: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    configured.reply = sending(f"bad key {KEY}, see http://evil.example".encode(), 401)
    ran = kb("ask", WHERE, "--index", small_index)
    assert ran.status == 0
    assert "refused with HTTP status 401. The answer quotes the documents instead." in ran.out
    assert "Convention Center" in ran.out
    assert KEY not in ran.out + ran.err + caplog.text
    assert "evil" not in ran.out + ran.err


def test_the_command_line_refuses_a_question_without_asking_the_model(
    kb: Command, small_index: Path, configured: ScriptedServer
) -> None:
    answer = kb("ask", "What is the salary of the minister of health?", "--index", small_index, "--json").json
    assert (answer["status"], configured.requests) == ("not_in_corpus", [])


def test_a_missing_package_ends_the_program_with_one_line(
    kb: Command, small_index: Path, configured: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    ran = kb("ask", WHERE, "--index", small_index)
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == (
        "kb: The setting llm.model needs the package openai, which is not installed; "
        "install it with: pip install 'openai>=3'\n"
    )


def test_the_web_app_shows_the_same(configured: ScriptedServer, small_index: Path) -> None:
    config = load_config(index=small_index)
    embedding = config.embedding.model_copy(update={"models_folder": MODELS})
    assistant = open_assistant(config.model_copy(update={"embedding": embedding}))
    *_, last = converse(assistant, WHERE, ())
    answer = last[-1].answer
    assert answer is not None
    assert [claim.text for claim in answer.claims] == [
        "The Kigali workshop takes place in the Convention Center."
    ]
    assert answer.notes[0].startswith("Worded by the language model scripted;")
