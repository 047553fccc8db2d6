"""A process that reads files for another one: a path a line comes in, a document a line goes out, as JSON.

Documents are untrusted, and libraries of other languages read them: one that
crashes, hangs or takes all memory takes this process along and no other. The
answers are plain values, so that not even a reader that was taken over can
say more to its caller than a document does.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Hashable, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from kb.errors import DamagedDocument, DocumentError, EmptyDocument, EncryptedDocument, UnsupportedFormat
from kb.loaders import load
from kb.loaders.limits import RESERVED, limit_memory, limit_work
from kb.types import LISTS, Block, Document

# The first line that goes out: starting takes time, and is no file's fault.
READY = "ready"
# A line that goes out before each page that text recognition reads: it costs more than a page of text.
SCAN = "scan"
# The errors that an answer may tell of.
KINDS = {
    kind.__name__: kind
    for kind in (DocumentError, UnsupportedFormat, EncryptedDocument, EmptyDocument, DamagedDocument)
}

Read = TypeVar("Read")
Shared = TypeVar("Shared", bound=Hashable)


def encode(document: Document) -> dict[str, Any]:
    """Return a document as values that JSON has; what many blocks share is written once, as in memory."""
    values = {f.name: getattr(document, f.name) for f in fields(Document)}
    paths = _numbered(b.heading_path for b in document.blocks)
    leads = _numbered(b.lead for b in document.blocks)
    values["blocks"] = [
        (
            *(b.kind, b.text, paths[b.heading_path], b.page, b.page_label, leads[b.lead]),
            *(b.place, b.recognised, *b.turns),
        )
        for b in document.blocks
    ]
    return {"document": values, "paths": [*paths], "leads": [*leads]}


def _numbered(values: Iterable[Shared]) -> dict[Shared, int]:
    return {value: n for n, value in enumerate(dict.fromkeys(values))}


def decode(values: dict[str, Any]) -> Document:
    """Return the document of values that `encode` made.

    >>> document = Document("d", "a.txt", "A", blocks=(Block("paragraph", "x", ("A",), 1),))
    >>> decode(json.loads(json.dumps(encode(document)))) == document
    True
    """
    told, paths, leads = values["document"], [tuple(path) for path in values["paths"]], values["leads"]
    blocks = tuple(
        Block(
            kind,
            text,
            paths[path],
            page,
            label,
            leads[lead],
            place,
            sure,
            tuple((a, b, c) for a, b, c in turns),
        )
        for kind, text, path, page, label, lead, place, sure, *turns in told["blocks"]
    )
    lists = {name: tuple(told[name]) for name in LISTS}
    return Document(**{**told, **lists, "blocks": blocks})


def answer(path: Path, ocr: bool = True, told: Callable[[], None] = lambda: None) -> str:
    """Read a file and return the line to answer with: its document, or the error."""
    found = attempt(path.name, lambda: json.dumps(encode(load(path, ocr=ocr, told=told))))
    if isinstance(found, DocumentError):
        return json.dumps({"error": type(found).__name__, "message": str(found)})
    return found


def attempt(name: str, read: Callable[[], Read]) -> Read | DocumentError:
    """Return what `read` makes of the file `name`, or why it cannot: one file never stops the others.

    >>> print(attempt("a.txt", lambda: {}["x"]))
    a.txt could not be read (KeyError: 'x'); save it in another format, such as PDF.
    """
    try:
        return read()
    except DocumentError as error:
        return error
    except MemoryError:
        return DocumentError(f"{name} needs too much memory to be read; split it into parts.")
    except Exception as error:  # whatever a library raises over a file
        what = f"{type(error).__name__}: {error}"
        return DocumentError(f"{name} could not be read ({what}); save it in another format, such as PDF.")


def understand(line: str, name: str) -> Document:
    """Return the document of an answer about the file `name`, or raise the DocumentError it tells of.

    A line that is no answer is a DamagedDocument.
    """
    try:
        values = json.loads(line)
        if "error" in values:
            raise KINDS[values["error"]](str(values["message"]))
        return decode(values)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedDocument(
            f"{name} could not be read: the reader's answer makes no sense;"
            " save the file in another format, such as PDF."
        ) from error


def main(memory: int, seconds: float, ocr: bool) -> None:
    """Answer until there are no more lines, within `memory` bytes and `seconds` of work a file.

    With `ocr` pages that are pictures are recognised, and each may take as long.
    What libraries print goes to stderr.
    """
    limit_memory(memory, RESERVED)
    # Blocks and boxes by the ten thousand are no garbage: looking through them takes a twentieth of the time.
    gc.set_threshold(50_000, 20, 50)
    with os.fdopen(os.dup(1), "w", encoding="ascii") as answers:
        os.dup2(2, 1)
        print(READY, file=answers, flush=True)

        def told() -> None:
            limit_memory(memory + RESERVED)
            limit_work(seconds)
            print(SCAN, file=answers, flush=True)

        for line in sys.stdin:
            limit_work(seconds)
            print(answer(Path(json.loads(line)), ocr, told), file=answers, flush=True)
