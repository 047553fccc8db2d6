"""The EGDI table, one row a country and edition: read from a CSV file or from the index that cites it.

A row that comes from an index carries its citation; what is said of it can
then be quoted by the row. An empty cell means that there is no value.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from kb.config import Config
from kb.egdi.countries import Countries, Country
from kb.errors import DamagedDocument, KBError
from kb.retrieval.shelf import once_a_generation
from kb.types import Citation, Document, Passage, PassageIndex

# The file names of the table; of several the last by name is the newest.
TABLE = "egdi-*.csv"
INDICES = ("egdi", "osi", "tii", "hci", "epi")
COLUMNS = ("country", "iso3", "edition", "rank", *INDICES)
# Words of the header, by which a passage of the table is found.
HEADER = " ".join(COLUMNS)


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one country in one edition; indices run from 0 to 1.

    `citation` is the row's place in an index and `header` that of the column
    names above it; both are None for a row that was read from a file.
    """

    country: str
    iso3: str
    edition: int
    rank: int | None
    values: Mapping[str, float | None]
    citation: Citation | None = field(default=None, compare=False)
    header: Citation | None = field(default=None, compare=False)

    def __getitem__(self, index: str) -> float | None:
        """Return the value of one of INDICES, None where the table has none."""
        return self.values[index]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is written in the file: four decimals, nothing for no value."""
        rank = "" if self.rank is None else str(self.rank)
        values = ("" if (v := self[name]) is None else f"{v:.4f}" for name in INDICES)
        return (self.country, self.iso3, str(self.edition), rank, *values)

    @property
    def object(self) -> dict[str, object]:
        """The row as one JSON object, null for no value."""
        about = {"country": self.country, "iso3": self.iso3, "edition": self.edition, "rank": self.rank}
        return {**about, **{name: self[name] for name in INDICES}}


@dataclass(frozen=True, slots=True)
class Figures:
    """All rows of a table, by country code and edition."""

    rows: Mapping[tuple[str, int], Row]
    countries: Countries
    editions: tuple[int, ...]

    @property
    def document(self) -> str | None:
        """The id of the document that the rows are cited from, None for rows read from a file."""
        first = next(iter(self.rows.values()), None)
        return first.citation.passage.document_id if first and first.citation else None

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Figures:
        """Return the rows, ordered by country and edition."""
        kept = sorted(rows, key=lambda row: (row.country, row.edition))
        countries = Countries.of({row.iso3: row.country for row in kept})
        editions = tuple(sorted({row.edition for row in kept}))
        return cls({(row.iso3, row.edition): row for row in kept}, countries, editions)

    def select(self, codes: Collection[str], editions: Collection[int]) -> list[Row]:
        """Return the rows of these countries and editions: countries as given, editions in order."""
        chosen = sorted(editions)
        keys = [(code, edition) for code in codes for edition in chosen]
        return [self.rows[key] for key in keys if key in self.rows]

    def edition(self, year: int) -> list[Row]:
        """Return all rows of an edition."""
        return [row for row in self.rows.values() if row.edition == year]

    def listed(self) -> list[Country]:
        """Return every country, by its short English name."""
        return sorted(self.countries.by_code.values(), key=lambda country: country.english)

    def year(self, wanted: int) -> int:
        """Return an edition of the table; KBError naming those there are."""
        if wanted not in self.editions:
            known = ", ".join(map(str, self.editions))
            raise KBError(f"The EGDI table has no edition {wanted}; it has {known}.")
        return wanted


def load_figures(config: Config) -> Figures:
    """Read the newest table of the corpus folder; KBError if it holds none."""
    paths = sorted(config.corpus.glob(TABLE))
    if not paths:
        raise KBError(
            f"There is no EGDI table ({TABLE}) in {config.corpus}; "
            "set KB_CORPUS to the folder of the shipped corpus."
        )
    return read_figures(paths[-1])


def read_figures(path: Path) -> Figures:
    """Read a table from a CSV file; DamagedDocument naming the line that is none of it."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file)
            rows = [*_rows(next(lines, []), ((line, None) for line in lines))]
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedDocument(f"{path} cannot be read as an EGDI table: {error}.") from error
    except (ValueError, csv.Error) as error:
        raise DamagedDocument(f"{path} is no EGDI table: {error}; its columns are {HEADER}.") from error
    return Figures.of(rows)


@once_a_generation
def figures_in(index: PassageIndex) -> Figures:
    """Return the newest table that an index holds, each row with its citation; no rows if it holds none."""
    return Figures.of(_indexed(index))


def is_table(document: Document) -> bool:
    """Tell whether a document is a table of figures, by its file name."""
    return fnmatch(document.source, TABLE)


def _indexed(index: PassageIndex) -> Iterator[Row]:
    tables = {document.source: document.id for document in index.documents() if is_table(document)}
    newest = {tables[name] for name in sorted(tables)[-1:]}
    found = index.search_words(HEADER, 1, newest) if newest else []
    for passage in index.fetch([key for key, _ in found]):
        for part in index.section(passage):
            yield from _passage_rows(part)


def _passage_rows(passage: Passage) -> Iterator[Row]:
    head, _, _ = passage.text.partition("\n")
    header = Citation(passage, 0, len(head))
    spans = (span for span in passage.spans if span.kind == "table_row")
    cited = [Citation(passage, span.start, span.end) for span in spans]
    try:
        yield from _rows(head.split("\t"), ((one.quote.split("\t"), one) for one in cited), header)
    except ValueError:
        # A file that only bears the table's name: whatever it holds, it is not ours to answer from.
        return


def _rows(
    head: Sequence[str],
    lines: Iterable[tuple[Sequence[str], Citation | None]],
    header: Citation | None = None,
) -> Iterator[Row]:
    """Yield the rows; ValueError saying which line or column is wrong."""
    names = [name.strip().lower() for name in head]
    if missing := [name for name in COLUMNS if name not in names]:
        raise ValueError(f"it has no column {missing[0]!r}")
    for number, (line, citation) in enumerate(lines, 2):
        # An empty cell at the end of a row is lost where the row is kept as text.
        cells = dict(zip(names, [*line, *[""] * (len(names) - len(line))], strict=True))
        try:
            yield _row(cells, citation, header)
        except ValueError as error:
            raise ValueError(f"row {number}: {error}") from error


def _row(cells: Mapping[str, str], citation: Citation | None, header: Citation | None) -> Row:
    values = {name: float(cells[name]) if cells[name] else None for name in INDICES}
    rank = int(cells["rank"]) if cells["rank"] else None
    return Row(cells["country"], cells["iso3"], int(cells["edition"]), rank, values, citation, header)
