"""The whole story of a question: searched, weighed, answered with quotes, or honestly declined."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from kb.answering import abstention, ambiguity, extractive
from kb.answering.conflicts import conflicts
from kb.answering.conversation import standalone
from kb.answering.evidence import Evidence, gather
from kb.answering.languages import Reading, read
from kb.answering.question import Question, analyse
from kb.config import Config
from kb.errors import QuestionError
from kb.retrieval.relevance import Relevance
from kb.retrieval.retriever import Retriever, named_documents
from kb.types import Answer, Hit, PassageIndex, Status, Turn


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answers questions from one index. Safe to share between threads."""

    index: PassageIndex
    retriever: Retriever
    config: Config

    def search(
        self, question: str, k: int | None = None, documents: Collection[str] | None = None
    ) -> list[Hit]:
        """Return up to k passages for a question, best first."""
        _, analysed = self._understand(question, ())
        return self._retrieve(analysed, self._relevance(analysed), k, documents)

    def ask(
        self, question: str, history: Sequence[Turn] = (), documents: Collection[str] | None = None
    ) -> Answer:
        """Answer a question from the documents (ids; all if None), in the light of earlier turns.

        Abstaining and asking back are answers too: see `Answer.status`. Raises
        QuestionError for a question that is empty or too long.
        """
        started = time.perf_counter()
        reading, analysed = self._understand(question, history)
        relevance = self._relevance(analysed)
        hits = self._retrieve(analysed, relevance, None, documents)
        found = time.perf_counter()
        answer = replace(
            self._decide(gather(analysed, relevance, hits, self.index), reading),
            question=question,
            notes=reading.notes,
            config_digest=self.config.digest,
            index_generation=self.index.generation,
        )
        return replace(answer, timings_ms=_timings(started, found))

    def _understand(self, question: str, history: Sequence[Turn]) -> tuple[Reading, Question]:
        """Read the question in the corpus's language and words, completed from the turns before it."""
        lexicon = self.index.lexicon()
        reading = read(self._checked(question), lexicon)
        earlier = [replace(turn, content=read(turn.content, lexicon).text) for turn in history]
        return reading, analyse(standalone(reading.text, earlier), lexicon, self.retriever.embedder)

    def _relevance(self, question: Question) -> Relevance:
        return Relevance(question.terms, question.synonyms, self.index.lexicon(), self.index.size)

    def _retrieve(
        self, question: Question, relevance: Relevance, k: int | None, documents: Collection[str] | None
    ) -> list[Hit]:
        across: list[str] = []
        if question.kind == "comparison":
            among = [d for d in self.index.documents() if documents is None or d.id in documents]
            across = named_documents(question.terms, among)
        compared = across if len(across) > 1 else ()
        return self.retriever.search(question.search_text, relevance, k, documents, compared)

    def _decide(self, evidence: Evidence, reading: Reading) -> Answer:
        question = evidence.question
        blank = Answer(question.text, question.text, "answered")
        claims = extractive.compose(evidence)
        options = ambiguity.readings(evidence)
        if options:
            return replace(blank, status="clarify", options=tuple(options))
        if not abstention.answers(evidence, claims):
            status: Status = "not_in_corpus" if reading.understood else "unsupported_language"
            return replace(blank, status=status, pointers=tuple(abstention.pointers(evidence)))
        return replace(blank, claims=tuple(claims), conflicts=tuple(conflicts(evidence, claims)))

    def _checked(self, question: str) -> str:
        limit = self.config.answering.max_question_chars
        if not question.strip():
            raise QuestionError("The question is empty; type what you want to know.")
        if len(question) > limit:
            raise QuestionError(
                f"The question is {len(question)} characters long; shorten it to {limit} "
                "(setting answering.max_question_chars)."
            )
        if any("\ud800" <= char <= "\udfff" for char in question):
            raise QuestionError("The question holds half a character, which is no text; type it again.")
        return question.strip()


def open_assistant(config: Config) -> Assistant:
    """Build an assistant on the index that the settings name."""
    from kb.chunking import chunking_digest
    from kb.embedding import load_embedder
    from kb.index import open_index

    embedder = load_embedder(config.embedding)
    index = open_index(config.index, embedder=embedder.digest, chunking=chunking_digest(config.chunking))
    return Assistant(index, Retriever(index, embedder, config.retrieval), config)


def _timings(started: float, found: float) -> dict[str, float]:
    done = time.perf_counter()
    spans = {"retrieve": found - started, "answer": done - found, "total": done - started}
    return {name: round(1000 * seconds, 2) for name, seconds in spans.items()}
