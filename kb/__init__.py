"""A policy knowledge base: documents in, answers with cited passages out, offline.

>>> import kb
>>> sorted(kb.__all__)
['Answer', 'Assistant', 'Config', 'KBError', 'Turn', 'load_config', 'open_assistant']

    assistant = kb.open_assistant(kb.load_config())
    answer = assistant.ask("What are the four pillars?")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kb.assistant import Assistant, open_assistant
    from kb.config import Config, load_config
    from kb.errors import KBError
    from kb.types import Answer, Turn

__all__ = ["Answer", "Assistant", "Config", "KBError", "Turn", "load_config", "open_assistant"]

_HOMES = {
    "Answer": "kb.types",
    "Assistant": "kb.assistant",
    "Config": "kb.config",
    "KBError": "kb.errors",
    "Turn": "kb.types",
    "load_config": "kb.config",
    "open_assistant": "kb.assistant",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as many types as names
    """Import a public name when it is first used: `kb.cli` must not pay for what it does not need."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kb' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
