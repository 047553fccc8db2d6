"""Briefs and outlines as the JSON objects that other programs rely on: add fields, never rename."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kb.briefs.brief import Brief, Part, title_of
from kb.briefs.outline import Outline
from kb.contract import answer_object
from kb.types import Answer

Json = dict[str, Any]


def brief_object(brief: Brief) -> Json:
    """Return a brief as one JSON object, its citations numbered in reading order."""
    whole = Answer(brief.topic, brief.topic, "answered", tuple(brief.claims), brief.conflicts)
    told = answer_object(whole, brief.documents)
    claims = iter(told["claims"])
    return {
        "topic": brief.topic,
        "title": title_of(brief.topic),
        "sections": [
            {"heading": part.heading, "paragraphs": _paragraphs(part, claims)} for part in brief.parts
        ],
        "conflicts": told["conflicts"],
        "gaps": list(brief.gaps),
        "citations": told["citations"],
        "notes": list(brief.notes),
        "words": brief.words,
        "made": brief.made,
        "seconds": brief.seconds,
        "config_digest": brief.config_digest,
        "index_generation": brief.index_generation,
    }


def _paragraphs(part: Part, claims: Iterator[Json]) -> list[Json]:
    return [
        {"line": paragraph.line, "claims": [next(claims) for _ in paragraph.claims]}
        for paragraph in part.paragraphs
    ]


def outline_object(outline: Outline) -> Json:
    """Return an outline as one JSON object."""
    return {
        "topic": outline.topic,
        "sections": [
            {"heading": s.heading, "questions": list(s.questions), "passages": list(s.passages)}
            for s in outline.sections
        ],
    }
