"""A tree -> a file in Word, Markdown or HTML through pandoc, walled in, and written whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Collection
from pathlib import Path

from kb.briefs.style import STYLE_SHEET, reference_docx
from kb.briefs.tree import Node, Target
from kb.errors import BriefError

TARGETS: dict[str, Target] = {
    ".docx": "docx",
    ".htm": "html",
    ".html": "html",
    ".markdown": "markdown",
    ".md": "markdown",
}
SECONDS = 60
MEMORY = "-M1g"
# What readers of many kinds take for markup is escaped; what only pandoc reads is not written.
_MARKDOWN = (
    "markdown-smart-simple_tables-multiline_tables-grid_tables-header_attributes-implicit_header_references"
)


def target_of(path: Path, also: Collection[str] = ()) -> Target | None:
    """Return the format that a file's name asks for, None for one of `also`.

    Raises BriefError for a suffix that is not known, and for a folder that is missing.
    """
    suffix = path.suffix.lower()
    if suffix not in TARGETS and suffix not in also:
        known = ", ".join(sorted({*TARGETS, *also}))
        raise BriefError(f"{path}: no file of this kind can be written; end its name with one of {known}.")
    if not path.parent.is_dir():
        raise BriefError(f"{path}: the folder {path.parent} does not exist; make it first.")
    if path.is_dir():
        raise BriefError(f"{path} is a folder; name a file.")
    return TARGETS.get(suffix)


def save(data: bytes, path: Path) -> None:
    """Write a file whole: another program sees the old one or the new one, never a part."""
    try:
        opened, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with open(opened, "wb") as file:
                file.write(data)
            # A temporary file is for its owner only; the export gets the rights of any other new file.
            Path(name).chmod(_rights(path))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise BriefError(
            f"{path} cannot be written: {error.strerror or error}; choose another place."
        ) from error


def _rights(path: Path) -> int:
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def render(tree: Node, target: Target, *, wide: bool = False) -> bytes:
    """Return a tree as the bytes of a file; `wide` turns a Word page on its side."""
    if target == "markdown":
        return run(tree, ["--to", _MARKDOWN, "--wrap=none", "--markdown-headings=atx"])
    if target == "html":
        head: Node = {"t": "MetaBlocks", "c": [{"t": "RawBlock", "c": ["html", STYLE_SHEET]}]}
        dressed = {**tree, "meta": {**tree["meta"], "header-includes": head}}
        return run(dressed, ["--to", "html5", "--standalone", "--shift-heading-level-by=-1", "--wrap=none"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reference.docx")
        path.write_bytes(reference_docx(wide=wide))
        dated = {name: value for name, value in tree["meta"].items() if name != "date"}
        options = ["--to", "docx", "--shift-heading-level-by=-1", f"--reference-doc={path}", "--output=-"]
        return run({**tree, "meta": dated}, options)


def run(tree: Node, options: list[str]) -> bytes:
    """Run pandoc on a tree; raises BriefError if it cannot be run, fails or takes too long."""
    import pypandoc

    try:
        command = [
            pypandoc.get_pandoc_path(),
            "--sandbox",
            "--from",
            "json",
            *options,
            "+RTS",
            MEMORY,
            "-RTS",
        ]
        data = json.dumps(tree).encode()
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise BriefError(
            f"The export was not written within {SECONDS} seconds; try a shorter one."
        ) from error
    except OSError as error:
        raise BriefError("The export needs pandoc, which cannot be run: install pypandoc_binary.") from error
    if done.returncode != 0:
        reason = done.stderr.decode(errors="replace").strip().splitlines() or ["pandoc gave no reason"]
        raise BriefError(f"The export could not be written: {reason[0].rstrip('.')}; report this as a fault.")
    return done.stdout
