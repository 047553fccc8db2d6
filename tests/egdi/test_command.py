"""`kb egdi`: the table in the terminal, from the shipped file, without an index."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT, Command


@pytest.fixture(autouse=True)
def corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KB_CORPUS", str(ROOT / "corpus"))


def test_rows_as_a_table(kb: Command) -> None:
    ran = kb("egdi", "laos", "RWA", "--edition", 2024)
    lines = ran.out.splitlines()
    assert lines[0].split() == "country iso3 edition rank egdi osi tii hci epi".split()
    assert lines[1].split()[-7:] == "2024 152 0.4404 0.3265 0.5338 0.4608 0.2877".split()
    assert lines[2].split() == "Rwanda RWA 2024 118 0.5799 0.8206 0.3724 0.5467 0.7534".split()
    assert (ran.status, ran.err) == (0, "")


def test_all_editions_come_with_a_caution(kb: Command) -> None:
    ran = kb("egdi", "Rwanda")
    assert len(ran.out.splitlines()) == 13
    assert "only partly comparable" in ran.err


def test_rows_as_json(kb: Command) -> None:
    found = kb("egdi", "Libya", "Rwanda", "--edition", 2012, "--json").json
    assert [(row["iso3"], row["rank"], row["egdi"]) for row in found] == [
        ("LBY", None, None),
        ("RWA", 140, 0.3291),
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Rwnda"], "no country 'Rwnda'; the nearest names: Rwanda"),
        (["Rwanda", "--edition", "2023"], "no edition 2023"),
    ],
)
def test_what_is_unknown_gets_one_sentence(kb: Command, arguments: list[str], sentence: str) -> None:
    ran = kb("egdi", *arguments)
    assert ran.status == 1
    assert sentence in ran.err
    assert ran.err.count("\n") == 1
