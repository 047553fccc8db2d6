"""CSV and TSV files: a table row for every line, led by the header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from kb.loaders.structure import Part, squeeze

DELIMITERS = ",;\t|"


def load_csv(text: str, delimiter: str | None = None) -> list[Part]:
    """Read delimited text into table rows; the first line that is not blank is the header.

    >>> [(part.text, part.lead) for part in load_csv("name;year\\nA;2020\\n")]
    [('A\\t2020', 'name\\tyear')]
    """
    csv.field_size_limit(2**24)
    lines = csv.reader(io.StringIO(text), delimiter=delimiter or sniff_delimiter(text))
    return rows_to_parts(list(lines))


def sniff_delimiter(text: str) -> str:
    """Return the delimiter that splits the first lines into equal numbers of cells, at least two.

    >>> sniff_delimiter("a;b,c;d\\n1;2;3\\n")
    ';'
    """
    sample = text[:20000]

    def score(delimiter: str) -> tuple[float, int]:
        rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row][:50]
        widths = [len(row) for row in rows]
        common = max(set(widths), key=widths.count) if widths else 1
        return (widths.count(common) / len(widths) if common > 1 else 0.0, common)

    return max(DELIMITERS, key=score)


def rows_to_parts(rows: Iterable[list[str]], page: int | None = None) -> list[Part]:
    """Turn rows of cells into table rows that carry the first of them as lead."""
    cells = [[squeeze(cell) for cell in row] for row in rows]
    lines = ["\t".join(row) for row in cells if any(row)]
    if len(lines) == 1:
        return [Part("table_row", lines[0], page=page)]
    return [Part("table_row", line, lead=lines[0], page=page) for line in lines[1:]]
