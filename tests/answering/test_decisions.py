"""When the assistant declines, asks back, shows a disagreement, or reads a question in its context."""

from pathlib import Path

import pytest

from kb.types import Turn
from tests.answering.desk import desk, quotes

HANDBOOK = """# Officer handbook

## Contracts

Suppliers who miss the service level pay a penalty. The contract is signed by the Authority.

## Guidelines

Please refer to the Blueprint guidelines to develop a sector strategy.

## Budget

Figure 13: Budget planning procedure

Officers plan the budget in October.

## Quality

The policy follows ISO 9001. The index stood at 0.55 in 2022.
"""
TWO_WORKSHOPS = {
    "kigali": "# Kigali note\n\n## Date and venue\n\nThe workshop takes place on 22 March 2023 in Kigali.\n",
    "vientiane": "# Vientiane note\n\n## Date and venue\n\nThe workshop is on 11 May 2023 in Vientiane.\n",
}


def test_what_no_document_says_is_declined_with_the_nearest_passage(tmp_path: Path) -> None:
    answer = desk(tmp_path, handbook=HANDBOOK).ask("who is the ambassador to Norway?")
    assert answer.status == "not_in_corpus"
    assert answer.claims == ()


def test_an_amount_must_be_an_amount(tmp_path: Path) -> None:
    answer = desk(tmp_path, handbook=HANDBOOK).ask("what amount of penalty in RWF do suppliers pay?")
    assert answer.status == "not_in_corpus"
    assert "penalty" in answer.pointers[0].citations[0].quote


def test_a_figure_for_one_year_does_not_answer_for_another(tmp_path: Path) -> None:
    assert desk(tmp_path, handbook=HANDBOOK).ask("what was the index in 2022?").status == "answered"
    assert desk(tmp_path, handbook=HANDBOOK).ask("what was the index in 2019?").status == "not_in_corpus"


def test_a_document_that_is_only_referred_to_is_pointed_at(tmp_path: Path) -> None:
    answer = desk(tmp_path, handbook=HANDBOOK).ask("please share the Blueprint guidelines")
    assert answer.status == "not_in_corpus"
    assert answer.pointers[0].note == "The documents refer elsewhere:"
    assert answer.pointers[0].citations[0].quote.startswith("Please refer to the Blueprint guidelines")


def test_a_figure_of_which_only_the_caption_is_there_cannot_be_explained(tmp_path: Path) -> None:
    answer = desk(tmp_path, handbook=HANDBOOK).ask("explain figure 13, the budget planning procedure")
    assert answer.status == "not_in_corpus"


def test_two_meanings_are_offered_and_each_leads_to_its_own_answer(tmp_path: Path) -> None:
    assistant = desk(tmp_path, **TWO_WORKSHOPS)
    answer = assistant.ask("when is the workshop?")
    assert answer.status == "clarify"
    assert len(answer.options) == 2
    for option in answer.options:
        chosen = assistant.ask(option.question)
        assert chosen.status == "answered"
        assert quotes(chosen)[0] == option.citations[0].quote


def test_a_name_in_the_question_leaves_one_meaning(tmp_path: Path) -> None:
    answer = desk(tmp_path, **TWO_WORKSHOPS).ask("when is the vientiane workshop?")
    assert answer.status == "answered"
    assert "11 May 2023" in quotes(answer)[0]


def test_a_follow_up_takes_its_topic_from_the_turn_before(tmp_path: Path) -> None:
    history = [Turn("user", "Tell me about the Vientiane workshop"), Turn("assistant", "It is in Vientiane.")]
    answer = desk(tmp_path, **TWO_WORKSHOPS).ask("and when is it?", history)
    assert answer.standalone_question == "and when is the Vientiane workshop?"
    assert "11 May 2023" in quotes(answer)[0]


def test_a_question_that_stands_alone_ignores_the_topic_before(tmp_path: Path) -> None:
    history = [Turn("user", "What is the penalty for suppliers?"), Turn("assistant", "They pay.")]
    answer = desk(tmp_path, **TWO_WORKSHOPS).ask("when is the kigali workshop?", history)
    assert answer.standalone_question == "when is the kigali workshop?"
    assert "22 March 2023" in quotes(answer)[0]


def test_a_search_can_be_kept_to_some_documents(tmp_path: Path) -> None:
    assistant = desk(tmp_path, **TWO_WORKSHOPS)
    [lao] = [d.id for d in assistant.index.documents() if d.source == "vientiane.md"]
    answer = assistant.ask("when is the workshop?", documents=[lao])
    assert answer.status == "answered"
    assert "11 May 2023" in quotes(answer)[0]


def test_two_expansions_of_an_acronym_are_a_disagreement(tmp_path: Path) -> None:
    texts = {
        "survey": "# Survey\n\n## Indices\n\nThe Open Government Data Index (OGDI) is supplementary.\n",
        "note": "# Note\n\n## Themes\n\nThe Open Government Development Index (OGDI) is on the agenda.\n",
    }
    answer = desk(tmp_path, **texts).ask("what does OGDI stand for?")
    assert answer.status == "answered"
    [conflict] = answer.conflicts
    assert "Open Government Data Index" in conflict.summary
    assert "Open Government Development Index" in conflict.summary
    assert len(conflict.citations) == 2


def test_a_count_that_does_not_fit_its_list_is_a_disagreement(tmp_path: Path) -> None:
    items = "\n".join(f"- Objective {n}: dialogue {n}" for n in "ABCD")
    text = f"# Note\n\n## Objectives\n\nThe objective of the meeting is three-fold:\n\n{items}\n"
    [conflict] = desk(tmp_path, note=text).ask("what are the objectives of the meeting?").conflicts
    assert conflict.summary == "The lead-in says three-fold, but 4 items follow."


def test_one_day_in_two_years_is_a_disagreement(tmp_path: Path) -> None:
    text = "# Note\n\n## Date\n\nThe meeting starts on 22 March 2022. On 22 March 2023 the meeting opens.\n"
    [conflict] = desk(tmp_path, note=text).ask("when does the meeting start?").conflicts
    assert conflict.summary == "22 March is given as 2022 and 2023."


def test_a_time_without_a_figure_is_a_time(tmp_path: Path) -> None:
    canteen = "# Canteen\n\n## Hours\n\nThe canteen opens at noon. It closes at 14:30.\n"
    answer = desk(tmp_path, canteen=canteen).ask("what time does the canteen open?")
    assert quotes(answer)[0] == "The canteen opens at noon."


@pytest.mark.parametrize("asked", ["?", "...", "x", "what is it"])
def test_what_asks_nothing_is_answered_with_nothing(tmp_path: Path, asked: str) -> None:
    assert desk(tmp_path, handbook=HANDBOOK).ask(asked).status == "not_in_corpus"


def test_what_a_paragraph_says_before_it_leads_in_a_list_is_told_without_the_list(tmp_path: Path) -> None:
    note = (
        "# Cloud note\n\n## Reasons\n\nMinistries move to the cloud because their machine rooms flood. "
        "The move concerns the following bodies:\n\n- the tax office\n- the land registry\n- the archive\n"
    )
    answer = desk(tmp_path, note=note).ask("why do ministries move to the cloud?")
    assert quotes(answer) == ["Ministries move to the cloud because their machine rooms flood."]
