"""Cases: questions with reference answers and gold evidence, one JSON object a line.

Evidence is a file name and a quote from it, never a passage id, so that
cutting documents into other passages spoils no case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from eval.quotes import covers
from kb.errors import CaseError
from kb.types import Status, Turn

if TYPE_CHECKING:
    from pydantic import TypeAdapter

Group = Literal["cdo", "participant", "policy"]
Type = Literal[
    "factoid",
    "list",
    "definition",
    "procedure",
    "comparison",
    "number",
    "date",
    "who-to-contact",
    "unanswerable",
    "ambiguous",
    "conflicting",
]
Split = Literal["dev", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of a file: what a case expects, or what a hit or a citation shows.

    `also` are other places that say the same: any one of them is as good.
    """

    file: str
    quote: str
    also: tuple[Evidence, ...] = ()

    @property
    def places(self) -> tuple[Evidence, ...]:
        """Every place that says it, this one first."""
        return (self, *self.also)


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what a good answer says and rests on.

    The evidence of an unanswerable case is where the documents come nearest.
    Tune on the cases of split "dev" only. `facts` are what a right answer must
    say, each in one of the ways that "|" parts. `place` is the file and line that
    the case was read from.
    """

    id: str
    group: Group
    type: Type
    question: str
    history: tuple[Turn, ...]
    answer: str
    evidence: tuple[Evidence, ...]
    unanswerable: bool
    notes: str
    split: Split = "dev"
    facts: tuple[str, ...] = ()
    place: str = field(default="", compare=False)

    @property
    def file(self) -> str:
        """The name of the file that the case was read from, without its folder and ending."""
        return Path(self.place.rpartition(", line ")[0]).stem

    @property
    def digest(self) -> str:
        """Six hex digits that change when what is asked or what is right changes."""
        said = (self.type, self.question, self.history, self.answer, self.evidence, self.unanswerable)
        return sha256(repr(said).encode()).hexdigest()[:6]

    @property
    def expected(self) -> frozenset[Status]:
        """The statuses that are right: one, or two where earlier turns may settle the meaning.

        >>> turn = Turn("user", "Tell me about the Kigali workshop")
        >>> case = Case("A1", "cdo", "ambiguous", "when?", (turn,), "", (), False, "")
        >>> sorted(case.expected)
        ['answered', 'clarify']
        """
        if self.unanswerable:
            return frozenset({"not_in_corpus"})
        if self.type != "ambiguous":
            return frozenset({"answered"})
        return frozenset({"answered", "clarify"}) if self.history else frozenset({"clarify"})


def read_cases(path: Path) -> list[Case]:
    """Read every case of a JSONL file; CaseError naming the file and line of the first bad one."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read: {error}. Check the path.") from error
    cases = [_read(f"{path}, line {n}", line) for n, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise CaseError(f"{path} holds no cases; write one JSON object a line.")
    _check_ids(cases)
    return cases


def read_folder(folder: Path) -> list[Case]:
    """Read every case of every JSONL file of a folder, in the order of the names; CaseError."""
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise CaseError(f"{folder} holds no file of cases (*.jsonl); name another folder with --cases.")
    cases = [case for path in paths for case in read_cases(path)]
    _check_ids(cases)
    return cases


def file_texts(folder: Path) -> Callable[[str], str]:
    """Return a function that gives a file's text by its name, each file being read once.

    A file's text is what the loaders read: the words of its blocks in order, each
    table's header before its rows.
    """
    return cache(lambda file: _text(folder / file))


def check_evidence(cases: Iterable[Case], folder: Path, text: Callable[[str], str] | None = None) -> None:
    """Raise CaseError for the first quote that does not stand in its file in `folder`.

    `text` gives the files' texts where they are read already.
    """
    text = text or file_texts(folder)
    for case in cases:
        for evidence in _places(case):
            if not (folder / evidence.file).is_file():
                raise CaseError(f"{case.place}: there is no file {evidence.file!r} in {folder}.")
            if not covers(evidence.quote, text(evidence.file)):
                raise CaseError(
                    f"{case.place}: {evidence.file} does not say {evidence.quote!r}; quote its own words."
                )


def _check_ids(cases: Sequence[Case]) -> None:
    seen: dict[str, str] = {}
    for case in cases:
        if case.id in seen:
            raise CaseError(f"{case.place}: the id {case.id!r} is that of {seen[case.id]}; give another.")
        seen[case.id] = case.place


def _places(case: Case) -> list[Evidence]:
    return [place for evidence in case.evidence for place in evidence.places]


def _text(path: Path) -> str:
    from kb.loaders import load

    # The header of a table is not a block of its own, as a list's lead-in is: it stands on every row.
    lines, lead = [""], None
    for block in load(path).blocks:
        if block.lead and block.lead != lead and not lines[-1].endswith(block.lead):
            lines.append(block.lead)
        lines.append(block.text)
        lead = block.lead
    return "\n".join(lines)


def _read(place: str, line: str) -> Case:
    case = replace(_validated(place, line), place=place)
    if not case.question.strip() or not case.id.strip():
        raise CaseError(f"{place}: the id or the question is blank.")
    if case.type == "unanswerable" and not case.unanswerable:
        raise CaseError(f'{place}: type is "unanswerable", but the field "unanswerable" is false.')
    if not all(evidence.quote.strip() for evidence in _places(case)):
        raise CaseError(f"{place}: a quote of the evidence is blank.")
    return case


def _validated(place: str, line: str) -> Case:
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(line, strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        what = f"field {field!r}: {first['msg']}" if field else first["msg"]
        # The place within the line reads like another line of the file.
        raise CaseError(f"{place}: {what.partition(' at line 1 column ')[0]}. Mend that line.") from error


@cache
def _adapter() -> TypeAdapter[Case]:
    from pydantic import TypeAdapter

    return TypeAdapter(Case)
