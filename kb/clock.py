"""Where the time of an answer goes."""

from __future__ import annotations

import time


class Clock:
    """Adds up the time between laps, by name."""

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        """Count the time since the last lap under this name."""
        now = time.perf_counter()
        self._laps[name] = self._laps.get(name, 0.0) + now - self._last
        self._last = now

    def milliseconds(self) -> dict[str, float]:
        """Return every lap and the total."""
        laps = {**self._laps, "total": self._last - self._started}
        return {name: round(1000 * seconds, 2) for name, seconds in laps.items()}
