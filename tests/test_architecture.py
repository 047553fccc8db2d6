"""The shape of the code, read from its files: who imports whom, what a question loads, what is committed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import typer

from kb.models.reader import WEIGHTS
from tests.conftest import ROOT, Command

# From the ground up. A module may import its own floor and those below it.
FLOORS = [
    {"errors", "types", "config", "text", "lexicon", "clock"},
    {"loaders", "chunking", "embedding", "library", "index"},
    {"models"},
    {"retrieval"},
    {"answering", "egdi"},
    {"assistant", "contract", "questions", "briefs"},
    {"ui", "cli", "options", "terminal"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted((ROOT / "kb").rglob("*.py"))
HEAVY = {"torch", "gradio", "sentence_transformers", "transformers", "langchain_text_splitters", "langchain"}
# The module that is a network of torch: imported where a model is prepared or trained, and nowhere else.
NETWORK = "kb.models.network"


def imported(path: Path, *, everywhere: bool = True) -> Iterator[str]:
    """Yield the full name of everything a file imports: everywhere in it, or when it is imported itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}, line {node.lineno}: a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def room(dotted: str) -> str:
    """Return the part of kb that a dotted name of it lies in."""
    return dotted.split(".")[1]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def dotted(path: Path) -> str:
    return relative(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_every_room_has_a_floor() -> None:
    rooms = {room(dotted(path)) for path in MODULES if dotted(path) != "kb"}
    assert rooms - LEVEL.keys() == set(), "say in FLOORS what the new part may import"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_point_downward(path: Path) -> None:
    own = LEVEL[room(dotted(path))] if dotted(path) != "kb" else len(FLOORS)
    upward = [name for name in imported(path) if name.startswith("kb.") and LEVEL[room(name)] > own]
    assert upward == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_the_ui_imports_gradio_and_nothing_imports_eval_or_tests(path: Path) -> None:
    tops = {name.split(".")[0] for name in imported(path)}
    assert not tops & {"eval", "tests", "app", "corpus", "pickle"}
    assert "gradio" not in tops or room(dotted(path)) == "ui"


def test_domain_types_need_only_the_standard_library_and_numpy() -> None:
    tops = {name.split(".")[0] for name in imported(ROOT / "kb" / "types.py")}
    assert tops <= {"__future__", "collections", "dataclasses", "typing", "numpy", "kb"}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    """At the top of a module only where the module is about that library."""
    known = [*imported(path, everywhere=False)]
    assert not [name for name in known if name.startswith(NETWORK)]
    names = tops(known) - ({"torch", "transformers"} if dotted(path) == NETWORK else set())
    assert not names & (HEAVY | {"faiss", "openvino", "pypandoc", "tantivy", "httpx"})


LOADED = """
import json, sys
from kb.cli import main
at_import = sorted(sys.modules)
try:
    main()
except SystemExit as ended:
    status = ended.code
print("\\n" + json.dumps({"status": status, "at_import": at_import, "after": sorted(sys.modules)}))
"""


def loaded(program: Command, *arguments: object) -> dict[str, Any]:
    ran = program(*arguments, code=LOADED)
    assert ran.status == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out.rsplit("\n", 2)[-2])
    return found


def tops(modules: list[str]) -> set[str]:
    return {name.split(".")[0] for name in modules}


def test_the_command_line_starts_without_heavy_libraries(program: Command) -> None:
    found = loaded(program, "--help")
    assert not tops(found["at_import"]) & (HEAVY | {"numpy", "openvino", "faiss", "pydantic"})
    assert "kb.config" not in found["after"]


@pytest.mark.parametrize("command", [["ask"], ["search", "-k", "3"]])
def test_a_question_needs_no_torch(program: Command, small_index: Path, command: list[str]) -> None:
    found = loaded(program, *command, "Where does the Kigali workshop take place?", "--index", small_index)
    assert found["status"] in (0, None)
    # FAISS searches large parts of an index only; a small one is searched exactly without it.
    assert {"openvino", "tantivy"} <= tops(found["after"])
    assert not tops(found["after"]) & (
        HEAVY | {"faiss", "pypandoc", "pypdfium2", "httpx", "rich", "safetensors"}
    )
    assert not {"kb.answering.llm", "kb.answering.grounding", "kb.ui", "kb.index.ingest"} & {*found["after"]}


# What is committed


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("this is not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


# Written apart, so that this file does not hold what it looks for.
MACHINE = re.compile(rb"(?<![\w./:-])/(?:" + b"|".join([b"work", b"root", b"home", b"Users"]) + rb")/[\w.]")
REGISTRIES = re.compile(
    rb"\b(?:"
    + rb"|".join([rb"py" rb"pi\.org", rb"python" rb"hosted\.org", rb"pytorch\.org/whl", rb"npm" rb"js\.org"])
    + rb")"
)


def test_no_committed_file_names_a_machine_path_or_a_package_registry() -> None:
    found = []
    for path in tracked():
        data = path.read_bytes()
        found += [(relative(path), hit.group()) for p in (MACHINE, REGISTRIES) if (hit := p.search(data))]
    assert found == []


def test_what_looks_for_machine_paths_finds_them() -> None:
    assert MACHINE.search(b"see /" + b"work/main/x")
    assert MACHINE.search(b'"/' + b'root/.cache"')
    assert not MACHINE.search(b"https://example.org/" + b"work/with-us")
    assert REGISTRIES.search(b"https://files.python" + b"hosted.org/packages")


def test_no_index_is_committed_nor_a_model_but_the_reader() -> None:
    names = [relative(path) for path in tracked()]
    assert [name for name in names if name.startswith("indexes/")] == ["indexes/README.md"]
    kinds = (".pkl", ".pickle", ".safetensors", ".bin", ".faiss")
    found = [name for name in names if name.endswith(kinds)]
    assert found == [relative(WEIGHTS)]


# Commands


def commands(app: typer.Typer, prefix: str = "kb") -> dict[str, Any]:
    """Return the commands of a group by their full names."""
    group = getattr(typer.main.get_command(app), "commands", {})
    return {f"{prefix} {name}": command for name, command in group.items()}


@pytest.fixture
def every_command() -> dict[str, Any]:
    from kb.cli import app

    found = commands(app)
    for entry in entry_points(group="kb.commands"):
        found |= commands(entry.load(), f"kb {entry.name}")
    return found


def test_every_command_and_option_has_help(every_command: dict[str, Any]) -> None:
    names = "build add remove list search ask serve".split()
    assert every_command.keys() >= {f"kb {name}" for name in names}
    for name, command in every_command.items():
        assert command.help, name
        assert [p.name for p in command.params if not getattr(p, "help", "")] == [], name


def test_every_command_is_in_the_readme(every_command: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in every_command if " ".join(name.split()[:2]) not in readme] == []
