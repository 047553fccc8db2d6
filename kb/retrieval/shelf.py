"""The documents of an index, read once a generation, and what is found out about all of them at once.

A question touches a handful of documents; nothing it does may take longer for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property, wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from kb.retrieval.editions import Editions
from kb.retrieval.filters import Filter
from kb.text import terms
from kb.types import Document, PassageIndex

T = TypeVar("T")

# Filters whose documents are remembered: those of a conversation, or of a batch of questions.
MOST_FILTERS = 64


class Shelf(Mapping[str, Document]):
    """Documents by id, in the order of the index.

    >>> both = Shelf([Document("1", "a.pdf", "Note on Rwanda"), Document("2", "b.pdf", "Note on Lao PDR")])
    >>> both["2"].title, both.titled("rwanda"), both.titled("note")
    ('Note on Lao PDR', ('1',), ('1', '2'))
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_id = {document.id: document for document in documents}
        self._selected: dict[Filter, frozenset[str]] = {}

    def __getitem__(self, key: str) -> Document:
        """Return the document with this id; KeyError if there is none."""
        return self._by_id[key]

    def __iter__(self) -> Iterator[str]:
        """Yield every id."""
        return iter(self._by_id)

    def __len__(self) -> int:
        """Return the number of documents."""
        return len(self._by_id)

    @cached_property
    def editions(self) -> Editions:
        """The series among the documents."""
        return Editions.of(tuple(self._by_id.values()))

    def titled(self, term: str) -> tuple[str, ...]:
        """Return the ids of the documents whose title or edition holds a term, in their order."""
        return self._titles.get(term, ())

    def selected(self, where: Filter) -> frozenset[str]:
        """Return the ids of the documents that a filter matches; QuestionError if it matches none."""
        if where not in self._selected:
            if len(self._selected) >= MOST_FILTERS:
                self._selected.clear()
            self._selected[where] = where.select(tuple(self._by_id.values()))
        return self._selected[where]

    def ordered(self, ids: Iterable[str]) -> list[str]:
        """Return these ids in the order of the index."""
        return sorted(ids, key=self._places.__getitem__)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {key: n for n, key in enumerate(self._by_id)}

    @cached_property
    def _titles(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for document in self._by_id.values():
            for term in set(terms(document.label)):
                found.setdefault(term, []).append(document.id)
        return {term: tuple(ids) for term, ids in found.items()}


def once_a_generation(read: Callable[[PassageIndex], T]) -> Callable[[PassageIndex], T]:
    """Let what a function reads of an index be remembered for as long as the index stays as it is."""
    known: WeakKeyDictionary[PassageIndex, tuple[str, T]] = WeakKeyDictionary()

    @wraps(read)
    def remembered(index: PassageIndex) -> T:
        found = known.get(index)
        while found is None or found[0] != index.generation:
            generation = index.generation
            found = known[index] = generation, read(index)
        return found[1]

    return remembered


@once_a_generation
def shelf(index: PassageIndex) -> Shelf:
    """Return the documents of an index as it is now."""
    return Shelf(index.documents())
