"""What a librarian does to the index from the web app: documents added, replaced, removed, hidden, put back.

Whatever leaves the index is kept first (`kb.index.removed`), so that each of
these can be undone. One at a time may do so; the index answers all the while,
also while all documents are read again.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from kb.config import Config
from kb.errors import DocumentError, KBError
from kb.index import open_index
from kb.index.ingest import NothingRead, Progress, build, remove
from kb.index.originals import find
from kb.index.reading import read_all
from kb.index.removed import Removed, described, forget, keep, removed, sweep
from kb.library import CATALOGUE, Source, find_sources
from kb.loaders.web import fetch, is_address
from kb.types import Document, Embedder
from kb.ui.rebuilding import read_again
from kb.ui.uploads import Upload

BUSY = "Somebody else is changing the library just now; try again when that is done. Nothing was changed."

CHANGED = (
    "{} was changed by somebody else since you loaded this page; look at it,"
    " and add your file again if it is still to be replaced."
)

UNHIDABLE = (
    "No copy of the file of {} is kept, so it could not be shown again and stays as it is;"
    " replace it with its file first, then hide it."
)

UNREASONED = "Say in a few words why the document is to be hidden. Nothing was changed."

# So long may the reason be for which a document is hidden, in characters.
REASON = 200

TAKEN = "The library holds another document {}; replace that one, or remove it first."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of documents that were to be added: file names, and the reasons for those left out.

    `same` names the document that has the same content, `shown` those that were
    hidden. Of documents that were to be read again, `again` names those that
    were, and `stayed` gives the reasons why others are as they were.
    """

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    same: Mapping[str, str] = field(default_factory=dict)
    left_out: Sequence[tuple[str, str]] = ()
    shown: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    stayed: Sequence[tuple[str, str]] = ()

    @property
    def changed(self) -> list[str]:
        """The names of the documents that the library holds by it, or holds anew."""
        return [*self.added, *self.replaced, *self.shown, *self.again]


@dataclass(frozen=True, slots=True)
class Librarian:
    """Changes the index of the settings; `lock` is held while it does. Raises KBError where another does."""

    config: Config
    embedder: Embedder
    lock: threading.Lock

    def add(
        self, files: Iterable[Upload], seen: Mapping[str, str], progress: Progress = lambda *_: None
    ) -> Outcome:
        """Add files, in place of the documents of the same name that somebody has `seen` (name to id).

        What a catalogue said of a document that is replaced is said of the new
        one too, unless a catalogue.toml among the files says otherwise.
        """
        with self._alone():
            held = {document.source: document for document in self.documents()}
            wanted, outcome = _judged(files, held, seen)
            if not wanted:
                return outcome
            sources = [self._inheriting(source, held.get(source.name)) for source in find_sources(wanted)]
            done = self._bring(sources, held, progress)
            left_out = (*outcome.left_out, *done.left_out)
            return replace(done, same={**outcome.same, **done.same}, left_out=left_out)

    def exchange(
        self, document_id: str, file: Upload, seen: Mapping[str, str], progress: Progress = lambda *_: None
    ) -> Outcome:
        """Put a file in the place of a document that somebody has `seen`, under the name of the document.

        A file of another kind takes the name with its own suffix.
        """
        with self._alone():
            old, held = self._held(document_id), {d.source: d for d in self.documents()}
            name = PurePosixPath(old.source).with_suffix(file.path.suffix).as_posix()
            if twin := next((d.source for d in held.values() if d.id == file.document_id), ""):
                return Outcome(same={file.name: twin})
            if seen.get(old.source) != old.id:
                return Outcome(left_out=((file.name, CHANGED.format(old.source)),))
            if name != old.source and name in held:
                return Outcome(left_out=((file.name, TAKEN.format(name)),))
            [source] = find_sources([file.path])
            source = self._inheriting(replace(source, name=name), old)
            outcome = self._bring([source], held, progress, instead_of=[old])
            return replace(outcome, added=(), replaced=(old.source,)) if outcome.added else outcome

    def remove(self, document_id: str) -> bool:
        """Remove a document and return whether it can be put back; KBError if it is not there."""
        with self._alone():
            return self._take_out(self._held(document_id))

    def hide(self, document_id: str, reason: str) -> None:
        """Take a document out until it is restored; KBError without a reason or a file kept of it."""
        reason = " ".join(reason.split())[:REASON]
        if not reason:
            raise KBError(UNREASONED)
        with self._alone():
            self._take_out(self._held(document_id), reason)

    def restore(self, document_id: str, progress: Progress = lambda *_: None) -> Outcome:
        """Put a removed or hidden document back as it was, in place of one that has taken its name since."""
        with self._alone():
            found = {entry.document.id: entry for entry in self.removed()}
            if document_id not in found:
                raise KBError("This document can no longer be put back; add its file again.")
            held = {document.source: document for document in self.documents()}
            outcome = self._bring([found[document_id].source()], held, progress)
            if outcome.added or outcome.replaced or outcome.unchanged:
                forget(self.config.index, [document_id])
            if found[document_id].reason:
                return replace(outcome, added=(), shown=outcome.added)
            return outcome

    def rebuild(self, progress: Progress = lambda *_: None) -> Outcome:
        """Read every document again from the file kept of it, in one commit; what cannot be read stays."""
        with self._alone():
            again, stayed = read_again(self.config, self.documents(), self.embedder, progress)
            return Outcome(again=again, stayed=tuple(stayed))

    def documents(self) -> list[Document]:
        """Return what the index holds now."""
        return open_index(self.config.index).documents()

    def removed(self) -> list[Removed]:
        """Return what can be put back: whatever the index does not hold (again)."""
        held = {document.id for document in self.documents()}
        return [entry for entry in removed(self.config.index) if entry.document.id not in held]

    def _take_out(self, document: Document, reason: str = "") -> bool:
        """Remove a document, or hide it for a reason; return whether it can be put back."""
        index = self.config.index
        kept = keep(index, document, reason)
        if reason and not kept:
            raise KBError(UNHIDABLE.format(document.source))
        try:
            remove(index, [document.id])
        except KBError:
            forget(index, [document.id])
            raise
        sweep(index)
        return kept

    def _held(self, document_id: str) -> Document:
        for document in self.documents():
            if document.id == document_id:
                return document
        raise KBError("The library no longer holds this document; somebody has removed or replaced it.")

    def _bring(
        self,
        sources: Sequence[Source],
        held: Mapping[str, Document],
        progress: Progress,
        instead_of: Iterable[Document] = (),
    ) -> Outcome:
        """Add sources in one commit; what they replace, by their name or another, is kept before."""
        index, names = self.config.index, {document.source for document in instead_of}
        kept = [held[name] for name in sorted({source.name for source in sources} | names) if name in held]
        for document in kept:
            keep(index, document)
        try:
            done = build(
                *(index, sources, self.embedder, self.config.chunking, progress),
                keep=True,
                instead_of=names,
                ocr=self.config.ingest.ocr,
                layout=self.config.ingest.layout,
            )
        except NothingRead as error:
            return Outcome(left_out=tuple(error.left_out.items()))
        finally:
            # Of documents that are still held nothing is to be put back.
            present = {document.id for document in self.documents()}
            forget(index, [document.id for document in kept if document.id in present])
            sweep(index)
        return Outcome(
            added=tuple(name for name in done.added if name not in held),
            replaced=tuple(name for name in done.added if name in held),
            unchanged=done.unchanged,
            same=done.same,
            left_out=tuple(done.left_out.items()),
        )

    def _inheriting(self, source: Source, held: Document | None) -> Source:
        """Say of a new version what a catalogue said of the one that is held."""
        if held is None:
            return source
        newly = {key: value for key, value in source.described.items() if value}
        return replace(source, described={**source.described, **self._said(held), **newly})

    def _said(self, held: Document) -> dict[str, Any]:
        """Return what is said of a document and not by its own file."""
        said = described(held)
        original = find(self.config.index, held.id)
        if original is None:
            return said
        [own] = read_all([Source(original, held.source)], ocr=self.config.ingest.ocr)
        if isinstance(own, DocumentError):
            return said
        # Its title may come from the file's name, which is another one beside the index.
        by_name = {"title"} if own.title == original.stem and held.title == Path(held.source).stem else set()
        return {
            key: value for key, value in said.items() if value != getattr(own, key) and key not in by_name
        }

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self.lock.acquire(blocking=False):
            raise KBError(BUSY)
        try:
            yield
        finally:
            self.lock.release()


def _judged(
    files: Iterable[Upload], held: Mapping[str, Document], seen: Mapping[str, str]
) -> tuple[list[Path], Outcome]:
    """Return the files to read, and what became of the others."""
    names = {document.id: document.source for document in held.values()}
    wanted: dict[str, Path] = {}
    same: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    for file in files:
        twin = names.get(file.document_id, file.name)
        now = held[file.name].id if file.name in held else None
        if twin != file.name:
            same[file.name] = twin
        elif file.name in wanted:
            left_out.append((file.name, f"There are two files {file.name}; add them one after the other."))
        elif now not in (None, file.document_id, seen.get(file.name)):
            left_out.append((file.name, CHANGED.format(file.name)))
        elif file.name != CATALOGUE:
            wanted[file.name] = file.path
    return [*wanted.values()], Outcome(same=same, left_out=tuple(left_out))


def gather(files: Sequence[Upload], folder: Path) -> list[Upload]:
    """Move files that were sent into one folder, where a catalogue.toml among them describes the others."""
    folder.mkdir(parents=True, exist_ok=True)
    moved = []
    for n, file in enumerate(files):
        home = folder if not (folder / file.name).exists() else folder / f".{n}"
        home.mkdir(exist_ok=True)
        moved.append(replace(file, path=file.path.replace(home / file.name)))
    return moved


def fetched(
    addresses: str, folder: Path, most: int, progress: Progress
) -> tuple[list[Upload], list[tuple[str, str]]]:
    """Fetch the addresses in a text; return the files, and the reasons for what could not be fetched."""
    files, left_out = list[Upload](), list[tuple[str, str]]()
    wanted = list(dict.fromkeys(addresses.split()))
    for n, address in enumerate(wanted):
        progress(address, n, len(wanted))
        if not is_address(address):
            left_out.append(
                (address, f"{address} is no web address; write it as https://example.org/note.pdf.")
            )
            continue
        try:
            path = fetch(address, folder / f"address{n}", most, public=True)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except DocumentError as error:
            left_out.append((address, str(error)))
        else:
            files.append(Upload(path.name, path, digest[:16]))
    return files, left_out
