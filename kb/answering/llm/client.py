"""Pieces of text from an OpenAI-compatible server, within a time that no server can stretch."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from functools import cache
from queue import Empty, SimpleQueue
from ssl import SSLContext
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from kb.config import LanguageModelConfig
from kb.errors import ConfigError, KBError

if TYPE_CHECKING:
    from openai import OpenAI
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

MOST_TOKENS = 700
# Servers that don't keep to the number of tokens are read no further than this.
MOST_CHARS = 10_000
# Sent where no key is set: servers on this computer ask for none, but the header is expected.
NO_KEY = "none"

# What the receiving thread hands over: text, what went wrong, or None at a regular end.
Piece: TypeAlias = str | Exception | None


class ModelFailed(KBError):
    """The language model gave nothing to use; the sentence says why and holds no word of the server's."""


def prepare() -> None:
    """Load all that the first request needs; ConfigError where the package openai is not installed."""
    try:
        import openai.resources.chat  # noqa: F401

        _certificates()
    except ImportError as error:
        raise ConfigError(
            "The setting llm.model needs the package openai, which is not installed; "
            "install it with: pip install 'openai>=3'"
        ) from error


def stream(
    config: LanguageModelConfig, messages: Sequence[ChatCompletionMessageParam]
) -> Generator[str, None, None]:
    """Yield the reply piece by piece; raise ModelFailed if it is not at its end after `timeout_s` seconds.

    The network is read in a thread of its own: a server that sends a byte now
    and then never lets the read time out, and looking up a name has no limit.
    """
    deadline = time.monotonic() + config.timeout_s
    client = _client(config)
    pieces: SimpleQueue[Piece] = SimpleQueue()
    Thread(target=_receive, args=(client, config.model, messages, pieces), daemon=True).start()
    try:
        while (piece := _next(pieces, deadline)) is not None:
            if isinstance(piece, Exception):
                raise ModelFailed(_reason(piece)) from piece
            yield piece
    except Empty as error:
        raise ModelFailed(
            f"The language model did not answer within {config.timeout_s:g} seconds."
        ) from error
    finally:
        # Closes the connection under the thread, which so comes to its end.
        client.close()


def _next(pieces: SimpleQueue[Piece], deadline: float) -> Piece:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Empty
    return pieces.get(timeout=left)


@cache
def _certificates() -> SSLContext:
    """Return the trusted certificates, read once: that takes longer than all else on this side."""
    import httpx2

    return httpx2.create_ssl_context()


def _client(config: LanguageModelConfig) -> OpenAI:
    """Return a client that speaks with the named server only: no redirects, no proxy to this computer."""
    import openai

    http = openai.DefaultHttpxClient(
        verify=_certificates(),
        timeout=config.timeout_s,
        follow_redirects=False,
        trust_env=not config.is_local,
    )
    key = config.api_key.get_secret_value() or NO_KEY
    client = openai.OpenAI(base_url=config.base_url, api_key=key, max_retries=0, http_client=http)
    # Read from the environment of another service, which is none of this server's business.
    client.organization = client.project = None
    return client


def _receive(
    client: OpenAI,
    model: str,
    messages: Sequence[ChatCompletionMessageParam],
    pieces: SimpleQueue[Piece],
) -> None:
    """Put the reply into the queue; whatever a server can cause is raised by the queue's reader."""
    received, ended = 0, False
    try:
        with client.chat.completions.create(
            model=model, messages=list(messages), stream=True, temperature=0, max_tokens=MOST_TOKENS
        ) as reply:
            for chunk in reply:
                text, last = _read(chunk)
                pieces.put(text)
                ended, received = ended or last, received + len(text)
                if received > MOST_CHARS:
                    break
        pieces.put(None if ended else ModelFailed("The language model stopped in the middle of its answer."))
    except Exception as error:
        pieces.put(error)


def _read(chunk: ChatCompletionChunk) -> tuple[str, bool]:
    """Return a chunk's text, and whether it ends the reply; the last chunk may count tokens only.

    The package does not check what servers send: any attribute may lack or be of another type.
    """
    if not chunk.choices:
        return "", False
    choice = chunk.choices[0]
    text = choice.delta.content or ""
    if not isinstance(text, str):
        raise TypeError("the content is no text")
    return text, choice.finish_reason is not None


def _reason(error: Exception) -> str:
    """Return what went wrong as a sentence without addresses, keys or the server's own words."""
    import openai

    if isinstance(error, ModelFailed):
        return str(error)
    if isinstance(error, openai.APITimeoutError):
        return "The language model did not answer in time."
    if isinstance(error, openai.APIConnectionError):
        return "The language model could not be reached, or broke off."
    if isinstance(error, openai.APIStatusError):
        return f"The language model's server refused with HTTP status {error.status_code}."
    return "The language model sent something that is no answer."
