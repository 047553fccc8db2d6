"""Lists as people write them: lead-ins, items, and paragraphs of the form "Name: explanation"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.loaders.marks import Mark, read_mark
from kb.loaders.structure import Part, last_sentence
from kb.types import Turned

NAME = re.compile(
    r"(?!(?:For|In|As|Please|Note|Notes|Source|Sources|E\.g|See|But|And)\b)[^\W\d_][^.:?!;]{1,79}:\s+\S"
)
CUE = re.compile(
    r"\b(?:following|follows?|below|here (?:are|is)|there are|steps|include[sd]?|namely)\b", re.I
)
# A paragraph that begins with one of these goes on with the text and is no item of the list above.
GOING_ON = frozenset(
    """the a an this that these those it its in on at by for as after before there here each every all both if
    when while once with within under over from to and but or also additionally moreover furthermore however
    therefore thus hence regarding alongside finally overall he she they we you i some many most such other
    another please note one following having given to""".split()
)
BULLET_SIGNS = frozenset("•·‣▪◦●○■□➢➤✓✔→\uf0b7\uf0a7\uf0d8")
MAX_OPEN = 32  # lists within lists, all of which are looked through for each item
MAX_NAME_WORDS = 10
MAX_STRAY_WORDS = 40
MAX_TRAILING_WORDS = 25


@dataclass(slots=True)
class _Group:
    """An open list: what tells its items, its lead, and whether a blank line closes it."""

    key: tuple[float, str]
    lead: str | None
    closes: bool = False


def lead_of(part: Part, adjacent: bool = False) -> str | None:
    """Return the sentence of a part that introduces a list below it, if it does.

    >>> lead_of(Part("paragraph", "It is large. It has parts:"))
    'It has parts:'
    >>> lead_of(Part("paragraph", "It is large.")) is None
    True
    """
    if part.kind not in ("paragraph", "heading", "list_item") or not re.search(r"\w", part.text):
        return None
    sentence = last_sentence(part.text)
    if part.text.endswith(":"):
        return sentence
    if part.kind != "paragraph":
        return None
    if CUE.search(sentence) or (adjacent and sentence[-1] not in ".!?" and len(sentence.split()) <= 30):
        return sentence
    return None


def give_leads(parts: Sequence[Part]) -> list[Part]:
    """Give every list item without a lead the sentence that introduces its list."""
    done: list[Part] = []
    groups: list[_Group] = []
    for part in parts:
        if part.kind != "list_item" or part.lead is not None:
            groups = []
            done.append(part)
            continue
        _regroup(groups, done[-1] if done else None, part)
        done.append(replace(part, lead=groups[-1].lead))
    return done


def _regroup(groups: list[_Group], before: Part | None, part: Part) -> None:
    """Open or close lists so that the innermost one is the list of `part`."""
    key = (part.indent, part.mark)
    if not groups or before is None or before.kind != "list_item":
        groups[:] = [_Group(key, lead_of(before, part.gap == 0) if before else None)]
        return
    if groups[-1].closes and part.gap:
        groups.pop()
    known = [at for at, group in enumerate(groups) if group.key == key]
    if before.text.endswith(":"):
        groups.append(_Group(key, last_sentence(before.text), closes=bool(known)))
    elif known:
        del groups[known[-1] + 1 :]
    else:
        below_item = before.mark and (part.indent > before.indent or part.gap)
        groups.append(_Group(key, last_sentence(before.text) if below_item else groups[-1].lead))
    del groups[:-MAX_OPEN]


def marked_items(parts: Sequence[Part]) -> list[Part]:
    """Turn paragraphs with a bullet, or with numbers that count on from one to the next, into list items.

    >>> texts = ["Bring:", "• a pen", "1. Read.", "2. Sign.", "3. Alone", "It rains."]
    >>> [part.kind for part in marked_items([Part("paragraph", text) for text in texts])]
    ['paragraph', 'list_item', 'list_item', 'list_item', 'list_item', 'paragraph']
    """
    marks = [read_mark(part.text) if part.kind == "paragraph" else (Mark(), "") for part in parts]
    done: list[Part] = []
    for at, (part, (mark, text)) in enumerate(zip(parts, marks, strict=True)):
        near = [marks[at - 1][0]] if at else []
        counts = any(mark.follows(other) for other in near) or any(
            m.follows(mark) for m, _ in marks[at + 1 : at + 2]
        )
        if part.kind == "paragraph" and part.text in BULLET_SIGNS:
            continue
        if part.kind == "paragraph" and (counts or (mark.style == "-" and part.text[0] in BULLET_SIGNS)):
            part = replace(part, kind="list_item", text=text, mark=mark.style, gap=0)
        done.append(part)
    return done


def label_pairs(parts: Sequence[Part]) -> list[Part]:
    """Join runs of short lines that end with a colon with the paragraphs below them.

    >>> lines = ["Commit:", "Obtain support.", "Review:", "Check the result."]
    >>> [part.text for part in label_pairs([Part("paragraph", line) for line in lines])]
    ['Commit: Obtain support.', 'Review: Check the result.']
    """
    done: list[Part] = []
    at = 0
    while at < len(parts):
        end = at
        while end + 1 < len(parts) and _is_label(parts[end]) and _is_body(parts[end + 1]):
            end += 2
        if end - at < 4:
            done.append(parts[at])
            at += 1
            continue
        lead = lead_of(done[-1]) if done else None
        for label, body in zip(parts[at:end:2], parts[at + 1 : end : 2], strict=True):
            text = f"{label.text} {body.text}"
            turns = (*label.turns, *_turns_below(label, body))
            done.append(replace(label, kind="list_item", level=0, text=text, lead=lead, mark="", turns=turns))
        at = end
    return done


def _turns_below(label: Part, body: Part) -> list[Turned]:
    """Return where a body that is written after its label goes on to other pages."""
    start = len(label.text) + 1
    own = [(start, body.page, body.page_label)] if body.page and body.page != label.page else []
    return own + [(start + offset, page, printed) for offset, page, printed in body.turns]


def _is_label(part: Part) -> bool:
    words = len(part.text.split())
    label = part.kind == "paragraph" or (part.kind == "heading" and part.mark == "label")
    return (
        label and part.text.endswith(":") and words <= MAX_NAME_WORDS and not re.search(r"[.!?]\s", part.text)
    )


def _is_body(part: Part) -> bool:
    return part.kind == "paragraph" and not part.text.endswith(":") and not is_named(part.text)


def is_named(text: str) -> bool:
    """Tell whether a paragraph has the form "Name: explanation".

    >>> is_named("Leadership Buy-In: The CDO has to start at the top."), is_named("For example: this.")
    (True, False)
    """
    if not NAME.match(text) or len(text[: text.index(":")].split()) > MAX_NAME_WORDS:
        return False
    return not text.endswith(":") or last_sentence(text) != text


def named_runs(parts: Sequence[Part]) -> list[Part]:
    """Turn runs of "Name: explanation" paragraphs into items of one list.

    One such paragraph is a list where a lead-in with a colon stands above it,
    else it takes three. A short paragraph between two of them belongs to the
    list, and so do short ones right below that do not go on with the text.
    """
    done = list(parts)
    at = 0
    while at < len(done):
        members, end = _run(done, at)
        lead = lead_of(done[at - 1]) if at and members else None
        named = [done[m] for m in members if is_named(done[m].text)]
        explained = sum(len(part.text.split()) > MAX_NAME_WORDS for part in named)
        if (named and lead and lead.endswith(":")) or explained >= 3:
            for m in members:
                done[m] = replace(done[m], kind="list_item", lead=lead)
        at = max(end, at + 1)
    return done


def _run(parts: Sequence[Part], start: int) -> tuple[list[int], int]:
    """Return the places of a run's items, and the place after the run."""
    members: list[int] = []
    pending: list[int] = []
    end = at = start
    while at < len(parts):
        part = parts[at]
        if part.kind == "paragraph" and is_named(part.text):
            members += [p for p in pending if not _goes_on(parts[p].text)] + [at]
            pending, end = [], at + 1
        elif part.kind == "paragraph" and members and len(pending) < 2 and _may_stray(part.text):
            pending.append(at)
        elif part.kind != "list_item" or part.lead or not members:
            break
        at += 1
    for p in pending:
        if p != end or _goes_on(parts[p].text) or len(parts[p].text.split()) > MAX_TRAILING_WORDS:
            break
        members, end = [*members, p], p + 1
    return members, end


def _may_stray(text: str) -> bool:
    return len(text.split()) <= MAX_STRAY_WORDS and not text.endswith(":")


def _goes_on(text: str) -> bool:
    return text.split(maxsplit=1)[0].lower().strip("“\"'‘(,") in GOING_ON
