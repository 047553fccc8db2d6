"""How the program starts: Gradio imported quickly and keeping to itself, private files, a clean end."""

from __future__ import annotations

import inspect
import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any

# Read by Gradio and the Hugging Face client that it brings along.
SILENCE = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
}


def import_gradio() -> None:
    """Import Gradio without telemetry and without its writing of type stubs.

    At every import Gradio parses its own sources and writes .pyi files beside
    them, for editors; that is more than half of the time it takes, and nothing
    here reads them. It passes over classes whose file cannot be found, so none
    of its own can be found until the import is done.
    """
    os.environ.update(SILENCE)
    find = inspect.getfile

    def find_others(object: Any) -> str:  # noqa: ANN401 - as in inspect
        if getattr(object, "__module__", "").startswith("gradio."):
            raise OSError("no stub is wanted")
        return find(object)

    inspect.getfile = find_others
    try:
        import gradio  # noqa: F401
    finally:
        inspect.getfile = find


def keep_private() -> None:
    """Have all files that this program makes be its user's alone: documents, uploads, what people say."""
    os.umask(0o077)


def at_end(clear: Callable[[], object]) -> None:
    """Call `clear` before SIGTERM ends the program, as systemd and Docker do; finalizers don't run then."""

    def end(number: int, _: FrameType | None) -> None:
        clear()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    signal.signal(signal.SIGTERM, end)
