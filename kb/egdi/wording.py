"""Rows of the EGDI table -> claims: a sentence on what they show, and the rows themselves, word for word."""

from __future__ import annotations

from collections.abc import Sequence

from kb.egdi.figures import Row
from kb.types import Citation, Claim


def told(sentence: str, rows: Sequence[Row]) -> tuple[Claim, ...]:
    """Return a sentence on some rows, cited by each of them, and then the rows under their header."""
    return (stated(sentence, rows), *table(rows))


def stated(sentence: str, rows: Sequence[Row]) -> Claim:
    """Return a sentence that rests on some rows and the names of their columns."""
    headers = (row.header for row in rows[:1])
    cited = (*(row.citation for row in rows), *headers)
    return Claim(sentence, tuple(citation for citation in cited if citation), "supported")


def table(rows: Sequence[Row]) -> tuple[Claim, ...]:
    """Return rows as quotes, under the names of their columns."""
    header = [Claim(row.header.quote, (row.header,), layout="lead") for row in rows[:1] if row.header]
    quoted = [Claim(c.quote, (c,), layout="row") for row in rows if (c := row.citation)]
    return (*header, *quoted)


def figure(row: Row, index: str, *, rank: bool) -> str:
    """Return what a row says of one index, or of the rank, as a sentence.

    >>> kenya = Row("Kenya", "KEN", 2022, 113, {"egdi": 0.5589, "osi": 0.6821})
    >>> figure(kenya, "egdi", rank=True)
    'Kenya has rank 113 in the 2022 edition (EGDI 0.5589).'
    >>> figure(kenya, "osi", rank=False)
    'Kenya has an OSI of 0.6821 in the 2022 edition.'
    """
    edition = f"in the {row.edition} edition"
    if rank and index == "egdi":
        return f"{row.country} has rank {row.rank} {edition} (EGDI {number(row, index)})."
    return f"{row.country} has {value(row, index)}{_rank(row, index)} {edition}."


def value(row: Row, index: str) -> str:
    """Return a value with its index, as in "an OSI of 0.6821"."""
    article = "a" if index == "tii" else "an"
    return f"{article} {index.upper()} of {number(row, index)}"


def number(row: Row, index: str) -> str:
    """Return a value with four decimals."""
    return f"{row[index]:.4f}"


def order(rows: Sequence[Row], index: str) -> str:
    """Return some countries of one edition in the order of an index, highest first.

    >>> rows = [Row("Kenya", "KEN", 2022, 113, {"egdi": 0.5589}), Row("Peru", "PER", 2022, 59, {"egdi": 0.7})]
    >>> order(rows[::-1], "egdi")
    'In the 2022 edition Peru is ahead of Kenya by EGDI: 0.7000 (rank 59) and 0.5589 (rank 113).'
    """
    names = [row.country for row in rows]
    figures = [f"{number(row, index)}{_rank(row, index)}" for row in rows]
    edition, name = f"In the {rows[0].edition} edition", index.upper()
    if len({row[index] for row in rows}) == 1:
        return f"{edition} {_listed(names)} have the same {name}: {figures[0]}."
    return f"{edition} {names[0]} is ahead of {_listed(names[1:])} by {name}: {_listed(figures)}."


def course(rows: Sequence[Row], index: str) -> str:
    """Return how one country's value went from the first to the last of some editions.

    >>> old = Row("Kenya", "KEN", 2022, 113, {"egdi": 0.5589})
    >>> course([old, Row("Kenya", "KEN", 2024, 109, {"egdi": 0.6314})], "egdi")
    "Kenya's EGDI went up from 0.5589 (rank 113) in 2022 to 0.6314 (rank 109) in 2024."
    """
    first, last = rows[0], rows[-1]
    before, after = first[index] or 0.0, last[index] or 0.0
    went = "went up" if after > before else "went down" if after < before else "did not change"
    ends = (f"{number(row, index)}{_rank(row, index)} in {row.edition}" for row in (first, last))
    return f"{first.country}'s {index.upper()} {went} from {' to '.join(ends)}."


def _rank(row: Row, index: str) -> str:
    return f" (rank {row.rank})" if index == "egdi" else ""


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def extreme(row: Row, index: str, *, lowest: bool) -> str:
    """Return which country stands highest or lowest in an edition.

    >>> extreme(Row("Peru", "PER", 2022, 59, {"osi": 0.8}), "osi", lowest=False)
    'In the 2022 edition Peru has the highest OSI: 0.8000.'
    """
    which = f"the {'lowest' if lowest else 'highest'} {index.upper()}"
    return f"In the {row.edition} edition {row.country} has {which}: {number(row, index)}{_rank(row, index)}."


def peak(row: Row, index: str, *, lowest: bool, rank: bool) -> str:
    """Return in which edition a country stood best or worst.

    >>> peak(Row("Kenya", "KEN", 2024, 109, {"egdi": 0.6314}), "egdi", lowest=False, rank=True)
    'Kenya has its best rank in the 2024 edition: 109 (EGDI 0.6314).'
    """
    which = ("worst" if lowest else "best") if rank else ("lowest" if lowest else "highest")
    name, shown = ("rank", f"{row.rank} (EGDI {number(row, index)})") if rank else (index.upper(), "")
    shown = shown or f"{number(row, index)}{_rank(row, index)}"
    return f"{row.country} has its {which} {name} in the {row.edition} edition: {shown}."


def difference(rows: Sequence[Row], index: str) -> str:
    """Return what lies between the first and the last value, as a remark: no row says it."""
    change = (rows[-1][index] or 0.0) - (rows[0][index] or 0.0)
    return f"Computed from the rows: {rows[0].country} {change:+.4f}."


def quoted(citations: Sequence[Citation]) -> tuple[Claim, ...]:
    """Return quotes as claims."""
    return tuple(Claim(citation.quote, (citation,)) for citation in citations)
