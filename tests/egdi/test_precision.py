"""What the table must not answer, though every word is its own, and what it must not answer wrongly."""

from __future__ import annotations

import pytest

from kb.egdi import answer as answer_of
from kb.index import FolderIndex

from .test_answer import answered, cited


@pytest.mark.parametrize(
    ("question", "nearest", "rows"),
    [
        ("Which country had the highest EGDI in 2023?", "2022, 2024", ["DNK 2022", "DNK 2024"]),
        ("top 10 countries in EGDI in 2023", "2022, 2024", ["DNK 2022", "DNK 2024"]),
        ("highest EGDI in 2030", "2024", ["DNK 2024"]),
        ("which country was ranked 3rd in EGDI in 2021", "2020, 2022", ["EST 2020", "KOR 2022"]),
    ],
)
def test_ends_of_no_edition_are_declined(
    index: FolderIndex, question: str, nearest: str, rows: list[str]
) -> None:
    answer = answered(index, question)
    [pointer] = answer.pointers
    assert answer.status == "not_in_corpus"
    assert pointer.note.endswith(f"nearest to it: {nearest}.")
    quotes = [citation.quote.split("\t") for citation in pointer.citations]
    assert [f"{quote[1]} {quote[2]}" for quote in quotes] == rows


def test_more_than_there_are_is_cut_and_told(index: FolderIndex) -> None:
    answer = answered(index, "top 200 countries by EGDI 2024")
    assert len(cited(answer)) == 50
    assert answer.notes == ("Only 50 rows are shown.",)


@pytest.mark.parametrize(
    ("question", "exact"),
    [
        ("What is Kenya's online service index in the UN E-Government Survey 2024?", "0.7770"),
        ("What is the HCI of Rwanda in the 2022 e-government survey?", "0.5322"),
        ("UN e-government survey 2022: rank of Benin", "149"),
        ("What was the highest EGDI of the US in 2024?", "0.9194"),
        ("tell us the EGDI of Kenya in 2024", "0.6314"),
        ("TELL US THE EGDI OF KENYA IN 2024", "0.6314"),
        ("U.S. EGDI rank 2022", "10"),
        ("What is the U.K.'s EGDI rank in 2024", "7"),
        ("Give me the e-participation index of Estonia for 2022", "0.9773"),
        ("Which nation was ranked 7th in the 2018 edition?", "Singapore"),
        ("Where does Ghana stand in the EGDI in 2022?", "106"),
        ("How does Peru rank in e-government in 2024?", "58"),
        ("Malawi human capital score 2018", "0.4720"),
        ("What is the score of Uganda in telecommunication infrastructure in 2022?", "0.2472"),
        ("In which year did Mongolia have its worst EGDI rank?", "2003"),
        ("What was Rwanda's highest EGDI since 2012?", "0.5799"),
        ("Côte d'Ivoire EGDI position 2024", "124"),
        ("Could you tell me the latest EGDI of the United States?", "0.9194"),
        ("What was South Korea's EGDI ranking in the 2010 UN survey?", "1"),
        ("Which country has the largest OSI in 2022?", "Estonia"),
        ("Which country has the best human capital?", "Australia"),
        ("Who was ranked 12th in EGDI 2022?", "Singapore"),
        ("How much is Tonga's OSI in 2024?", "0.3220"),
        ("Can you tell me Fiji's EGDI rank in 2018?", "102"),
        ("And the UK in 2020? (rank EGDI France 2024)", "7"),
    ],
)
def test_one_figure(index: FolderIndex, question: str, exact: str) -> None:
    answer = answered(index, question)
    assert answer.status == "answered"
    assert answer.exact == exact


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What are Kenya's OSI and TII in 2024?", ["OSI of 0.7770", "TII of 0.5901"]),
        (
            "What were the EGDI, OSI and HCI of Senegal in 2020?",
            ["EGDI of 0.4210", "OSI of 0.4941", "HCI of 0.3332"],
        ),
        (
            "Compare the EGDI of the US and China in 2024",
            ["United States of America is ahead of China by EGDI: 0.9194"],
        ),
        ("USA vs Canada HCI 2024", ["ahead of Canada by HCI: 0.8842 and 0.8725"]),
        ("Is Ghana ahead of Nigeria in the EGDI 2024?", ["Ghana is ahead of Nigeria by EGDI: 0.6317"]),
        ("Did Laos have a higher OSI than Cambodia in 2024?", ["Cambodia is ahead of Lao"]),
        ("How does Rwanda's EGDI compare to Kenya's in 2024?", ["Kenya is ahead of Rwanda"]),
        ("Has Kenya's EGDI risen since 2016?", ["from 0.4185 (rank 119) in 2016 to 0.6314 (rank 109)"]),
        ("By how much did Viet Nam's TII grow between 2014 and 2024?", ["from 0.3792 in 2014 to 0.8780"]),
        ("Did Peru's HCI increase or decrease from 2016 to 2020?", ["from 0.7151 in 2016 to 0.7940"]),
        ("egdi value of Zambia for 2012 and 2014", ["went down from 0.2910 (rank 154) in 2012 to 0.2389"]),
        ("Which five countries had the lowest OSI in 2020?", ["South Sudan has the lowest OSI: 0.0000"]),
        ("what about 2022? (kenya uganda 2024 better online services)", ["Kenya is ahead of Uganda by OSI"]),
    ],
)
def test_several_figures(index: FolderIndex, question: str, said: list[str]) -> None:
    answer = answered(index, question)
    assert answer.status == "answered"
    for words, claim in zip(said, answer.claims, strict=False):
        assert words in claim.text


@pytest.mark.parametrize(
    "question",
    [
        # Change and relative position, which no row tells.
        "Which country has the greatest improvement in EGDI since 2020?",
        "Largest increase in EGDI?",
        "Largest drop in EGDI rank in 2024?",
        "Which countries are ranked higher than Kenya in 2024?",
        "Which country is ranked behind Rwanda in 2024?",
        "Which countries had lower EGDI than Rwanda in 2024?",
        "Which countries are ranked ahead of Kenya and Rwanda in 2024?",
        "Which countries are placed between Rwanda and Kenya in 2024?",
        "Which countries had the highest and lowest EGDI in 2024?",
        "Which country is two places ahead of Kenya in 2024?",
        "Which countries improved their EGDI rank in 2024?",
        "Which countries are better than Estonia in OSI 2022?",
        "Who ranks behind Ghana in 2024?",
        "Did Rwanda's EGDI fall in 2020?",
        "What is the second highest EGDI in 2024?",
        "2nd lowest EGDI 2024",
        "and uganda? (kenya ranked higher 2024)",
        # Services, people, policies.
        "How do I get online services in Rwanda in 2024?",
        "Which online services has Rwanda now?",
        "Which 3 online services did Rwanda get in 2024?",
        "What is the latest on online services in Rwanda?",
        "Who is behind e-government in Rwanda?",
        "What is human capital in Rwanda?",
        "What is the position of the Rwanda government on e-government?",
        "What are the best online services in Rwanda?",
        "Which online services rank highest in Rwanda?",
        "Does Rwanda rank online services?",
        "What are the top online services in 2024?",
        "What is the value of human capital in Rwanda?",
        "Can I use online services from Kenya in 2024?",
        "What is the trend in online services in Rwanda since 2018?",
        "Is human capital of value in Rwanda in 2024?",
        "What does e-government do for Rwanda?",
        "Tell us about e-government in the US",
        "Where was the 2024 survey of Rwanda placed?",
        "Which survey ranked Rwanda in 2022?",
        "What is the report on the EGDI of Rwanda 2024?",
        # Causes, means and time to come.
        "How did Rwanda improve its EGDI?",
        "What changes improved Rwanda's EGDI?",
        "How did Rwanda reach its EGDI rank in 2024?",
        "What made Rwanda the best in OSI in 2022?",
        "How has the EGDI improved Rwanda since 2018?",
        "Rwanda and the EGDI",
        "What will Rwanda's EGDI be?",
        # Something else than a value of a country.
        "In which index does Rwanda rank highest in 2024?",
        "What does Rwanda rank highest in?",
        "What is the best place in Rwanda?",
        "Where does Rwanda stand now?",
        "What is the smallest country in the EGDI 2024?",
        "What is the difference between the OSI and the TII of Rwanda in 2024?",
        "Which year had the highest EGDI?",
        "Which e-government index is the best?",
        "What does Kenya's EGDI rank of 2024 stand for?",
        "What does the EGDI give us?",
        "egdi us 2024",
        "TELL THE US EGDI 2024",
        "Is Japan better than Korea in EGDI 2024?",
        # Ranks that nobody has.
        "Which country is ranked 199th?",
        "which country has rank 199 in 2024",
    ],
)
def test_the_passages_answer_what_the_table_does_not(index: FolderIndex, question: str) -> None:
    assert answer_of(question, index) is None


def test_only_editions_with_such_a_rank_are_offered(index: FolderIndex) -> None:
    answer = answered(index, "Which country is ranked 193rd?")
    assert [option.label for option in answer.options] == ["2024", "2022", "2020"]
    assert all(option.citations for option in answer.options)
