"""Where an answer that is none leads on to: what the question may mean, and where to look."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from kb.types import Answer, Option, Pointer
from kb.ui.onward import render_options, render_pointers
from kb.ui.sources import Sources, View
from kb.ui.strings import Words
from tests.answering.desk import desk as asked_desk
from tests.conftest import ROOT

from .sample import DOCUMENTS, PLACE, ROOM, STEPS, VENUE, VIEW, Page, passage, quote

NEAREST, ELSEWHERE = "The nearest that they say:", "The documents refer elsewhere:"
KIGALI = "Concept note: Capacity Workshop on Digital Government in Kigali"
VIENTIANE = "Concept note: Capacity Workshop on Data in Vientiane"


def pointed(*pointers: Pointer, view: View = VIEW) -> str:
    answer = Answer("Q?", "Q?", "not_in_corpus", pointers=pointers)
    return render_pointers(pointers, Sources.of(answer, 1, view))


def offered(*options: Option, view: View = VIEW) -> str:
    answer = Answer("Q?", "Q?", "clarify", options=options)
    return render_options(options, Sources.of(answer, 1, view))


def venue(document: str, title: str) -> Option:
    """Return the option that a question on the venue has for a document."""
    source = passage(document, document, ("5. Date and venue",), [("paragraph", PLACE)])
    question = f"Where is it (5. Date and venue, {title})?"
    return Option(f"5. Date and venue, in “{title}”", question, (quote(source, PLACE),))


def test_options_are_buttons_that_carry_the_question_to_ask() -> None:
    page = Page(offered(Option("The room", 'Which room is "it"?', (quote(VENUE, ROOM),))))

    [button] = page.all("button")
    assert (button["type"], button["data-question"]) == ("button", 'Which room is "it"?')
    assert page.text == 'The roomWhich room is "it"?[1]'


def test_options_that_cite_one_heading_name_section_and_document_and_what_titles_share_is_not_seen() -> None:
    view = View({d: replace(DOCUMENTS["note"], title=t) for d, t in (("k", KIGALI), ("v", VIENTIANE))})
    shown = offered(venue("k", KIGALI), venue("v", VIENTIANE), view=view)

    first, second = Page(shown).all("button")
    assert (first["title"], second["title"]) == (
        f"5. Date and venue, in “{KIGALI}”",
        f"5. Date and venue, in “{VIENTIANE}”",
    )
    assert first["data-question"] == f"Where is it (5. Date and venue, {KIGALI})?"
    # Whoever listens hears the whole title, without the dots.
    heard = re.sub("<[^>]+>", "", re.sub('<span aria-hidden="true">[^<]*</span>', "", shown))
    assert heard == f"5. Date and venue {KIGALI}[1]5. Date and venue {VIENTIANE}[2]"
    seen = re.sub("<[^>]+>", "", re.sub('<span class="unseen">[^<]*</span>', "", shown))
    assert seen == (
        "5. Date and venue … Digital Government in Kigali[1]5. Date and venue … Data in Vientiane[2]"
    )


def test_the_labels_of_the_program_are_those_that_are_shortened(tmp_path: Path) -> None:
    names = ("Audit", "Budget")
    texts = {name: f"# {name} handbook\n\n## Money\n\nFigure 12: {name}s by year\n" for name in names}
    assistant = asked_desk(tmp_path, **texts)
    answer = assistant.ask("what does figure 12 show?")
    documents = {document.id: document for document in assistant.index.documents()}

    shown = Page(offered(*answer.options, view=View(documents)))

    assert answer.status == "clarify"
    assert sorted(re.findall(r"Money (\w+ handbook)\[", shown.text)) == ["Audit handbook", "Budget handbook"]


def test_a_single_document_keeps_its_title_and_an_edition_its_label() -> None:
    view = View({"k": replace(DOCUMENTS["note"], title=KIGALI)})
    edition = Option("2024", "What is the OSI of Rwanda in 2024?", (quote(STEPS, "win the leaders"),))

    assert (
        Page(offered(venue("k", KIGALI), edition, view=view)).text == f"5. Date and venue {KIGALI}[1]2024[2]"
    )


def test_what_leads_in_to_quotes_stands_once_above_their_places_and_words() -> None:
    pointers = (Pointer(NEAREST, (quote(VENUE, ROOM),)), Pointer(NEAREST, (quote(STEPS, "win the leaders"),)))

    page = Page(pointed(*pointers))

    assert page.text == (
        f"{NEAREST}Workshop note, Venue, p. 12, printed as 8[1] {ROOM}"
        "Officer handbook, Culture[2] win the leaders"
    )
    assert (page.tags().count("ul"), page.tags().count("li")) == (1, 2)


def test_a_pointer_in_a_sentence_says_where_to_look() -> None:
    told = Pointer("The handbook has a chapter on it.", (quote(STEPS, "The steps are:"),))
    both = Page(pointed(told, replace(told, note="So has the note."))).text

    assert both == "Where to look:The handbook has a chapter on it.[1]So has the note.[1]"


def test_on_a_french_page_what_leads_in_is_french_and_what_is_not_known_is_spoken_as_english() -> None:
    french = View({n: replace(d, language="en") for n, d in DOCUMENTS.items()}, Words("fr"))
    shown = pointed(
        Pointer(NEAREST, (quote(VENUE, ROOM),)), Pointer("Ask:", (quote(VENUE, ROOM),)), view=french
    )

    assert Page(shown).text.startswith(
        "Ce qu'ils disent de plus proche :Workshop note, Venue, p. 12, imprimée 8"
    )
    assert '<span lang="en">Ask:</span>' in shown
    assert f'<q class="cut" title="{ROOM}" lang="en">{ROOM}</q>' in shown


def test_all_that_the_program_leads_in_with_is_known() -> None:
    source = (ROOT / "kb" / "answering" / "abstention.py").read_text(encoding="utf-8")
    said = re.findall(r'Pointer\("([^"]+:)"', source)

    assert sorted(said) == [ELSEWHERE, NEAREST]
    assert all(f"pointers.{note}" in Words("fr") for note in said)
