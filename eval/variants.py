"""The ways to search that are compared: the program's own, and each with one part replaced.

A variant goes the program's own way in all else, so that it stays true as the
program changes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from kb.answering.question import Question, analyse
from kb.assistant import Assistant
from kb.config import Config
from kb.lexicon import Lexicon
from kb.retrieval.relevance import Relevance
from kb.types import Embedder, Hit, PassageIndex

if TYPE_CHECKING:
    from kb.types import Role, Vectors

Search = Callable[[Assistant, str, int], list[Hit]]


class Unexpanded(Assistant):
    """Searches with the words as typed: no typos mended, no acronyms spelt out."""

    def _analyse(self, question: str) -> Question:
        return analyse(question, Lexicon({}), self.retriever.embedder)


class Unranked(Assistant):
    """Leaves the order of fusion: no term of the question counts, so no passage covers more than another."""

    def _relevance(self, question: Question) -> Relevance:
        return super()._relevance(question).weighted({})


class Only:
    """An index of which only some parts, "dense" or "lexical", find anything; else it is as it was."""

    def __init__(self, index: PassageIndex, parts: Collection[str]) -> None:
        self._index = index
        self._parts = parts

    def __getattr__(self, name: str) -> object:
        """Hand on whatever else the index can do."""
        return getattr(self._index, name)

    def search_vector(
        self, vector: Vectors, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Search by vector, or find nothing."""
        return self._index.search_vector(vector, k, documents) if "dense" in self._parts else []

    def search_words(
        self, query: str, k: int, documents: Collection[str] | None = None
    ) -> list[tuple[str, float]]:
        """Search by words, or find nothing."""
        return self._index.search_words(query, k, documents) if "lexical" in self._parts else []


@dataclass(frozen=True, slots=True)
class WithoutHeadings:
    """An embedder that passes over the first line of what it is given, the title and headings."""

    inner: Embedder

    @property
    def digest(self) -> str:
        """The model's own, marked: the two never meet in one index."""
        return f"{self.inner.digest}-text"

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        return self.inner.dimension

    def knows(self, word: str) -> bool:
        """Tell whether the model has a word whole."""
        return self.inner.knows(word)

    def encode(self, texts: Sequence[str], role: Role = "passage") -> Vectors:
        """Encode the text below the first line, if there is one."""
        return self.inner.encode([text.partition("\n")[2] or text for text in texts], role)


def whole(assistant: Assistant, question: str, k: int) -> list[Hit]:
    """Search as the program does."""
    return assistant.search(question, k)


def unexpanded(assistant: Assistant, question: str, k: int) -> list[Hit]:
    """Search as the program does, but for the expansion of the question."""
    return Unexpanded(assistant.index, assistant.retriever, assistant.config).search(question, k)


def fused(*parts: str) -> Search:
    """Return the search by "dense", "lexical" or both, expanded and fused but not reranked."""

    def search(assistant: Assistant, question: str, k: int) -> list[Hit]:
        only = cast(PassageIndex, Only(assistant.index, parts))
        retriever = replace(assistant.retriever, index=only)
        return Unranked(assistant.index, retriever, assistant.config).search(question, k)

    return search


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to search; `chars` and `headings` say on which index."""

    name: str
    search: Search = whole
    chars: int | None = None
    headings: bool = True

    @property
    def index(self) -> tuple[str, ...]:
        """What tells its index from the whole's, which has nothing to tell."""
        chars = () if self.chars is None else (str(self.chars),)
        return (*chars, *(() if self.headings else ("text",)))

    def on(self, assistant: Assistant) -> Searcher:
        """Return what searches this way on an assistant's index."""
        return Searcher(self, assistant)

    def config(self, config: Config) -> Config:
        """Return the settings with passages of this variant's length; lists keep their proportion."""
        if self.chars is None:
            return config
        lists = self.chars * config.chunking.list_chars // config.chunking.max_chars
        chunking = config.chunking.model_copy(update={"max_chars": self.chars, "list_chars": lists})
        return config.model_copy(update={"chunking": chunking})


@dataclass(frozen=True, slots=True)
class Searcher:
    """A variant on its index."""

    variant: Variant
    assistant: Assistant

    @property
    def sources(self) -> dict[str, str]:
        """File names by document id."""
        return {document.id: document.source for document in self.assistant.index.documents()}

    def search(self, question: str, k: int) -> list[Hit]:
        """Return up to k hits, best first."""
        return self.variant.search(self.assistant, question, k)


WHOLE = Variant("the whole")
VARIANTS = (
    WHOLE,
    Variant("dense only", fused("dense")),
    Variant("lexical only", fused("lexical")),
    Variant("fusion, no rerank", fused("dense", "lexical")),
    Variant("no expansion", unexpanded),
    Variant("no headings embedded", headings=False),
    Variant("passages of 600", chars=600),
    Variant("passages of 2400", chars=2400),
)
