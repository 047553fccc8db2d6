"""Which documents a question is put to: by name, kind, edition, date or audience."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from textwrap import shorten
from typing import NamedTuple

from kb.errors import QuestionError
from kb.retrieval.editions import Editions
from kb.retrieval.series import edition_of
from kb.types import Document

_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
# So many values are named of those that would have matched, and so many characters of each.
MOST_NAMED, NAME_CHARS = 6, 60


@dataclass(frozen=True, slots=True)
class Filter:
    """Matches a document that has one of the values of every field that is set; case makes no difference.

    `documents` are ids, file names or titles; `editions` are named as the
    documents name them, or by a year that they are for. `since` and `until`
    are ISO dates or the beginning of one ("2023", "2023-05"), and include it:
    as much is compared as is known of both dates. No date matches neither.

    >>> note = Document("1", "a.pdf", "Note", date="2023-03-22")
    >>> notes = [note, Document("2", "b.pdf", "Book", date="2024")]
    >>> sorted(Filter(since="2023-04").select(notes)), sorted(Filter(documents=("note",)).select(notes))
    (['2'], ['1'])
    """

    documents: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    audiences: tuple[str, ...] = ()

    @property
    def picks_editions(self) -> bool:
        """Tell whether it says which edition of a document is meant."""
        return bool(self.documents or self.editions or self.since or self.until)

    @property
    def empty(self) -> bool:
        """Tell whether it matches every document."""
        return not (self.picks_editions or self.kinds or self.audiences)

    def select(self, documents: Sequence[Document]) -> frozenset[str]:
        """Return the ids of the documents that match.

        Raises QuestionError for a date that is none, for a value that no
        document has, and where no document has them all.
        """
        left = {document.id for document in documents}
        for tests in self._fields():
            found = [{d.id for d in documents if test.matches(d)} for test in tests]
            for test, ids in zip(tests, found, strict=True):
                if not ids:
                    raise QuestionError(f"No document {test.what} {test.value!r}; {test.known(documents)}.")
            left &= set().union(*found)
        if not left:
            raise QuestionError(
                "Every filter matches some document, but none matches them all; take one away."
            )
        return frozenset(left)

    def _fields(self) -> Iterator[list[_Test]]:
        """Yield the tests of each field that is set; a document has to pass one of each."""
        for values, names, what in (
            (self.documents, _names, "is named"),
            (self.kinds, _kind, "is of the kind"),
            (self.editions, _editions, "is of the edition"),
            (self.audiences, _audiences, "is for the audience"),
        ):
            if values:
                yield [_Test(what, value, _has(names, value), names) for value in values]
        if self.since:
            yield [_Test("is dated since", self.since, _dated(self.since, "since"), _dates)]
        if self.until:
            yield [_Test("is dated until", self.until, _dated(self.until, "until"), _dates)]


# The filter that matches every document.
ANY = Filter()


@dataclass(frozen=True, slots=True)
class Scope:
    """The documents that a question is put to (ids; all if None), and whether it is said which edition."""

    documents: Collection[str] | None
    fixed: bool

    def newest(self, editions: Editions, question: str) -> Collection[str] | None:
        """Return the documents without the editions that a question does not mean, unless none were left."""
        if self.fixed or self.documents is None:
            return self.documents
        return frozenset(self.documents) - editions.left_out(question) or self.documents


class _Test(NamedTuple):
    """One value of a filter: whether a document matches it, and what documents have of its sort."""

    what: str
    value: str
    matches: Callable[[Document], bool]
    names: Callable[[Document], tuple[str, ...]]

    def known(self, documents: Sequence[Document]) -> str:
        """Say what would have matched."""
        # The last name is the one that people know: the title, the edition as it is written.
        found = sorted({names[-1] for document in documents if (names := self.names(document))})
        shown = ", ".join(shorten(name, NAME_CHARS, placeholder="...") for name in found[:MOST_NAMED])
        more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        return f"there are {shown}{more}" if found else "no document says anything of the sort"


def _has(names: Callable[[Document], tuple[str, ...]], value: str) -> Callable[[Document], bool]:
    wanted = value.strip().casefold()
    return lambda document: any(name.casefold() == wanted for name in names(document))


def _dated(value: str, side: str) -> Callable[[Document], bool]:
    if not _DATE.fullmatch(value):
        raise QuestionError(f"{value!r} is no date; write it as 2024, 2024-05 or 2024-05-31.")

    def matches(document: Document) -> bool:
        for date in _dates(document):
            own, asked = date[: len(value)], value[: len(date)]
            return own >= asked if side == "since" else own <= asked
        return False

    return matches


def _names(document: Document) -> tuple[str, ...]:
    return document.id, document.source, PurePosixPath(document.source).name, document.title


def _kind(document: Document) -> tuple[str, ...]:
    return (document.kind,)


def _editions(document: Document) -> tuple[str, ...]:
    """Return the years that a document is for, and the edition as it is written."""
    edition = edition_of(document)
    years = [str(year) for year in range(edition.first, edition.last + 1)] if edition else []
    return (*years, *([edition.name] if edition else []), *([document.edition] if document.edition else []))


def _audiences(document: Document) -> tuple[str, ...]:
    return document.audience


def _dates(document: Document) -> tuple[str, ...]:
    found = _DATE.match(document.date or "")
    return (found.group(),) if found else ()
