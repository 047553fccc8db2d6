"""XML inside a zipped file: parsed with nothing fetched or expanded, changed, and packed again for pandoc."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any, TypeAlias

from kb.errors import DamagedDocument
from kb.loaders.content import opened

# An element of lxml, which brings no types.
Element: TypeAlias = Any
# What pandoc reads of a package; of pictures it is only told the names.
NEEDED = (".xml", ".rels", "mimetype")
PICTURES = ("word/media/", "Pictures/")


def parse(name: str, data: bytes) -> Element:
    """Return the root of XML; raises DamagedDocument if it is none, or declares entities."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DamagedDocument(f"{name} is damaged: its XML cannot be read; get a fresh copy.") from error
    if root.getroottree().docinfo.doctype:
        raise DamagedDocument(f"{name} declares entities, as no Office file does; get a fresh copy.")
    return root


def written(root: Element) -> bytes:
    """Return XML as bytes."""
    from lxml import etree

    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def members(
    name: str, data: bytes, wanted: frozenset[str], beginning: tuple[str, ...] = ()
) -> dict[str, bytes]:
    """Return the files of an archive with these names, or whose names begin so."""
    with opened(name, data) as archive:
        names = [n for n in archive.namelist() if n in wanted or (beginning and n.startswith(beginning))]
        return {found: archive.read(found) for found in names}


def repacked(name: str, data: bytes, changed: Mapping[str, bytes]) -> bytes:
    """Return an archive with some of its files changed, and without what pandoc does not look at."""
    into = io.BytesIO()
    with opened(name, data) as archive, zipfile.ZipFile(into, "w") as made:
        for entry in dict.fromkeys(archive.namelist()):
            if entry in changed:
                made.writestr(entry, changed[entry])
            elif entry.endswith(NEEDED):
                made.writestr(entry, archive.read(entry))
            elif entry.startswith(PICTURES):
                made.writestr(entry, b"")
    return into.getvalue()
