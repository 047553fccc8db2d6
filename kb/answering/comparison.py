"""What a question compares: documents that it names, or two things that it joins by "and" or "or"."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from kb.answering.question import Question
from kb.retrieval.shelf import Shelf
from kb.text import content_words, stem, terms

# Words in the titles of more documents than this name a kind of document; each side is searched and read.
MOST_NAMED = 12

# What stands between the two things compared, the surest sign first; and what only says that they are.
_BETWEEN = (
    r"\s(?:vs?\.?|versus)\s",
    r"\s(?:the\s)?same(?:\s\w+)?\sas\s|\s(?:dif+e?r\w*|compared?)\s(?:from|to|with)\s",
    r"\s(?:and|or|with|to|from)\s|\s?/\s?",
)
_COMPARING = re.compile(r"\b(compar\w*|dif+e?r\w*|between|same|similar\w*|versus|vs|both)\b", re.I)
# "what is the difference between", "how does a": what stands before the first thing.
_BEFORE = re.compile(
    r"^\W*(?:(?:what(?:[’']s)?|how|which|is|are|was|were|do|does|did|the|an?|of|in|me|tell|explain|there)\b\W*)*",
    re.I,
)
# "In Rwanda, is a policy a law or a plan, or neither?"
_MARK = re.compile(r"[,:;?!](?:\s|$)")

# What only says that years are compared: the years, and that something changed.
_OF_YEARS = re.compile(
    r"\b(?:(?:19|20)\d\d|fy|fiscal|years?|editions?|since|than|chang\w*|evolv\w*|trend\w*|now|today)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the things compared: its name, the words to search for, what is asked of it, its documents."""

    label: str
    text: str
    question: str
    documents: tuple[str, ...] = ()

    @property
    def terms(self) -> frozenset[str]:
        """The terms of the words to search for."""
        return frozenset(terms(self.text))


def sides(question: Question, documents: Shelf, among: Collection[str] | None = None) -> list[Side]:
    """Return the sides that a comparison names, empty if it names fewer than two.

    Only documents `among` those given (ids of the index; all if None) are sides.

    >>> text, countries = "security in the Rwanda and the Lao note", ("rwanda", "lao")
    >>> asked = Question(text, "comparison", ("secur", *countries), names=frozenset(countries))
    >>> from kb.types import Document
    >>> notes = [Document("1", "a.pdf", "Note on Rwanda"), Document("2", "b.pdf", "Note on Lao PDR")]
    >>> [(side.label, side.text, side.documents) for side in sides(asked, Shelf(notes))]
    [('Note on Rwanda', 'security', ('1',)), ('Note on Lao PDR', 'security', ('2',))]
    """
    known = documents.keys() if among is None else frozenset(among)
    return (
        _editions(question, documents, known)
        or _documents(question, documents, known)
        or _things(question.text)
    )


def _editions(question: Question, documents: Shelf, known: Set[str]) -> list[Side]:
    """Return one side for each year whose editions the question compares."""
    sets = [kept for keys in question.editions if (kept := tuple(key for key in keys if key in known))]
    plain = _OF_YEARS.sub(" ", _COMPARING.sub(" ", question.text))
    found = [word for word in content_words(plain) if stem(word) in question.terms]
    if len(sets) < 2 or not found:
        return []
    names = [", ".join(documents[key].edition or documents[key].title for key in keys) for keys in sets]
    if len(set(names)) < len(names):
        names = [", ".join(documents[key].source for key in keys) for keys in sets]
    words = " ".join(found)
    return [Side(name, words, words, keys) for name, keys in zip(names, sets, strict=True)]


def _documents(question: Question, documents: Shelf, known: Set[str]) -> list[Side]:
    """Return one side for each document whose title the question names, by the words that fewest share."""
    titled = [[key for key in documents.titled(term) if key in known] for term in question.terms]
    few = max(2, len(known) // 3)
    counts = sorted({len(keys) for keys in titled if len(keys) <= few})
    sets = ({key for keys in titled if len(keys) <= most for key in keys} for most in counts)
    named = documents.ordered(next((found for found in sets if len(found) > 1), ()))
    if len(named) > MOST_NAMED or not _tell_apart(question, documents, named):
        return []
    topic = frozenset(question.terms) - frozenset().union(*(_terms([documents[key].label]) for key in named))
    found = [word for word in content_words(_COMPARING.sub(" ", question.text)) if stem(word) in topic]
    labels = [documents[key].label for key in named]
    names = labels if len(set(labels)) == len(labels) else [documents[key].source for key in named]
    words = " ".join(found)
    return [Side(name, words, words, (key,)) for name, key in zip(names, named, strict=True) if found]


def _tell_apart(question: Question, documents: Shelf, named: Sequence[str]) -> bool:
    """Tell whether the two things that a question joins, if it does, are in titles of different documents.

    "Data hygiene and data fidelity" compares no documents, for all that many are titled "data": each half
    has a name that titles one, or is mostly words of a title.
    """
    halves = [side.terms for side in _things(question.text)]
    if len(halves) != 2:
        return True
    capitals = frozenset(terms(" ".join(re.findall(r"\b[A-Z]\w+", question.text))))
    found = list[set[str]]()
    for own in (halves[0] - halves[1], halves[1] - halves[0]):
        titles = {term: {key for key in documents.titled(term) if key in named} for term in own}
        met = [term for term in own if titles[term]]
        named_by = {*met} & (question.names | capitals) or (met if 2 * len(met) > len(own) else ())
        found.append({key for term in named_by for key in titles[term]})
    return all(found) and found[0] != found[1]


def _things(text: str) -> list[Side]:
    """Return the two things that a question joins.

    >>> [side.label for side in _things("What's the difference between an SLA and a target, in short?")]
    ['SLA', 'target']
    >>> [side.label for side in _things("Is a digital campus the same thing as a digital academy?")]
    ['digital campus', 'digital academy']
    """
    for between in _BETWEEN:
        halves = re.split(between, text, maxsplit=1, flags=re.I)
        labels = [_plain(_MARK.split(halves[0])[-1]), _plain(_MARK.split(halves[-1])[0])]
        if len(halves) == 2 and all(content_words(label) for label in labels):
            parts = [content_words(label) for label in labels]
            return [
                Side(name, " ".join(words), f"What is {name}?")
                for name, words in zip(labels, parts, strict=True)
            ]
    return []


def _plain(half: str) -> str:
    """Return what one half of a comparison is about, without the words that compare."""
    named = " ".join(_COMPARING.sub(" ", half).split())
    return _BEFORE.sub("", named, count=1).strip()


def _terms(words: Collection[str]) -> frozenset[str]:
    return frozenset(terms(" ".join(words)))
