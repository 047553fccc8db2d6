"""Sources -> one committed generation: read, chunk, encode what is new, commit.

All of it at once: while some passages are encoded, the next files are read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from kb.chunking import chunk, chunking_digest, context
from kb.config import ChunkingConfig
from kb.errors import DocumentError, IndexDamaged, IndexMissing, IndexUnusable, KBError
from kb.index import office
from kb.index.encoding import Encoder, Past
from kb.index.folder import FolderIndex, create_index, open_index
from kb.index.generation import IndexSettings
from kb.index.originals import Originals, gathering
from kb.index.reading import Outcome, read_all
from kb.index.removed import Hidden
from kb.index.rescue import remains
from kb.library import Source
from kb.types import Changes, Document, Embedder, Passage

# Called with what is being done, pages and passages so far among it, how much of it is done, and
# how much there is: files while they are read, then passages, then words.
Progress = Callable[[str, int, int], None]

log = logging.getLogger(__name__)


class NothingRead(KBError):
    """None of the files could be read; `left_out` gives the reason for each."""

    def __init__(self, left_out: Mapping[str, str]) -> None:
        name, reason = next(iter(left_out.items()))
        super().__init__(f"None of {len(left_out)} file(s) could be read; the first: {reason or name}")
        self.left_out = left_out


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every source: `left_out` gives the reason, `same` the source with the same bytes.

    `new` are the documents that were added, without their text.
    """

    added: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    left_out: dict[str, str]
    same: dict[str, str]
    passages: int
    encoded: int
    new: tuple[Document, ...] = ()


def build(
    folder: Path,
    sources: Sequence[Source],
    embedder: Embedder,
    config: ChunkingConfig,
    progress: Progress = lambda *_: None,
    *,
    keep: bool = False,
    again: bool = False,
    instead_of: Collection[str] = (),
    ocr: bool = True,
    layout: bool = False,
) -> Report:
    """Bring the index in `folder` to hold these sources, and no others unless `keep`.

    With `ocr` pages that are pictures are recognised, with `layout` Office
    files have the pages on which LibreOffice lays them out, if it is there.
    Whatever it held under the names `instead_of` leaves it in the same commit.
    Of a source that is unchanged the index keeps what it has, but with `again`
    takes what is read now; KBError if another process changes the index
    meanwhile. What is hidden (`kb.index.removed`) is left out.
    A file that cannot be read is left out with the reason; if the index held
    an earlier version of it, that stays, unless passages are cut or files read
    another way than it was made with: then that version is removed. Raises
    NothingRead if no file could be read; whatever goes wrong, the index that
    was there goes on answering.
    """
    sources, unnamed = _named(sources)
    settings = IndexSettings(embedder.digest, chunking_digest(config), embedder.dimension)
    present, past = _present(folder, settings, keep=keep)
    held = {d.source: d for d in present.documents()} if present else {}
    # It is not for what is left of a damaged index to say what is hidden.
    known = past.documents() if isinstance(past, FolderIndex) else []
    hidden = Hidden(folder, known)
    before = {d.source for d in known}
    course = _Course(progress, len(sources))
    read = read_all(sources, ocr=ocr)
    encoder = Encoder(embedder, past, course.encoding)
    with gathering(folder) as originals:
        door = _Door(originals, hidden, layout and office.program() is not None)
        intake = _take_in(sources, read, {} if again else held, config, encoder, door, course)
        intake.left_out |= unnamed
        if not intake.first:
            raise NothingRead(intake.left_out)
        wanted = {source.name for source in sources} - intake.same.keys()
        # Of a file that now says what another one says, the earlier version is outdated.
        gone = held.keys() & {*intake.same, *instead_of} if keep else held.keys() - wanted
        changes = Changes(
            tuple(held[name].id for name in sorted(gone)),
            tuple(intake.new),
            tuple(intake.passages),
            encoder.finish(),
            tuple(encoder.keys),
        )
        with originals.published():
            if again and present and present.refresh():
                raise KBError(f"Another process has changed the index {folder} meanwhile; try again.")
            present = _commit(folder, present, settings, changes, originals)
    return Report(
        added=tuple(d.source for d in intake.new),
        unchanged=tuple(intake.unchanged),
        removed=tuple(sorted(before - {d.source for d in present.documents()})),
        left_out=intake.left_out,
        same=intake.same,
        passages=present.size,
        encoded=encoder.encoded,
        new=tuple(replace(document, blocks=()) for document in intake.new),
    )


def remove(folder: Path, ids: Sequence[str]) -> None:
    """Remove these documents from the index in `folder`, all of them or none.

    The generation before, which readers may still have open, keeps what it
    holds, and so do the copies of its files, until the next build or removal.
    Raises KBError for a document that is not there, and IndexUnusable.
    """
    with gathering(folder) as originals, originals.published():
        index = open_index(folder)
        _commit(folder, index, index.settings, Changes(remove=tuple(ids)), originals)


def _named(sources: Sequence[Source]) -> tuple[list[Source], dict[str, str]]:
    """Return the sources whose names can be written as text, and why the others are left out."""
    named, unnamed = list[Source](), dict[str, str]()
    for source in sources:
        # What the system could not decode stands for itself as a lone surrogate.
        shown = source.name.encode(errors="backslashreplace").decode()
        if shown == source.name:
            named.append(source)
        else:
            unnamed[shown] = f"{shown} has a name that is not valid UTF-8; rename it."
    return named, unnamed


def _present(folder: Path, settings: IndexSettings, *, keep: bool) -> tuple[FolderIndex | None, Past | None]:
    """Return the index to go on from, and the one whose vectors are used again; None for none.

    Passages that are cut another way need a new index, and many of them are
    the same. Building anew is the remedy for what is not whole, of which what
    is left is used again, or made by another model. Raises IndexUnusable for
    what cannot be used and is to be kept.
    """
    try:
        index = open_index(folder, embedder=settings.embedder, chunking=settings.chunking if keep else None)
        index.verify()
        index.try_out()
    except IndexMissing:
        return None, None
    except IndexDamaged as error:
        if keep:
            raise
        left = remains(folder, settings)
        log.warning(
            "The index %s is damaged (%s) and is built anew; %d vectors of it are whole and are used again.",
            *(folder, error.reason, len(left.vectors)),
        )
        return None, left
    except IndexUnusable as error:
        if keep:
            raise
        log.warning("The index %s is built anew, and nothing of it is used again: %s", folder, error)
        return None, None
    return (index if index.settings.chunking == settings.chunking else None), index


@dataclass(slots=True)
class _Intake:
    """What was read so far: `first` names the first source of each document's bytes."""

    new: list[Document] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Course:
    """Tells how far a build is: first the files, and once they are read the passages left to encode."""

    progress: Progress
    files: int
    name: str = ""
    read: int = 0
    pages: int = 0
    encoded: int = 0

    def reading(self, name: str) -> None:
        self.name = name
        said = [f"Reading {name}".strip()]
        said += [f"{n:,} {what}" for n, what in ((self.pages, "pages"), (self.encoded, "passages")) if n]
        self.progress(", ".join(said), self.read, self.files)

    def encoding(self, done: int, total: int) -> None:
        self.encoded = done
        if self.read == self.files:
            self.progress("Encoding passages", done, total)
        else:
            self.reading(self.name)


def _take_in(
    sources: Sequence[Source],
    read: Generator[Outcome],
    held: Mapping[str, Document],
    config: ChunkingConfig,
    encoder: Encoder,
    door: _Door,
    course: _Course,
) -> _Intake:
    """Read every source, and cut and encode those documents that `held` has not, or not like that."""
    intake = _Intake()
    with closing(read) as outcomes:
        for source in sources:
            course.reading(source.name)
            found = next(outcomes)
            course.read += 1
            if isinstance(found, Document):
                course.pages += found.pages or 0
                found = door.admit(source, found, held.get(found.source))
            if isinstance(found, DocumentError):
                intake.left_out[source.name] = str(found)
            elif found.id in intake.first:
                intake.same[source.name] = intake.first[found.id]
            else:
                intake.first[found.id] = found.source
                _sort(intake, found, held.get(found.source), config, encoder)
    course.reading("")
    return intake


@dataclass(frozen=True, slots=True)
class _Door:
    """What every document passes that is to come into an index; with `layout` Office files get pages."""

    originals: Originals
    hidden: Hidden
    layout: bool

    def admit(self, source: Source, document: Document, held: Document | None) -> Document | DocumentError:
        """Keep a copy of the file that a document was read from, if it was a file; refuse what is hidden."""
        try:
            self.hidden.refuse(source, document)
            if source.is_file:
                self.originals.take(source.path, document)
        except DocumentError as error:
            return error
        if self.layout and source.is_file and source.path.suffix.lower() in office.SUFFIXES:
            return self._laid_out(source.path, document, held)
        return document

    def _laid_out(self, path: Path, document: Document, held: Document | None) -> Document:
        """Return an Office document with its pages; without them where LibreOffice or its PDF fails."""
        try:
            pdf = self.originals.lay_out(path, document)
        except DocumentError as error:
            log.warning("%s is cited without pages: %s", document.source, error)
            return document
        if document.pages:  # slides, which have their numbers
            return document
        if held and held.id == document.id and held.pages:
            return replace(document, pages=held.pages)
        [pages] = read_all([Source(pdf, document.source)], processes=1, ocr=False)
        if isinstance(pages, DocumentError):
            log.warning("%s is cited without pages: %s", document.source, pages)
            return document
        return office.paged(document, pages)


def _sort(
    intake: _Intake, document: Document, held: Document | None, config: ChunkingConfig, encoder: Encoder
) -> None:
    """Put a document with the unchanged ones, or cut it and hand its passages to the encoder."""
    described = replace(document, blocks=())
    if held == described:
        intake.unchanged.append(document.source)
        return
    passages = chunk(document, config)
    intake.new.append(described)
    intake.passages += passages
    encoder.add([context(document, passage) for passage in passages])


def _commit(
    folder: Path,
    present: FolderIndex | None,
    settings: IndexSettings,
    changes: Changes,
    originals: Originals,
) -> FolderIndex:
    """Commit, and let go of the copies of files that neither this generation nor the one before holds."""
    if present is None:
        present = create_index(folder, settings, changes)
    else:
        present.apply(changes)
    try:
        originals.keep_only(present.stored())
    except IndexUnusable:  # who knows what the one before holds: the next commit lets go
        log.debug("The generation before the one of %s cannot be read; copies of files stay.", folder)
    return present
