"""A follow-up and the turns before it -> a question that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kb.text import content_words, words
from kb.types import Turn

# A question with one of these leans on what was said before.
_REFERENCE = re.compile(
    r"^\W*(and|but|also|what about|how about|or)\b"
    r"|\b(it|its|that|this|they|them|their|those|these|there|one|same|he|she|him|her)\b",
    re.I,
)
# A question with no more content words than this may be the tail of a conversation.
FEW_WORDS = 4


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Return the question with the topic of the conversation added if it leans on it.

    The words of the last question that are not repeated follow in brackets.

    >>> turns = [Turn("user", "Where is the Kigali workshop?"), Turn("assistant", "In Room AD 10.")]
    >>> standalone("which room on the second day?", turns)
    'which room on the second day? (Kigali workshop)'
    >>> standalone("How is the Online Service Index of the EGDI calculated?", turns)
    'How is the Online Service Index of the EGDI calculated?'
    """
    asked = [turn.content for turn in history if turn.role == "user"]
    if not asked or not leans(question):
        return question
    own = set(words(question))
    topic = [word for word in _words_as_typed(asked[-1]) if word.lower() not in own]
    if len(topic) < 2 and len(asked) > 1:
        topic = [word for word in _words_as_typed(asked[-2]) if word.lower() not in own] + topic
    return f"{question} ({' '.join(topic)})" if topic else question


def leans(question: str) -> bool:
    """Tell whether a question needs the turns before it to be understood."""
    return bool(_REFERENCE.search(question)) or len(content_words(question)) <= FEW_WORDS


def _words_as_typed(text: str) -> list[str]:
    content = set(content_words(text))
    return [word for word in re.findall(r"[\w.-]*\w", text) if word.lower() in content]
