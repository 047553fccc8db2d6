"""How an answer becomes HTML."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kb.types import Answer, Claim, Conflict, Layout, Pointer, Status
from kb.ui.render import render_answer
from kb.ui.sources import Sources, View
from kb.ui.strings import Words

from .sample import PLACE, ROOM, STEPS, TABLE, VENUE, VIEW, Page, quote, venue_answer


def html(answer: Answer) -> str:
    return render_answer(answer, Sources.of(answer, 2, VIEW))


def answer(*claims: Claim, status: Status = "answered") -> Answer:
    return Answer("Q?", "Q?", status, claims)


def rows(*texts: str, layout: Layout = "row") -> list[Claim]:
    return [Claim(text, (quote(TABLE, text),), layout=layout) for text in texts]


def test_sentences_are_paragraphs_with_markers_in_the_order_of_the_claim() -> None:
    shown = html(venue_answer())

    assert re.sub("<[^>]+>", "", shown).endswith(f"{PLACE}[1]{ROOM}[2][1]")
    assert shown.count('<p class="sentence">') == 2


def test_a_marker_links_to_its_evidence_and_names_document_and_page() -> None:
    first = Page(html(venue_answer())).all("a", "marker")[0]

    assert first["href"] == "#turn2-source1"
    assert first["aria-label"] == "Source 1: Workshop note, p. 12, printed as 8"


def test_the_question_as_it_was_understood_is_shown_only_where_it_differs() -> None:
    asked = venue_answer()

    assert "Understood as: Where is the Kigali workshop?" in html(asked)
    assert "Understood as" not in html(replace(asked, standalone_question=" Where is  it?"))


def test_the_sides_of_a_comparison_stand_beside_each_other() -> None:
    one, other = (Claim(text, (quote(STEPS, text),)) for text in ("win the leaders", "train everybody"))
    shown = html(answer(replace(one, about="First <note>"), replace(other, about="Second note")))

    assert shown.count('class="side"') == 2
    assert (
        shown.index("First &lt;note&gt;</h3>") < shown.index("win the leaders") < shown.index("Second note")
    )


def test_items_after_a_lead_are_one_list() -> None:
    lead = Claim("The steps are:", (quote(STEPS, "The steps are:"),), layout="lead")
    items = [
        Claim(text, (quote(STEPS, text),), layout="item") for text in ("win the leaders", "train everybody")
    ]

    shown = html(answer(lead, *items))

    assert '<p class="lead">The steps are:' in shown
    assert shown.count("<ul>") == 1
    assert re.findall("<li>(.*?)<", shown) == ["win the leaders", "train everybody"]


def marks(shown: str) -> str:
    return re.sub("<[^>]+>", "", shown.split("</p>", 1)[1])


def test_a_quote_that_a_whole_list_shares_is_marked_once_and_another_where_it_ends() -> None:
    lead, one, other = (
        quote(STEPS, text) for text in ("The steps are:", "win the leaders", "train everybody")
    )
    items = [Claim(str(n), (cited,), layout="item") for n, cited in enumerate((one, one, other, other))]
    led = replace(items[0], text="Lead:", layout="lead")

    assert marks(html(answer(led, *items[:2]))) == "Lead:[1]01"
    assert marks(html(answer(led, *items))) == "Lead:[1]0123[2]"
    assert marks(html(answer(*items[:2]))) == "0[1]1"
    assert marks(html(answer(replace(led, citations=(lead,)), *items[:2]))) == "Lead:[1]01[2]"


def test_a_table_of_one_quote_is_marked_in_its_header() -> None:
    whole = (quote(TABLE, "Country\tEGDI\nLand 10\t0.10\nLand 11\t0.11"),)
    lead, *body = *rows("Country\tEGDI", layout="lead"), *rows("Land 10\t0.10", "Land 11\t0.11")
    shared = [replace(claim, citations=whole) for claim in (lead, *body)]

    assert marks(html(answer(*shared))) == "CountryEGDI[1]Land 100.10Land 110.11"


def test_sentences_and_items_in_other_words_keep_their_markers() -> None:
    sentence = Claim("S", (quote(STEPS, "The steps are:"),))
    worded = replace(sentence, text="W", support="supported", layout="item")

    assert marks(html(answer(sentence, replace(sentence, text="T"), worded, worded))) == "S[1]T[1]W[1]W[1]"


def test_rows_are_a_table_with_the_lead_as_header() -> None:
    lead, *body = *rows("Country\tEGDI", layout="lead"), *rows("Land 11\t0.11", "Land 12\t0.12")

    shown = html(answer(lead, *body))

    assert shown.count("<table>") == 1
    assert re.findall(r'<th scope="col">(.*?)<', shown) == ["Country", "EGDI"]
    assert re.findall("<td>(.*?)<", shown) == ["Land 11", "0.11", "Land 12", "0.12"]
    assert '<p class="lead">' not in shown


def test_a_header_that_is_claimed_again_does_not_cut_the_table() -> None:
    lead, *body = *rows("Country\tEGDI", layout="lead"), *rows("Land 11\t0.11", "Land 12\t0.12")

    assert html(answer(lead, body[0], lead, body[1])) == html(answer(lead, *body))


def test_rows_of_unequal_length_and_without_header_make_a_full_table() -> None:
    short = Claim("Land 12", (quote(TABLE, "Land 12"),), layout="row")

    shown = html(answer(*rows("Land 11\t0.11"), short))

    assert "<thead>" not in shown
    assert shown.count("<td>") == 4


def test_a_sentence_between_two_lists_keeps_them_apart() -> None:
    item = Claim("win the leaders", (quote(STEPS, "win the leaders"),), layout="item")
    sentence = Claim(PLACE, (quote(VENUE, PLACE),))

    assert html(answer(item, sentence, item)).count("<ul>") == 2


def test_what_a_passage_does_not_confirm_is_said() -> None:
    doubtful = Claim(PLACE, (quote(VENUE, PLACE),), support="unsupported")

    assert "not confirmed by the passage" in html(answer(doubtful))
    assert "not confirmed" not in html(answer(replace(doubtful, support="supported")))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("clarify", "Which do you mean?"),
        ("not_in_corpus", "The documents do not say this."),
        ("greeting", "Ask what you want to know"),
    ],
)
def test_every_other_status_is_said_in_words_and_looks_its_own(status: Status, sentence: str) -> None:
    shown = html(answer(status=status))

    assert sentence in shown
    assert Page(shown).all("div", f"answer {status}")
    assert "Answer from" not in shown


def test_an_answer_says_from_how_many_documents_it_is() -> None:
    two = answer(Claim(PLACE, (quote(VENUE, PLACE), quote(STEPS, "The steps are:"))))

    assert "Answer from 1 document<" in html(venue_answer())
    assert "Answer from 2 documents<" in html(two)


def test_a_conflict_shows_both_quotes_with_their_places() -> None:
    conflict = Conflict("the room differs.", (quote(VENUE, "room MH4"), quote(STEPS, "win the leaders")))

    page = Page(html(replace(answer(), conflicts=(conflict,))))

    assert "Sources disagree: the room differs." in page.text
    assert "room MH4 Workshop note, p. 12, printed as 8[1]" in page.text
    assert "win the leaders Officer handbook[2]" in page.text
    assert page.tags().count("q") == 2


def test_notes_are_small_print() -> None:
    assert '<p class="note">Read with care.</p>' in html(replace(answer(), notes=("Read with care.",)))


def test_on_a_french_page_what_the_program_and_the_documents_say_is_spoken_as_english() -> None:
    english = {name: replace(document, language="en") for name, document in VIEW.documents.items()}
    french = View(english, Words("fr"))
    quotes = (quote(VENUE, "room MH4"), quote(STEPS, "win the leaders"))
    told = replace(
        venue_answer(),
        exact="22 March",
        notes=("Read with care.",),
        conflicts=(Conflict("the room differs.", quotes[:1]),),
        pointers=(Pointer("The handbook has more.", quotes[:1]),),
    )

    shown = render_answer(told, Sources.of(told, 1, french))

    assert '<p class="note" lang="en">Read with care.</p>' in shown
    for words in (PLACE, "22 March", "the room differs.", "The handbook has more."):
        assert f'<span lang="en">{words}</span>' in shown
    assert 'lang="' not in render_answer(told, Sources.of(told, 1, View(english)))


def test_where_documents_are_in_several_languages_the_answer_is_marked_as_none() -> None:
    mixed = {"note": replace(VIEW.documents["note"], language="en"), "book": VIEW.documents["book"]}
    claims = (Claim(PLACE, (quote(VENUE, PLACE), quote(STEPS, "win the leaders"))),)

    sources = Sources.of(answer(*claims), 1, View(mixed, Words("fr")))

    assert sources.language is None
    assert 'lang="' not in render_answer(answer(*claims), sources)


def test_the_beginning_of_an_answer_keeps_the_numbers_of_the_whole() -> None:
    whole = venue_answer()
    sources = Sources.of(whole, 1, VIEW)

    beginning = render_answer(replace(whole, claims=whole.claims[1:]), sources)

    assert Page(beginning).text.endswith(f"{ROOM}[2][1]")


def test_the_exact_value_stands_before_the_sentence_it_is_from() -> None:
    shown = html(replace(venue_answer(), exact="22 March"))

    assert shown.index('<p class="exact"><strong>22 March</strong></p>') < shown.index(PLACE)
    assert "exact" not in html(venue_answer())
