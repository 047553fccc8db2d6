"""The lexicon of a generation on disk: counts that a commit adjusts.

lexicon.json        words and acronyms, as questions need them
spelling.json       how words are written, which the next commit needs
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kb.lexicon import Lexicon, Tally

LEXICON, SPELLING = "lexicon.json", "spelling.json"


class StoredLexicon:
    """The file of a lexicon, opened at once and read when first asked for.

    A generation may be swept away in between. Raises OSError for a file that is missing.
    """

    def __init__(self, folder: Path) -> None:
        self._words = (folder / LEXICON).read_bytes()

    def read(self) -> Lexicon:
        """Return the lexicon; ValueError, KeyError or TypeError for what is none."""
        values = json.loads(self._words)
        acronyms = {acronym: tuple(found) for acronym, found in values["acronyms"].items()}
        names = frozenset(values["names"])
        return Lexicon(_counts(values["words"]), acronyms, names, _counts(values["terms"]))


def read_tally(folder: Path) -> Tally:
    """Read the counts that a lexicon was made of; raises as `StoredLexicon` does."""
    values, spelling = _read(folder / LEXICON), _read(folder / SPELLING)
    meanings = Counter({(a, m): n for a, found in values["acronyms"].items() for m, n in found.items()})
    counts = (values["words"], spelling["plain"], spelling["capital"])
    words, plain, capital = (Counter(_counts(columns)) for columns in counts)
    return Tally(words, plain, capital, meanings)


def write_lexicon(folder: Path, tally: Tally) -> None:
    """Write the lexicon of a tally."""
    lexicon = tally.lexicon()
    acronyms = {a: {m: tally.meanings[a, m] for m in found} for a, found in lexicon.acronyms.items()}
    words = {
        "words": _columns(lexicon.words),
        "terms": _columns(lexicon.frequencies),
        "acronyms": acronyms,
        "names": sorted(lexicon.names),
    }
    spelling = {"plain": _columns(tally.plain), "capital": _columns(tally.capital)}
    for name, values in ((LEXICON, words), (SPELLING, spelling)):
        (folder / name).write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")


def _read(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return values


def _columns(counts: Mapping[str, int]) -> tuple[list[str], list[int]]:
    """Words in one list and counts in another: faster to read than a JSON object."""
    return list(counts), list(counts.values())


def _counts(columns: Sequence[Any]) -> dict[str, int]:
    words, numbers = columns
    return dict(zip(words, numbers, strict=True))
