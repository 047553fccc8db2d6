"""A question in another language -> English search words, and what the reader should know about that."""

from __future__ import annotations

from dataclasses import dataclass

from kb.lexicon import Lexicon
from kb.text import language

NAMES = {"fr": "French", "rw": "Kinyarwanda", "sw": "Swahili", "es": "Spanish", "pt": "Portuguese"}
NAMES |= {"de": "German", "it": "Italian", "lo": "Lao", "ar": "Arabic", "zh": "Chinese"}
SETTING = (
    "The built-in model reads English; a multilingual sentence-transformers model, "
    "named in the setting embedding.model, would read the question as it is."
)
# A question of which less than this share of words is understood is not answered.
ENOUGH_KNOWN = 0.5


@dataclass(frozen=True, slots=True)
class Reading:
    """The question in the language of the documents; `understood` is False if too little of it is."""

    text: str
    understood: bool = True
    notes: tuple[str, ...] = ()


def read(question: str, lexicon: Lexicon) -> Reading:
    """Read a question in the words of the corpus, by glossary where it is in another language.

    >>> from kb.lexicon import learn
    >>> read("What is the budget?", learn(["the budget"])).text
    'What is the budget?'
    """
    code = language(question, lexicon.words)
    if code == "en":
        return Reading(question)
    from kb.retrieval.glossary import LANGUAGES, translate

    name = NAMES.get(code, code)
    if code not in LANGUAGES:
        return Reading(question, False, (f"The question seems to be in {name}. {SETTING}",))
    translation = translate(question, code)
    note = f"The question was read, word by word from {name}, as “{translation.english}”. {SETTING}"
    return Reading(translation.english or question, translation.known >= ENOUGH_KNOWN, (note,))
