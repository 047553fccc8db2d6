"""What a file says about itself beside its text: pandoc's metadata, its title, and its title page."""

from __future__ import annotations

from dataclasses import replace

from kb.loaders.pandoc.tree import Node, Walker
from kb.loaders.structure import Part, squeeze

FIRST_PARTS = 5


def read_metadata(tree: Node) -> dict[str, str]:
    """Return the metadata of a tree as texts, by lower-case name."""
    return {name.lower(): text for name, value in tree["meta"].items() if (text := _meta(value))}


def _meta(value: Node) -> str:
    content = value.get("c")
    match value["t"]:
        case "MetaString":
            return squeeze(str(content))
        case "MetaInlines":
            return squeeze(Walker().inline(content or []))
        case "MetaBlocks":
            return Walker().cell(content or [])
        case "MetaList":
            return ", ".join(text for item in content or [] if (text := _meta(item)))
    return ""


def titled(parts: list[Part], title: str, metadata: dict[str, str]) -> list[Part]:
    """Take the title from the file's properties where the text begins with it: they are often left over."""
    for at, part in enumerate(parts[:FIRST_PARTS]):
        if title and part.text.casefold() == title.casefold():
            metadata["title"] = part.text
            return [
                *parts[:at],
                replace(part, kind="heading", level=part.level or 1, mark=""),
                *parts[at + 1 :],
            ]
    return parts


def title_page(metadata: dict[str, str], parts: list[Part]) -> list[Part]:
    """Return the title, unless the text begins with it, and what stands below it."""
    title = metadata.get("title", "")
    if not title:
        return []
    doubled = any(p.kind == "heading" and p.text.casefold() == title.casefold() for p in parts[:FIRST_PARTS])
    heading = [] if doubled else [Part("heading", title, 1)]
    below = [Part("paragraph", metadata[key]) for key in ("subtitle", "abstract") if metadata.get(key)]
    return [*heading, *below]
