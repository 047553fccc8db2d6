"""Importing Gradio."""

from __future__ import annotations

from .serving import start

SCRIPT = """
import ast, inspect, os, sys
parsed = []
ast.get_source_segment = lambda *given: parsed.append(given)
find = inspect.getfile
from kb.ui.startup import import_gradio
import_gradio()
assert "gradio" in sys.modules
print(len(parsed), inspect.getfile is find, os.environ["GRADIO_ANALYTICS_ENABLED"])
"""


def test_gradio_is_imported_without_stubs_or_telemetry_and_nothing_stays_changed() -> None:
    with start("-c", SCRIPT) as program:
        said, _ = program.communicate(timeout=120)

    assert said == "0 True False\n"
