"""The Quality tab: how often the answers are right, by type of question, and the worst of the wrong ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kb.ui.desk import Desk
from kb.ui.evaluation import OVERALL, BrokenReport, Quality, Share, read_quality
from kb.ui.foreign import ENGLISH, spoken_in
from kb.ui.markup import prose, safe, tag
from kb.ui.parts import html
from kb.ui.strings import Words, keys

# The figures at the head, and the columns of the table, each with what it is called.
TILES = {
    "status": "status",
    "coverage@5": "coverage",
    "fact recall": "fact_recall",
    "quote fidelity": "fidelity",
    "abstention recall": "declined",
    "over-abstention": "over",
}
COLUMNS = {"status": "right", "coverage@5": "found", "fact recall": "facts"}
# Questions kept from development come first: their figures are the fair ones.
SPLITS = ("test", "dev")


def build(desk: Desk) -> None:
    """Lay out the tab; the report is read anew at every visit."""
    html(lambda: render_quality(desk), "quality")


def render_quality(desk: Desk) -> str:
    """Return the newest report as HTML, or the sentence that says how to make one."""
    folder, words = desk.config.reports, desk.words
    try:
        found = read_quality(folder)
    except BrokenReport as error:
        return tag("p", safe(words("quality.broken", file=error)), "problem")
    if found is None:
        return tag("p", safe(words("quality.none", folder=folder)))
    return _head(found, words) + _tiles(found, words) + _by_type(found, words) + _worst(found, words)


def _head(found: Quality, words: Words) -> str:
    about = {name: str(found.about[name]) for name in ("asked", "planned", "commit")}
    date = words.date(str(found.about["made"])[:10])
    said = [words("quality.about", date=date, asked=about["asked"], commit=about["commit"])]
    said += [words("quality.splits", test=words("quality.test"))] if "test" in found.scores else []
    said += [] if found.full else [words("quality.recorded")]
    partial = words("quality.partial", **about) if found.about["partial"] else ""
    warning = tag("p", tag("strong", safe(partial)), role="alert") if partial else ""
    heading = tag("h2", safe(words("quality.title")))
    return heading + warning + "".join(tag("p", safe(line), "about") for line in said)


def _tiles(found: Quality, words: Words) -> str:
    items = []
    for measure, key in TILES.items():
        shown = [
            tag("strong", percent(share, words)) + tag("span", safe(_of(split, share, words)))
            for split, share in _by_split(found, OVERALL, measure)
        ]
        lines = "".join(tag("div", line) for line in shown)
        items += [tag("li", lines + tag("p", safe(words(f"quality.{key}"))))] if shown else []
    return tag("ul", "".join(items), "tiles")


def _of(split: str, share: Share, words: Words) -> str:
    return f"{words(f'quality.{split}')}{_interval(share, words)}"


def _by_split(found: Quality, part: str, measure: str) -> Iterator[tuple[str, Share]]:
    for split in SPLITS:
        share = found.scores.get(split, {}).get(part, {}).get(measure)
        if share is not None:
            yield split, share


def _by_type(found: Quality, words: Words) -> str:
    """Return a table for each split: a row for each type of question, and how often it went right."""
    tables = [
        _table(found.scores[split], words, words("quality.split", split=words(f"quality.{split}")))
        for split in SPLITS
        if split in found.scores
    ]
    return tag("h2", safe(words("quality.by_type"))) + "".join(tables)


def _table(scores: Mapping[str, Mapping[str, Share]], words: Words, caption: str) -> str:
    types = [name for name in scores if name != OVERALL]
    measured = [name for name in COLUMNS if any(name in scores[kind] for kind in types)]
    names = [words("quality.type"), words("quality.count")]
    names += [words(f"quality.{COLUMNS[name]}") for name in measured]
    head = tag("thead", tag("tr", "".join(tag("th", safe(name), scope="col") for name in names)))
    rows = (_row(kind, scores[kind], measured, words) for kind in types)
    table = tag("table", tag("caption", safe(caption)) + head + tag("tbody", "".join(rows)))
    # Nothing in it takes the focus by itself: without this the arrow keys could not scroll it.
    reached = {"tabindex": "0", "role": "region", "aria_label": caption}
    return tag("div", table, "table", **reached) if types else ""


def _row(kind: str, scores: Mapping[str, Share], measured: list[str], words: Words) -> str:
    cells = [str(scores["status"].n)]
    for name in measured:
        share = scores.get(name)
        cells.append(percent(share, words) + safe(_interval(share, words)) if share else "")
    first = tag("th", safe(words(f"quality.types.{kind}")), scope="row")
    return tag("tr", first + "".join(tag("td", cell) for cell in cells))


def _worst(found: Quality, words: Words) -> str:
    if not found.worst:
        return ""
    heading = tag("h2", safe(words("quality.worst"))) + tag("p", safe(words("quality.worst_about")), "about")
    kinds = []
    for one in found.worst:
        kinds.append(
            _fault(one["fault"], one["count"], words) + "".join(_case(case, words) for case in one["cases"])
        )
    return heading + "".join(kinds)


def _fault(fault: str, count: int, words: Words) -> str:
    """Return a kind of fault as a heading, as it stands in the report where the words have no name for it."""
    named = f"quality.faults.{fault}" in keys(words.language)
    name = words(f"quality.faults.{fault}") if named else fault
    spoken = {} if named else spoken_in(ENGLISH, words)
    return tag("h3", safe(words("quality.fault", fault=name, n=count)), **spoken)


def _case(case: Mapping[str, Any], words: Words) -> str:
    """Return a case, folded under its question: what was expected, what came, and where the answer stands."""
    gold = "\n".join(f"{place['file']}: {place['text']}" for place in case["gold"])
    told = {
        "earlier": "\n".join(case["history"]),
        "expected": ", ".join(words(f"quality.statuses.{status}") for status in case["expected"]),
        "came": words(f"quality.statuses.{case['status']}"),
        "answer": case["text"],
        "reference": case["reference"],
        "gold": gold,
    }
    pairs = (
        tag("dt", safe(words(f"quality.{name}"))) + tag("dd", _lines(text))
        for name, text in told.items()
        if text
    )
    return tag("details", tag("summary", prose(case["question"])) + tag("dl", "".join(pairs)))


def _lines(text: str) -> str:
    """Return text with its line breaks, which the style sheet keeps."""
    return "\n".join(prose(line) for line in text.splitlines())


def percent(share: Share, words: Words) -> str:
    """Return a share in per cent.

    >>> percent(Share(0.716, 10), Words("en"))
    '72%'
    """
    space = "\u202f" if words.language == "fr" else ""
    return f"{100 * share.value:.0f}{space}%"


def _interval(share: Share, words: Words) -> str:
    if share.low is None or share.high is None:
        return ""
    return f" ({100 * share.low:.0f}–{100 * share.high:.0f})"
