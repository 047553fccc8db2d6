r"""Markdown as its site shows it: what generators of sites put in for themselves goes before pandoc reads it.

Templates and shortcodes (Jekyll, Hugo, Eleventy and their kin) go and the
text in them stays; other spellings of notes, attributes and front matter
become those that pandoc knows. Code is left as it is.
"""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date

FRONT = re.compile(r"\A(---|\+\+\+)[ \t]*\n(.*?)^(?:\1|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
SETTING = re.compile(r"^([A-Za-z]\w*):[ \t]+(\S.*)$", re.M)
FENCE = r"^(?P<indent>[ \t>]*)(?P<fence>`{3,}+|~{3,}+)[^\n]*\n(?:.*?^[ \t>]*(?P=fence)[`~]*[ \t]*$|.*\Z)"
SPAN = r"(?<!`)(?P<ticks>`++)(?:[^`\n]++|\n(?!\s*\n)|(?!(?P=ticks)(?!`))`++){1,200}?(?P=ticks)(?!`)"
CODE = re.compile(f"{FENCE}|{SPAN}", re.S | re.M)
RAW = re.compile(r"\{%-?\s*raw\s*-?%\}(.*?)\{%-?\s*endraw\s*-?%\}", re.S)
UNSEEN = re.compile(
    r"<!--.*?-->|\{#(?:[^#{}]|#(?!\})){0,2000}#\}|\{\{[<%]?\s*/\*.*?\*/\s*[>%]?\}\}"
    r"|\{%-?\s*comment\b.{0,200}?%\}.*?\{%-?\s*endcomment\s*-?%\}",
    re.S,
)
LISTING = re.compile(
    r"\{(?:%-?|\{[<%])\s*highlight\s+\w.{0,200}?[%>]\}\}?(.*?)\{(?:%-?\s*end|\{[<%]\s*/\s*)highlight\s*-?[%>]\}\}?",
    re.S,
)
TAG = re.compile(r"\{%.{0,2000}?%\}|\{\{.{0,2000}?\}\}", re.S)
TAGS = re.compile(
    r"^[ \t]*\{[{%][^\n]*(?:\n[ \t]*\{[{%][^\n]*)+", re.M
)  # lines of them, where indents mean nothing
TARGET = re.compile(r"(?:\]\(\s*<?|=\s*[\"']?|^\s*\[[^\]]*\]:\s*)[^\s()\"'<>]*$")  # an address begins here
ARGUMENT = re.compile(r"(?:([\w-]+)\s*[=:]\s*)?(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|“([^”]*)”)")
PICTURE = re.compile(r"\S+\.(?:png|jpe?g|gif|svg|webp|avif)", re.I)
ADDRESS = re.compile(r"\S*[/#]\S*|\S+\.\w{2,5}")
# Arguments that people read.
READ = ("title", "heading", "header", "summary", "text", "content", "caption", "quote")
# What decides or fetches something, and says nothing by itself.
SILENT = re.compile(
    r"(?:if|els\w*|unless|case|when|for|assign|set|capture|block|extends|import|from|macro|cycle|load|with)\b"
    r"|.*(?:icon|include|render|partial|link|ref|url|page|asset)"
)
OMITTED = "[…]"
NEAR = 400  # letters that are looked at of the line around a tag

ATTRIBUTES = re.compile(
    r"[ \t]*\{:[^{}\n]*\}|(?<=\S)[ \t]*\{[.#][^{}\n]*\}[ \t]*$|^[ \t]*\{[.#][^{}\n]*\}[ \t]*$", re.M
)
CONTENTS = re.compile(
    r"^[ \t]*(?:[*+-]|1\.)[ \t][^\n]*\n[ \t]*\{:toc[^\n]*$|^\[\[?_?TOC_?\]\]?[ \t]*$", re.M | re.I
)
ALERT = re.compile(r"^([ \t]*>[ \t]*)\[![A-Za-z]+\][+-]?", re.M)
DIVISION = re.compile(r"^[ \t]*:{3,}[ \t]*(?:\{[^}\n]*\}|[\w-]*)[ \t]*\[?([^\]\n]*?)\]?[ \t]*:*$", re.M)
ADMONITION = re.compile(
    r"^([ \t]*)(?:!!!|\?\?\?\+?|===\+?)[ \t]*[\w -]*?(?:\"([^\"\n]*)\")?[ \t]*\n"
    r"((?:\1(?: {4}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)+)",
    re.M,
)
LINK_TITLE = re.compile(r"(\]\([^\s()]+)\s+(?:\"[^\"\n]*\"|'[^'\n]*')[ \t]*\)")
# Elements that always end by a tag; what is indented in them is no code.
HOLDER = re.compile(
    r"<(/?)(?:div|table|section|ul|ol|details|article|aside|dl|figure|main|header|footer|nav)\b", re.I
)
RULE = re.compile(r"(?<=\n\n)---[ \t]*$", re.M)
# A line of text right above a table, and a table whose columns have no names.
ABOVE_TABLE = re.compile(r"^(?=[^\n]*\S)([^|\n]++\n)(?=[^\n]*\|[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*\|)", re.M)
NAMELESS = re.compile(r"(?<=\n\n)(?=[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*\n[ \t]*\|)([^\n]*)")


def split_front(text: str) -> tuple[str, str]:
    r"""Split a text into its front matter, as YAML, and what stands below it.

    >>> split_front('+++\ntitle = "Fees"\nweight = 2\n+++\nPay.')
    ('---\n"title": "Fees"\n---\n', 'Pay.')
    """
    found = FRONT.match(text)
    if not found:
        return "", text
    below = text[found.end() :]
    if found[1] == "---":
        return found[0].rstrip() + "\n", below
    try:
        settings = tomllib.loads(found[2])
    except tomllib.TOMLDecodeError:
        return "", below
    return _written(
        {name: str(value) for name, value in settings.items() if isinstance(value, str | date)}
    ), below


def plain_front(front: str) -> str:
    r"""Return front matter that is no YAML with those of its settings that stand on one line, as they are.

    >>> plain_front("---\ntitle: Fees: a guide\nowner: {{ team }}\n---\n")
    '---\n"title": "Fees: a guide"\n---\n'
    """
    found = {name: value.strip().strip("\"'") for name, value in SETTING.findall(front)}
    return _written({name: value for name, value in found.items() if not TAG.search(value)})


def _written(settings: dict[str, str]) -> str:
    lines = [
        f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items()
    ]
    return f"---\n{''.join(lines)}---\n"


def clean(text: str) -> str:
    r"""Return Markdown without what only the generator of a site reads.

    >>> clean('{% note %}Ask {% channel "help" "the desk" %} or [us]({% page "/us" %}).{: .lead}{% end %}')
    'Ask the desk or [us](#).'
    >>> clean("It costs {{ site.fee }} a day; write `{{ fee }}`.")
    'It costs […] a day; write `{{ fee }}`.'
    """
    kept: list[str] = []

    def keep(code: str) -> str:
        kept.append(code)
        return f"\0{len(kept) - 1}\0"

    text = LISTING.sub(lambda m: f"```\n{m[1].strip(chr(10))}\n```", text)
    text = CODE.sub(lambda m: keep(RAW.sub(r"\1", m[0])), text)
    text = RAW.sub(lambda m: keep(re.sub(r"(?=[{}])", r"\\", m[1])), text)
    text = TAGS.sub(lambda m: re.sub(r"^[ \t]+", "", m[0], flags=re.M), UNSEEN.sub("", text))
    text = TAG.sub(_said, text)
    text = ATTRIBUTES.sub("", CONTENTS.sub("", DIVISION.sub(r"\n\1\n", text)))
    text = ADMONITION.sub(_unboxed, ALERT.sub(r"\1", text))
    text = NAMELESS.sub(
        lambda m: re.sub(r"[:-]+", " ", m[1]) + "\n" + m[1], ABOVE_TABLE.sub(r"\1\n", RULE.sub("***", text))
    )
    text = LINK_TITLE.sub(r"\1)", _unindented(text))
    while "\0" in text:
        text = re.sub("\0(\\d+)\0", lambda m: kept[int(m[1])], text)
    return text


def _unindented(text: str) -> str:
    """Return a text in which HTML, and what follows it in the same element, begins at the margin."""
    lines: list[str] = []
    depth, tagged = 0, False
    for line in text.split("\n"):
        bare = line.lstrip(" \t")
        tagged = bare.startswith("<") or (tagged and bool(bare))
        lines.append(bare if depth and tagged else line)
        for closing in HOLDER.findall(bare):
            depth = max(depth + (-1 if closing else 1), 0)
    return "\n".join(lines)


def _unboxed(found: re.Match[str]) -> str:
    """Return a note's title and its text, which stood further to the right."""
    return f"\n{found[1]}{found[2] or ''}\n\n" + re.sub(r"^([ \t]*?)(?: {4}|\t)", r"\1", found[3], flags=re.M)


def _said(found: re.Match[str]) -> str:
    """Return what a tag of a template shows, as far as it says so itself."""
    text, start, end = found.string, found.start(), found.end()
    before = text[max(start - NEAR, 0) : start].rpartition("\n")[2]
    after = text[end : end + NEAR].partition("\n")[0]
    if TARGET.search(before):
        return "#"
    alone = not before.strip(" \t>*+-0123456789.") and not after.strip()
    inner = found[0].strip("{}%<>-~ \t\n")
    if found[0].startswith("{{") and found[0][2] not in "<%":
        return "" if alone else OMITTED
    if inner.startswith(("/", "end")):
        return ""
    named, others = {}, []
    for name, *values in ARGUMENT.findall(inner):
        value = "".join(values).strip()
        if name:
            named[name] = value
        else:
            others.append(value)
    if any(PICTURE.fullmatch(value) for value in (*named.values(), *others)) or "alt" in named:
        alt = named.get("alt", others[-1] if len(others) > 1 else "")
        return f"![{alt}](#)" if alt else ""
    said = [named[name] for name in READ if named.get(name)]
    if not said and not SILENT.match(inner):
        texts = [value for value in others if value and not ADDRESS.fullmatch(value)]
        said = [value for value in texts if " " in value] if alone else texts[-1:]
    return ("\n\n" + "\n\n".join(said) + "\n\n") if alone and said else " ".join(said)
