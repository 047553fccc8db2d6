"""Documents on their way in, as a librarian sees them: the form, how far it is, and what became of each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from kb.index.ingest import Progress
from kb.loaders import SUFFIXES
from kb.ui.desk import Desk
from kb.ui.intake import Librarian, Outcome, fetched, gather
from kb.ui.markup import prose, safe, tag
from kb.ui.strings import Words
from kb.ui.uploads import KEPT, discard

if TYPE_CHECKING:
    import gradio as gr

# So often is progress shown anew, in seconds.
EVERY = 0.3

Stage = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Given:
    """What a page has sent.

    Tokens of files, addresses, names of files that could not be sent with the
    reason, and the id of the document whose place the first file is to take.
    """

    tokens: list[str]
    addresses: str
    failed: list[tuple[str, str]]
    instead: str

    @classmethod
    def of(cls, event: gr.EventData) -> Given:
        """Return what an event of the page says."""
        failed = [(str(name), str(why)) for name, why in event.failed][:KEPT]
        return cls(
            [str(token) for token in event.tokens][:KEPT], str(event.addresses), failed, str(event.instead)
        )


def take_in(
    desk: Desk, librarian: Librarian, given: Given, seen: Mapping[str, str], progress: Progress
) -> Outcome:
    """Add what was sent and what lies at the addresses, or put it in the place of a document."""
    most = desk.config.server.max_upload_mb << 20
    sent = [file for token in given.tokens if (file := desk.uploads.take(token))]
    try:
        with tempfile.TemporaryDirectory(prefix="intake-", dir=desk.uploads.home()) as name:
            files, left_out = gather(sent, Path(name, "files")), given.failed
            if given.instead and files:
                outcome = librarian.exchange(given.instead, files[0], seen, progress)
            else:
                arrived, not_had = fetched(given.addresses, Path(name, "addresses"), most, progress)
                left_out = [*left_out, *not_had]
                outcome = librarian.add([*files, *arrived], seen, progress)
    finally:
        for file in sent:
            discard(file)
    return replace(outcome, left_out=(*left_out, *outcome.left_out))


def add_form(key: str, words: Words, most: int) -> str:
    """Return the form that adds files and addresses; `most` is the size in MiB that a file may have."""
    kinds = ",".join(sorted(SUFFIXES))
    files = f'<input type="file" name="files" multiple accept="{safe(kinds)},.toml">'
    boxes = tag("label", tag("span", safe(words("library.files"))) + files)
    boxes += tag(
        "label",
        tag("span", safe(words("library.addresses")))
        + tag("textarea", "", name="addresses", rows="2", placeholder="https://"),
    )
    send = tag("button", safe(words("library.send")), "send", type="submit")
    hint = tag("p", safe(words("library.add_hint", most=most, kinds=" ".join(sorted(SUFFIXES)))), "about")
    given = {
        "data_key": key,
        "data_most": str(most),
        "data_sending": words("library.sending"),
        "data_large": words("library.large", most=most),
        "data_unsent": words("library.unsent"),
        "data_none": words("library.nothing"),
    }
    said = tag("p", "", "sending", role="status")
    said += tag("progress", "", "sent", max="100", value="0", hidden="", aria_label=words("library.sending"))
    form = tag("form", hint + boxes + send + said, **given)
    return tag("details", tag("summary", safe(words("library.add"))) + form, "adding")


def rebuild_form(words: Words) -> str:
    """Return the button that has all documents read again, folded away with a word on when it is worth it."""
    about = tag("p", safe(words("library.rebuild_about")), "about")
    sure = words("library.rebuild_sure")
    go = tag(
        "button", safe(words("library.rebuild_go")), "send", type="button", data_do="rebuild", data_sure=sure
    )
    return tag("details", tag("summary", safe(words("library.rebuild"))) + tag("div", about + go), "rebuild")


def render_progress(stage: Stage, words: Words) -> str:
    """Return how far an intake is."""
    said, done, total = stage
    bar = tag("progress", "", value=str(done), max=str(max(total, 1)), aria_label=words("library.working"))
    return tag("div", bar + tag("p", prose(said)), "progress")


def render_outcome(outcome: Outcome, words: Words) -> str:
    """Return what became of every document, and why it was left out."""
    lines = [
        tag("li", safe(words(f"library.was_{kind}", name=name)), kind)
        for kind in ("added", "replaced", "unchanged", "shown")
        for name in getattr(outcome, kind)
    ]
    lines += [
        tag("li", safe(words("library.was_same", name=name, twin=twin)))
        for name, twin in outcome.same.items()
    ]
    lines += [
        tag("li", safe(words("library.was_left_out", reason=reason)), "left-out")
        for _, reason in outcome.left_out
    ]
    if outcome.again:
        lines.append(tag("li", safe(words.count("library.was_again", len(outcome.again)))))
    lines += [
        tag("li", safe(words("library.was_stayed", reason=reason)), "left-out")
        for _, reason in outcome.stayed
    ]
    if not lines:
        return tag("p", safe(words("library.nothing")), role="alert")
    return tag("div", tag("ul", "".join(lines)), "outcome", role="status")


def followed(work: Callable[[Progress], Outcome]) -> Iterator[Stage | Outcome]:
    """Yield how far work in a thread is, every now and then, and then its outcome; raises what it raises."""
    told: SimpleQueue[Stage | Future[Outcome]] = SimpleQueue()
    with ThreadPoolExecutor(1, thread_name_prefix="kb-intake") as thread:
        future = thread.submit(work, lambda *stage: told.put(stage))
        future.add_done_callback(told.put)
        shown = 0.0
        while not isinstance(said := told.get(), Future):
            if time.monotonic() - shown >= EVERY:
                shown = time.monotonic()
                yield said
    yield future.result()
