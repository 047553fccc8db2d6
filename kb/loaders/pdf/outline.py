"""What a PDF says about itself: its bookmarks, its page labels, its metadata, its lock.

pdfium tells in a tenth of the time that pypdf takes, but loses a bookmark
whose place has a name beyond ASCII, and all of a file that it cannot open.
Then pypdf is asked.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kb.errors import DamagedDocument
from kb.loaders.pdf.opening import locked, opened, unlocked
from kb.loaders.structure import squeeze

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import Destination

MAX_BOOKMARKS = 5000
MAX_DEPTH = 8
# The entries of the standard; programs add others, which mean anything.
ENTRIES = ("Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate")


class Bookmark(NamedTuple):
    """An entry of the outline: its title, its level from 1, and the page it leads to, from 1."""

    title: str
    level: int
    page: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a PDF says about itself: nothing, unless it says it in a form that can be read."""

    bookmarks: tuple[Bookmark, ...] = ()
    labels: tuple[str, ...] = ()
    """What is printed on each page, in order; empty where the file does not say."""
    metadata: dict[str, str] = field(default_factory=dict)
    """By lower-case name."""
    layers: Callable[[], frozenset[str]] = frozenset
    """Names the layers that are switched off, when a page needs to know."""

    def label(self, page: int) -> str | None:
        """Return what is printed on a page, counted from 1.

        >>> Outline(labels=("i", "1")).label(2), Outline().label(2)
        ('1', None)
        """
        return self.labels[page - 1] or None if page <= len(self.labels) else None


def read_outline(name: str, data: bytes) -> Outline:
    """Return what a PDF says about itself; raises EncryptedDocument if it needs a password."""
    found = _read_quickly(name, data) or _read_patiently(name, data)
    return replace(found, layers=cache(lambda: _hidden_layers(data)))


def _hidden_layers(data: bytes) -> frozenset[str]:
    from pypdf import PdfReader

    found: frozenset[str] = frozenset()
    with _forgiving():
        root: Any = PdfReader(io.BytesIO(data)).root_object
        off = root["/OCProperties"]["/D"].get("/OFF", ())
        found = frozenset(str(layer.get_object()["/Name"]) for layer in off)
    return found


def _read_quickly(name: str, data: bytes) -> Outline | None:
    """Read with pdfium; None if that misses something."""
    # It warns of bookmarks that go round in a circle, which it does not follow.
    logging.getLogger("pypdfium2").setLevel(logging.CRITICAL)
    try:
        with opened(name, data) as pdf:
            labels = tuple(pdf.get_page_label(at) for at in range(len(pdf)))
            metadata = {entry.lower(): squeeze(pdf.get_metadata_value(entry)) for entry in ENTRIES}
            bookmarks = []
            for entry in islice(pdf.get_toc(MAX_DEPTH), MAX_BOOKMARKS):
                place = entry.get_dest()
                page = place.get_index() if place else None
                if page is None:
                    return None
                bookmarks.append(Bookmark(squeeze(entry.get_title()), entry.level + 1, page + 1))
    except (DamagedDocument, UnicodeDecodeError):
        return None
    known = {entry: text for entry, text in metadata.items() if text}
    return Outline(tuple(bookmarks), labels if any(labels) else (), known)


def _read_patiently(name: str, data: bytes) -> Outline:
    from pypdf.errors import DependencyError

    # What pypdf has to say about broken files is for nobody here; its loggers take their level from this one.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return _read(name, data)
    except DependencyError:  # pypdf alone cannot undo AES, which pdfium can
        data = unlocked(name, data)
    with suppress(DependencyError):  # nor other filters, which need more libraries
        return _read(name, data)
    return Outline()


def _read(name: str, data: bytes) -> Outline:
    from pypdf import PasswordType, PdfReader

    bookmarks: tuple[Bookmark, ...] = ()
    labels: tuple[str, ...] = ()
    metadata: dict[str, str] = {}
    with _forgiving():
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise locked(name)
        with _forgiving():
            metadata = _metadata(reader)
        with _forgiving():
            labels = tuple(reader.page_labels) if "/PageLabels" in reader.root_object else ()
        with _forgiving():
            bookmarks = tuple(islice(_bookmarks(reader), MAX_BOOKMARKS))
    return Outline(bookmarks, labels, metadata)


@contextmanager
def _forgiving() -> Iterator[None]:
    """Leave out what cannot be read: the text is worth having without it, and pdfium reads that.

    Over files that break the standard pypdf raises, beside its own errors,
    whatever its code happens to meet there.
    """
    from pypdf.errors import PyPdfError

    odd = (LookupError, ValueError, TypeError, AttributeError, OverflowError, AssertionError)
    with suppress(PyPdfError, NotImplementedError, RecursionError, *odd):
        yield


def _metadata(reader: PdfReader) -> dict[str, str]:
    found: Mapping[str, object] = reader.metadata or {}
    texts = {name.lower(): found[f"/{name}"] for name in ENTRIES if f"/{name}" in found}
    return {name: squeeze(text) for name, text in texts.items() if isinstance(text, str)}


def _bookmarks(reader: PdfReader) -> Iterator[Bookmark]:
    """Yield the bookmarks that lead to a page; pypdf itself goes round no cycle."""
    outline = reader.outline
    numbers = _page_numbers(reader) if outline else {}
    for entry, level in _flat(outline):
        page = entry.get("/Page")
        number = int(page) + 1 if isinstance(page, int) else numbers.get(getattr(page, "idnum", 0))
        if number is not None:
            yield Bookmark(squeeze(str(entry.title or "")), level, number)


def _flat(entries: Iterable[Any], level: int = 1) -> Iterator[tuple[Destination, int]]:
    """Yield the entries with their levels; pypdf lists the entries below one after it."""
    for entry in entries:
        if not isinstance(entry, list):
            yield entry, level
        elif level < MAX_DEPTH:
            yield from _flat(entry, level + 1)


def _page_numbers(reader: PdfReader) -> dict[int, int]:
    """Return the number of every page, from 1, by the number of its object."""
    references = (page.indirect_reference for page in reader.pages)
    return {found.idnum: number for number, found in enumerate(references, start=1) if found is not None}
