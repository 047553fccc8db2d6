"""Questions and conversations in JSON files, checked whole before anything is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kb.errors import KBError, QuestionError
from kb.types import Turn

ROLES = ("user", "assistant")


def read_batch(path: Path) -> list[dict[str, Any]]:
    """Read one object a line with a text "question"; its "history" becomes Turns. KBError names the line."""
    lines = _read_json(path)
    for number, line in enumerate(lines, 1):
        if not isinstance(line, dict) or not isinstance(line.get("question"), str):
            raise QuestionError(f'{path}, line {number}: write an object with a text "question".')
        history = line.get("history")
        line["history"] = _turns([] if history is None else history, f"{path}, line {number}")
    return lines


def read_history(path: Path) -> list[Turn]:
    """Read the turns of a conversation: one JSON list, or one turn a line; KBError for anything else."""
    values = _read_json(path)
    return _turns(values[0] if len(values) == 1 and isinstance(values[0], list) else values, str(path))


def _read_json(path: Path) -> list[Any]:
    """Read a JSON file as a list of one value, or else one JSON value a line; KBError naming the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise KBError(f"{path} cannot be read: {reason}; check the path and the file.") from error
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        # Not splitlines(): JSON may hold other line separators, as U+2028, inside its strings.
        return [_json_line(path, n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]


def _json_line(path: Path, number: int, line: str) -> Any:  # noqa: ANN401 - JSON is anything
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise KBError(f"{path}, line {number} is not valid JSON: {error.msg}.") from error


def _turns(history: object, where: str) -> list[Turn]:
    if not isinstance(history, list):
        raise KBError(f'{where}: the history is not a list of {{"role", "content"}} objects.')
    return [_turn(turn, where) for turn in history]


def _turn(turn: object, where: str) -> Turn:
    if not isinstance(turn, dict) or not {"role", "content"} <= turn.keys():
        raise KBError(f'{where}: a turn of the history lacks "role" or "content".')
    role, content = turn["role"], turn["content"]
    if role not in ROLES or not isinstance(content, str):
        raise KBError(f'{where}: the "role" of a turn is "user" or "assistant", its "content" text.')
    return Turn(role, content)
