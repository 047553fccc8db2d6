"""A topic -> all that the documents hold on it, or a refusal that names the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kb.answering.evidence import Evidence, Unit, gather, units
from kb.answering.prose import number_citations
from kb.answering.question import Question
from kb.assistant import Assistant
from kb.briefs.places import place, without_number
from kb.briefs.theme import Measure, Sorted, Theme, names_among, sort_phrases
from kb.briefs.topic import marked_words, sides_of, subject_of, written_as_one
from kb.errors import BriefError
from kb.retrieval.relevance import ASIDE, IN_CONTEXT, Relevance, term_set
from kb.text import terms, words
from kb.types import Answer, Document, Hit, Passage

if TYPE_CHECKING:
    from numpy.typing import NDArray

# A brief is drawn from more passages than an answer is; a side of its topic brings some of its own.
SURVEYED, OF_A_SIDE = 40, 16
# Each side is searched for by itself.
MOST_SIDES = 8
# The share of a topic, weighed by rarity, that may be in words that no document has,
MOST_FOREIGN = 0.4
# and the share of its phrases that they may not hold, unless what is left is the name of a document.
MOST_LOST = 0.5
# Where fewer sentences and items cover so much of a topic, what covers less will do.
FEW, SPOKEN = 5, 0.75
# How much it counts how well a quote's passage was found, beside how much of the topic it covers.
FOUND_WEIGHT = 0.5
# A heading means the topic in other words if its cosine is at most so far below the best heading's, which
# lies so far above the middle one's, and it covers that share of the topic's words.
AS_NEAR, STANDS_OUT, SHARES = 0.03, 0.04, 0.25
# A document about the topic of so many passages is drawn from whole.
SHORT = 40
# A document is about the topic if its title covers so much of it.
TITLED = 0.7


@dataclass(frozen=True, slots=True)
class Survey:
    """What an index holds on a topic; `question` is the topic in English, `answer` what asking it gives.

    `theme` measures what is on the topic, `homes` are the ids of the documents that are about it all
    through, and `lost` are the words of the topic that no passage on it has.
    """

    topic: str
    question: str
    answer: Answer
    evidence: Evidence
    assistant: Assistant
    theme: Theme
    homes: frozenset[str] = frozenset()
    lost: tuple[str, ...] = ()

    def among(self, passages: Sequence[Passage]) -> Evidence:
        """Return the evidence of some passages, weighed by the topic."""
        known = {hit.passage.id: hit for hit in self.evidence.hits}
        hits = [known.get(passage.id) or Hit(passage, 0.0, "outline") for passage in passages]
        return _drawn(self.evidence.question, self.theme, hits, self.assistant)

    def is_on(self, passage: Passage, headings: Sequence[str] | None = None) -> bool:
        """Tell whether the headings over a passage (all, or these) or its document put it on the topic."""
        title = self.evidence.documents[passage.document_id].label
        path = passage.heading_path if headings is None else headings
        return passage.document_id in self.homes or self.theme.heads(path, title)


def survey(assistant: Assistant, topic: str) -> Survey:
    """Search for a topic; raises BriefError if it is empty or the documents hold nothing on it."""
    if not topic.strip():
        raise BriefError("The topic is empty; name in a few words what the brief is to be about.")
    plain = assistant.quoting()
    answer = plain.ask(subject_of(topic))
    question = answer.standalone_question
    weighed = plain.evidence(question)
    if answer.status == "greeting" or _strange(weighed, assistant):
        raise BriefError(_refusal(topic, answer, assistant))
    joined = written_as_one(weighed.question.text, plain.index.lexicon())
    whole = _measure(weighed, joined, plain)
    sides = sides_of(weighed.question.text)
    if len(sides) > MOST_SIDES:
        raise BriefError(
            f"The topic names {len(sides)} things; a brief is on {MOST_SIDES} at most: take some away."
        )
    hits = _hits(plain, topic, [*(side.text for side in sides if len(sides) > 1), *joined])
    cut = [unit for hit in hits for unit in units(hit, weighed.documents[hit.passage.document_id])]
    found = sort_phrases(sides, whole, cut, plain.index.lexicon().frequencies)
    theme = _theme(found, whole, weighed, plain)
    theme.near = _near(theme, hits, weighed.question.vector, plain)
    if found.lost and found.sides:
        # Words that the documents lack lead a search astray.
        hits = plain.search(" ".join(phrase.text for side in found.sides for phrase in side), SURVEYED)
    homes = _homes(theme, hits, weighed.documents)
    if not found.sides or (_lost_share(found, whole) > MOST_LOST and not homes):
        raise BriefError(_refusal(topic, answer, assistant))
    hits = _whole_homes(hits, homes, plain)
    evidence = _drawn(weighed.question, theme, hits, plain)
    if _spoken(evidence, theme) < FEW and not homes:
        theme = theme.eased()
        evidence = _drawn(weighed.question, theme, hits, plain)
    return Survey(topic, question, answer, evidence, plain, theme, homes, found.lost)


def _drawn(asked: Question, theme: Theme, hits: Sequence[Hit], plain: Assistant) -> Evidence:
    """Return what the hits hold on a topic, by how much of it each quote covers and how well it was found.

    A topic is no question: the reader, which tells what answers one, has no say here.
    """
    evidence = gather(asked, theme, hits, plain.index)
    best = max((hit.score for hit in hits), default=1.0) or 1.0
    covered = [_under(unit, theme) for unit in evidence.units]
    valued = [replace(u, score=u.coverage + FOUND_WEIGHT * u.retrieval / best) for u in covered]
    return replace(evidence, units=tuple(sorted(valued, key=lambda unit: -unit.score)))


def _under(unit: Unit, theme: Theme) -> Unit:
    """Return a unit that covers the topic at least as its heading does that means the same."""
    means = not theme.near.isdisjoint(unit.citation.passage.heading_path[-1:])
    return replace(unit, coverage=max(unit.coverage, IN_CONTEXT)) if means else unit


def _near(
    theme: Theme, hits: Sequence[Hit], vector: NDArray[np.float32] | None, plain: Assistant
) -> frozenset[str]:
    """Return the headings that share words with the topic and are as near to it in meaning as any is, nearly.

    Where no heading stands out from the others, none is.
    """
    headings = list(dict.fromkeys(h.passage.heading_path[-1] for h in hits if h.passage.heading_path))
    if vector is None or not headings:
        return frozenset()
    cosines = plain.retriever.embedder.encode(headings, "passage") @ vector
    if cosines.max() - np.median(cosines) < STANDS_OUT:
        return frozenset()
    near = cosines >= cosines.max() - AS_NEAR
    meant = [h for h, is_near in zip(headings, near, strict=True) if is_near and theme.coverage(h) >= SHARES]
    return frozenset([*meant, *map(without_number, meant)])


def _spoken(evidence: Evidence, theme: Theme) -> int:
    """Return how many sentences and items speak of a topic."""
    return sum(u.coverage >= SPOKEN and theme.speaks(u.text) >= SPOKEN for u in evidence.units)


def _whole_homes(hits: Sequence[Hit], homes: Iterable[str], plain: Assistant) -> list[Hit]:
    """Return hits with the other passages of the short documents that are about the topic, as the last."""
    known, least = {hit.passage.id for hit in hits}, min((hit.score for hit in hits), default=0.0)
    counts = plain.index.passages_by_document()
    short = [key for key in homes if counts[key] <= SHORT]
    passages = (passage for key in short for passage in plain.index.passages(key, 0, SHORT))
    return [*hits, *(Hit(passage, least, "home") for passage in passages if passage.id not in known)]


def _measure(weighed: Evidence, joined: Mapping[str, Sequence[str]], plain: Assistant) -> Measure:
    """Return the measure of the whole topic; two words that the documents write as one are met by it."""
    asked, lexicon = weighed.question, plain.index.lexicon()
    synonyms = {term: [*alike] for term, alike in asked.synonyms.items()}
    for word, pair in joined.items():
        for term in pair:
            synonyms.setdefault(term, []).append(term_set(word))
    rarity = Measure(asked.terms, {}, lexicon, plain.index.size).weights
    for term, alike in synonyms.items():
        short = [other for together in alike if len(together) == 1 for other in together]
        # A name that is mostly written as its acronym is no rarer than that; "CDOs" are more than one CDO.
        written = Measure([term, *short], {}, lexicon, plain.index.size).weights
        rarity[term] = min(written.values())
        alike += [frozenset([f"{other}s"]) for other in short]
    measure = Measure(asked.terms, synonyms, lexicon, plain.index.size, asked.aside)
    aside = {term: ASIDE if term in asked.aside else 1.0 for term in asked.terms}
    measure = measure.weighted({term: rarity[term] * share for term, share in aside.items()})
    measure.marked = marked_words(asked.text)
    return measure


def _hits(plain: Assistant, topic: str, sides: Iterable[str]) -> list[Hit]:
    """Return what is found on a topic and on its sides, each passage once, best first."""
    hits = plain.search(subject_of(topic), SURVEYED)
    for side in sides:
        hits += plain.search(side, OF_A_SIDE)
    best: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: -hit.score):
        best.setdefault(hit.passage.id, hit)
    return [*best.values()]


def _theme(found: Sorted, whole: Measure, weighed: Evidence, plain: Assistant) -> Theme:
    """Return the measure of what the documents hold of a topic."""
    kept = [phrase for side in found.sides for phrase in side]
    own = {word for phrase in kept for word in words(phrase.text) if {*terms(word)} & {*phrase.terms}}
    names = names_among(own, weighed.question.synonyms, plain.index.lexicon())
    return Theme(whole, found.sides, names)


def _homes(theme: Theme, hits: Iterable[Hit], documents: Mapping[str, Document]) -> frozenset[str]:
    """Return the ids of the documents whose titles, or first headings, say they are about it."""
    titles = {key: theme.named_by(documents[key].label) for key in {hit.passage.document_id for hit in hits}}
    first = {h.passage.document_id: " ".join(h.passage.heading_path) for h in hits if h.passage.ordinal == 0}
    about = {key: f"{title} {first.get(key, '')}" for key, title in titles.items() if title}
    return frozenset(key for key, told in about.items() if theme.coverage(told) >= TITLED)


def _lost_share(found: Sorted, whole: Relevance) -> float:
    """Return how much of a topic the documents lack, each phrase weighed by its rarest word."""
    lost = sum(max((whole.weights.get(t, 0.0) for t in terms(text)), default=0.0) for text in found.lost)
    held = {phrase.text: phrase for side in found.sides for phrase in side}
    kept = sum(max(whole.weights.get(term, 0.0) for term in phrase.terms) for phrase in held.values())
    return lost / ((lost + kept) or 1.0)


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
