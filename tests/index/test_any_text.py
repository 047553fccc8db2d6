"""Whatever a document holds, its index can be read and asked."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.assistant import Assistant
from kb.chunking import chunk
from kb.config import Config
from kb.errors import KBError
from kb.index import IndexSettings, create_index, open_index
from kb.index.vocabulary import StoredLexicon, read_tally, write_lexicon
from kb.lexicon import count, learn
from kb.retrieval.retriever import Retriever
from kb.types import Block, Changes, Document
from tests.fakes import HashedEmbedder
from tests.index.library import GUIDE, NOTE, adding

# The same texts in every run, and no limit of time: a slow machine is no fault.
FEW = settings(max_examples=20, deadline=None, derandomize=True, database=None)
MANY = settings(FEW, max_examples=100)

# Words of all scripts with what stands between and inside words; any characters at all; and blanks, fill-in
# lines, marks that combine or change their length when they are folded.
WORDS = st.text(st.sampled_from("ab_ '’.,-(1İß\u0345\u00a0\x1c\x85\u2028\x00ﬁ数ກAB\n\t"), max_size=30)
TEXT = st.one_of(WORDS, st.text(max_size=60))
EMBEDDER = HashedEmbedder(32)


@MANY
@given(st.lists(TEXT, min_size=1, max_size=4))
@example(["Name: ________"])
@example(["[_] x = _, _'s"])
def test_no_word_is_lost_between_writing_and_reading(texts: list[str]) -> None:
    tally, expected = count(texts), learn(texts)
    with TemporaryDirectory() as name:
        write_lexicon(Path(name), tally)
        found = StoredLexicon(Path(name)).read()
        assert read_tally(Path(name)) == tally
    assert (found.words, found.acronyms, found.names) == (expected.words, expected.acronyms, expected.names)
    assert found.frequencies == expected.frequencies
    assert "" not in found.frequencies


def held(folder: Path, texts: list[str]) -> Assistant:
    """Return an assistant on a document of these paragraphs, the first one its heading as well."""
    blocks = (
        Block("heading", texts[0], (texts[0],)),
        *(Block("paragraph", text, (texts[0],)) for text in texts),
    )
    config, document = Config(), Document("d", "form.txt", texts[0], blocks=blocks)
    passages = chunk(document, config.chunking)
    vectors = EMBEDDER.encode([passage.text for passage in passages])
    made = IndexSettings(EMBEDDER.digest, "chunks", EMBEDDER.dimension)
    create_index(folder, made, Changes((), (document,), tuple(passages), vectors))
    index = open_index(folder)
    assert index.passages("d", 0, len(passages)) == passages
    return Assistant(index, Retriever(index, EMBEDDER, config.retrieval), config)


@FEW
@given(st.lists(TEXT.filter(str.strip), min_size=1, max_size=3))
@example(["Form", "The minister approves it.", "Name: ____"])
def test_what_is_built_can_be_asked(texts: list[str]) -> None:
    with TemporaryDirectory() as name:
        assistant = held(Path(name), texts)
        for question in ("Who approves it?", f"What is {texts[-1]} about?"):
            answer = assistant.ask(question)
            quotes = [c for claim in answer.claims for c in claim.citations]
            assert all(citation.quote in citation.passage.text for citation in quotes)


def test_what_cannot_be_read_back_does_not_become_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of writing such as the one that once lost words: the index stays as it was."""
    made = IndexSettings(EMBEDDER.digest, "chunks", 1024)
    index = create_index(tmp_path / "index", made, adding(GUIDE))
    before = index.generation

    real = json.dumps

    def losing(value: object, **options: Any) -> str:  # noqa: ANN401 - as in json
        if isinstance(value, dict) and "terms" in value:
            words, counts = value["terms"]
            value = {**value, "terms": [words[1:], counts]}
        return real(value, **options)

    monkeypatch.setattr("json.dumps", losing)
    with pytest.raises(KBError, match=r"cannot be read back \(.*it is as it was before"):
        index.apply(adding(NOTE))
    assert open_index(tmp_path / "index").generation == before
    assert [path.name for path in (tmp_path / "index" / "generations").iterdir()] == [before]
