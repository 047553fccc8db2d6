"""Questions over the rows of a table, reckoned in code: the largest, what fell, how many, how much together.

A question is taken only where all that it says is found in the table, its caption, its headings and its
title, and where its column is certain. What is said is in the words of the cells and cites every row that it
uses; a row of totals is none of the rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from kb.answering.answer_types import gives_date, values
from kb.answering.evidence import Evidence, Listing
from kb.answering.numerals import in_figures
from kb.answering.quantities import units_named
from kb.retrieval.relevance import term_set
from kb.text import NUMBER_WORDS, stem
from kb.types import Citation, Claim

# A table is asked about if one of its rows is among so many of the best quotes.
NEAR = 3
# Words of a question that stand nowhere over or in the table; none is a name, a number or what is counted.
MOST_UNEXPLAINED = 1
# A cell is told by itself where the best quote is less likely to answer than this.
LIKELY = 0.5
# Rows that anybody reads in an answer.
MOST_ROWS = 40
# A table of fewer rows needs no reckoning, nor does a column with fewer numbers.
FEWEST_ROWS = 2

_TOTAL = re.compile(
    r"^\W*(?:(?:grand|sub|overall|general)[\s-]?)?(?:totals?|totaux|sum|overall|average|mean|moyenne|ensemble|all)\b",
    re.I,
)
_VALUE = re.compile(
    r"[^\w\s]{0,3}\s?(?:[A-Z]{2,4}\s?)?([-−–]?\d[\d.,’' \u00a0\u202f]*)"
    r"(?:\s?(?:%|[^\W\d]{1,12}\.?|[^\w\s]{1,2}))?"
)
_BLANK = re.compile(r"\W*|n/?a|nil", re.I)
# What stands in brackets behind a name.
_ASIDE = re.compile(r"(?<=\w)\s*[(\[][^)\]]*[)\]]\s*$")
_A_YEAR = re.compile(r"(?:19|20)\d\d")
# What a question says of totals when it wants the rows alone.
_NO_TOTAL = re.compile(
    r",?\s*\b(?:leaving out|leave out|without|excluding|except(?: for)?|not counting|apart from|ignoring)"
    r" (?:the |any )?(?:(?:grand|sub)[\s-]?)?totals?(?: row| line)?\b,?",
    re.I,
)
_MOST = re.compile(
    r"\b(?<!at )(?:most|highest|largest|biggest|greatest|longest|maximum|tallest|dearest|top)\b(?! of\b)"
    r"|\b(?:more|higher|larger|bigger|greater|longer)\b(?!.*\bthan\b)|\bles? plus\b|\bla plus\b",
    re.I,
)
_LEAST = re.compile(
    r"\b(?<!at )(?:least|lowest|smallest|fewest|shortest|minimum|cheapest)\b"
    r"|\b(?:less|fewer|lower|smaller|shorter|cheaper)\b(?!.*\bthan\b)|\bles? moins\b|\bla moins\b",
    re.I,
)
_FELL = re.compile(
    r"\b(?:fell|fall(?:s|en)?|decreas\w+|declin\w+|dropp?(?:s|ed)?|shrank|shrunk|lost|went down)\b"
    r"|\b(?:less|fewer|lower|smaller)\b.*\bthan\b",
    re.I,
)
_ROSE = re.compile(
    r"\b(?:rose|risen|rises?|increas\w+|grew|grows?|grown|gained|went up)\b"
    r"|\b(?:more|higher|larger|greater)\b.*\bthan\b",
    re.I,
)
_TOGETHER = re.compile(
    r"\b(?:in total|total|altogether|together|in all|sum|combined|overall|au total)\b", re.I
)
_APART = re.compile(
    r"\bhow (?:much|many) (?:more|less|fewer|higher|lower)\b|\bby how (?:much|many)\b|\bdifference\b", re.I
)
_LIMIT = re.compile(
    r"\b(more than|over|above|exceed\w*|greater than|higher than|at least|less than|under|below|fewer than"
    r"|lower than|at most|up to)\s+(?:[A-Z]{3}\s|[^\w\s])?(\d[\d.,]*)",
    re.I,
)
_LIMITS: dict[str, Callable[[float, float], bool]] = {
    **dict.fromkeys(("more than", "over", "above", "greater than", "higher than"), float.__gt__),
    **dict.fromkeys(("less than", "under", "below", "fewer than", "lower than"), float.__lt__),
    **{"at least": float.__ge__, "at most": float.__le__, "up to": float.__le__},
}
_FIRST = re.compile(rf"\b(?<!of )(?<!of the )(\d{{1,2}}|{'|'.join(NUMBER_WORDS)})\b", re.I)
_ASKS_WHICH = re.compile(r"\b(?:which|what|who|whose|name|list|quel(?:le)?s?|qui)\b", re.I)
_ASKS_MANY = re.compile(r"\bhow many\b|\bnumber of\b|\bcombien d|\bnombre d", re.I)
_ASKS_MUCH = re.compile(r"\bhow (?:much|many)\b|\bwhat\b|\bcombien\b|\bquel\b", re.I)
# The noun whose number or height is asked for must stand over the table.
_NOUN = re.compile(
    r"\b(?:most|highest|largest|biggest|greatest|longest|more|higher|larger|least|lowest|smallest|fewest|less|fewer|lower"
    r"|how many|how much|number of)\s+([\w-]+)",
    re.I,
)
# What questions say of money.
_PRICE = term_set("cost price charge pay paid fee")
_OF_OPERATIONS = term_set(
    """most highest largest biggest greatest longest maximum tallest dearest top more higher larger bigger
    greater longer least lowest smallest fewest shortest minimum cheapest less fewer lower smaller shorter
    cheaper fell fall fallen decreased declined dropped shrank shrunk lost went down rose risen rises
    increased grew grown gained up total totals altogether together sum combined overall difference exceed
    exceeds exceeded compared number rank ranked plus moins combien nombre quel quelle"""
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: its cells and where it stands; `group` is the row that names the rows below it."""

    cells: tuple[str, ...]
    citation: Citation
    group: Citation | None = None

    @property
    def name(self) -> str:
        """What the row is about: its first cell, and the last one where that is its group's name."""
        return f"{self.cells[-1]}, {self.cells[0]}" if self.group else self.cells[0]


@dataclass(frozen=True)
class Table:
    """A table under one header; `rows` are without those of totals, `context` is all that stands over it.

    Where rows stand under names of groups, those are the cells of a last column that has no name.
    """

    header: Citation
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...]
    context: str
    caption: Citation | None = None

    @classmethod
    def of(cls, listing: Listing) -> Table | None:
        """Return a listing as a table, None if it is none that can be reckoned with."""
        if listing.kind != "table_row" or listing.lead is None or "\t" not in listing.label:
            return None
        names = tuple(cell.strip() for cell in listing.label.split("\t"))
        rows = [Row(tuple(cell.strip() for cell in item.quote.split("\t")), item) for item in listing.items]
        # A row with more or fewer cells was not read as it stands.
        if any(len(row.cells) > len(names) for row in rows):
            return None
        kept = [Row((*row.cells, *[""] * (len(names) - len(row.cells))), row.citation) for row in rows]
        if _is_label(kept[0]) and not _is_label(kept[-1]):
            kept, names = _grouped(kept), (*names, "")
        totals = tuple(row for row in kept if _TOTAL.search(row.cells[0]))
        body = tuple(row for row in kept if row not in totals and row.cells[0])
        if len(body) + len(totals) < len(kept) or len(body) < FEWEST_ROWS:
            return None
        context = f"{listing.context} {listing.about}"
        return cls(listing.lead, names, body, totals, context, listing.caption)

    @property
    def is_named(self) -> bool:
        """Whether each row has a name of its own: else there is no telling what the rows are of."""
        return len({row.name for row in self.rows}) == len(self.rows)

    @cached_property
    def heads(self) -> tuple[frozenset[str], ...]:
        """The terms of each column's name; a bare year goes on with the words of the name before it."""
        found, carried = list[frozenset[str]](), frozenset[str]()
        for name in self.names:
            own = term_set(name)
            words = frozenset(term for term in own if not _A_YEAR.fullmatch(term))
            if words:
                carried = words if words < own else frozenset()
            found.append(own if words else own | carried)
        return tuple(found)

    def value(self, row: Row, column: int) -> float | None:
        """Return the number of a cell, None for an empty one."""
        return number(row.cells[column])

    @cached_property
    def numeric(self) -> tuple[int, ...]:
        """The columns of numbers, blanks allowed."""
        return tuple(c for c in range(1, len(self.names)) if self._is_numeric(c))

    def _is_numeric(self, column: int) -> bool:
        cells = [row.cells[column] for row in self.rows]
        told = [cell for cell in cells if not _BLANK.fullmatch(cell)]
        years = all(_A_YEAR.fullmatch(cell) for cell in told)
        return len(told) >= FEWEST_ROWS and not years and all(number(cell) is not None for cell in told)


def _is_label(row: Row) -> bool:
    """Tell whether a row is but a name, as that of the rows below it."""
    return bool(row.cells[0]) and not any(row.cells[1:])


def _grouped(rows: Sequence[Row]) -> list[Row]:
    """Return rows without the names of their groups, which become the last cell of each."""
    found, group = list[Row](), rows[0]
    for row in rows:
        if _is_label(row):
            group = row
        else:
            found.append(Row((*row.cells, group.cells[0]), row.citation, group.citation))
    return found


def number(cell: str) -> float | None:
    """Return the number that a cell holds, with a unit or currency or without; None if it holds other words.

    >>> [number(cell) for cell in ("61,020", "EUR 4.5", "12 %", "1 250", "3,5", "(2)", "12 of 14", "n/a")]
    [61020.0, 4.5, 12.0, 1250.0, 3.5, 2.0, None, None]
    """
    found = _VALUE.fullmatch(in_figures(cell.strip()).text)
    if found is None:
        return None
    figure = re.sub(r"[’' \u00a0\u202f]", "", found.group(1).replace("−", "-").replace("–", "-"))
    figure = re.sub(r",(?=\d{3}(?:\D|$))", "", figure).replace(",", ".")
    try:
        return float(figure)
    except ValueError:
        return None


def asks_for(text: str) -> int:
    """Return 1 where a question asks which is the largest, -1 for the smallest, 0 for neither.

    >>> [asks_for(f"Which town {has}?") for has in ("pays the higher fee", "has at least two", "pays least")]
    [1, 0, -1]
    """
    found = bool(_MOST.search(text)) - bool(_LEAST.search(text))
    return found if _ASKS_WHICH.search(text) else 0


def reckoned(evidence: Evidence) -> list[Claim]:
    """Return what a table gives for a question over its rows; empty where that is not certain."""
    near = [unit.citation for unit in evidence.units[:NEAR] if unit.kind == "table_row"]
    for listing in evidence.lists:
        if (table := Table.of(listing)) is None:
            continue
        asked = _Asked(evidence, table)
        if any(quote in listing.items for quote in near) or asked.names_it:
            claims = asked.told()
            if claims:
                return claims
    return []


def is_reckoned(claims: Sequence[Claim]) -> bool:
    """Tell whether claims begin with what a table gives, and not with a quote."""
    return bool(claims) and claims[0].support == "supported"


@dataclass(frozen=True)
class _Asked:
    """A question held against a table: the rows that it is about, the column, and what it wants of them."""

    evidence: Evidence
    table: Table

    @cached_property
    def text(self) -> str:
        return _NO_TOTAL.sub(" ", self.evidence.question.text)

    @cached_property
    def terms(self) -> frozenset[str]:
        return term_set(self.text) - _OF_OPERATIONS

    def told(self) -> list[Claim]:
        """Return the claims of the kind of reckoning that the question asks for, or the row that it names."""
        return (self.reckoned() if self.is_certain else []) or self.row()

    def reckoned(self) -> list[Claim]:
        """Return what the rows give together, or the one cell that is asked for."""
        if not self.table.is_named:
            return self.cell()
        if _APART.search(self.text):
            return self.apart()
        if _ASKS_WHICH.search(self.text) and bool(_FELL.search(self.text)) != bool(_ROSE.search(self.text)):
            return self.changed()
        if asks_for(self.text):
            return self.extreme()
        if _TOGETHER.search(self.text):
            return self.together()
        return self.counted() or self.cell()

    @cached_property
    def unexplained(self) -> frozenset[str]:
        """The terms of the question that stand neither in the table nor over it."""
        cells = " ".join(cell for row in self.rows for cell in row.cells)
        names = " ".join(self.table.names)
        over = (
            f"{names} {' '.join(units_named(names))} {self.table.context} {cells if self.conditions else ''}"
        )
        limits = " ".join(match.group(2) for match in self.limits)
        left = self.terms - term_set(f"{over} {limits} {self.first or ''}").union(*self.table.heads)
        cover = self.evidence.relevance
        return frozenset(term for term in left if cover.of([term]).coverage(over) < 1)

    @cached_property
    def is_certain(self) -> bool:
        """Whether what the question says stands in the table or over it."""
        nouns = {stem(match.group(1).lower()) for match in _NOUN.finditer(self.text)}
        named = self._names | nouns
        left = self.unexplained
        return len(left) <= MOST_UNEXPLAINED and not any(t in named or t[0].isdigit() for t in left)

    @property
    def _names(self) -> frozenset[str]:
        return self.evidence.question.names | self.evidence.question.capitals

    @cached_property
    def limits(self) -> list[re.Match[str]]:
        """The limits that the question sets, but none that names a row: "more than 60 days late"."""
        cells = " ".join(cell.lower() for cells in self.conditions.values() for cell in cells)
        found = _LIMIT.finditer(in_figures(self.text).text)
        return [match for match in found if match.group().lower() not in cells]

    @property
    def names_it(self) -> bool:
        """Whether a question for the most or least names the rows, their column, and nothing else."""
        told = asks_for(self.text) and self.terms & self.table.heads[0]
        return bool(told) and self.column is not None and not self.unexplained

    @cached_property
    def first(self) -> int | None:
        """The 3 of "the three largest"."""
        found = _MOST.search(self.text) or _LEAST.search(self.text)
        counts = _FIRST.findall(self.text[: found.start()] if found else "")
        after = re.match(r"\W*(\d{1,2})\b", self.text[found.end() :]) if found else None
        said = after.group(1) if after else counts[-1] if counts else None
        return int(NUMBER_WORDS.get(said.lower(), said)) if said else None

    @cached_property
    def conditions(self) -> dict[int, frozenset[str]]:
        """Which cells of which column the question names, in full; columns of figures are not looked at.

        Of "Legal" and "Legal officer 3" it names the longer one.
        """
        heads = frozenset[str]().union(*self.table.heads)
        met = {
            (column, row.cells[column]): own
            for column in range(len(self.table.names))
            for row in self.table.rows
            if column not in self.table.numeric and (own := self._said_of(row.cells[column]))
            if not own <= heads
        }
        found: dict[int, frozenset[str]] = {}
        for (column, cell), own in met.items():
            if not any(own < other for other in met.values()):
                found[column] = found.get(column, frozenset()) | {cell}
        return found

    def _said_of(self, cell: str) -> frozenset[str]:
        """Return the terms of a cell if the question has them all, or the year of a date; else none."""
        own = term_set(_ASIDE.sub("", cell)) - _OF_OPERATIONS
        if not own <= self.terms and gives_date(cell):
            own = frozenset(term for term in own if _A_YEAR.fullmatch(term))
        return own if own <= self.terms else frozenset()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows that meet what the question names, and the limits that it sets."""
        kept = [
            row
            for row in self.table.rows
            if all(row.cells[column] in cells for column, cells in self.conditions.items())
        ]
        for match in self.limits:
            holds, limit = (
                _LIMITS.get(match.group(1).lower(), float.__gt__),
                number(match.group(2).rstrip(".,")),
            )
            if self.column is None or limit is None:
                return ()
            kept = [
                r for r in kept if (v := self.table.value(r, self.column)) is not None and holds(v, limit)
            ]
        return tuple(kept)

    @cached_property
    def named(self) -> list[int]:
        """The columns of figures whose names the question says something of, those it says most of."""
        met = {column: len(self.table.heads[column] & self.terms) for column in self.table.numeric}
        most = max(met.values(), default=0)
        return [column for column, count in met.items() if count == most] if most else []

    @cached_property
    def column(self) -> int | None:
        """The one column of figures that is asked about, if it is certain."""
        if len(self.named) == 1:
            return self.named[0]
        only = len(self.table.numeric) == 1 and not self.named and not self.unexplained
        return self.table.numeric[0] if only else None

    def changed(self) -> list[Claim]:
        """Tell which rows rose or fell between two columns that the question names, or that are years."""
        pair = self._pair()
        if pair is None:
            return []
        sign = -1 if _FELL.search(self.text) else 1
        moved = [(row, after - before) for row in self.rows for before, after in [self._both(row, pair)]]
        kept = [row for row, by in moved if sign * by > 0]
        if _MOST.search(self.text):
            most = max((sign * by for _, by in moved), default=0)
            kept = [row for row, by in moved if sign * by == most > 0]
        said = [
            f"{row.name}: {row.cells[pair[0]]} ({self.table.names[pair[0]]}), "
            f"{row.cells[pair[1]]} ({self.table.names[pair[1]]})"
            for row in kept
        ]
        return self._claims("; ".join(said), kept)

    def _pair(self) -> tuple[int, int] | None:
        """Return the columns that are compared, the earlier one or what is compared with first."""
        years = [c for c in self.table.numeric if any(_A_YEAR.fullmatch(t) for t in self.table.heads[c])]
        named = self.named if len(self.named) == 2 else years if not self.named and len(years) == 2 else []
        full = all(self.table.value(row, c) is not None for row in self.rows for c in named)
        if not named or not full:
            return None
        if "than" in self.text.lower().split():
            before = term_set(self.text.lower().partition(" than ")[2])
            met = [c for c in named if self.table.heads[c] & before]
            return (met[0], next(c for c in named if c != met[0])) if len(met) == 1 else None
        one, other = sorted(named, key=lambda c: [t for t in self.table.heads[c] if _A_YEAR.fullmatch(t)])
        return (one, other) if {one, other} <= {*years} else None

    def _both(self, row: Row, pair: tuple[int, int]) -> tuple[float, float]:
        before, after = (self.table.value(row, column) for column in pair)
        return before or 0.0, after or 0.0

    def extreme(self) -> list[Claim]:
        """Tell which rows have the largest or smallest values."""
        most = asks_for(self.text) > 0
        if self.column is None:
            return []
        valued = [(v, row) for row in self.rows if (v := self.table.value(row, self.column)) is not None]
        if len(valued) < FEWEST_ROWS or len({v for v, _ in valued}) == 1:
            return []
        ordered = sorted(valued, key=lambda pair: -pair[0] if most else pair[0])
        last = ordered[min(self.first or 1, len(ordered)) - 1][0]
        kept = [row for v, row in ordered if (v >= last if most else v <= last)]
        return self._claims("; ".join(f"{row.name}: {row.cells[self.column]}" for row in kept), kept)

    def together(self) -> list[Claim]:
        """Tell the sum over the rows, where the question asks for one that the table does not give itself."""
        column, whole = self.column, not self.conditions and not self.limits
        if column is None or not _ASKS_MUCH.search(self.text):
            return []
        if (whole and self.table.totals) or len(self.rows) < FEWEST_ROWS or "%" in self._shown(column):
            return []
        values = [self.table.value(row, column) for row in self.rows]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return []
        added = " + ".join(f"{row.cells[column]} ({row.name})" for row in self.rows)
        return self._claims(f"{_written(sum(known))} = {added}", self.rows)

    def apart(self) -> list[Claim]:
        """Tell how far two rows lie apart that the question names, or one row in two columns."""
        pair, column = self._pair(), self.column
        told: list[tuple[float | None, str]] = []
        if len(self.rows) == 2 and column is not None and 0 in self.conditions:
            told = [(self.table.value(r, column), f"{r.cells[column]} ({r.name})") for r in self.rows]
        elif len(self.rows) == 1 and pair is not None:
            [row] = self.rows
            told = [(self.table.value(row, c), f"{row.cells[c]} ({self.table.names[c]})") for c in pair]
        known = sorted(((value, said) for value, said in told if value is not None), reverse=True)
        if len(known) != 2:
            return []
        (more, above), (less, below) = known
        return self._claims(f"{_written(more - less)} = {above} - {below}", self.rows)

    def _shown(self, column: int) -> str:
        return " ".join((self.table.names[column], *(row.cells[column] for row in self.rows)))

    def counted(self) -> list[Claim]:
        """Tell how many rows meet the question's conditions, or which do."""
        what = self.evidence.question.counted
        many = bool(_ASKS_MANY.search(self.text) and what)
        narrowed = {*self.conditions} - {0} or self.limits
        subject = self.table.heads[0]
        if not self.rows or 0 in self.conditions or self.unexplained or len(self.rows) > MOST_ROWS:
            return []
        if many:
            # "How many clinics" with a column of clinics asks for a cell.
            cell = any(what & self.table.heads[column] for column in self.table.numeric)
            if cell or not what & subject:
                return []
            return self._claims(f"{len(self.rows)}: {', '.join(row.name for row in self.rows)}", self.rows)
        asked = re.search(rf"{_ASKS_WHICH.pattern}\s+([\w-]+)", self.text, re.I)
        if asked is None or not narrowed or not term_set(asked.group(1)) & subject:
            return []
        return self._quoted(self.rows)

    def cell(self) -> list[Claim]:
        """Tell the cell of the one row and the one column that the question names, where no quote is sure.

        The reader knows sentences: a row that is named in so many words needs it least.
        """
        asked = [c for c in range(len(self.table.names)) if c not in self.conditions]
        met = {c: len((self.table.heads[c] | self._units(c)) & self.terms) for c in asked}
        named = [c for c, count in met.items() if count and count == max(met.values())]
        if self._is_answered or len(named) != 1 or not self.conditions:
            return []
        if self.unexplained - self._measure(named[0]) and not self._is_said(named[0]):
            return []
        rows = self.rows
        if len(rows) != 1 or not rows[0].cells[named[0]]:
            return []
        about = ", ".join(rows[0].cells[column] for column in sorted(self.conditions))
        return self._claims(f"{about}: {rows[0].cells[named[0]]}", rows)

    def row(self) -> list[Claim]:
        """Quote the one row that the question names, instead of the whole table."""
        cells = term_set(" ".join(cell for row in self.table.rows for cell in row.cells))
        strange = (self.unexplained & self._names) - cells
        if self._is_answered or 0 not in self.conditions or len(self.rows) != 1 or strange:
            return []
        return self._quoted(self.rows)

    @property
    def _is_answered(self) -> bool:
        """Tell whether a sentence answers, as far as the reader can say; of rows it says too little."""
        return self.evidence.likely >= LIKELY and self.evidence.units[0].kind != "table_row"

    def _measure(self, column: int) -> frozenset[str]:
        """Return the terms that say no more than what the figures of a column measure: money, or a unit."""
        shown = re.sub(r"[()\[\]]", " ", f"{self.table.names[column]} {self.rows[0].cells[column]}")
        units = self._units(column)
        return units | _PRICE if values("money", " ".join(shown.split())) else units

    def _units(self, column: int) -> frozenset[str]:
        return term_set(" ".join(units_named(self.table.names[column])))

    def _is_said(self, column: int) -> bool:
        """Tell whether a question says all words over a column, so that what else it says is its verb."""
        return term_set(re.sub(r"[(\[][^)\]]*[)\]]", "", self.table.names[column])) <= self.terms

    def _claims(self, said: str, rows: Sequence[Row]) -> list[Claim]:
        """Return a statement on some rows, and them under their header; nothing without rows."""
        if not rows:
            return []
        groups = dict.fromkeys(row.group for row in rows if row.group)
        cited = (*(row.citation for row in rows), *groups, self.table.header)
        return [Claim(said, cited, "supported"), *self._quoted(rows)]

    def _quoted(self, rows: Iterable[Row]) -> list[Claim]:
        over = [quote for quote in (self.table.caption, self.table.header) if quote]
        leads = [Claim(quote.quote, (quote,), "quoted", "lead") for quote in over]
        told = dict.fromkeys(quote for row in rows for quote in (row.group, row.citation) if quote)
        return [*leads, *(Claim(quote.quote, (quote,), "quoted", "row") for quote in told)]


def _written(value: float) -> str:
    """Return a sum as figures, with thousands apart and no more decimals than needed."""
    return f"{round(value, 6):,.10g}" if value != int(value) else f"{int(value):,}"
