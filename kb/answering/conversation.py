"""A follow-up and the turns before it -> the questions it may stand for."""

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
# Words of an earlier question that make its topic.
MOST_TOPIC = 12


def standalone(question: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """Return the questions that a follow-up may stand for, the likeliest first.

    One that leans on what was said gets the topic of the conversation added
    in brackets. Whether it, or a short one, is complete by itself the
    documents decide: both are returned.

    >>> turns = [Turn("user", "Where is the Kigali workshop?"), Turn("assistant", "In Room AD 10.")]
    >>> standalone("how long is it?", turns)
    ('how long is it? (Kigali workshop)', 'how long is it?')
    >>> standalone("which room on the second day?", turns)
    ('which room on the second day?', 'which room on the second day? (Kigali workshop)')
    """
    topic = _topic(question, history)
    if not topic:
        return (question,)
    complete = f"{question} ({' '.join(topic)})"
    if leans(question):
        return (complete, question)
    return (question, complete) if len(content_words(question)) <= FEW_WORDS else (question,)


def leans(question: str) -> bool:
    """Tell whether a question refers to something said before."""
    return bool(_REFERENCE.search(question))


def _topic(question: str, history: Sequence[Turn]) -> list[str]:
    """Return the content words of the last question, or last two, that are not repeated in this one."""
    asked = [turn.content for turn in history if turn.role == "user"]
    own = set(words(question))
    topic = [word for word in _as_typed(asked[-1]) if word.lower() not in own] if asked else []
    if asked[:-1] and len(topic) < 2:
        topic = [word for word in _as_typed(asked[-2]) if word.lower() not in own] + topic
    return topic


def _as_typed(text: str) -> list[str]:
    content = set(content_words(text))
    return [word for word in re.findall(r"\w+(?:[.-]\w+)*+", text) if word.lower() in content][:MOST_TOPIC]
