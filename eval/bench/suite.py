"""All parts in one run, and what becomes of it: results.json and bench.html."""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from eval.bench.figures import Figure
from eval.bench.machine import about
from eval.bench.options import Options, Skipped
from eval.bench.processes import check_system
from eval.console import Progress
from kb.errors import KBError

PARTS = {
    "embedding": "Turning passages into vectors",
    "reading": "Reading PDF files",
    "ingest": "From a folder of PDF files to an index",
    "asking": "Answering, as the library grows",
    "serving": "Several people at once",
    "desk": "Somebody at the page",
}
TEMPLATE = Path(__file__).with_name("bench.html")
RESULTS, PAGE = "results.json", "bench.html"


def run_parts(names: Sequence[str], options: Options, progress: Progress) -> Iterator[dict[str, Any]]:
    """Measure the parts, all if none is named, and yield what is known after each, so that it can be kept.

    A part that is skipped or fails says why. Raises KBError for an unknown
    part, and where nothing can be measured.
    """
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise KBError(f"There is no part {unknown[0]!r}; choose from {', '.join(PARTS)}.")
    check_system()
    described = {key: _plain(value) for key, value in asdict(options).items()}
    wanted, done = list(names or PARTS), dict[str, Any]()
    known = {**about(), "options": described}
    for name in wanted:
        done[name] = _measured(name, options, progress)
        yield {**known, "missing": [other for other in wanted if other not in done], "parts": {**done}}


def _measured(name: str, options: Options, progress: Progress) -> dict[str, Any]:
    module = _module(name)
    with tempfile.TemporaryDirectory(prefix="kb-bench-") as folder:
        try:
            found: dict[str, Any] = module.measure(options, Path(folder), progress)
        except Skipped as reason:
            return {"skipped": str(reason)}
        except KBError as error:
            return {"failed": str(error)}
    return found


def failed(result: dict[str, Any]) -> list[str]:
    """Return what went wrong, a line for each part that failed."""
    return [f"{name}: {part['failed']}" for name, part in result["parts"].items() if "failed" in part]


def figures_of(result: dict[str, Any]) -> dict[str, list[Figure]]:
    """Return the figures of every part that was measured."""
    measured = {n: part for n, part in result["parts"].items() if not part.keys() & {"skipped", "failed"}}
    return {name: _module(name).figures(part) for name, part in measured.items()}


def write(result: dict[str, Any], folder: Path) -> None:
    """Write results.json and bench.html; KBError if that cannot be done."""
    text = json.dumps({**result, "figures": _as_json(result)}, ensure_ascii=False, indent=1) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RESULTS).write_text(text, encoding="utf-8")
        (folder / PAGE).write_text(render(result), encoding="utf-8")
    except OSError as error:
        raise KBError(f"{folder} cannot be written to: {error}. Choose another --out.") from error


def render(result: dict[str, Any]) -> str:
    """Return the page; every word in it is escaped."""
    from jinja2 import Environment, StrictUndefined

    from eval.bench.plots import bars

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    drawn = figures_of(result)
    parts = {
        name: {
            "title": PARTS[name],
            "figures": drawn.get(name, []),
            "skipped": part.get("skipped", ""),
            "failed": part.get("failed", ""),
        }
        for name, part in result["parts"].items()
    }
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(result=result, parts=parts, bars=bars)


def _as_json(result: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    drawn = figures_of(result)
    return {n: [{**asdict(one), "verdict": one.verdict()} for one in found] for n, found in drawn.items()}


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"eval.bench.{name}")


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
