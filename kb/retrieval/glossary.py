"""A question in French or Kinyarwanda -> English search words, by glossary: no model, offline.

The glossaries are `glossaries/*.tsv`; how to write an entry stands at the top of each.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from kb.errors import QuestionError
from kb.text import content_words

LANGUAGES = frozenset({"fr", "rw"})

Fold = Callable[[str], str]
Key = tuple[str, ...]

_CLAUSE = re.compile(r"[.,;:!?()]+(?:\s|$)")
_WORD = re.compile(r"[^\s,;:!?()]+@[^\s,;:!?()]+|[^\W\d_]+-\d+|\d+(?:[-/.,:]\d+)*\w*|[^\W_]+")
_OPENING = "^"  # a term that begins with this is valid only at the opening of a phrase

# Articles and connectives that come and go inside a fixed phrase: "gestion de risque",
# "gestion des risques", "gestion risques". A phrase is found with or without them.
_LINKERS = {
    "fr": frozenset("de du des d la le les l un une".split()),
    "rw": frozenset("y ya w wa z za cy cya ry rya by bya bw bwa rw rwa kw kwa k ka b ba tw mw h ha".split()),
}


@dataclass(frozen=True, slots=True)
class Translation:
    """English search words; `known` is the share (0 to 1) of the content words they cover."""

    english: str
    known: float


@dataclass(frozen=True, slots=True)
class _Piece:
    """The English of one matched phrase or word; `weight` is the content words it stands for."""

    english: str
    weight: int
    known: bool = True


@dataclass(frozen=True, slots=True)
class _Glossary:
    """`levels` holds (fold for the question's words, folded terms -> English), strictest first."""

    levels: tuple[tuple[Fold, dict[Key, str]], ...]
    endings: dict[str, str]
    longest: int
    linkers: frozenset[str]
    fronts: re.Pattern[str]


def translate(text: str, language: str) -> Translation:
    """Turn a question into English words, in the order of the question.

    The longest phrase wins. An unknown word is kept if it looks like a name,
    an acronym or a number, or is an English word of the glossaries; any other
    is dropped and lowers `known`. Raises QuestionError for a language that
    has no glossary.

    >>> translate("Quelles sont les étapes de la gestion des risques à la RISA ?", "fr").english
    'what are the steps risk management RISA'
    >>> translate("Ingengo y'imari yemezwa ryari?", "rw").english
    'budget approval when'
    """
    if language not in LANGUAGES:
        raise QuestionError(f"There is no glossary for the language {language!r}; ask in English.")
    if text.isupper() and len(text.split()) > 2:  # capitals throughout say nothing about acronyms
        text = text.lower()
    glossary = _glossary(language)
    pieces = [p for clause in _CLAUSE.split(text) for p in _pieces(_WORD.findall(clause), glossary)]
    content = sum(p.weight for p in pieces)
    known = sum(p.weight for p in pieces if p.known) / content if content else 0.0
    return Translation(" ".join(p.english for p in pieces if p.english), known)


def _pieces(words: Sequence[str], glossary: _Glossary) -> Iterator[_Piece]:
    start, opening = 0, True
    while start < len(words):
        size, english = _match(words, start, opening, glossary)
        span = words[start : start + size]
        piece = _known(span, english, glossary) if english is not None else _unknown(words, start, glossary)
        yield piece
        start, opening = start + size, not piece.english


def _known(span: Sequence[str], english: str, glossary: _Glossary) -> _Piece:
    if not english and len(span) == 1 and _acronym(span[0]):
        return _Piece(span[0], 1)
    if english == span[0].lower():  # a name or an acronym: as it was typed
        english = span[0]
    weight = sum(not _links(word, glossary) for word in span)
    return _Piece(english, weight if content_words(english) else 0)


def _unknown(words: Sequence[str], start: int, glossary: _Glossary) -> _Piece:
    word = words[start]
    if _links(word, glossary):
        return _Piece("", 0)
    if (english := _by_ending(plain(word), glossary)) is not None and not _proper(word):
        return _Piece(english, int(english != ""))
    if _proper(word) or plain(word) in _english():
        return _Piece(word, 1)
    # A capital at the beginning may be a name or not: kept, but not called known.
    return _Piece(word if word != word.lower() else "", 1, known=word != word.lower() and start > 0)


def _match(words: Sequence[str], start: int, opening: bool, glossary: _Glossary) -> tuple[int, str | None]:
    """Return how many words the longest phrase that begins at `start` has, and its English."""
    for size in range(min(glossary.longest, len(words) - start), 0, -1):
        span = words[start : start + size]
        lean = [word for word in span if not _links(word, glossary)]
        bounded = not (_links(span[0], glossary) or _links(span[-1], glossary))
        for fold, terms in glossary.levels:
            key = tuple(map(fold, span))
            keys = [(_OPENING, *key)] * opening + [key] + [tuple(map(fold, lean))] * bounded
            if found := next((k for k in keys if k in terms), None):
                return size, terms[found]
    return 1, None


def _by_ending(word: str, glossary: _Glossary) -> str | None:
    """Return the English of the longest ending known; "" where it carries nothing."""
    passive = [word[:-2] + "a"] if word.endswith("wa") else []
    for form in (word, singular(word), *passive):
        for cut in range(len(form) - 2):
            english = glossary.endings.get(form[cut:])
            front = glossary.fronts.fullmatch(form[:cut])
            if english is not None and front:
                negated = "not " if front.lastgroup else ""
                return negated + (form[:cut] + english[1:] if english.startswith("-") else english)
    return None


def _links(word: str, glossary: _Glossary) -> bool:
    return not _acronym(word) and word.lower() in glossary.linkers


def _acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _proper(word: str) -> bool:
    """Tell acronyms, codes, numbers and addresses: capitals or digits inside the word."""
    return not word.isalpha() or word[1:] != word[1:].lower()


@lru_cache(maxsize=65536)
def plain(word: str) -> str:
    """Fold case, accents and ligatures.

    >>> plain("ŒUVRÉ")
    'oeuvre'
    """
    decomposed = unicodedata.normalize("NFKD", word.lower().replace("œ", "oe").replace("æ", "ae"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """Take a French plural back to the singular.

    >>> [singular(word) for word in ("niveaux", "nationaux", "étapes")]
    ['niveau', 'national', 'etape']
    """
    word = plain(word)
    if len(word) > 4 and word.endswith("aux") and not word.endswith("eaux"):
        return word[:-3] + "al"
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


_FEMININE = (("elle", "el"), ("enne", "en"), ("ive", "if"), ("euse", "eur"), ("trice", "teur"))
_VERBAL = re.compile(
    r"(?<=\w{4})(?:iss(?:aient|ent|ant|ons|ez|ait|e)|[ei]r(?:aient|ont|ait|ons|ez|a)"
    r"|aient|ait|[ae]nte?|ons|ez|ee|ie|er|ir|it|e|i)$"
)


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """Strip gender and the endings of regular French verbs.

    >>> {root(word) for word in ("valider", "valident", "validées", "validera")}
    {'valid'}
    """
    word = singular(word) if not plain(word).endswith("ons") else plain(word)
    for ending, masculine in _FEMININE:
        word = word.removesuffix(ending) + masculine if word.endswith(ending) else word
    stem = _VERBAL.sub("", word)
    return stem[:-1] if len(stem) > 4 and stem.endswith("i") else stem


@lru_cache(maxsize=65536)
def unaugmented(word: str) -> str:
    """Drop the first vowel of a Kinyarwanda noun, which falls after 'mu', 'ku' and 'buri'.

    >>> unaugmented("umukozi") == unaugmented("mukozi")
    True
    """
    word = plain(word)
    return word[1:] if len(word) > 4 and word[0] in "aiu" else word


@lru_cache(maxsize=65536)
def detached(word: str) -> str:
    """Drop a Kinyarwanda connective typed without its apostrophe, then the first vowel.

    >>> detached("yimari")
    'mari'
    """
    return unaugmented(re.sub(r"^(?:[cmbrktp]?[wy]|[nzbk])(?=[aiu]\w{3})", "", plain(word)))


# What may stand before the stem of a Kinyarwanda verb: negation, subject or infinitive,
# negation or tense, object. Before a stem in a vowel the subject is a consonant.
_VERB_FRONT = re.compile(
    r"(?P<negation>nti?|si)?"
    r"(?:n|u|a|[td]u|mu|ba|i|[zrbkg]i|[rkgb]u|[kg]a|ha|[nwyz]a|[tmrck]?[wy]a|[rbc]ya|[rbk]wa"
    r"|w|y|[tmrbk]w|[rbc]y|b|z|k|h)?"
    r"(?:[dt]a?|ra|za|[kg]a|na|[kg]i)?"
    r"(?:mu|mw|ba|yi|[bzkg]i|ru|bu|i|ha)?"
)
_ANY_FRONT = re.compile(r"\w{3,}")

# For each language: how the glossary's terms are folded, and the question's words to meet them.
_FOLDS: dict[str, tuple[tuple[Fold, Fold], ...]] = {
    "fr": ((str.lower, str.lower), (plain, plain), (singular, singular), (root, root)),
    "rw": ((str.lower, str.lower), (plain, plain), (unaugmented, unaugmented), (unaugmented, detached)),
}


def entries(language: str) -> list[tuple[str, str]]:
    """Read the (term, English) lines of one glossary, as they are written."""
    file = resources.files("kb.retrieval") / "glossaries" / f"{language}.tsv"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")]
    return [(term, english) for term, _, english in (line.partition("\t") for line in lines)]


@cache
def _glossary(language: str) -> _Glossary:
    linkers = _LINKERS[language]
    pairs = [(term, english.replace(" / ", " ")) for term, english in entries(language)]
    terms = {_key(term): english for term, english in pairs if not term.startswith("-")}
    lean = {tuple(word for word in key if word not in linkers): english for key, english in terms.items()}
    every = terms | {key: english for key, english in lean.items() if len(key) > 1 and key not in terms}
    levels = tuple((seen, _folded(every, fold)) for fold, seen in _FOLDS[language])
    endings = {plain(term[1:]): english for term, english in pairs if term.startswith("-")}
    # Linkers inside a phrase of the question take room too.
    longest = max(map(len, every)) + 3
    return _Glossary(levels, endings, longest, linkers, _VERB_FRONT if language == "rw" else _ANY_FRONT)


def _key(term: str) -> Key:
    mark = (_OPENING,) if term.startswith(_OPENING) else ()
    return (*mark, *_WORD.findall(term))


def _folded(terms: dict[Key, str], fold: Fold) -> dict[Key, str]:
    """Fold every term; of terms that fold alike the first one written counts."""
    folded: dict[Key, str] = {}
    for key, english in terms.items():
        folded.setdefault(tuple(map(fold, key)), english)
    return folded


@cache
def _english() -> frozenset[str]:
    """Every English word of the glossaries."""
    found = (english for language in sorted(LANGUAGES) for _, english in entries(language))
    return frozenset(word for english in found for word in _WORD.findall(english))
