"""Whether a text holds the kind of thing a question asks for: a number, a date, an address, a definition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator

from kb.answering.numerals import in_figures
from kb.answering.question import Kind, Question
from kb.lexicon import definitions
from kb.retrieval.relevance import term_set
from kb.text import NAMED_BY_NUMBER, stem, terms

# Number words are read as figures before any of this is looked for, see `in_figures`. Repetitions have an
# end, so that no text takes the square of its length.
_GROUPED = r"\d{1,3}(?:[ \u00a0\u202f]\d{3}){1,5}(?!\d)"
_NUMBER = (
    rf"\b(?:{_GROUPED}|\d{{1,15}}(?:[.,]\d{{1,15}}){{0,6}})"
    r"(?:\s(?:thousand|millions?|billions?|mille|milliards?)\b)?"
)
# A number with those before it that it makes a range or a pair with: "20 to 30", "22 and 25".
_RANGE = rf"{_NUMBER}(?:(?:\s?[-‐‑–—]\s?|\s(?:to|and|or|à|et|ou)\s){_NUMBER}){{0,3}}"
_MONTHS = (
    "january february april june july august september october november december"
    " janvier février fevrier avril mai juin juillet août aout septembre octobre novembre décembre"
    " decembre mars"
)
_MONTH = "|".join(_MONTHS.split())
# What else these words may be; they are months with a capital, beside a day, a year or a preposition.
_MAY = r"(?-i:May|MAY|March|MARCH)"
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\b\d{1,2}(?:st|nd|rd|th|er)?(?:\s?(?:[-‐‑–]|to|and|or|au|et)\s?\d{1,2}(?:st|nd|rd|th)?)?\s(?:of\s)?"
_OF_MONTH = "|".join(
    rf"(?<=\b{word}\s)" for word in "in by of until since from before after early late".split()
)
_DATE = (
    rf"{_DAY}(?:{_MONTH}|{_MAY})\b(?:,?\s{_YEAR})?"
    rf"|\b(?:{_MONTH}|{_MAY})\s(?:\d{{1,2}}(?:,\s{_YEAR})?|{_YEAR})\b"
)
_CLOCK = r"\b\d{1,2}\s?[:.h]\s?\d\d\b|\b\d{1,2}\s?(a\.?m|p\.?m)\b"
_SYMBOLS = "".join(chr(n) for n in range(0x24, 0x20D0) if unicodedata.category(chr(n)) == "Sc")
# ISO 4217, without codes that are words or goals in capitals: ALL, SDG, TOP. Any three capitals will not
# do: "ISO 9001", "98 ICT services".
_CODES = "|".join(
    """AED AFN AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE
    SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST
    XAF XCD XOF XPF YER ZAR ZMW""".split()
)
# As people write currencies beside a number: names, and short forms whose letters are capitals.
_CURRENCY = (
    rf"(?:(?-i:[A-Z]{{0,3}})[{_SYMBOLS}]|(?:\w{{3,15}}\s)?(?:francs?|dollars?|euros?|pounds?|shillings?|rupees?|crowns?"
    r"|dirhams?|dinars?|pesos?|cents|kron[aeo]r?|krón(?:a|ur)|roubles?|rubles?|złoty|zlotys?|forints?"
    r"|rupiahs?|ringgit|ngultrum|lira|leva|hryvnias?|reais|shekels?|soles|quetzal(?:es)?|guaran[ií]es|bolivianos?)\b"
    r"|(?:kip|rand|naira|cedis?|birr|kwacha|yen|yuan|baht|dong|riyals?|taka|pula|dalasi|ariary|metica(?:l|is)|lari|dram"
    r"|tenge|som|manat|kyat|riel|rufiyaa)\b"
    rf"|(?-i:F\s?CFA|Frw|FRW|F|Fr|Rs|Nu|Tk|Rp|Kč|Kz|[KTU]Sh|[KTU]sh|{_CODES})\b(?:\.(?=\s?\d))?)"
)
_AMOUNT = rf"(?:{_GROUPED}|\d(?:[\d,.’']{{0,30}}\d)?)"
_PATTERNS: dict[Kind, re.Pattern[str]] = {
    "number": re.compile(r"\d+|\b(one|half|hundred|thousand|million|once|twice)\b", re.I),
    "date": re.compile(
        rf"{_DATE}|\b(?:{_MONTH})\b|(?:{_OF_MONTH}){_MAY}\b|\b{_YEAR}\b"
        r"|\b(dai|week|month|quarter|year)ly\b|\bannual|\bevery\b|\byears?\b"
        r"|\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(morning|noon|afternoon|evening|midnight)\b"
        rf"|{_CLOCK}"
        # "When" is answered by what comes before as well.
        r"|\b(after|before|during|until|once|whenever|as soon as|within|at the (end|beginning|start))\b",
        re.I,
    ),
    "duration": re.compile(
        r"((?<!\d)\d+|\b(one|half))\b[-‐‑ ](?:\w{1,40}[ -])?"
        r"((second|minute|hour|day|week|month|year)s?|secondes?|heures?|jours?|semaines?|mois|ans?|années?)\b",
        re.I,
    ),
    "frequency": re.compile(
        r"\b(dai|week|month|quarter|year)ly\b|\bevery\b|\b(once|twice)\b|\bannual"
        r"|\bper (day|week|month|year)\b|\bperiodic|\bregular|\bcontinuous",
        re.I,
    ),
    "share": re.compile(r"\d\s?(%|per\s?cent\b)|\b1 in \d+|\b(half|thirds?|quarter|majority)\b", re.I),
    "time": re.compile(rf"{_CLOCK}|\bo'clock\b|\b(noon|midnight)\b", re.I),
    "money": re.compile(
        rf"{_CURRENCY}\s?{_AMOUNT}|\b{_AMOUNT}\s?((?:thousand|millions?|billions?|milliards?)\s)?{_CURRENCY}",
        re.I,
    ),
    "contact": re.compile(
        r"[\w.+-]{1,64}@[\w-]{1,63}\.\w|\+?\d[\d ()-]{6,}\d|https?://|\bwww\.|\b[\w-]{1,63}\.(gov|org|int)\b",
        re.I,
    ),
}
# "When" asks for a condition as well, where it names no date.
_WHEN = re.compile(r"\b(?:when|quand)\b", re.I)
_CONDITION = re.compile(
    r"\b(?:if|unless|where|when|provided|except|in (?:the )?case|as long as|si|lorsque|sauf|dès que)\b", re.I
)
# What each way of contact looks like, and how questions call it.
_ADDRESS = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_PHONE = r"\+?\d[\d ()-]{6,}\d"
_SITE = r"https?://\S+|\bwww\.\S+|\b[\w-]{1,63}\.(?:gov|org|int)\b(?:\.\w{1,63})?"
_CONTACTS = (
    (re.compile(r"\be-?mails?\b", re.I), re.compile(_ADDRESS)),
    (re.compile(r"\b(?:tele)?phone\b", re.I), re.compile(_PHONE)),
    (re.compile(r"\bwebsite\b|\blink\b", re.I), re.compile(_SITE, re.I)),
)
_COUNT = re.compile(_RANGE, re.I)
# A year counts nothing, nor does a decimal fraction such as an index value, unless of millions.
_A_COUNT = re.compile(
    rf"(?<![\d.,])(?!{_YEAR}(?![\d,]))\d+(?:[, \u00a0\u202f]\d{{3}})*(?![\d.,]*\d)|\d\s[a-z]"
)
# Article 6, Form 34: a number that names a thing counts none.
_NAMES_A_THING = re.compile(
    rf"(?:\b(?:{NAMED_BY_NUMBER})s?\.?(?:\s?(?:no|nr|n°|number)\.?)?|\bno\.|n°|#)[ \u00a0]?$", re.I
)
LONGEST_NAME = 24
# Kinds whose value can be lifted out of its sentence; "annual" is no date by itself, nor is a bare year.
_EXACT: dict[Kind, re.Pattern[str]] = {
    "duration": re.compile(
        rf"(?:{_RANGE}|\bone)[-‐‑ ](?:(?:working|calendar|business)\s)?"
        r"(?:second|minute|hour|day|week|month|year)s?\b"
        rf"|{_RANGE}\s(?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?|années?)\b",
        re.I,
    ),
    "share": re.compile(rf"{_RANGE}\s?(?:%|per\s?cent\b)", re.I),
    "time": _PATTERNS["time"],
    "money": _PATTERNS["money"],
    "date": re.compile(_DATE, re.I),
    "contact": re.compile(rf"{_ADDRESS}|{_PHONE}|https?://\S+|\bwww\.\S+", re.I),
}
_DEFINES = re.compile(r"\b(is|are|means?|denotes?|refers? to|stands? for|describes?|comprises?)\b|:|\(", re.I)
# A definition names what it defines within this many characters of its start.
_SUBJECT_CHARS = 80
# A month by its name alone, also where it may be another word.
_A_MONTH = re.compile(rf"\b(?:{_MONTH}|{_MAY})\b", re.I)
# A number counts a thing that stands at most this many content words away.
NEAR = 4
# "The three dimensions of the OGDI are" does not say what the OGDI is: its subject has more words.
EXTRA_WORDS = 1


def fits(question: Question, text: str, over: str = "") -> bool:
    r"""Tell whether a text holds the kind of thing that a question asks for.

    `over` is what stands over a row of a table, and says what its numbers count.

    >>> fits(Question("What is a contract?", "definition", ("contract",)), "A contract is an agreement.")
    True
    >>> fits(Question("What is a contract?", "definition", ("contract",)), "RISA signs the contract.")
    False
    >>> asked = Question("How many services?", "number", ("servic",), counted=frozenset(["servic"]))
    >>> fits(asked, "98 services"), fits(asked, "Post\t98"), fits(asked, "Post\t98", "Online services")
    (True, False, True)
    """
    if question.kind == "expansion":
        return _expands(text, question)
    if question.kind == "definition":
        return defines(text, question.terms)
    if question.counted:
        return any(_counted(text, question.counted)) or (
            bool(over) and _counted_over(text, over, question.counted)
        )
    if question.kind == "date" and _WHEN.search(question.text) and _CONDITION.search(text):
        return True
    pattern = _asked_contact(question) or _PATTERNS.get(question.kind)
    return pattern is None or bool(pattern.search(in_figures(text).text))


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
    told = in_figures(text)
    if question.kind == "expansion":
        found = [text[a:b] for acronym, a, b in definitions(text) if stem(acronym) in question.terms]
    elif (question.counted or question.kind == "share") and " and " in question.text:
        return ""  # Two things are asked for, and one number would answer for both.
    elif question.counted:
        found = [told.there(*place) for place in _counted(text, question.counted, alone=True)]
    else:
        pattern = _asked_contact(question) or _EXACT.get(question.kind)
        matches = pattern.finditer(told.text) if pattern else ()
        found = [told.there(*match.span()).strip() for match in matches]
    return found[0] if len(set(found)) == 1 else ""


def has_type(kind: Kind) -> bool:
    """Tell whether an answer to this kind of question can be told by its form."""
    return kind in _PATTERNS


def has_figure(text: str) -> bool:
    """Tell whether a text holds any number, in figures or words.

    >>> has_figure("Some two thirds of them"), has_figure("It is open to the public.")
    (True, False)
    """
    return bool(_PATTERNS["number"].search(in_figures(text).text))


def defines(text: str, wanted: Collection[str]) -> bool:
    """Tell whether a text begins by saying what something with these terms is."""
    verb = _DEFINES.search(text)
    if verb is None or verb.start() > _SUBJECT_CHARS:
        return False
    subject = set(terms(text[: verb.start()]))
    return bool(subject & {*wanted}) and len(subject - {*wanted}) <= EXTRA_WORDS


def gives_date(text: str) -> bool:
    """Tell whether a text gives a day or month of the calendar.

    >>> gives_date("It opens on 3 May 2024."), gives_date("It opens after lunch.")
    (True, False)
    """
    return bool(_EXACT["date"].search(text))


def same_date(one: str, other: str) -> bool:
    """Tell whether two texts can speak of the same date: a month they share, or else a year.

    >>> same_date("22-23 March 2023", "in March 2023"), same_date("11 May 2023", "22 March 2023")
    (True, False)
    """
    months = [{name.lower() for name in _A_MONTH.findall(text)} for text in (one, other)]
    years = [set(re.findall(rf"\b{_YEAR}\b", text)) for text in (one, other)]
    if any(months):
        # A bare year beside a day and month is too vague to be another date.
        return not all(months) or bool(months[0] & months[1])
    return bool(years[0] & years[1])


def values(kind: Kind, text: str) -> frozenset[str]:
    """Return the numbers, dates or addresses in a text, as far as the kind asks for such.

    >>> sorted(values("number", "45 of fifty"))
    ['45', '50']
    """
    pattern, told = _PATTERNS.get(kind), in_figures(text).text
    return frozenset(match.group().lower() for match in pattern.finditer(told)) if pattern else frozenset()


def _counted(text: str, counted: frozenset[str], *, alone: bool = False) -> Iterator[tuple[int, int]]:
    """Yield where a number stands, in the text in figures, that counts a thing near it.

    Where it stands `alone`, the words up to the numbers beside it speak of all that is counted.
    """
    told = in_figures(text).text
    if not counted <= term_set(text):
        return
    found = [match.span() for match in _COUNT.finditer(told)]
    # "A fine of 640 francs" counts no contracts, though these stand beside it.
    measured = [
        match.span()
        for kind in ("money", "duration")
        for match in _PATTERNS[kind].finditer(told)
        if not counted & term_set(match.group())
    ]
    ends = [0, *(end for _, end in found)]
    starts = [*(start for start, _ in found), len(told)]
    for place, (start, end) in enumerate(found):
        if not counts(told, start, end) or any(a <= start < b for a, b in measured):
            continue
        before = terms(told[ends[place] if alone else 0 : start])
        after = terms(told[end : starts[place + 1] if alone else len(told)])
        about = {*before, *after} if alone else counted
        if counted <= about and counted & {*before[-NEAR:], *after[:NEAR]}:
            yield start, end


def counts(text: str, start: int, end: int) -> bool:
    """Tell whether a number in a text counts or measures: it is no year, no index and names no article."""
    named = _NAMES_A_THING.search(text, max(0, start - LONGEST_NAME), start)
    return not named and bool(_A_COUNT.search(text[start:end]))


def _counted_over(row: str, over: str, counted: frozenset[str]) -> bool:
    """Tell whether a row has a number, and what is counted stands over it or in it."""
    told = in_figures(row).text
    has_number = any(counts(told, *match.span()) for match in _COUNT.finditer(told))
    return has_number and counted <= term_set(f"{row} {over}")


def _expands(text: str, question: Question) -> bool:
    """Tell whether a text writes out an acronym of the question."""
    return any(stem(acronym) in question.terms for acronym, _, _ in definitions(text))
