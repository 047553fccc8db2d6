"""How long people wait for answers when several ask at once: at the web app, and without it.

Every user asks one question after another in one conversation, without a
pause, which is harder than what people do, and then as people do, who read
what they are told. The web app is `kb serve` over HTTP, asked as a browser
asks it whose page is open; beside it the assistant alone, in one process with
a thread a user.
"""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from eval.bench.figures import Figure, Row
from eval.bench.options import Options
from eval.bench.processes import memory_mb, processor_seconds
from eval.bench.web import asked_by, served
from eval.bench.worker import Turn, Work, Worker
from eval.cases import read_folder
from eval.console import Progress

TARGET_MS = 1000
SEED = 20
WEB, READING, ALONE = "web app, no pause", "web app, people who read", "assistant alone, no pause"


def measure(options: Options, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return percentiles, errors and answers a second by number of users, with and without the app."""
    index, most = corpus_index(options), max(options.users)
    levels = {WEB: options.users, READING: (most,), ALONE: options.users}
    turns: dict[str, dict[int, list[Turn]]] = {way: {n: [] for n in by} for way, by in levels.items()}
    with ExitStack() as stack:
        progress("serving: starting the web app", 0, 1)
        address, server = stack.enter_context(served(index))
        alone = {users: stack.enter_context(_alone(index, users, options, folder)) for users in options.users}
        # One question before the clock runs: the first of a process loads what is loaded late.
        asked_by(address, lists_of(options, 1, 1))
        for turn in range(options.repeats):
            for users in options.users:
                progress(f"serving: turn {turn + 1}, {users} users", turn, options.repeats)
                asked = lists_of(options, users, options.each)
                turns[WEB][users].append(_web_turn(address, server, asked))
                turns[ALONE][users].append(alone[users].turn())
            turns[READING][most].append(_web_turn(address, server, asked, options.pause))
        memory = memory_mb(server)
    found = {way: {str(n): _summary(rounds) for n, rounds in by.items()} for way, by in turns.items()}
    about = {"each": options.each, "pause": options.pause, "server_mb": memory}
    return {**about, "ways": found, "turns": turns}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return waiting times by users, and answers a second."""
    asked = f"Each user asks {found['each']} questions of the shipped cases, the next"
    shared = "users and server share this machine"
    notes = dict.fromkeys((WEB, ALONE), f"{asked} as soon as one is answered; {shared}.")
    notes[READING] = f"{asked} after reading for {found['pause']:g} s on average; {shared}."
    drawn = [_waiting(way, by, notes[way]) for way, by in found["ways"].items()]
    rows = tuple(
        Row(f"{way.split(',')[0]}, {_users(n)}", one["per_second"], "ours" if way == WEB else "peer")
        for way in (WEB, ALONE)
        for n, one in found["ways"][way].items()
    )
    cost = tuple(Row(_users(n), one["processor_ms"]) for n, one in found["ways"][WEB].items())
    return [
        *drawn,
        Figure("Answers a second, no pause", "answers/s", rows, note=notes[WEB]),
        Figure("Web app: processor time of an answer", "ms", cost, less=True),
    ]


def _waiting(way: str, by: dict[str, Any], note: str) -> Figure:
    shares = ("p50", "p95")
    rows = [Row(f"{_users(n)} {share}", one[f"{share}_ms"]) for n, one in by.items() for share in shares]
    errors = sum(len(one["errors"]) for one in by.values())
    goal = Row("target", TARGET_MS, "target")
    said = f"{note} {errors or 'No'} error{'s' * (errors != 1)}."
    return Figure(f"Waiting for an answer: {way}", "ms", (*rows, goal), less=True, note=said)


def _users(number: str) -> str:
    return f"{number} user{'s' * (number != '1')}"


def corpus_index(options: Options) -> Path:
    """Return an index of the shipped documents, kept up to date."""
    from kb.config import load_config
    from kb.embedding import load_embedder
    from kb.index.ingest import build
    from kb.library import find_sources

    config = load_config()
    folder = options.kept.resolve() / "corpus"
    build(folder, find_sources([options.corpus]), load_embedder(config.embedding), config.chunking)
    return folder


def lists_of(options: Options, users: int, each: int) -> list[list[str]]:
    """Return the questions of every user: all cases but follow-ups, shuffled, dealt out."""
    asked = [case.question for case in read_folder(options.cases) if not case.history]
    random.Random(SEED).shuffle(asked)
    return [[asked[(user * each + n) % len(asked)] for n in range(each)] for user in range(users)]


def _web_turn(address: str, server: int, questions: Sequence[Sequence[str]], pause: float = 0.0) -> Turn:
    busy, own, started = processor_seconds(server), _own_seconds(), time.perf_counter()
    asked = asked_by(address, questions, pause)
    return {
        "seconds": time.perf_counter() - started,
        "processor_seconds": processor_seconds(server) - busy,
        "readers_processor_seconds": _own_seconds() - own,
        "ms": [one.ms for one in asked],
        "begun_ms": [one.begun_ms for one in asked if not one.error],
        "errors": [one.error for one in asked if one.error],
    }


def _own_seconds() -> float:
    used = os.times()
    return used.user + used.system


def _summary(turns: Sequence[Turn]) -> dict[str, Any]:
    """Return the median of the turns' percentiles, and every error."""

    def percentile(key: str, share: int) -> float:
        return float(median(np.percentile(turn[key], share) for turn in turns))

    asked = len(turns[0]["ms"])
    found = {f"p{share}_ms": percentile("ms", share) for share in (50, 95)}
    if all(turn.get("begun_ms") for turn in turns):
        found |= {f"begun_p{share}_ms": percentile("begun_ms", share) for share in (50, 95)}
    return {
        **found,
        "asked": asked * len(turns),
        "per_second": median(asked / turn["seconds"] for turn in turns),
        "processor_ms": median(1000 * turn["processor_seconds"] / asked for turn in turns),
        "errors": [error for turn in turns for error in turn["errors"]],
    }


def _alone(index: Path, users: int, options: Options, folder: Path) -> Worker:
    file = folder / f"questions-{users}.json"
    file.write_text(json.dumps(lists_of(options, users, options.each)), encoding="utf-8")
    return Worker("serving", "assistant", index, file)


def _assistant(index: str, file: str) -> Work:
    """Open an assistant; a turn lets a thread a user ask."""
    from kb.assistant import open_assistant
    from kb.config import load_config
    from kb.errors import KBError

    assistant = open_assistant(load_config().model_copy(update={"index": Path(index)}))
    lists: list[list[str]] = json.loads(Path(file).read_text(encoding="utf-8"))
    assistant.ask(lists[0][0])

    def user(questions: Sequence[str]) -> tuple[list[float], list[str]]:
        times, errors = [], []
        for question in questions:
            started = time.perf_counter()
            try:
                assistant.ask(question)
            except KBError as error:
                errors.append(str(error))
            times.append(1000 * (time.perf_counter() - started))
        return times, errors

    def work() -> dict[str, Any]:
        with ThreadPoolExecutor(len(lists)) as pool:
            found = list(pool.map(user, lists))
        times = [one for asked, _ in found for one in asked]
        return {"ms": times, "errors": [one for _, errors in found for one in errors]}

    return work


CONTENDERS: dict[str, Callable[..., Work]] = {"assistant": _assistant}
