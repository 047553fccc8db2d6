"""Own cases on the shipped corpus: everything read and checked, asked and scored in one go."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eval.cases import SPLITS, check_evidence, file_texts, read_folder
from eval.console import Progress
from eval.runner import Run, run_cases
from eval.summary import Scored, Summary, scored, summary_of
from kb.errors import KBError

if TYPE_CHECKING:
    from kb.assistant import Assistant

# Kept between runs, so that only documents that changed are embedded again.
INDEX = Path("indexes/eval")


@dataclass(frozen=True, slots=True)
class Result:
    """What the suite found, and what it was run on."""

    run: Run
    scored: tuple[Scored, ...]
    splits: dict[str, Summary]
    config_digest: str
    index_generation: str
    documents: int
    passages: int

    @property
    def values(self) -> dict[str, dict[str, float]]:
        """Every score by split and measure."""
        return {
            split: {name: score.value for name, score in summary.overall.items()}
            for split, summary in self.splits.items()
        }


def run_suite(
    cases: Path,
    corpus: Path,
    index: Path | None,
    progress: Progress,
    libraries: Path | None = None,
    splits: Collection[str] = SPLITS,
) -> Result:
    """Ask the cases of every file in a folder; what was collected before an interruption is kept.

    Without `index`, the corpus is indexed first, where `INDEX` says. Each folder
    of `libraries` holds `documents/` and the `cases/` on them, which are asked too. Only cases of
    some `splits` are asked, though all are checked.
    CaseError for a bad case or a quote that is not in its file, KBError if nothing was asked.
    """
    run, assistant = _asked(cases, corpus, index, progress, INDEX, splits)
    for library in sorted(path for path in libraries.iterdir() if path.is_dir()) if libraries else ():
        if run.stopped is None:
            kept = INDEX.with_name(f"{INDEX.name}-{library.name}")
            more, _ = _asked(library / "cases", library / "documents", None, progress, kept, splits)
            run = Run(run.records + more.records, run.planned + more.planned, more.stopped)
    return result_of(run, assistant, len(assistant.index.documents()))


def _asked(
    cases: Path, corpus: Path, index: Path | None, progress: Progress, kept: Path, splits: Collection[str]
) -> tuple[Run, Assistant]:
    asked = read_folder(cases)
    text = file_texts(corpus)
    progress("Checking the evidence", 0, len(asked))
    check_evidence(asked, corpus, text)
    chosen = [case for case in asked if case.split in splits]
    with _assistant(index, corpus, progress, kept) as assistant:
        sources = {document.id: document.source for document in assistant.index.documents()}
        return run_cases(chosen, assistant, sources, lambda *n: progress("Asking", *n), text), assistant


def result_of(run: Run, assistant: Assistant, documents: int) -> Result:
    """Score a run by split; KBError if no case was asked."""
    if not run.records:
        raise KBError(f"No case was asked: {run.stopped or 'there was none'}.")
    found = scored(run.records)
    parts = {split: _of(found, split) for split in SPLITS}
    return Result(
        run,
        tuple(found),
        {split: summary_of(part) for split, part in parts.items() if part},
        assistant.config.digest,
        assistant.index.generation,
        documents,
        assistant.index.size,
    )


def require_whole(run: Run) -> None:
    """Raise KBError for a run that ended early."""
    if run.stopped is not None:
        raise KBError(f"Only {len(run.records)} of {run.planned} cases were asked: {run.stopped}")


def _of(found: Sequence[Scored], split: str) -> list[Scored]:
    return [one for one in found if one.record.case.split == split]


@contextmanager
def _assistant(index: Path | None, corpus: Path, progress: Progress, kept: Path) -> Iterator[Assistant]:
    from eval.indexing import assistant_on
    from kb.assistant import open_assistant
    from kb.config import load_config
    from kb.library import find_sources

    config = load_config()
    if index is not None:
        yield open_assistant(config.model_copy(update={"index": index}))
    else:
        with assistant_on(find_sources([corpus]), config, progress, kept) as (assistant, _):
            yield assistant
