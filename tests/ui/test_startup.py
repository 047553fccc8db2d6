"""Importing Gradio, private files, and the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.conftest import Command

from .serving import ROOT, start

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


WAITING = """
import asyncio, os, time
from kb.ui.startup import at_end, keep_private
from kb.ui.uploads import Uploads

async def parts():
    yield b"secret"

keep_private()
uploads = Uploads()
at_end(lambda: uploads.clear())
token = asyncio.run(uploads.receive("note.txt", parts(), 100))
path = uploads.take(token).path
print(uploads.home(), oct(uploads.home().stat().st_mode), oct(path.stat().st_mode), flush=True)
time.sleep(600)
"""


def test_uploads_are_private_and_go_when_the_program_is_ended() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        folder, *modes = program.stdout.readline().split()
        assert Path(folder).is_dir()
        program.terminate()

    assert modes == ["0o40700", "0o100600"]
    assert program.returncode == -signal.SIGTERM
    assert not Path(folder).exists()


def test_an_index_that_is_built_is_its_owners_alone(
    kb: Command, small_documents: Path, tmp_path: Path
) -> None:
    before = os.umask(0o022)
    try:
        assert kb("build", small_documents, "--index", "index").status == 0
    finally:
        os.umask(before)

    index = tmp_path / "index"
    open_to_others = [path for path in (index, *index.rglob("*")) if path.stat().st_mode & 0o077]
    assert open_to_others == []
