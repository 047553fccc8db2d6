"""Assistants whose answers are known beforehand: one that is right, and ways of being wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from eval.cases import Case
from kb.types import Answer, Citation, Claim, Conflict, Hit, Option, Passage, Pointer, Turn


def passage(document: str, text: str) -> Passage:
    return Passage(f"{document}/{text}", document, 0, text, (), None, None, 0, len(text))


def cite(document: str, text: str) -> Citation:
    """Cite the whole of a passage that has some words around the quote."""
    around = f"It is written: {text} And so on."
    start = around.index(text)
    return Citation(passage(document, around), start, start + len(text))


@dataclass
class Right:
    """Finds, cites and decides as the cases say; documents have their file name as id."""

    cases: Sequence[Case]
    asked: list[str] = field(default_factory=list)

    def case(self, question: str, history: Sequence[Turn] | None = None) -> Case:
        found = [c for c in self.cases if c.question == question]
        return next((c for c in found if history is None or c.history == tuple(history)), found[0])

    def citations(self, case: Case) -> tuple[Citation, ...]:
        return tuple(cite(evidence.file, evidence.quote) for evidence in case.evidence)

    def search(self, question: str, k: int) -> list[Hit]:
        cited = self.citations(self.case(question))
        return [Hit(c.passage, 1 / n, "fake") for n, c in enumerate(cited, 1)][:k]

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        self.asked.append(question)
        case = self.case(question, history)
        cited, blank = self.citations(case), Answer(question, question, "answered")
        if case.unanswerable:
            return Answer(question, question, "not_in_corpus", pointers=(Pointer("See there.", cited),))
        if "answered" not in case.expected:
            return Answer(question, question, "clarify", options=(Option("One", question, cited),))
        claims = tuple(Claim(c.quote, (c,)) for c in cited)
        conflict = (Conflict("They differ.", cited),) if case.type == "conflicting" else ()
        return Answer(blank.question, question, "answered", claims, conflict)


class BrokenRetriever(Right):
    """Decides well, but finds and cites other words of the right files."""

    def citations(self, case: Case) -> tuple[Citation, ...]:
        return tuple(cite(e.file, "Blank pages follow at the end of every volume.") for e in case.evidence)


class WrongFile(Right):
    """Quotes the right words and says that they stand in another file."""

    def citations(self, case: Case) -> tuple[Citation, ...]:
        return tuple(cite("elsewhere.md", evidence.quote) for evidence in case.evidence)


class Abstainer(Right):
    """Declines everything, and points to the very quotes that would have answered."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        pointer = Pointer("See there.", self.citations(self.case(question, history)))
        return Answer(question, question, "not_in_corpus", pointers=(pointer,))


class Overconfident(Right):
    """Answers everything."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        cited = self.citations(self.case(question, history))
        return Answer(question, question, "answered", tuple(Claim(c.quote, (c,)) for c in cited))
