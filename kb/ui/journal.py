"""What the server notes of its work: JSON lines on standard error, through the logging module.

A line says when, what, how it ended, how long it took and on which generation.
Of a change of the library it also says who made it, and of which documents. What
was asked stands in none of them unless `server.log_questions` is on, nor who asked.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from kb.config import ServerConfig
from kb.types import Answer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

JOURNAL = logging.getLogger("kb.journal")


class Tell(Protocol):
    """Called when what is noted has ended well."""

    def __call__(self, status: str, generation: str, **found: object) -> None:
        """Say how it ended, on which generation of the index, and what there was, or how many."""
        ...


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object a line.

    >>> record = logging.makeLogRecord({"msg": "ask", "created": 0, "fields": {"ms": 12.5}})
    >>> JsonLines().format(record)
    '{"time": "1970-01-01T00:00:00.000+00:00", "event": "ask", "ms": 12.5}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: time in UTC, event, then the record's own fields."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": when, "event": record.getMessage(), **getattr(record, "fields", {})}
        return json.dumps(line, ensure_ascii=False, default=str)


def open_journal() -> None:
    """Write the journal to standard error from now on; until then it is kept silent."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    JOURNAL.handlers = [handler]
    JOURNAL.setLevel(logging.INFO)
    JOURNAL.propagate = False


def note(event: str, **fields: object) -> None:
    """Write a line on an event; the fields hold nothing that anybody asked."""
    JOURNAL.info(event, extra={"fields": fields})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line on a question or a change, begun when it comes: `via` is "page" or "api".

    `asked` is what was asked; `found` says nothing of that, and `who` stands on changes only.
    """

    event: str
    via: str
    asked: object
    status: str = "error"
    generation: str = ""
    found: Mapping[str, object] = field(default_factory=dict)
    who: Mapping[str, str] = field(default_factory=dict)
    began: float = field(default_factory=time.perf_counter)

    def told(self, status: str, generation: str, **found: object) -> Entry:
        """Return the line of a question that ended well."""
        return replace(self, status=status, generation=generation, found={**self.found, **found})

    def answered(self, answer: Answer | None) -> Entry:
        """Return the line of a question that ended with this answer, or with none."""
        return self.told(answer.status, answer.index_generation) if answer else self

    def write(self, server: ServerConfig) -> None:
        """Write the line; with what was asked only where the settings want it."""
        milliseconds = round(1000 * (time.perf_counter() - self.began), 1)
        asked = {"asked": self.asked} if server.log_questions else {}
        ended = {"status": self.status, "ms": milliseconds, "generation": self.generation}
        note(self.event, via=self.via, **self.who, **ended, **self.found, **asked)


@contextmanager
def noted(
    event: str, asked: object, server: ServerConfig, who: Mapping[str, str] | None = None, **found: object
) -> Iterator[Tell]:
    """Write a line on what is done inside, however it ends; its status is "error" until `tell` is called.

    with noted("add", "", desk.config.server, person(request)) as tell:
        outcome = take_in(...)
        tell("done", desk.assistant.index.generation, **counted(outcome), documents=outcome.changed)
    """
    entry = Entry(event, "page", asked, found=found, who=who or {})

    def tell(status: str, generation: str, **found: object) -> None:
        nonlocal entry
        entry = entry.told(status, generation, **found)

    try:
        yield tell
    finally:
        entry.write(server)


def counted(outcome: DataclassInstance) -> dict[str, int]:
    """Return how many there are of each kind in an outcome, whose fields are collections, but for none.

    >>> from kb.ui.intake import Outcome
    >>> counted(Outcome(added=("a.pdf", "b.pdf"), same={"c.pdf": "a.pdf"}))
    {'added': 2, 'same': 1}
    """
    sizes = {kind.name: len(getattr(outcome, kind.name)) for kind in fields(outcome)}
    return {kind: size for kind, size in sizes.items() if size}
