"""Trains the reader: python -m eval.train.reader TRAIN OUT [--init WEIGHTS] [--public N] [--pools N] ...

TRAIN holds labelled questions as `kb/models/weights/README.md` names them: `*.jsonl.gz` of one passage a
question, and `pools/*.jsonl.gz` of ten retrieved passages a question. One pool is a step, and so are ten
public questions. Of a pool the blocks that answer must come first, all of an unanswerable one below 0:

    loss = BCE(block) + 0.3 BCE(passage) + listwise(blocks and a null of score 0)

Everything lower than `--freeze` layers, and the word vectors, stay e5's own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import math
import random
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.nn.functional import binary_cross_entropy_with_logits as bce
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from kb.embedding.e5 import unpack
from kb.embedding.source import checked
from kb.models.network import Network, load_network, save_weights
from kb.models.page import Page
from kb.models.reader import PAD, Window, windows

log = logging.getLogger(__name__)

# Questions of each public set in a run of them all; the share is kept in a shorter run.
PUBLIC = {
    "selqa": 2000,
    "policyqa": 1200,
    "privacy_policy_qa": 1200,
    "squad2": 2800,
    "unanswgen": 1500,
    "nq": 3500,
    "qed": 900,
    "covidqa": 800,
    "xquad_en": 900,
    "repliqa": 400,
    "musique": 1500,
}
# Sentences that are read of a long public passage, around one that answers.
MOST_SENTENCES = 11
# Public questions in one step.
TOGETHER = 10
# Steps until the learning rate is reached, its least share, steps between two files of weights.
WARM_UP, LEAST_RATE, CHECKPOINT = 100, 0.02, 200
# A step is one pool, and so is noisy: what is written is the mean of the weights, those of so many steps
# before with a share of 1/e in it, and taken so often.
HORIZON, TAKEN = 500, 10
ANSWERS, BELONGS = 2, 1


@dataclass(frozen=True, slots=True)
class Example:
    """A question, its pages as windows of tokens, and the label of each block (page, block) that has one."""

    windows: tuple[Window, ...]
    labels: dict[tuple[int, int], int]


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write the weights."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options = _options(arguments)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        e5 = Path(folder)
        unpack(checked("e5"), e5)
        tokenizer = Tokenizer.from_file(str(e5 / "tokenizer.json"))
        network = load_network(e5, options.init) if options.init else Network(e5, options.layers)
        steps = _steps(options, tokenizer)
        if not steps:
            raise SystemExit(f"{options.train} holds nothing to train on; see kb/models/weights/README.md.")
        train(network, steps, options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("train", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--init", type=Path, help="weights to go on from")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--freeze", type=int, default=0, help="lowest layers that are not trained")
    parser.add_argument("--public", type=int, default=7000, help="public questions")
    parser.add_argument("--pools", type=int, default=10_000, help="pools at most")
    parser.add_argument("--passes", type=int, default=1, help="times that each pool is read")
    parser.add_argument("--minutes", type=float, default=math.inf, help="training ends by then")
    parser.add_argument("--items", type=int, default=5, help="windows of a pool in a step")
    parser.add_argument("--rate", type=float, default=1.2e-4, help="learning rate of the layers")
    parser.add_argument("--head-rate", type=float, default=5e-4)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def _steps(options: argparse.Namespace, tokenizer: Tokenizer) -> list[list[Example]]:
    """Return the steps in order: public questions come earlier, pools later, mixed."""
    pools = [_example(tokenizer, *found) for found in _pools(options.train)]
    random.shuffle(pools)
    asked = _public(options.train, options.public) if options.public else ()
    public = [_example(tokenizer, *found) for found in asked]
    groups = [public[at : at + TOGETHER] for at in range(0, len(public), TOGETHER)]
    keyed = [(random.random() ** 1.6, group) for group in groups]
    keyed += [(random.random() ** 0.8, [pool]) for pool in pools[: options.pools] * options.passes]
    return [group for _, group in sorted(keyed, key=lambda pair: pair[0])]


def _records(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


Found = tuple[str, list[Page], dict[tuple[int, int], int]]


def _pools(folder: Path) -> Iterator[Found]:
    for path in sorted((folder / "pools").glob("*.jsonl.gz")):
        for record in _records(path):
            pages = [
                Page(" > ".join((p["title"], *p["heading"])), tuple(p["blocks"])) for p in record["passages"]
            ]
            labels = {(int(p), int(b)): n for k, n in record["labels"].items() for p, b in [k.split(".")]}
            yield record["question"], pages, labels


def _public(folder: Path, count: int) -> Iterator[Found]:
    for name, most in PUBLIC.items():
        records = [
            r
            for r in _records(folder / f"{name}.jsonl.gz")
            if r["split"] == "train" and (r["relevant"] is not None or not r["answerable"])
        ]
        random.shuffle(records)
        for record in records[: round(most * count / sum(PUBLIC.values()))]:
            sentences, relevant = _stretch(record["sentences"], set(record["relevant"] or ()))
            page = Page(record["title"] or "", tuple(sentences))
            yield record["question"], [page], dict.fromkeys(((0, n) for n in relevant), ANSWERS)


def _stretch(sentences: Sequence[str], relevant: set[int]) -> tuple[Sequence[str], set[int]]:
    """Cut a long passage to a stretch around a sentence that answers, or any one."""
    if len(sentences) <= MOST_SENTENCES + 1:
        return sentences, relevant
    kept = random.choice(sorted(relevant)) if relevant else random.randrange(len(sentences))
    start = kept - random.randrange(MOST_SENTENCES - 1)
    start = max(0, min(start, len(sentences) - MOST_SENTENCES))
    end = start + MOST_SENTENCES
    return sentences[start:end], {n - start for n in relevant if start <= n < end}


def _example(
    tokenizer: Tokenizer, question: str, pages: Sequence[Page], labels: dict[tuple[int, int], int]
) -> Example:
    return Example(tuple(windows(tokenizer, question, pages)), labels)


def train(network: Network, steps: Sequence[list[Example]], options: argparse.Namespace) -> None:
    """Run the steps, the learning rate rising at first and then falling to nearly nothing; write the weights.

    Where the minutes run out first, the rate falls with them. Weights are also written now and then.
    """
    network.body.embeddings.word_embeddings.requires_grad_(False)
    network.body.encoder.layer[: options.freeze].requires_grad_(False)
    body = [weights for weights in network.body.parameters() if weights.requires_grad]
    groups = [
        {"params": body, "lr": options.rate},
        {"params": network.heads.parameters(), "lr": options.head_rate},
    ]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    rates = [group["lr"] for group in groups]
    network.train()
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(1 - TAKEN / HORIZON))
    started, mean = time.time(), 0.0
    for number, examples in enumerate(steps):
        done = max(number / len(steps), (time.time() - started) / (60 * options.minutes))
        if done >= 1:
            break
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["lr"] = rate * min(1, (number + 1) / WARM_UP) * max(LEAST_RATE, 1 - done)
        loss = _loss(network, examples, options.items)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if number % TAKEN == TAKEN - 1:
            averaged.update_parameters(network)
        mean = 0.98 * mean + 0.02 * loss.item() if number else loss.item()
        if number % 50 == 0:
            log.info("%d of %d, loss %.3f, %d s", number, len(steps), mean, time.time() - started)
        if number % CHECKPOINT == CHECKPOINT - 1:
            save_weights(averaged.module, options.out)
    averaged.update_parameters(network)
    save_weights(averaged.module, options.out)
    log.info("%d steps", number if done >= 1 else len(steps))


def _loss(network: Network, examples: Sequence[Example], items: int) -> torch.Tensor:
    chosen = [_hardest(example, items) for example in examples]
    scores = network(*_collate([window for part in chosen for window in part]))
    losses, row = [], 0
    for example, part in zip(examples, chosen, strict=True):
        losses.append(_loss_of(scores[row : row + len(part)], part, example.labels))
        row += len(part)
    return torch.stack(losses).mean()


def _hardest(example: Example, most: int) -> list[Window]:
    """Return the windows with labelled blocks and, of the others, those that were found first."""
    held = [w for w in example.windows if any((w.page, block) in example.labels for block, _, _ in w.spans)]
    others = sorted((w for w in example.windows if w not in held), key=lambda w: w.page + 6 * random.random())
    random.shuffle(held)
    return (held + others)[: max(most, min(len(held) + 1, most + 1))]


def _loss_of(
    scores: torch.Tensor, part: Sequence[Window], labels: dict[tuple[int, int], int]
) -> torch.Tensor:
    blocks, wanted = [], []
    for row, window in enumerate(part):
        for block, start, end in window.spans:
            blocks.append(scores[row, start:end, 0].mean() + scores[row, 0, 1])
            wanted.append(labels.get((window.page, block), 0))
    logits, label = torch.stack(blocks), torch.tensor(wanted)
    right = (label == ANSWERS).float() + 0.5 * (label == BELONGS).float()
    held = torch.tensor([float(any((w.page, b) in labels for b, _, _ in w.spans)) for w in part])
    shares = torch.log_softmax(torch.cat([logits, torch.zeros(1)]), 0)
    answers = label == ANSWERS
    listwise = -shares[:-1][answers].logsumexp(0) if answers.any() else -shares[-1]
    pointwise = bce(logits, right, pos_weight=torch.tensor(3.0))
    return pointwise + 0.3 * bce(scores[:, 0, 1], held) + listwise


def _collate(part: Iterable[Window]) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [window.tokens for window in part]
    width = max(map(len, rows))
    ids = torch.tensor([row + [PAD] * (width - len(row)) for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    return ids, mask


if __name__ == "__main__":
    main()
