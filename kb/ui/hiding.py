"""Documents hidden with a reason, as HTML: the form that hides one, and the list of those that are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kb.index.removed import Removed
from kb.ui.intake import REASON
from kb.ui.markup import safe, tag
from kb.ui.strings import Words


def hide_form(document_id: str, kept: bool, words: Words) -> str:
    """Return the form that hides a document; of one whose file is not kept, why it cannot be hidden."""
    if not kept:
        return tag("p", safe(words("library.unhidable")), "about")
    box = f'<input name="reason" required maxlength="{REASON}" autocomplete="off">'
    box = tag("label", tag("span", safe(words("library.reason"))) + box)
    go = tag("button", safe(words("library.hide")), type="submit")
    about = tag("p", safe(words("library.hide_about")), "about")
    return tag("form", box + go + about, "hiding", data_do="hide", data_id=document_id)


def render_hidden(entries: Sequence[Removed], words: Words, day: Callable[[float], str]) -> str:
    """Return the documents that are hidden, why and since when; `day` says a time as an ISO date."""
    if not entries:
        return ""
    items = ""
    for entry in entries:
        when = words("library.hidden_on", date=words.date(day(entry.when)))
        said = tag("span", safe(words("library.because", reason=entry.reason)), "because", dir="auto")
        items += render_entry(entry, said + tag("span", safe(when), "when"), "show", words)
    heading = tag("h3", safe(words.count("library.hidden", len(entries))))
    about = tag("p", safe(words("library.hidden_about")), "about")
    return tag("section", heading + about + tag("ul", items), "bin apart")


def render_entry(entry: Removed, said: str, verb: str, words: Words) -> str:
    """Return a document that is out, what is said of it as HTML, and the button that brings it back."""
    document = entry.document
    back = tag(
        "button",
        safe(words(f"library.{verb}")),
        type="button",
        data_do="restore",
        data_id=document.id,
        aria_label=words(f"library.{verb}_of", title=document.label),
    )
    name = tag("span", safe(document.label), dir="auto") + tag("span", safe(document.source), "file")
    return tag("li", tag("div", name + said) + back)
