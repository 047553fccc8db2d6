"""The index, compared with its digests while it is served: at the start, and then again at a low pace.

Where damage is found the journal says so, and nothing more is answered from
that generation: every question, and /health, gets the sentence with the remedy.
"""

from __future__ import annotations

import threading
import time

from kb.errors import KBError
from kb.index import FolderIndex
from kb.index.digests import Pace
from kb.ui.desk import Desk
from kb.ui.journal import note

# Seconds between two checks: what a disk loses is found within about an hour.
BETWEEN = 3600
# Bytes read a second: a tenth of what a slow disk gives, so that nobody's question waits for it.
SLOWLY = 10 << 20


def watch(desk: Desk) -> None:
    """Check the index from now on, in a thread that ends with the program."""
    threading.Thread(target=_go_on, args=(desk,), name="watch", daemon=True).start()


def _go_on(desk: Desk) -> None:
    check(desk)
    while True:
        time.sleep(BETWEEN)
        check(desk, lambda read: time.sleep(read / SLOWLY))


def check(desk: Desk, pace: Pace | None = None) -> None:
    """Compare the generation that answers with its digests, and note what is wrong."""
    try:
        index = desk.assistant.index
        if isinstance(index, FolderIndex):
            index.verify(pace)
    except KBError as error:
        note("check", status="damaged", error=str(error))
