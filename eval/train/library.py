"""Makes pools to train on out of the documents in `eval/train/library`: python -m eval.train.library OUT.

Each folder is a library of its own. Its questions are written to OUT/pools, those of the split `test` and of
the folder that choice and confidence are fitted to into OUT/kept.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from eval.cases import read_cases
from eval.train.pools import write_pools
from kb.assistant import open_assistant
from kb.config import load_config
from kb.embedding import load_embedder
from kb.index.ingest import build
from kb.library import find_sources

LIBRARY = Path(__file__).parent / "library"
KEPT = ("ministry", "french", "strategies", "open-data", "statistics", "procedures", "contradictions")


def main(arguments: Sequence[str] | None = None) -> None:
    """Index every folder and write its pools."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="+", help="names of folders")
    options = parser.parse_args(arguments)
    for file in sorted(LIBRARY.glob("*.jsonl")):
        if options.only and file.stem not in options.only:
            continue
        folder = options.out / ("kept" if file.stem in KEPT else "pools")
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as place:
            config = load_config(index=Path(place))
            embedder = load_embedder(config.embedding)
            build(config.index, find_sources([LIBRARY / file.stem]), embedder, config.chunking)
            write_pools(folder / f"{file.stem}.jsonl.gz", read_cases(file), open_assistant(config))


if __name__ == "__main__":
    main()
