"""The outline of a brief: sections that a person may rename, move, delete or add, as plain Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kb.briefs.places import place
from kb.errors import BriefError
from kb.types import Citation, Document, Passage

HELP = (
    'Rename, move, delete or add sections. Those with "- from:" lines quote these passages; the code in',
    'brackets names the passage. Others ask their "- ask:" lines, or else their heading, of all documents.',
)
MOST_SECTIONS = 30
_FROM = re.compile(r"-\s+from:.*\[(\w+)\]\s*", re.I)
_ASK = re.compile(r"-\s+(?:ask:\s*)?(.*\S)\s*", re.I)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, the questions its text answers, and the ids of the passages it draws on.

    With passages it quotes those. Without any, its questions are asked of all
    documents; without questions, its heading is.
    """

    heading: str
    questions: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions that the whole of the documents is asked."""
        return () if self.passages else self.questions or (self.heading,)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a brief on a topic is to hold, in order."""

    topic: str
    sections: tuple[Section, ...] = ()


def outline_text(
    outline: Outline, fetch: Callable[[list[str]], list[Passage]], documents: Mapping[str, Document]
) -> str:
    """Return an outline as Markdown that a person can edit; `read_outline` reads it back.

    `fetch` returns the passages of ids, as `PassageIndex.fetch` does.
    """
    lines = [f"# {outline.topic}", "", *(f"> {line}" for line in HELP)]
    for section in outline.sections:
        lines += ["", f"## {section.heading}"]
        lines += [f"- ask: {question}" for question in section.questions]
        for passage in fetch(list(section.passages)):
            whole = Citation(passage, 0, len(passage.text))
            where = place(whole, documents[passage.document_id])
            lines.append(f"- from: {' '.join(where.split())} [{passage.id}]")
    return "\n".join(lines) + "\n"


def open_outline(path: Path) -> Outline:
    """Read an outline from a file."""
    try:
        return read_outline(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BriefError(
            f"{path} cannot be read: {reason}; name an outline that `kb brief` wrote."
        ) from error


def read_outline(text: str, name: str = "The outline") -> Outline:
    r"""Read an outline that a person has edited; raises BriefError naming the line that cannot be read.

    >>> read_outline("# open data\n\n## Who pays?\n\n## Index\n- from: Chapter 3 [ab12]")
    ... # doctest: +NORMALIZE_WHITESPACE
    Outline(topic='open data', sections=(Section(heading='Who pays?', questions=(), passages=()),
    Section(heading='Index', questions=(), passages=('ab12',))))
    """
    topic, sections = "", list[Section]()
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith(">"):
            continue
        if plain.startswith("## ") and plain[3:].strip():
            sections.append(Section(plain[3:].strip()))
        elif plain.startswith("# ") and not topic and not sections:
            topic = plain[2:].strip()
        elif sections and plain.startswith("-"):
            sections[-1] = _with_line(sections[-1], plain, f"{name}, line {number},")
        else:
            raise BriefError(
                f'{name}, line {number}, is no heading and no line of a section: begin it with "## " or "- ".'
            )
    if not topic or not sections:
        lacking = "a section" if topic else "a topic"
        raise BriefError(
            f'{name} lacks {lacking}: the first line is "# TOPIC", and each section begins with "## ".'
        )
    if len(sections) > MOST_SECTIONS:
        raise BriefError(f"{name} has {len(sections)} sections; keep at most {MOST_SECTIONS}.")
    return Outline(topic, tuple(sections))


def _with_line(section: Section, line: str, where: str) -> Section:
    found = _FROM.fullmatch(line)
    if found:
        return replace(section, passages=(*section.passages, found.group(1)))
    asked = _ASK.fullmatch(line)
    if asked is None or line.lower().startswith("- from:"):
        raise BriefError(f'{where} should be "- ask: QUESTION" or "- from: PLACE [CODE]".')
    return replace(section, questions=(*section.questions, asked.group(1)))
