"""What all tabs share: the settings, the words of the interface, and the assistant as it is now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kb.config import Config
from kb.retrieval.shelf import shelf
from kb.types import Document
from kb.ui.downloads import Downloads
from kb.ui.strings import Words
from kb.ui.uploads import Uploads

if TYPE_CHECKING:
    from kb.assistant import Assistant


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tab is built on.

    `latest` returns the assistant on the newest generation of the index. Ask it
    once for each question and keep what it returns until the answer is shown:
    an assistant never changes, so one answer never mixes two generations.
    """

    config: Config
    latest: Callable[[], Assistant]
    words: Words = field(default_factory=Words)
    downloads: Downloads = field(default_factory=Downloads)
    uploads: Uploads = field(default_factory=Uploads)

    @property
    def assistant(self) -> Assistant:
        """The assistant on the newest generation; KBError if that cannot be opened."""
        return self.latest()

    def documents(self) -> Mapping[str, Document]:
        """Return the documents of the newest generation by id; they are read once a generation."""
        return shelf(self.assistant.index)

    def speaking(self, language: str) -> Desk:
        """Return the same desk with its words in another language."""
        return replace(self, words=Words(language))


class Latest:
    """Gives an assistant, and another one as soon as its index has a newer generation.

    Whether it has is read from a file of a few bytes. The model is loaded once;
    questions that are under way end on the generation that they began on.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()

    def __call__(self) -> Assistant:
        """Return the assistant on the generation that is current; KBError if it cannot be opened."""
        if self._current():
            return self._assistant
        with self._lock:
            if not self._current():
                self._assistant = _reopened(self._assistant)
        return self._assistant

    def _current(self) -> bool:
        from kb.index.folder import CURRENT

        assistant = self._assistant
        try:
            name = (assistant.config.index / CURRENT).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return False  # Opening it anew says in a sentence what is wrong.
        return name == assistant.index.generation


def _reopened(assistant: Assistant) -> Assistant:
    """Return an assistant on what the index holds now, with the model of this one."""
    from kb.chunking import chunking_digest
    from kb.index import open_index

    config, retriever = assistant.config, assistant.retriever
    chunking = chunking_digest(config.chunking)
    index = open_index(config.index, embedder=retriever.embedder.digest, chunking=chunking)
    return replace(assistant, index=index, retriever=replace(retriever, index=index))


def open_desk(config: Config) -> Desk:
    """Return a desk on the index that the settings name; KBError where there is none."""
    from kb.assistant import open_assistant

    return Desk(config, Latest(open_assistant(config)))
