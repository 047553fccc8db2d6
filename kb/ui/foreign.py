"""Words in another language than the page's, marked so that a screen reader speaks them right.

The program's own sentences (errors, notes on an answer) are English; what a
document says is in the document's language. A mark stands only where it differs.
"""

from __future__ import annotations

from kb.errors import KBError
from kb.ui.markup import prose, safe, tag
from kb.ui.strings import Words

ENGLISH = "en"


class Told(KBError):
    """What went wrong, in the language of the page."""


def spoken_in(language: str | None, words: Words) -> dict[str, str]:
    """Return the attribute that an element in this language needs on a page of these words, if any.

    >>> spoken_in("en", Words("fr")), spoken_in("en", Words()), spoken_in(None, Words("fr"))
    ({'lang': 'en'}, {}, {})
    """
    return {"lang": language} if language and language != words.language else {}


def marked(inner: str, language: str | None, words: Words) -> str:
    """Return HTML within a sentence, its language marked where that is not the page's.

    >>> marked("<b>Yes</b>", "en", Words("fr"))
    '<span lang="en"><b>Yes</b></span>'
    """
    given = spoken_in(language, words)
    return tag("span", inner, **given) if given else inner


def program_says(sentence: str, words: Words) -> str:
    """Return a sentence of the program as HTML; on a page that is not English it is announced as English.

    >>> program_says("No index at x.", Words())
    'No index at x.'
    >>> program_says("No index at x.", Words("fr"))
    'Message du programme, en anglais : <span lang="en">No index at x.</span>'
    """
    lead, said = words("app.program_says"), marked(prose(sentence), ENGLISH, words)
    return f"{safe(lead)} {said}" if lead else said


def problem(error: KBError, words: Words) -> str:
    """Return what went wrong as a paragraph, announced where it is not in the page's language.

    >>> problem(Told("Ce document n'est plus là."), Words("fr"))
    '<p class="problem" role="alert">Ce document n&#x27;est plus là.</p>'
    """
    said = safe(str(error)) if isinstance(error, Told) else program_says(str(error), words)
    return tag("p", said, "problem", role="alert")
