"""Who is signed in: what Gradio keeps in a dict for ever, here with an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass

from kb.ui.access import Access

# Sessions at most; whoever signs in by a program at every request would fill the memory. The oldest end.
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Whose session it is, the hash of the password that began it, and when it ends at the latest."""

    name: str
    hashed: str
    until: float


class Sessions(MutableMapping[str, str]):
    """The names of those who are signed in, by token. Safe to share between threads.

    A session ends after `seconds`, and at once when the user has another
    password or is removed.
    """

    def __init__(self, access: Access, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._access, self._seconds, self._clock = access, seconds, clock
        self._kept: dict[str, Session] = {}
        self._lock = threading.Lock()

    def __getitem__(self, token: str) -> str:
        """Return the name; KeyError where the session has ended or never was."""
        session = self._kept[token]
        user = self._access.users.get(session.name)
        if self._clock() >= session.until or user is None or user.hashed != session.hashed:
            raise KeyError(token)
        return session.name

    def __setitem__(self, token: str, name: str) -> None:
        """Begin a session of a user; what has run out makes room."""
        with self._lock:
            now = self._clock()
            left = [(key, one) for key, one in self._kept.items() if one.until > now]
            session = Session(name, self._access.users[name].hashed, now + self._seconds)
            self._kept = {**dict(left[-KEPT + 1 :]), token: session}

    def __delitem__(self, token: str) -> None:
        """End a session."""
        with self._lock:
            del self._kept[token]

    def __iter__(self) -> Iterator[str]:
        """Go through the tokens of the sessions that have not ended."""
        return iter([token for token in self._kept if token in self])

    def __len__(self) -> int:
        """Return how many there are."""
        return sum(1 for _ in self)
