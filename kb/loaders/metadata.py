"""Titles and dates that files carry about themselves, kept only where they make sense."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime

from kb.text import printable

EARLIEST = 1980
MAX_TITLE, MAX_DATE = 500, 40  # letters
# Names that programs give to documents nobody named.
NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint|excel)\b.*|untitled.*"
    r"|(?:\w+(?: (?:de|do|di|standard)){0,2} )?powerpoint(?:[- ]\w+)?"
    r"|(?:document|slide|presentation|book|title|layout)\s*\d*"
    r"|.*\.(?:docx?|pptx?|xlsx?|pdf|indd|qxd|rtf|txt|odt)|\S*[\d_]\S*",
    re.I,
)
PDF_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
ISO_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?![\d-])")
YEAR = re.compile(r"(?<![0-9A-Za-z])[A-Za-z]*((?:19|20)\d\d)(?![0-9A-Za-z])")
WRITTEN = ("%d %B %Y", "%B %d, %Y", "%d %b %Y", "%B %d %Y", "%d.%m.%Y")


def clean_title(text: str) -> str:
    """Return a title from metadata, or nothing if a program or a file name made it up.

    >>> clean_title("Concept  note"), clean_title("Microsoft Word - a.doc"), clean_title("EPA2022")
    ('Concept note', '', '')
    >>> clean_title("Presentación de PowerPoint"), clean_title("PowerPoint Presentation")
    ('', '')
    """
    text = printable(text[:MAX_TITLE])
    return "" if len(text) < 3 or NO_TITLE.fullmatch(text) else text


def clean_date(metadata: Mapping[str, str]) -> str | None:
    """Return the date of a document as YYYY, YYYY-MM or YYYY-MM-DD if its metadata names a sensible one.

    >>> clean_date({"creationdate": "D:20230322101500+02'00'"}), clean_date({"date": "11 May 2023"})
    ('2023-03-22', '2023-05-11')
    >>> clean_date({"date": "soon"}) is None
    True
    """
    for name in ("date", "dcterms.date", "dc.date", "dcterms.created", "creationdate"):
        found = _date(metadata.get(name, "")[:MAX_DATE].strip())
        if found:
            return found
    return None


def clean_edition(title: str, stem: str) -> str | None:
    """Return the one year that a title names, or else a file name without its suffix.

    >>> clean_edition("Annual Report 2013", ""), clean_edition("Annual report", "DHS2020")
    ('2013', '2020')
    >>> clean_edition("Agenda 2063", "plan-2018-2022") is None
    True
    """
    for text in (title, stem.replace("_", " ")):
        years = set(YEAR.findall(text))
        if len(years) == 1:
            return _sensible(int(years.pop()), None, None)
    return None


def _date(text: str) -> str | None:
    found = PDF_DATE.match(text) or ISO_DATE.match(text)
    if found:
        return _sensible(*(int(part) if part else None for part in found.groups()))
    for form in WRITTEN:
        try:
            read = datetime.strptime(text, form)
        except ValueError:
            continue
        return _sensible(read.year, read.month, read.day)
    return None


def _sensible(year: int | None, month: int | None, day: int | None) -> str | None:
    """Return the parts as an ISO date if they name a day that is neither too early nor to come."""
    if year is None or not EARLIEST <= year <= date.today().year + 1:
        return None
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return str(year)
    if not month:
        return str(year)
    return f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}"
