"""The lexicon of a generation on disk: counts that a commit adjusts, and the vectors of words.

lexicon.json        words and acronyms, as questions need them
spelling.json       how words are written, which the next commit needs
lexicon/<n>.npy     a unit vector of half precision for each word from the n-th on; never changed
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kb.index.dense import read_vectors
from kb.index.parts import Part, kept, link
from kb.lexicon import Lexicon, Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEXICON, SPELLING, VECTORS = "lexicon.json", "spelling.json", "lexicon"


def write_lexicon(
    folder: Path, base: Path | None, tally: Tally, vectors: Mapping[str, NDArray[np.float32]]
) -> None:
    """Write the lexicon of a tally, with the vectors of `base` and new ones of words that it counts."""
    (folder / VECTORS).mkdir()
    held = _vocabulary(base) if base else []
    known = {word for part in held for word in part}
    new = [word for word in vectors if word in tally.words and word not in known]
    parts = _parts(held, tally.words)
    stay = kept(parts, len(new))
    for part in parts[:stay]:
        assert base is not None
        link(_path(base, part.first), _path(folder, part.first))
    again = [word for part in held[stay:] for word in part if word in tally.words]
    vocabulary = held[:stay]
    if again or new:
        blocks: list[NDArray[Any]] = [np.asarray([vectors[word]], np.float16) for word in new]
        if base:
            stored = [read_vectors(_path(base, part.first)) for part in parts[stay:]]
            blocks = [*map(_used, held[stay:], stored, repeat(tally.words)), *blocks]
        first = parts[stay].first if stay < len(parts) else sum(map(len, held))
        np.save(_path(folder, first), np.concatenate(blocks), allow_pickle=False)
        vocabulary = [*vocabulary, [*again, *new]]
    _write_words(folder, tally, vocabulary)


class StoredLexicon:
    """The files of a lexicon, opened at once and read when first asked for.

    A generation may be swept away in between. Raises OSError or ValueError
    for files that are missing or broken.
    """

    def __init__(self, folder: Path) -> None:
        self._words = (folder / LEXICON).read_bytes()
        self._vectors = [read_vectors(path) for path in sorted((folder / VECTORS).iterdir())]

    def read(self) -> Lexicon:
        """Return the lexicon; ValueError, KeyError or TypeError for what is none."""
        values = json.loads(self._words)
        words = _counts(values["words"])
        acronyms = {acronym: tuple(found) for acronym, found in values["acronyms"].items()}
        vocabulary = values["vocabulary"]
        pairs = zip(vocabulary, self._vectors, strict=True)
        found = [_used(held, vectors, words) for held, vectors in pairs]
        vectors = found[0] if len(found) == 1 else np.concatenate(found) if found else None
        live = chain.from_iterable(filter(words.__contains__, part) for part in vocabulary)
        names = frozenset(values["names"])
        return Lexicon(words, acronyms, tuple(live), vectors, names, _counts(values["terms"]))


def read_tally(folder: Path) -> Tally:
    """Read the counts that a lexicon was made of; raises as `StoredLexicon` does."""
    values, spelling = _read(folder / LEXICON), _read(folder / SPELLING)
    meanings = Counter({(a, m): n for a, found in values["acronyms"].items() for m, n in found.items()})
    counts = (values["words"], spelling["plain"], spelling["capital"])
    words, plain, capital = (Counter(_counts(columns)) for columns in counts)
    return Tally(words, plain, capital, meanings)


def _write_words(folder: Path, tally: Tally, vocabulary: Sequence[Sequence[str]]) -> None:
    lexicon = tally.lexicon()
    acronyms = {a: {m: tally.meanings[a, m] for m in found} for a, found in lexicon.acronyms.items()}
    words = {
        "words": _columns(lexicon.words),
        "terms": _columns(lexicon.frequencies),
        "acronyms": acronyms,
        "names": sorted(lexicon.names),
        "vocabulary": vocabulary,
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


def _vocabulary(folder: Path) -> list[list[str]]:
    vocabulary: list[list[str]] = _read(folder / LEXICON)["vocabulary"]
    return vocabulary


def _parts(vocabulary: Sequence[Sequence[str]], words: Mapping[str, int]) -> list[Part]:
    """Return the rows of each part of a vocabulary; those of words no longer used are gone."""
    parts, first = list[Part](), 0
    for part in vocabulary:
        parts.append(Part(first, len(part), gone_rows=sum(word not in words for word in part)))
        first += len(part)
    return parts


def _used(held: Sequence[str], vectors: NDArray[Any], words: Mapping[str, int]) -> NDArray[Any]:
    """Return the vectors of those words of a part that are still used."""
    if len(vectors) != len(held):
        raise ValueError(f"{len(vectors)} word vectors for {len(held)} words")
    if words.keys() >= set(held):
        return vectors
    return vectors[[word in words for word in held]]


def _path(folder: Path, first: int) -> Path:
    return folder / VECTORS / f"{first:09d}.npy"
