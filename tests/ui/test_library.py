"""The Library tab without a browser: what librarians do to the index, and how it is shown."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb.config import Config
from kb.errors import KBError
from kb.index import open_index
from kb.index.ingest import Progress, build
from kb.index.removed import Removed
from kb.library import find_sources
from kb.types import Document, Passage
from kb.ui.adding import add_form, followed, render_outcome, render_progress
from kb.ui.holdings import PASSAGES, Look, Order, Row, render_list, render_removed
from kb.ui.intake import BUSY, Librarian, Outcome, fetched, gather
from kb.ui.strings import Words
from kb.ui.uploads import HEADER, Upload, Uploads, upload_route
from tests.fakes import HashedEmbedder

from .sample import DOCUMENTS, STEPS, TABLE, VENUE, Page

NOTE, GUIDE = "# Venue\n\nThe workshop meets in room A.\n", "# Guide\n\nThe steps are few.\n"
CATALOGUE = '[[document]]\nfile = "note.txt"\ntitle = "The note"\nedition = "2023"\ndate = "2023-03-22"\n'
HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass
class Library:
    """An index of two documents, and a librarian at a page that shows it."""

    folder: Path
    lock: threading.Lock = field(default_factory=threading.Lock)
    sent: int = 0

    def __post_init__(self) -> None:
        documents = self.folder / "documents"
        documents.mkdir()
        for name, text in (("note.txt", NOTE), ("guide.md", GUIDE), ("catalogue.toml", CATALOGUE)):
            (documents / name).write_text(text)
        self.config = Config(index=self.folder / "index")
        build(self.config.index, find_sources([documents]), HashedEmbedder(), self.config.chunking)

    @property
    def librarian(self) -> Librarian:
        return Librarian(self.config, HashedEmbedder(), self.lock)

    def documents(self) -> dict[str, Document]:
        return {document.source: document for document in self.librarian.documents()}

    def seen(self) -> dict[str, str]:
        return {source: document.id for source, document in self.documents().items()}

    def send(self, name: str, text: str | bytes) -> Upload:
        data = text.encode() if isinstance(text, str) else text
        self.sent += 1
        path = self.folder / f"sent{self.sent}" / name
        path.parent.mkdir()
        path.write_bytes(data)
        return Upload(name, path, hashlib.sha256(data).hexdigest()[:16])

    def add(self, *files: Upload) -> Outcome:
        return self.librarian.add(files, self.seen())

    def text(self, source: str) -> str:
        index = open_index(self.config.index)
        return "\n".join(p.text for p in index.passages(self.documents()[source].id, 0, 9))


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


# Adding and replacing


def test_each_file_is_added_or_left_out_with_its_reason(library: Library) -> None:
    outcome = library.add(
        library.send("plan.md", "# Plan\n\nThe plan has four parts.\n"),
        library.send("copy.md", GUIDE),
        library.send("guide.md", GUIDE),
        library.send("old.doc", "x"),
        library.send("bad.pdf", "no PDF"),
        library.send("empty.txt", ""),
    )
    assert (outcome.added, outcome.replaced, outcome.unchanged) == (("plan.md",), (), ("guide.md",))
    assert outcome.same == {"copy.md": "guide.md"}
    reasons = dict(outcome.left_out)
    assert "save it as .docx" in reasons["old.doc"]
    assert "does not begin like one" in reasons["bad.pdf"]
    assert "empty.txt" in reasons["empty.txt"]
    assert sorted(library.documents()) == ["guide.md", "note.txt", "plan.md"]


def test_nothing_readable_is_said_file_by_file_and_changes_nothing(library: Library) -> None:
    before = open_index(library.config.index).generation
    outcome = library.add(library.send("a.doc", "x"), library.send("note.txt", b"\x00\x01\x02"))
    assert [name for name, _ in outcome.left_out] == ["a.doc", "note.txt"]
    assert open_index(library.config.index).generation == before
    assert library.librarian.removed() == []


def test_a_new_version_keeps_what_the_catalogue_said_and_the_old_one_can_be_put_back(
    library: Library,
) -> None:
    first = library.documents()["note.txt"]

    outcome = library.add(library.send("note.txt", NOTE.replace("room A", "room B")))

    assert outcome.replaced == ("note.txt",)
    now = library.documents()["note.txt"]
    assert (now.title, now.edition, now.date) == ("The note", "2023", "2023-03-22")
    assert "room B" in library.text("note.txt")
    [kept] = library.librarian.removed()
    assert kept.document == first

    assert library.librarian.restore(first.id).replaced == ("note.txt",)
    assert library.documents()["note.txt"] == first
    assert "room A" in library.text("note.txt")
    assert [entry.document for entry in library.librarian.removed()] == [now]


def test_the_files_own_title_goes_on_speaking_where_no_catalogue_did(library: Library) -> None:
    library.add(library.send("guide.md", "# New guide\n\nThe steps are many.\n"))
    assert library.documents()["guide.md"].title == "New guide"


def test_a_catalogue_among_the_files_describes_them(library: Library, tmp_path: Path) -> None:
    described = '[[document]]\nfile = "plan.md"\nedition = "2030"\nkind = "handbook"\n'
    files = [library.send("plan.md", "# Plan\n\nText.\n"), library.send("catalogue.toml", described)]
    assert library.add(*gather(files, tmp_path / "gathered")).added == ("plan.md",)
    plan = library.documents()["plan.md"]
    assert (plan.edition, plan.kind) == ("2030", "handbook")


def test_two_files_of_one_name_are_not_mixed_up(library: Library, tmp_path: Path) -> None:
    files = [library.send("plan.md", "# One\n\nText.\n"), library.send("plan.md", "# Two\n\nText.\n")]
    outcome = library.add(*gather(files, tmp_path / "gathered"))
    assert outcome.added == ("plan.md",)
    assert "two files plan.md" in dict(outcome.left_out)["plan.md"]
    assert library.documents()["plan.md"].title == "One"


def test_of_two_librarians_the_second_is_told_and_nothing_is_lost(library: Library) -> None:
    both_saw = library.seen()
    first, second = (library.send("note.txt", NOTE.replace("room A", room)) for room in ("B", "C"))
    assert library.librarian.add([first], both_saw).replaced == ("note.txt",)

    outcome = library.librarian.add([second], both_saw)

    assert "changed by somebody else" in dict(outcome.left_out)["note.txt"]
    assert "in B." in library.text("note.txt")


def test_one_librarian_at_a_time(library: Library) -> None:
    key = library.documents()["note.txt"].id
    with library.lock:
        for attempt in (
            lambda: library.add(library.send("plan.md", "# Plan\n\nText.\n")),
            lambda: library.librarian.remove(key),
            lambda: library.librarian.restore(key),
        ):
            with pytest.raises(KBError) as caught:
                attempt()
            assert str(caught.value) == BUSY
    assert sorted(library.documents()) == ["guide.md", "note.txt"]
    assert not library.lock.locked()


def test_an_index_that_another_process_writes_to_stays_as_it_is(library: Library) -> None:
    from filelock import FileLock

    key = library.documents()["note.txt"].id
    with FileLock(library.config.index / ".lock"):
        with pytest.raises(KBError, match="Another process is writing"):
            library.add(library.send("note.txt", "# Venue\n\nElsewhere.\n"))
        with pytest.raises(KBError, match="Another process is writing"):
            library.librarian.remove(key)
    assert "room A" in library.text("note.txt")
    assert library.librarian.removed() == []


def test_a_file_takes_the_place_of_a_document_under_its_name(library: Library) -> None:
    old = library.documents()["note.txt"]
    newer = library.send("note v2 (final).txt", NOTE.replace("room A", "room B"))
    assert library.librarian.exchange(old.id, newer, library.seen()).replaced == ("note.txt",)
    assert "room B" in library.text("note.txt")
    assert library.documents()["note.txt"].edition == "2023"


def test_a_file_of_another_kind_replaces_too_and_the_old_one_can_be_put_back(library: Library) -> None:
    old = library.documents()["note.txt"]
    newer = library.send("v2.html", "<h1>Venue</h1><p>The workshop meets in room B.</p>")
    before = open_index(library.config.index).generation
    assert library.librarian.exchange(old.id, newer, library.seen()).replaced == ("note.txt",)
    # In one commit: no answer may cite both versions.
    assert int(open_index(library.config.index).generation[:6]) == int(before[:6]) + 1
    assert sorted(library.documents()) == ["guide.md", "note.html"]
    assert library.documents()["note.html"].title == "The note"
    assert library.librarian.restore(old.id).added == ("note.txt",)


def test_a_replacement_that_cannot_be_had_changes_nothing(library: Library) -> None:
    seen, old = library.seen(), library.documents()["note.txt"]
    library.add(library.send("note.md", "# Other\n\nText.\n"))
    generation = open_index(library.config.index).generation
    exchange = library.librarian.exchange
    assert exchange(old.id, library.send("a.txt", GUIDE), seen).same == {"a.txt": "guide.md"}
    assert (
        "another document note.md"
        in exchange(old.id, library.send("b.md", "# B\n\nText.\n"), seen).left_out[0][1]
    )
    assert "somebody else" in exchange(old.id, library.send("c.txt", "# C\n\nText.\n"), {}).left_out[0][1]
    assert "does not begin" in exchange(old.id, library.send("d.pdf", "no PDF"), seen).left_out[0][1]
    assert open_index(library.config.index).generation == generation
    assert library.librarian.removed() == []


# Removing and putting back


def test_a_removed_document_answers_nothing_and_comes_back_whole(library: Library) -> None:
    note = library.documents()["note.txt"]
    assert library.librarian.remove(note.id)
    assert sorted(library.documents()) == ["guide.md"]

    library.add(library.send("plan.md", "# Plan\n\nText.\n"))
    library.add(library.send("more.md", "# More\n\nText.\n"))
    assert library.librarian.restore(note.id).added == ("note.txt",)

    assert library.documents()["note.txt"] == note
    assert library.librarian.removed() == []


def test_what_is_not_there_can_be_neither_removed_nor_put_back(library: Library) -> None:
    with pytest.raises(KBError, match="no longer holds"):
        library.librarian.remove("../note")
    with pytest.raises(KBError, match="no longer be put back"):
        library.librarian.restore("../../originals")


# Sending


@pytest.fixture
def server() -> Iterator[tuple[TestClient, Uploads]]:
    uploads = Uploads()
    with TestClient(Starlette(routes=[upload_route(uploads, 1 << 20)])) as client:
        yield client, uploads


def test_a_file_is_kept_under_its_own_name_until_it_is_taken(server: tuple[TestClient, Uploads]) -> None:
    client, uploads = server
    sent = client.post(
        "upload", params={"name": "../../é <b>.md"}, content=GUIDE, headers={HEADER: uploads.key()}
    )
    upload = uploads.take(sent.json()["token"])
    assert upload is not None
    assert upload.name == upload.path.name == "é <b>.md"
    assert upload.path.read_text() == GUIDE
    assert upload.document_id == hashlib.sha256(GUIDE.encode()).hexdigest()[:16]
    assert uploads.take(sent.json()["token"]) is None


def test_without_a_key_and_above_the_limit_nothing_is_kept(server: tuple[TestClient, Uploads]) -> None:
    client, uploads = server
    refused = client.post("upload", params={"name": "a.md"}, content=GUIDE, headers={HEADER: "guess"})
    assert refused.status_code == client.post("upload?name=a.md", content=GUIDE).status_code == 403
    key = uploads.key()
    large = client.post(
        "upload", params={"name": "a.md"}, content=b"x" * (1 << 20) + b"y", headers={HEADER: key}
    )
    assert large.status_code == 413
    assert large.text.startswith("a.md is larger than 1 MiB")
    assert client.post("upload", content=b"x" * (1 << 20), headers={HEADER: key}).status_code == 200


def test_addresses_that_are_none_or_local_are_said_one_by_one(tmp_path: Path) -> None:
    told: list[str] = []
    files, left_out = fetched(
        "note.pdf\nhttp://127.0.0.1/a.pdf http://169.254.169.254/latest http://127.0.0.1/a.pdf",
        tmp_path,
        1 << 20,
        lambda said, done, total: told.append(f"{said} {done}/{total}"),
    )
    assert files == []
    assert ["is no web address" in left_out[0][1], *("local network" in why for _, why in left_out[1:])] == [
        True
    ] * 3
    assert told == ["note.pdf 0/3", "http://127.0.0.1/a.pdf 1/3", "http://169.254.169.254/latest 2/3"]


def test_progress_is_followed_and_an_error_comes_through() -> None:
    def work(progress: Progress) -> Outcome:
        progress("Reading a.pdf", 1, 2)
        return Outcome(added=("a.pdf",))

    def fail(progress: Progress) -> Outcome:
        raise KBError("No room.")

    assert list(followed(work)) == [("Reading a.pdf", 1, 2), Outcome(added=("a.pdf",))]
    with pytest.raises(KBError, match=r"No room\."):
        list(followed(fail))


# Showing


def rows() -> list[Row]:
    return [Row(document, n, kept=n != 2) for n, document in enumerate(DOCUMENTS.values(), 1)]


def titles(rows: Sequence[Row]) -> list[str]:
    return [row.document.id for row in rows]


def test_the_list_is_ordered_and_filtered() -> None:
    assert titles(Order().of(rows())) == ["data", "book", "note"]
    assert titles(Order().by("title").of(rows())) == ["note", "book", "data"]
    assert titles(Order().by("date").of(rows())) == ["data", "note", "book"]
    assert titles(Order().by("date").by("date").of(rows())) == ["note", "data", "book"]
    assert titles(Order().by("passages").of(rows())) == ["note", "book", "data"]
    assert titles(Order(words="desa NOTE").of(rows())) == ["note"]
    assert Order().by("nonsense") == Order()


def test_the_list_says_how_it_is_sorted_and_what_is_not_kept() -> None:
    page = Page(render_list(rows(), Order().by("date").by("date"), Words()))
    [sorted_by] = [given for given in page.all("th") if "aria-sort" in given]
    assert sorted_by["aria-sort"] == "descending"
    assert "22 March 2023" in page.text
    assert page.text.count("no copy of the file is kept") == 1
    assert [given["data-id"] for given in page.all("button", "open")] == ["note", "data", "book"]


def test_only_so_many_rows_are_shown_until_more_are_wanted() -> None:
    many = [Row(Document(str(n), f"{n}.md", f"Note {n:03}"), 1, kept=True) for n in range(150)]
    page = Page(render_list(many, Order(), Words("fr")))
    assert len(page.all("button", "open")) == 100
    assert "150 documents" in page.text
    assert len(Page(render_list(many, Order(rows=200), Words())).all("button", "more")) == 0


def test_a_document_is_shown_as_it_was_read_with_pages_and_turns() -> None:
    passages: list[Passage] = [VENUE, STEPS, TABLE]
    look = Look(
        Row(DOCUMENTS["note"], PASSAGES + 5, kept=True), Words(), passages, pictured=True, changeable=True
    )
    page = Page(look.render())
    assert "4. Practical matters › Venue" in page.text
    assert "p. 12, printed as 8" in page.text
    assert [image["src"] for image in page.all("img")] == ["picture/note/12"]
    assert page.tags().count("tr") == 51
    assert [given["data-first"] for given in page.all("button") if given.get("data-do") == "turn"] == ["1"]
    [remove] = page.all("button", "remove")
    assert "30 days" in remove["data-sure"]


def test_what_is_removed_for_good_is_said_before() -> None:
    page = Page(Look(Row(DOCUMENTS["note"], 1, kept=False), Words(), [VENUE], changeable=True).render())
    assert "for good" in page.all("button", "remove")[0]["data-sure"]
    assert page.all("img") == []


def test_nothing_that_comes_from_a_document_is_html() -> None:
    document = Document("d", f"{HOSTILE}.md", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    row = Row(document, 1, kept=True)
    passage = Passage("p", "d", 0, HOSTILE, (HOSTILE,), 1, HOSTILE, 0, len(HOSTILE))
    outcome = Outcome((HOSTILE,), (HOSTILE,), (HOSTILE,), {HOSTILE: HOSTILE}, ((HOSTILE, HOSTILE),))
    shown = [
        render_list([row], Order(), Words()),
        Look(row, Words(), [passage], asked=HOSTILE, changeable=True).render(),
        render_removed([Removed(document, Path(HOSTILE), 0.0)], Words(), lambda when: "2026-01-01"),
        render_outcome(outcome, Words()),
        render_progress((HOSTILE, 1, 2), Words()),
    ]
    for html in shown:
        assert HOSTILE in Page(html).text
        assert Page(html).all("img") == []


def test_the_form_says_what_it_takes() -> None:
    page = Page(add_form("key", Words(), 7))
    [form], [files] = page.all("form"), page.all("input")
    assert (form["data-key"], form["data-most"]) == ("key", "7")
    assert ".docx" in files["accept"]
    assert "Up to 7 MiB a file" in page.text
