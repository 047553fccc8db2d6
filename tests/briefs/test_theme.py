"""What of a topic the documents hold, and which of their sentences speak of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.assistant import Assistant
from kb.briefs.survey import MOST_SIDES, survey
from kb.briefs.theme import measure_of
from kb.briefs.topic import Phrase
from kb.errors import BriefError
from kb.lexicon import Lexicon
from kb.retrieval.relevance import Relevance
from tests.answering.desk import desk

PAPERS = """# School paper

## Open data

The ministry publishes open data about schools every month.
Open data about pupils is kept without names.

## School buses

Buses are open to all pupils, and their drivers write down data on fuel.
The bus office asks for e-participation: pupils vote on new routes.
Participation in sports is free for every pupil.
"""


@pytest.fixture
def office(tmp_path: Path) -> Assistant:
    return desk(tmp_path, paper=PAPERS)


def test_words_of_a_phrase_count_where_they_stand_together(office: Assistant) -> None:
    theme = survey(office, "open data").theme
    assert theme.speaks("The ministry publishes open data about schools every month.") == 1.0
    apart = "Buses are open to all pupils of the school at any hour of the day, and their drivers note data."
    assert theme.speaks(apart) == 0.0
    assert theme.speaks("All is published, for example open data.") == 0.0


def test_a_marked_word_is_another_than_the_plain_one(office: Assistant) -> None:
    theme = survey(office, "e-participation").theme
    marked, plain = (
        "The office asks pupils for e-participation.",
        "Participation of pupils in sports is free.",
    )
    assert theme.speaks(marked) == 1.0
    assert theme.speaks(plain) < 0.75


def test_each_side_of_a_topic_is_enough_by_itself(office: Assistant) -> None:
    theme = survey(office, "open data and school buses").theme
    assert len(theme.sides) == 2
    assert theme.coverage("The school buses are new.") == theme.coverage("Open data is kept.") == 1.0


def test_what_the_documents_lack_of_a_topic_is_named(office: Assistant) -> None:
    found = survey(office, "open data about schools on fuel routes")
    assert found.lost == ("fuel routes",)
    assert found.theme.coverage("Open data about schools.") == 1.0


def test_words_weigh_the_same_in_whatever_order_a_side_has_them() -> None:
    whole = Relevance(["staff", "train", "offic"], {}, Lexicon({"staff": 50, "train": 2, "offic": 10}), 100)
    side = measure_of([Phrase("training", ("train",)), Phrase("staff officers", ("staff", "offic"))], whole)
    assert side.coverage("training") > side.coverage("officer") > side.coverage("staff") > 0


def test_a_topic_of_very_many_things_is_refused(office: Assistant) -> None:
    with pytest.raises(BriefError, match=rf"names {MOST_SIDES + 1} things"):
        survey(office, ", ".join(["open data"] * (MOST_SIDES + 1)))
