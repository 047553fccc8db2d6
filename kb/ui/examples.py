"""Questions to start from, for each of the three groups of people the app serves."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kb.ui.markup import safe, tag

EXAMPLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Chief Digital Officers": (
            "What are the steps to build a sector-wide digital culture?",
            "Which controls are on the internal audit checklist?",
        ),
        "Workshop participants": (
            "Where and when is the Kigali workshop?",
            "What are the objectives of the workshop in Vientiane?",
        ),
        "Policy staff": (
            "How is the EGDI calculated?",
            "What does OGDI stand for?",
        ),
    }
)


def render_welcome() -> str:
    """Return what stands in an empty conversation: what to do, and the examples to press."""
    groups = "".join(_group(name, questions) for name, questions in EXAMPLES.items())
    lead = "Ask in your own words. Every statement of the answer shows the passage it was taken from."
    return tag("div", tag("h2", "What would you like to know?") + tag("p", lead) + groups, "welcome")


def _group(name: str, questions: tuple[str, ...]) -> str:
    buttons = (tag("button", safe(q), "choice", type="button", data_question=q) for q in questions)
    listed = tag("ul", "".join(tag("li", button) for button in buttons))
    return tag("section", tag("h3", safe(name)) + listed, aria_label=f"Examples for {name}")
