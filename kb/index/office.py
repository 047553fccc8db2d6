"""Office files laid out as pages by LibreOffice, where that is on the computer.

    report.docx -> LibreOffice -> report.pdf -> its words with their pages -> the document's blocks with pages

What a document says comes from its own file (`kb.loaders`); the PDF tells on
which page its words stand, and is what pictures of cited pages are drawn from.
A text file's pages are those of this layout: Word may end them a line earlier.
Slides have their numbers already and need the PDF for pictures only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import Match, SequenceMatcher
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from kb.errors import DocumentError
from kb.index.watch import Watch, kill
from kb.loaders.limits import MEMORY
from kb.types import Block, Document, Turned

SUFFIXES = frozenset({".docx", ".odt", ".rtf", ".pptx"})
# Seconds of work: 430 pages take 7.4.
SECONDS = 60.0
# So many words in a row, where file and layout both have them once, are the same ones.
ROW = 4
# Words between two such rows that are compared at once.
WINDOW = 1000
WORD = re.compile(r"\w+")
# No macro runs, nothing that the file links to is fetched, and no address is reached in any other way.
SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
{}</oor:items>
"""
SETTING = (
    '<item oor:path="/org.openoffice.{}"><prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>\n'
)
SAFE = (
    ("Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Office.Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Office.Writer/Content/Update", "Link", "0"),
    ("Inet/Settings", "ooInetProxyType", "2"),
    ("Inet/Settings", "ooInetNoProxy", ""),
    *(("Inet/Settings", f"ooInet{kind}ProxyName", "127.0.0.1") for kind in ("HTTP", "HTTPS", "FTP")),
    *(("Inet/Settings", f"ooInet{kind}ProxyPort", "9") for kind in ("HTTP", "HTTPS", "FTP")),
)
# Hidden slides stay in, so that a slide's page is its number.
FILTERS = {".pptx": 'pdf:impress_pdf_Export:{"ExportHiddenSlides":{"type":"boolean","value":"true"}}'}


def program() -> str | None:
    """Return the path of LibreOffice, or None where it is not on the computer."""
    usual = "/Applications/LibreOffice.app/Contents/MacOS/soffice" if sys.platform == "darwin" else None
    return shutil.which("soffice") or shutil.which("libreoffice") or (usual and shutil.which(usual))


def lay_out(path: Path, target: Path) -> None:
    """Write the pages of an Office file as a PDF; DocumentError if LibreOffice cannot, or takes too long."""
    found = program()
    if found is None:
        raise DocumentError("LibreOffice is not on this computer.")
    with TemporaryDirectory(prefix="kb-layout-") as scratch:
        profile = Path(scratch, "profile")
        (profile / "user").mkdir(parents=True)
        settings = SETTINGS.format("".join(SETTING.format(*line) for line in SAFE))
        (profile / "user" / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
        # A name of our own: that of the file may hold anything.
        source = Path(scratch, f"document{path.suffix.lower()}")
        shutil.copyfile(path, source)
        exceeded = _run(found, profile, source)
        made = source.with_suffix(".pdf")
        if exceeded or not made.is_file():
            why = f"it exceeded its {exceeded}" if exceeded else "it wrote no PDF"
            raise DocumentError(f"LibreOffice could not lay {path.name} out: {why}.")
        shutil.move(made, target)


def _run(found: str, profile: Path, source: Path) -> str:
    """Let LibreOffice convert a file beside itself; return the limit that it went beyond, if any."""
    process = subprocess.Popen(
        [
            *(
                found,
                f"-env:UserInstallation={profile.as_uri()}",
                "--headless",
                "--norestore",
                "--nolockcheck",
            ),
            *("--convert-to", FILTERS.get(source.suffix, "pdf"), "--outdir", str(source.parent), str(source)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        cwd=source.parent,
        env={**os.environ, "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,
    )
    try:
        with Watch(process, SECONDS, MEMORY) as watch:
            process.wait()
        return watch.exceeded
    finally:
        kill(process)
        process.wait()


def paged(document: Document, layout: Document) -> Document:
    """Return a document with the pages on which its layout has the same words.

    A block that the layout words or orders otherwise has the page of its
    neighbours where both have the same one, and else none.
    """
    places = _places(document.blocks, layout.blocks)
    last = layout.pages or 1
    blocks = [_placed(block, found) for block, found in zip(document.blocks, places, strict=True)]
    labels = {block.page: block.page_label for block in reversed(layout.blocks)}
    ends = _carried((b.turns[-1][1] if b.turns else b.page for b in blocks), 1)
    begins = _carried((b.page for b in reversed(blocks)), last)[::-1]
    for at, (before, after) in enumerate(zip(ends, begins, strict=True)):
        if blocks[at].page is None and before == after:
            blocks[at] = replace(blocks[at], page=after, page_label=labels.get(after))
    return replace(document, pages=last, blocks=tuple(blocks))


def _carried(pages: Iterable[int | None], first: int) -> list[int]:
    """Return the pages, and for none the one before; `first` before any.

    >>> _carried([None, 3, None], 1)
    [1, 3, 3]
    """
    carried = []
    for page in pages:
        first = page or first
        carried.append(first)
    return carried


def _placed(block: Block, found: Sequence[Turned]) -> Block:
    """Return a block on the pages of its words, given as they rise."""
    if not found:
        return block
    (_, page, label), *turns = found
    return replace(block, page=page, page_label=label, turns=tuple(turns))


def _places(blocks: Sequence[Block], pages: Sequence[Block]) -> list[list[Turned]]:
    """Return for each block where its words begin a page: (offset in its text, page, label)."""
    own = [(at, match) for at, block in enumerate(blocks) for match in WORD.finditer(block.text)]
    laid = [(block, match) for block in pages for match in WORD.finditer(block.text)]
    met = _aligned([word[0].casefold() for _, word in own], [word[0].casefold() for _, word in laid])
    places: list[list[Turned]] = [[] for _ in blocks]
    for (at, word), found in zip(own, met, strict=True):
        if found is None:
            continue
        block, there = laid[found]
        page, label = block.page_at(there.start())
        last = places[at][-1][1] if places[at] else 0
        if page and page > last:
            places[at].append((word.start() if last else 0, page, label))
    return places


def _aligned(ours: Sequence[str], theirs: Sequence[str]) -> list[int | None]:
    """Return for each of our words which of theirs it is.

    Words in a row that both have once hold the rest in place; those among them
    that stand in another order (notes, boxes, columns) are met all the same.

    >>> _aligned("a b c d e".split(), "x a b c d y e".split())
    [1, 2, 3, 4, 6]
    """
    there = _rows(theirs)
    anchors = [(i, there[row]) for row, i in _rows(ours).items() if i >= 0 and there.get(row, -1) >= 0]
    met: list[int | None] = [None] * len(ours)
    for i, j in anchors:
        met[i : i + ROW] = range(j, j + ROW)
    kept = [(-1, -1), *_rising(anchors), (len(ours), len(theirs))]
    for (i, j), (i1, j1) in pairwise(kept):
        start = (i + ROW, j + ROW) if i >= 0 else (0, 0)
        for a, b in _between(ours, theirs, start, (i1, j1)):
            if met[a] is None:
                met[a] = b
    return met


def _between(
    ours: Sequence[str], theirs: Sequence[str], start: tuple[int, int], end: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield the words that are the same from one place to another, as both go on, a window at a time."""
    (a, b), (a1, b1) = start, end
    while a < a1 and b < b1:
        mine, its = ours[a : min(a + WINDOW, a1)], theirs[b : min(b + WINDOW, b1)]
        runs = SequenceMatcher(None, mine, its, autojunk=False).get_matching_blocks()
        if len(mine) == WINDOW or len(its) == WINDOW:
            # What comes behind the last row of words may only look alike.
            sure = max((n for n, run in enumerate(runs) if run.size >= ROW), default=-1)
            runs = runs[: sure + 1]
        for run in runs:
            yield from ((a + run.a + n, b + run.b + n) for n in range(run.size))
        last = runs[-1] if runs else Match(len(mine), len(its), 0)
        a, b = a + last.a + last.size, b + last.b + last.size


def _rows(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return where each row of so many words stands, or -1 if it stands there more than once."""
    found: dict[tuple[str, ...], int] = {}
    for at, row in enumerate(zip(*(words[n:] for n in range(ROW)), strict=False)):
        found[row] = -1 if row in found else at
    return found


def _rising(anchors: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the most anchors of which both numbers rise; the first ones do already.

    >>> _rising([(0, 5), (1, 1), (2, 2), (3, 9)])
    [(1, 1), (2, 2), (3, 9)]
    """
    ends: list[int] = []  # the last anchor of the best row of each length
    before: list[int] = []
    seconds: list[int] = []
    for at, (_, j) in enumerate(anchors):
        length = bisect_left(seconds, j)
        before.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [at]
        seconds[length : length + 1] = [j]
    rising, at = [], ends[-1] if ends else -1
    while at >= 0:
        rising.append(anchors[at])
        at = before[at]
    return rising[::-1]
