"""How long somebody at the page waits: for the first word, for a cited page, for a manual that they send.

In a real browser at the web app (`kb serve`), on the shipped documents, one
person, no language model. The browser takes the time itself (`person`): from
the key or the click until the screen shows what was waited for.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from eval.bench.figures import Figure, Row
from eval.bench.manual import Manual
from eval.bench.options import Options
from eval.bench.person import PageFailed, Person, at_the_page
from eval.bench.processes import processor_seconds
from eval.bench.serving import corpus_index, lists_of
from eval.bench.web import served
from eval.console import Progress

# What the project holds itself to, on two cores.
WORD_MS, PICTURE_MS, MANUAL_S = 300, 500, 30
# Sources of an answer whose pages are looked at.
LOOKED_AT = 8
WARM = 2
WORKED = "processor_seconds"


def measure(options: Options, folder: Path, progress: Progress) -> dict[str, Any]:
    """Return the times of first words, pictures and manuals; Skipped without a browser, KBError."""
    index = shutil.copytree(corpus_index(options), folder / "index")
    with served(index) as (address, server), at_the_page(address, folder / "profile") as person:
        waited, sent = _asked(person, options, progress), []
        for turn in range(options.repeats):
            progress("desk: sending a manual", turn, options.repeats)
            sent.append(_sent(person, server, Manual(options.manual_pages, turn), folder))
    about = {"pages": options.manual_pages, "words": _words(options.manual_pages)}
    return {**waited, "manual": {**about, "turns": sent}}


def figures(found: dict[str, Any]) -> list[Figure]:
    """Return the three waits, each beside its target."""
    pictures, manual = found["pictures"], found["manual"]
    drawn = [one["ms"] for one in pictures if not one["there"]]
    said = f"{len(found['first_word_ms'])} of {found['asked']} questions of the shipped cases were answered."
    looked = (
        f"{len(pictures)} pages, {_marked(pictures)} with quotes marked; the first source's loads by itself. "
    )
    looked += f"{len(drawn)} still had to be drawn, the slowest in {max(drawn, default=0):.0f} ms."
    seconds = [turn["seconds"] for turn in manual["turns"]]
    added, worked = (median(turn[key] for turn in manual["turns"]) for key in ("added_seconds", WORKED))
    pages = f"A PDF of {manual['pages']} pages, {manual['words']:,} words, is sent by the Library tab; it is "
    pages += f"in the library after {added:.1f} s, and a question on its last page is answered. The server "
    pages += f"worked for {worked:.1f} s of processor time."
    longest = (Row("longest", max(seconds)),) if len(seconds) > 1 else ()
    return [
        _waiting("From Enter to the first word of the answer", found["first_word_ms"], WORD_MS, said),
        _waiting("From a marker to the page it cites", [one["ms"] for one in pictures], PICTURE_MS, looked),
        Figure(
            f"A manual of {manual['pages']} pages: from sending it to an answer from its last page",
            "s",
            (Row("median", median(seconds)), *longest, Row("target", MANUAL_S, "target")),
            less=True,
            note=pages,
        ),
    ]


def _waiting(title: str, times: Sequence[float], target: float, note: str) -> Figure:
    if not times:  # then no target is met either
        return Figure(title, "ms", (), less=True, note=note)
    shares = (("median", 50), ("p95", 95))
    rows = [Row(name, float(np.percentile(times, share))) for name, share in shares]
    return Figure(title, "ms", (*rows, Row("target", target, "target")), less=True, note=note)


def _asked(person: Person, options: Options, progress: Progress) -> dict[str, Any]:
    """Ask questions one by one and look at the pages that the answers cite; the first ones only warm up."""
    [questions] = lists_of(options, 1, WARM + options.asked)
    words, pictures = list[float](), list[dict[str, Any]]()
    for n, question in enumerate(questions):
        progress("desk: asking and looking", n, len(questions))
        ms = person.ask(question)
        if n >= WARM and person.answer():
            words.append(ms)
            pictures += person.pictures(LOOKED_AT)
    return {"asked": options.asked, "first_word_ms": words, "pictures": pictures}


def _sent(person: Person, server: int, manual: Manual, folder: Path) -> dict[str, float]:
    """Send a manual and ask about its last page; PageFailed where the answer is not what stands there."""
    path = manual.write(folder / f"manual-{manual.seed}.pdf")
    person.visit()
    busy, started = processor_seconds(server), time.perf_counter()
    person.send(path)
    added = time.perf_counter() - started
    person.ask(manual.question)
    seconds = time.perf_counter() - started
    if manual.figure not in person.answer():
        raise PageFailed(f"The page did not answer {manual.question!r} from {path.name}, which it took in.")
    worked = processor_seconds(server) - busy
    return {"added_seconds": added, "seconds": seconds, WORKED: worked}


def _marked(pictures: Sequence[dict[str, Any]]) -> int:
    return sum(one["marked"] for one in pictures)


def _words(pages: int) -> int:
    return sum(len(text.split()) for text in Manual(pages, 0).texts)
