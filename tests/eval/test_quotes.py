from __future__ import annotations

import random
import time

import pytest

from eval.quotes import covers, overlaps

QUOTE = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("Before. One two three four five six seven eight nine ten. After.", True),
        ("one two three four five six seven eight", True),
        ("one two three four five six seven", False),
        ("three two one six five four nine eight seven ten", False),
        ("one two THREE, four;\nfive *six* seven **eight** _nine_ ten", True),
        ("one a two b three c four d five e six f seven g eight h nine i ten", True),
        (" ".join(f"{word} a b c d e" for word in QUOTE.split()), False),
        ("", False),
    ],
    ids=[
        "inside",
        "80 percent",
        "70 percent",
        "other order",
        "marked up",
        "spread a little",
        "strewn",
        "empty",
    ],
)
def test_eight_of_ten_words_in_order_and_together_cover_a_quote(text: str, covered: bool) -> None:
    assert covers(QUOTE, text) is covered


def test_a_quote_without_words_is_never_covered() -> None:
    assert not covers(" ... ", "anything ...")


def test_soft_hyphens_and_ligatures_do_not_hide_a_quote() -> None:
    assert covers("five offices share the data", "ﬁve of\u00adﬁces share the data")


def test_a_common_window_is_found_wherever_it_stands_in_a_long_text() -> None:
    draw = random.Random(1)
    noise = [draw.choice(QUOTE.split()[:5]) for _ in range(20000)]
    assert not covers(QUOTE, " ".join(noise))
    noise[15000:15000] = QUOTE.split()
    started = time.perf_counter()
    assert covers(QUOTE, " ".join(noise))
    assert time.perf_counter() - started < 5


def test_the_window_search_agrees_with_trying_every_window() -> None:
    from rapidfuzz.distance import LCSseq

    draw = random.Random(2)
    agreed = set()
    for _ in range(300):
        quote = [draw.choice("abcdefgh") for _ in range(5)]
        text = [draw.choice("abcdefghxyz") for _ in range(draw.randrange(60))]
        windows = [text[start : start + 20] for start in range(max(1, len(text) - 19))]
        expected = any(LCSseq.similarity(quote, window) >= 4 for window in windows)
        assert covers(" ".join(quote), " ".join(text)) is expected
        agreed.add(expected)
    assert agreed == {True, False}


def test_quotes_overlap_when_one_stands_in_the_other() -> None:
    whole = "The first day is in Room AD 10 and the second in Room MH4."
    assert overlaps(whole, "the second in Room MH4")
    assert overlaps("the second in Room MH4", whole)
    assert not overlaps(whole, "Lunch is served in the hall")
    assert not overlaps(whole, "in the")
    assert overlaps("MH4", "MH4")
