"""A topic -> its outline: the documents' own sections that speak of it, and what is asked of every topic."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.answering.evidence import FRONT_MATTER, Unit
from kb.assistant import Assistant
from kb.briefs.facets import FACETS, Facet
from kb.briefs.outline import Outline, Section
from kb.briefs.places import without_number
from kb.briefs.quoting import on_topic
from kb.briefs.survey import Survey, survey
from kb.retrieval.relevance import term_set
from kb.types import Hit

MOST_CLUSTERS, MOST_PASSAGES = 6, 4
# A passage's score, as a share of the best one's, and how much of the topic its best quote covers.
NEAR, FOCUSED = 0.55, 0.75
# Where none covers that much, but the best one scores so high, those count that cover so much of what the
# one that covers most does, and so much of the topic.
STRONG, NEARLY, LEAST_FOCUS = 0.8, 0.85, 0.5
# A document whose own front matter is that near and covers that much is about the topic: its chapters need
# not name it, are as good as covering so much of it, and count so much more.
ABOUT_TOPIC, HOME_NEAR, HOME_FOCUS, HOME_BONUS = 0.7, 0.45, 0.9, 0.25
# Every further passage of a chapter speaks for it.
FURTHER = 0.05
# A section whose heading covers the topic comes before others as good.
OVERVIEW = 0.3
SAME_HEADING = 0.6
# Fewer words than this are the opening of a chapter, and no section by themselves.
THIN = 40
_COVER = re.compile(r"^\W*(?:cover|title page|imprint|agenda|programme)\W*$", re.I)
_OF_ITSELF = re.compile(
    r"\b(?:this|the) (?:document|chapter|report|publication|note|book)\b|^overview$", re.I
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The passages of one chapter, or of chapters of one name, best first."""

    heading: str
    hits: tuple[Hit, ...]
    value: float


def propose(assistant: Assistant, topic: str) -> Outline:
    """Return an outline of a topic; raises BriefError if the documents hold nothing on it."""
    return outline_of(survey(assistant, topic))


def outline_of(found: Survey) -> Outline:
    """Return the outline of a topic that was surveyed."""
    what, *others = FACETS
    definition = _facet_section(found, what)
    opening = [definition] if definition.passages else []
    clusters = [
        Section(cluster.heading, (), tuple(hit.passage.id for hit in cluster.hits))
        for cluster in _clusters(found)
    ]
    asked = [_facet_section(found, facet) for facet in others]
    return Outline(" ".join(found.topic.split()), (*opening, *clusters, *asked))


def _facet_section(found: Survey, facet: Facet) -> Section:
    """Return a standard question with the passages that answer it, best first."""
    relevance = found.evidence.relevance
    fitting = [u for u in found.evidence.units if on_topic(u, relevance) and facet.holds(u.text, relevance)]
    passages = dict.fromkeys(unit.citation.passage.id for unit in fitting if not _front(unit))
    return Section(facet.heading, (facet.question,), tuple(passages)[:MOST_PASSAGES])


def _front(unit: Unit) -> bool:
    return is_front_matter(unit.citation.passage.heading_path)


def is_front_matter(path: Sequence[str]) -> bool:
    """Tell whether a section speaks of the document itself."""
    return any(FRONT_MATTER.search(heading) or _COVER.search(heading) for heading in path)


def _clusters(found: Survey) -> list[Cluster]:
    homes = _homes(found)
    values = dict(_values(found, homes))
    hits = {hit.passage.id: hit for hit in found.evidence.hits}
    by_chapter: dict[tuple[str, ...], list[Hit]] = {}
    for key in sorted(values, key=lambda key: -values[key]):
        hit = hits[key]
        key_of = _chapter if hit.passage.document_id in homes else tuple
        by_chapter.setdefault((hit.passage.document_id, *key_of(hit.passage.heading_path)), []).append(hit)
    # In a small library every section may be short.
    groups = [group for group in by_chapter.values() if _full(group)] or [*by_chapter.values()]
    clusters = [_cluster(group, values) for group in groups]
    joined = _joined(sorted(clusters, key=lambda cluster: -cluster.value))[:MOST_CLUSTERS]
    cover = found.evidence.relevance.coverage
    return sorted(joined, key=lambda cluster: -cluster.value - OVERVIEW * cover(cluster.heading))


def _homes(found: Survey) -> set[str]:
    """Return the ids of the documents whose title page or front matter says that they are about the topic."""
    hits, focus = found.evidence.hits, _focus(found)
    best = max((hit.score for hit in hits), default=0.0)
    return {
        hit.passage.document_id
        for hit in hits
        if hit.score >= ABOUT_TOPIC * best
        and focus.get(hit.passage.id, 0.0) >= ABOUT_TOPIC
        and (is_front_matter(hit.passage.heading_path) or hit.passage.ordinal == 0)
    }


def _focus(found: Survey) -> dict[str, float]:
    """Return for each passage how much of the topic its best quote covers."""
    focus: dict[str, float] = {}
    for unit in found.evidence.units:
        key = unit.citation.passage.id
        focus[key] = max(focus.get(key, 0.0), unit.coverage)
    return focus


def _values(found: Survey, homes: Collection[str]) -> Iterator[tuple[str, float]]:
    """Yield the ids of the passages that speak of the topic, each with how well."""
    hits, focus = found.evidence.hits, _focus(found)
    best = max((hit.score for hit in hits), default=1.0) or 1.0
    # No passage may cover a long topic whole; what is near in meaning may speak of it all the same.
    nearly = max(LEAST_FOCUS, NEARLY * max(focus.values(), default=0.0))
    focused = min(FOCUSED, nearly) if best >= STRONG else FOCUSED
    for hit in hits:
        near, home = hit.score / best, hit.passage.document_id in homes
        covered = focus.get(hit.passage.id, 0.0)
        fits = near >= HOME_NEAR if home else near >= NEAR and covered >= focused
        if fits and not is_front_matter(hit.passage.heading_path):
            yield hit.passage.id, near * max(covered, HOME_FOCUS * home) + HOME_BONUS * home


def _chapter(path: Sequence[str]) -> tuple[str, ...]:
    """Return the outermost heading, or all where that one only speaks of the document."""
    return tuple(path) if not path or _OF_ITSELF.search(path[0]) else tuple(path[:1])


def _full(group: Iterable[Hit]) -> bool:
    return sum(len(hit.passage.text.split()) for hit in group) >= THIN


def _cluster(group: Sequence[Hit], values: dict[str, float]) -> Cluster:
    kept = group[:MOST_PASSAGES]
    value = values[group[0].passage.id] + FURTHER * (len(kept) - 1)
    return Cluster(_heading([hit.passage.heading_path for hit in kept]), tuple(kept), value)


def _heading(paths: Sequence[tuple[str, ...]]) -> str:
    """Return the innermost heading over all the paths that does not speak of the document itself."""
    shared = paths[0]
    for path in paths[1:]:
        shared = tuple(a for a, b in zip(shared, path, strict=False) if a == b)
    for heading in (*reversed(shared), *reversed(paths[0])):
        if not _OF_ITSELF.search(heading):
            return without_number(heading)
    return without_number(paths[0][-1]) if paths[0] else "In the documents"


def _joined(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Join clusters of different documents under headings that share most of their words."""
    joined: list[Cluster] = []
    for cluster in clusters:
        at = next((n for n, earlier in enumerate(joined) if _alike(earlier.heading, cluster.heading)), None)
        if at is None:
            joined.append(cluster)
        else:
            hits = (*joined[at].hits, *cluster.hits)[:MOST_PASSAGES]
            joined[at] = Cluster(joined[at].heading, hits, joined[at].value)
    return joined


def _alike(one: str, other: str) -> bool:
    a, b = term_set(one), term_set(other)
    return len(a & b) >= SAME_HEADING * len(a | b) > 0
