"""Plain text: what its lines are taken for, and that no word is lost on the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kb.loaders import load
from kb.loaders.content import decode
from kb.loaders.plain import load_plain
from kb.loaders.structure import Part
from kb.types import Block, Document

MARKERS = re.compile(r"\[footnoteRef:\d+\]|\[image: \]|\\rightarrow|</?u>|(?<=\[)\d+(?=:  ?\w)|\[\d+:")


def parts(*lines: str) -> list[Part]:
    return load_plain("\n".join(lines))


def texts(found: list[Part], kind: str) -> list[str]:
    return [part.text for part in found if part.kind == kind]


def words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text)


def block(document: Document, start: str) -> Block:
    return next(block for block in document.blocks if block.text.startswith(start))


# Headings


def test_bare_lines_that_stand_alone_above_text_are_headings() -> None:
    found = parts("Aims of the note", "", "The note informs its readers about the plans.", "", "End")
    assert texts(found, "heading") == ["Aims of the note"]
    assert texts(found, "paragraph") == ["The note informs its readers about the plans.", "End"]


@pytest.mark.parametrize(
    "line",
    [
        "Professions in the offices are changing due",
        "The room is large.",
        "kwok@un.org",
        "FORUM 2018 Geneva | Switzerland",
        "Contents ............ 3",
        "42",
        "a plan for the year",
    ],
)
def test_other_lines_that_stand_alone_are_not(line: str) -> None:
    found = parts(
        "Title",
        "",
        "First comes a paragraph of some length.",
        "",
        line,
        "",
        "Then another one follows it here.",
    )
    assert line not in texts(found, "heading")


def test_labels_of_a_picture_head_nothing() -> None:
    found = parts(
        "Report",
        "",
        "A long enough paragraph opens the text here.",
        "",
        "ELEMENTS",
        "",
        "PILLARS",
        "",
        "People",
    )
    assert texts(found, "heading") == ["Report"]


def test_marks_and_underlines_give_levels() -> None:
    found = parts(
        "# Title",
        "",
        "## Part",
        "",
        "Text.",
        "",
        "**Details of it**",
        "",
        "More.",
        "",
        "Other",
        "=====",
        "",
        "End.",
    )
    assert [(p.text, p.level) for p in found if p.kind == "heading"] == [
        ("Title", 1),
        ("Part", 2),
        ("Details of it", 3),
        ("Other", 1),
    ]


def test_numbers_that_count_sections_are_headings_and_numbers_that_count_items_are_not() -> None:
    found = parts(
        "1. Background", "", "The world changes, and so do its offices.", "", "2. Participants", "",
        "The following are invited: ", "1. Ministry", "2. Authority", "3. Office", "", "3. Languages", "",
        "English is spoken at the workshop.",
    )  # fmt: skip
    assert texts(found, "heading") == ["1. Background", "2. Participants", "3. Languages"]
    assert texts(found, "list_item") == ["1. Ministry", "2. Authority", "3. Office"]
    assert {p.lead for p in found if p.kind == "list_item"} == {"The following are invited:"}


def test_kinds_of_numbers_nest() -> None:
    found = parts(
        "1) Title", "", "The title stands here.", "", "2) Outcomes", "- I. Issues", "", "<u>C1 - Access</u>",
        "",
        "- open data", "", "C11 - Partners", "", "- offices", "", "II. Quotes", "", "Somebody said so.",
    )  # fmt: skip
    assert [(p.text, p.level) for p in found if p.kind == "heading"] == [
        ("1) Title", 1),
        ("2) Outcomes", 1),
        ("I. Issues", 2),
        ("C1 - Access", 3),
        ("C11 - Partners", 3),
        ("II. Quotes", 2),
    ]


def test_a_list_that_opens_the_text_names_the_top_headings() -> None:
    found = parts(
        "Functions", "", "- Leading", "- Buying", "", "Leading", "", "Setting goals", "",
        "Goals are set in May.",
        "", "Buying", "", "Choosing a vendor", "", "Vendors are chosen after a fair comparison.",
    )  # fmt: skip
    assert [(p.text, p.level) for p in found if p.kind == "heading"] == [
        ("Functions", 1),
        ("Leading", 1),
        ("Setting goals", 2),
        ("Buying", 1),
        ("Choosing a vendor", 2),
    ]


# Paragraphs


def test_wrapped_lines_are_one_paragraph() -> None:
    found = parts(
        "The first line of this paragraph goes on in the",
        "second line, as it does in most plain texts that",
        "people have ever written by hand or with a multi-",
        "stakeholder group of authors who wrap their lines.",
        "",
        "Another paragraph begins after the blank line.",
    )
    assert len(found) == 2
    assert found[0].text.endswith("with a multi-stakeholder group of authors who wrap their lines.")


def test_a_page_break_does_not_end_a_sentence() -> None:
    found = parts("The committee works together with people from", "", "", "", "many offices of the town.")
    assert texts(found, "paragraph") == [
        "The committee works together with people from many offices of the town."
    ]


def test_a_note_at_the_foot_of_a_page_follows_the_paragraph_it_interrupts() -> None:
    found = parts(
        "The committee works together with people from", "", "¹ Source -", "", "https://example.org/a",
        "", "", "", "", "many offices of the town.",
    )  # fmt: skip
    assert texts(found, "paragraph") == [
        "The committee works together with people from many offices of the town.",
        "¹ Source - https://example.org/a",
    ]


def test_short_lines_in_a_row_stay_lines_of_one_block() -> None:
    found = parts(
        "Note on a plan",
        "",
        "",
        "Workshop on",
        "Digital Matters",
        "22-23 March 2023",
        "Kigali, Rwanda",
        "",
        "",
    )
    assert texts(found, "paragraph") == ["Workshop on\nDigital Matters\n22-23 March 2023\nKigali, Rwanda"]


def test_footnotes_in_brackets_follow_their_paragraph() -> None:
    found = parts("Many use it[footnoteRef:0]. So do we. [0:  Survey 2022, p. 21] ")
    assert texts(found, "paragraph") == ["Many use it. So do we.", "Survey 2022, p. 21"]


def test_emphasis_links_and_escapes_leave_their_words() -> None:
    [found] = parts("It is **very** *important*\\*, see [the rules](#) and <u>this</u>, not 2 * 3 * 4.")
    assert found.text == "It is very important*, see the rules and this, not 2 * 3 * 4."


def test_form_feeds_count_pages() -> None:
    found = load_plain("The first page says this.\fThe second page says that.\f\fThe fourth page ends it.")
    assert [(p.text.split()[1], p.page) for p in found] == [("first", 1), ("second", 2), ("fourth", 4)]


def test_captions_are_captions() -> None:
    found = parts(
        "Some text comes before the figure.",
        "",
        "Figure 10: Levels of the model",
        "",
        "Table 2 – Approaches",
        "",
    )
    assert texts(found, "caption") == ["Figure 10: Levels of the model", "Table 2 – Approaches"]


# Lists


@pytest.mark.parametrize("mark", ["-", "·", "→", "->", "\\rightarrow", "*", "•", "- →", "- ->", "–"])
def test_any_bullet_makes_an_item_with_its_lead(mark: str) -> None:
    found = parts("It has two parts:", "", f"{mark} the first", f"{mark} the second")
    assert [(p.kind, p.text, p.lead) for p in found[1:]] == [
        ("list_item", "the first", "It has two parts:"),
        ("list_item", "the second", "It has two parts:"),
    ]


@pytest.mark.parametrize(
    "marks", [("1.", "2."), ("a)", "b)"), ("(i)", "(ii)"), ("1-", "2-"), ("A.", "B."), ("- a)", "- b)")]
)
def test_numbers_and_letters_stay_in_the_items(marks: tuple[str, str]) -> None:
    found = parts("Choose one:", f"{marks[0]} this", f"{marks[1]} that")
    bare = [mark.removeprefix("- ") for mark in marks]
    assert texts(found, "list_item") == [f"{bare[0]} this", f"{bare[1]} that"]


def test_a_list_goes_on_after_a_page_break_and_its_items_may_be_torn() -> None:
    found = parts(
        "It must:",
        "",
        "- **Plan:** ensure that all of the plans meet",
        "",
        "required standards.",
        "",
        "- **Act:** do it.",
    )
    assert texts(found, "list_item") == [
        "Plan: ensure that all of the plans meet required standards.",
        "Act: do it.",
    ]
    assert {p.lead for p in found[1:]} == {"It must:"}


def test_an_item_with_a_colon_leads_the_list_below_it_only() -> None:
    found = parts("They do:", "", "- guiding offices:", "", "- needs", "- paths", "", "- catalogues")
    assert [(p.text, p.lead) for p in found[1:]] == [
        ("guiding offices:", "They do:"),
        ("needs", "guiding offices:"),
        ("paths", "guiding offices:"),
        ("catalogues", "They do:"),
    ]


def test_a_line_right_above_a_list_leads_it_without_a_colon() -> None:
    found = parts("Six elements of governance", "· standards", "· privacy")
    assert [p.lead for p in found] == [None, "Six elements of governance", "Six elements of governance"]


def test_named_paragraphs_after_a_lead_in_are_items() -> None:
    found = parts(
        "Here are some steps:", "", "Buy-In: The head of the office begins.", "", "Keep the KPIs in use.", "",
        "Training: Everybody learns something new.", "", "Ask for feedback.", "", "The plan is then sent on.",
    )  # fmt: skip
    assert texts(found, "list_item") == [
        "Buy-In: The head of the office begins.",
        "Keep the KPIs in use.",
        "Training: Everybody learns something new.",
        "Ask for feedback.",
    ]
    assert texts(found, "paragraph")[-1] == "The plan is then sent on."


def test_labels_with_their_paragraphs_are_items() -> None:
    found = parts(
        "There are some steps to take.", "", "Step 1: Plan the work:", "", "Find time for it.", "",
        "Step 2: Do it:", "", "Begin at once.",
    )  # fmt: skip
    assert [(p.text, p.lead) for p in found if p.kind == "list_item"] == [
        ("Step 1: Plan the work: Find time for it.", "There are some steps to take."),
        ("Step 2: Do it: Begin at once.", "There are some steps to take."),
    ]


def test_fields_with_values_are_no_list() -> None:
    found = parts("Date: 22 March", "Place: Kigali", "Participants: 45")
    assert texts(found, "list_item") == []


# Tables


def test_rows_go_on_after_blank_lines_and_keep_empty_cells() -> None:
    found = parts(
        "N\tCONTROL\tContent", "A\tAccess\tPolicy", "", "B\t\tTraining", "\tRest\t", "", "Table 3: Checks"
    )
    assert [(p.kind, p.text, p.lead) for p in found] == [
        ("table_row", "A\tAccess\tPolicy", "N\tCONTROL\tContent"),
        ("table_row", "B\t\tTraining", "N\tCONTROL\tContent"),
        ("table_row", "\tRest\t", "N\tCONTROL\tContent"),
        ("caption", "Table 3: Checks", None),
    ]


def test_titles_with_page_numbers_are_no_table() -> None:
    assert {p.kind for p in parts("Aims\t1", "Means\t4", "Ends\t9")} == {"paragraph"}


# Whole texts, as programs extract them from Word files

EXTRACTED = Path(__file__).parents[1] / "data" / "extracted"
NOTE, HANDBOOK = EXTRACTED / "note.txt", EXTRACTED / "handbook.txt"


@pytest.mark.parametrize("path", [NOTE, HANDBOOK], ids=lambda path: path.name)
def test_no_word_of_a_text_is_lost(path: Path) -> None:
    said: list[str] = []
    header = None
    for found in load(path).blocks:
        if found.kind == "table_row" and found.lead != header:
            said += words(found.lead or "")
        header = found.lead if found.kind == "table_row" else None
        said += words(found.text)
    wanted = words(MARKERS.sub(" ", decode(path.name, path.read_bytes())))
    # A note at the foot of a page moves behind the sentence that it interrupts; all else keeps its place.
    assert sorted(said) == sorted(wanted)
    assert sum(a != b for a, b in zip(said, wanted, strict=True)) <= 45


def test_a_cover_stays_readable() -> None:
    note = load(NOTE)
    assert note.title == "Reading Rooms and Town Libraries in the Lake District"
    assert note.blocks[1].text.splitlines()[-2:] == ["14-15 May 2024", "Port Ellen, Lake District"]
    assert block(note, "In Port Ellen").heading_path == ("1. Background", "Reading rooms in Port Ellen")
    assert block(note, "In Port Ellen").text.endswith(
        "the keepers of three other towns, and keeps a list of what they lack."
    )
    assert block(note, "Tuesday").heading_path == ("5. Date and Venue",)


def test_the_hierarchy_of_a_handbook_comes_from_its_opening_list() -> None:
    handbook = load(HANDBOOK)
    top = [b.text for b in handbook.blocks if b.kind == "heading" and len(b.heading_path) == 1]
    assert len(top) == 6
    assert block(handbook, "Choosing a Day").heading_path == (
        "Reading and Company",
        "Establishing an hour of reading",
    )
    assert block(handbook, "Invitations: Hang").kind == "list_item"
    assert block(handbook, "Step 1: Look back").lead is not None


def test_a_table_over_two_pages_is_one() -> None:
    rows = [b for b in load(HANDBOOK).blocks if b.lead == "N\tCHECK\tHow"]
    assert [row.text.split("\t")[0] for row in rows] == list("ABCDEFGH")


def test_a_paragraph_that_is_only_a_note_is_read() -> None:
    texts = [part.text for part in load_plain("A policy.\n\n[1: see page 4]\n\nIt holds.\n")]
    assert texts == ["A policy.", "see page 4", "It holds."]


def test_the_line_of_a_form_stays_as_it_is() -> None:
    assert [part.text for part in load_plain("It is approved.\n\nName: ________\n")][-1] == "Name: ________"
