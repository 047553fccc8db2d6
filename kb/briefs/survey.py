"""A topic -> all that the documents hold on it, or a refusal that names the nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kb.answering.evidence import Evidence, gather
from kb.answering.prose import number_citations
from kb.assistant import Assistant
from kb.briefs.places import place
from kb.errors import BriefError
from kb.types import Answer, Hit, Passage

# A brief is drawn from more passages than an answer is.
SURVEYED = 40
# The share of a topic, weighed by rarity, that may be in words that no document has.
MOST_FOREIGN = 0.4


@dataclass(frozen=True, slots=True)
class Survey:
    """What an index holds on a topic; `question` is the topic in English, `answer` what asking it gives."""

    topic: str
    question: str
    answer: Answer
    evidence: Evidence
    assistant: Assistant

    def among(self, passages: Sequence[Passage]) -> Evidence:
        """Return the evidence of some passages, weighed by the topic."""
        known = {hit.passage.id: hit for hit in self.evidence.hits}
        hits = [known.get(passage.id) or Hit(passage, 0.0, "outline") for passage in passages]
        return gather(self.evidence.question, self.evidence.relevance, hits, self.assistant.index)


def survey(assistant: Assistant, topic: str) -> Survey:
    """Search for a topic; raises BriefError if it is empty or the documents hold nothing on it."""
    if not topic.strip():
        raise BriefError("The topic is empty; name in a few words what the brief is to be about.")
    plain = assistant.quoting()
    answer = plain.ask(topic)
    question = answer.standalone_question
    weighed = plain.evidence(question)
    if answer.status in ("not_in_corpus", "unsupported_language") or _strange(weighed, assistant):
        raise BriefError(_refusal(topic, answer, assistant))
    hits = plain.search(topic, SURVEYED)
    evidence = gather(weighed.question, weighed.relevance, hits, plain.index)
    return Survey(topic, question, answer, evidence, plain)


def _strange(evidence: Evidence, assistant: Assistant) -> bool:
    """Tell whether the documents have no word for most of what the topic is about."""
    weights, known = evidence.relevance.weights, assistant.index.lexicon().frequencies
    foreign = sum(weight for term, weight in weights.items() if not known.get(term))
    return foreign > MOST_FOREIGN * sum(weights.values())


def _refusal(topic: str, answer: Answer, assistant: Assistant) -> str:
    documents = {document.id: document for document in assistant.index.documents()}
    cited = number_citations(answer)[:1]
    near = "".join(place(c, documents[c.passage.document_id]) for c in cited)
    nearest = f"the nearest is {near}; try" if near else "try"
    return (
        f"No brief on “{' '.join(topic.split())}”: the documents hold nothing on it; {nearest} other words."
    )
