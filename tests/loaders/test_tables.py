"""Delimited text: cells, delimiters, headers and encodings."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.loaders import load
from kb.loaders.csv_tables import sniff_delimiter
from kb.loaders.tables import table_parts


def rows(path: Path) -> list[tuple[str, str | None]]:
    return [(block.text, block.lead) for block in load(path).blocks]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "utf-16-le"])
def test_cells_keep_their_columns_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Land;Wert;Größe\r\nA;;3\r\n\r\n;2;\r\n".encode(encoding))
    assert rows(path) == [("A\t\t3", "Land\tWert\tGröße"), ("\t2\t", "Land\tWert\tGröße")]


def test_quoted_cells_keep_delimiters_and_lose_line_breaks(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('name,note\n"Kigali, Rwanda","first\nsecond"\n')
    assert rows(path) == [("Kigali, Rwanda\tfirst second", "name\tnote")]


def test_lines_above_and_below_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Rents of halls\nin EUR\n\nhall,2030,2031\nElm,40,45\nTotal,40,45\nSource: the council\n")
    assert rows(path) == [
        *(("Rents of halls", None), ("in EUR", None), ("Elm\t40\t45", "hall\t2030\t2031")),
        *(("Total\t40\t45", "hall\t2030\t2031"), ("Source: the council", None)),
    ]


def test_tsv_is_split_at_tabs_only(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("a;b\tc\n1;2\t3\n")
    assert rows(path) == [("1;2\t3", "a;b\tc")]


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a|b|c\n1|2|3\n", "|"),
        ("a\tb\n1,5\t2\n", "\t"),
        ('"x;y",b\n"p;q",2\n', ","),
        ("one\n", ","),
    ],
)
def test_the_delimiter_is_the_one_that_makes_even_rows(text: str, delimiter: str) -> None:
    assert sniff_delimiter(text) == delimiter


def test_two_header_rows_are_one_header() -> None:
    cells = [["", "2022", "2022"], ["Country", "rank", "score"], ["Rwanda", "119", "0.5489"]]
    [row] = table_parts(cells, headers=2)
    assert (row.text, row.lead) == ("Rwanda\t119\t0.5489", "Country\t2022 rank\t2022 score")
