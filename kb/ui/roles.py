"""Who somebody is: sets the questions to start from and the documents searched first, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kb.ui.foreign import ENGLISH, spoken_in
from kb.ui.markup import safe, tag
from kb.ui.strings import Words

ANYONE = "anyone"

# By the audience that documents name; questions are in the language of the documents.
STARTERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cdo": (
            "What are the steps to build a sector-wide digital culture?",
            "Which controls are on the internal audit checklist?",
            "What is the principle of least privilege?",
            "What are the modes of disbursement of development partners?",
        ),
        "participant": (
            "Where and when is the Kigali workshop?",
            "What are the objectives of the workshop in Vientiane?",
            "What are the pillars of data governance?",
            "When are the Zoom tests?",
        ),
        "policy": (
            "How is the EGDI calculated?",
            "What does OGDI stand for?",
            "What was the EGDI of Rwanda in 2022?",
            "What are the five subindices of the OSI?",
        ),
    }
)
ROLES = (ANYONE, *STARTERS)
# For anyone, so many questions of each role.
SHOWN_OF_EACH = 2


def render_welcome(role: str, words: Words) -> str:
    """Return what stands in an empty conversation: what to do, and the questions to start from."""
    groups = (
        "".join(_group(name, questions[:SHOWN_OF_EACH], words) for name, questions in STARTERS.items())
        if role == ANYONE
        else _group(role, STARTERS[role], words)
    )
    head = tag("h2", safe(words("ask.welcome"))) + tag("p", safe(words("ask.lead")))
    return tag("div", head + groups + tag("p", safe(words("who.info")), "hint"), "welcome")


def _group(role: str, questions: tuple[str, ...], words: Words) -> str:
    listed = tag("ul", "".join(tag("li", _starter(question, words)) for question in questions))
    name = words(f"who.{role}")
    return tag("section", tag("h3", safe(name)) + listed, aria_label=words("ask.examples", who=name))


def _starter(question: str, words: Words) -> str:
    """Return the button of a question, which is also said in the language of a page that is not English."""
    asked, spoken = safe(question), spoken_in(ENGLISH, words)
    if spoken:
        asked = safe(words(f"starters.{question}")) + " " + tag("small", asked, **spoken)
    return tag("button", asked, "choice", type="button", data_question=question)
