"""The shipped corpus is complete, catalogued, in the project's own words, and built as it should be."""

import csv
import re
import runpy
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdf
import pytest
from pypdf.generic import Destination

from kb.loaders import SUFFIXES
from tests.originals import ORIGINALS, fingerprint, read, runs, words

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "corpus"
PROSE = sorted([*CORPUS.glob("*.md"), *(CORPUS / "sources").glob("*.md")])
BOOKS = ["cdo-handbook.pdf", "egdi-methodology.pdf"]
KEYS = set("file title publisher kind date edition audience language restates obtain".split())
KINDS = set(
    "concept-note handbook survey-chapter framework-chapter meeting-outcome guidelines glossary data".split()
)

OFFICIAL = (  # names and titles, which stay as they are
    "United Nations Department of Economic and Social Affairs",
    "United Nations E-Government Survey 2020: Digital Government in the Decade of Action"
    " for Sustainable Development",
    "Developing institutional capacities for digital data management and cooperation"
    " to advance progress toward the Sustainable Development Goals",
    "Capacity Development Workshop on Digital Government and National Data Governance Framework in Rwanda",
    "Capacity Development and Consultation Workshop on Lao PDR National Data Governance Framework",
    "E-Government: Leaving no one behind and leaving no one offline",
)


def without_official(text: str) -> str:
    plain = " ".join(words(text))
    for name in OFFICIAL:
        plain = plain.replace(" ".join(words(name)), "officialname")
    return plain


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Any]:
    return tomllib.loads((CORPUS / "catalogue.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    with (CORPUS / "egdi-2003-2024.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def originals() -> frozenset[bytes]:
    """The fingerprints of every run of words in the original texts."""
    return read(ORIGINALS)


@pytest.fixture(scope="module")
def builder() -> dict[str, Any]:
    return runpy.run_path(str(CORPUS / "build.py"))


def test_catalogue_and_folder_name_the_same_files(catalogue: dict[str, Any]) -> None:
    supported = {path.name for path in CORPUS.iterdir() if path.suffix.lower() in SUFFIXES}
    listed = [entry["file"] for entry in catalogue["document"]]
    assert sorted(listed) == sorted(supported - {*catalogue["ignore"], "catalogue.toml"})


def test_catalogue_entries_say_everything(catalogue: dict[str, Any]) -> None:
    for entry in catalogue["document"]:
        assert set(entry) == KEYS
        assert all(entry.values()), entry["file"]
        assert entry["kind"] in KINDS
        assert set(entry["audience"]) <= {"cdo", "participant", "policy"}
        assert re.fullmatch(r"\d{4}(-\d\d-\d\d)?", entry["date"])


def test_titles_in_the_catalogue_are_those_of_the_texts(catalogue: dict[str, Any]) -> None:
    texts = "\n".join(path.read_text(encoding="utf-8") for path in PROSE)
    for entry in catalogue["document"]:
        if entry["kind"] != "data":
            assert f'title: "{entry["title"]}"' in texts


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_no_run_of_words_equals_an_original(path: Path, originals: frozenset[bytes]) -> None:
    text = without_official(path.read_text(encoding="utf-8"))
    assert [run for run in runs(text) if fingerprint(run) in originals] == []


def test_a_run_of_words_that_equals_an_original_would_be_found(originals: frozenset[bytes]) -> None:
    assert len(originals) > 15_000
    [copied] = [name for name in OFFICIAL if name.startswith("Developing institutional capacities")]
    assert {fingerprint(run) for run in runs(copied)} & originals


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_no_mail_address(path: Path) -> None:
    assert re.findall(r"\S+@\S+\.\w+", path.read_text(encoding="utf-8")) == []


def test_length_of_the_prose() -> None:
    lines = [line for path in PROSE for line in path.read_text(encoding="utf-8").splitlines()]
    prose = " ".join(line for line in lines if not line.startswith("|"))
    assert 18_000 <= len(re.findall(r"[A-Za-z][\w'’-]*", prose)) <= 30_000


@pytest.mark.parametrize("name", BOOKS)
def test_pdf_has_bookmarks_and_printed_page_numbers_as_labels(name: str) -> None:
    pdf = pypdf.PdfReader(CORPUS / name)
    assert len(pdf.outline) > 10
    labels = pdf.page_labels
    body = labels.index("1")
    assert labels[:body] == ["i", "ii", "iii", "iv", "v"][:body]
    assert labels[body:] == [str(number + 1) for number in range(len(labels) - body)]
    for index in (body, len(labels) - 1):
        assert pdf.pages[index].extract_text().split()[-1] == labels[index]


def test_handbook_has_25_pages_and_starts_each_function_on_a_new_one() -> None:
    pdf = pypdf.PdfReader(CORPUS / "cdo-handbook.pdf")
    assert len(pdf.pages) >= 25
    tops = [entry for entry in pdf.outline if isinstance(entry, Destination)]
    functions = [entry for entry in tops if re.match(r"\d+\. ", str(entry.title))]
    assert len(functions) == 11
    pages = [pdf.get_destination_page_number(entry) for entry in functions]
    assert len(set(pages)) == 11


@pytest.mark.parametrize("name", BOOKS)
def test_shipped_pdf_is_what_the_sources_give(name: str, builder: dict[str, Any], tmp_path: Path) -> None:
    build_pdf: Callable[[str, Path], Path] = builder["build_pdf"]
    built = pypdf.PdfReader(build_pdf(name.removesuffix(".pdf"), tmp_path))
    shipped = pypdf.PdfReader(CORPUS / name)
    assert [page.extract_text() for page in built.pages] == [page.extract_text() for page in shipped.pages]


def test_egdi_table_is_complete_and_sorted(table: list[dict[str, str]]) -> None:
    assert list(table[0]) == "country iso3 edition rank egdi osi tii hci epi".split()
    keys = [(row["country"], row["edition"]) for row in table]
    assert len(set(keys)) == 2316
    assert keys == sorted(keys)


def test_egdi_is_the_mean_of_its_indices_from_2014_on(table: list[dict[str, str]]) -> None:
    late = [row for row in table if int(row["edition"]) >= 2014]
    assert len(late) == 6 * 193
    for row in late:
        mean = sum(float(row[name]) for name in ("osi", "tii", "hci")) / 3
        assert float(row["egdi"]) == pytest.approx(mean, abs=1e-4)


def test_egdi_values_of_rwanda_and_lao_pdr(table: list[dict[str, str]]) -> None:
    rows = {(row["iso3"], row["edition"]): [*row.values()][3:] for row in table}
    assert rows["RWA", "2022"] == ["119", "0.5489", "0.7935", "0.3209", "0.5322", "0.6364"]
    assert rows["LAO", "2024"] == ["152", "0.4404", "0.3265", "0.5338", "0.4608", "0.2877"]


def test_values_that_are_none_are_empty(table: list[dict[str, str]]) -> None:
    rows = {(row["iso3"], row["edition"]): row for row in table}
    assert set([*rows["LBY", "2012"].values()][3:]) == {""}  # not assessed
    assert rows["FSM", "2003"]["hci"] == ""  # above 1 in the original
    assert rows["FSM", "2003"]["egdi"] == "0.5265"
    assert sum(not row["egdi"] for row in table) == 20 + 15 + 14 + 11 + 10 + 3
