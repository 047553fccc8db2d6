"""CSV and TSV files: a table row for every line, led by the header line."""

from __future__ import annotations

import csv
import io

from kb.loaders.structure import Part
from kb.loaders.tables import table_parts

MAX_CELL = 2**24  # letters
DELIMITERS = ",;\t|"


def load_csv(text: str, delimiter: str | None = None) -> list[Part]:
    r"""Read delimited text into table rows; the first line that is not blank is the header.

    >>> [(part.text, part.lead) for part in load_csv("name;year\nA;2020\n")]
    [('A\t2020', 'name\tyear')]
    """
    csv.field_size_limit(MAX_CELL)  # the module knows no limit for one reader alone
    lines = csv.reader(io.StringIO(text), delimiter=delimiter or sniff_delimiter(text))
    return table_parts(list(lines))


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
