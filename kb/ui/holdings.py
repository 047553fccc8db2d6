"""What the library holds, as HTML: the list, one document as it was read, and what can be put back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.index.originals import FOLDER
from kb.index.removed import KEPT_DAYS, Removed
from kb.types import Document, Passage, said_pages
from kb.ui.hiding import hide_form, render_entry
from kb.ui.markup import prose, safe, tag, unique
from kb.ui.quotation import render_whole
from kb.ui.strings import Words

# Rows of the list, and passages of a document, that are shown at once.
ROWS, PASSAGES = 100, 20
COLUMNS = ("title", "kind", "edition", "date", "pages", "passages")
NUMBERS = ("pages", "passages")


@dataclass(frozen=True, slots=True)
class Row:
    """A document in the list, with its number of passages and whether its file is kept."""

    document: Document
    passages: int
    kept: bool

    def value(self, column: str) -> str | int:
        """Return what a column shows; "" or 0 for nothing."""
        if column == "passages":
            return self.passages
        found = getattr(self.document, column)
        return found or (0 if column in NUMBERS else "")


@dataclass(frozen=True, slots=True)
class Order:
    """How the list is shown: words to be found, the column it is sorted by, and how many rows of it.

    >>> Order().by("date").by("date").down, Order().by("date").by("title").down
    (True, False)
    """

    words: str = ""
    column: str = "title"
    down: bool = False
    rows: int = ROWS

    def by(self, column: str) -> Order:
        """Return the order by a column: rising, and falling if it is sorted by that column already."""
        if column not in COLUMNS:
            return self
        return replace(self, column=column, down=column == self.column and not self.down)

    def of(self, rows: Collection[Row]) -> list[Row]:
        """Return the rows in which every word is found, in order; those without a value come last."""
        wanted = self.words.casefold().split()
        found = [row for row in rows if all(word in _haystack(row.document) for word in wanted)]
        filled = [row for row in found if row.value(self.column)]
        filled.sort(key=self._key, reverse=self.down)
        return filled + [row for row in found if not row.value(self.column)]

    def _key(self, row: Row) -> tuple[int, str]:
        value = row.value(self.column)
        return (value, "") if isinstance(value, int) else (0, value.casefold())


def _haystack(d: Document) -> str:
    return " ".join((d.title, d.source, d.kind, d.edition or "", d.date or "", d.publisher or "")).casefold()


def rows_of(documents: Collection[Document], passages: Mapping[str, int], index: Path) -> list[Row]:
    """Return a row for each document of the index in a folder."""
    kept = {path.stem for path in (index / FOLDER).glob("[!.]*.*")}
    return [Row(document, passages.get(document.id, 0), document.id in kept) for document in documents]


def render_list(rows: Sequence[Row], order: Order, words: Words) -> str:
    """Return the table of documents; a column's name sorts by it, a title opens its document."""
    found = order.of(rows)
    counted = words.count("library.found", len(found))
    head = "".join(_head(column, order, words) for column in COLUMNS)
    body = "".join(_row(row, words) for row in found[: order.rows])
    caption = tag("caption", safe(counted))
    table = tag("table", caption + tag("thead", tag("tr", head)) + tag("tbody", body))
    more = tag("button", safe(words("library.more", n=ROWS)), "more", type="button", data_do="more")
    return tag("div", table, "table") + (more if len(found) > order.rows else "")


def _head(column: str, order: Order, words: Words) -> str:
    button = tag(
        "button", safe(words(f"library.column_{column}")), type="button", data_do="sort", data_by=column
    )
    sorted_by = {"aria_sort": "descending" if order.down else "ascending"} if column == order.column else {}
    return tag("th", button, "number" if column in NUMBERS else "", scope="col", **sorted_by)


def _row(row: Row, words: Words) -> str:
    document = row.document
    name = tag("button", safe(document.title), "open", type="button", data_do="look", data_id=document.id)
    file = tag("span", safe(document.source), "file")
    lost = "" if row.kept else tag("span", safe(words("library.unkept")), "unkept")
    cells = tag("th", name + file + lost, scope="row", dir="auto")
    for column in COLUMNS[1:]:
        cells += tag("td", safe(_cell(row, column, words)), "number" if column in NUMBERS else "")
    return tag("tr", cells)


def _cell(row: Row, column: str, words: Words) -> str:
    value = row.value(column)
    if isinstance(value, int):
        return words.number(value) if value else ""
    if column == "kind":
        return words.kind(value)
    return words.date(value) if column == "date" else value


@dataclass(frozen=True, slots=True)
class Look:
    """One document as it was read: so many passages of all that it has, or those that a search found.

    `asked` is what was searched for; `pictured` says whether its pages can be drawn,
    `changeable` whether whoever looks may replace and remove it.
    """

    row: Row
    words: Words
    passages: Sequence[Passage]
    pictured: bool = False
    asked: str = ""
    changeable: bool = False

    def render(self) -> str:
        """Return the document as HTML; whatever comes from it is escaped."""
        document = self.row.document
        head = tag("h2", safe(document.title), dir="auto", tabindex="-1") + self._about()
        language = {"lang": document.language} if document.language else {}
        body = tag("div", "".join(self._passages()), "passages", **language)
        return tag(
            "article",
            head + self._tools() + self._heading() + body + self._turns(),
            "look",
            data_id=document.id,
        )

    def _about(self) -> str:
        document, words = self.row.document, self.words
        counted = [words.count("evidence.pages", document.pages) if document.pages else ""]
        counted.append(words.count("app.passage", self.row.passages))
        said = unique([words.kind(document.kind), document.publisher or "", document.edition or "",
                       words.date(document.date or ""), *counted])  # fmt: skip
        lines = [("file", document.source), ("about", " · ".join(said)), *self._remarks()]
        return "".join(tag("p", safe(line), kind) for kind, line in lines)

    def _remarks(self) -> Iterator[tuple[str, str]]:
        """Yield what was read otherwise than a person might think: from a scan, not at all, left out."""
        document, words = self.row.document, self.words
        for key, pages in (("recognised", document.recognised), ("gaps", document.without_text)):
            if pages:
                yield "gaps", words(f"library.{key}", pages=said_pages(pages).split(" ", 1)[-1])
        if document.hidden:
            yield "gaps", words("library.hidden", what="; ".join(document.hidden))

    def _tools(self) -> str:
        words, key = self.words, self.row.document.id
        box = f'<input name="question" type="search" value="{safe(self.asked)}" maxlength="1000">'
        box = tag("label", tag("span", safe(words("library.try"))) + box)
        go = tag("button", safe(words("library.search")), type="submit")
        form = tag("form", box + go, "try", data_do="search", data_id=key, role="search")
        return tag("div", form + (self._changes(key) if self.changeable else ""), "tools")

    def _changes(self, key: str) -> str:
        """Return the forms that replace and hide the document, and the button that removes it."""
        words = self.words
        file = tag("label", tag("span", safe(words("library.newer"))) + '<input type="file" name="files">')
        go = tag("button", safe(words("library.replace")), type="submit")
        instead = tag("form", file + go, "instead", data_id=key)
        sure = words("library.sure" if self.row.kept else "library.sure_lost", days=KEPT_DAYS)
        said = safe(words("library.remove"))
        remove = tag("button", said, "remove", type="button", data_do="remove", data_id=key, data_sure=sure)
        hide = hide_form(key, self.row.kept, words)
        return tag(
            "details", tag("summary", safe(words("library.change"))) + instead + hide + remove, "changes"
        )

    def _heading(self) -> str:
        words, key = self.words, self.row.document.id
        if not self.asked:
            return tag("h3", safe(words("library.read")))
        whole = tag("button", safe(words("library.whole")), type="button", data_do="look", data_id=key)
        found = words.count("library.hit", len(self.passages))
        return tag("h3", safe(found), role="status") + whole

    def _passages(self) -> Iterator[str]:
        path: tuple[str, ...] = ()
        shown: set[int] = set()
        for passage in self.passages:
            heading = "" if passage.heading_path == path and not self.asked else _path(passage)
            path = passage.heading_path
            page = self.words.page(passage.page, passage.page_label)
            place = tag("p", safe(page), "page") if page else ""
            yield tag("section", heading + place + render_whole(passage) + self._pictures(passage, shown))

    def _pictures(self, passage: Passage, shown: set[int]) -> str:
        """Return the pages that a passage begins on or runs over to, each shown once."""
        if not self.pictured:
            return ""
        pages = {span.page: span.page_label for span in passage.spans if span.page} or (
            {passage.page: passage.page_label} if passage.page else {}
        )
        new = {page: label for page, label in pages.items() if page not in shown}
        shown.update(new)
        return "".join(self._picture(page, label) for page, label in new.items())

    def _picture(self, page: int, label: str | None) -> str:
        document, said = self.row.document, self.words.page(page, label)
        alt = self.words("library.picture_of", title=document.title, page=said)
        image = f'<img src="picture/{safe(document.id)}/{page}" alt="{safe(alt)}" loading="lazy">'
        summary = tag("summary", safe(self.words("evidence.picture", page=said)))
        return tag("details", summary + image, "picture")

    def _turns(self) -> str:
        """Return the buttons to the passages before and after those that are shown."""
        if self.asked or not self.passages:
            return ""
        key, first = self.row.document.id, self.passages[0].ordinal
        last = self.passages[-1].ordinal + 1
        said = self.words("library.range", first=first + 1, last=last, all=self.row.passages)
        turns = [("earlier", first - PASSAGES, first > 0), ("later", last, last < self.row.passages)]
        buttons = "".join(
            tag(
                "button",
                safe(self.words(f"library.{name}")),
                type="button",
                data_do="turn",
                data_id=key,
                data_first=str(max(to, 0)),
            )
            for name, to, there in turns
            if there
        )
        return tag("nav", tag("p", safe(said)) + buttons, aria_label=self.words("library.turns"))


def _path(passage: Passage) -> str:
    if not passage.heading_path:
        return ""
    return tag("h4", " › ".join(prose(heading) for heading in passage.heading_path))


def render_removed(entries: Sequence[Removed], words: Words, day: Callable[[float], str]) -> str:
    """Return the documents that can be put back, folded away; `day` says a time as an ISO date."""
    if not entries:
        return ""
    items = ""
    for entry in entries:
        when = words("library.removed_on", date=words.date(day(entry.when)))
        items += render_entry(entry, tag("span", safe(when), "when"), "restore", words)
    summary = tag("summary", safe(words.count("library.bin", len(entries))))
    about = tag("p", safe(words("library.bin_about", days=KEPT_DAYS)), "about")
    return tag("details", summary + about + tag("ul", items), "bin")
