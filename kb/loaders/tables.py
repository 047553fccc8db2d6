"""Tables of cells, as every loader but the PDF's finds them: captions, and rows led by their header."""

from __future__ import annotations

from collections.abc import Iterable

from kb.loaders.structure import Part, squeeze


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
    lead = "\t".join(
        " ".join(dict.fromkeys(filter(None, column))) for column in zip(*filled[:headers], strict=False)
    )
    return [*captions, *(Part("table_row", "\t".join(row), lead=lead, page=page) for row in filled[headers:])]
