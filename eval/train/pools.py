"""Makes pools to train on out of cases.

    python -m eval.train.pools INDEX CASES... OUT [--split test]

Of every case of a split that stands by itself (`dev`; `test` only to measure, by `kb eval reader OUT`) the
passages that are found, each block labelled by the gold quotes, in the form that `eval.train.reader` reads:
{"question", "answerable", "labels": {"passage.block": 2},
"passages": [{"source", "title", "heading", "blocks"}]}.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.cases import Case, read_cases
from eval.quotes import covers, overlaps
from eval.reader import ANSWERS
from kb.answering.evidence import page_of
from kb.assistant import Assistant, open_assistant
from kb.config import load_config


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the pools of some files of cases, one JSON object a line, gzip'd."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("index", type=Path)
    parser.add_argument("cases", type=Path, nargs="+")
    parser.add_argument("out", type=Path)
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    options = parser.parse_args(arguments)
    assistant = open_assistant(load_config(index=options.index))
    cases = [case for path in options.cases for case in read_cases(path) if case.split == options.split]
    write_pools(options.out, cases, assistant)


def write_pools(out: Path, cases: list[Case], assistant: Assistant) -> None:
    """Write the pools of some cases, one JSON object a line, gzip'd."""
    with gzip.open(out, "wt", encoding="utf-8") as lines:
        lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in pools(cases, assistant))


def pools(cases: list[Case], assistant: Assistant) -> Iterator[dict[str, Any]]:
    """Yield a pool for each case that stands by itself."""
    documents = {document.id: document for document in assistant.index.documents()}
    for case in cases:
        if case.history:
            continue
        gold = [] if case.unanswerable else [place for e in case.evidence for place in e.places]
        passages, labels = [], {}
        for number, hit in enumerate(assistant.search(case.question)):
            document = documents[hit.passage.document_id]
            page, _ = page_of(hit.passage, document)
            for block, text in enumerate(page.blocks):
                if any(e.file == document.source and shows(e.quote, text) for e in gold):
                    labels[f"{number}.{block}"] = ANSWERS
            heading = list(hit.passage.heading_path)
            passages.append(
                {
                    "source": document.source,
                    "title": document.label,
                    "heading": heading,
                    "blocks": page.blocks,
                }
            )
        if passages:
            yield {
                "question": case.question,
                "answerable": bool(labels),
                "labels": labels,
                "passages": passages,
            }


def shows(quote: str, text: str) -> bool:
    """Tell whether a block shows words of a gold quote: all of it, or a part of a longer one."""
    return covers(quote, text) or overlaps(quote, text)


if __name__ == "__main__":
    main()
