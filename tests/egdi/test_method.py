"""What the documents say on the method is found, quoted word for word, with its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb.egdi.method import Method
from kb.index import FolderIndex, open_index


@pytest.fixture
def method(index: FolderIndex) -> Method:
    return Method(index)


def test_the_formula_and_its_earlier_weights(method: Method) -> None:
    [formula] = method.formula()
    assert {"EGDI", "OSI", "TII", "HCI"} <= {*re.findall(r"\w+", formula.quote)}
    # Roman numbers come before the first printed page.
    assert formula.page is not None
    assert formula.page > int(formula.page_label or 0) > 0
    [weights] = method.formula(weighted=True)
    assert {"0.34", "0.33"} <= {*re.findall(r"[\d.]+", weights.quote)}


def test_normalisation_is_told_in_two_steps(method: Method) -> None:
    spread, scale = method.normalisation()
    assert "Z-score" in spread.quote
    assert "0 to 1" in scale.quote


def test_only_what_changed_between_the_editions_is_told(method: Method) -> None:
    assert [row.quote.split("\t")[0] for row in method.changes(2018, 2024)] == ["2020", "2022", "2024"]
    assert method.changes(2024, 2024) == []


def test_an_index_without_the_method_says_nothing(small_index: Path) -> None:
    method = Method(open_index(small_index))
    assert method.formula() + method.normalisation() + method.caution() + method.changes(2003, 2024) == []
