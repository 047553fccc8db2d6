"""The command line as other programs and people use it: output, exit statuses, batches, histories."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kb.index import open_index
from tests.conftest import Command
from tests.test_contract import DOCUMENT, HIT, check_answer, has

WHERE = "Where does the Kigali workshop take place?"
WHEN = "When does the Kigali workshop take place?"


def sources(index: Path) -> list[str]:
    return [document.source for document in open_index(index).documents()]


# Building, adding, removing, listing


def test_build_reports_on_stderr_only(kb: Command, small_documents: Path, tmp_path: Path) -> None:
    ran = kb("build", small_documents, "--index", tmp_path / "new")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith(f"{tmp_path}/new: 3 document(s) added or replaced, 0 unchanged, 0 removed;")
    assert ran.err.count("\n") == 1
    assert sources(tmp_path / "new") == ["guide.md", "note.txt", "values.csv"]


def test_build_takes_corpus_and_index_from_the_settings(
    kb: Command, small_documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_CORPUS", str(small_documents))
    monkeypatch.setenv("KB_INDEX", str(tmp_path / "set"))
    assert kb("build").status == 0
    assert len(sources(tmp_path / "set")) == 3
    assert kb("ask", WHERE, "--json").json["status"] == "answered"


def test_build_again_drops_what_is_not_named(kb: Command, small_documents: Path, small_index: Path) -> None:
    ran = kb("build", small_documents / "note.txt", "--index", small_index)
    assert "0 document(s) added or replaced, 1 unchanged, 2 removed" in ran.err
    assert sources(small_index) == ["note.txt"]


def test_add_and_remove(kb: Command, small_index: Path, tmp_path: Path) -> None:
    new = tmp_path / "budget.txt"
    new.write_text("The budget of the workshop is 71 million francs.\n", encoding="utf-8")
    ran = kb("add", new, "--index", small_index)
    assert (ran.status, ran.out) == (0, "")
    assert "1 document(s) added" in ran.err
    assert sources(small_index) == ["budget.txt", "guide.md", "note.txt", "values.csv"]
    assert "71 million" in kb("ask", "What is the budget of the workshop?", "--index", small_index).out

    ran = kb("remove", "budget.txt", "Survey guide", "--index", small_index)
    assert (ran.status, ran.out) == (0, "")
    assert ran.err == "Removed budget.txt, guide.md.\n"
    assert sources(small_index) == ["note.txt", "values.csv"]


@pytest.fixture
def site(small_documents: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    handler = partial(Quiet, directory=str(small_documents.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{small_documents.name}"
        server.shutdown()
        thread.join()


def test_add_from_the_web(kb: Command, site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert kb("add", f"{site}/note.txt", f"{site}/guide.md", "--index", tmp_path / "web").status == 0
    assert sources(tmp_path / "web") == ["guide.md", "note.txt"]
    ran = kb("add", f"{site}/gone.txt", "--index", tmp_path / "web")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"kb: {site}/gone.txt answered with status 404.\n"


def test_two_addresses_with_one_file_name_are_two_documents(
    kb: Command, site: str, small_documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    other = tmp_path / "other" / "note.txt"
    other.parent.mkdir()
    other.write_text("Another note says something else.\n", encoding="utf-8")
    with ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(other.parent))
    ) as server:
        threading.Thread(target=server.handle_request).start()
        address = f"http://127.0.0.1:{server.server_port}/note.txt"
        assert kb("add", f"{site}/note.txt", address, "--index", tmp_path / "web").status == 0
    assert len(sources(tmp_path / "web")) == 2


def test_list(kb: Command, small_index: Path) -> None:
    rows = kb("list", "--index", small_index, "--json").json
    assert has(DOCUMENT, *rows)
    assert [row["source"] for row in rows] == ["guide.md", "note.txt", "values.csv"]
    assert sum(row["passages"] for row in rows) == open_index(small_index).size
    shown = kb("list", "--index", small_index)
    assert shown.status == 0
    assert all(row["id"] in shown.out and row["title"] in shown.out for row in rows)


@pytest.mark.parametrize("name", ["nowhere.txt", ""])
def test_an_unknown_document_is_not_removed(kb: Command, small_index: Path, name: str) -> None:
    ran = kb("remove", "note.txt", name, "--index", small_index)
    assert (ran.status, ran.out) == (1, "")
    shown = "`kb list` shows ids, file names and titles"
    assert ran.err == f"kb: No document named {name!r} in the index; {shown}.\n"
    assert len(sources(small_index)) == 3


def test_an_index_without_documents_still_answers(kb: Command, small_index: Path) -> None:
    assert kb("remove", *sources(small_index), "--index", small_index).status == 0
    assert kb("list", "--index", small_index, "--json").json == []
    found = kb("ask", WHERE, "--index", small_index, "--json").json
    check_answer(found)
    assert found["status"] == "not_in_corpus"
    assert kb("search", WHERE, "--index", small_index, "--json").json["hits"] == []


# Searching


def test_search_ranks_the_passage_that_answers_first(kb: Command, small_index: Path) -> None:
    found = kb("search", WHERE, "-k", "2", "--index", small_index, "--json").json
    assert found["query"] == WHERE
    assert len(found["hits"]) == 2
    assert has(HIT, *found["hits"])
    assert "Convention Center" in found["hits"][0]["text"]
    assert found["hits"][0]["source"] == "note.txt"


def test_search_shows_passages_to_people(kb: Command, small_index: Path) -> None:
    ran = kb("search", WHERE, "-k", "1", "--index", small_index)
    assert (ran.status, ran.err) == (0, "")
    assert re.match(r"1\. .+: Venue  \(\d\.\d{3}\)\n", ran.out)
    assert "The Kigali workshop takes place in the Convention Center." in ran.out


# Asking


def test_ask_prints_an_answer_with_its_quotes(kb: Command, small_index: Path) -> None:
    ran = kb("ask", WHERE, "--index", small_index)
    assert (ran.status, ran.err) == (0, "")
    assert "The Kigali workshop takes place in the Convention Center. [1]" in ran.out
    assert re.search(r"\n\[1\] .+: Venue\n    “The Kigali workshop takes place", ran.out)


def test_ask_json_is_all_of_stdout(kb: Command, small_index: Path) -> None:
    ran = kb("ask", WHERE, "--index", small_index, "--json")
    assert (ran.status, ran.err) == (0, "")
    check_answer(ran.json)
    assert ran.json["status"] == "answered"
    assert ran.json["citations"][0]["source"] == "note.txt"
    assert ran.json["index_generation"] == open_index(small_index).generation


def test_abstaining_is_a_result(kb: Command, small_index: Path) -> None:
    ran = kb("ask", "Who won the football cup of Brazil?", "--index", small_index, "--json")
    assert ran.status == 0
    assert ran.json["status"] == "not_in_corpus"
    assert ran.json["claims"] == []


# Wrong use, help, processes


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ask"],
        ["search"],
        ["ask", "x", "--batch", "q.jsonl"],
        ["search", "x", "-k", "0"],
        ["search", "x", "-k", "many"],
        ["ask", "x", "--no-such-option"],
        ["no-such-command"],
        ["add"],
        ["remove"],
        ["serve", "--port", "70000"],
        ["ask", "x", "y"],
    ],
)
def test_wrong_use_is_status_2_whether_or_not_there_is_an_index(kb: Command, arguments: list[str]) -> None:
    ran = kb(*arguments)
    assert ran.status == 2
    assert ran.out == "" or not arguments


COMMANDS = ["build", "add", "remove", "list", "search", "ask", "serve"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(kb: Command, command: str) -> None:
    ran = kb(command, "--help")
    assert ran.status == 0
    assert f" {command} [OPTIONS]" in ran.out
    assert "--index" in ran.out


def test_the_program_ends_with_0_1_and_2(program: Command, small_index: Path) -> None:
    good = program("ask", WHERE, "--index", small_index, "--json")
    assert (good.status, good.err) == (0, "")
    check_answer(good.json)
    bad = program("ask", WHERE, "--index", "nowhere", "--json")
    assert (bad.status, bad.out) == (1, "")
    assert bad.err == "kb: No index at nowhere; build it with: kb build --index nowhere\n"
    wrong = program("ask", "--json")
    assert (wrong.status, wrong.out) == (2, "")
    assert "give a question, or --batch FILE" in wrong.err


def test_the_module_is_the_program(program: Command, small_index: Path) -> None:
    code = "import runpy; runpy.run_module('kb.cli', run_name='__main__', alter_sys=True)"
    ran = program("list", "--index", small_index, "--json", code=code)
    assert (ran.status, ran.err) == (0, "")
    assert len(ran.json) == 3


def test_output_is_utf_8_whatever_the_computer_is_set_to(program: Command, small_index: Path) -> None:
    path = small_index.parent / "q.jsonl"
    path.write_text('{"id": 1, "question": "où \\u2028 数 \\ud800"}', encoding="utf-8")
    ran = program("ask", WHERE, "--index", small_index, PYTHONIOENCODING="latin-1")
    assert (ran.status, ran.err) == (0, "")
    assert "“The Kigali workshop" in ran.out
    ran = program("ask", "--batch", path, "--index", small_index, PYTHONIOENCODING="latin-1")
    assert (ran.status, ran.err) == (0, "")
    assert ran.lines[0]["question"] == "où \u2028 数 \ud800"
    assert "half a character" in ran.lines[0]["error"]


def test_the_program_builds_in_a_process_of_its_own(
    program: Command, small_documents: Path, tmp_path: Path
) -> None:
    ran = program("build", small_documents, "--index", "new")
    assert (ran.status, ran.out) == (0, "")
    assert ran.err.startswith("new: 3 document(s) added")
    assert ran.err.count("\n") == 1
    assert sources(tmp_path / "new") == ["guide.md", "note.txt", "values.csv"]
