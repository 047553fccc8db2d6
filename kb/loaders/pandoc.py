"""Runs pandoc, walled in, on every format it reads, and returns its document tree.

The program gets the file on its standard input and runs with `--sandbox` (it
opens no other file and no address), a limit on its memory and a limit on its
time. What it prints is JSON, which `kb.loaders.pandoc_tree` walks.
"""

from __future__ import annotations

import json
import subprocess
from typing import Any

from kb.errors import DamagedDocument

READERS = {
    ".docx": "docx",
    ".odt": "odt",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".epub": "epub",
    ".rtf": "rtf",
    ".html": "html",
    ".htm": "html",
    ".md": "markdown-tex_math_dollars+lists_without_preceding_blankline",
    ".markdown": "markdown",
}
MEMORY = "-M2g"


def run_pandoc(name: str, data: bytes, reader: str, seconds: float) -> dict[str, Any]:
    """Return the pandoc tree of a file; raises DamagedDocument if pandoc fails or takes too long."""
    import pypandoc

    command = [pypandoc.get_pandoc_path(), "--sandbox", "-f", reader, "-t", "json", "+RTS", MEMORY, "-RTS"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise DamagedDocument(
            f"{name} could not be read within {seconds:.0f} seconds; split it or save it as PDF."
        ) from error
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().splitlines()
        raise DamagedDocument(
            f"{name} is damaged: {reason[0] if reason else 'pandoc gave up'}; get a fresh copy."
        )
    tree: dict[str, Any] = json.loads(done.stdout)
    return tree
