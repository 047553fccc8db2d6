"""What the columns of the EGDI table are called: said beside its quotes, which keep the names of the file."""

from __future__ import annotations

from kb.egdi.figures import COLUMNS
from kb.ui.markup import safe, tag
from kb.ui.strings import Words

_HEADER = "\t".join(COLUMNS)


def render_columns(text: str, words: Words) -> str:
    r"""Return the short names of the EGDI table's columns in full, if its header is a line of the text.

    >>> render_columns("A table\nof something else", Words())
    ''
    """
    if _HEADER not in text.split("\n"):
        return ""
    names = {column: words(f"columns.{column}") for column in COLUMNS}
    said = (f"{column} = {name}" for column, name in names.items() if name.lower() != column)
    return tag("p", safe(" · ".join(said)), "columns")
