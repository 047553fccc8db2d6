"""An assistant on an index of its own, for benchmarks that bring their documents."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kb.assistant import Assistant
    from kb.config import Config
    from kb.index.ingest import Report
    from kb.library import Source

Progress = Callable[[str, int, int], None]


@contextmanager
def assistant_on(
    sources: Sequence[Source], config: Config, progress: Progress = lambda *_: None, keep: Path | None = None
) -> Iterator[tuple[Assistant, Report]]:
    """Index the sources as `kb build` does and open an assistant on them.

    The index is temporary; in the folder `keep` it stays, and vectors that are
    there already are not computed again. The report names what was left out.
    """
    from kb.assistant import open_assistant
    from kb.embedding import load_embedder
    from kb.index.ingest import build

    with tempfile.TemporaryDirectory(prefix="kb-eval-") as folder:
        index = keep or Path(folder)
        settings = (index, sources, load_embedder(config.embedding), config.chunking, progress)
        report = build(*settings, ocr=config.ingest.ocr)
        yield open_assistant(config.model_copy(update={"index": index})), report
