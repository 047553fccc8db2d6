"""Plain text: headings, lists, tables and captions are told from the shape of the lines."""

from __future__ import annotations

import re

from kb.loaders.structure import Part, last_sentence, squeeze

BULLET = re.compile(r"^\s*(?:[-*•·–→]|->|\\rightarrow)\s+")


def load_plain(text: str) -> list[Part]:
    parts: list[Part] = []
    paged = "\f" in text
    for number, page in enumerate(text.split("\f"), start=1):
        for chunk in re.split(r"\n\s*\n", page):
            lines = [line for line in chunk.split("\n") if line.strip()]
            at = number if paged else None
            if lines and all(BULLET.match(line) for line in lines):
                lead = last_sentence(parts[-1].text) if parts and parts[-1].kind == "paragraph" else None
                parts += [Part("list_item", squeeze(BULLET.sub("", line)), lead=lead, page=at) for line in lines]
            elif lines and all("\t" in line for line in lines):
                parts += [Part("table_row", line.strip(), lead=lines[0], page=at) for line in lines[1:]]
            elif len(lines) == 1 and len(lines[0]) < 80 and lines[0].strip()[-1] not in ".:,;?!":
                parts.append(Part("heading", squeeze(lines[0]), 1, page=at))
            elif lines:
                parts.append(Part("paragraph", squeeze(chunk), page=at))
    return parts
