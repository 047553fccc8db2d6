"""A topic -> its outline: the documents' own sections that speak of it, and what is asked of every topic."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from kb.answering import choice
from kb.answering.evidence import LISTED, Unit
from kb.assistant import Assistant
from kb.briefs.brief import title_of
from kb.briefs.facets import FACETS, Facet
from kb.briefs.outline import Outline, Section
from kb.briefs.places import without_number
from kb.briefs.quoting import SPEAKS, answers_facet, quotable, speaks
from kb.briefs.survey import Survey, survey
from kb.briefs.theme import HEADED
from kb.retrieval.relevance import term_set
from kb.types import Hit, Passage

MOST_CLUSTERS, MOST_PASSAGES, MOST_STRAYS = 6, 4, 8
# Of a document that is about the topic there may be more, if not too long.
MOST_OF_HOME = 10
# A passage's score, as a share of the best one's, and how much of the topic its best quote covers at least.
NEAR, LEAST_FOCUS = 0.5, 0.62
# A section is on the topic too where that share of its quotes is, whatever its headings say.
MOSTLY = 0.5
# The chapters of a document about the topic need not name it: they are as good as covering so much of it,
# and count so much more.
HOME_FOCUS, HOME_BONUS = 0.9, 0.25
# A chapter that is more of its document than this is no section, but those in it are.
MOST_OF_IT = 0.6
# Every further passage of a chapter speaks for it.
FURTHER = 0.05
# A section whose heading covers the topic comes before others as good, one that names all of it first.
OVERVIEW, WHOLLY = 0.3, 0.85
# So many sections need no others that only stand in a chapter on the topic.
ENOUGH = 3
# The title over a heading counts for its place where it covers so much of the topic.
TITLED = 0.5
ELSEWHERE = "Elsewhere in the documents"
SAME_HEADING = 0.6
# Headings of so many words need the one over them, where they name nothing of the topic.
SAYS_LITTLE = 2
# Fewer words than this are the opening of a chapter, and no section by themselves.
THIN = 40
_COVER = re.compile(r"^\W*(?:cover|title page|imprint|agenda|programme)\W*$", re.I)
_OF_ITSELF = re.compile(
    r"\b(?:this|the) (?:document|chapter|report|publication|note|book)\b|^overview$", re.I
)


@dataclass(frozen=True, slots=True)
class Cluster:
    """The passages of one chapter, or of chapters of one name, best first.

    It is `own` if its own heading or words put it on the topic, and not only the chapter that it stands in.
    """

    heading: str
    hits: tuple[Hit, ...]
    value: float
    own: bool = True


def propose(assistant: Assistant, topic: str) -> Outline:
    """Return an outline of a topic; raises BriefError if the documents hold nothing on it."""
    return outline_of(survey(assistant, topic))


def outline_of(found: Survey) -> Outline:
    """Return the outline of a topic that was surveyed: its sections, what is said elsewhere, the facets."""
    what, *others = FACETS
    definition = _facet_section(found, what)
    opening = [definition] if definition.passages else []
    clusters = _clusters(found)
    sections = [
        Section(cluster.heading, (), tuple(hit.passage.id for hit in cluster.hits)) for cluster in clusters
    ]
    taken = {key for section in sections for key in section.passages}
    strays = [key for key in _strays(found) if key not in taken][:MOST_STRAYS]
    elsewhere = [Section(ELSEWHERE if sections else title_of(found.topic), (), tuple(strays))]
    asked = [_facet_section(found, facet) for facet in others]
    return Outline(
        " ".join(found.topic.split()), (*opening, *sections, *(elsewhere if strays else ()), *asked)
    )


def _facet_section(found: Survey, facet: Facet) -> Section:
    """Return a standard question with the passages that answer it, best first."""
    fitting = [
        unit
        for unit in found.evidence.units
        if facet.holds(unit.text, found.theme) and answers_facet(unit, found) and not _front(unit)
    ]
    passages = dict.fromkeys(unit.citation.passage.id for unit in fitting)
    return Section(facet.heading, (facet.question,), tuple(passages)[:MOST_PASSAGES])


def _strays(found: Survey) -> list[str]:
    """Return the passages, best first, that speak of the topic under headings that do not."""
    speaking = (unit for unit in found.evidence.units if speaks(unit, found) and quotable(unit))
    return [*dict.fromkeys(unit.citation.passage.id for unit in speaking if not _front(unit))]


def _front(unit: Unit) -> bool:
    return is_front_matter(unit.citation.passage.heading_path)


def is_front_matter(path: Sequence[str]) -> bool:
    """Tell whether a section speaks of the document itself."""
    return any(choice.is_front_matter(heading) or _COVER.search(heading) for heading in path)


def _clusters(found: Survey) -> list[Cluster]:
    values = dict(_values(found))
    hits = {hit.passage.id: hit for hit in found.evidence.hits}
    best = [hits[key] for key in sorted(values, key=lambda key: -values[key])]
    chapters = _chapters(hit.passage for hit in best if hit.passage.document_id in found.homes)
    groups: dict[tuple[str, ...], list[Hit]] = {}
    for hit in best:
        path, key = hit.passage.heading_path, hit.passage.document_id
        groups.setdefault(
            (key, *(_chapter(path) if (key, *_chapter(path)) in chapters else path)), []
        ).append(hit)
    # In a small library every section may be short; of a document on the topic all but its title page count.
    full = [group for group in groups.values() if _full(group) or _of_home(group[0].passage, found)]
    clusters = [_cluster(group, values, found) for group in full or groups.values()]
    joined = _joined(sorted(clusters, key=lambda cluster: -cluster.value))
    return _ordered(_chosen(joined, found), found)


def _of_home(passage: Passage, found: Survey) -> bool:
    return passage.document_id in found.homes and passage.ordinal > 0


def _chapters(passages: Iterable[Passage]) -> set[tuple[str, ...]]:
    """Return the chapters that are one section of a brief: all that are not most of their document."""
    counts = Counter((passage.document_id, *_chapter(passage.heading_path)) for passage in passages)
    whole = Counter[str]()
    for (document_id, *_), count in counts.items():
        whole[document_id] += count
    return {chapter for chapter, count in counts.items() if count <= MOST_OF_IT * whole[chapter[0]]}


def _chosen(clusters: Sequence[Cluster], found: Survey) -> list[Cluster]:
    """Return the best clusters of each side of the topic in turn, so that none crowds out another.

    Where there are enough that the topic heads itself, those under a chapter on it are left out.
    """
    own = [cluster for cluster in clusters if cluster.own]
    kept = own if len(own) >= ENOUGH else [*own, *(c for c in clusters if not c.own)][:ENOUGH]
    sides = found.theme.sides
    by_side: list[list[Cluster]] = [[] for _ in sides]
    for cluster in kept:
        text = " ".join((cluster.heading, *(hit.passage.text for hit in cluster.hits)))
        covered = [side.coverage(text, cluster.heading) for side in sides]
        by_side[covered.index(max(covered))].append(cluster)
    turns = (cluster for turn in zip_longest(*by_side) for cluster in turn if cluster)
    return [*turns][: MOST_OF_HOME if found.homes else MOST_CLUSTERS]


def _ordered(clusters: Sequence[Cluster], found: Survey) -> list[Cluster]:
    """Put the sections that are headed by the topic first; those of one chapter are read in its order."""

    def key(cluster: Cluster) -> tuple[float, float, int]:
        first = _first(cluster)
        home = first.document_id in found.homes
        title = found.evidence.documents[first.document_id].label
        titled = not home and found.theme.coverage(title) >= TITLED
        covered = found.theme.headed_by(cluster.heading, title if titled else "")
        if home and covered < WHOLLY:
            return 1.0, 0.0, first.ordinal
        return 0.0 if covered >= WHOLLY else 2.0, -cluster.value - OVERVIEW * covered, 0

    best_first = sorted(clusters, key=key)
    chapters = [(_first(c).document_id, *_chapter(_first(c).heading_path)) for c in best_first]
    read = {chapter: iter(_as_read(best_first, chapters, chapter)) for chapter in chapters}
    return [next(read[chapter]) for chapter in chapters]


def _as_read(
    clusters: Sequence[Cluster], chapters: Sequence[tuple[str, ...]], chapter: tuple[str, ...]
) -> list[Cluster]:
    """Return the sections of one chapter in the order of their document."""
    of_it = (cluster for cluster, its in zip(clusters, chapters, strict=True) if its == chapter)
    return sorted(of_it, key=lambda cluster: _first(cluster).ordinal)


def _first(cluster: Cluster) -> Passage:
    return min((hit.passage for hit in cluster.hits), key=lambda passage: passage.ordinal)


def _focus(found: Survey) -> dict[str, float]:
    """Return for each passage how much of the topic its best quote covers."""
    focus: dict[str, float] = {}
    for unit in found.evidence.units:
        key = unit.citation.passage.id
        focus[key] = max(focus.get(key, 0.0), unit.coverage)
    return focus


def _values(found: Survey) -> Iterator[tuple[str, float]]:
    """Yield the ids of the passages in sections on the topic, each with how well it speaks of it."""
    hits, focus = found.evidence.hits, _focus(found)
    best = max((hit.score for hit in hits), default=1.0) or 1.0
    speaking = _speaking(found)
    for hit in hits:
        key, near, home = hit.passage.id, hit.score / best, hit.passage.document_id in found.homes
        headed = found.is_on(hit.passage) or key in speaking
        # A heading that means the topic need not share its words, by which most is found.
        found_well = near >= NEAR or not found.theme.near.isdisjoint(hit.passage.heading_path[-1:])
        fits = home or (headed and found_well and found.theme.ease * focus.get(key, 0.0) >= LEAST_FOCUS)
        if fits and not is_front_matter(hit.passage.heading_path):
            yield key, near * max(focus.get(key, 0.0), HOME_FOCUS * home) + HOME_BONUS * home


def _speaking(found: Survey) -> set[str]:
    """Return the ids of the passages of which most paragraphs, or where there are none most items, speak."""
    told: dict[str, list[bool]] = {}
    for kinds in (("paragraph",), LISTED):
        before = {*told}
        for unit in found.evidence.units:
            key = unit.citation.passage.id
            if unit.kind in kinds and key not in before:
                told.setdefault(key, []).append(found.theme.speaks(unit.text) >= SPEAKS)
    return {key for key, spoken in told.items() if sum(spoken) >= MOSTLY * len(spoken)}


def _chapter(path: Sequence[str]) -> tuple[str, ...]:
    """Return the outermost heading, or all where that one only speaks of the document."""
    return tuple(path) if not path or _OF_ITSELF.search(path[0]) else tuple(path[:1])


def _full(group: Iterable[Hit]) -> bool:
    return sum(len(hit.passage.text.split()) for hit in group) >= THIN


def _cluster(group: Sequence[Hit], values: dict[str, float], found: Survey) -> Cluster:
    kept = group[:MOST_PASSAGES]
    value = values[group[0].passage.id] + FURTHER * (len(kept) - 1)
    passages = [hit.passage for hit in kept]
    title = found.evidence.documents[passages[0].document_id].title
    own = any(found.is_on(p, p.heading_path[-1:]) or _speaks_of_it(p, found) for p in passages)
    return Cluster(_heading([p.heading_path for p in passages], found) or title, tuple(kept), value, own)


def _speaks_of_it(passage: Passage, found: Survey) -> bool:
    """Tell whether a paragraph of a passage is on the topic by its own words, as one with no such heading."""
    paragraphs = (passage.text[s.start : s.end] for s in passage.spans if s.kind == "paragraph")
    return not found.is_on(passage) or any(found.theme.speaks(text) >= HEADED for text in paragraphs)


def _heading(paths: Sequence[tuple[str, ...]], found: Survey) -> str:
    """Return the innermost heading over all the paths that does not speak of the document itself, if any."""
    shared = paths[0]
    for path in paths[1:]:
        shared = tuple(a for a, b in zip(shared, path, strict=False) if a == b)
    plain = [without_number(heading) for heading in shared if not _OF_ITSELF.search(heading)]
    if not plain:
        return next((without_number(heading) for heading in reversed(paths[0])), "")
    # "Via donors" says too little without "Budget" over it.
    short = len(plain[-1].split()) <= SAYS_LITTLE and not found.theme.coverage(plain[-1])
    parents = [heading for heading in plain[:-1] if found.theme.coverage(heading)]
    return f"{parents[-1]}: {plain[-1]}" if short and parents else plain[-1]


def _joined(clusters: Sequence[Cluster]) -> list[Cluster]:
    """Join clusters of different documents under headings that share most of their words."""
    joined: list[Cluster] = []
    for cluster in clusters:
        at = next((n for n, earlier in enumerate(joined) if _alike(earlier.heading, cluster.heading)), None)
        if at is None:
            joined.append(cluster)
        else:
            hits = (*joined[at].hits, *cluster.hits)[:MOST_PASSAGES]
            joined[at] = replace(joined[at], hits=hits, own=joined[at].own or cluster.own)
    return joined


def _alike(one: str, other: str) -> bool:
    a, b = term_set(one), term_set(other)
    return len(a & b) >= SAME_HEADING * len(a | b) > 0
