"""Passages a second of our encoder and of sentence-transformers as it comes, with the same weights.

Both encode the shipped documents' passages as `kb build` hands them over, on
the processor. The share of the limit is the arithmetic that the passages need,
padding left out, over what the processor can multiply, measured in the same turns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eval.bench.figures import Figure, Row, peers
from eval.bench.matmul import Shape
from eval.bench.options import Options
from eval.bench.worker import Turn, Work, Worker, in_turns, middle
from eval.console import Progress
from kb.embedding.source import as_folder, checked, named

OURS, PEER, LIMIT = "ours", "sentence-transformers", "limit"
WARM = 8
# The longest input where a model names no limit of its own.
DEFAULT_TOKENS = 512


def measure(options: Options, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return passages, tokens and operations a second of both, and the processor's limit."""
    texts = passages_of(options.corpus)
    file = folder / "texts.json"
    file.write_text(json.dumps(texts), encoding="utf-8")
    with as_folder(_model()) as model:
        workers = {name: Worker("embedding", name, file, model) for name in CONTENDERS}
        turns = in_turns(workers, options.repeats, progress, "embedding")
        tokens, gflop = work_of(texts, model)
    limits = _fastest(turns.pop(LIMIT))
    best = max(limits.values())
    contenders = {name: _speeds(found, len(texts), tokens, gflop, best) for name, found in turns.items()}
    about = {"passages": len(texts), "tokens": tokens, "gflop": gflop, "limits": limits, "limit": best}
    return {**about, "contenders": contenders, "turns": turns}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return passages a second, and operations a second beside the limit."""
    both = found["contenders"]
    mean = found["tokens"] / found["passages"]
    note = f"{found['passages']} passages of {mean:.0f} tokens on average, the same weights."
    name = max(found["limits"], key=found["limits"].__getitem__)
    share = f"Ours reaches {100 * both[OURS]['share_of_limit']:.0f} % of the fastest matrix product ({name})."
    limit = Row("matrix multiplication", found["limit"], "limit")
    return [
        Figure("Embedding", "passages/s", peers(both, "passages_per_second", OURS), note=note),
        Figure("Embedding: arithmetic", "GFLOP/s", (*peers(both, "gflops", OURS), limit), note=share),
        Figure("Embedding: memory", "MiB", peers(both, "peak_mb", OURS), less=True),
    ]


def passages_of(folder: Path) -> list[str]:
    """Return what the encoder reads of every passage of a folder's documents."""
    from kb.chunking import chunk, context
    from kb.config import load_config
    from kb.library import find_sources

    config = load_config().chunking
    documents = [source.read() for source in find_sources([folder])]
    return [context(document, one) for document in documents for one in chunk(document, config)]


def work_of(texts: Sequence[str], model: Path) -> tuple[int, float]:
    """Return the tokens that a folder's model reads of some texts, and the GFLOP of their matrix products."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    limits = model / "sentence_bert_config.json"
    known = json.loads(limits.read_text(encoding="utf-8")) if limits.exists() else {}
    tokenizer.enable_truncation(known.get("max_seq_length") or DEFAULT_TOKENS)
    tokenizer.no_padding()
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))]
    return sum(lengths), sum(map(Shape.read(model).flops, lengths)) / 1e9


def _model() -> Path:
    from kb.config import load_config

    return checked(named(load_config().embedding.model))


def _speeds(
    turns: Sequence[Turn], passages: int, tokens: int, gflop: float, limit: float
) -> dict[str, float]:
    seconds = middle(turns, "seconds")
    return {
        "seconds": seconds,
        "passages_per_second": passages / seconds,
        "tokens_per_second": tokens / seconds,
        "gflops": gflop / seconds,
        "share_of_limit": gflop / seconds / limit,
        "processor_seconds": middle(turns, "processor_seconds"),
        "peak_mb": max(turn["peak_mb"] for turn in turns),
    }


def _fastest(turns: Sequence[Turn]) -> dict[str, float]:
    """Return the highest GFLOP/s of each library and precision: whatever else runs only slows it."""
    return {name: max(turn["gflops"][name] for turn in turns) for name in turns[0]["gflops"]}


def _ours(file: str, _: str) -> Work:
    from kb.config import load_config
    from kb.embedding import load_embedder

    texts = json.loads(Path(file).read_text(encoding="utf-8"))
    embedder = load_embedder(load_config().embedding.model_copy(update={"device": "cpu"}))
    embedder.encode(texts[:WARM])
    return lambda: {"passages": len(embedder.encode(texts))}


def _sentence_transformers(file: str, folder: str) -> Work:
    from sentence_transformers import SentenceTransformer

    texts = json.loads(Path(file).read_text(encoding="utf-8"))
    model = SentenceTransformer(folder, device="cpu", local_files_only=True)
    model.encode_document(texts[:WARM])
    return lambda: {"passages": len(model.encode_document(texts))}


def _limit(*_: str) -> Work:
    from eval.bench.matmul import measure as multiply

    return lambda: {"gflops": {name: values["gflops"] for name, values in multiply(repeats=2).items()}}


CONTENDERS: dict[str, Callable[..., Work]] = {OURS: _ours, PEER: _sentence_transformers, LIMIT: _limit}
