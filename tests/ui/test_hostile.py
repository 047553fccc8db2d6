"""Documents and questions are untrusted: whatever they say is shown, and nothing of it acts."""

from __future__ import annotations

import pytest

from kb.types import Answer, Claim, Conflict, Document, Option, Pointer
from kb.ui.chat import Exchange, render_conversation, render_panel
from kb.ui.markup import safe

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
    "blockquote mark table thead tbody tr td th details summary".split()
)
ATTRIBUTES = set(
    "class id href title type dir role hidden tabindex scope aria-label "
    "data-question data-turn data-number".split()
)


def everywhere(text: str) -> tuple[tuple[Exchange, ...], dict[str, Document]]:
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
    return (Exchange(text, answer), Exchange(text, problem=text)), {"d": document}


@pytest.mark.parametrize("text", HOSTILE)
def test_only_our_own_elements_and_attributes_reach_the_page(text: str) -> None:
    conversation, documents = everywhere(text)

    for shown in (render_conversation(conversation, documents), render_panel(conversation, documents)):
        page = Page(shown)
        assert set(page.tags()) <= ELEMENTS
        assert {name for _, given in page.elements for name in given} <= ATTRIBUTES
        assert all(link["href"].startswith("#turn1-source") for link in page.all("a"))
        assert " ".join(text.split()) in " ".join(page.text.split())


@pytest.mark.parametrize("text", HOSTILE)
def test_the_list_of_documents_is_as_safe(text: str) -> None:
    _, documents = everywhere(text)

    page = Page(render_panel((), documents))

    assert set(page.tags()) <= ELEMENTS
    assert text in page.text


def test_characters_that_hide_or_reorder_text_are_dropped() -> None:
    assert safe("pay \u202eyen\u202c\u200b \x00\x1b[1mnow\u2066") == "pay yen [1mnow"
    assert safe("café – déjà\tvu\n") == "café – déjà\tvu\n"
