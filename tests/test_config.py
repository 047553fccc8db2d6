"""Settings: where they come from, which one wins, and that none passes unnoticed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from kb.config import Config, load_config
from kb.errors import ConfigError


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without kb.toml, and no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.upper().startswith("KB_")]:
        monkeypatch.delenv(name)


def write(text: str) -> None:
    Path("kb.toml").write_text(text, encoding="utf-8")


def refused() -> str:
    with pytest.raises(ConfigError) as caught:
        load_config()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_defaults() -> None:
    config = load_config()
    assert (config.index, config.corpus) == (Path("indexes/default"), Path("corpus"))
    assert config.server.host == "127.0.0.1"
    assert config.embedding.model == "embedded"


def test_the_file_is_read() -> None:
    write('index = "elsewhere"\n[retrieval]\nk = 5\n[server]\nport = 8000\n')
    config = load_config()
    assert (config.index, config.retrieval.k, config.server.port) == (Path("elsewhere"), 5, 8000)
    assert config.retrieval.candidates == Config.model_fields["retrieval"].default.candidates


def test_arguments_win_over_the_environment_and_that_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    write('index = "file"\n[retrieval]\nk = 5\ncandidates = 20\n')
    monkeypatch.setenv("KB_INDEX", "environment")
    monkeypatch.setenv("KB_RETRIEVAL__K", "7")
    config = load_config(index=Path("argument"))
    assert config.index == Path("argument")
    assert load_config().index == Path("environment")
    assert (config.retrieval.k, config.retrieval.candidates) == (7, 20)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[retreival]\nk = 5", "'retreival'"),
        ("[retrieval]\nkk = 5", "'retrieval.kk'"),
        ("[retrieval]\nk = 0", "'retrieval.k'"),
        ('[retrieval]\nk = "many"', "'retrieval.k'"),
        ("[retrieval]\ndense_weight = 1.5", "'retrieval.dense_weight'"),
        ("[server]\nport = 70000", "'server.port'"),
        ("retrieval = 5", "'retrieval'"),
        ("[chunking]\nmax_chars = 10", "'chunking.max_chars'"),
        ("k = = 5", "kb.toml is not valid TOML"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(text: str, named: str) -> None:
    write(text)
    assert named in refused()
    assert "kb.toml" in refused()


def test_a_file_that_is_no_text_is_named() -> None:
    Path("kb.toml").write_bytes(b'index = "\xff"')
    assert refused().startswith("kb.toml is not valid TOML")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KB_RETRIEVAL__K", "many"),
        ("KB_RETRIEVAL__KK", "5"),
        ("KB_RETREIVAL__K", "5"),
        ("KB_RETRIEVAL", "no JSON"),
        ("KB_K", "5"),
        ("kb_retreival__k", "5"),
    ],
)
def test_what_is_wrong_in_the_environment_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    said = refused().lower()
    assert "environment" in said
    assert any(part in said for part in (name.lower(), name.lower()[3:].replace("__", ".")))


def test_settings_cannot_be_changed() -> None:
    config = load_config()
    with pytest.raises(ValidationError, match="frozen"):
        config.index = Path("other")
    with pytest.raises(ValidationError, match="frozen"):
        config.retrieval.k = 3


def test_the_digest_follows_what_can_change_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_config().digest
    assert len(before) == 12
    assert load_config(index=Path("other")).digest == before
    monkeypatch.setenv("KB_SERVER__PORT", "9000")
    assert load_config().digest == before
    monkeypatch.setenv("KB_RETRIEVAL__DENSE_WEIGHT", "0.1")
    assert load_config().digest != before
