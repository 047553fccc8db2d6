"""Whether a text holds the kind of thing a question asks for: a number, a date, an address, a definition."""

from __future__ import annotations

import re
from collections.abc import Collection

from kb.answering.question import Kind, Question
from kb.lexicon import definitions
from kb.text import NUMBER_WORDS, stem, terms

_MONTHS = r"january|february|march|april|may|june|july|august|september|october|november|december"
_CURRENCY = r"RWF|FRW|USD|US\$|\$|EUR|€|LAK|francs?|dollars?|euros?|kip|crowns?|pounds?|shillings?|rupees?"
# Numbers in words, also those that no list is counted with.
_SPELT = "|".join(NUMBER_WORDS) + (
    "|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\\w{3,5})?"
)
_CLOCK = r"\b\d{1,2}[:.h]\d\d\b|\b\d{1,2}\s?(a\.?m|p\.?m)\b"
# Repetitions have an end, so that no text takes the square of its length.
_PATTERNS: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(rf"\d+|\b({_SPELT}|half|hundred|thousand|million|once|twice)\b", re.I),
    "date": re.compile(
        rf"\b(\d{{1,2}}(\s?[-–]\s?\d{{1,2}})?\s)?({_MONTHS})\b(\s(19|20)\d\d)?|\b(19|20)\d\d\b"
        r"|\b(dai|week|month|quarter|year)ly\b|\bannual|\bevery\b|\byears?\b"
        r"|\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(morning|noon|afternoon|evening|midnight)\b"
        rf"|{_CLOCK}"
        # "When" is answered by what comes before as well.
        r"|\b(after|before|during|until|once|whenever|as soon as|within|at the (end|beginning|start))\b",
        re.I,
    ),
    "duration": re.compile(
        rf"((?<!\d)\d+|\b({_SPELT}|half))\b[ -](?:\w{{1,40}}[ -])?"
        r"(second|minute|hour|day|week|month|year)s?\b",
        re.I,
    ),
    "frequency": re.compile(
        r"\b(dai|week|month|quarter|year)ly\b|\bevery\b|\b(once|twice)\b|\bannual"
        r"|\bper (day|week|month|year)\b|\bperiodic|\bregular|\bcontinuous",
        re.I,
    ),
    "share": re.compile(r"\d\s?(%|per\s?cent\b)|\b1 in \d+|\b(half|third|quarter|majority)\b", re.I),
    "time": re.compile(rf"{_CLOCK}|\bo'clock\b|\b(noon|midnight)\b", re.I),
    "money": re.compile(
        rf"({_CURRENCY})\s?\d[\d,.]{{0,30}}"
        rf"|(?:\d[\d,.]{{0,30}}|\b(?:{_SPELT}))\s?((thousand|million|billion)\s)?({_CURRENCY})\b",
        re.I,
    ),
    "contact": re.compile(
        r"[\w.+-]{1,64}@[\w-]{1,63}\.\w|\+?\d[\d ()-]{6,}\d|https?://|\bwww\.|\b[\w-]{1,63}\.(gov|org|int)\b",
        re.I,
    ),
}
# What each way of contact looks like, and how questions call it.
_ADDRESS = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_PHONE = r"\+?\d[\d ()-]{6,}\d"
_SITE = r"https?://\S+|\bwww\.\S+|\b[\w-]{1,63}\.(?:gov|org|int)\b(?:\.\w{1,63})?"
_CONTACTS = (
    (re.compile(r"\be-?mails?\b", re.I), re.compile(_ADDRESS)),
    (re.compile(r"\b(?:tele)?phone\b", re.I), re.compile(_PHONE)),
    (re.compile(r"\bwebsite\b|\blink\b", re.I), re.compile(_SITE, re.I)),
)
# "One" is too often a pronoun.
_WORDS = "|".join(word for word in NUMBER_WORDS if word != "one")
_NUMBER = re.compile(rf"\b(?:\d+(?:[.,]\d+)*|{_WORDS})(?:\s(?:thousand|million|billion))?\b", re.I)
# A number with those before it that it makes a range or a pair with: "20 to 30", "22 and 25".
_RANGE = r"\b(?:\d{1,15}(?:[.,]\d{1,6}){0,6}\s?(?:[-–]|to|and|or)\s?){0,3}\d{1,15}(?:[.,]\d{1,6}){0,6}"
# A year counts nothing, nor does a decimal fraction such as an index value.
_A_COUNT = re.compile(r"(?!(?:19|20)\d\d$)\d+(?:,\d{3})*")
# Kinds whose value can be lifted out of its sentence; "annual" is no date by itself, nor is a bare year.
_EXACT: dict[Kind, re.Pattern[str]] = {
    "duration": re.compile(
        rf"(?:{_RANGE}|\b(?:{_WORDS}|one))[ -](?:second|minute|hour|day|week|month|year)s?\b", re.I
    ),
    "share": re.compile(rf"{_RANGE}\s?(?:%|per\s?cent\b)", re.I),
    "time": _PATTERNS["time"],
    "money": _PATTERNS["money"],
    "date": re.compile(
        rf"{_RANGE}\s(?:{_MONTHS})\b(?:\s(?:19|20)\d\d)?|\b(?:{_MONTHS})\s(?:19|20)\d\d\b", re.I
    ),
    "contact": re.compile(rf"{_ADDRESS}|{_PHONE}|https?://\S+|\bwww\.\S+", re.I),
}
_DEFINES = re.compile(r"\b(is|are|means?|denotes?|refers? to|stands? for|describes?|comprises?)\b|:|\(", re.I)
# A definition names what it defines within this many characters of its start.
_SUBJECT_CHARS = 80
# A number counts a thing that stands at most this many content words away.
NEAR = 4
# "The three dimensions of the OGDI are" does not say what the OGDI is: its subject has more words.
EXTRA_WORDS = 1


def fits(question: Question, text: str) -> bool:
    """Tell whether a text holds the kind of thing that a question asks for.

    >>> fits(Question("What is a contract?", "definition", ("contract",)), "A contract is an agreement.")
    True
    >>> fits(Question("What is a contract?", "definition", ("contract",)), "RISA signs the contract.")
    False
    >>> asked = Question("How many services?", "number", ("servic",), counted=frozenset(["servic"]))
    >>> fits(asked, "98 services")
    True
    """
    if question.kind == "expansion":
        return _expands(text, question)
    if question.kind == "definition":
        return defines(text, question.terms)
    if question.counted:
        return _counts(text, question.counted)
    pattern = _asked_contact(question) or _PATTERNS.get(question.kind)
    return pattern is None or bool(pattern.search(text))


def _asked_contact(question: Question) -> re.Pattern[str] | None:
    """Return the form of the way of contact that a question names: a phone number is no e-mail address."""
    asked = [form for name, form in _CONTACTS if question.kind == "contact" and name.search(question.text)]
    return asked[0] if len(asked) == 1 else None


def exact(question: Question, text: str) -> str:
    """Return the one value in a text that answers by itself, or nothing where there is none or several.

    >>> asked = Question("How many services?", "number", ("servic",), counted=frozenset(["servic"]))
    >>> exact(asked, "In 2022 institutions offered 98 online services.")
    '98'
    >>> exact(Question("Which phone?", "contact", ()), "Write to a@b.int or call +250 788 000 000.")
    '+250 788 000 000'
    >>> exact(Question("When is it?", "date", ()), "Held on 22-23 March 2023, after a survey.")
    '22-23 March 2023'
    """
    if question.kind == "expansion":
        found = [text[a:b] for acronym, a, b in definitions(text) if stem(acronym) in question.terms]
    elif (question.counted or question.kind == "share") and " and " in question.text:
        return ""  # Two things are asked for, and one number would answer for both.
    elif question.counted:
        found = [n for n in _NUMBER.findall(text) if _counts(_around(text, n), question.counted)]
    else:
        pattern = _asked_contact(question) or _EXACT.get(question.kind)
        found = [match.group().strip() for match in pattern.finditer(text)] if pattern else []
    return found[0] if len(set(found)) == 1 else ""


def _around(text: str, number: str) -> str:
    """Return the words about a number up to the next one, which would be counted with other things."""
    before, _, after = text.partition(number)
    return f"{_NUMBER.split(before)[-1]} {number} {_NUMBER.split(after)[0]}"


def has_type(kind: Kind) -> bool:
    """Tell whether an answer to this kind of question can be told by its form."""
    return kind in _PATTERNS


def has_figure(text: str) -> bool:
    """Tell whether a text holds any number, in figures or words.

    >>> has_figure("Some two thirds of them"), has_figure("It is open to the public.")
    (True, False)
    """
    return bool(_PATTERNS["number"].search(text))


def defines(text: str, wanted: Collection[str]) -> bool:
    """Tell whether a text begins by saying what something with these terms is."""
    verb = _DEFINES.search(text)
    if verb is None or verb.start() > _SUBJECT_CHARS:
        return False
    subject = set(terms(text[: verb.start()]))
    return bool(subject & {*wanted}) and len(subject - {*wanted}) <= EXTRA_WORDS


def same_date(one: str, other: str) -> bool:
    """Tell whether two texts can speak of the same date: a month they share, or else a year.

    >>> same_date("22-23 March 2023", "in March 2023"), same_date("11 May 2023", "22 March 2023")
    (True, False)
    """
    months = [set(re.findall(_MONTHS, text.lower())) for text in (one, other)]
    years = [set(re.findall(r"\b(?:19|20)\d\d\b", text)) for text in (one, other)]
    if any(months):
        # A bare year beside a day and month is too vague to be another date.
        return not all(months) or bool(months[0] & months[1])
    return bool(years[0] & years[1])


def values(kind: Kind, text: str) -> frozenset[str]:
    """Return the numbers, dates or addresses in a text, as far as the kind asks for such.

    >>> sorted(values("number", "45 of fifty"))
    ['45', 'fifty']
    """
    pattern = _PATTERNS.get(kind)
    return frozenset(match.group().lower() for match in pattern.finditer(text)) if pattern else frozenset()


def _counts(text: str, counted: frozenset[str]) -> bool:
    """Tell whether a number stands near the thing that is counted."""
    found = terms(text)
    numbers = [at for at, term in enumerate(found) if _A_COUNT.fullmatch(term)]
    things = [at for at, term in enumerate(found) if term in counted]
    if not counted <= {found[at] for at in things}:
        return False
    return any(abs(number - thing) <= NEAR for number in numbers for thing in things)


def _expands(text: str, question: Question) -> bool:
    """Tell whether a text writes out an acronym of the question."""
    return any(stem(acronym) in question.terms for acronym, _, _ in definitions(text))
