"""Web pages as people see them: what a page hides goes before pandoc reads it, which would show it."""

from __future__ import annotations

import re

from kb.loaders.pandoc.seen import HIDDEN, NOT_SHOWN, STRUCK, Seen

TAGS = frozenset(("template", "noscript"))
CROSSED = re.compile(r"\btext-decoration(?:-line)?\s*:[^;]*\bline-through\b", re.I)


def visible(page: str) -> tuple[str, Seen]:
    """Return a page without what it hides, and what that was.

    A page that hides nothing is returned as it is.

    >>> visible("<p>Shown</p><p hidden>Draft</p><noscript>Turn on</noscript>")
    ('<html><body><p>Shown</p></body></html>', Seen(margins=(), left_out=('hidden text',)))
    """
    from lxml import html

    parser = html.HTMLParser(encoding="utf-8", huge_tree=True)
    if not page.strip():
        return page, Seen()
    tree = html.document_fromstring(page.encode(), parser=parser)
    left_out: set[str] = set()
    unseen = []
    for element in tree.iter(html.etree.Element):
        style = element.get("style", "")
        hidden = "hidden" in element.attrib or bool(NOT_SHOWN.search(style))
        if hidden and (element.text_content().strip()):
            left_out.add(HIDDEN)
        if hidden or element.tag in TAGS or element.get("aria-hidden") == "true":
            unseen.append(element)
        if CROSSED.search(style) and element.text_content().strip():
            left_out.add(STRUCK)
            unseen.append(element)
    for element in unseen:
        if element.getparent() is not None:
            element.drop_tree()
    return html.tostring(tree, encoding="unicode") if unseen else page, Seen((), tuple(left_out))
