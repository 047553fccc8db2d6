"""What people say of answers: one JSON object a line in a file of the index, and as evaluation cases."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from kb.answering.prose import answer_text, number_citations
from kb.errors import KBError
from kb.types import Answer, Document
from kb.ui.roles import STARTERS

FILE, LOCK = "feedback.jsonl", ".feedback.lock"
LOCK_SECONDS = 10

# The types of cases that a status shows; of the others a person says more.
TYPES = {"not_in_corpus": "unanswerable", "clarify": "ambiguous"}

Verdict: TypeAlias = Literal["up", "down"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A thumb up or down for an answer, with all that is needed to look into it.

    `question` stands by itself; `asked` is how it was put. `citations` are the
    file, page and quote of each source, in the order of their numbers.
    """

    verdict: Verdict
    reason: str
    more: str
    role: str
    asked: str
    question: str
    status: str
    answer: str
    citations: tuple[dict[str, Any], ...]
    index_generation: str
    config_digest: str
    time: str

    @classmethod
    def of(
        cls,
        answer: Answer,
        documents: Mapping[str, Document],
        verdict: Verdict,
        reason: str = "",
        more: str = "",
        role: str = "",
    ) -> Feedback:
        """Return the feedback on an answer, as of now."""
        cited = [
            {
                "file": documents[c.passage.document_id].source if c.passage.document_id in documents else "",
                "page": c.page,
                "quote": c.quote,
            }
            for c in number_citations(answer)
        ]
        return cls(
            verdict=verdict,
            reason=reason,
            more=more,
            role=role,
            asked=answer.question,
            question=answer.standalone_question or answer.question,
            status=answer.status,
            answer=answer_text(answer),
            citations=tuple(cited),
            index_generation=answer.index_generation,
            config_digest=answer.config_digest,
            time=datetime.now(UTC).isoformat(timespec="seconds"),
        )


def record(index: Path, feedback: Feedback) -> None:
    """Add feedback to that on the index in a folder; KBError where it cannot be written."""
    from filelock import FileLock, Timeout

    # In ASCII, so that no character of what people write ends a line or cannot be encoded.
    line = json.dumps(asdict(feedback)) + "\n"
    try:
        with FileLock(index / LOCK, timeout=LOCK_SECONDS), (index / FILE).open("a", encoding="utf-8") as file:
            file.write(line)
    except (OSError, Timeout) as error:
        raise KBError(f"Feedback cannot be written to {index / FILE} ({error}); see that you may.") from error


def read(index: Path) -> list[Feedback]:
    """Return all feedback on the index in a folder, oldest first; KBError for a damaged line."""
    path = index / FILE
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").removesuffix("\n").split("\n"), 1):
        try:
            values = json.loads(line)
            found.append(Feedback(**{**values, "citations": tuple(values["citations"])}))
        except (ValueError, TypeError, KeyError) as error:
            raise KBError(
                f"{path}, line {number}: no feedback ({error}); mend or remove the line."
            ) from error
    return found


def cases(feedback: Iterable[Feedback]) -> Iterator[dict[str, Any]]:
    """Yield each piece of feedback as an evaluation case, in the form of `eval/cases`.

    A thumb up confirms the answer and its quotes. A thumb down has neither: what
    is right is for a person to fill in; the notes say what was answered and why it did not help.
    """
    for number, said in enumerate(feedback, 1):
        good = said.verdict == "up"
        quotes = [{"file": c["file"], "quote": c["quote"]} for c in said.citations]
        complaint = () if good else (said.reason, said.more, f"answered: {said.answer}")
        notes = (f"thumb {said.verdict}", f"index {said.index_generation}", *complaint)
        yield {
            "id": f"feedback-{number:03d}",
            "group": said.role if said.role in STARTERS else "policy",
            "type": TYPES.get(said.status, "factoid") if good else "factoid",
            "question": said.question,
            "history": [],
            "answer": said.answer if good else "",
            "evidence": quotes if good else [],
            "unanswerable": good and said.status == "not_in_corpus",
            "notes": "; ".join(note for note in notes if note),
        }
