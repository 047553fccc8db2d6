"""Values as a workbook shows them: a value and its number format become text.

The formats are those of ECMA-376, part 1, 18.8.31. What this does not know (fractions, say) is shown plainly.
A format that follows the reader's own settings (the short date) gives an ISO date, which nobody misreads.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple, TypeAlias

Value: TypeAlias = str | bool | int | float | datetime | date | time | timedelta

MAX_DECIMALS = 30
# Formats that Excel shows as its reader's system does, by how openpyxl writes them.
OWN_DATES = {"mm-dd-yy": "yyyy-mm-dd", "m/d/yy h:mm": "yyyy-mm-dd hh:mm"}
TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_.|\*.'
    r"|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<span>h+|m+|s+)\]|\[[^\]]*\]"
    r"|(?P<general>General)|(?P<half>AM/PM|A/P)|(?P<power>E[+-])"
    r"|(?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+(?:\.0+)?)"
    r"|(?P<digit>[0#?])|(?P<sign>[.,%/@])|(?P<other>.)",
    re.I | re.S,
)
SECTION = re.compile(r'((?:"[^"]*"|\\.|\[[^\]]*\]|[^;"\\\[]|["\\\[])*)(?:;|$)', re.S)
CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)(-?\d+(?:\.\d+)?)\]")
COMPARED = {
    "<": lambda a, b: a < b, ">": lambda a, b: a > b, "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<>": lambda a, b: a != b,
}  # fmt: skip


class Token(NamedTuple):
    """One sign of a format: its kind, and its text."""

    kind: str
    text: str


def show(value: Value, code: str) -> str:
    """Return a value as a number format shows it.

    >>> show(1250.5, '#,##0.00 "EUR"'), show(0.375, "0.0%"), show(2024.0, "General"), show(-3, "0;(0)")
    ('1,250.50 EUR', '37.5%', '2024', '(3)')
    >>> show(datetime(2024, 9, 16, 9, 30), "d mmmm yyyy"), show(time(9, 30), "h:mm AM/PM")
    ('16 September 2024', '9:30 AM')
    """
    if isinstance(value, bool):
        return str(value).upper()
    if code == "General":
        return _plainly(value)
    try:
        return _formatted(value, code)
    except (ArithmeticError, ValueError):  # numbers beyond reckoning
        return _plainly(value)


def _formatted(value: Value, code: str) -> str:
    sections = _sections(code)
    if isinstance(value, str):
        return (
            "".join(value if t.text == "@" else t.text for t in sections[3]) if len(sections) > 3 else value
        )
    if isinstance(value, int | float):
        return _number(value, code, sections)
    shown = _date(value, _sections(OWN_DATES.get(code, code))[0])
    return shown or _plainly(value)


def _plainly(value: Value) -> str:
    """Return a value as people write it where no format says how."""
    if isinstance(value, int | float):
        return _general(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes").removesuffix(" 00:00")
    return str(value)


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[tuple[Token, ...], ...]:
    """Return the tokens of the sections of a format: for positive numbers, negative ones, zero and text."""
    return tuple(_tokens(section) for section in SECTION.findall(code)[: code.count(";") + 1][:4])


def _tokens(section: str) -> tuple[Token, ...]:
    tokens = []
    for found in TOKEN.finditer(section):
        kind, text = found.lastgroup, found[found.lastgroup or 0]
        if kind in ("quoted", "escaped", "currency", "other"):
            tokens.append(Token("literal", text))
        elif kind:
            tokens.append(Token(kind, text if kind in ("sign", "digit") else text.lower()))
    return tuple(tokens)


def _number(value: float, code: str, sections: tuple[tuple[Token, ...], ...]) -> str:
    """Return a number in the section of the format for it; a negative one may lack its own."""
    conditions = CONDITION.findall(code)
    if conditions:
        met = [COMPARED[sign](value, float(limit)) for sign, limit in conditions]
        at = met.index(True) if True in met else min(len(conditions), len(sections) - 1)
        own_sign = False
    else:
        at = 1 if value < 0 and len(sections) > 1 else 2 if value == 0 and len(sections) > 2 else 0
        own_sign = at == 1
    tokens = sections[at]
    shown = _filled(abs(value), tokens)
    minus = "-" if value < 0 and not own_sign and any(sign in "123456789" for sign in shown) else ""
    return minus + shown


def _filled(value: float, tokens: tuple[Token, ...]) -> str:
    """Return a number that is not negative with its digits where the format wants them."""
    kinds = {token.kind for token in tokens}
    if "date" in kinds or "span" in kinds or (Token("sign", "/") in tokens and "digit" in kinds):
        return _general(value)
    if "digit" not in kinds:
        return "".join(
            _general(value) if t.kind == "general" or t.text == "@" else t.text
            for t in tokens
            if t.text != "," or t.kind == "literal"
        ).strip()
    places = [at for at, token in enumerate(tokens) if token.kind == "digit"]
    first, last = places[0], places[-1]
    before = "".join(t.text for t in tokens[:first] if t.text not in ".," or t.kind == "literal")
    core, after = tokens[first : last + 1], list(tokens[last + 1 :])
    exact = Decimal(repr(value))
    while after and after[0] == Token("sign", ","):
        exact, after = exact / 1000, after[1:]
    exact *= 100 ** sum(t == Token("sign", "%") for t in tokens)
    if tokens[first - 1 : first] == (Token("sign", "."),):
        core, before = (Token("sign", "."), *core), before.removesuffix(".")
    digits = _scientific(exact, core) if "power" in kinds else _decimal(exact, core)
    return (before + digits + "".join(t.text for t in after)).strip()


def _decimal(value: Decimal, core: tuple[Token, ...]) -> str:
    """Return digits with the decimals, zeros, separators and inner signs of the core of a format."""
    point = core.index(Token("sign", ".")) if Token("sign", ".") in core else len(core)
    whole, decimals = core[:point], [t.text for t in core[point:] if t.kind == "digit"][:MAX_DECIMALS]
    text = f"{value.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP):f}"
    left, _, right = text.partition(".")
    needed = max((at + 1 for at, sign in enumerate(decimals) if sign != "#"), default=0)
    right = right[:needed] + right[needed:].rstrip("0")
    left = left.lstrip("0").rjust(sum(t.text == "0" for t in whole), "0")
    if any(t.kind == "literal" for t in whole):
        left = _spread(left, whole)
    elif Token("sign", ",") in whole:
        left = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", left)
    return left + (f".{right}" if right else "")


def _spread(digits: str, whole: tuple[Token, ...]) -> str:
    """Put digits, from the last one on, into a format with signs between them, such as 000-000."""
    shown: list[str] = []
    wanted = sum(t.kind == "digit" for t in whole)
    for token in reversed(whole):
        if token.kind == "digit":
            wanted -= 1
            shown.append(digits[-1:] if wanted else digits)
            digits = digits[:-1] if wanted else ""
        elif token.kind == "literal" and (digits or any(t.text == "0" for t in whole[:1])):
            shown.append(token.text)
    return "".join(reversed(shown))


def _scientific(value: Decimal, core: tuple[Token, ...]) -> str:
    at = next(at for at, token in enumerate(core) if token.kind == "power")
    signs = "".join(t.text for t in core[:at])
    text = f"{value:.{len(signs.partition('.')[2])}E}"
    mantissa, _, power = text.partition("E")
    sign = "-" if power.startswith("-") else "+" if core[at].text.endswith("+") else ""
    return f"{mantissa}E{sign}{power.lstrip('+-').zfill(len(core) - at - 1)}"


def _general(value: float) -> str:
    """Return a number as a cell without format shows it: whole without decimals, others with ten digits."""
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return str(int(value))
    return f"{value:.10g}".upper()


def _date(value: datetime | date | time | timedelta, tokens: tuple[Token, ...]) -> str:
    """Return a date, a time or a duration in a format, or nothing if the format says nothing of dates."""
    if not any(token.kind in ("date", "span") for token in tokens):
        return ""
    elapsed = value if isinstance(value, timedelta) else None
    moment = _moment(value)
    half_day = any(token.kind == "half" for token in tokens)
    units = [t.text[:1] if t.kind in ("date", "span") else "" for t in tokens]
    told = [unit for unit in units if unit]
    shown, seen = [], 0
    for token, unit in zip(tokens, units, strict=True):
        if unit:
            seen += 1
        minutes = unit == "m" and ("h" in told[seen - 2 : seen - 1] or "s" in told[seen : seen + 1])
        if token.kind == "span":
            total = (elapsed or moment - datetime.min).total_seconds()
            shown.append(str(int(total // {"h": 3600, "m": 60, "s": 1}[unit])).zfill(len(token.text)))
        elif token.kind == "half":
            shown.append("AM" if moment.hour < 12 else "PM")
        elif unit:
            shown.append(_unit(moment, token.text, minutes, half_day))
        else:
            shown.append("" if token.text == "@" else token.text)
    return "".join(shown).strip()


def _moment(value: datetime | date | time | timedelta) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    if isinstance(value, time):
        return datetime.combine(date.min, value)
    return datetime.min + max(value, timedelta())


def _unit(moment: datetime, text: str, minutes: bool, half_day: bool) -> str:
    """Return one part of a date or time as a format's letters want it."""
    count = len(text.partition(".")[0])
    match text[0]:
        case "y":
            return f"{moment:%Y}" if count > 2 else f"{moment:%y}"
        case "m" if not minutes:
            names = {3: f"{moment:%B}"[:3], 5: f"{moment:%B}"[:1]}
            return names.get(count, f"{moment:%B}") if count > 2 else str(moment.month).zfill(count)
        case "d" if count > 2:
            return f"{moment:%A}" if count > 3 else f"{moment:%a}"
        case "s":
            decimals = len(text.partition(".")[2])
            fraction = f".{moment.microsecond:06}"[: decimals + 1] if decimals else ""
            return str(moment.second).zfill(count) + fraction
    number = {"m": moment.minute, "d": moment.day, "h": moment.hour}[text[0]]
    if text[0] == "h" and half_day:
        number = number % 12 or 12
    return str(number).zfill(min(count, 2))
