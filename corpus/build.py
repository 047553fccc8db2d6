"""Make the corpus files that are not plain Markdown.

Run from the repository root:

    python corpus/build.py                    # the two DOCX and the two PDF files
    python corpus/build.py --out DIR          # the same, into another folder
    python corpus/build.py --egdi FILE.csv    # also egdi-2003-2024.csv, from the original data

DOCX comes from pandoc, PDF from pandoc's typst source through `sources/book.typ`. Two runs with the
same versions of pandoc (pypandoc_binary) and typst give the same bytes: the creation date is fixed.
"""

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

CORPUS = Path(__file__).resolve().parent
SOURCES = CORPUS / "sources"
AUTHOR = "Policy knowledge base"
CREATED = 1_735_689_600  # 2025-01-01T00:00:00Z, in every file's metadata

NOTES = ("kigali-concept-note", "vientiane-concept-note")
BOOKS: dict[str, tuple[str, ...]] = {
    "cdo-handbook": ("cdo-handbook-1", "cdo-handbook-2"),
    "egdi-methodology": ("egdi-methodology",),
}
CHAPTER_PAGES = {"cdo-handbook"}  # each top section starts a new page

INDICES = ("egdi", "osi", "tii", "hci", "epi")
COLUMNS = ("country", "iso3", "edition", "rank", *INDICES)


def pandoc(parts: Iterable[str], to: str, *options: str, out: Path | None = None) -> str:
    """Convert the named Markdown sources, joined in order, and return pandoc's output."""
    import pypandoc

    text = "\n\n".join((SOURCES / f"{part}.md").read_text(encoding="utf-8") for part in parts)
    arguments = ["--standalone", "--metadata", f"author={AUTHOR}", *options]
    output = pypandoc.convert_text(
        text, to, format="markdown", extra_args=arguments, outputfile=str(out) if out else None
    )
    return str(output)


def build_docx(name: str, folder: Path) -> Path:
    """Write a concept note as DOCX."""
    os.environ["SOURCE_DATE_EPOCH"] = str(CREATED)  # pandoc dates the file by it
    path = folder / f"{name}.docx"
    pandoc([name], "docx", "--metadata", "lang=en-GB", out=path)
    return path


def typst_source(name: str) -> str:
    """Return a book as typst source: title page, contents, body."""
    options = ["--template", str(SOURCES / "book.typ")]
    if name in CHAPTER_PAGES:
        options += ["--variable", "chapter-pages=true"]
    return pandoc(BOOKS[name], "typst", *options)


def build_pdf(name: str, folder: Path) -> Path:
    """Write a book as PDF with bookmarks and page labels (i, ii, ... then 1, 2, ...)."""
    import typst

    path = folder / f"{name}.pdf"
    source = typst_source(name).encode()
    path.write_bytes(typst.compile(source, ignore_system_fonts=True, timestamp=CREATED))
    return path


def egdi_row(row: Mapping[str, str]) -> dict[str, str]:
    """Return one row of the corpus table.

    An EGDI of 0 means not assessed: rank and indices stay empty. So does an HCI above 1, which is
    an error of the 2003 edition.
    """
    kept = {name: row[name] for name in ("country", "iso3", "edition")}
    if float(row["egdi"]) == 0:
        return kept | dict.fromkeys(("rank", *INDICES), "")
    values = {name: f"{float(row[name]):.4f}" for name in INDICES}
    if float(row["hci"]) > 1:
        values["hci"] = ""
    return kept | {"rank": str(int(float(row["rank"])))} | values


def build_egdi(original: Path, folder: Path) -> Path:
    """Write the EGDI table, a country's editions together, from UN DESA's values."""
    with original.open(encoding="utf-8", newline="") as file:
        rows = [egdi_row(row) for row in csv.DictReader(file)]
    rows.sort(key=lambda row: (row["country"], row["edition"]))
    path = folder / "egdi-2003-2024.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def build(folder: Path, egdi: Path | None = None) -> list[Path]:
    """Write all built files into folder and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [build_docx(name, folder) for name in NOTES]
    paths += [build_pdf(name, folder) for name in BOOKS]
    if egdi is not None:
        paths.append(build_egdi(egdi, folder))
    return paths


def main() -> None:
    """Read the command line and build."""
    parser = argparse.ArgumentParser(description="Make the corpus's DOCX, PDF and CSV files.")
    parser.add_argument("--out", type=Path, default=CORPUS, help="folder to write to")
    parser.add_argument("--egdi", type=Path, help="original CSV of EGDI values, to remake the table")
    arguments = parser.parse_args()
    for path in build(arguments.out, arguments.egdi):
        sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
