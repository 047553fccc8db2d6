from __future__ import annotations

import pytest

from eval.compare import SHUFFLES, paired, randomisation
from kb.errors import CaseError

# Darwin's maize: heights of cross- less self-fertilised plants of 15 pairs, in eighths of an inch
# (Fisher 1935, "The Design of Experiments", chapter 3).
DARWIN = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]


def test_darwins_maize_gives_fishers_probability() -> None:
    # Fisher counted 863 of the 2^15 assignments with a sum of 314 or more; as many fall below -314.
    assert randomisation([float(d) for d in DARWIN]) == pytest.approx(2 * 863 / 2**15)


def test_cases_that_do_not_differ_tell_nothing() -> None:
    assert randomisation([0.0] * 50) == 1
    assert randomisation([1.0] * 6 + [0.0] * 500) == pytest.approx(2 / 2**6)


def test_many_cases_are_shuffled_and_repeat() -> None:
    changes = [1.0] * 12 + [-1.0] * 8
    # Of 20 fair throws 12 or more, or 8 or fewer, fall on one side with probability 0.5034.
    assert randomisation(changes) == pytest.approx(0.5034, abs=0.02)
    assert randomisation(changes) == randomisation(changes)
    assert randomisation([1.0] * 40) == pytest.approx(1 / (1 + SHUFFLES))


def test_runs_are_compared_on_the_cases_of_both() -> None:
    before = {"a": 0.0, "b": 0.5, "c": 1.0, "gone": 1.0}
    now = {"a": 1.0, "b": 0.5, "c": 1.0, "new": 0.0}
    found = paired(before, now)
    assert (found.n, found.before) == (3, 0.5)
    assert found.now == pytest.approx(5 / 6)
    assert found.difference == pytest.approx(1 / 3)
    assert found.low <= found.difference <= found.high
    assert found.p == 1
    back = paired(now, before)
    assert back.difference == pytest.approx(-1 / 3)
    assert back.p == 1


def test_runs_without_a_case_in_common_are_refused() -> None:
    with pytest.raises(CaseError, match="share no case"):
        paired({"a": 1.0}, {"b": 1.0})
