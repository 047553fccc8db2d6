"""All documents read again, from the files that are kept of them, while the index goes on answering.

What is said of a document stays as it is: only its text and its pages are read
anew, with the readers and the model that this program runs with now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from kb.config import Config
from kb.index.ingest import NothingRead, Progress, build
from kb.index.originals import find
from kb.index.removed import KeptFile, kept_file
from kb.types import Document, Embedder

UNKEPT = "No copy of the file of {} is kept; add its file again."

Reasons = list[tuple[str, str]]


def read_again(
    config: Config, documents: Iterable[Document], embedder: Embedder, progress: Progress
) -> tuple[tuple[str, ...], Reasons]:
    """Commit documents of the index as they are read now; return their names, and why others stay.

    All in one commit, until which the generation before answers; it keeps the
    old text of those that stay. Raises KBError if another process changes the
    index meanwhile, and IndexUnusable.
    """
    files, stayed = _kept(config.index, documents)
    if not files:
        return (), stayed
    try:
        settings = (config.index, files, embedder, config.chunking, progress)
        done = build(*settings, keep=True, again=True, ocr=config.ingest.ocr, layout=config.ingest.layout)
    except NothingRead as error:
        return (), [*stayed, *_named(error.left_out, files)]
    return done.added, [*stayed, *_named(done.left_out, files)]


def _kept(index: Path, documents: Iterable[Document]) -> tuple[list[KeptFile], Reasons]:
    """Return the file kept of each document, and why there is none of the others."""
    files, without = list[KeptFile](), Reasons()
    for document in documents:
        original = find(index, document.id)
        if original is None:
            without.append((document.source, UNKEPT.format(document.source)))
        else:
            files.append(kept_file(original, document))
    return files, without


def _named(left_out: Mapping[str, str], files: Sequence[KeptFile]) -> Reasons:
    """Return why documents could not be read, by the names that people know: kept files have others."""
    own = {file.name: file.path.name for file in files}
    return [(name, why.replace(own[name], PurePosixPath(name).name)) for name, why in left_out.items()]
