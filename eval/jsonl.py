"""Files of other people's benchmarks, read line by line; a bad line is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kb.errors import CaseError


def read_text(path: Path) -> str:
    """Return a UTF-8 file's text, or raise CaseError naming it."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read: {error}. Check the path.") from error


def read_objects(path: Path, *fields: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file, each with these fields as text; CaseError naming file and line."""
    # Not splitlines(): JSON text may hold line separators that are no line ends.
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise CaseError(f"{path}, line {number} is not JSON: {error.msg}.") from error
        if not isinstance(value, dict) or not all(isinstance(value.get(name), str) for name in fields):
            wanted = " and ".join(repr(name) for name in fields)
            raise CaseError(f"{path}, line {number}: expected an object with the text {wanted}.")
        yield value
