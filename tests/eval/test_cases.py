from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from eval.cases import Case, Evidence, Group, Type, check_evidence, read_cases, read_folder
from kb.errors import CaseError
from kb.types import Turn
from tests.originals import GIVEN, fingerprint, read

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "corpus"
FILES = sorted((ROOT / "eval" / "cases").glob("*.jsonl"))

GOOD: dict[str, Any] = {
    "id": "A1",
    "group": "cdo",
    "type": "number",
    "question": "how many rooms?",
    "history": [{"role": "user", "content": "Where is it?"}],
    "answer": "Two.",
    "evidence": [{"file": "note.md", "quote": "It uses two rooms."}],
    "unanswerable": False,
    "notes": "",
}


def all_cases() -> list[Case]:
    return [case for path in FILES for case in read_cases(path)]


def write(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_a_case_is_read_whole(tmp_path: Path) -> None:
    [case] = read_cases(write(tmp_path / "cases.jsonl", GOOD))
    assert case.evidence == (Evidence("note.md", "It uses two rooms."),)
    assert case.history == (Turn("user", "Where is it?"),)
    assert case.split == "dev"
    assert case.expected == {"answered"}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"type": "riddle"}, "type"),
        ({"group": "press"}, "group"),
        ({"unanswerable": "no"}, "unanswerable"),
        ({"evidence": [{"file": "note.md"}]}, "quote"),
        ({"history": ["Where is it?"]}, "history"),
        ({"question": "  "}, "blank"),
        ({"evidence": [{"file": "note.md", "quote": " "}]}, "blank"),
        ({"type": "unanswerable"}, "unanswerable"),
    ],
)
def test_a_bad_field_is_named_with_file_and_line(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    path = write(tmp_path / "cases.jsonl", GOOD, "", {**GOOD, "id": "A2", **change})
    with pytest.raises(CaseError, match=r"cases\.jsonl, line 3.*" + named):
        read_cases(path)


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_missing_field_is_named_with_file_and_line(tmp_path: Path, missing: str) -> None:
    line = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(CaseError, match=rf"cases\.jsonl, line 1.*{missing}"):
        read_cases(write(tmp_path / "cases.jsonl", line))


@pytest.mark.parametrize("line", ["{", "[]", "nothing"])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(CaseError, match=r"line 2"):
        read_cases(write(tmp_path / "cases.jsonl", GOOD, line))


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"line 2.*'A1'.*line 1"):
        read_cases(write(tmp_path / "cases.jsonl", GOOD, GOOD))


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="absent"):
        read_cases(tmp_path / "absent.jsonl")
    with pytest.raises(CaseError, match="no cases"):
        read_cases(write(tmp_path / "empty.jsonl", ""))


def case_of(kind: Type, *, unanswerable: bool = False, history: tuple[Turn, ...] = ()) -> Case:
    return Case("A1", "cdo", kind, "?", history, "", (), unanswerable, "")


def test_the_right_status_follows_from_the_case() -> None:
    turns = (Turn("user", "Tell me about it"),)
    assert case_of("unanswerable", unanswerable=True).expected == {"not_in_corpus"}
    assert case_of("number", unanswerable=True).expected == {"not_in_corpus"}
    assert case_of("ambiguous").expected == {"clarify"}
    assert case_of("ambiguous", history=turns).expected == {"clarify", "answered"}
    assert case_of("conflicting").expected == {"answered"}


def test_evidence_is_checked_against_the_files(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("# Venue\n\nIt uses **two rooms**.\n", encoding="utf-8")
    path = tmp_path / "cases.jsonl"
    check_evidence(read_cases(write(path, GOOD)), tmp_path)
    wrong = {**GOOD, "id": "A2", "evidence": [{"file": "note.md", "quote": "It uses nine halls."}]}
    with pytest.raises(CaseError, match=r"line 2.*note\.md.*nine halls"):
        check_evidence(read_cases(write(path, GOOD, wrong)), tmp_path)
    elsewhere = {"file": "absent.md", "quote": "It uses two rooms."}
    also = {**GOOD, "evidence": [{**GOOD["evidence"][0], "also": [elsewhere]}]}
    with pytest.raises(CaseError, match=r"line 1.*absent\.md"):
        check_evidence(read_cases(write(path, also)), tmp_path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_case_of_the_corpus_quotes_its_file(path: Path) -> None:
    check_evidence(read_cases(path), CORPUS)


def test_every_case_of_another_library_quotes_its_file() -> None:
    libraries = [path for path in (ROOT / "eval" / "libraries").iterdir() if path.is_dir()]
    assert libraries
    for library in libraries:
        check_evidence(read_folder(library / "cases"), library / "documents")


def test_cases_on_documents_that_are_not_here_quote_no_sentence_of_them() -> None:
    for path in (ROOT / "eval" / "elsewhere").glob("*.jsonl"):
        quotes = [place.quote for case in read_cases(path) for e in case.evidence for place in e.places]
        assert all(len(part.split()) <= 7 for quote in quotes for part in quote.split(" … "))


def test_no_id_and_no_question_stands_twice_over_all_files() -> None:
    cases = all_cases()
    asked = Counter((case.question.lower(), case.history) for case in cases)
    assert [id_ for id_, n in Counter(case.id for case in cases).items() if n > 1] == []
    assert [question for question, n in asked.items() if n > 1] == []


def test_the_cases_of_the_corpus_are_many_and_of_all_kinds() -> None:
    cases = all_cases()
    types, groups = Counter(c.type for c in cases), Counter(c.group for c in cases)
    assert len(cases) >= 500
    assert set(types) == set(get_args(Type))
    assert set(groups) == set(get_args(Group))
    assert min(groups.values()) >= 60
    assert sum(c.unanswerable for c in cases) >= 50
    assert types["ambiguous"] >= 25
    assert types["conflicting"] >= 20
    assert sum(len({e.file for e in c.evidence}) > 1 for c in cases) >= 20
    assert sum(c.type == "number" or "table" in c.notes for c in cases) >= 20
    assert sum(bool(c.history) for c in cases) >= 40
    assert sum("lang=fr" in c.notes for c in cases) >= 12
    assert sum("lang=rw" in c.notes for c in cases) >= 10


def test_about_a_third_of_the_cases_is_set_aside() -> None:
    cases = all_cases()
    assert 0.25 <= sum(c.split == "test" for c in cases) / len(cases) <= 0.4
    for path in FILES:
        assert 0.2 <= sum(c.split == "test" for c in read_cases(path)) / len(read_cases(path)) <= 0.45, path
    assert {c.type for c in cases if c.split == "test"} == set(get_args(Type))


def test_earlier_turns_alternate_and_end_with_an_answer() -> None:
    for case in all_cases():
        roles = [turn.role for turn in case.history]
        assert roles == ["user", "assistant"] * (len(roles) // 2), case.place


def test_the_cases_are_not_those_given_for_development() -> None:
    given = read(GIVEN)
    assert len(given) == 50
    assert [case.id for case in all_cases() if fingerprint(case.question.lower()) in given] == []
