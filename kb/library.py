"""Files and folders -> the documents to read, with what a folder's catalogue says of them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kb.errors import ConfigError, DocumentError, EmptyDocument, KBError
from kb.loaders import SUFFIXES, content, load
from kb.types import Document

CATALOGUE = "catalogue.toml"
# Characters of a catalogue, some 5,000 documents, and of its lines: reading TOML takes the square of a line.
MAX_CATALOGUE, MAX_LINE = 2**20, 4_000
# What a catalogue may say of a document; each is a field of Document.
FIELDS = frozenset("title publisher kind date edition audience language restates obtain".split())


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read: `name` is what it is cited as, `described` what a catalogue says of it."""

    path: Path
    name: str
    described: dict[str, Any] = field(default_factory=dict)

    def read(self) -> Document:
        """Load the file and describe it."""
        return self.describe(load(self.path))

    def describe(self, document: Document) -> Document:
        """Name a document that was loaded; the catalogue's word goes before the file's own metadata."""
        return replace(document, source=self.name, **self.described)

    @property
    def is_file(self) -> bool:
        """Tell whether the document is what `load` makes of the file; kinds of Source may read otherwise."""
        return type(self).read is Source.read


@dataclass(frozen=True, slots=True)
class Refused(Source):
    """What stands in a folder and is not to be opened, with the sentence that says why."""

    reason: str = ""

    def read(self) -> Document:
        """Raise DocumentError."""
        raise DocumentError(self.reason)


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """Return every file under the paths but hidden and ignored ones; KBError if there is none.

    A file is cited by its name, in a subfolder by its path below the folder;
    the second of a name by as much of its whole path as tells it from the first.
    The catalogue of a file's own folder describes it, however it was given.
    What no loader reads is among them, so that a report can name it: other kinds of
    files, pipes and the like, and links that lead nowhere or out of the folder.
    """
    found: dict[Path, Source] = {}
    paths = list(paths)
    for path in paths:
        if not os.path.lexists(path):
            raise DocumentError(f"{path}: no such file or folder; check the path.")
        for source in _in_folder(path) if path.is_dir() else [_alone(path)]:
            real = Path(os.path.realpath(source.path))
            # A link that is refused is not the file that it leads to.
            found.setdefault(source.path.absolute() if isinstance(source, Refused) else real, source)
    if not found:
        names = ", ".join(str(path) for path in paths)
        raise KBError(f"No documents in {names}; files of these kinds can be read: {_kinds()}.")
    return list(_distinct(found.values()))


def _alone(path: Path) -> Source:
    """Return a file that was named itself, so that it is read even where the catalogue ignores it."""
    described, _ = _catalogue(path.parent)
    return Source(path, path.name, described.get(path.name, {}))


def _in_folder(folder: Path) -> Iterator[Source]:
    described, ignored = _catalogue(folder)
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        ordinary = path.is_dir() and not path.is_symlink()
        if ordinary or any(part.startswith(".") or part in ignored for part in below.parts):
            continue
        name = below.as_posix()
        reason = _reason(path, folder)
        yield Refused(path, name, reason=reason) if reason else Source(path, name, described.get(name, {}))


def _reason(path: Path, folder: Path) -> str:
    """Return why something in a folder is not to be opened, or nothing.

    Whoever may put a link into a folder need not be allowed to read what it leads to.
    """
    if path.is_symlink() and path.is_dir():
        return f"{path.name} is a link to a folder, which is not followed; name that folder itself."
    try:
        content.refuse_special(path)
    except DocumentError as error:
        return str(error)
    except OSError:  # reading it says what is wrong
        return ""
    if not path.is_symlink():
        return ""
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(folder)):
        return ""
    return f"{path.name} is a link out of its folder, which is not followed; put the file in its place."


def _catalogue(folder: Path) -> tuple[dict[str, dict[str, Any]], set[str]]:
    path = folder / CATALOGUE
    if not os.path.lexists(path):
        return {}, set()
    try:
        text = content.read(path, MAX_CATALOGUE).decode()
        if len(max(text.split("\n"), key=len)) > MAX_LINE:
            raise ConfigError(f"{path} has a line of more than {MAX_LINE} characters; write it on several.")
        said = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}. Mend that line.") from error
    except RecursionError as error:
        raise ConfigError(f"{path} is nested too deeply; write it as the documentation shows.") from error
    except EmptyDocument:
        said = {}
    ignored, entries = said.get("ignore", []), said.get("document", [])
    if not _is_list(ignored, str) or not _is_list(entries, dict):
        raise ConfigError(f'{path}: write ignore = ["NAME", ..] first, then a [[document]] for each file.')
    return dict(_described(path, entry) for entry in entries), {*ignored, CATALOGUE}


def _described(path: Path, entry: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = entry.get("file")
    if not isinstance(name, str):
        raise ConfigError(f'{path}: a [[document]] names no file; give it file = "NAME".')
    for key, value in entry.items():
        if key not in FIELDS | {"file"}:
            raise ConfigError(f"{path}: {name} has the unknown key {key!r}; remove it.")
        if not (_is_list(value, str) if key == "audience" else isinstance(value, str)):
            form = 'a list, ["..", ".."]' if key == "audience" else 'text in quotes, ".."'
            raise ConfigError(f"{path}: {key} of {name} must be {form}.")
    described = {key: value for key, value in entry.items() if key != "file"}
    return name, {**described, "audience": tuple(entry.get("audience", ()))}


def _is_list(value: object, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(part, kind) for part in value)


def _distinct(sources: Iterable[Source]) -> Iterator[Source]:
    """Give files of one name from different folders names that differ: "index.html", "2023/index.html"."""
    taken: set[str] = set()
    for source in sources:
        parts = (source.path.parent.resolve() / source.path.name).parts
        name, shown = source.name, source.name.count("/") + 1
        while name in taken:
            shown += 1
            name = "/".join(parts[-shown:])
        taken.add(name)
        yield replace(source, name=name)


def _kinds() -> str:
    return " ".join(sorted(SUFFIXES))
