"""Questions for EGDI figures, answered from the rows of the table that the index holds, and cited by row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from kb.egdi import wording
from kb.egdi.figures import Figures, Row, figures_in
from kb.egdi.method import Method
from kb.egdi.question import Asked, may_ask, read
from kb.types import Answer, Citation, Claim, Option, PassageIndex, Pointer

# Rows of a ranking where no number is asked for, editions offered where none is named,
# and rows that anybody reads in an answer.
TOP, OFFERED, MOST_ROWS = 10, 3, 50
ENDS = frozenset({"highest", "lowest"})
# What a question of each kind may say beside its countries and years: anything more asks something else.
PLACED_SAYS = frozenset({"rank", "newest", "highest", "country", "who"})
ENDS_SAY = ENDS | {"rank", "newest", "country", "countries", "who"}
PEAK_SAYS = ENDS | {"rank", "when", "all", "span"}
COURSE_SAYS = frozenset({"change", "all", "span", "rank", "versus", "how"})
COMPARED_SAYS = ENDS | {"versus", "ahead", "better", "rank", "newest", "country", "who", "how", "where"}
SINGLE_SAYS = frozenset({"rank", "newest", "highest", "how", "where"})
FEWER = f"Only {MOST_ROWS} rows are shown."
EGDI_ONLY = "The table ranks countries by their EGDI, not by its parts."
PARTLY = "Scores of different editions are only partly comparable, because the method is improved each time."


def answer(question: str, index: PassageIndex, documents: Collection[str] | None = None) -> Answer | None:
    """Answer a question in English that stands by itself; None if it is none for the table's figures.

    Only `documents` (ids) are used, all if None.
    """
    if not may_ask(question):
        return None
    figures = figures_in(index)
    if not figures.rows or (documents is not None and figures.document not in documents):
        return None
    asked = read(question, figures)
    return _Reply(question, asked, figures, Method(index, documents)).made() if asked else None


@dataclass(frozen=True, slots=True)
class _Reply:
    """One question on its way to an answer; each method takes one kind of question, or passes."""

    question: str
    asked: Asked
    figures: Figures
    method: Method

    @property
    def index(self) -> str:
        return self.asked.index or "egdi"

    @property
    def codes(self) -> tuple[str, ...]:
        return self.asked.countries

    @property
    def lowest(self) -> bool:
        return "lowest" in self.asked.slots

    @property
    def rank(self) -> bool:
        return "rank" in self.asked.slots

    def made(self) -> Answer | None:
        """Return the answer of the first kind that the question is of."""
        if not self.asked.about_figures:
            return None
        several = (self.several,) if self.codes else ()
        one = (self.placed, self.ends, self.peak, self.course, self.compared, self.single)
        kinds = (self.no_edition, *(one if len(self.asked.indices) < 2 else several))
        return next((answer for kind in kinds if (answer := kind())), None)

    def no_edition(self) -> Answer | None:
        """Decline for a year without an edition, and say which are nearest."""
        missing = [year for year in self.asked.years if year not in self.figures.editions]
        sought = self.asked.place or len(ENDS & self.asked.slots) == 1
        if not missing or not (self.codes or (sought and self._says(ENDS_SAY | {"will"}))):
            return None
        before = [year for year in self.figures.editions if year < missing[0]][-1:]
        near = [*before, *[year for year in self.figures.editions if year > missing[0]][:1]]
        note = f"The table has no edition of {missing[0]}; nearest to it: {', '.join(map(str, near))}."
        rows = self.figures.select(self.codes, near)
        return self._declined(note, rows or [row for year in near for row in self._sought(year)])

    def placed(self) -> Answer | None:
        """Tell who has a certain rank in an edition."""
        if self.asked.place is None or self.asked.count or self.codes or self.index != "egdi":
            return None
        if not self._says(PLACED_SAYS) or len(self.asked.years) > 1:
            return None
        if not self._dated():
            what = f"Which country has EGDI rank {self.asked.place} in {{}}?"
            offered = self.figures.editions[-OFFERED:]
            ranked = {year: self._at(self.asked.place, year) for year in reversed(offered)}
            return self._offered(what, ranked)
        rows = self._at(self.asked.place, self.edition())
        sentences = [wording.figure(row, "egdi", rank=True) for row in rows]
        exact = rows[0].country if len(rows) == 1 else ""
        return self._answered(wording.told(" ".join(sentences), rows), exact) if rows else None

    def ends(self) -> Answer | None:
        """Tell which countries stand highest or lowest in an edition."""
        if self.codes or self.asked.place or not self._says(ENDS_SAY) or len(self.asked.years) > 1:
            return None
        count = self.asked.count or (TOP if "countries" in self.asked.slots else 1)
        if len(ENDS & self.asked.slots) != 1:
            return None
        rows = self._ends(self.edition())
        # Countries with the same value as the last one that is listed belong to the list.
        last = [row[self.index] for row in rows[:count][-1:]]
        kept = [row for row in rows if row in rows[:count] or row[self.index] in last][:MOST_ROWS]
        if not kept:
            note = f"The table has no {self.index.upper()} of {self.edition()}."
            return self._declined(note, self.figures.edition(self.edition())[:1])
        sentence = wording.extreme(kept[0], self.index, lowest=self.lowest)
        claims = (wording.stated(sentence, kept[:1]), *wording.table(kept))
        notes = (FEWER,) if min(count, len(rows)) > MOST_ROWS else ()
        return self._answered(claims, kept[0].country if len(kept) == 1 else "", notes)

    def peak(self) -> Answer | None:
        """Tell in which edition a country stood best or worst."""
        asked = self.asked
        if len(self.codes) != 1 or not self._alone(PEAK_SAYS) or len(ENDS & asked.slots) != 1:
            return None
        if len(asked.years) == 1 and not asked.since:
            return None
        held = self.figures.select(self.codes, self._span())
        rows = self._valued(held)
        if not rows:
            return self._declined(" ".join(self._missing(self._span())), held)
        ranked = self.rank and self.index == "egdi"
        by = _by_rank if ranked else _by(self.index)
        row = (min if self.lowest else max)(rows, key=by)
        sentence = wording.peak(row, self.index, lowest=self.lowest, rank=ranked)
        plain = str(row.rank) if ranked else wording.number(row, self.index)
        exact = str(row.edition) if "when" in self.asked.slots else plain
        return self._answered((*wording.told(sentence, [row]), *self._caution()), exact)

    def course(self) -> Answer | None:
        """Tell how values changed over editions."""
        editions = self._span()
        if not self.codes or len(editions) < 2 or not self._over_time() or not self._alone(COURSE_SAYS):
            return None
        if len(self.asked.years) == 1 and not self.asked.since:
            return None
        # Of the editions that are named, not of those between or since.
        claims, notes = list[Claim](), self._missing(self.asked.years)
        for code in self.codes:
            rows = self._valued(self.figures.select([code], editions))
            if len(rows) < 2:
                return self._declined(" ".join(self._missing(editions)), rows)
            claims += wording.told(wording.course(rows, self.index), rows)
            notes.append(wording.difference(rows, self.index))
        caution = self._caution()
        return self._answered((*claims, *caution), notes=(*notes, *(() if caution else (PARTLY,))))

    def compared(self) -> Answer | None:
        """Tell how countries stand in one edition."""
        if len(self.codes) < 2 or len(self.asked.years) > 1 or not self._alone(COMPARED_SAYS):
            return None
        if missing := self._missing([self.edition()]):
            return self._declined(" ".join(missing), self._near())
        valued = self._ordered(self.figures.select(self.codes, [self.edition()]))
        return self._answered(wording.told(wording.order(valued, self.index), valued))

    def single(self) -> Answer | None:
        """Tell one figure of one country, or ask which edition is meant."""
        if len(self.codes) != 1 or len(self.asked.years) > 1 or not self._alone(SINGLE_SAYS):
            return None
        if not self._dated():
            rows = self._valued(self.figures.select(self.codes, self.figures.editions))
            newest = {row.edition: [row] for row in rows[-OFFERED:][::-1]}
            name = self.figures.countries.by_code[self.codes[0]].english
            what = f"EGDI{' rank' * self.rank}" if self.index == "egdi" else self.index.upper()
            return self._offered(f"What is the {what} of {name} in {{}}?", newest)
        if missing := self._missing([self.edition()]):
            return self._declined(" ".join(missing), self._near())
        [row] = self.figures.select(self.codes, [self.edition()])
        ranked = self.rank and self.index == "egdi"
        exact = str(row.rank) if ranked else wording.number(row, self.index)
        sentence = wording.figure(row, self.index, rank=self.rank)
        notes = (EGDI_ONLY,) if self.rank and not ranked else ()
        return self._answered(wording.told(sentence, [row]), exact, notes)

    def several(self) -> Answer | None:
        """Tell several figures of one country in one edition."""
        if len(self.codes) != 1 or len(self.asked.years) > 1 or not self._alone(SINGLE_SAYS):
            return None
        if not self._dated():
            return None
        if missing := self._missing([self.edition()]):
            return self._declined(" ".join(missing), self._near())
        [row] = self.figures.select(self.codes, [self.edition()])
        said = [wording.figure(row, index, rank=self.rank) for index in self.asked.indices]
        claims = (*(wording.stated(sentence, [row]) for sentence in said), *wording.table([row]))
        return self._answered(claims, notes=(EGDI_ONLY,) if self.rank else ())

    def edition(self) -> int:
        """Return the edition asked for: the one that is named, else the newest."""
        return self.asked.years[0] if self.asked.years else self.figures.editions[-1]

    def _says(self, slots: frozenset[str]) -> bool:
        return self.asked.slots <= slots

    def _alone(self, slots: frozenset[str]) -> bool:
        """Tell whether a question on countries says these things at most, and no number."""
        # "Where does Rwanda rank highest?" may ask for the index.
        named = bool(self.asked.indices) or len(self.codes) > 1 or not ENDS & self.asked.slots
        return named and self._says(slots) and self.asked.count is None and self.asked.place is None

    def _sought(self, year: int) -> list[Row]:
        place = self.asked.place
        return self._at(place, year) if place else self._ends(year)[:1]

    def _ends(self, year: int) -> list[Row]:
        """Return the rows of an edition from the end that is asked for."""
        rows = self._ordered(self.figures.edition(year))
        return rows[::-1] if self.lowest else rows

    def _dated(self) -> bool:
        return bool(self.asked.years or "newest" in self.asked.slots)

    def _at(self, rank: int, year: int) -> list[Row]:
        return [row for row in self.figures.edition(year) if row.rank == rank]

    def _over_time(self) -> bool:
        return len(self.asked.years) > 1 or bool({"change", "all", "span"} & self.asked.slots)

    def _span(self) -> tuple[int, ...]:
        """Return the editions that a course runs through: those named, or between or since those named."""
        years, editions = self.asked.years, self.figures.editions
        if not years:
            return editions
        if len(years) == 1:
            return tuple(year for year in editions if year >= years[0])
        reach = {"span", "change", "all"} & self.asked.slots
        return tuple(year for year in editions if years[0] <= year <= years[-1]) if reach else years

    def _valued(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that have the value, and the rank where that is told with it."""
        return [row for row in rows if not _lacking(row, self.index)]

    def _ordered(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that have a value, highest first; by rank where that is the order of the table."""
        by = _by_rank if self.index == "egdi" else _by(self.index)
        return sorted(self._valued(rows), key=by, reverse=True)

    def _missing(self, editions: Sequence[int]) -> list[str]:
        """Say which of the figures asked for the table does not have, and whether it has the row."""
        indices = self.asked.indices or (self.index,)
        return [
            sentence
            for code in self.codes
            for year in editions
            if (sentence := self._lack(code, year, indices))
        ]

    def _lack(self, code: str, year: int, indices: Sequence[str]) -> str:
        row = self.figures.rows.get((code, year))
        lacking = ["row"] if row is None else [what for index in indices if (what := _lacking(row, index))]
        name = self.figures.countries.by_code[code].english
        return f"The table has no {' and no '.join(lacking)} of {name} in {year}." if lacking else ""

    def _near(self) -> list[Row]:
        """Return the rows of the edition asked for, or the nearest ones of a country that has none in it."""
        year = self.edition()
        rows = self.figures.select(self.codes, [year])
        others = (self.figures.select([code], self.figures.editions) for code in self.codes)
        return rows or [min(held, key=lambda row: abs(row.edition - year)) for held in others if held]

    def _caution(self) -> tuple[Claim, ...]:
        return wording.quoted(self.method.caution())

    def _answered(self, claims: Sequence[Claim], exact: str = "", notes: tuple[str, ...] = ()) -> Answer:
        said = Answer(self.question, self.question, "answered", notes=notes, exact=exact, confidence=1.0)
        return replace(said, claims=tuple(dict.fromkeys(claims)))

    def _declined(self, note: str, rows: Sequence[Row]) -> Answer:
        pointer = Pointer(note, _cited(rows))
        return Answer(self.question, self.question, "not_in_corpus", pointers=(pointer,))

    def _offered(self, question: str, editions: Mapping[int, Sequence[Row]]) -> Answer | None:
        """Ask which edition is meant, of those with rows, None if none has; `question` has a place for it."""
        known = {year: rows for year, rows in editions.items() if rows}
        if not known:
            return None
        options = [Option(str(y), question.format(y), _cited(rows)) for y, rows in known.items()]
        return Answer(self.question, self.question, "clarify", options=tuple(options), confidence=1.0)


def _cited(rows: Sequence[Row]) -> tuple[Citation, ...]:
    return tuple(citation for row in rows if (citation := row.citation))


def _lacking(row: Row, index: str) -> str:
    """Return what stands empty in a row: the index, or the rank that is told with the EGDI; else nothing."""
    return index.upper() if row[index] is None else "rank" if index == "egdi" and row.rank is None else ""


def _by_rank(row: Row) -> float:
    """Return a height by which a better rank is higher."""
    return -(row.rank or 0)


def _by(index: str) -> Callable[[Row], float]:
    return lambda row: row[index] or 0.0
