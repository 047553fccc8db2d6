"""How cited passages are shown."""

from __future__ import annotations

import re
from dataclasses import replace

from kb.egdi.figures import COLUMNS
from kb.types import Answer, Citation, Claim, Passage
from kb.ui.evidence import render_evidence, render_library
from kb.ui.sources import Sources, View
from kb.ui.strings import Words
from kb.ui.tools import cited_text

from .sample import DOCUMENTS, PLACE, ROOM, STEPS, TABLE, VENUE, VIEW, Lines, Page, passage, quote


def html(*citations: Citation) -> str:
    answer = Answer("Q?", "Q?", "answered", (Claim("It is so.", citations),))
    return render_evidence(Sources.of(answer, 1, VIEW))


def test_a_card_names_document_section_and_page() -> None:
    text = Page(html(quote(VENUE, PLACE))).text

    assert "Workshop note" in text
    assert "Concept note · UN DESA · 22 March 2023" in text
    assert "4. Practical matters › Venue" in text
    assert "p. 12, printed as 8" in text


def test_the_page_is_that_of_the_quote_and_left_out_where_there_is_none() -> None:
    assert 'class="page"></span>' in html(quote(STEPS, "win the leaders"))


def test_exactly_the_quoted_words_are_marked() -> None:
    assert Page(html(quote(VENUE, ROOM))).marked == [ROOM]


def test_blanks_around_a_quote_are_not_marked() -> None:
    cited = quote(VENUE, f" {ROOM}\nRegister")
    assert Page(html(cited)).marked == [ROOM, "Register"]


def test_a_card_gathers_the_quotes_of_its_passage_under_their_numbers() -> None:
    page = Page(html(quote(VENUE, ROOM), quote(STEPS, "win the leaders"), quote(VENUE, PLACE)))

    labels = [article["aria-label"] for article in page.all("article")]
    assert labels == ["Sources 1, 3", "Source 2"]
    anchors = [span["id"] for span in page.all("span", "number") if "id" in span]
    assert anchors == ["turn1-source3", "turn1-source1", "turn1-source2"]


def test_overlapping_quotes_lose_no_word_and_have_each_their_anchor() -> None:
    page = Page(html(quote(VENUE, "Kigali on 22 March. It meets"), quote(VENUE, "March. It meets in room")))

    assert "".join(page.marked) == "Kigali on 22 March. It meets in room"
    assert page.text.count(f"{PLACE} {ROOM}") == 1
    assert {span["id"] for span in page.all("span") if "id" in span} == {"turn1-source1", "turn1-source2"}


def test_the_columns_of_the_figures_are_explained_beside_the_quote_which_stays_word_for_word() -> None:
    header, row = "\t".join(COLUMNS), "Peru\tPER\t2022\t59\t0.75\t0.8\t0.7\t0.7\t0.8"
    cited = quote(passage("figures", "data", (), [(None, header), ("table_row", row)]), f"{header}\n{row}")
    answer = Answer("Q?", "Q?", "answered", (Claim(header, (cited,), layout="lead"),))
    sources = Sources.of(answer, 1, View(DOCUMENTS, Words("fr")))

    page = Page(render_evidence(sources))

    assert "osi = indice des services en ligne" in page.text
    assert page.marked == [*COLUMNS, *row.split("\t")]
    assert "indice" not in cited_text(answer, sources)
    assert "Online Service Index" not in html(quote(TABLE, "Land 10"))


def test_a_heading_that_the_card_names_anyway_is_not_repeated() -> None:
    assert Page(html(quote(VENUE, PLACE))).text.count("Venue") == 1
    assert Page(html(quote(VENUE, "Venue"))).marked == ["Venue"]


def test_a_date_that_the_edition_tells_is_not_said_twice() -> None:
    note = replace(DOCUMENTS["note"], kind="concept-note", edition="Kigali, 22-23 March 2023")

    assert (
        Page(render_library([note], Words())).text
        == "Workshop noteConcept note · UN DESA · Kigali, 22-23 March 2023"
    )


def test_a_lead_that_is_repeated_for_its_list_is_shown_once() -> None:
    lines: Lines = [("paragraph", "It has parts. They are:"), (None, "They are:"), ("list_item", "one")]
    source = passage("p", "note", (), lines)

    assert Page(html(quote(source, "one"))).text.count("They are:") == 1


def test_items_with_numbers_of_their_own_have_no_bullets() -> None:
    source = passage("p", "note", (), [("list_item", "1. Plan"), ("list_item", "2. Do")])

    assert '<ul class="own">' in html(quote(source, "2. Do"))
    assert '<ul class="own">' not in html(quote(STEPS, "win the leaders"))


def test_list_items_stand_in_a_list_without_their_dashes() -> None:
    shown = html(quote(STEPS, "win the leaders"))

    assert "<li><span" in shown
    assert "<li>train everybody</li>" in shown
    assert "- train" not in shown


def test_what_stands_far_from_the_quote_is_folded_away_but_there() -> None:
    before, after = html(quote(STEPS, "win the leaders")).split("</details>")

    assert "Earlier in this passage" in before
    assert "A culture grows slowly." in before
    assert "The steps are:" in after


def test_a_table_row_keeps_its_header_when_the_rows_between_are_folded() -> None:
    shown = html(quote(TABLE, "Land 40\t0.40"))
    unfolded = re.sub("<details>.*?</details>", "", shown)

    assert re.findall("<th[^>]*>(.*?)</th>", unfolded) == ["Country", "EGDI"]
    assert Page(unfolded).marked == ["Land 40", "0.40"]
    assert "Land 10<" not in unfolded
    assert ">Land 10</td>" in shown
    assert ">Land 59</td>" in shown


def test_a_document_that_the_index_lacks_is_called_by_its_id() -> None:
    stray = passage("p", "gone", (), [("paragraph", "Words.")])
    assert "<h3>gone</h3>" in html(quote(stray, "Words."))


def test_every_word_of_a_passage_is_shown_once_whatever_is_quoted() -> None:
    def words(text: str) -> list[str]:
        return re.findall(r"[\w.]+", text.replace("Venue", ""))

    for source in (VENUE, STEPS):
        for match in re.finditer(r"[\w ]{5,}", source.text):
            assert words(source.text) == words(_quotation(source, Citation(source, *match.span())))


def _quotation(source: Passage, cited: Citation) -> str:
    inner = html(cited).split("<blockquote", 1)[1].split(">", 1)[1].split("</blockquote>")[0]
    return Page(re.sub("<summary>.*?</summary>|</(p|li|td|th)>", " ", inner)).text


def test_the_library_lists_documents_by_title_and_counts_the_rest() -> None:
    many = [DOCUMENTS["note"]] * 14 + [DOCUMENTS["data"]]

    text = Page(render_library(many, Words())).text

    assert text.startswith("Index values2022")
    assert text.endswith("and 3 more")
