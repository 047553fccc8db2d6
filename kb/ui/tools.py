"""What can be done with an answer: copied with its citations, linked to, judged."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kb.answering.prose import answer_text
from kb.briefs.checklist import is_listed
from kb.types import Answer, Citation
from kb.ui.markup import safe, tag
from kb.ui.sources import Sources
from kb.ui.strings import Words

# Why an answer did not help, as the form offers it.
REASONS = ("wrong", "missing", "source", "other")
MORE_CHARS = 1000
# The endings of the files that there are, by what is exported.
FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"conversation": ("docx", "md"), "checklist": ("xlsx", "docx", "md")}
)
# A longer question is not linked to: addresses of that length are cut off on their way.
LINKED_CHARS = 1000


def render_tools(answer: Answer, rating: str, sources: Sources) -> str:
    """Return the row of buttons below an answer, with the form that asks what was wrong with it."""
    words = sources.view.words
    buttons = [_button(words("answer.copy"), data_copy=cited_text(answer, sources))]
    if len(answer.standalone_question) <= LINKED_CHARS:
        buttons.append(_button(words("answer.link"), data_link=answer.standalone_question))
    if rating:
        buttons.append(tag("span", safe(words("answer.thanks")), "said"))
    else:
        buttons += [
            _button(words("answer.up"), data_rate="up"),
            _button(words("answer.down"), data_rate="down", aria_expanded="false"),
            tag("span", "", "said", role="status"),
            _form(sources.turn, words),
        ]
    listed = _exports("checklist", sources.turn, words) if is_listed(answer) else ""
    row = "".join(buttons) + listed
    return tag(
        "div", row, "tools", role="group", aria_label=words("answer.tools"), data_turn=str(sources.turn)
    )


def render_export(words: Words) -> str:
    """Return the buttons that export the whole conversation."""
    return tag("div", _exports("conversation", 0, words), "tools")


def _exports(what: str, turn: int, words: Words) -> str:
    """Return a button for every form of an export; `turn` says of which answer, 0 of all."""
    label = words(f"answer.{what}")
    names = {form: words(f"answer.{form}") for form in FORMS[what]}
    buttons = (
        _button(name, data_export=form, data_turn=str(turn), aria_label=f"{label} {name}")
        for form, name in names.items()
    )
    return tag("span", tag("span", safe(label), "said") + "".join(buttons), "exports")


def _button(label: str, **data: str) -> str:
    return tag("button", safe(label), "tool", type="button", **data)


def _form(turn: int, words: Words) -> str:
    """Return the form of a thumb down; it is shown when that is pressed."""
    name = f"turn{turn}-why"
    choices = "".join(
        tag("label", _void("input", type="radio", name=name, value=r) + " " + safe(words(f"answer.why_{r}")))
        for r in REASONS
    )
    asked = tag("fieldset", tag("legend", safe(words("answer.why"))) + choices)
    more = tag("label", safe(words("answer.more")) + tag("textarea", "", rows="2", maxlength=str(MORE_CHARS)))
    send = _button(words("answer.send"), data_send="down") + _button(words("answer.cancel"), data_cancel="1")
    return tag("div", asked + more + tag("p", send), "why", hidden="")


def _void(name: str, /, **attributes: str) -> str:
    """Return an element that has no content and no end."""
    return tag(name, "", **attributes).removesuffix(f"</{name}>")


def cited_text(answer: Answer, sources: Sources) -> str:
    """Return the answer as plain text, with the sources that its [n] name below."""
    listed = "\n".join(_source(citation, n, sources) for citation, n in sources.numbers.items())
    text = f"{answer.standalone_question or answer.question}\n\n{answer_text(answer)}"
    return f"{text}\n\n{sources.view.words('answer.sources')}\n{listed}" if listed else text


def _source(citation: Citation, n: int, sources: Sources) -> str:
    document = sources.view.documents.get(citation.passage.document_id)
    title = document.label if document else citation.passage.document_id
    page = sources.view.words.place(citation)
    place = ", ".join(part for part in (title, " › ".join(citation.passage.heading_path), page) if part)
    return f"[{n}] {place}: “{' '.join(citation.quote.split())}”"
