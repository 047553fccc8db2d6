"""The whole story of a question: searched, weighed, answered with quotes, or honestly declined."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from kb.answering import abstention, ambiguity, choice, extractive
from kb.answering.answer_types import exact
from kb.answering.comparison import Side, sides
from kb.answering.compound import answered_in_turn, parts
from kb.answering.conflicts import conflicts
from kb.answering.conversation import MOST_TURNS, standalone
from kb.answering.evidence import Evidence, gather
from kb.answering.greeting import is_greeting
from kb.answering.in_force import in_force_notes
from kb.answering.question import Question, analyse, split_aside
from kb.answering.tables import is_reckoned
from kb.clock import Clock
from kb.config import Config
from kb.egdi import answer as from_table
from kb.errors import QuestionError
from kb.retrieval.editions import Editions
from kb.retrieval.filters import ANY, Filter, Scope
from kb.retrieval.relevance import Relevance, term_set
from kb.retrieval.retriever import Retriever, in_turn
from kb.retrieval.shelf import shelf
from kb.types import Answer, Claim, Hit, PassageIndex, Turn

if TYPE_CHECKING:
    from kb.answering.llm import Writer
    from kb.models.reader import Reader

# Passages that each side of a comparison adds to the evidence.
SIDE_HITS = 3
# A reading of a follow-up that is answered so surely is what was meant; no other is tried.
SURE = 0.9
# An edition that a question is not put to may answer if its best quote is so much likelier to.
MORE_LIKELY = 0.1
# Of its quotes, those that are as likely to answer, but for this share, tell which edition it is.
NEAR_BEST = 0.85
# Titles that a greeting is answered with.
MOST_TITLES = 5
# Documents of which a refusal names the pages without text.
MOST_GAPS = 3
# Characters that are read of what the assistant said in an earlier turn.
MOST_SAID = 16_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one reading of a question came to."""

    answer: Answer
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answers questions from one index, worded by `writer` if there is one. Safe to share between threads."""

    index: PassageIndex
    retriever: Retriever
    config: Config
    writer: Writer | None = None
    reader: Reader | None = None

    def search(
        self,
        question: str,
        k: int | None = None,
        documents: Collection[str] | None = None,
        where: Filter = ANY,
    ) -> list[Hit]:
        """Return up to k passages for a question, best first; only from documents that a filter matches."""
        among = self._among(documents, where)
        asked = self._analyse(self._checked(question))
        compared = sides(asked, shelf(self.index), among) if asked.kind == "comparison" else []
        return self._retrieve(asked, self._relevance(asked), compared, k, among)

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        documents: Collection[str] | None = None,
        on_claim: Callable[[Claim], None] | None = None,
        where: Filter = ANY,
    ) -> Answer:
        """Answer a question from the documents (ids; all if None), in the light of earlier turns.

        A filter narrows the documents further, and says by it which reading of
        an ambiguous question is meant; it raises QuestionError if it matches none.
        Abstaining and asking back are answers too: see `Answer.status`. A language
        model's sentences go to `on_claim` as they come, see `Writer.write`. Raises
        QuestionError for a question that is empty or too long.
        """
        clock = Clock()
        earlier = [self._earlier(turn) for turn in history[-MOST_TURNS:]]
        scope = Scope(self._among(documents, where), documents is not None or where.picks_editions)
        asked = self._checked(question)
        if is_greeting(asked):
            greeted = Answer(question, asked, "greeting", confidence=1.0, notes=self._library_notes())
            clock.lap("retrieve")
            clock.lap("answer")
            return self._signed(greeted, clock)
        answer, evidence = self._answer(asked, earlier, scope, clock)
        written = answer.status == "answered" and not is_reckoned(answer.claims)
        if self.writer is not None and written and evidence is not None:
            answer = self.writer.write(answer, evidence, on_claim)
            clock.lap("write")
        notes = (
            *answer.notes,
            *self._edition_notes(answer, scope),
            *self._gap_notes(answer, scope),
            *in_force_notes((c for claim in answer.claims for c in claim.citations), shelf(self.index)),
        )
        return self._signed(replace(answer, question=question, notes=notes), clock)

    def _answer(
        self, asked: str, earlier: Sequence[Turn], scope: Scope, clock: Clock
    ) -> tuple[Answer, Evidence | None]:
        """Answer a question, each of the things that it asks in turn; the evidence is of the first.

        A language model is given a question whole.
        """
        several = parts(asked)
        if len(several) > 1 and self.writer is None:
            turns, found = [*earlier], list[tuple[Answer, Evidence | None]]()
            for part in several:
                led = bool(found) and found[0][0].status == "answered"
                found.append(self._one(part, turns, scope, clock, sure=0.0 if led else SURE))
                turns.append(Turn("user", part))
            joined = answered_in_turn(asked, [answer for answer, _ in found], several)
            if joined is not None:
                return joined, next((evidence for _, evidence in found if evidence), None)
        return self._one(asked, earlier, scope, clock)

    def _one(
        self, asked: str, earlier: Sequence[Turn], scope: Scope, clock: Clock, sure: float = SURE
    ) -> tuple[Answer, Evidence | None]:
        """Answer one thing by the first reading of it that has this confidence, else by the surest."""
        questions = standalone(asked, earlier, self.index.lexicon())
        told = self._from_table(questions, scope, clock)
        before = earlier[-1].content if earlier and earlier[-1].role != "user" else ""
        return (told, None) if told else self._from_passages(questions, scope, clock, sure, before)

    def quoting(self) -> Assistant:
        """Return an assistant that answers with quotes alone: itself, where no language model is set."""
        return self if self.writer is None else replace(self, writer=None)

    def evidence(
        self, complete: str, documents: Collection[str] | None = None, clock: Clock | None = None
    ) -> Evidence:
        """Return what an answer to a question may rest on; `complete` is in English and stands by itself."""
        asked = self._analyse(complete)
        compared = sides(asked, shelf(self.index), documents) if asked.kind == "comparison" else []
        clock = clock or Clock()
        whole = self._gathered(asked, compared, documents, clock)
        apart = [
            (side.label, self._gathered(self._analyse(side.question), (), side.documents or documents, clock))
            for side in compared
        ]
        return replace(whole, sides=tuple(apart))

    def _gathered(
        self, asked: Question, compared: Sequence[Side], documents: Collection[str] | None, clock: Clock
    ) -> Evidence:
        relevance = self._relevance(asked)
        hits = self._retrieve(asked, relevance, compared, None, documents)
        clock.lap("retrieve")
        found = gather(asked, relevance, hits, self.index, self.reader, self.retriever.embedder)
        clock.lap("answer")
        return found

    def _from_table(self, questions: Sequence[str], scope: Scope, clock: Clock) -> Answer | None:
        """Answer from the rows of the EGDI table, where a question asks for its figures and nothing else."""
        told = (from_table(question, self.index, scope.documents) for question in questions)
        answer = next((answer for answer in told if answer), None)
        clock.lap("answer")
        return answer

    def _from_passages(
        self, questions: Sequence[str], scope: Scope, clock: Clock, sure: float, before: str
    ) -> tuple[Answer, Evidence]:
        """Return the surest answer that the passages give, else what else they allow to say.

        What was said `before` is not told again to who goes on from it, if there is something else.
        """
        tried: list[Attempt] = []
        for complete, among in self._attempts(questions, scope, tried):
            evidence = self.evidence(complete, among, clock)
            if before and evidence.question.aside:
                evidence = replace(evidence, units=tuple(choice.new_first(evidence.units, before)))
            tried.append(Attempt(self._decide(evidence), evidence))
            clock.lap("answer")
            answered = tried[-1].answer.status == "answered" and _is_on_topic(tried[-1])
            if answered and tried[-1].answer.confidence >= sure:
                break
        # What rests on nothing of the topic answers the question alone, which may be asked back about.
        best = min([attempt for attempt in tried if _is_on_topic(attempt)] or tried, key=_preference)
        answer = best.answer
        if not _is_on_topic(best):
            answer = replace(answer, standalone_question=split_aside(answer.standalone_question)[0])
        return answer, best.evidence

    def _attempts(
        self,
        questions: Sequence[str],
        scope: Scope,
        tried: Sequence[Attempt],
    ) -> Iterator[tuple[str, Collection[str] | None]]:
        """Yield each question with the documents it is put to, and once more if those answer none."""
        editions = self.editions()
        if scope.documents is not None:
            yield from ((question, scope.newest(editions, question)) for question in questions)
            return
        yield from ((question, editions.searched(question)) for question in questions)
        if any(attempt.answer.status != "not_in_corpus" for attempt in tried):
            return
        for question, newest in zip(questions, tuple(tried), strict=True):
            if editions.searched(question) is None:
                continue
            older = self.evidence(question, editions.left_out(question))
            if older.likely >= newest.evidence.likely + MORE_LIKELY:
                near = [u for u in older.units if u.score >= NEAR_BEST * older.units[0].score]
                yield question, editions.newest(u.citation.passage.document_id for u in near)

    def editions(self) -> Editions:
        """Return the series of documents in the index; found once a generation."""
        return shelf(self.index).editions

    def _among(self, documents: Collection[str] | None, where: Filter) -> Collection[str] | None:
        """Return the ids that a question is put to, of those given: all that a filter matches."""
        if where.empty:
            return documents
        selected = shelf(self.index).selected(where)
        if documents is not None and selected.isdisjoint(documents):
            raise QuestionError("The filter matches none of the chosen documents; take one of the two away.")
        return selected if documents is None else selected.intersection(documents)

    def _edition_notes(self, answer: Answer, scope: Scope) -> tuple[str, ...]:
        if scope.fixed:
            return ()
        cited = [c.passage.document_id for claim in answer.claims for c in claim.citations]
        return self.editions().notes(answer.standalone_question, list(dict.fromkeys(cited)))

    def _library_notes(self) -> tuple[str, ...]:
        """Say what the library holds, to somebody who only greets it."""
        titles = [document.title for document in self.index.documents()]
        if not titles:
            return ()
        shown = "; ".join(f"“{title}”" for title in titles[:MOST_TITLES])
        rest = f" and {len(titles) - MOST_TITLES} more" if len(titles) > MOST_TITLES else ""
        return (f"The library holds {shown}{rest}.",)

    def _signed(self, answer: Answer, clock: Clock) -> Answer:
        """Return an answer with what it was made by, and how long that took."""
        return replace(
            answer,
            config_digest=self.config.digest,
            index_generation=self.index.generation,
            timings_ms=clock.milliseconds(),
        )

    def _gap_notes(self, answer: Answer, scope: Scope) -> tuple[str, ...]:
        """Say of a refusal which pages of the documents that it is about could not be read."""
        if answer.status != "not_in_corpus":
            return ()
        near = [c.passage.document_id for pointer in answer.pointers for c in pointer.citations]
        chosen = scope.documents if scope.fixed and scope.documents is not None else ()
        held = shelf(self.index)
        gaps = {held[key].label: held[key].gaps for key in (*near, *sorted(chosen)) if held[key].gaps}
        return tuple(
            f"In {name} no text could be read on {pages}, so nothing was searched there."
            for name, pages in islice(gaps.items(), MOST_GAPS)
        )

    def _earlier(self, turn: Turn) -> Turn:
        """Return an earlier turn as far as a follow-up may need it: whoever sends it may send any length."""
        if turn.role != "user":
            return replace(turn, content=turn.content[:MOST_SAID])
        asked = " ".join(turn.content[: self.config.answering.max_question_chars].split())
        return replace(turn, content=asked)

    def _analyse(self, question: str) -> Question:
        asked = analyse(question, self.index.lexicon(), self.retriever.embedder)
        compared = self.editions().compared(question)
        return replace(asked, kind="comparison", editions=compared) if compared else asked

    def _relevance(self, question: Question) -> Relevance:
        return Relevance(
            question.terms, question.synonyms, self.index.lexicon(), self.index.size, question.aside
        )

    def _retrieve(
        self,
        question: Question,
        relevance: Relevance,
        compared: Sequence[Side],
        k: int | None,
        documents: Collection[str] | None,
    ) -> list[Hit]:
        hits = self.retriever.search(question.text, relevance, k, documents, question.added, question.vector)
        # Each side is searched by itself too: else the one that says most crowds out the other.
        apart = [
            self.retriever.search(side.text, relevance.of(side.terms), SIDE_HITS, side.documents or documents)
            for side in compared
        ]
        return in_turn([hits, *apart])[: k or self.config.retrieval.k]

    def _decide(self, evidence: Evidence) -> Answer:
        question = evidence.question
        blank = Answer(question.text, question.text, "answered")
        claims = extractive.compose(evidence)
        if not is_reckoned(claims) and (options := ambiguity.readings(evidence)):
            return replace(blank, status="clarify", options=tuple(options), confidence=1.0)
        sure = replace(blank, confidence=round(abstention.confidence(evidence, claims), 4))
        if not claims or sure.confidence < self.config.answering.min_confidence:
            return replace(sure, status="not_in_corpus", pointers=tuple(abstention.pointers(evidence)))
        # The figures of different years, or of the sides of a comparison, differ; they do not disagree.
        compared = question.editions or any(claim.about for claim in claims)
        found = () if compared else tuple(conflicts(evidence, claims))
        # Where sources disagree, no value stands by itself; in a list or table none does either.
        plain = not found and claims[0].layout == "sentence"
        value = exact(question, claims[0].text) if plain else ""
        return replace(sure, claims=tuple(claims), exact=value, conflicts=found)

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
    """Build an assistant on the index that the settings name; it is opened while the model is loaded."""
    from concurrent.futures import ThreadPoolExecutor

    from kb.chunking import chunking_digest
    from kb.embedding import load_embedder
    from kb.index import open_index
    from kb.models.reader import load_reader

    writer = _open_writer(config)
    with ThreadPoolExecutor(1) as beside:
        loading = beside.submit(load_embedder, config.embedding)
        index = open_index(config.index, chunking=chunking_digest(config.chunking))
        shelf(index)
        embedder = loading.result()
    if index.settings.embedder != embedder.digest:
        # Opened by the digest it says what is wrong.
        index = open_index(config.index, embedder=embedder.digest)
    retriever = Retriever(index, embedder, config.retrieval)
    return Assistant(index, retriever, config, writer, load_reader(config.embedding.models_folder))


def _open_writer(config: Config) -> Writer | None:
    """Return what words the answers, if a language model is set; else none of its code is loaded."""
    if not config.llm.base_url:
        return None
    from kb.answering.llm import open_writer

    return open_writer(config.llm)


def _is_on_topic(attempt: Attempt) -> bool:
    """Tell whether something that an answer rests on is about the topic that was added, if one was."""
    answer, topic = attempt.answer, attempt.evidence.question.aside
    cited = {citation.passage for claim in answer.claims for citation in claim.citations}
    documents = attempt.evidence.documents
    said = (" ".join((documents[p.document_id].label, *p.heading_path, p.text)) for p in cited)
    return not topic or not cited or any(topic & term_set(text) for text in said)


def _preference(attempt: Attempt) -> tuple[int, float]:
    """Return the place of what a reading came to: an answer, else a question back, and the surest."""
    order = ("answered", "clarify", "not_in_corpus")
    return order.index(attempt.answer.status), -attempt.answer.confidence
