"""Runs pandoc, walled in, on every format it reads, and turns its document tree into parts.

The program gets the file on its standard input and runs with `--sandbox` (it
opens no other file and no address), a limit on its memory and a limit on its
time; where a reader starts it, its work and memory count as the reader's, and
it ends with the reader. What it prints is JSON, which `kb.loaders.pandoc.tree` walks.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from kb.errors import DamagedDocument, DocumentError
from kb.loaders.content import ZIPPED, core_title, decode
from kb.loaders.limits import PATIENCE
from kb.loaders.lists import give_leads, label_pairs, marked_items, named_runs
from kb.loaders.pandoc.html import visible
from kb.loaders.pandoc.markdown import clean, plain_front, split_front
from kb.loaders.pandoc.metadata import read_metadata, title_page, titled
from kb.loaders.pandoc.odf import plain_odt
from kb.loaders.pandoc.raw import with_elements
from kb.loaders.pandoc.seen import HIDDEN, Seen
from kb.loaders.pandoc.tree import Walker
from kb.loaders.pandoc.wordml import plain_word
from kb.loaders.structure import Part

# As other programs read it: lists, headings and quotes need no blank line above.
MARKDOWN = (
    "markdown+lists_without_preceding_blankline-blank_before_header-blank_before_blockquote+emoji"
    "+mark-latex_macros-raw_tex"
)
READERS = {
    ".docx": "docx",
    ".epub": "epub",
    ".htm": "html",
    ".html": "html",
    ".markdown": MARKDOWN,
    ".md": MARKDOWN,
    ".odt": "odt",
    ".rtf": "rtf",
}
# Formats in which pandoc takes the title page out of the text and into the metadata.
WITH_TITLE_PAGE = frozenset({".docx", ".odt", ".md", ".markdown", ".rtf"})
# What makes a file read as people see it, before pandoc does.
PLAIN: dict[str, Callable[[str, bytes], tuple[bytes, Seen]]] = {".docx": plain_word, ".odt": plain_odt}
HIDDEN_RTF = re.compile(r"\\v1?(?![\w-])")
# What pandoc takes out of the text of a word processor's file and into the metadata.
TITLE_PAGE = frozenset({"title", "subtitle", "author", "date", "abstract"})
MAX_HEADING_WORDS = 12
MEMORY = "-M640m"  # of the reader's limit; what it prints needs some too
HEAP_EXHAUSTED = 251  # the exit status of a Haskell program at its memory limit


class Read(NamedTuple):
    """What pandoc says of a file; the rest is as on `Document`."""

    parts: list[Part]
    metadata: dict[str, str]
    hidden: tuple[str, ...] = ()


def load_pandoc(name: str, suffix: str, data: bytes, seconds: float) -> Read:
    """Return the parts of a file, its metadata, and what it hides."""
    tree, seen = _seen(name, suffix, data, seconds)
    metadata = read_metadata(tree)
    walker = Walker()
    walker.count = len(metadata.keys() & TITLE_PAGE) if suffix in PLAIN else 0
    walker.blocks(tree["blocks"])
    parts = walker.parts
    if suffix in ZIPPED and "title" not in metadata:
        parts = titled(parts, core_title(name, data), metadata)
    if not any(part.kind == "heading" for part in parts):
        parts = _promoted(parts)
    parts = give_leads(named_runs(label_pairs(marked_items(parts))))
    above = title_page(metadata, parts) if suffix in WITH_TITLE_PAGE else []
    said = {part.text for part in (*above, *parts)}
    margins = [Part("caption", text) for text in seen.margins if text not in said]
    hidden = tuple(sorted({*seen.left_out, *walker.left_out}))
    return Read([*margins, *above, *parts], metadata, hidden)


def _seen(name: str, suffix: str, data: bytes, seconds: float) -> tuple[dict[str, Any], Seen]:
    """Return the tree of what a file shows, and what it shows beside its text or hides."""
    reader, seen = READERS[suffix], Seen()
    if suffix in PLAIN:
        data, seen = PLAIN[suffix](name, data)
    elif suffix not in ZIPPED:
        text = decode(name, data)
        if reader == MARKDOWN:
            tree = _run_markdown(name, text, seconds)
            return {**tree, "blocks": with_elements(tree["blocks"])}, seen
        if reader == "html":
            text, seen = visible(text)
        elif HIDDEN_RTF.search(text):
            seen = Seen(left_out=(HIDDEN,))  # by pandoc
        data = text.encode()
    return run_pandoc(name, data, reader, seconds), seen


def _run_markdown(name: str, text: str, seconds: float) -> dict[str, Any]:
    """Return the tree of a Markdown text; front matter that pandoc cannot read is made simpler."""
    front, below = split_front(text)
    below = clean(below)
    try:
        return run_pandoc(name, (front + "\n" + below).encode(), MARKDOWN, seconds)
    except DamagedDocument as error:
        if "YAML" not in str(error):
            raise
        return run_pandoc(name, (plain_front(front) + "\n" + below).encode(), MARKDOWN, seconds)


def _promoted(parts: list[Part]) -> list[Part]:
    """Make headings of short lines in bold or capitals, in a text whose headings have no style."""
    found = [_reads_like_heading(part) for part in parts]
    return [
        replace(part, kind="heading", level=1 if part.text.isupper() else 2, mark="")
        if found[at] and at + 1 < len(parts) and not all(found[at + 1 : at + 3])
        else part
        for at, part in enumerate(parts)
    ]


def _reads_like_heading(part: Part) -> bool:
    emphasised = part.mark == "bold" or (part.text.isupper() and len(part.text) > 3)
    short = len(part.text.split()) <= MAX_HEADING_WORDS and part.text[-1] not in ".,;:"
    return part.kind == "paragraph" and emphasised and short


def run_pandoc(name: str, data: bytes, reader: str, seconds: float) -> dict[str, Any]:
    """Return the pandoc tree of a file; raises DamagedDocument if pandoc fails or takes too long."""
    import pypandoc

    try:
        program = pypandoc.get_pandoc_path()
        command = [program, "--sandbox", "--from", reader, "--to", "json", "+RTS", MEMORY, "-RTS"]
        late = seconds * PATIENCE
        done = subprocess.run(command, input=data, capture_output=True, timeout=late, check=False)
    except subprocess.TimeoutExpired as error:
        raise DamagedDocument(
            f"{name} could not be read within {seconds:.0f} seconds; split it into parts or save it as PDF."
        ) from error
    except OSError as error:
        raise DocumentError(f"{name} needs pandoc, which cannot be run: install pypandoc_binary.") from error
    if done.returncode != 0:
        if done.returncode == HEAP_EXHAUSTED or b"out of memory" in done.stderr:
            raise DamagedDocument(f"{name} needs too much memory to be read; split it into parts.")
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["pandoc gave no reason"]
        raise DamagedDocument(f"{name} is damaged: {reason[0].rstrip('.')}; get a fresh copy.")
    tree: dict[str, Any] = json.loads(done.stdout)
    return tree
