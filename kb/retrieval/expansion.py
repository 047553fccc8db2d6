"""A question with its misspelt words mended, and what its acronyms stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kb.lexicon import Lexicon
from kb.text import terms, words


@dataclass(frozen=True, slots=True)
class Expanded:
    """`text` is the question as mended; `synonyms` maps a term to sets of terms that stand for it."""

    text: str
    added: tuple[str, ...]
    synonyms: dict[str, tuple[frozenset[str], ...]]

    @property
    def search_text(self) -> str:
        """The question followed by what was added, for searching."""
        return " ".join((self.text, *self.added))


def expand(question: str, lexicon: Lexicon) -> Expanded:
    """Mend misspelt words and add the expansions of acronyms, as the corpus itself knows them.

    >>> from kb.lexicon import learn
    >>> lexicon = learn(["The Expert Group Meeting (EGM) sends a questionnaire."])
    >>> expand("when is the EGM questionaire due?", lexicon).search_text
    'when is the EGM questionnaire due? Expert Group Meeting'
    """
    text = re.sub(r"\w+", lambda match: lexicon.correct(match.group()) or match.group(), question)
    present = set(words(text))
    added: list[str] = []
    synonyms: dict[str, list[frozenset[str]]] = {}
    for acronym, meanings in lexicon.acronyms.items():
        for meaning in meanings:
            own = set(words(meaning))
            if acronym.lower() in present:
                synonyms.setdefault(terms(acronym.lower() + " ")[0], []).append(frozenset(terms(meaning)))
                if not own <= present:
                    added.append(meaning)
            elif own <= present:
                added.append(acronym)
                for term in terms(meaning):
                    synonyms.setdefault(term, []).append(frozenset(terms(acronym)))
    return Expanded(text, tuple(dict.fromkeys(added)), {t: tuple(s) for t, s in synonyms.items()})
