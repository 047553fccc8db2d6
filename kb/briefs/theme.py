"""How much of a topic a text covers: the best covered of its sides, each of whose phrases counts alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from kb.answering.evidence import Unit
from kb.briefs.topic import Phrase, Side
from kb.lexicon import Lexicon
from kb.retrieval.expansion import Synonyms
from kb.retrieval.relevance import Relevance
from kb.text import sentences, stem, terms

# A phrase is met by a quote that covers so much of it, headings and title counted.
MET = 0.75
# It belongs to the others of its side where such a quote covers so much of these,
TOGETHER = 0.4
# and is a side of its own where so many passages meet it; where fewer do, the documents lack it.
BY_ITSELF = 3
# "In a ministry" says where, and counts so much.
SETTING = 0.35
# Words that no more passages have are hardly those of the documents.
RARE = 2
# A section is on the topic when its headings cover so much of it.
HEADED = 0.6
# Where little is said of a topic, what covers it counts so much more.
EASE = 1.3
# The words of a phrase stand so near together in a quote that speaks of it.
WINDOW, STEP, NEARLY = 12, 4, 0.95
# What is only named as an example is not spoken of.
_EXAMPLE = re.compile(r"\b(?:for example|for instance|such as|e\.g\.)[^.;:]*", re.I)
# What lacks the mark of a word like "e-participation" is worth so much of it.
UNMARKED = 0.4
# A longer text is more than a sentence, as an item of a list may be.
LONG = 160


class Measure(Relevance):
    """A measure by which "participation" is not "e-participation", though they share their term.

    `marked` maps such terms to what a text must match to be about them.
    """

    marked: Mapping[str, re.Pattern[str]] = {}

    def _mets(self, text: str, worth: float) -> list[float]:
        known = super()._mets(text, worth)
        if not self.marked:
            return known
        lacking = {term for term, pattern in self.marked.items() if not pattern.search(text)}
        return [met * (UNMARKED if t in lacking else 1.0) for t, met in zip(self.weights, known, strict=True)]


class Theme(Measure):
    """A measure of a topic of several sides, each of some phrases: a text that covers one of them is on it.

    `names` are its terms that are proper names: what bears one in its title is about that all through.
    `near` are headings that mean the topic in other words: "functions" for "duties".
    """

    def __init__(
        self, whole: Measure, sides: Sequence[Sequence[Phrase]], names: Collection[str] = ()
    ) -> None:
        self.__dict__.update(whole.__dict__)
        self.whole, self.names = whole, frozenset(names)
        self.sides = tuple(measure_of(side, whole, self.names) for side in sides)
        self.ease = 1.0
        self.near: frozenset[str] = frozenset()
        self._spoken_before: dict[tuple[str, str], float] = {}
        self._headed: dict[tuple[tuple[str, ...], str], bool] = {}
        self._phrases = tuple([whole.of(p.terms) for p in side if len(p.terms) > 1] for side in sides)

    def of(self, some: Collection[str]) -> Relevance:
        """Return the plain measure over some of the topic's terms."""
        return self.whole.of(some)

    def coverage(self, text: str, context: str = "", passage: str = "", *, lead: str = "") -> float:
        """Return the covered share of the side that a text covers best, from 0 to 1."""
        return max((s.coverage(text, context, passage, lead=lead) for s in self.sides), default=0.0)

    def eased(self) -> Theme:
        """Return the measure for documents that say little of the topic: what covers less speaks of it."""
        theme = copy(self)
        theme.ease, theme._spoken_before, theme._headed = EASE, {}, {}
        return theme

    def speaks(self, text: str, lead: str = "") -> float:
        """Return the share that one sentence of a text covers, the words of each phrase near together."""
        known = self._spoken_before.get((text, lead))
        if known is None:
            plain = _EXAMPLE.sub(" ", text)
            parts = [plain[a:b] for a, b in sentences(plain)] if len(plain) > LONG else [plain]
            known = max((self._spoken(part, lead) for part in parts), default=0.0)
            self._spoken_before[text, lead] = known
        return known

    def _spoken(self, text: str, lead: str) -> float:
        best = 0.0
        for side, phrases in zip(self.sides, self._phrases, strict=True):
            covered = side.coverage(text, lead=lead)
            if covered > best and all(_together(phrase, text, lead) for phrase in phrases):
                best = covered
        return min(1.0, self.ease * best)

    def named_by(self, title: str) -> str:
        """Return a title if it bears a name of the topic, or nothing."""
        return title if self.names and self.whole.of(self.names).coverage(title) else ""

    def heads(self, path: Sequence[str], title: str) -> bool:
        """Tell whether the headings over a section say that it is on the topic."""
        key = tuple(path), title
        if key not in self._headed:
            covered = self.coverage(" ".join(path), self.named_by(title))
            plain = max(covered, self.ease * self.coverage(" ".join(path))) >= HEADED
            self._headed[key] = plain or not self.near.isdisjoint(path[-1:])
        return self._headed[key]

    def headed_by(self, heading: str, title: str = "") -> float:
        """Return how much of the topic a heading covers: all where it means the same in other words."""
        return 1.0 if heading in self.near else self.coverage(heading, title)


def _together(phrase: Relevance, text: str, lead: str) -> bool:
    """Tell whether the words of a phrase stand near each other, in a text or in the lead-in over it."""
    told, enough = text.split(), NEARLY * phrase.coverage(text, lead=lead)
    if phrase.coverage("", lead=lead) >= enough:
        return True
    windows = (" ".join(told[at : at + WINDOW]) for at in range(0, max(len(told) - WINDOW, 0) + STEP, STEP))
    return any(phrase.coverage(window) >= enough for window in windows)


@dataclass(frozen=True, slots=True)
class Sorted:
    """The phrases of a topic's sides that the documents hold, and the words that they lack."""

    sides: tuple[tuple[Phrase, ...], ...]
    lost: tuple[str, ...]


def sort_phrases(
    sides: Sequence[Side], whole: Relevance, units: Sequence[Unit], frequencies: Mapping[str, int]
) -> Sorted:
    """Tell which phrases belong together, which are sides of their own, and which the documents lack."""
    held: list[tuple[Phrase, ...]] = []
    lost: list[str] = []
    for side in sides:
        phrases: list[Phrase] = []
        for phrase in side.phrases:
            kept, lacking = _kept(phrase, whole, units, frequencies, head=phrase is side.phrases[0])
            phrases += [kept] if kept else []
            lost += lacking
        first = held[0] if held and side.leans else ()
        together: list[Phrase] = []
        for phrase in phrases:
            others = first or [other for other in phrases if other is not phrase]
            if not others or _meet(phrase, others, whole, units, near=side.leans):
                together.append(phrase)
            elif side.leans or _met_by(phrase, whole, units) < BY_ITSELF:
                lost.append(phrase.text)
            else:
                held.append((phrase,))
        held += [(*first, *together)] if together else []
    return Sorted(tuple(held), tuple(dict.fromkeys(lost)))


def _kept(
    phrase: Phrase,
    whole: Relevance,
    units: Sequence[Unit],
    frequencies: Mapping[str, int],
    *,
    head: bool,
) -> tuple[Phrase | None, list[str]]:
    """Return what of a phrase is held, and the words that are not; the head of a side may be held in part."""
    if _met_by(phrase, whole, units):
        return phrase, []
    lacking = {term for term in phrase.terms if frequencies.get(term, 0) <= RARE}
    if not (lacking and _met_by(_without(phrase, lacking), whole, units)):
        lacking = {*phrase.terms} - _best_met(phrase, whole, units) if head else {*phrase.terms}
    left = _without(phrase, lacking)
    if not left.terms:
        return None, [phrase.text]
    return left, [word for word in phrase.text.split() if {*terms(word)} & lacking]


def _without(phrase: Phrase, lacking: Collection[str]) -> Phrase:
    return Phrase(phrase.text, tuple(term for term in phrase.terms if term not in lacking))


def _best_met(phrase: Phrase, whole: Relevance, units: Iterable[Unit]) -> set[str]:
    """Return the terms of a phrase that the quote which covers most of it meets."""
    measure = whole.of(phrase.terms)
    best = max(units, key=lambda unit: measure.coverage(unit.text, lead=unit.over), default=None)
    if best is None:
        return set()
    return {term for term in phrase.terms if whole.of({term}).coverage(best.text, lead=best.over) >= MET}


def _met_by(phrase: Phrase, whole: Relevance, units: Iterable[Unit]) -> int:
    """Return how many passages meet a phrase."""
    measure = whole.of(phrase.terms)
    return len({unit.citation.passage.id for unit in units if _covers(measure, unit) >= MET})


def _meet(
    phrase: Phrase, others: Sequence[Phrase], whole: Relevance, units: Iterable[Unit], *, near: bool
) -> bool:
    """Tell whether a quote that meets a phrase covers enough of others too; if `near`, in its own words."""
    own, rest = whole.of(phrase.terms), measure_of(others, whole)
    found = (unit for unit in units if _covers(own, unit) >= MET)
    if near:
        return any(rest.coverage(unit.text, lead=unit.over) >= MET for unit in found)
    return any(_covers(rest, unit) >= TOGETHER for unit in found)


def _covers(measure: Relevance, unit: Unit) -> float:
    return measure.coverage(unit.text, unit.context, lead=unit.over)


def measure_of(
    phrases: Sequence[Phrase], whole: Relevance, names: Collection[str] = frozenset()
) -> Relevance:
    """Return the measure of one side: a phrase weighs as much as its rarest word, however long it is.

    The names in a phrase are at least half of it: "EGDI methodology" is first about the EGDI.
    """
    weights: dict[str, float] = {}
    for phrase in phrases:
        own = {term: whole.weights[term] for term in phrase.terms if term in whole.weights}
        own = _with_names(own, names)
        share = max(own.values(), default=0.0) / (sum(own.values()) or 1.0)
        share *= SETTING if phrase.is_setting else 1.0
        weights |= {term: weight * share for term, weight in own.items()}
    return whole.weighted(weights)


def _with_names(weights: dict[str, float], names: Collection[str]) -> dict[str, float]:
    named = sum(weight for term, weight in weights.items() if term in names)
    other = sum(weights.values()) - named
    more = other / named if 0 < named < other else 1.0
    return {term: weight * (more if term in names else 1.0) for term, weight in weights.items()}


def names_among(asked: Iterable[str], synonyms: Synonyms, lexicon: Lexicon) -> set[str]:
    """Return the terms of some words that are names: never written small, acronyms, what one stands for."""
    known = lexicon.names | lexicon.short_forms
    return {
        term
        for word in asked
        if (term := stem(word))
        and (word in known or any(len(together) == 1 for together in synonyms.get(term, ())))
    }
