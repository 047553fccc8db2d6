"""BM25 word search over titles, headings and passages, by Tantivy.

Questions are plain words here, never query syntax: they are cut into terms by
the analyser that also cut the passages, and the query is built from the terms.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kb.index.damage import reading
from kb.text import STOPWORDS

if TYPE_CHECKING:
    import tantivy

ANALYSER = "kb_english"

# A heading says what its passages are about, but it is short, and BM25 rewards
# short fields: at full weight a word in a heading would outrank the passage
# that answers. A title is shared by every passage of its document, so it does
# little more than break ties between documents.
BOOSTS = {"body": 1.0, "heading": 0.5, "title": 0.2}

MAX_WORD = 60


class Entry(NamedTuple):
    """What the word search keeps of one passage."""

    row: int
    document_id: str
    title: str
    heading: str
    body: str


def analyser(drop: Collection[str] = ()) -> tantivy.TextAnalyzer:
    """Cut at what is neither letter nor digit, fold case and accents, drop words, stem as `kb.text` does."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(MAX_WORD))
    builder = builder.filter(Filter.lowercase()).filter(Filter.ascii_fold())
    if drop:
        builder = builder.filter(Filter.custom_stopword(sorted(drop)))
    return builder.filter(Filter.stemmer("english")).build()


def schema() -> tantivy.Schema:
    """Return the fields of a passage."""
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    for field in BOOSTS:
        builder.add_text_field(field, tokenizer_name=ANALYSER, index_option="freq")
    builder.add_text_field("document_id", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("row", fast=True)
    return builder.build()


def _aside(owner: object, folder: Path) -> Path:
    """Return a folder of links to the files, for as long as the owner lives.

    Tantivy locks the folder that it reads, which it cannot where nobody may write.
    """
    links = Path(tempfile.mkdtemp(prefix="kb-words-"))
    weakref.finalize(owner, shutil.rmtree, links, ignore_errors=True)
    for path in folder.resolve().iterdir():
        if not path.name.startswith("."):
            (links / path.name).symlink_to(path)
    return links


class LexicalIndex:
    """The word index of one generation; safe to search from several threads."""

    def __init__(self, folder: Path) -> None:
        from tantivy import Index

        self._folder = folder
        self._index = Index.open(str(folder if os.access(folder, os.W_OK) else _aside(self, folder)))
        self._index.register_tokenizer(ANALYSER, analyser())
        # A generation never changes: no thread need watch its folder.
        self._index.config_reader("manual")
        self._index.reload()
        self._searcher = self._index.searcher()
        self._terms = analyser(drop=STOPWORDS)

    @property
    def size(self) -> int:
        """The number of passages."""
        return self._searcher.num_docs

    def search(self, query: str, k: int, documents: Collection[str] | None = None) -> list[tuple[int, float]]:
        """Return up to k (row, BM25), best first; only in `documents` if given.

        A query without a word that says something about its subject finds nothing.
        """
        terms = list(dict.fromkeys(self._terms.analyze(query)))
        if k <= 0 or not terms or (documents is not None and not documents):
            return []
        with reading(self._folder.parent):
            found = self._searcher.search(
                self._query(terms, documents), min(k, max(self.size, 1)), count=False
            )
            rows = self._searcher.fast_field_values("row", [address for _, address in found.hits])
        return [(int(row or 0), float(score)) for row, (score, _) in zip(rows, found.hits, strict=True)]

    def _query(self, terms: list[str], documents: Collection[str] | None) -> tantivy.Query:
        from tantivy import Occur, Query

        schema = self._index.schema
        words = Query.boolean_query(
            [
                (Occur.Should, Query.boost_query(Query.term_query(schema, field, term), boost))
                for term in terms
                for field, boost in BOOSTS.items()
            ]
        )
        if documents is None:
            return words
        among = Query.term_set_query(schema, "document_id", sorted(documents))
        return Query.boolean_query([(Occur.Must, words), (Occur.Must, Query.const_score_query(among, 0.0))])
