"""How often somebody may be wrong about a password, by name and by address; nobody else waits for it."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

# Wrong passwords in a row, and seconds until one more may be tried. A person mistypes a password some times;
# at one a minute a guesser has half a million a year, which a password of 12 characters laughs at.
BY_NAME, NAME_SECONDS = 5, 60.0
# For all names together from one address, behind which a whole office may be.
BY_ADDRESS, ADDRESS_SECONDS = 20, 15.0
# Lines of the journal on sign-in that failed, from one address.
LINES, LINE_SECONDS = 100, 1.0
# Names, addresses or pairs that are kept in mind; the oldest are forgotten.
KEPT = 10_000

Judgement = Literal["known", "new", "too many"]


class Allowance:
    """So many at once of each key, and one more each time some seconds have passed. Safe to share."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._left: OrderedDict[object, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: object, count: int = 1) -> bool:
        """Take one and return whether there was one; a negative count gives some back."""
        with self._lock:
            now = self._clock()
            left, when = self._left.pop(key, (float(self._most), now))
            left = min(left + (now - when) / self._seconds, self._most)
            enough = left >= count
            self._left[key] = (min(left - count, self._most) if enough else left, now)
            while len(self._left) > KEPT:
                self._left.popitem(last=False)
            return enough


class Guesses:
    """Who may try a password.

    From where somebody has signed in before, only their own mistakes there
    count, so a guesser elsewhere cannot shut them out; all others share what
    their name and their address have left.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._pairs = Allowance(BY_NAME, NAME_SECONDS, clock)
        self._names = Allowance(BY_NAME, NAME_SECONDS, clock)
        self._addresses = Allowance(BY_ADDRESS, ADDRESS_SECONDS, clock)
        self._lines = Allowance(LINES, LINE_SECONDS, clock)
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, name: str, address: str) -> Judgement:
        """Count a try as wrong until `right` is called; "too many" may not be tried."""
        if (name, address) in self._known:
            return "known" if self._pairs.take((name, address)) else "too many"
        if not _counts(address):
            return "new" if self._names.take(name) else "too many"
        if not self._addresses.take(address):
            return "too many"
        return "new" if self._names.take(name) else "too many"

    def right(self, name: str, address: str) -> None:
        """Forgive what was wrong before: it was the user."""
        pair = (name, address)
        for allowance, key in ((self._pairs, pair), (self._names, name)):
            allowance.take(key, -BY_NAME)
        self._addresses.take(address, -1)
        self._known[pair] = None
        while len(self._known) > KEPT:
            self._known.popitem(last=False)

    def noted(self, address: str) -> bool:
        """Tell whether one more line on an address may be written."""
        return self._lines.take(address)


def _counts(address: str) -> bool:
    """Tell whether an address tells people apart; one of this computer is all of a web server's in front.

    >>> _counts("192.0.2.7"), _counts("127.0.0.1"), _counts("")
    (True, False, False)
    """
    try:
        return not ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
