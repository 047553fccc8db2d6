"""Tables of contents leave a PDF; other lists whose lines end in leaders become rows of a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kb.loaders.pdf.furniture import PAGE_NUMBER, Page, rows_of
from kb.loaders.pdf.headings import letters_of
from kb.loaders.pdf.page import Fragment

LEADER = re.compile(r"(?:\.\s?){6,}|(?:…\s?){2,}|(?:·\s?){5,}")
TO_A_PAGE = re.compile(
    r"(?:\.\s?){3,}|(?:…\s?)+|(?:·\s?){3,}"
)  # where a number follows, fewer dots are leaders
MOST_BROKEN = 3  # lines to an entry, on average
ONE_COLUMN = 40.0  # points between the numbers of one column
MAX_LINE = 400  # letters of a line that is searched for leaders
MIN_ENTRIES = 4
MOST_AHEAD = 60  # pages by which printed numbers and places in the file differ
FOUND = 0.5  # share of the titles that stand on the pages the contents name
CONTENTS = re.compile(  # as letters without spaces, as titles are often set wide
    r"(?:tableof)?contents(?:continued|contd?)?|listof(?:tables|figures|boxes|annexes)"
    r"|sommaire|tabledesmatières|listedes(?:tableaux|figures)"
)


class Entry(NamedTuple):
    """A line that ends with a number: what it says before, and the number, 0 for a Roman one."""

    fragments: list[Fragment]
    title: str
    number: int


def drop_contents(pages: Sequence[Page]) -> None:
    """Take tables of contents out of the pages, in place, and leaders out of all lines."""
    said: list[str] = []
    last = 0
    for at, page in enumerate(pages):
        rows = list(rows_of(page.fragments))
        right = max((fragment.x1 for fragment in page.fragments), default=0)
        entries = [entry for row in rows for entry in _entries(row, right)]
        if _rise(entries):
            titles = [
                f for f in page.fragments if len(f.text) < 60 and CONTENTS.fullmatch(letters_of(f.text))
            ]
            said = said or [letters_of(" ".join(f.text for f in page.fragments)) for page in pages]
            first = min((entry.number for entry in entries if entry.number), default=0)
            goes_on = 0 < last <= first and len(entries) > len(rows) / 2
            if titles or goes_on or _lead_there(entries, said, at):
                last = max(entry.number for entry in entries)
                _drop(page, rows, entries, titles)
                continue
        last = 0
        cells = {id(f): parts for row in rows for f, parts in _cells(row, right)}
        page.fragments = [part for f in page.fragments for part in cells.get(id(f), (f,))]


def _entries(row: list[Fragment], right: float) -> Iterator[Entry]:
    """Yield what may be entries of a table of contents on one line, on which two columns may stand."""
    open_: list[Fragment] = []
    found = False
    for fragment in row:
        open_.append(fragment)
        line = " ".join(f.text.strip() for f in open_)
        if len(line) < MAX_LINE and line[-1:].isalnum() and len(parts := TO_A_PAGE.split(line)) > 1:
            found = True
            if entry := _entry(open_, " ".join(parts[:-1]), parts[-1]):
                yield entry
                open_ = []
    if not found and len(row) > 1 and row[-1].x1 > right - 6:
        *before, last = row
        if last.x0 - before[-1].x1 > 2 * last.height:
            entry = _entry(row, " ".join(f.text for f in before), last.text)
            yield from (entry,) if entry else ()


def _entry(fragments: list[Fragment], title: str, end: str) -> Entry | None:
    title, end = title.strip(), end.strip()
    if not PAGE_NUMBER.fullmatch(end) or not re.search(r"[^\W\d_]", title):
        return None
    return Entry(fragments, title, int(end) if end.isdecimal() else 0)


def _by_column(entries: Iterable[Entry]) -> list[Entry]:
    """Put entries in order, column by column."""
    columns: list[list[Entry]] = []
    for entry in sorted(entries, key=lambda entry: entry.fragments[-1].x1):
        if not columns or entry.fragments[-1].x1 - columns[-1][-1].fragments[-1].x1 > ONE_COLUMN:
            columns.append([])
        columns[-1].append(entry)
    return [entry for column in columns for entry in sorted(column, key=lambda e: e.fragments[-1].top)]


def _rise(entries: Sequence[Entry]) -> bool:
    """Tell whether entries name pages that never fall, and are no rows of figures."""
    numbers = [entry.number for entry in _by_column(entries) if entry.number]
    figures = sum(len(e.fragments) > 2 and e.fragments[-2].text.strip()[:1].isdigit() for e in entries)
    return len(entries) >= MIN_ENTRIES and numbers == sorted(numbers) and figures < 0.1 * len(entries)


def _lead_there(entries: Sequence[Entry], said: Sequence[str], own: int) -> bool:
    """Tell whether the titles stand on the pages whose numbers they name, counted from any page."""
    ahead: Counter[int] = Counter()
    for _, title, number in entries:
        letters = letters_of(title)
        if number and len(letters) > 2:
            near = range(max(number - MOST_AHEAD, 0), min(number + MOST_AHEAD, len(said)))
            ahead.update(at - number for at in near if at != own and letters in said[at])
    return any(count >= FOUND * len(entries) for count in ahead.values())


def _drop(page: Page, rows: list[list[Fragment]], entries: list[Entry], titles: list[Fragment]) -> None:
    """Take entries out, and the lines among them, which are the beginnings of long titles."""
    gone = {id(f) for entry in entries for f in entry.fragments}
    places = [at for at, row in enumerate(rows) if any(id(f) in gone for f in row)]
    among = rows[places[0] : places[-1] + 1]
    if len(among) < MOST_BROKEN * len(places):
        gone |= {id(f) for row in among for f in row}
    gone |= {id(title) for title in titles}
    page.fragments = [f for f in page.fragments if id(f) not in gone]


def _cells(row: list[Fragment], right: float) -> list[tuple[Fragment, list[Fragment]]]:
    """Return the parts of a line that leaders hold apart: the cells of a row, the last at the right."""
    if not any(len(f.text) < MAX_LINE and LEADER.search(f.text) for f in row):
        return []
    parts = [(f, list(_parts(f))) for f in row]
    several = sum(len(found) for _, found in parts) > 1
    found = [(f, [part._replace(cell=several) for part in cut]) for f, cut in parts]
    last = found[-1][1]
    if several and last and last[-1].x1 > right - ONE_COLUMN:
        last[-1] = last[-1]._replace(x0=last[-1].x0 + right - last[-1].x1, x1=right)
    return found


def _parts(fragment: Fragment) -> Iterator[Fragment]:
    """Yield what stands before and after leaders, about where it stands."""
    wide = (fragment.x1 - fragment.x0) / max(len(fragment.text), 1)
    at = 0
    for found in [*LEADER.finditer(fragment.text), None]:
        end = found.start() if found else len(fragment.text)
        said = fragment.text[at:end].strip()
        if said:
            x0 = fragment.x0 + wide * at if at else fragment.x0
            x1 = fragment.x0 + wide * end if found else fragment.x1
            x0 = max(x0, x1 - 0.6 * fragment.height * len(said)) if at else x0
            yield fragment._replace(text=said, x0=x0, x1=x1)
        at = found.end() if found else end
