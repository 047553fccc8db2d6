"""EGDI figures as HTML: chart, table with its download, caution, and the formula worked through."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from kb.egdi.countries import Country
from kb.egdi.figures import COLUMNS, INDICES, Figures, Row
from kb.egdi.formula import Worked
from kb.egdi.method import Method
from kb.types import Citation
from kb.ui.chart import Scale, Series, line_chart
from kb.ui.markup import prose, safe, tag
from kb.ui.sources import Sources, View
from kb.ui.strings import Words

RANK = "rank"
LAST_RANK = 193
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A selection of a table's rows, with what it takes to show them."""

    figures: Figures
    rows: Sequence[Row]
    view: View

    @property
    def words(self) -> Words:
        """The words of the interface."""
        return self.view.words

    def name(self, row: Row) -> str:
        """Return a row's country as people call it in the language of the interface."""
        return country_name(self.figures.countries.by_code[row.iso3], self.words)

    def chart(self, index: str) -> str:
        """Return a line for each country, of an index or of the rank."""
        codes = list(dict.fromkeys(row.iso3 for row in self.rows))
        series = [self._series([row for row in self.rows if row.iso3 == code], index) for code in codes]
        names = ", ".join(one.name for one in series)
        title = self.words("egdi.chart", index=self.words(f"egdi.{index}"), countries=names)
        return line_chart(series, _scale(index, self.words), title, self.words("egdi.chart_text"))

    def _series(self, rows: Sequence[Row], index: str) -> Series:
        name = self.name(rows[0])
        said = [f"{name}, {row.edition}: {_shown(row, index, self.words)}" for row in rows]
        points = [(row.edition, _value(row, index), words) for row, words in zip(rows, said, strict=True)]
        return Series(name, points)

    def table(self) -> str:
        """Return the rows as a table that can be sorted and downloaded."""
        head = tag("thead", tag("tr", "".join(self._head(column) for column in _SHOWN)))
        body = tag("tbody", "".join(self._row(row) for row in self.rows))
        caption = tag("caption", safe(self.words.count("egdi.row", len(self.rows))))
        return tag("div", tag("table", caption + head + body), "table") + self._download() + self._source()

    def _head(self, column: str) -> str:
        name = self.words(f"egdi.{column}")
        short = column.upper() if column in INDICES else name
        return tag("th", tag("button", safe(short), type="button", title=name), scope="col")

    def _row(self, row: Row) -> str:
        cells = [_shown(row, column, self.words) for column in (RANK, *INDICES)]
        first = tag("th", safe(self.name(row)), scope="row") + tag("td", str(row.edition))
        return tag("tr", first + "".join(tag("td", safe(cell)) for cell in cells))

    def _download(self) -> str:
        address = "data:text/csv;charset=utf-8," + quote(csv_text(self.rows))
        link = tag("a", safe(self.words("egdi.download")), "download", href=address, download="egdi.csv")
        return tag("p", link)

    def _source(self) -> str:
        cited = next((row.citation for row in self.rows if row.citation), None)
        if cited is None:
            return tag("p", safe(self.words("egdi.from_file")), "about")
        return tag("p", safe(self.words("egdi.source", title=_place(cited, self.view))), "about")

    def caution(self, method: Method) -> str:
        """Return why the editions shown are not a clean series; nothing for a single edition."""
        editions = sorted({row.edition for row in self.rows})
        if len(editions) < 2:
            return ""
        said = tag("p", tag("strong", safe(self.words("egdi.care"))) + " " + safe(self.words("egdi.partly")))
        changes = method.changes(editions[0], editions[-1])
        listed = "".join(_change(row, self.view) for row in changes)
        folded = tag("summary", safe(self.words("egdi.changed"))) + tag("dl", listed)
        details = tag("details", folded + self.quotes(method.caution())) if changes else ""
        return tag("section", said + details, "caution", aria_label=self.words("egdi.care"))

    def formula(self, worked: Worked, method: Method) -> str:
        """Return the formula with a row's numbers, the published value beside it, and what is said of it."""
        words = self.words
        heading = words("egdi.formula_of", country=self.name(worked.row), edition=worked.row.edition)
        steps = (words("egdi.formula" if worked.equal else "egdi.weighted"), *_steps(worked, words))
        said = tag("ol", "".join(tag("li", safe(step)) for step in steps), "steps")
        verdict = words(
            "egdi.agrees" if worked.agrees else "egdi.differs",
            published=_decimal(worked.published, words),
            difference=_decimal(worked.difference, words, signed=True),
        )
        quotes = [*method.formula(weighted=not worked.equal), *method.normalisation()]
        read = tag("h3", safe(words("egdi.method"))) + self.quotes(quotes)
        why = tag("p", safe(words("egdi.zscore")))
        return tag("h2", safe(heading)) + said + tag("p", safe(verdict), "verdict") + why + read

    def quotes(self, citations: Sequence[Citation]) -> str:
        """Return quotes, each with its document and page."""
        if not citations:
            return tag("p", safe(self.words("egdi.no_method")), "about")
        return "".join(
            tag("blockquote", tag("p", prose(c.quote), lang="en") + tag("cite", safe(_place(c, self.view))))
            for c in citations
        )


_SHOWN = ("country", "edition", RANK, *INDICES)


def country_name(country: Country, words: Words) -> str:
    """Return a country's short name in the language of the interface."""
    return country.french if words.language == "fr" else country.english


def csv_text(rows: Sequence[Row]) -> str:
    r"""Return rows as a CSV file; the mark at its start tells spreadsheets that it is UTF-8.

    >>> csv_text([Row("Peru", "PER", 2022, 59, dict.fromkeys(INDICES, 0.5))]).splitlines()[1]
    'Peru,PER,2022,59,0.5000,0.5000,0.5000,0.5000,0.5000'
    """
    file = io.StringIO()
    csv.writer(file).writerows([COLUMNS, *([_plain(cell) for cell in row.cells] for row in rows)])
    return "\ufeff" + file.getvalue()


def _plain(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: the table may come from an uploaded file."""
    return (
        f"'{cell}"
        if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not _NUMBER.fullmatch(cell)
        else cell
    )


def _steps(worked: Worked, words: Words) -> tuple[str, str]:
    parts = {name: _decimal(value, words) for name, value in worked.parts.items()}
    result = _decimal(worked.result, words)
    if worked.equal:
        total = _decimal(worked.total, words)
        return f"({' + '.join(parts.values())}) / 3 = {total} / 3", f"= {result}"
    shares = (f"{_decimal(worked.weights[name], words, 2)} × {value}" for name, value in parts.items())
    return " + ".join(shares), f"= {result}"


def _change(row: Citation, view: View) -> str:
    edition, _, what = row.quote.partition("\t")
    place = tag("cite", safe(_place(row, view)))
    return tag("dt", safe(edition)) + tag("dd", prose(what) + " " + place, lang="en")


def _place(citation: Citation, view: View) -> str:
    return Sources(0, {}, view).place(citation)


def _value(row: Row, index: str) -> float | None:
    return row.rank if index == RANK else row[index]


def _shown(row: Row, index: str, words: Words) -> str:
    value = _value(row, index)
    return "" if value is None else str(value) if index == RANK else _decimal(value, words)


def _decimal(value: float, words: Words, places: int = 4, *, signed: bool = False) -> str:
    """Return a number with its decimals, after a comma in French."""
    # A difference that rounds to nothing has no sign.
    plain = f"{round(value, places) + 0.0:{'+' if signed and round(value, places) else ''}.{places}f}"
    return plain.replace(".", ",") if words.language == "fr" else plain


def _scale(index: str, words: Words) -> Scale:
    if index == RANK:
        return Scale(LAST_RANK, 1, [(rank, str(rank)) for rank in (1, 50, 100, 150, LAST_RANK)])
    return Scale(0, 1, [(tick, _decimal(tick, words, 2)) for tick in (0, 0.25, 0.5, 0.75, 1)])
