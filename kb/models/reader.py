"""A reader: one pass over question and passage, a score for every block of the passage.

The first layers of multilingual-e5-small, trained further on questions with labelled passages
(`eval/train/reader.py`; `kb/models/weights/README.md` is its model card). A block is a sentence, list item,
row or heading. Its score is the mean of its tokens' scores plus the passage's, in log-odds that it answers;
a question that nothing answers has no block above 0.

    weights/reader.safetensors + e5's word vectors -> prepare -> models_folder/reader-<digest>/ -> Reader
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.embedding.engine import CACHE
from kb.embedding.manifest import Manifest, check_sizes, check_version, describe, list_files
from kb.embedding.runner import compile_model
from kb.embedding.source import E5, file_digest
from kb.errors import ModelError
from kb.models.page import Page

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
SHA256 = "1119f47b74b645437cbd98d914741a6f40ae1deaaba0000a0cde550c24028b74"
MODEL, TOKENIZER = "model.xml", "tokenizer.json"
# The tokens that mark begin, end and filling in e5's vocabulary.
BEGIN, END, PAD = 0, 2, 1
# What is read of a question, a title with headings, a block, and in one go, in tokens; as in training.
QUESTION, CONTEXT, BLOCK, WINDOW = 64, 40, 120, 224
CONTEXT_CHARS = 200
# Padded tokens in one batch: few enough for the processor's caches. Widths are multiples of so many tokens:
# each shape costs a compilation of 10 to 20 ms the first time, filling as much as words do.
BATCH, STEP = 1024, 32


@dataclass(frozen=True, slots=True)
class Window:
    """As many blocks of a page as fit: tokens, and (block, first token, last token + 1) of each."""

    page: int
    tokens: list[int]
    spans: list[tuple[int, int, int]]


class Reader:
    """Scores blocks against a question; safe to use from several threads, one at a time inside."""

    def __init__(self, folder: Path, *, digest: str) -> None:
        from tokenizers import Tokenizer

        self.digest = digest
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._request = compile_model(folder / MODEL, "LATENCY", folder / CACHE).create_infer_request()
        self._lock = threading.Lock()

    def read(self, question: str, pages: Sequence[Page]) -> list[NDArray[np.float32]]:
        """Return for each page the scores of its blocks, of (blocks,); -inf for an empty block."""
        scores = [np.full(len(page.blocks), -np.inf, np.float32) for page in pages]
        for batch in _batches(windows(self._tokenizer, question, pages)):
            logits = self._infer(batch)
            for window, tokens in zip(batch, logits, strict=True):
                for block, start, end in window.spans:
                    scores[window.page][block] = tokens[start:end, 0].mean() + tokens[0, 1]
        return scores

    def _infer(self, batch: Sequence[Window]) -> NDArray[np.float32]:
        """Return the two scores of every token, of (windows, width, 2)."""
        width = _width(batch[0])
        ids = np.full((len(batch), width), PAD, np.int64)
        mask = np.zeros((len(batch), width), np.int64)
        for row, window in enumerate(batch):
            ids[row, : len(window.tokens)] = window.tokens
            mask[row, : len(window.tokens)] = 1
        with self._lock:
            self._request.infer({"input_ids": ids, "attention_mask": mask})
            return np.array(self._request.get_output_tensor(0).data, np.float32)


def windows(tokenizer: Tokenizer, question: str, pages: Sequence[Page]) -> Iterator[Window]:
    """Yield what is read of some pages for a question: <s> question </s></s> headings blocks </s>."""

    def tokens_of(texts: list[str]) -> list[list[int]]:
        return [found.ids for found in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    asked = [BEGIN, *tokens_of([f"query: {question}"])[0][:QUESTION], END, END]
    contexts = tokens_of([f"passage: {page.context[:CONTEXT_CHARS]}" for page in pages])
    for number, (page, context) in enumerate(zip(pages, contexts, strict=True)):
        head = [*asked, *context[:CONTEXT]]
        tokens, spans = list(head), list[tuple[int, int, int]]()
        for block, found in enumerate(tokens_of([text.strip() for text in page.blocks])):
            words = found[:BLOCK]
            if spans and len(tokens) + len(words) >= WINDOW:
                yield Window(number, [*tokens, END], spans)
                tokens, spans = list(head), []
            if words:
                spans.append((block, len(tokens), len(tokens) + len(words)))
                tokens += words
        if spans:
            yield Window(number, [*tokens, END], spans)


def _width(window: Window) -> int:
    """Return the length of a window, filled up, in tokens."""
    return -(-len(window.tokens) // STEP) * STEP


def _batches(found: Iterable[Window]) -> Iterator[list[Window]]:
    """Yield windows of one width together, at most `BATCH` padded tokens of them."""
    for width, alike in groupby(sorted(found, key=_width), key=_width):
        rows, most = [*alike], BATCH // width
        yield from (rows[at : at + most] for at in range(0, len(rows), most))


def load_reader(models: Path) -> Reader | None:
    """Open the reader, prepared first where it was not; None where e5 is not installed. ModelError."""
    if E5.path is None:
        return None
    digest = _digest()
    folder = models / f"reader-{digest}"
    if not _is_ready(folder):
        _prepare(folder, digest)
    try:
        return Reader(folder, digest=digest)
    except Exception as error:  # tokenizers raises bare Exceptions
        raise ModelError(f"The prepared reader {folder} cannot be opened: {error}") from error


def _digest() -> str:
    return hashlib.sha256(f"{SHA256}{E5.sha256}".encode()).hexdigest()[:16]


def _is_ready(folder: Path) -> bool:
    try:
        check_version(folder)
        check_sizes(folder, Manifest.read(folder))
    except ModelError:
        return False
    return True


def _prepare(folder: Path, digest: str) -> None:
    """Convert the reader aside and rename it, so that whoever finds it finds it whole."""
    from kb.embedding.prepared import preparing

    if file_digest(WEIGHTS) != SHA256:
        raise ModelError(f"{WEIGHTS} is not the reader that was published; install the program again.")
    with preparing(folder.parent):
        # Whoever held the lock before may have done it.
        if _is_ready(folder):
            return
        scratch = folder.with_name(f".{folder.name}")
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        _convert(scratch)
        manifest = describe("reader", "", digest, 0)
        Manifest(**{**_fields(manifest), "converted": True, "files": list_files(scratch)}).write(scratch)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(scratch, folder)


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in manifest.__dataclass_fields__}


def _convert(folder: Path) -> None:
    """Write the reader as OpenVINO model and tokenizer."""
    from tempfile import TemporaryDirectory

    from kb.embedding.e5 import unpack
    from kb.embedding.source import checked
    from kb.models.network import convert

    with TemporaryDirectory(prefix="kb-e5-") as unpacked:
        unpack(checked("e5"), Path(unpacked))
        shutil.copy(Path(unpacked) / TOKENIZER, folder / TOKENIZER)
        convert(Path(unpacked), WEIGHTS, folder / MODEL)
