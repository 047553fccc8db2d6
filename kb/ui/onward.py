"""Where somebody goes on from an answer that is none: what the question may mean, and where to look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby, takewhile

from kb.types import Option, Pointer
from kb.ui.foreign import ENGLISH, marked, spoken_in
from kb.ui.markup import prose, safe, tag
from kb.ui.sources import Sources
from kb.ui.strings import Words

# Titles that begin with so many of the same words are told apart by those that follow.
SHARED_WORDS = 3


def render_options(options: Sequence[Option], sources: Sources) -> str:
    """Return what a question may mean as buttons that ask it; those that cite one section name it."""
    titles = {sources.title(option.citations[0]) for option in options if _section(option, sources)}
    shared = _shared(titles)
    items = (tag("li", _option(option, shared, sources)) for option in options)
    return tag("ul", "".join(items), "options") if options else ""


def _option(option: Option, shared: str, sources: Sources) -> str:
    if section := _section(option, sources):
        rest = sources.title(option.citations[0]).removeprefix(shared)
        said = _cut(section) + " " + tag("small", _beginning(shared) + prose(rest), "cut")
    else:
        meant = "" if option.label in option.question else tag("small", prose(option.question), "cut")
        said = _cut(option.label) + meant
    given = {"title": option.label, "data_question": option.question}
    given |= spoken_in(sources.language, sources.view.words)
    return tag("button", said, "choice", type="button", **given) + sources.markers(option.citations)


def _section(option: Option, sources: Sources) -> str:
    """Return the section that an option cites, where its label is nothing but that and the document."""
    cited = option.citations[0] if option.citations else None
    if cited is None or not cited.passage.heading_path:
        return ""
    section, title = cited.passage.heading_path[-1], sources.title(cited)
    return section if option.label == f"{section}, in “{title}”" else ""


def _cut(text: str) -> str:
    """Return words that the style sheet cuts to two lines; whoever listens has all of them."""
    return tag("span", prose(text), "cut")


def _shared(titles: Collection[str]) -> str:
    """Return the words that all titles begin with, if they are many and none ends there.

    >>> _shared(["Concept note: Workshop in Kigali", "Concept note: Workshop on data"])
    'Concept note: Workshop '
    >>> _shared(["Concept note", "Concept paper"]), _shared(["Annual report"])
    ('', '')
    """
    if len(titles) < 2:
        return ""
    columns = zip(*(title.split(" ")[:-1] for title in titles), strict=False)
    same = [words[0] for words in takewhile(lambda words: len(set(words)) == 1, columns)]
    return "".join(f"{word} " for word in same) if len(same) >= SHARED_WORDS else ""


def _beginning(shared: str) -> str:
    """Return the beginning that titles share, which is read aloud and seen as three dots."""
    dots = tag("span", "… ", aria_hidden="true")
    return dots + tag("span", safe(shared), "unseen") if shared else ""


def render_pointers(pointers: Sequence[Pointer], sources: Sources) -> str:
    """Return where to look: what leads in stands once, above what it leads to."""
    groups = groupby(pointers, key=lambda pointer: _lead(pointer, sources.view.words))
    parts = ((lead, [item for pointer in run for item in _items(pointer, sources)]) for lead, run in groups)
    return "".join(
        tag("p", lead, "lead") + tag("ul", "".join(tag("li", item) for item in items), "pointers")
        for lead, items in parts
    )


def _announces(pointer: Pointer) -> bool:
    """Tell whether a pointer's note, by its colon, announces the words that it cites."""
    return pointer.note.rstrip().endswith(":")


def _lead(pointer: Pointer, words: Words) -> str:
    """Return what leads in to a pointer: its own note in the language of the page where that is known."""
    if not _announces(pointer):
        return safe(words("answer.where"))
    key = f"pointers.{pointer.note}"
    return safe(words(key)) if key in words else marked(prose(pointer.note), ENGLISH, words)


def _items(pointer: Pointer, sources: Sources) -> list[str]:
    """Return what a pointer says; of one that announces its quotes, where each stands and its words."""
    words = sources.view.words
    if not _announces(pointer):
        return [marked(prose(pointer.note), ENGLISH, words) + sources.markers(pointer.citations)]
    spoken = spoken_in(sources.language, words)
    return [
        tag("cite", safe(sources.place(citation, section=True)))
        + sources.markers([citation])
        + " "
        + tag("q", prose(citation.quote), "cut", title=citation.quote, **spoken)
        for citation in pointer.citations
    ]
