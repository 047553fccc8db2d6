"""What a question asks for: its kind, and the terms that an answer must meet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kb.lexicon import Lexicon
from kb.retrieval.expansion import Synonyms, expand
from kb.text import NUMBER_WORDS, content_words, stem, terms
from kb.types import Embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal[
    "comparison",
    "contact",
    "time",
    "money",
    "date",
    "duration",
    "frequency",
    "share",
    "number",
    "procedure",
    "list",
    "place",
    "who",
    "expansion",
    "definition",
    "other",
]

# Tried in this order; the first pattern found decides.
# What asks in French is there too: the rest of a question the encoder and the reader understand.
_KINDS: tuple[tuple[Kind, str], ...] = (
    (
        "comparison",
        r"\bcompar\w*|\bdif+[eé]?r\w*|\bdiff\b|\bversus\b|\bvs\b|\bboth\b"
        r"|\bsame\b.*\b(in|as|for)\b|\beach (ask|say)",
    ),
    (
        "contact",
        # "Kept waiting on the phone" and "what a website must have" ask for no address.
        r"\b(e-?mail|web|postal|mail(ing)?) (address|link)|\b(tele)?phone (numbers?|no|nr)\b|\burl\b"
        r"|\bcontact (details|address|number)|\b(e-?mail|phone|telephone|website|link) (of|for|to)\b"
        r"|\b(what|which)('s| is| are)?( the| their| your| its)?( \w+)? (e-?mail|(tele)?phone|website|link)\b"
        r"|^\W*((the|an?|e-?mail|phone|website|link)\b\W*)+(of|for|to)\b|'s (e-?mail|(tele)?phone|website)\b"
        r"|\b(e-?mail|phone|website|link)\W*$"
        r"|\badresse\b|\bnum[ée]ro de t[ée]l[ée]phone\b|\bcoordonn[ée]es\b",
    ),
    (
        "time",
        r"\b(what|which) (time|hour)\b|\bwhat o'clock\b|\b(start|begin|end)s? at\b|\bquelle heure\b",
    ),
    (
        "money",
        r"\bhow much\b.*\b(cost|paid|pay|money|give|gave)|\b(price|salary|fee|rwf|usd|amount|cost)\b"
        r"|\b(combien|quel).*\b(co[ûu]te?|prix|montant|salaire|frais)\b",
    ),
    (
        "date",
        # "Which steps follow when a breach is found?" asks for no date.
        r"^(?:(?!\b(?:what|which|who|how|why)\b).)*\bwhen\b"
        r"|\bdates?\b|\bdeadline\b|\bdue\b|\b(which|what) (year|month|day)\b"
        r"|\bquand\b|\bquelle (ann[ée]e|date)\b|\bd[ée]lai\b",
    ),
    (
        "duration",
        r"\bhow long\b|\bduration\b|\bhow many (minutes|hours|days|weeks|months|years)\b"
        r"|\bcombien de (temps|jours|mois|ans|ann[ée]es|heures|semaines)\b|\bdur[ée]e\b",
    ),
    ("frequency", r"\bhow often\b|\bfrequency\b|\bhow (frequently|regularly)\b|\bfr[ée]quence\b"),
    (
        "share",
        r"\b(percent\w*|per cent|proportion|share) of\b|%|\bwhat (percent\w*|share|proportion)\b"
        r"|\bpourcentage\b|\bquelle (part|proportion)\b",
    ),
    ("number", r"\bhow (many|much|big|large)\b|\b(number|count) of\b|\brank\w*\b|\bcombien\b|\bnombre d"),
    (
        "procedure",
        r"\bsteps?\b|\bprocedures?\b|\bhow (do|can|should|must|to|would)\b|\bbest practices?\b"
        r"|\bwhat (must|should|do|does|can)\b.*\b(do|first|next)\b|\b(then|now) what\b|\bwhat (now|next)\b"
        r"|\b[ée]tapes?\b|\bcomment\b.*\b(faire|faut|dois|doit|peut|mettre|[ée]tablir|cr[ée]er)\b",
    ),
    (
        "list",
        r"\bwhat\b.{0,200}\b(contains?|includes?|consists?|comprises?|made (up )?of|composed of)\b"
        r"|^\s*(list|name|enumerate)\b|\ball\b|\b(what|which) (are|were)\b|\bwho does what\b"
        r"|\b(doit|doivent) (contenir|comprendre)\b|\bse compose\b"
        r"|\bquel(le)?s sont\b|\b(liste|[ée]num[èe]re)\w*\b",
    ),
    (
        "place",
        r"\bwhere\b|\bvenue\b|\b(which|what) (room|city|place|hotel|building)\b"
        r"|\bo[ùu] (est|se|a|aura|sont)\b",
    ),
    (
        "who",
        r"\bwho(m|se)?\b|\b(which|what) (body|bodies|agency|ministry|office|unit|institution)\b"
        r"|^\W*(à )?qui\b|\bqui (est|sont|a|doit|peut)\b",
    ),
    (
        "expansion",
        r"\b(stands?|short) for\b|\b(abbreviation|acronym)\b|\b(full name|spelt|spelled) of\b|\bsigle\b",
    ),
    (
        "definition",
        r"\bmean(s|t|ing)?\b|\bdefin\w+|\bwhat('s| is| does)\b|=\s*\?|\brefers? to\b"
        r"|\bqu'est-ce\b|\bc'est quoi\b|\bveut dire\b|\bsignifie\b|\bd[ée]fini\w+",
    ),
)
# "does it", "are agencies", "why do ministries": a question for yes or no, or a reason, is for no list.
_PLURAL_HEAD = re.compile(
    r"^\W*+(?!(?:do|does|did|is|are|was|were|has|have|had|can|could|must|should|will|would|may|why)\b"
    r"|what (?:happens|means|says)\b)"
    r"(?:(?:what|which|the|our|main|key|\d+|two|three|four|five|six|seven|eight|nine|ten)\W++)*+"
    r"(?:\w++\W++){0,4}?(\w{3,60}s)\b",
    re.I,
)
# "which university", "what law": the noun that names the kind of thing asked for.
_FOCUS = re.compile(r"\b(?:which|what)\s+(?!is|are|was|were|does|do|did|can|will|has|have)(\w{3,})", re.I)
# Nouns so general that documents answer without repeating them.
_GENERAL = frozenset(
    stem(word)
    for word in """agency authority body country date day document edition hour institution kind ministry
    month name number office organisation organization paper part party people person place report sort text
    thing things time title type unit way year must happens happened""".split()
)
# A bare term of so few words asks what it is.
BARE = 2
# "how many guiding questions are there": the words after it, up to a verb or preposition.
_COUNTED = re.compile(
    r"\b(?:how many|number of)\s+((?:[\w-]+\s*){1,3}?)"
    r"(?=\b(?:do|does|did|are|is|can|will|in|of|for|to|at|has|have|should|must|were|was)\b|\W|$)",
    re.I,
)
# "the 5 levels", "list the 12 steps": how many of something a question knows of.
_KNOWN_COUNT = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(NUMBER_WORDS)})\s+(?:[a-z][\w-]*\s+){{0,3}}?[a-z][\w-]*s\b", re.I
)
# Marks and words over which neither of two alternatives reaches.
_STOP = re.compile(r"[,;:?!()=]|\s[-–]\s|\b(?:is|are|was|were|does|do|did|has|have|it)\b", re.I)

# What documents write beside the kind of thing that is asked for; added to the search.
_HINTS: dict[Kind, str] = {"date": "date", "place": "venue place", "contact": "contact"}


_CAPITAL = re.compile(r"(?<=\s)[A-Z]\w+")


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the answerer sees it: text, kind, and terms in order without repeats.

    `synonyms` maps a term to what stands for it; `added` are
    words to search for beside the question's own; `counted` is what a "how
    many" asks the number of, and
    `focus` the kind of thing that a "which" asks for, `aside` the terms that
    only stand in brackets at the end, as the topic of a conversation does.
    `known_count` is the 5 of "the 5 levels", `choices` a term of each of the
    two answers that "X or Y?" offers, `editions` the documents of each year
    that it compares, where they are editions of one series, `names` its terms that are
    names in the documents. `vector` is its embedding, of (dimension,).
    """

    text: str
    kind: Kind
    terms: tuple[str, ...]
    synonyms: Synonyms = field(default_factory=dict)
    added: tuple[str, ...] = ()
    counted: frozenset[str] = frozenset()
    focus: str | None = None
    aside: frozenset[str] = frozenset()
    known_count: int | None = None
    choices: tuple[str, ...] = ()
    editions: tuple[tuple[str, ...], ...] = ()
    names: frozenset[str] = frozenset()
    vector: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)

    @property
    def capitals(self) -> frozenset[str]:
        """The terms that are written with a capital, but for the first word."""
        return frozenset(stem(word.lower()) for word in _CAPITAL.findall(self.text))

    @property
    def wants_list(self) -> bool:
        """Tell whether a whole list is the natural answer."""
        return self.kind in ("list", "procedure")


def analyse(text: str, lexicon: Lexicon, embedder: Embedder) -> Question:
    """Read a question, its misspelt words, acronyms and synonyms resolved by the corpus's own words."""
    expanded = expand(text, lexicon, embedder)
    asked, aside = split_aside(expanded.text)
    kind = _kind(asked)
    hints = (_HINTS[kind],) if kind in _HINTS else ()
    own = tuple(dict.fromkeys(terms(expanded.text)))
    # "the phone number of the desk" counts no desks.
    match = _COUNTED.search(asked) if kind != "contact" else None
    counted = frozenset(terms(match.group(1))) if match else frozenset()
    focus = stem(match.group(1)) if (match := _FOCUS.search(asked)) else None
    return Question(
        expanded.text,
        kind,
        own,
        expanded.synonyms,
        (*expanded.added, *hints),
        counted,
        focus if focus in own and focus not in _GENERAL else None,
        frozenset(terms(aside)) - frozenset(terms(asked)),
        _known_count(asked),
        _choices(asked),
        names=frozenset(stem(word) for word in content_words(asked) if word in lexicon.names),
        vector=expanded.vector,
    )


def split_aside(text: str) -> tuple[str, str]:
    """Return a question and the topic in brackets at its end.

    >>> split_aside("which room? (Kigali workshop)")
    ('which room?', 'Kigali workshop')
    """
    match = re.fullmatch(r"(.*\S)\s*\(([^()]*)\)\s*\??", text, re.S)
    return (match.group(1), match.group(2)) if match else (text, "")


def _known_count(text: str) -> int | None:
    """Return the number of things a question knows of, if it says one.

    >>> _known_count("what are the five levels?"), _known_count("which levels are there?")
    (5, None)
    """
    found = _KNOWN_COUNT.search(text)
    return int(NUMBER_WORDS.get(found.group(1).lower(), found.group(1))) if found else None


def _choices(text: str) -> tuple[str, ...]:
    """Return the terms by which the two answers that a question offers differ, nearest to the "or".

    >>> _choices("How many objectives has it, 3 or four of them?")
    ('3', '4')
    >>> _choices("Is it a consultation workshop or a capacity workshop?")
    ('consult', 'capac')
    """
    before, found, after = text.partition(" or ")
    left, right = terms(_STOP.split(before)[-1])[::-1], terms(_STOP.split(after)[0])
    if all(any(term.isdigit() for term in side) for side in (left, right)):
        left, right = ([term for term in side if term.isdigit()] for side in (left, right))
    sides = ([t for t in left if t not in right], [t for t in right if t not in left])
    return (sides[0][0], sides[1][0]) if found and all(sides) else ()


def _kind(text: str) -> Kind:
    lowered = text.lower()
    for kind, pattern in _KINDS:
        if re.search(pattern, lowered):
            return kind
    if len(text.split()) <= BARE:
        return "definition"
    return "list" if _PLURAL_HEAD.match(text) else "other"
