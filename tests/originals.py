"""Fingerprints of texts that are not in this repository: the corpus's originals, and questions given to us.

    python -m tests.originals SOURCES QUESTIONS.jsonl

writes both files of fingerprints in tests/data anew, from a folder of text files and a file of cases.
A fingerprint tells equal words and gives none away.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

DATA = Path(__file__).parent / "data"
ORIGINALS, GIVEN = DATA / "originals.fingerprints", DATA / "given-questions.fingerprints"
RUN = 12  # words in a row that must not equal an original's
# Bytes of a fingerprint: unlike runs, of 17,000 and of the corpus's 30,000, agree in one corpus of 2,000.
SIZE = 5


def words(text: str) -> list[str]:
    """Return the words as they are compared: lower case, letters and digits of English."""
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> Iterator[str]:
    """Return every run of twelve words."""
    tokens = words(text)
    return (" ".join(tokens[start : start + RUN]) for start in range(len(tokens) - RUN + 1))


def fingerprint(text: str) -> bytes:
    """Return the fingerprint of a text, five bytes."""
    return blake2b(text.encode(), digest_size=SIZE).digest()


def read(path: Path) -> frozenset[bytes]:
    """Return the fingerprints that a file holds."""
    data = path.read_bytes()
    return frozenset(data[at : at + SIZE] for at in range(0, len(data), SIZE))


def write(path: Path, texts: Iterable[str]) -> None:
    """Write the fingerprints of these texts, each once, in order."""
    path.write_bytes(b"".join(sorted({fingerprint(text) for text in texts})))


if __name__ == "__main__":
    sources, questions = map(Path, sys.argv[1:])
    write(ORIGINALS, (run for path in sources.glob("*.txt") for run in runs(path.read_text("utf-8"))))
    lines = questions.read_text("utf-8").splitlines()
    write(GIVEN, (json.loads(line)["question"].lower() for line in lines))
