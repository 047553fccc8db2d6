"""One frozen Config, read from `kb.toml` and the environment; values only.

Environment variables win over `kb.toml`; they are written with the prefix
`KB_` and two underscores between levels, as in `KB_RETRIEVAL__DENSE_WEIGHT=0.5`.
Unknown keys are refused, so a misspelt setting never passes unnoticed.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
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


class Section(BaseModel):
    """A group of settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbeddingConfig(Section):
    """Which sentence-transformers model turns text into vectors.

    `model` is "embedded" for the model that comes with the installation, or
    the folder of any other sentence-transformers model.
    """

    model: str = "embedded"
    models_folder: Path = Path("indexes/models")
    batch_tokens: int = Field(default=4096, ge=64, description="padded tokens in one batch")


class ChunkingConfig(Section):
    """How sections become passages; lengths in characters."""

    max_chars: int = Field(default=1200, ge=200, le=8000)
    list_chars: int = Field(default=2400, ge=200, le=16000, description="lists up to this stay whole")


class RetrievalConfig(Section):
    """How passages are found and ordered."""

    dense_weight: float = Field(default=0.6, ge=0, le=1, description="share of the cosine in the fused score")
    candidates: int = Field(default=50, ge=1, le=1000, description="passages each search hands to fusion")
    k: int = Field(default=10, ge=1, le=100, description="passages handed to the answerer")


class AnsweringConfig(Section):
    """When the assistant answers, asks back or declines."""

    max_question_chars: int = Field(default=2000, ge=1)


class ServerConfig(Section):
    """Where the web app listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)


class Config(BaseSettings):
    """Every setting of the program.

    >>> Config().retrieval.dense_weight
    0.6
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
    )

    index: Path = Path("indexes/default")
    corpus: Path = Path("corpus")
    embedding: EmbeddingConfig = EmbeddingConfig()
    chunking: ChunkingConfig = ChunkingConfig()
    retrieval: RetrievalConfig = RetrievalConfig()
    answering: AnsweringConfig = AnsweringConfig()
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
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, CONFIG_FILE)

    @property
    def digest(self) -> str:
        """Twelve hex digits that change when a setting that can change an answer does."""
        relevant = self.model_dump_json(include={"chunking", "retrieval", "answering", "embedding"})
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
        raise ConfigError(f"Setting {setting!r}: {first['msg']}; mend it in {where}.") from error
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
