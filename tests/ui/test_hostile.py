"""Documents and questions are untrusted: whatever they say is shown, and nothing of it acts."""

from __future__ import annotations

import pytest

from kb.types import Answer, Claim, Conflict, Document, Option, Pointer
from kb.ui.chat import Exchange, render_conversation, render_documents, render_panel
from kb.ui.markup import safe
from kb.ui.sources import View

from .sample import Page, passage, quote

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</p></div><iframe src='http://evil.example'>",
    '"><a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "![](http://evil.example/x.png)",
    "# Not a heading **not bold** `not code`",
    "${alert(1)} {{constructor}} {% raw %}",
    "<!-- <mark> &lt;b&gt; &#60;",
]
ELEMENTS = set(
    "div section article header h2 h3 p ul li sup a button small strong q cite em span "
    "blockquote mark table thead tbody tr td th details summary "
    "img fieldset legend label input textarea".split()
)
ATTRIBUTES = set(
    "class id href title type dir role hidden tabindex scope aria-label "
    "data-question data-turn data-number data-copy data-link data-rate data-send data-cancel data-export "
    "data-copied data-linked data-panel lang src alt loading decoding open aria-expanded rows maxlength "
    "name value".split()
)


def everywhere(text: str) -> tuple[tuple[Exchange, ...], View]:
    """An exchange that has the text in every place where text can stand."""
    source = passage(
        "p",
        "d",
        (text,),
        [
            ("heading", text),
            (None, f"{text}\t{text}"),
            ("table_row", f"{text}\t{text}"),
            ("list_item", text),
            ("paragraph", f"{text} and {text}"),
        ],
        1,
    )
    cited = (quote(source, f"{text} and"),)
    claims = tuple(
        Claim(f"{text}\t{text}", cited, layout=x) for x in ("sentence", "lead", "row", "lead", "item")
    )
    answer = Answer(
        text,
        f"{text} as understood",
        "clarify",
        claims,
        (Conflict(text, cited),),
        (Option(text, f"{text}?", cited),),
        (Pointer(text, cited),),
        (text,),
    )
    document = Document("d", text, text, text, text, text, text)
    return (Exchange(text, answer), Exchange(text, problem=text)), View(
        {"d": document}, pictured=lambda _: True
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_only_our_own_elements_and_attributes_reach_the_page(text: str) -> None:
    conversation, view = everywhere(text)

    for shown in (render_conversation(conversation, view), render_panel(conversation, view)):
        page = Page(shown)
        assert set(page.tags()) <= ELEMENTS
        assert {name for _, given in page.elements for name in given} <= ATTRIBUTES
        assert all(link["href"].startswith("#turn1") for link in page.all("a"))
        assert all(image["src"].startswith("picture/d/1?q=p:") for image in page.all("img"))
        assert " ".join(text.split()) in " ".join(page.text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_the_list_of_documents_is_as_safe(text: str) -> None:
    _, view = everywhere(text)

    page = Page(render_documents(view))

    assert set(page.tags()) <= ELEMENTS
    assert text in page.text


def test_characters_that_hide_or_reorder_text_are_dropped() -> None:
    assert safe("pay \u202eyen\u202c\u200b \x00\x1b[1mnow\u2066") == "pay yen [1mnow"
    assert safe("café – déjà\tvu\n") == "café – déjà\tvu\n"
