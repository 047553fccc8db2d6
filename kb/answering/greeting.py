"""A greeting, thanks, or a question about the assistant itself: answered as such, not searched for."""

from __future__ import annotations

import re

_WORDS = (
    # English
    r"hello|hi|hey|greetings|good (?:morning|afternoon|evening|day)|how are you(?: doing)?(?: today)?|welcome"
    r"|thanks?(?: (?:you|a lot|so much|very much))*|many thanks|cheers|bye|goodbye|good ?bye|see you"
    r"|ok(?:ay)?|great|perfect|nice|there|all|everyone|again|assistant|friend"
    # French
    r"|bonjour|bonsoir|salut|coucou|merci(?: beaucoup| bien)?|au revoir|comment (?:allez[- ]vous|ça va)|ça va"
    # Kinyarwanda
    r"|muraho|mwaramutse|mwiriwe|amakuru|bite|murakoze(?: cyane)?"
)
_GREETING = re.compile(rf"\W*(?:(?:{_WORDS})\b\W*)+", re.I)
_OF_ITSELF = re.compile(
    r"\W*(?:(?:hello|hi|hey|so|ok(?:ay)?|bonjour)\b\W*)*"
    r"(?:(?:what|which things) (?:can|do|could) you (?:do|answer|help(?: me)?(?: with)?|know)(?: for me)?"
    r"|(?:what|who) (?:are|r) you|what is this(?: (?:app|tool|assistant|page|thing))?"
    r"|how (?:do|can|should) i use (?:this|you|it)(?: (?:app|tool|assistant|page|thing))?"
    r"|how (?:can|do) you help(?: me)?|how does this(?: (?:app|tool|assistant))? work"
    r"|what (?:can|should|could) i ask(?: you| here)?|can you help(?: me)?|help(?: me)?(?: please)?"
    r"|qui (?:êtes[- ]vous|es[- ]tu)|que (?:pouvez[- ]vous|peux[- ]tu) faire|aide[zr]?(?:[- ]moi)?"
    r"|comment ça marche)\W*",
    re.I,
)


def is_greeting(text: str) -> bool:
    """Tell whether a message asks nothing of the documents.

    >>> [is_greeting(text) for text in ("Hello!", "thanks a lot", "hi, what can you do?", "merci", "help")]
    [True, True, True, True, True]
    >>> [is_greeting(text) for text in ("hi, who pays?", "who are you accountable to?", "?", "help desk")]
    [False, False, False, False]
    """
    return bool(_GREETING.fullmatch(text) or _OF_ITSELF.fullmatch(text))
