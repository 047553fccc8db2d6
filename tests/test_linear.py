"""What reads text takes about four times as long for four times as much, whatever stands there."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from kb.answering.answer_types import exact, fits, values
from kb.answering.compound import parts
from kb.answering.grounding import check
from kb.answering.llm.draft import sentences_of
from kb.answering.llm.verify import foreign_addresses
from kb.answering.question import Question
from kb.loaders.metadata import clean_title
from kb.loaders.pandoc.tex import readable
from kb.loaders.pdf.contents import CONTENTS, LEADER, TO_A_PAGE
from kb.loaders.pdf.furniture import PAGE_NUMBER
from kb.loaders.pdf.raised import notes_of, without_marks
from kb.loaders.plain import load_plain
from kb.loaders.structure import join_lines
from kb.text import printable
from kb.types import Passage

LETTERS = 16_000
# Seconds of work: what any text may take, so that a busy machine does not matter.
SPARE = 0.25
LINES = [
    "**a ",
    "__a ",
    "**",
    "a-\n",
    "a;b\n",
    "note\n",
    "note\n\n",
    "- a:\n",
    "- ",
    "!",
    "[1: a] ",
    "[1:  ",
    "A: b\n\n",
]
WORDS = [
    "1",
    "1 ",
    "1,",
    "1-1-",
    "a-",
    "a.",
    "a@",
    "$1",
    "12 a ",
    "not ",
    "nn'",
    "[](",
    "{\\text",
    ".",
    "\x1b]",
    ". ",
]
ASKING = ["what ", "and is ", "when and ", " ", "x and what?", "is it, "]
PASSAGE = Passage("p", "d", 0, "The board meets in May.", (), None, None, 0, 23)


def answered(text: str) -> None:
    for kind in ("number", "date", "duration", "share", "time", "money", "contact"):
        question = Question("What is it?", kind, ())
        fits(question, text)
        exact(question, text)
        values(kind, text)


def checked(text: str) -> None:
    foreign_addresses(text, [PASSAGE])
    check(text, [PASSAGE.text])
    [*sentences_of([text])]


def tidied(text: str) -> None:
    clean_title(text)
    readable(text)
    printable(text)
    join_lines([f"{text}1b-", "a"], frozenset())
    PAGE_NUMBER.fullmatch(f"page{text}x")
    LEADER.search(f"{text}x")
    TO_A_PAGE.split(text)
    without_marks(f"{text}²", notes_of(text))
    CONTENTS.fullmatch(text)


def work(read: Callable[[str], object], text: str) -> float:
    """Return the seconds of work of the better of two runs, without what collecting garbage takes."""
    gc.collect()
    gc.disable()
    try:
        return min(_seconds(read, text) for _ in range(2))
    finally:
        gc.enable()


def _seconds(read: Callable[[str], object], text: str) -> float:
    before = time.process_time()
    read(text)
    return time.process_time() - before


@pytest.mark.parametrize(
    ("read", "unit"),
    [
        *((load_plain, unit) for unit in LINES),
        *((read, unit) for read in (answered, checked, tidied) for unit in WORDS),
        *((parts, unit) for unit in ASKING),
    ],
)
def test_four_times_the_text_takes_no_square_of_the_time(read: Callable[[str], object], unit: str) -> None:
    short = unit * (LETTERS // len(unit))
    read(short[:100])  # what is loaded on first use
    assert work(read, short * 4) < 8 * work(read, short) + SPARE
