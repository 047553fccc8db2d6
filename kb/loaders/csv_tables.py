"""CSV and TSV files: a sheet of cells, as a rule one table with a header, and what is said around it."""

from __future__ import annotations

import csv
import io

from kb.loaders.grid import Cell, grid_parts, is_number
from kb.loaders.structure import Part, squeeze
from kb.loaders.tables import table_parts

MAX_CELL = 2**24  # letters
DELIMITERS = ",;\t|"


def load_csv(text: str, delimiter: str | None = None) -> list[Part]:
    r"""Read delimited text as a sheet; a single column is a table, too, led by its first line.

    >>> [(part.text, part.lead) for part in load_csv("name;year\nA;2020\n")]
    [('A\t2020', 'name\tyear')]
    """
    csv.field_size_limit(MAX_CELL)  # the module knows no limit for one reader alone
    lines = list(csv.reader(io.StringIO(text), delimiter=delimiter or sniff_delimiter(text)))
    if all(len(line) < 2 for line in lines):
        return table_parts(lines)
    texts = (enumerate(map(squeeze, line)) for line in lines)
    rows = ({column: Cell(text, is_number(text)) for column, text in line if text} for line in texts)
    return grid_parts({at: row for at, row in enumerate(rows) if row})


def sniff_delimiter(text: str) -> str:
    r"""Return the delimiter that splits the first lines into equal numbers of cells, at least two.

    >>> sniff_delimiter("a;b,c;d\n1;2;3\n")
    ';'
    """
    sample = text[:20000]

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row][:50]
        widths = [len(row) for row in rows]
        common = max(set(widths), key=widths.count) if widths else 1
        return (widths.count(common) / len(widths) if common > 1 else 0.0, common)

    return max(DELIMITERS, key=score)
