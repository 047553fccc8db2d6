"""One frozen Config, read from `kb.toml` and the environment; values only.

Environment variables win over `kb.toml`; they are written with the prefix
`KB_` and two underscores between levels, as in `KB_RETRIEVAL__DENSE_WEIGHT=0.5`.
Unknown keys are refused, so a misspelt setting never passes unnoticed.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from kb.errors import ConfigError

CONFIG_FILE = Path("kb.toml")
PREFIX = "KB_"
EXAMPLE = "KB_RETRIEVAL__K=5"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]", "::1")


class Section(BaseModel):
    """A group of settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class EmbeddingConfig(Section):
    """Which sentence-transformers model turns text into vectors.

    `model` is "embedded" for the model that comes with the installation ("e5",
    multilingual-e5-small, or "minilm", all-MiniLM-L6-v2, where that is not to
    be had), one of these two names, or the folder of any other
    sentence-transformers model. `device` "auto" takes
    a GPU where torch can use one.
    """

    model: str = "embedded"
    models_folder: Path = Path("indexes/models")
    batch_tokens: int = Field(default=1024, ge=64, description="padded tokens in one batch")
    device: Literal["auto", "cpu"] = "auto"


class IngestConfig(Section):
    """How files are read.

    `ocr` reads pages that are pictures by text recognition. `layout` has
    LibreOffice lay Office files out, where it is on the computer, so that they
    have pages and pictures of them.
    """

    ocr: bool = True
    layout: bool = True


class ChunkingConfig(Section):
    """How sections become passages; lengths in characters."""

    max_chars: int = Field(default=1200, ge=200, le=8000)
    list_chars: int = Field(default=2400, ge=200, le=16000, description="lists up to this stay whole")


class RetrievalConfig(Section):
    """How passages are found and ordered."""

    dense_weight: float = Field(default=0.7, ge=0, le=1, description="share of the cosine in the fused score")
    candidates: int = Field(default=50, ge=1, le=1000, description="passages each search hands to fusion")
    k: int = Field(default=10, ge=1, le=100, description="passages handed to the answerer")


class AnsweringConfig(Section):
    """When the assistant answers, asks back or declines."""

    max_question_chars: int = Field(default=2000, ge=1)
    min_confidence: float = Field(
        default=0.5, ge=0, le=1, description="below it the documents are said not to answer"
    )


class LanguageModelConfig(Section):
    """Which OpenAI-compatible server words the answers; none unless `base_url` and `model` are set.

    `api_key` is read from the environment only (KB_LLM__API_KEY). `unsupported`
    says what becomes of a sentence that the passages don't confirm.
    """

    base_url: str = ""
    model: str = ""
    api_key: SecretStr = SecretStr("")
    timeout_s: float = Field(
        default=20, gt=0, le=600, description="the whole wait, from connecting to the end"
    )
    unsupported: Literal["mark", "drop"] = "drop"

    @property
    def is_local(self) -> bool:
        """Tell whether the server runs on this computer."""
        host = urlsplit(self.base_url).hostname or ""
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @model_validator(mode="after")
    def _agree(self) -> LanguageModelConfig:
        """Refuse settings that contradict each other; no message holds the key."""
        key = self.api_key.get_secret_value()
        if bool(self.base_url) != bool(self.model) or (key and not self.base_url):
            raise ValueError("a language model needs both base_url and model")
        try:
            url = urlsplit(self.base_url)
            named = bool(url.hostname) and url.port != 0
        except ValueError:
            named = False
        if self.base_url and not (named and url.scheme in ("http", "https") and "@" not in url.netloc):
            raise ValueError("base_url is no address such as http://localhost:11434/v1, without a password")
        if key and url.scheme != "https" and not self.is_local:
            raise ValueError("the key would travel unencrypted to another computer, so use an https base_url")
        if not all("!" <= char <= "~" for char in key):
            raise ValueError("api_key holds a character that no key has")
        return self


class ServerConfig(Section):
    """Where the web app listens, and how.

    `prefix` is the path a reverse proxy serves it under, as in "/desk"; `language`
    "auto" follows the browser. `max_upload_mb` is the largest document, in MiB,
    that the Library takes from a file or an address.

    Who may sign in stands in `users`, for the environment (KB_SERVER__USERS), or
    in `users_file`: see `kb/ui/access.py`. `mcp` serves other programs over the
    Model Context Protocol too. `log_questions` writes what is asked to the log.
    Somebody who signed in has to do so again after `session_hours`.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    prefix: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    language: Literal["auto", "en", "fr"] = "auto"
    max_upload_mb: int = Field(default=100, ge=1, le=4096)
    users: SecretStr = SecretStr("")
    users_file: Path | None = None
    mcp: bool = False
    log_questions: bool = False
    session_hours: float = Field(default=12, gt=0, le=720, description="a working day, and no night after it")

    @property
    def is_local(self) -> bool:
        """Tell whether nobody but this computer is served."""
        return self.host in LOOPBACK

    @property
    def signs_in(self) -> bool:
        """Tell whether people sign in."""
        return bool(self.users.get_secret_value()) or self.users_file is not None


class Config(BaseSettings):
    """Every setting of the program.

    >>> Config().retrieval.dense_weight
    0.7
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        hide_input_in_errors=True,
    )

    index: Path = Path("indexes/default")
    corpus: Path = Path("corpus")
    reports: Path = Path("eval/reports")
    embedding: EmbeddingConfig = EmbeddingConfig()
    ingest: IngestConfig = IngestConfig()
    chunking: ChunkingConfig = ChunkingConfig()
    retrieval: RetrievalConfig = RetrievalConfig()
    answering: AnsweringConfig = AnsweringConfig()
    llm: LanguageModelConfig = LanguageModelConfig()
    server: ServerConfig = ServerConfig()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, then the environment, then `kb.toml`."""
        file = TomlConfigSettingsSource(settings_cls, CONFIG_FILE)
        section = file.toml_data.get("llm")
        if isinstance(section, dict) and "api_key" in section:
            raise ConfigError(
                f"{CONFIG_FILE} holds llm.api_key; set it in the environment: KB_LLM__API_KEY=..."
            )
        return init_settings, env_settings, file

    @property
    def digest(self) -> str:
        """Twelve hex digits that change when a setting that can change an answer does."""
        whole = dict.fromkeys(("ingest", "chunking", "retrieval", "answering", "embedding"), True)
        relevant = self.model_dump_json(include={**whole, "llm": {"base_url", "model", "unsupported"}})
        return hashlib.sha256(relevant.encode()).hexdigest()[:12]


def load_config(**overrides: Any) -> Config:  # noqa: ANN401 - mirrors the settings' own types
    """Read the settings, or raise ConfigError with the first thing that is wrong."""
    _check_environment()
    try:
        return Config(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        setting = ".".join(str(part) for part in first["loc"])
        where = f"{CONFIG_FILE} or the environment (KB_...)"
        what = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"Setting {setting!r}: {what}; mend it in {where}.") from error
    except SettingsError as error:
        raise ConfigError(f"The environment: {error}; name single settings, as in {EXAMPLE}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{CONFIG_FILE} is not valid TOML: {error}. Mend that line.") from error


def _check_environment() -> None:
    """Refuse variables that look like settings and are none, which pydantic passes over."""
    for name in sorted(os.environ):
        setting = name.upper().removeprefix(PREFIX).partition("__")[0].lower()
        if name.upper().startswith(PREFIX) and setting not in Config.model_fields:
            raise ConfigError(f"The environment variable {name} is no setting; unset it, or write {EXAMPLE}.")
