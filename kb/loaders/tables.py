"""CSV and TSV files: a table row for every line, led by the header line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from kb.loaders.structure import Part, squeeze

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


def table_parts(rows: Iterable[list[str]], headers: int = 0, page: int | None = None) -> list[Part]:
    r"""Turn rows of cells into table rows led by their header: the first `headers` rows, else the first row.

    A first row with one cell only is the table's caption.

    >>> [(part.kind, part.text, part.lead) for part in table_parts([["T", ""], ["a", "b"], ["1", "2"]])]
    [('caption', 'T', None), ('table_row', '1\t2', 'a\tb')]
    """
    cells = [[squeeze(cell) for cell in row] for row in rows]
    captions: list[Part] = []
    while len(cells) > 2 and len(cells[0]) > 1 and sum(map(bool, cells[0])) <= 1 < sum(map(bool, cells[1])):
        captions += [Part("caption", text, page=page) for text in cells[0] if text]
        headers, cells = max(headers - 1, 0), cells[1:]
    filled = [row for row in cells if any(row)]
    headers = headers or 1
    if len(filled) <= headers:
        return [*captions, *(Part("table_row", "\t".join(row), page=page) for row in filled)]
    lead = "\t".join(" ".join(filter(None, column)) for column in zip(*filled[:headers], strict=False))
    return [*captions, *(Part("table_row", "\t".join(row), lead=lead, page=page) for row in filled[headers:])]
